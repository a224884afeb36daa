"""What open requests ask of people: asked when something about their model changed, and hourly."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from apps.approvals import cases, signers
from apps.approvals.cases import Case
from apps.approvals.models import (
    ROLLBACK,
    TO_ARCHIVED,
    TO_DECOMMISSIONED,
    PromotionRequest,
)
from apps.approvals.queries import MOST_JUDGED, PROMOTE, still_open
from apps.approvals.readiness import VerdictState
from apps.core.formats import calendar_day, moment
from apps.integrations.notices.due import Due, days_before
from apps.integrations.notices.kinds import (
    ESCALATION,
    READY,
    REMINDER,
    SIGN_OFF,
    VOID,
    Kind,
)
from apps.integrations.notices.sources.asked import asked_for
from apps.integrations.notices.sources.people import in_charge, those_who_may

LAPSES_WITHIN = (1, 7)
_CARRY_OUT = {
    ROLLBACK: "catalog.roll_back_version",
    TO_ARCHIVED: "catalog.retire_version",
    TO_DECOMMISSIONED: "catalog.retire_version",
}
REMINDED_AFTER = timedelta(days=7)
ESCALATED_AFTER = timedelta(days=14)

Seats = Mapping[int, list[str]]
"""The titles of the free slots each person may fill, by the person's id."""


def all_open(at: datetime) -> Iterator[Due]:
    """Say what every open request asks of people at a moment."""
    ids = still_open(PromotionRequest.objects.all()).order_by("pk").values_list("pk", flat=True)
    yield from of(list(ids), at)


def on_models(model_ids: Collection[int], at: datetime) -> Iterator[Due]:
    """Say what the open requests on some models ask of people at a moment."""
    found = still_open(PromotionRequest.objects.filter(version__model__in=model_ids))
    yield from of(list(found.order_by("pk").values_list("pk", flat=True)), at)


def of(request_ids: Sequence[int], at: datetime) -> Iterator[Due]:
    """Say what some open requests ask of people, judging so many together as a page does."""
    for start in range(0, len(request_ids), MOST_JUDGED):
        part = PromotionRequest.objects.filter(pk__in=request_ids[start : start + MOST_JUDGED])
        for case in cases.complete(list(part.order_by("pk")), at=at):
            yield from _of(case, at)


def _of(case: Case, at: datetime) -> Iterator[Due]:
    seats = _seats(case)
    yield from _to_sign(case, seats)
    yield from _void(case)
    yield from _to_promote(case)
    yield from _lapsing(case, at)
    yield from _quiet(case, seats, at)


def _seats(case: Case) -> Seats:
    """Return who may fill which free slots now; nobody while conditions are closed."""
    seats: dict[int, list[str]] = defaultdict(list)
    if case.readiness.may_ask_for_sign_offs:
        now = [slot.rule for slot in case.readiness.slots if slot.missing and not slot.waits]
        people = signers.eligible(case) if now else {}
        for rule in now:
            for person in people[rule.role]:
                seats[person.pk].append(rule.title)
    seats.pop(case.request.requested_by_id, None)
    return seats


def _to_sign(case: Case, seats: Seats) -> Iterator[Due]:
    request = case.request
    asked = f"{request.requested_by} asked for it on {calendar_day(request.requested_at)}."
    for person_id, titles in seats.items():
        roles = " or ".join(title.lower() for title in titles)
        yield _due(
            case,
            SIGN_OFF,
            (person_id,),
            key=f"sign_off:{request.record_id}",
            line=f"{asked_for(case.request)} waits for your sign-off",
            text=f"{asked} You can sign as {roles}.",
        )


def _void(case: Case) -> Iterator[Due]:
    """Tell signers why their sign-off is void, unless they took it back or signed again."""
    newest = {(given.signer_id, given.role): given for given in case.sign_offs}
    for given in newest.values():
        why = case.why_void.get(given.pk, "")
        if why and not hasattr(given, "withdrawal"):
            yield _due(
                case,
                VOID,
                (given.signer_id,),
                key=f"void:{given.record_id}",
                line=f"Your sign-off on {case.request.version} does not count any more",
                text=f"{why} Look at what changed; if you still stand by it, sign again.",
            )


def _to_promote(case: Case) -> Iterator[Due]:
    if case.readiness.is_open:
        yield _due(
            case,
            READY,
            _operators(case),
            key=f"ready:{case.request.record_id}",
            line=f"{asked_for(case.request)} can be carried out",
            text="Every condition of its gate holds and everybody who has to signed.",
        )


def _lapsing(case: Case, at: datetime) -> Iterator[Due]:
    counted = {given.id for given in case.given if given.counts}
    for given in case.sign_offs:
        span = days_before(given.expires_at, at, LAPSES_WITHIN)
        if span and given.record_id in counted:
            yield _due(
                case,
                REMINDER,
                (given.signer_id,),
                key=f"lapses:{given.record_id}:{span}",
                line=f"Your sign-off on {case.request.version} lapses soon",
                text=f"It counts until {moment(given.expires_at, 'full')}. "
                "If the request is not decided by then, it must be given again.",
            )


def _quiet(case: Case, seats: Seats, at: datetime) -> Iterator[Due]:
    """Remind those a request waits for, and tell those in charge when that did not help."""
    request, signed = case.request, len(case.sign_offs)
    since = max([request.requested_at, *(given.signed_at for given in case.sign_offs)])
    waited = f"Nothing has happened since {calendar_day(since)}."
    if at - since >= REMINDED_AFTER:
        people, text = _waits_for(case, seats)
        yield _due(
            case,
            REMINDER,
            people,
            key=f"quiet:{request.record_id}:{signed}",
            line=f"{asked_for(case.request)} still waits for you",
            text=f"{waited} {text}",
        )
    if at - since >= ESCALATED_AFTER:
        yield _due(
            case,
            ESCALATION,
            in_charge(request.version.model),
            key=f"overdue:{request.record_id}:{signed}",
            line=f"{asked_for(case.request)} has waited for {(at - since).days} days",
            text=f"{waited} {_waits_for(case, seats)[1]}",
        )


def _waits_for(case: Case, seats: Seats) -> tuple[Collection[int], str]:
    """Return who can move a request on, and what is missing, in a sentence."""
    if case.readiness.is_open:
        return _operators(case), "Its gate is open, and an operator can carry it out."
    if case.readiness.may_ask_for_sign_offs:
        missing = ", ".join(slot.rule.title for slot in case.readiness.slots if slot.missing)
        return seats.keys(), f"It waits for a sign-off as {missing}."
    blocked = case.readiness.with_state(VerdictState.BLOCKED)
    titles = "; ".join(verdict.title for verdict in blocked)
    return (case.request.requested_by_id,), f"Not met yet: {titles}."


def _operators(case: Case) -> Collection[int]:
    request = case.request
    return those_who_may(_CARRY_OUT.get(request.transition, PROMOTE), request.version.model)


def _due(case: Case, kind: Kind, people: Collection[int], *, key: str, line: str, text: str) -> Due:
    request = case.request
    return Due(people, key, kind, line, text, request.get_absolute_url(), request.version.model_id)
