"""What policies read of waivers: those that count, and those relied on that count no more."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from apps.approvals.models import Authorization, Waiver
from apps.approvals.policies import Policy
from apps.approvals.waiver_rules import Rules
from apps.core.expressions import ExpressionError

Facts = dict[str, object]

_STANDING = (Authorization.State.VALID, Authorization.State.SUSPENDED)
EVER_GRANTED = (Waiver.State.GRANTED, Waiver.State.ENDED, Waiver.State.REVOKED)


def granted_to(version_ids: Iterable[int]) -> Mapping[int, Sequence[Waiver]]:
    """Return every waiver ever granted to some versions, by version, in one query."""
    granted = Waiver.objects.filter(version__in=version_ids, state__in=EVER_GRANTED)
    found: dict[int, list[Waiver]] = defaultdict(list)
    for waiver in granted.order_by("pk"):
        found[waiver.version_id].append(waiver)
    return found


def granted_before(waiver: Waiver) -> int:
    """Return how many waivers of the same condition were granted before one."""
    earlier = Waiver.objects.filter(version=waiver.version_id, condition=waiver.condition)
    return earlier.filter(state__in=EVER_GRANTED, pk__lt=waiver.pk).count()


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


def waivers_of(
    waivers: Sequence[Waiver], authorization: Authorization | None, rules: Rules | None, *, on: date
) -> Facts:
    """Return what a policy reads of one version's waivers on a day, at the tier of its rules."""
    waived = sorted({one.condition for one in counting(waivers, rules, on=on)})
    return {
        "active": len(waived),
        "waived_conditions": waived,
        "expired_in_use": len(_relied_on(waivers, authorization).difference(waived)),
    }


def still_relied_on(
    waivers: Sequence[Waiver],
    authorization: Authorization | None,
    policy: Policy,
    known: Mapping[str, object],
) -> Facts:
    """Return how many waivers that count no more are still needed: their condition is not met now.

    ``known`` are the other facts about the version, with the settings of its tier.
    """
    told = known["waivers"]
    assert isinstance(told, Mapping)
    if told["expired_in_use"] == 0:
        return {}
    needed = _relied_on(waivers, authorization).difference(told["waived_conditions"])
    unmet = sum(_is_unmet(policy, condition, known) for condition in needed)
    return {"waivers": {**told, "expired_in_use": unmet}}


def _numbered(waivers: Sequence[Waiver]) -> Iterator[tuple[int, Waiver]]:
    """Yield each waiver with how many of its condition were granted before it."""
    granted: dict[str, int] = defaultdict(int)
    for waiver in waivers:
        yield granted[waiver.condition], waiver
        granted[waiver.condition] += 1


def _relied_on(waivers: Sequence[Waiver], authorization: Authorization | None) -> set[str]:
    """Return the conditions a standing authorization was granted without."""
    if authorization is None or authorization.state not in _STANDING:
        return set()
    relied = set(authorization.waiver_ids)
    return {waiver.condition for waiver in waivers if waiver.pk in relied}


def _is_unmet(policy: Policy, condition_id: str, known: Mapping[str, object]) -> bool:
    """Say whether a condition fails; one the policy has no longer asks nothing of anybody."""
    condition = policy.condition_or_none(condition_id)
    if condition is None:
        return False
    try:
        return not condition.expression.evaluate(known)
    except ExpressionError:
        return True
