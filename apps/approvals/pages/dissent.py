"""What signers ask for: changes, with the answer to them, and conditions with who meets them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from apps.accounts.models import User
from apps.approvals import operations
from apps.approvals.cases import Case
from apps.approvals.models import SignOff, SignOffCondition
from apps.approvals.pages.forms_shown import Shown
from apps.approvals.talk_forms import AnswerForm
from apps.core.actors import Actor
from apps.core.formats import calendar_day


@dataclass(frozen=True)
class Dissent:
    """Somebody who declined or asked for changes, and what was answered."""

    signed: SignOff
    said: str
    is_settled: bool
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None
    form: AnswerForm | None = None


def dissents(case: Case, reader: Actor, shown: Shown) -> list[Dissent]:
    """Return who dissents, with the form to answer for those who may."""
    found = [one for one in case.sign_offs if one.decision in SignOff.DISSENT]
    found = [one for one in found if not hasattr(one, "withdrawal")]
    authors = _authors(found)
    may_answer = reader.is_person and reader.may(
        operations.ANSWER_DISSENT.permission, case.request.root
    )
    last = {one.signer_id: one.pk for one in case.sign_offs}
    return [
        _dissent(
            one,
            authors,
            decided_anew=last[one.signer_id] != one.pk,
            form=shown.offered(
                AnswerForm,
                f"answer-{one.pk}",
                may=may_answer
                and one.signer_id != reader.user_id
                and last[one.signer_id] == one.pk
                and not hasattr(one, "answer"),
            ),
        )
        for one in found
    ]


def _dissent(
    signed: SignOff, authors: dict[int, User], *, decided_anew: bool, form: AnswerForm | None
) -> Dissent:
    is_no = signed.decision == SignOff.Decision.DECLINE
    said = f"{'declined' if is_no else 'asks for changes'} as {signed.get_role_display()}"
    if hasattr(signed, "answer"):
        answer = signed.answer
        by = str(authors[answer.author_id])
        return Dissent(signed, said, True, answer.text, by, answer.at, form)
    return Dissent(signed, said, decided_anew, form=form)


def _authors(found: Sequence[SignOff]) -> dict[int, User]:
    ids = {one.answer.author_id for one in found if hasattr(one, "answer")}
    return User.objects.in_bulk(ids) if ids else {}


@dataclass(frozen=True)
class Condition:
    """A condition of a sign-off as the page lists it."""

    text: str
    told: str
    state: str
    tone: str
    icon: str
    meet_url: str = ""


def conditions(case: Case, reader: Actor) -> list[Condition]:
    """Return the conditions of a request's sign-offs, those due first at the top."""
    asked = (
        SignOffCondition.objects.filter(sign_off__request=case.request)
        .select_related("owner", "evidence", "sign_off")
        .order_by("due", "pk")
    )
    return [_condition(one, reader, on=case.at.date()) for one in asked]


def _condition(asked: SignOffCondition, reader: Actor, *, on: date) -> Condition:
    told = f"{asked.owner} by {calendar_day(asked.due)}, asked by {asked.sign_off.signer_name}"
    if asked.met_at is not None:
        shown = f" · shown by {asked.evidence}" if asked.evidence else ""
        met = f"{told} · met on {calendar_day(asked.met_at.date())}{shown}"
        return Condition(asked.text, met, "Met", "good", "check")
    if asked.is_missed(on):
        return Condition(asked.text, told, "Not met in time", "bad", "x")
    is_own = reader.is_person and asked.owner_id == reader.user_id
    url = reverse("approvals:meet_condition", args=[asked.pk]) if is_own else ""
    return Condition(asked.text, told, "Open", "info", "clock", url)
