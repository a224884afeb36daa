"""Waivers: told to who has to sign, to who asked once it is decided, and before they end."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, time, timedelta

from django.db.models import QuerySet

from apps.accounts.actors import actor_for
from apps.approvals import in_force
from apps.approvals.models import Waiver
from apps.approvals.waiving import Offer
from apps.audit.models import AuditEvent
from apps.catalog import queries as catalog
from apps.core.actors import Door
from apps.core.errors import RuleBroken
from apps.core.formats import calendar_day
from apps.integrations.notices.due import Due, days_before
from apps.integrations.notices.kinds import DECISION, FOLLOW_UP, REMINDER, TROUBLE, WAIVER, Kind
from apps.integrations.notices.sources.decisions import detail_of, row_id
from apps.integrations.notices.sources.people import all_in_charge, but_not_who_did, in_charge

ENDS_WITHIN = (7, 30)
_SUSPENDED = "The authorization for production that relied on it is suspended."
_NOT_SUSPENDED = "No authorization for production was suspended by this."
_DECIDED = {Waiver.State.GRANTED: "was granted", Waiver.State.DECLINED: "was declined"}
_OVER = {Waiver.State.REVOKED: "was revoked", Waiver.State.ENDED: "has ended"}


def decided(event: AuditEvent) -> Iterator[Due]:
    """Tell who asked for a waiver that it was granted or declined."""
    waiver = _waiver(event)
    if how := _DECIDED.get(Waiver.State(waiver.state)):
        people = but_not_who_did(event, waiver.asked_by_id)
        yield _due(
            waiver, DECISION, people, how, line=f"{_called(waiver)} {how}", text=_terms(waiver)
        )
    if waiver.state == Waiver.State.GRANTED:
        yield _reported(waiver, event, "was granted", _terms(waiver))


def over(event: AuditEvent) -> Iterator[Due]:
    """Tell who asked for a waiver, and those in charge, that it holds no longer."""
    waiver = _waiver(event)
    if how := _OVER.get(Waiver.State(waiver.state)):
        rules = in_force.policy().waivers
        is_escalated = waiver.state == Waiver.State.ENDED and rules and not rules.suspends
        told = all_in_charge if is_escalated else in_charge
        people = but_not_who_did(event, waiver.asked_by_id, *told(waiver.version.model))
        text = _SUSPENDED if "suspended" in detail_of(event) else _NOT_SUSPENDED
        yield _due(waiver, TROUBLE, people, how, line=f"{_called(waiver)} {how}", text=text)
        yield _reported(waiver, event, how, text)


def all_standing(at: datetime) -> Iterator[Due]:
    """Say which waivers wait for whose signature, and which end soon."""
    yield from _to_sign(Waiver.objects.all(), at)
    granted = Waiver.objects.filter(
        state=Waiver.State.GRANTED, ends_on__lte=at.date() + timedelta(days=max(ENDS_WITHIN))
    )
    for waiver in granted.select_related("version__model").order_by("pk"):
        ends = datetime.combine(waiver.ends_on, time.min, UTC) + timedelta(days=1)
        if span := days_before(ends, at, ENDS_WITHIN):
            people = {waiver.asked_by_id, *in_charge(waiver.version.model)}
            line = f"{_called(waiver)} ends on {calendar_day(waiver.ends_on)}"
            text = "Meet the condition before then, or ask for the waiver anew."
            yield _due(waiver, REMINDER, people, f"ends:{span}", line=line, text=text)


def on_models(model_ids: Collection[int], at: datetime) -> Iterator[Due]:
    """Say which waivers on some models wait for whose signature."""
    yield from _to_sign(Waiver.objects.filter(version__model__in=model_ids), at)


def _to_sign(waivers: QuerySet[Waiver], at: datetime) -> Iterator[Due]:
    asked = waivers.filter(state=Waiver.State.ASKED, ends_on__gt=at.date())
    for waiver in asked.select_related("version__model", "asked_by").order_by("pk"):
        line = f"{_called(waiver)} waits for your signature"
        text = f"{waiver.asked_by} asked for it. {_terms(waiver)}"
        yield _due(waiver, WAIVER, _signers(waiver, at), "sign", line=line, text=text)


def _signers(waiver: Waiver, at: datetime) -> set[int]:
    """Return who may sign a waiver now; nobody where the policy knows waivers no more."""
    try:
        offer = Offer.of(waiver, at)
    except RuleBroken:
        return set()
    holders = {
        person.pk: person
        for role in waiver.roles
        for person in catalog.holders_of(role, waiver.version.model)
    }
    return {
        pk
        for pk, person in holders.items()
        if any(seat.is_free for seat in offer.seats(actor_for(person, door=Door.WORKER)))
    }


def _reported(waiver: Waiver, event: AuditEvent, how: str, text: str) -> Due:
    """Report what became of a waiver to the roles the policy in force names."""
    rules = in_force.policy().waivers
    roles, model = rules.report_to if rules else (), waiver.version.model
    holders = catalog.holders_of_each(roles, model).values()
    people = but_not_who_did(event, *{person.pk for held in holders for person in held})
    said = f"The policy reports waivers to you. {text}"
    line = f"{_called(waiver)} {how}"
    return _due(waiver, FOLLOW_UP, people, f"reported:{how}", line=line, text=said)


def _called(waiver: Waiver) -> str:
    """Return a waiver by its condition as the policy in force calls it, and its version."""
    found = in_force.policy().condition_or_none(waiver.condition)
    return f"The waiver of “{found.title if found else waiver.condition}” for {waiver.version}"


def _terms(waiver: Waiver) -> str:
    return f"It is to hold until {calendar_day(waiver.ends_on)}; its terms are on its page."


def _due(
    waiver: Waiver, kind: Kind, people: Collection[int], what: str, *, line: str, text: str
) -> Due:
    key, model_id = f"waiver:{waiver.record_id}:{what}", waiver.version.model_id
    return Due(people, key, kind, line, text, waiver.get_absolute_url(), model_id)


def _waiver(event: AuditEvent) -> Waiver:
    found = Waiver.objects.select_related("version__model")
    waiver: Waiver = found.get(pk=row_id(event.subject_id))
    return waiver
