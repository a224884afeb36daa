"""Pages of evidence: what there is for a version, one item in full, and what is said of it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.catalog.receiving import takes_files
from apps.catalog.sending import file_response
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.validation import operations
from apps.validation.evidence import queries
from apps.validation.evidence.shown import Board, ItemShown
from apps.validation.evidence.types import types
from apps.validation.models import EvidenceItem
from apps.validation.operations import evidence as rules
from apps.validation.setting_forms import ReasonForm
from apps.validation.views.evidence_forms import EvidenceForm, VerifyForm
from apps.validation.views.frame import crumbs, find, frame

WAYS = ["GET", "HEAD", "POST"]
MOST_SHOWN = 300
_WHO_ADDS = "Developers, owners, operators, signers and validators of this model add evidence."


@signed_in
@require_safe
def evidence(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Show the evidence about a version, its model and its uses, by type."""
    version = find(request, name, number)
    items = list(queries.evidence_about(version)[: MOST_SHOWN + 1])
    for item in items:
        item.model = version.model
    page = {
        **frame(version),
        "board": Board.of(items[:MOST_SHOWN], now()),
        "is_cut": len(items) > MOST_SHOWN,
        "most": MOST_SHOWN,
        "may_add": request.actor.may(rules.ADD.permission, version.model),
        "who_adds": _WHO_ADDS,
        "add_url": reverse("validation:add_evidence", args=[name, number]),
    }
    return render(request, "validation/evidence/list.html", page)


