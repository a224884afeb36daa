"""Erasing words of the record: asked for on an entry's page, listed, and decided by another."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals.forms import ReasonForm
from apps.approvals.operations import redaction as operations
from apps.audit import redacting
from apps.audit.models import AuditEvent, Redaction
from apps.console.queries import erasures, record, telling
from apps.console.queries.names import Names
from apps.core import links
from apps.core.errors import DomainError
from apps.core.paging import Order
from apps.core.sent import sent_values

WAYS = ["GET", "HEAD", "POST"]
PAGE_SIZE = 50
NEWEST_FIRST = Order(("id",))
DECISIONS = {
    "approve": (operations.approve_redaction, "Approved. It is erased once that is sealed."),
    "decline": (operations.decline_redaction, "Declined."),
}
_ASK = operations.ASK_REDACTION.permission
_DECIDE = operations.APPROVE_REDACTION.permission
TONES: dict[str, str] = {
    Redaction.State.ASKED: "warn",
    Redaction.State.APPROVED: "warn",
    Redaction.State.DECLINED: "idle",
    Redaction.State.ERASED: "good",
}


class AskForm(ReasonForm):
    """Which words of an entry, on which legal basis, and why."""

    place = forms.ChoiceField(
        label="Words",
        error_messages={"required": "Choose the words."},
    )
    basis = forms.ChoiceField(
        label="Legal basis",
        choices=[("", "Choose a basis"), *Redaction.Basis.choices],
        help_text="A person's wish waits while the records of a model have to be kept.",
        error_messages={"required": "Choose the legal basis."},
    )
    field_order = ("place", "basis", "reason")

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.fields["place"]
        assert isinstance(place, forms.ChoiceField)
        place.choices = places


@signed_in
@require_safe
def redactions(request: ActorRequest) -> HttpResponse:
    """List what was asked to be erased, the newest first."""
    _require_reader(request)
    rows = Redaction.objects.select_related("event__erased__redaction")
    found = links.page_of(request, rows.prefetch_related("event__texts"), NEWEST_FIRST, PAGE_SIZE)
    people = Names.of([], *(f"user:{one.asked_by}" for one in found.rows))
    lines = telling.lines(one.event for one in found.rows)
    page = {
        "rows": [
            {
                "redaction": one,
                "title": line.title,
                "where": erasures.where(one.place),
                "by": people.of_actor(one.asked_by),
            }
            for one, line in zip(found.rows, lines, strict=True)
        ],
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
    }
    return render(request, "console/redactions.html", page)


@signed_in
@require_http_methods(WAYS)
def ask(request: ActorRequest, uid: UUID) -> HttpResponse:
    """Ask that words of an entry be erased."""
    if not request.actor.may(_ASK):
        raise Http404
    event = get_object_or_404(record.events_visible_to(request.actor), uid=uid)
    places = [(place, _label(place, text)) for place, text in redacting.places(event)]
    form = AskForm(sent_values(request), places=places, initial={"place": Redaction.REASON})
    if form.is_valid():
        given = form.cleaned_data
        try:
            asked = operations.ask_redaction(
                event,
                given["place"],
                basis=given["basis"],
                by=request.actor,
                reason=given["reason"],
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Asked for. Another person decides on it.")
            return redirect("audit:redaction", asked.pk)
    page = {"form": form, "uid": uid, "places": places}
    return render(request, "console/ask_redaction.html", page, status=422 if form.errors else 200)


@signed_in
@require_http_methods(WAYS)
def redaction(request: ActorRequest, pk: int) -> HttpResponse:
    """Show one erasure, what it takes away, and let another person decide on it."""
    _require_reader(request)
    found = get_object_or_404(Redaction.objects.select_related("event"), pk=pk)
    may_decide = request.actor.may(_DECIDE) and found.state == Redaction.State.ASKED
    if request.method == "POST" and not may_decide:
        raise Http404
    form = ReasonForm(sent_values(request))
    decision = DECISIONS.get(request.POST.get("decision", ""))
    if form.is_valid() and decision is None:
        form.add_error(None, "Approve it, or decline it.")
    elif form.is_valid() and decision is not None:
        decide, said = decision
        try:
            decide(found, by=request.actor, reason=form.cleaned_data["reason"])
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect("audit:redaction", found.pk)
    is_offered = may_decide and (found.asked_by != request.actor.id or bool(form.errors))
    page = {
        "redaction": found,
        "facts": _facts(found),
        "words": _words(found) if request.actor.may(_ASK) or may_decide else "",
        "why_not": operations.why_not(found.event, found.place, found.basis)
        if found.state in Redaction.OPEN
        else "",
        "form": form if is_offered else None,
    }
    return render(request, "console/redaction.html", page, status=422 if form.errors else 200)


def notice_of(event: AuditEvent) -> dict[str, str]:
    """Return what an entry's page says of words of it that were erased, or are about to be."""
    erased = Redaction.objects.filter(texts__event=event).first()
    found = erased or event.redactions.order_by("-pk").first()
    if found is None or found.state == Redaction.State.DECLINED:
        return {}
    href = reverse("audit:redaction", args=[found.pk])
    if found.erased_at is None:
        return {"text": "It was asked that words of this entry be erased.", "href": href}
    names = Names.of([], f"user:{found.asked_by}", f"user:{found.decided_by}")
    asker, decider = names.of_actor(found.asked_by), names.of_actor(found.decided_by)
    text = (
        f"Erased on {found.erased_at:%-d %B %Y}, asked for by {asker}, approved by {decider}. "
        f"Basis: {found.get_basis_display()}. The entry itself is whole, and its proof holds."
    )
    return {"text": text, "href": href}


