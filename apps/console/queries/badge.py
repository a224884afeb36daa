"""The number beside "Inbox": how much waits on one person, counted in a few queries."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from django.core.cache import cache
from django.db.models import BigIntegerField, Case, F, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Coalesce

from apps.accounts.rights import held_by, roles_everywhere
from apps.accounts.roles import permissions_of
from apps.approvals import policy_standing
from apps.approvals import queries as approvals
from apps.approvals.models import PolicyVersion
from apps.approvals.operations import ANSWER_DISSENT, REVIEW_EMERGENCY
from apps.audit.models import AuditEvent
from apps.catalog import queries as catalog
from apps.catalog.models import ModelDuty, RegisteredModel
from apps.console.queries import erasures, judged, undecided
from apps.core.actors import Actor
from apps.core.prepared import Later, Prepared, Slot, day, moment
from apps.risk import assessment_queries, finding_queries

_COLUMNS = ("of_kind", "of_row", "of_place", "of_roles", "of_people", "of_role")
_DUTY, _POLICY, _ASSESSMENT = "duty", "policy", "assessment"
MOST_SECONDS = 60
"""How old the number on a page may be while the record stands still."""

_WHO, _TODAY, _SOON, _NOW = Later(Slot(0), Slot(1)), Slot(2), Slot(3), Slot(4)
_KEPT = 256
"""For how many sets of roles a query is kept."""

Rows = QuerySet[Any, Any]
HeldOn = Callable[[str], QuerySet[RegisteredModel]]
"""Gives the models on which the person holds a permission."""


@dataclass
class _Line:
    """One thing that waits: for whom, and who gave what is asked already."""

    place: int
    """The model it is about; of a policy, the declined one it goes on from."""
    roles: frozenset[str] | None
    """The roles it waits for; none is named where it waits on the person alone."""
    people: frozenset[str]
    given: set[str] = field(default_factory=set)


def number(actor: Actor, *, at: datetime) -> int:
    """Return what waits on a person, counted again once the record goes on or a minute is over.

    To count costs more than the rest of a page. What waits changes with the record, or by itself
    where a day or an hour is over.
    """
    newest = AuditEvent.objects.order_by("-id").values_list("uid", flat=True).first()
    key = f"waiting:{actor.user_id}:{newest}"
    return cache.get_or_set(key, partial(waiting_on, actor, at=at), MOST_SECONDS) or 0


def waiting_on(actor: Actor, *, at: datetime) -> int:
    """Count what a person has to sign, answer, meet, settle, report, confirm, erase or review.

    What only has to be carried out is not counted: to know it, its gate would be judged each time.
    """
    if actor.user_id is None or not actor.is_person or actor.only_looks:
        return 0
    held = roles_everywhere(actor.user_id)
    to_sign = approvals.waiting_on(actor, at=at, everywhere=held)
    return len(to_sign) + _beside(actor, held, at)


def _beside(actor: Actor, held: frozenset[str], at: datetime) -> int:
    """Count what waits beside requests: in one query, and those of reviewers where they wait."""
    soon = day(at.date() + judged.SOON)
    asked = (actor.user_id, actor.id, day(at.date()), soon, moment(at))
    lines: dict[tuple[str, int], _Line] = {}
    duties: dict[int, set[str]] = defaultdict(set)
    is_asked_to_review = False
    for kind, row, place, roles, people, role in _all_for(held).tuples(*asked):
        if kind == _DUTY:
            duties[place].add(role)
            continue
        if kind == _ASSESSMENT:
            is_asked_to_review = True
            continue
        line = lines.setdefault(
            (kind, row), _Line(place, _roles_in(roles), frozenset(json.loads(people)))
        )
        line.given.add(role)
    to_review = assessment_queries.waiting_on(actor) if is_asked_to_review else ()
    waits = sum(_waits(key, line, actor, held, duties) for key, line in lines.items())
    return waits + len(to_review)


def _waits(
    key: tuple[str, int],
    line: _Line,
    actor: Actor,
    held: frozenset[str],
    duties: Mapping[int, Iterable[str]],
) -> bool:
    if line.roles is None:
        return True
    kind, row = key
    roles = held if kind == _POLICY else held.union(duties.get(line.place, ()))
    if actor.id in line.people or not (roles & line.roles) - line.given:
        return False
    return not (kind == _POLICY and line.place and _wrote(actor, row))


@lru_cache(maxsize=_KEPT)
def _all_for(held: frozenset[str]) -> Prepared[Any]:
    """Return one query for all that waits on a person who holds some roles everywhere.

    Every page asks it, and to build it takes far longer than to answer it.
    """

    def together() -> Rows:
        first, *others = _parts(held)
        return first.union(*others, all=True)

    return Prepared(together)


def _parts(held: frozenset[str]) -> Iterator[Rows]:
    """Yield one query for each kind of thing, and one for the duties that those are held against.

    They have the same columns, so that they are asked together.
    """
    rights = permissions_of(held)
    held_on = partial(catalog.models_held_by, _WHO.user_id, everywhere=rights)
    visible = held_on(catalog.VIEW)
    yield _told("condition", undecided.conditions(_WHO, visible, on=_TODAY))
    yield _told("dissent", undecided.dissents(_WHO, held_on(ANSWER_DISSENT.permission)))
    yield _told("review", undecided.reviews(_WHO, held_on(REVIEW_EMERGENCY.permission)))
    waivers = undecided.waivers(_WHO, visible)
    yield _told(
        "waiver",
        waivers,
        of_place=F("version__model"),
        of_roles=Cast("roles", TextField()),
        of_people=Cast("version__contributors", TextField()),
        of_role=Coalesce("sign_offs__role", Value(""), output_field=TextField()),
    )
    emergencies = undecided.emergencies(_WHO, visible, at=_NOW)
    yield _told(
        "emergency",
        emergencies,
        of_place=F("authorization__version__model"),
        of_roles=Cast("roles", TextField()),
        of_role=Coalesce("ratifications__role", Value(""), output_field=TextField()),
    )
    there = Q(model__in=waivers.values("version__model")) | Q(
        model__in=emergencies.values("authorization__version__model")
    )
    duties = ModelDuty.objects.filter(there, held_by(_WHO.user_id), until=None)
    yield _told(_DUTY, duties, of_place=F("model"), of_role=Cast("role", TextField()))
    if held.intersection(policy_standing.SIGNING_ROLES):
        yield _of_policies()
    if erasures.DECIDE in rights:
        yield _told("erasure", undecided.erasures(_WHO))
    yield _told(_ASSESSMENT, undecided.assessments(_WHO, held_on(assessment_queries.REVIEW)))
    yield from _of_findings(held_on)


def _of_findings(held_on: HeldOn) -> Iterator[Rows]:
    answered_for = held_on(finding_queries.ANSWER)
    yield _told("finding", finding_queries.to_settle_by(_WHO, _SOON, answered_for))
    managed = held_on(finding_queries.MANAGE_FINDINGS)
    yield _told("closing", finding_queries.to_close(_WHO, managed))
    managed = held_on(finding_queries.MANAGE_INCIDENTS)
    yield _told("report", finding_queries.reports_to_make(managed))


def _of_policies() -> Rows:
    declined = When(based_on__state=PolicyVersion.State.DROPPED, then=F("based_on"))
    return _told(
        _POLICY,
        undecided.policies(_WHO),
        of_place=Case(declined, default=Value(0), output_field=BigIntegerField()),
        of_roles=Value(json.dumps(policy_standing.SIGNING_ROLES), TextField()),
        of_role=Coalesce("sign_offs__role", Value(""), output_field=TextField()),
    )


def _told(kind: str, rows: QuerySet[Any], **columns: Any) -> Rows:
    """Return rows in the columns all kinds have, where nothing else is said of them."""
    told = {
        "of_kind": Value(kind, TextField()),
        "of_row": F("pk"),
        "of_place": Value(0, BigIntegerField()),
        "of_roles": Value("", TextField()),
        "of_people": Value("[]", TextField()),
        "of_role": Value("", TextField()),
    } | columns
    found: Rows = rows.order_by().annotate(**told).values_list(*_COLUMNS)
    return found


def _roles_in(text: str) -> frozenset[str] | None:
    return frozenset(json.loads(text)) if text else None


def _wrote(actor: Actor, policy_id: int) -> bool:
    """Say whether a person wrote at a policy that was declined, and that this one goes on from."""
    proposed = PolicyVersion.objects.select_related("based_on").get(pk=policy_id)
    return actor.id in policy_standing.writers_of(proposed)
