"""Pages of attestations: what is attached to a version, taken away as files, and withdrawn."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.catalog.models import ModelVersion
from apps.catalog.receiving import takes_files
from apps.catalog.sending import file_response
from apps.core.errors import DomainError, NotAllowed, NotFound
from apps.core.sent import sent_values
from apps.validation import operations, queries
from apps.validation.basis import Basis
from apps.validation.checks import signature
from apps.validation.models import Attestation
from apps.validation.operations import attestations as rules
from apps.validation.setting_forms import ReasonForm
from apps.validation.standings import Standing
from apps.validation.views.attestation_forms import AttachForm
from apps.validation.views.frame import crumbs, find, frame

WAYS = ["GET", "HEAD", "POST"]
_WHO = "Developers, owners, operators and security officers of this model attach these."


@signed_in
@takes_files
@require_http_methods(WAYS)
def attestations(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Show what is attached to a version; attach a file."""
    version = find(request, name, number)
    form = AttachForm(sent_values(request), request.FILES if request.method == "POST" else None)
    if form.is_valid():
        try:
            attached = operations.attach_attestation(version, by=request.actor, **form.facts())
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{attached} is attached. The signature check reads it next.")
            return redirect("validation:attestations", name, number)
    status = 422 if form.errors else 200
    page = _page(request, version) | {"form": form}
    return render(request, "validation/attestations/list.html", page, status=status)


@signed_in
@require_safe
def attestation_file(request: ActorRequest, name: str, number: int, pk: int) -> HttpResponseBase:
    """Send the file of an attestation, once it is recorded who takes it."""
    found = _attestation(request, name, number, pk)
    try:
        return file_response(operations.take_attestation(found, by=request.actor), request.headers)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("validation:attestations", name, number)
    except NotFound as refusal:
        raise Http404 from refusal


@signed_in
@require_http_methods(WAYS)
def withdraw_attestation(request: ActorRequest, name: str, number: int, pk: int) -> HttpResponse:
    """Ask why an attestation counts no more, and withdraw it."""
    found = _attestation(request, name, number, pk)
    form = ReasonForm(sent_values(request))
    if form.is_valid():
        try:
            operations.withdraw_attestation(found, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{found} is withdrawn and counts no more.")
            return redirect("validation:attestations", name, number)
    back = reverse("validation:attestations", args=[name, number])
    way = [
        *crumbs(found.version.model),
        (f"Version {number}", found.version.get_absolute_url()),
        ("Signatures and attestations", back),
    ]
    page = {"attestation": found, "form": form, "crumbs": way, "back": back}
    status = 422 if form.errors else 200
    return render(request, "validation/attestations/withdraw.html", page, status=status)


def _attestation(request: ActorRequest, name: str, number: int, pk: int) -> Attestation:
    version = find(request, name, number)
    attached = version.attestations.select_related("artifact", "attached_by", "withdrawn_by")
    found: Attestation = get_object_or_404(attached, pk=pk)
    found.version = version
    return found


def _page(request: ActorRequest, version: ModelVersion) -> dict[str, Any]:
    model = version.model
    attached = queries.attestations_of(version)
    check = signature.CHECK.name
    run = queries.newest_runs(version).get(check)
    if run is not None:
        run.version = version
    return {
        **frame(version),
        "counting": [one for one in attached if not one.is_withdrawn],
        "withdrawn": [one for one in attached if one.is_withdrawn],
        "standing": Standing.of(check, run, version, Basis.of([version], [check]), external={}),
        "run_url": reverse("validation:run_checks", args=[model.name, version.number]),
        "may_run": request.actor.may("catalog.run_checks", model) and _is_concluded(run),
        "may_attach": request.actor.may(rules.ATTACH_ATTESTATION.permission, model),
        "may_download": request.actor.may(rules.TAKE.permission, model),
        "who_attaches": _WHO,
    }


def _is_concluded(run: Any) -> bool:
    return run is None or run.is_final