@signed_in
@takes_files
@require_http_methods(WAYS)
def add_evidence(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Add a file or a link as evidence about a version, its model or one of its uses."""
    version = find(request, name, number)
    uses = version.model.use_cases.filter(ended_at=None).order_by("title", "pk")
    asked = request.GET.get("type", "")
    form = EvidenceForm(
        version,
        uses,
        sent_values(request),
        request.FILES if request.method == "POST" else None,
        initial={"type": asked if asked in types() else ""},
    )
    if form.is_valid():
        try:
            item = operations.add_evidence(form.subject(), by=request.actor, **form.facts())
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{item.title} is added. Somebody else verifies it.")
            return redirect(item)
    page = {
        "version": version,
        "form": form,
        "crumbs": [
            *crumbs(version.model),
            (f"Version {number}", version.get_absolute_url()),
            ("Evidence", reverse("validation:evidence", args=[name, number])),
        ],
        "may_add": request.actor.may(rules.ADD.permission, version.model),
        "who_adds": _WHO_ADDS,
        "back": reverse("validation:evidence", args=[name, number]),
    }
    status = 422 if form.errors else 200
    return render(request, "validation/evidence/add.html", page, status=status)


@signed_in
@require_safe
def evidence_item(request: ActorRequest, name: str, pk: int) -> HttpResponse:
    """Show one item of evidence, who stands by it, and what can be said of it."""
    return _show(request, _item(request, name, pk))


@signed_in
@require_safe
def download_evidence(request: ActorRequest, name: str, pk: int) -> HttpResponseBase:
    """Send the file of an item, once it is recorded who takes it."""
    item = _item(request, name, pk)
    if item.artifact is None:
        raise Http404
    try:
        return file_response(operations.take_evidence(item, by=request.actor), request.headers)
    except DomainError as refusal:  # no right to it, or the store has lost it
        messages.error(request, str(refusal))
        return redirect(item)


@signed_in
@require_POST
def verify_evidence(request: ActorRequest, name: str, pk: int) -> HttpResponse:
    """Stand by an item somebody else submitted."""
    form = VerifyForm(request.POST, prefix="verify")
    return _say(request, _item(request, name, pk), "verify", form, operations.verify_evidence)


@signed_in
@require_POST
def decline_evidence(request: ActorRequest, name: str, pk: int) -> HttpResponse:
    """Refuse to stand by an item somebody else submitted."""
    form = ReasonForm(request.POST, prefix="decline")
    return _say(request, _item(request, name, pk), "decline", form, operations.decline_evidence)


@signed_in
@require_POST
def withdraw_evidence(request: ActorRequest, name: str, pk: int) -> HttpResponse:
    """Let an item count no more."""
    form = ReasonForm(request.POST, prefix="withdraw")
    return _say(request, _item(request, name, pk), "withdraw", form, operations.withdraw_evidence)


_DONE = {
    "verify": "You stand by it now.",
    "decline": "It is not accepted, with your reason.",
    "withdraw": "It is withdrawn and counts no more.",
}


def _say(
    request: ActorRequest,
    item: EvidenceItem,
    what: str,
    form: forms.Form,
    operation: Callable[..., EvidenceItem],
) -> HttpResponse:
    if form.is_valid():
        reason = {key: form.cleaned_data[key] for key in ("reason",) if key in form.cleaned_data}
        try:
            operation(item, by=request.actor, **reason)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _DONE[what])
            return redirect(item)
    return _show(
        request, _item(request, item.model.name, item.pk), {what: form, "refused": form}, status=422
    )


def _show(
    request: ActorRequest,
    item: EvidenceItem,
    bound: dict[str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = ItemShown.of(item, now())
    page = {
        "item": item,
        "shown": shown,
        "statuses": [{"label": shown.label, "tone": shown.tone, "icon": shown.icon}],
        "crumbs": _item_crumbs(item),
        "facts": _facts(item, shown),
        "may_download": request.actor.may(rules.TAKE.permission, item.model),
        "verify": VerifyForm(prefix="verify"),
        "decline": ReasonForm(prefix="decline"),
        "withdraw": ReasonForm(prefix="withdraw"),
        **_offers(request, item),
        **(bound or {}),
    }
    return render(request, "validation/evidence/item.html", page, status=status)


def _offers(request: ActorRequest, item: EvidenceItem) -> dict[str, Any]:
    """Say what can be said of an item now, and why not; the operations ask again."""
    actor, state = request.actor, item.state
    may_verify = actor.may(rules.VERIFY.permission, item.model)
    is_own = item.submitted_by_id == actor.user_id
    why = ""
    if item.submitted_by.answerable_id == actor.id:
        why = "You submitted it, so somebody else verifies it."
    elif not may_verify:
        why = rules.VERIFY.refusal
    may_withdraw = (is_own or may_verify) and actor.may(rules.WITHDRAW.permission, item.model)
    return {
        "is_waiting": state == EvidenceItem.State.SUBMITTED,
        "why_not": why,
        "may_withdraw": may_withdraw
        and state in {EvidenceItem.State.SUBMITTED, EvidenceItem.State.VERIFIED},
    }


def _item(request: ActorRequest, name: str, pk: int) -> EvidenceItem:
    items = queries.evidence_visible_to(request.actor).filter(model__name=name)
    people = ("submitted_by", "verified_by", "declined_by", "withdrawn_by")
    found: EvidenceItem = get_object_or_404(
        items.select_related("model", "version__model", "use_case__model", "artifact", *people),
        pk=pk,
    )
    return found


def _item_crumbs(item: EvidenceItem) -> list[tuple[str, str]]:
    way = crumbs(item.model)
    if item.version is not None:
        place = [item.model.name, item.version.number]
        way += [
            (f"Version {item.version.number}", item.version.get_absolute_url()),
            ("Evidence", reverse("validation:evidence", args=place)),
        ]
    return way


def _facts(item: EvidenceItem, shown: ItemShown) -> list[dict[str, Any]]:
    subject = item.subject
    facts: list[dict[str, Any]] = [
        {"term": "What it is", "value": item.type_title},
        {"term": "About", "value": str(subject), "href": subject.get_absolute_url()},
        {"term": "Content", "digest": item.content_digest},
        {"term": "Given by", "person": str(item.submitted_by)},
        {"term": "Given", "at": item.submitted_at},
        {"term": "Verified by", "person": str(item.verified_by or "")},
        {"term": "Verified", "at": item.verified_at},
        {"term": "Not accepted by", "person": str(item.declined_by or "")},
        {"term": "Not accepted", "at": item.declined_at},
        {"term": "Withdrawn by", "person": str(item.withdrawn_by or "")},
        {"term": "Withdrawn", "at": item.withdrawn_at},
        {
            "term": "Counts",
            "value": item.kind.counts_for if item.verified_at or shown.is_live else "",
        },
        {"term": "Last day", "value": item.valid_until and str(item.valid_until)},
        {"term": "Stops counting", "at": item.expires_at},
    ]
    return [fact for fact in facts if any(fact[key] for key in fact if key not in {"term", "href"})]
