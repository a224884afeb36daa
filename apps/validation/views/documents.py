"""Pages of documents: those of a version, one in full, its revisions, and what leaves Signet."""

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.catalog.duties import roles_on
from apps.catalog.models import ModelVersion
from apps.core.errors import DomainError, NotFound
from apps.validation import operations, queries
from apps.validation.documents import standing
from apps.validation.documents.board import TONES, Board, diff_rows
from apps.validation.documents.content import Content, differences
from apps.validation.documents.reading import Binding
from apps.validation.models import Document, DocumentRevision
from apps.validation.operations import Form
from apps.validation.views.document_forms import ReturnForm
from apps.validation.views.frame import Crumbs, crumbs, find, frame

MISSING_WORDS = "Not begun"
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


@signed_in
@require_safe
def documents(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Show the documents about a version and its model, begun or not."""
    version = find(request, name, number)
    return render(request, "validation/documents/list.html", list_page(request, version))


@signed_in
@require_safe
def document(request: ActorRequest, pk: int) -> HttpResponse:
    """Show a document: what it says, what is missing, who signed it."""
    found = document_or_404(request, pk)
    return render(request, "validation/documents/document.html", page_of(request, found))


@signed_in
@require_safe
def document_revision(request: ActorRequest, pk: int, number: int) -> HttpResponse:
    """Show a text that was submitted, and what differs from the one before it."""
    found = document_or_404(request, pk)
    revision = _revision_or_404(found, number)
    shown = Board(found, revision)
    earlier = found.revisions.filter(number__lt=number).order_by("-number").first()
    before = Content.thawed(found.template, earlier.values) if earlier else None
    page = {
        **_shared(found, shown),
        "crumbs": [*crumbs_of(found), (found.template.title, found.get_absolute_url())],
        "here": f"Revision {number}",
        "statuses": [status_of(revision.get_state_display(), revision.state)],
        "earlier": earlier,
        "since": f"since revision {earlier.number}" if earlier else "",
        "changes": diff_rows(differences(before, shown.content)) if before else [],
        "exports": _exports(found, revision),
    }
    return render(request, "validation/documents/revision.html", page)


@signed_in
@require_safe
def export_document(request: ActorRequest, pk: int, form: str) -> HttpResponse:
    """Send a document, or one of its revisions, as a file, once it is recorded who takes it."""
    found = document_or_404(request, pk)
    asked = request.GET.get("revision")
    revision = Board.of(found).revision if asked is None else _revision_or_404(found, asked)
    try:
        export = operations.export_document(found, form, by=request.actor, revision=revision)
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(found)
    answer = HttpResponse(export.content, content_type=export.media_type)
    answer.headers["Content-Disposition"] = content_disposition_header(True, export.name)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


# -- what these pages share ------------------------------------------------------------------------


def document_or_404(request: ActorRequest, pk: int) -> Document:
    """Return a document the person may see, or answer as for one that is not there."""
    return get_object_or_404(queries.documents_visible_to(request.actor), pk=pk)


def list_page(request: ActorRequest, version: ModelVersion) -> dict[str, Any]:
    """Return what the page of a version's documents shows."""
    may_write = request.actor.may("catalog.write_documents", version.model)
    return {
        **frame(version),
        "rows": [_row(found, version) for found in standing.standings(version)],
        "may_write": may_write,
    }


def page_of(
    request: ActorRequest,
    found: Document,
    *,
    refusal: str = "",
    return_form: ReturnForm | None = None,
) -> dict[str, Any]:
    """Return what the page of a document shows to a person."""
    shown = Board.of(found)
    may_write = request.actor.may("catalog.write_documents", found.model)
    is_draft = found.status == Document.Status.DRAFT
    roles = _roles(request, found)
    open_slots = [slot for slot in shown.slots if slot.signature is None and slot.role in roles]
    in_review = found.status == Document.Status.IN_REVIEW
    is_signer = not roles.isdisjoint(found.template.signer_roles)
    return {
        **_shared(found, shown),
        "crumbs": crumbs_of(found),
        "here": found.template.title,
        "statuses": [status_of(found.get_status_display(), found.status)],
        "refusal": refusal,
        "may_edit": is_draft and may_write,
        "may_submit": is_draft and may_write and bool(found.values),
        "may_revise": found.status == Document.Status.APPROVED and may_write,
        "signing": open_slots if in_review else [],
        "is_author": bool(shown.revision and standing.is_author(shown.revision, request.actor.id)),
        "return_form": (return_form or ReturnForm()) if in_review and is_signer else None,
        "changes": diff_rows(shown.changes),
        "carried": diff_rows(shown.carried),
        "exports": _exports(found, None),
    }


def status_of(label: str, state: str) -> dict[str, str]:
    """Return a state as the mark beside a name."""
    return {"label": label, "tone": TONES.get(state, "idle")}


def crumbs_of(found: Document) -> Crumbs:
    """Return what leads to a document."""
    version = found.version
    if version is None:
        return crumbs(found.model)
    return [
        *crumbs(found.model),
        (f"Version {version.number}", version.get_absolute_url()),
        ("Documents", reverse("validation:documents", args=[found.model.name, version.number])),
    ]


def _shared(found: Document, shown: Board) -> dict[str, Any]:
    return {
        "document": found,
        "template": found.template,
        "version": found.version,
        "board": shown,
        "filled": shown.filled,
        "completeness": f"{shown.filled.done} of {shown.filled.required} required fields filled",
        "facts": _facts(found, shown),
    }


def _facts(found: Document, shown: Board) -> list[dict[str, Any]]:
    revision = shown.revision
    told: list[dict[str, Any]] = [
        {"term": "Document", "value": found.record_id},
        {"term": "Template", "value": f"{found.template_id} {found.template_version}"},
        {"term": "Revision", "value": revision.number if revision else found.revision},
        {"term": "Begun by", "person": str(found.started_by)},
        {"term": "Changed", "at": found.changed_at},
    ]
    if revision:
        told += [
            {"term": "Submitted by", "person": str(revision.submitted_by)},
            {"term": "Submitted", "at": revision.submitted_at},
            {"term": "Digest signed", "digest": revision.digest},
        ]
    if found.version:
        told.append({"term": "Digest of the version", "digest": found.version.content_digest})
    return told


def _row(found: standing.Standing, version: ModelVersion) -> dict[str, Any]:
    template, held = found.template, found.document
    is_version = template.binds_to is Binding.VERSION
    label = MISSING_WORDS if held is None else held.get_status_display()
    return {
        "template": template,
        "document": held,
        "about": "This version" if is_version else f"The model {version.model.name}",
        "status": status_of(label, held.status if held else standing.MISSING),
        "filled": found.filled,
        "is_asked": found.is_asked,
        "start": reverse(
            "validation:start_document", args=[version.model.name, version.number, template.id]
        ),
    }


def _exports(found: Document, revision: DocumentRevision | None) -> list[tuple[str, str]]:
    query = f"?revision={revision.number}" if revision else ""
    return [
        (
            Form(form).in_words,
            reverse("validation:export_document", args=[found.pk, form]) + query,
        )
        for form in found.template.exports
    ]


def _revision_or_404(found: Document, number: int | str) -> DocumentRevision:
    text = str(number)
    if not _NUMBER.fullmatch(text):
        raise Http404
    revision: DocumentRevision = get_object_or_404(
        found.revisions.select_related("submitted_by"), number=int(text)
    )
    revision.document = found
    return revision


def _roles(request: ActorRequest, found: Document) -> frozenset[str]:
    user_id = request.actor.user_id
    return roles_on(user_id, found.model_id) if user_id is not None else frozenset()
