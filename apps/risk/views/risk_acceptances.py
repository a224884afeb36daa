"""The page on which somebody signs that they bear the risk of a finding until a day."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import stepping_up
from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.confirmation import challenge_of
from apps.accounts.signing.terms import TermsTicket
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.risk.finding_forms import AcceptForm
from apps.risk.models import Finding
from apps.risk.operations import risk_acceptances as operations
from apps.risk.pages import accepting as pages
from apps.risk.views.acting import FORM
from apps.risk.views.findings import finding_or_404


@signed_in
@require_http_methods(FORM)
def accept(request: ActorRequest, pk: int) -> HttpResponse:
    """Show what would be borne; sign it."""
    finding = finding_or_404(request.actor, pk)
    sent = sent_values(request)
    if sent is None:
        return _show(request, finding)
    form = AcceptForm(sent)
    if form.is_valid():
        values = form.asked
        try:
            operations.accept_risk(
                finding,
                by=request.actor,
                ticket=TermsTicket.opened(values.pop("ticket")),
                confirmed=stepping_up.confirm(request, form.proof),
                **values,
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The risk was accepted.")
            return redirect(finding)
    return _show(request, finding_or_404(request.actor, pk), form)


@signed_in
@require_POST
def ask_passkey(request: ActorRequest, pk: int) -> JsonResponse:
    """Answer the script of the form: what the reader's passkey is to sign."""
    finding = finding_or_404(request.actor, pk)
    form = AcceptForm(request.POST)
    if form.missing:
        return stepping_up.refused(form.missing)
    values = form.asked
    try:
        ticket = TermsTicket.opened(values.pop("ticket"))
        statement = operations.acceptance_offered(
            finding, by=request.actor, ticket=ticket, at=now(), **values
        )
    except DomainError as refusal:
        return stepping_up.refused(str(refusal))
    return stepping_up.ask_passkey(request, challenge_of(statement.text))


def _show(request: ActorRequest, finding: Finding, sent: AcceptForm | None = None) -> HttpResponse:
    page = pages.page_of(finding, request.actor, now(), sent)
    page["confirming"] = stepping_up.fields_for(request.user.pk)
    status = 422 if sent is not None else 200
    return render(request, "risk/findings/accept.html", page, status=status)