def may_ask(request: ActorRequest, event: AuditEvent) -> bool:
    """Say whether a person may ask that words of an entry go, and it has any."""
    return request.actor.may(_ASK) and any(True for _ in redacting.places(event))


def may_see(request: ActorRequest) -> bool:
    """Say whether a person sees what was asked to be erased."""
    return any(request.actor.may(right) for right in (record.VIEW_RECORD, _ASK, _DECIDE))


def _require_reader(request: ActorRequest) -> None:
    if not may_see(request):
        raise Http404


def _label(place: str, text: str) -> str:
    shown = text if len(text) <= 200 else f"{text[:200]}…"
    return f"{erasures.where(place)}: “{shown}”"


def _words(found: Redaction) -> str:
    return dict(redacting.places(found.event)).get(found.place, "")


def _facts(found: Redaction) -> list[dict[str, Any]]:
    names = Names.of([], f"user:{found.asked_by}", f"user:{found.decided_by}")
    entry = reverse("audit:entry", args=[found.event.uid])
    facts: list[dict[str, Any]] = [
        {"term": "State", "value": found.get_state_display(), "tone": TONES[found.state]},
        {"term": "Entry", "value": telling.lines([found.event])[0].title, "href": entry},
        {"term": "Words", "value": erasures.where(found.place)},
        {"term": "Basis", "value": found.get_basis_display()},
        {"term": "Asked by", "person": names.of_actor(found.asked_by)},
        {"term": "Asked", "at": found.asked_at},
        {"term": "Why", "value": "The entry says", "href": _entry(found.asked_in)},
    ]
    if found.decided_in:
        facts += [
            {"term": "Decided by", "person": names.of_actor(found.decided_by)},
            {"term": "Decision", "value": "The entry says why", "href": _entry(found.decided_in)},
        ]
    if found.erased_in:
        facts += [
            {"term": "Erased", "at": found.erased_at},
            {"term": "Erasure", "value": "What it took away", "href": _entry(found.erased_in)},
        ]
    return facts


def _entry(uid: UUID) -> str:
    return reverse("audit:entry", args=[uid])
