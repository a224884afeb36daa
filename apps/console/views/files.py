"""The files of a version: listed as a tree, shown as text, sent, and told by a model card."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header, urlencode
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.catalog import operations
from apps.catalog.manifest import label_problem
from apps.catalog.models import ModelVersion
from apps.catalog.outgoing import Download
from apps.catalog.sending import file_response
from apps.console.queries import files, people
from apps.console.views.versions import find, frame
from apps.core.errors import NotAllowed, NotFound
from apps.core.markdown import rendered

CARDS = ("README.md", "MODEL_CARD.md", "model_card.md", "readme.md")
"""The files whose text is shown as a version's model card: the first there is."""


@signed_in
@require_safe
def version_files(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """List the files of a version, or of one of its folders, with the digest of each."""
    found = find(request, name, number)
    folder = request.GET.get("folder", "")
    if folder and label_problem(folder):
        raise Http404
    listing = files.listing(found, folder, request.GET.get("after", ""))
    if folder and not listing.lines:
        raise Http404
    page = frame(found) | {
        "listing": listing,
        "older": f"?{urlencode({'folder': folder, 'after': listing.after})}"
        if listing.after
        else "",
        "may_download": _may_download(request, found),
    }
    return render(request, "console/version_files.html", page)


@signed_in
@require_safe
def download(request: ActorRequest, name: str, number: int, path: str) -> HttpResponseBase:
    """Send one file of a version, or a range of it, once it is recorded who takes it."""
    found = find(request, name, number)
    try:
        return file_response(_taken(request, found, path), request.headers)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("models:version_files", name, number)


@signed_in
@require_safe
def preview(request: ActorRequest, name: str, number: int, path: str) -> HttpResponse:
    """Show the beginning of one file of a version as text, once it is recorded who reads it."""
    found = find(request, name, number)
    try:
        taken = _taken(request, found, path)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("models:version_files", name, number)
    page = frame(found) | {
        "taken": taken,
        "text": _text(taken),
        "is_cut": taken.size > files.MOST_TEXT,
        "language": "json" if path.endswith(".json") else "",
    }
    return render(request, "console/version_preview.html", page)


@signed_in
@require_safe
def version_card(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Show the model card that came with a version's files."""
    found = find(request, name, number)
    may_download = _may_download(request, found)
    path = _card_path(found) if may_download else ""
    text = _text(_taken(request, found, path)) if path else None
    page = frame(found) | {
        "path": path,
        "card": rendered(text) if text else "",
        "may_download": may_download,
    }
    return render(request, "console/version_card.html", page)


@signed_in
@require_safe
def export(request: ActorRequest, name: str, number: int, form: str) -> HttpResponse:
    """Send a version as a bill of materials or a model card."""
    found = find(request, name, number)
    if form not in set(operations.Form):
        raise Http404
    sent = operations.export_version(found, operations.Form(form), by=request.actor)
    disposition = content_disposition_header(True, sent.name)
    headers = {"Content-Disposition": disposition or "attachment"}
    return HttpResponse(sent.text, content_type=sent.media_type, headers=headers)


def _may_download(request: ActorRequest, version: ModelVersion) -> bool:
    held = people.permissions_on(version.model, request.actor)
    return operations.DOWNLOAD.permission in held


def _taken(request: ActorRequest, version: ModelVersion, path: str) -> Download:
    """Take a file out, or answer that there is none of that path."""
    if label_problem(path):
        raise Http404
    try:
        return operations.download(version, path, by=request.actor)
    except NotFound as refusal:
        raise Http404 from refusal


def _text(taken: Download) -> str | None:
    with taken.bytes as content:
        return files.text_of(content.read(files.MOST_TEXT))


def _card_path(version: ModelVersion) -> str:
    there = set(version.files.filter(path__in=CARDS).values_list("path", flat=True))
    return next((name for name in CARDS if name in there), "")
