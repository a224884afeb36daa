"""What one reader can do on the page of a request, and who can do the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.approvals import operations, signers
from apps.approvals.cases import Case
from apps.approvals.forms import SignOffForm
from apps.approvals.pages import seats
from apps.approvals.signers import Seat
from apps.approvals.statements import Ticket
from apps.catalog import queries as catalog
from apps.core.actors import Actor

OPERATOR = "operator"
APPROVE_WHEN = "Approving opens when every condition of the gate is met."
NOTHING_TO_SIGN = "There is nothing here for you to sign any more."
_PROMOTE_WHEN = "Opens when every condition is met and every sign-off is given."


@dataclass(frozen=True)
class Desk:
    """The sign-off form for what is shown, who may not sign why, and who carries out."""

    sign_form: SignOffForm | None = None
    decision_hint: str = ""
    signs_as: str = ""
    why_not_sign: str = ""
    closed_seats: Sequence[Seat] = ()
    may_promote: bool = False
    may_withdraw: bool = False
    promote_when: str = ""


def of(case: Case, reader: Actor, sent: SignOffForm | None = None) -> Desk:
    """Return what a reader can do; a form that was refused stays, with what was typed."""
    request = case.request
    if not request.is_open:
        return Desk(sign_form=_kept(case, reader, sent), why_not_sign=NOTHING_TO_SIGN)
    held = signers.seats_of(case, by=reader)
    free = [seat for seat in held if seat.is_free]
    return Desk(
        sign_form=_form(case, reader, free, sent),
        decision_hint="" if case.readiness.may_ask_for_sign_offs else APPROVE_WHEN,
        signs_as=f"Signs as {reader.name} what is shown here: version, checks, use and policy.",
        why_not_sign="" if free else NOTHING_TO_SIGN,
        closed_seats=[seat for seat in held if not seat.is_free and not seat.is_filled],
        may_promote=reader.may(operations.PROMOTE.permission, request.root),
        may_withdraw=reader.may(operations.WITHDRAW_REQUEST.permission, request.root),
        promote_when=_promote_when(
            case, seats.named(catalog.holders_of(OPERATOR, request.version.model))
        ),
    )


def _promote_when(case: Case, operators: str) -> str:
    """Say what would let somebody carry the promotion out, and who that is."""
    who = operators or "an operator, who is still to be appointed"
    if case.readiness.is_open:
        return f"The gate is open. It is carried out by {who}."
    return f"{_PROMOTE_WHEN} It is carried out by {who}."


def _form(
    case: Case, reader: Actor, free: Sequence[Seat], sent: SignOffForm | None
) -> SignOffForm | None:
    """Return the form to sign what is shown now; what was typed stays, the ticket is always new."""
    if not free or not reader.is_person:
        return _kept(case, reader, sent)
    form = sent or SignOffForm()
    form.offer(
        [seat.rule for seat in free],
        ticket=Ticket.issue(case.dossier, to=reader).sealed(),
        may_approve=case.readiness.may_ask_for_sign_offs,
    )
    return form


def _kept(case: Case, reader: Actor, sent: SignOffForm | None) -> SignOffForm | None:
    """Return a refused form with the role it was sent for, when no seat is left to offer."""
    if sent is not None:
        role = str(sent.data.get("role", ""))
        slots = [slot.rule for slot in case.readiness.slots if slot.rule.role == role]
        ticket = Ticket.issue(case.dossier, to=reader).sealed()
        sent.offer(slots, ticket=ticket, may_approve=False)
    return sent
