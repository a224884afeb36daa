"""Pages of waivers: listed, shown, asked for, signed, renewed, withdrawn, revoked."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import stepping_up
from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.confirmation import challenge_of
from apps.accounts.signing.terms import TermsTicket
from apps.approvals import operations, queries
from apps.approvals.forms import ReasonForm
from apps.approvals.models import Waiver
from apps.approvals.pages import waivers as pages
from apps.approvals.term_forms import TermsForm, WaiverForm, WaiverSigningForm, limit_to
from apps.approvals.views.acting import FORM, answered
from apps.catalog import queries as catalog
from apps.core import links
from apps.core.errors import DomainError
from apps.core.sent import sent_values


@signed_in
@require_safe
def waivers(request: ActorRequest) -> HttpResponse:
    """List the waivers the reader may see."""
    return render(request, "approvals/waivers/list.html", pages.listing(request))


@signed_in
@require_safe
def waiver(request: ActorRequest, pk: int) -> HttpResponse:
    """Show one waiver: its terms, who signed it, what relies on it."""
    return _show(request, _find(request, pk))


@signed_in
@require_http_methods(FORM)
def ask(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Ask for a waiver of one condition of a version."""
    version = catalog.version_or_none(request.actor, name, number)
    if version is None:
        raise Http404
    condition = links.asked(request, "condition")
    form = WaiverForm(sent_values(request), initial={"condition": condition})
    page = pages.asking(version, request.actor, at=now())
    form.offer_obligations(pages.offered(version, form.chosen, page["rules"], now()))
    if (rules := page["rules"]) is not None:
        form.offer(rules.waivable, last=page["last"], days=rules.days)
    if form.is_valid():
        try:
            asked = operations.ask_for_waiver(version, by=request.actor, **form.asked)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The waiver was asked for.")
            return redirect(asked)
    status = 422 if form.errors else 200
    return render(request, "approvals/waivers/ask.html", {**page, "form": form}, status=status)


@signed_in
@require_http_methods(FORM)
def renew(request: ActorRequest, pk: int) -> HttpResponse:
    """Ask for a waiver anew, on terms of its own."""
    held = _find(request, pk)
    form = TermsForm(sent_values(request))
    page = pages.asking(held.version, request.actor, at=now())
    if (rules := page["rules"]) is not None:
        limit_to(form, last=page["last"], days=rules.days)
        page["carried"] = pages.carried_over(held, rules, now())
    if form.is_valid():
        try:
            asked = operations.renew_waiver(held, by=request.actor, **form.asked)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The renewal was asked for.")
            return redirect(asked)
    page |= {"form": form, "renews": held, "condition": _title(held)}
    status = 422 if form.errors else 200
    return render(request, "approvals/waivers/ask.html", page, status=status)


@signed_in
@require_POST
def sign(request: ActorRequest, pk: int) -> HttpResponse:
    """Sign or decline the waiver the reader was shown."""
    held = _find(request, pk)
    form = WaiverSigningForm(request.POST)
    if form.is_valid():
        values = form.asked
        try:
            signed = operations.sign_waiver(
                held,
                by=request.actor,
                ticket=TermsTicket.opened(values.pop("ticket")),
                confirmed=stepping_up.confirm(request, form.proof),
                **values,
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            is_yes = signed.decision == signed.Decision.APPROVE
            said = "Signed" if is_yes else "Declined"
            messages.success(request, f"{said} as {signed.get_role_display().lower()}.")
            return redirect(held)
    return _show(request, held, sent=form)


@signed_in
@require_POST
def ask_passkey(request: ActorRequest, pk: int) -> JsonResponse:
    """Answer the script of the form: what the reader's passkey is to sign."""
    held = _find(request, pk)
    form = WaiverSigningForm(request.POST)
    if form.missing:
        return stepping_up.refused(form.missing)
    values = form.asked
    try:
        statement = operations.waiver_statement_offered(
            held,
            by=request.actor,
            role=values["role"],
            decision=values["decision"],
            ticket=TermsTicket.opened(values["ticket"]),
            at=now(),
        )
    except DomainError as refusal:
        return stepping_up.refused(str(refusal))
    return stepping_up.ask_passkey(request, challenge_of(statement.text))


@signed_in
@require_http_methods(FORM)
def withdraw(request: ActorRequest, pk: int) -> HttpResponse:
    """Take back a waiver that waits for signatures."""
    held = _find(request, pk)
    page = _page(
        held,
        f"Withdraw {held}",
        lead="Nobody can sign it any more. It stays in the record.",
        button="Withdraw",
        kind="danger",
    )
    carry_out = partial(operations.withdraw_waiver, held, by=request.actor)
    done = "The waiver was withdrawn."
    return answered(request, ReasonForm(sent_values(request)), carry_out, page, done=done, to=held)


@signed_in
@require_http_methods(FORM)
def revoke(request: ActorRequest, pk: int) -> HttpResponse:
    """End a granted waiver at once."""
    held = _find(request, pk)
    page = _page(
        held,
        f"Revoke {held}",
        lead="It counts for nothing from now on, and the authorization that relied on it is "
        "suspended.",
        button="Revoke",
        kind="danger",
    )
    carry_out = partial(operations.revoke_waiver, held, by=request.actor)
    done = "The waiver was revoked."
    return answered(request, ReasonForm(sent_values(request)), carry_out, page, done=done, to=held)


def _page(held: Waiver, title: str, **words: str) -> dict[str, Any]:
    address = held.get_absolute_url()
    crumbs = [("Waivers", reverse("approvals:waivers")), (str(held), address)]
    facts = [
        {"term": "Condition", "value": _title(held)},
        {"term": "Version", "value": str(held.version)},
    ]
    here = title.partition(" ")[0]
    return {
        "title": title,
        "crumbs": crumbs,
        "here": here,
        "back": address,
        "facts": facts,
        **words,
    }


def _title(held: Waiver) -> str:
    return pages.condition_title_now(held.condition)


def _find(request: ActorRequest, pk: int) -> Waiver:
    return get_object_or_404(queries.waivers_visible_to(request.actor), pk=pk)


def _show(
    request: ActorRequest, held: Waiver, *, sent: WaiverSigningForm | None = None
) -> HttpResponse:
    page = {
        **pages.one(held, request.actor, sent),
        "confirming": stepping_up.fields_for(request.user.pk),
    }
    return render(request, "approvals/waivers/one.html", page, status=422 if sent else 200)
