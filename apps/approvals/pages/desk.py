"""What one reader can do on the page of a request, and who can do the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from apps.accounts.models import User
from apps.approvals import onlookers, operations, signers
from apps.approvals.cases import Case
from apps.approvals.operations.signing import CONDITION_DAYS
from apps.approvals.pages import seats, transitions
from apps.approvals.pages.forms_shown import Shown
from apps.approvals.pages.transitions import Words
from apps.approvals.readiness import VerdictState
from apps.approvals.sign_off_form import SignOffForm
from apps.approvals.signers import Seat
from apps.approvals.statements import Ticket
from apps.approvals.talk_forms import NoteForm
from apps.catalog import queries as catalog
from apps.core import formats
from apps.core.actors import Actor

OPERATOR = "operator"
APPROVE_WHEN = "Approving opens when every condition of the gate is met."
APPROVE_ONCE_NOTED = "Approving opens when who asked for this has answered the warnings."
NOTHING_TO_SIGN = "There is nothing here for you to sign any more."
_OPENS_WHEN = "Opens when every condition is met and every sign-off is given."


@dataclass(frozen=True)
class Warnings:
    """The warnings of a gate and what who asked says about them."""

    words: str
    note: str
    waits: bool
    form: NoteForm | None = None


@dataclass(frozen=True)
class Desk:
    """The sign-off form for what is shown, who may not sign why, and who carries out."""

    words: Words
    sign_form: SignOffForm | None = None
    decision_hint: str = ""
    signs_as: str = ""
    due_hint: str = ""
    why_not_sign: str = ""
    closed_seats: Sequence[Seat] = ()
    may_carry_out: bool = False
    may_withdraw: bool = False
    opens_when: str = ""
    warnings: Warnings | None = None

    @property
    def people(self) -> Sequence[User]:
        """Who can be named in a condition."""
        return self.sign_form.people if self.sign_form else ()


def of(case: Case, reader: Actor, shown: Shown) -> Desk:
    """Return what a reader can do; a form that was refused stays, with what was typed."""
    request, words = case.request, transitions.of(case.request)
    sent = shown.refused if isinstance(shown.refused, SignOffForm) else None
    warnings = _warnings(case, reader, shown)
    if not request.is_open:
        kept = _kept(case, reader, sent)
        return Desk(words, sign_form=kept, why_not_sign=NOTHING_TO_SIGN, warnings=warnings)
    held = signers.seats_of(case, by=reader)
    free = [seat for seat in held if seat.is_free]
    return Desk(
        words,
        sign_form=_form(case, reader, free, sent),
        decision_hint=_approve_when(case),
        signs_as=_signs_as(case, reader),
        due_hint=_due_hint(case),
        why_not_sign="" if free else NOTHING_TO_SIGN,
        closed_seats=[seat for seat in held if not seat.is_free and not seat.is_filled],
        may_carry_out=reader.may(words.action.permission, request.root),
        may_withdraw=reader.may(operations.withdrawal_of(request).permission, request.root),
        opens_when=_opens_when(
            case, seats.named(catalog.holders_of(OPERATOR, request.version.model))
        ),
        warnings=warnings,
    )


def _warnings(case: Case, reader: Actor, shown: Shown) -> Warnings | None:
    """Return what stands about warnings; nothing when there are none and nothing was said."""
    request = case.request
    warned = len(case.readiness.with_state(VerdictState.WARNED)) if request.is_open else 0
    may_note = request.is_open and reader.may(operations.NOTE_WARNINGS.permission, request.root)
    form = shown.offered(NoteForm, "note", may=may_note and warned > 0)
    if not warned and not request.note and form is None:
        return None
    words = f"{warned} warning{'' if warned == 1 else 's'}" if warned else ""
    return Warnings(
        words,
        request.note,
        waits=case.readiness.lacks_note and request.is_open,
        form=form,
    )


def _approve_when(case: Case) -> str:
    if case.readiness.may_ask_for_sign_offs:
        return ""
    return APPROVE_ONCE_NOTED if case.readiness.is_unblocked else APPROVE_WHEN


def _signs_as(case: Case, reader: Actor) -> str:
    """Say what a signature binds, and whether it is for good."""
    binds = f"Signs as {reader.name} what is shown here: version, checks, use and policy."
    is_for_good = not case.policy.signature.may_withdraw
    return f"{binds} The policy lets nobody take a sign-off back." if is_for_good else binds


def _due_hint(case: Case) -> str:
    """Say until when a condition has to be met."""
    most = case.gate.settings.get(CONDITION_DAYS)
    if most is None:
        return "Not met by its day, the sign-off ends."
    last = case.at.date() + timedelta(days=int(str(most)))
    return f"By {formats.calendar_day(last)} at the latest. Not met by its day, the sign-off ends."


def _opens_when(case: Case, operators: str) -> str:
    """Say what would let somebody carry it out, and who that is."""
    who = operators or "an operator, who is still to be appointed"
    if case.readiness.is_open:
        return f"The gate is open. It is carried out by {who}."
    return f"{_OPENS_WHEN} It is carried out by {who}."


def _form(
    case: Case, reader: Actor, free: Sequence[Seat], sent: SignOffForm | None
) -> SignOffForm | None:
    """Return the form to sign what is shown now; what was typed stays, the ticket is always new."""
    if not free or not reader.is_person:
        return _kept(case, reader, sent)
    form = sent or SignOffForm(
        people=onlookers.who_see(case.request.version.model),
        asks_reason=case.policy.signature.reason_required,
    )
    form.offer(
        free,
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
        seats_lost = [Seat(rule, is_filled=False, why_not="") for rule in slots]
        sent.offer(seats_lost, ticket=ticket, may_approve=False)
    return sent
