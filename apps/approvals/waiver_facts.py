"""What policies read of waivers: those that count, and those relied on that count no more."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from django.db.models import F

from apps.approvals.models import Authorization, Waiver
from apps.approvals.obligations import Obligation
from apps.approvals.policies import Policy
from apps.approvals.waiver_rules import Rules
from apps.core.expressions import ExpressionError
from apps.risk import models as risk

Facts = dict[str, object]

_STANDING = (Authorization.State.VALID, Authorization.State.SUSPENDED)
EVER_GRANTED = (Waiver.State.GRANTED, Waiver.State.ENDED, Waiver.State.REVOKED)


def granted_to(version_ids: Iterable[int]) -> Mapping[int, Sequence[Waiver]]:
    """Return every waiver ever granted to some versions, by version, in one query.

    A waiver is read once for each obligation it covers, so that those need no query of their own.
    """
    granted = Waiver.objects.filter(version__in=version_ids, state__in=EVER_GRANTED)
    read = granted.annotate(covered_pk=F("covers__obligation_id")).order_by("pk", "covered_pk")
    found: dict[int, list[Waiver]] = defaultdict(list)
    for _, rows in groupby(read, key=lambda row: row.pk):
        waiver, *more = rows
        covered = (row.covered_pk for row in (waiver, *more) if row.covered_pk is not None)
        waiver.covered = frozenset(map(risk.Obligation.RECORD.id_of, covered))
        found[waiver.version_id].append(waiver)
    return found


def granted_before(waiver: Waiver) -> int:
    """Return how often the same was waived before by waivers that were granted."""
    granted = granted_to([waiver.version_id]).get(waiver.version_id, ())
    earlier = [one for one in granted if one.pk < waiver.pk]
    return times_granted(waiver.condition, waiver.covered, earlier)


def times_granted(condition: str, covered: Collection[str], granted: Iterable[Waiver]) -> int:
    """Return how often a condition was waived; with obligations, the one of them most often."""
    same = [one for one in granted if one.condition == condition]
    return max(sum(_is_about(one, each) for one in same) for each in covered or (None,))


def standing_for(
    condition: str, covered: Collection[str], granted: Sequence[Waiver]
) -> Waiver | None:
    """Return a waiver that was granted for the same and was not revoked since, or nothing."""
    newest_first = [one for one in reversed(granted) if one.condition == condition]
    for each in covered or (None,):
        newest = next((one for one in newest_first if _is_about(one, each)), None)
        if newest is not None and newest.state != Waiver.State.REVOKED:
            return newest
    return None


def counting(waivers: Sequence[Waiver], rules: Rules | None, *, on: date) -> list[Waiver]:
    """Return which of all the waivers ever granted to a version stand in for something on a day.

    One counts only while the policy asks for no more, at the tier the model is gated at now, than
    the terms it was signed on.
    """
    if rules is None:
        return []
    return [
        one
        for number, one in _numbered(waivers)
        if one.holds(on) and not rules.asks_beyond(one, number)
    ]


def covered_by(counted: Iterable[Waiver]) -> Mapping[str, frozenset[str]]:
    """Return for which conditions some waivers cover each obligation, by its id."""
    found: dict[str, set[str]] = defaultdict(set)
    for waiver in counted:
        for each in waiver.covered:
            found[each].add(waiver.condition)
    return {each: frozenset(conditions) for each, conditions in found.items()}


def is_stood_in_for(waiver: Waiver, counted: Iterable[Waiver]) -> bool:
    """Say whether waivers that count waive all that another one does."""
    same = [one for one in counted if one.condition == waiver.condition]
    return bool(same) and waiver.covered <= {each for one in same for each in one.covered}


def is_for_the_same(waiver: Waiver, other: Waiver) -> bool:
    """Say whether a waiver is to the same condition as another, and shares what that covers."""
    is_shared = not waiver.covered or bool(waiver.covered & other.covered)
    return waiver.condition == other.condition and is_shared


def waived(counted: Iterable[Waiver], policy: Policy, owed: Sequence[Obligation]) -> list[str]:
    """Return the conditions that waivers waive, whose obligations they must cover one and all.

    ``owed`` are the obligations that are counted as blocking.
    """
    return sorted(
        condition
        for condition in {one.condition for one in counted}
        if not _asks_obligations(policy, condition)
        or all(condition in one.waived_for for one in owed)
    )


def lapsed(
    waivers: Sequence[Waiver],
    authorization: Authorization | None,
    counted: Sequence[Waiver],
    owed: Sequence[Obligation],
) -> set[str]:
    """Return the conditions a standing authorization relies on waivers of that count no more.

    One that covered obligations is missed only while one of them is open.
    """
    open_now = {one.id for one in owed}
    return {
        one.condition
        for one in _relied_on(waivers, authorization)
        if not is_stood_in_for(one, counted) and (not one.covered or one.covered & open_now)
    }


def unmet(policy: Policy, conditions: Iterable[str], known: Mapping[str, object]) -> int:
    """Return how many conditions are not met now.

    ``known`` are the facts about a version, with the settings of its tier.
    """
    return sum(_is_unmet(policy, condition, known) for condition in conditions)


def _numbered(waivers: Sequence[Waiver]) -> Iterator[tuple[int, Waiver]]:
    """Yield each waiver with how often the same was waived before it."""
    for place, waiver in enumerate(waivers):
        yield times_granted(waiver.condition, waiver.covered, waivers[:place]), waiver


def _is_about(waiver: Waiver, obligation: str | None) -> bool:
    """Say whether a waiver is about an obligation; about none in particular, it always is."""
    return obligation is None or obligation in waiver.covered


def _asks_obligations(policy: Policy, condition_id: str) -> bool:
    condition = policy.condition_or_none(condition_id)
    return condition is not None and condition.asks_obligations


def _relied_on(waivers: Sequence[Waiver], authorization: Authorization | None) -> list[Waiver]:
    """Return the waivers without which a standing authorization would not have been granted."""
    if authorization is None or authorization.state not in _STANDING:
        return []
    relied = set(authorization.waiver_ids)
    return [waiver for waiver in waivers if waiver.pk in relied]


def _is_unmet(policy: Policy, condition_id: str, known: Mapping[str, object]) -> bool:
    """Say whether a condition fails; one the policy has no longer asks nothing of anybody."""
    condition = policy.condition_or_none(condition_id)
    if condition is None:
        return False
    try:
        return not condition.expression.evaluate(known)
    except ExpressionError:
        return True
