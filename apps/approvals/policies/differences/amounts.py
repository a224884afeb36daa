"""Differences of the numbers a policy works with: settings, ages, amounts."""

from collections.abc import Iterator, Mapping, Sequence

from apps.approvals.policies.differences.difference import (
    AtTier,
    Difference,
    Effect,
    Part,
    in_words,
    more,
    rest,
    told_together,
)

SHORTER_IS_STRICTER = frozenset(
    {
        "approval_valid_days",
        "assessment_max_age_days",
        "authorization_valid_days",
        "conditional_approval_max_days",
        "emergency_ratification_hours",
        "finding_due_days",
        "max_open_high_findings",
        "max_open_medium_findings",
        "monitoring_max_interval_days",
        "owner_attestation_months",
        "periodic_review_months",
        "retiering_months",
        "revalidation_months",
        "risk_acceptance_max_days",
        "rollback_test_max_age_days",
        "scan_max_age_days",
        "validation_max_age_days",
        "waiver_max_days",
        "waiver_max_renewals",
    }
)
MORE_IS_STRICTER = frozenset(
    {
        "documentation_min_completeness",
        "min_distinct_approvers",
        "retention_years_after_decommission",
    }
)
"""Settings whose direction is known; of any other nobody can tell what a number does."""


def of_tiers(before: Sequence[Part], after: Sequence[Part]) -> Iterator[Difference]:
    """Yield other settings and titles of tiers."""
    old = {str(tier["tier"]): tier for tier in before}
    new = {str(tier["tier"]): tier for tier in after}
    found = [one for tier in sorted(old) for one in _settings(tier, old[tier], new[tier])]
    yield from told_together("Settings", found)
    for tier in sorted(old):
        yield from rest("Settings", f"Tier {tier}", old[tier], new[tier], ("tier", "settings"))


def _settings(tier: str, old: Part, new: Part) -> Iterator[AtTier]:
    was, now = old["settings"], new["settings"]
    for name in dict.fromkeys((*was, *now)):
        said = f"'{in_words(name)}'"
        if name not in was:
            yield AtTier(tier, f"Setting {said} is new {{at}}.", Effect.CHANGES)
        elif name not in now:
            yield AtTier(tier, f"Setting {said} is gone {{at}}.", Effect.CHANGES)
        elif was[name] != now[name] or type(was[name]) is not type(now[name]):
            yield from _setting(tier, name, said, was[name], now[name])


def _setting(tier: str, name: str, said: str, was: object, now: object) -> Iterator[AtTier]:
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys((*was, *now)):
            if was.get(key) != now.get(key):
                yield from _setting(tier, name, f"{said} of '{key}'", was.get(key), now.get(key))
        return
    words = f"Setting {said} is {_value(now)} instead of {_value(was)} {{at}}."
    yield AtTier(tier, words, _effect(name, was, now))


def _value(value: object) -> str:
    return "not there" if value is None else str(value).lower()


def _effect(name: str, was: object, now: object) -> Effect:
    if not _is_number(was) or not _is_number(now) or was == now:
        return Effect.CHANGES
    assert isinstance(was, int | float)
    assert isinstance(now, int | float)
    if name in SHORTER_IS_STRICTER:
        return more(was, now, is_stricter=False)
    if name in MORE_IS_STRICTER:
        return more(was, now, is_stricter=True)
    return Effect.CHANGES


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def of_amount(area: str, what: str, was: int | str, now: int | str) -> Iterator[Difference]:
    """Yield another amount that makes looser when it grows; a setting has its own difference."""
    if was == now:
        return
    words = f"{what} is {_amount(now)} instead of {_amount(was)}."
    is_told = isinstance(was, int) and isinstance(now, int)
    effect = more(int(was), int(now), is_stricter=False) if is_told else Effect.CHANGES
    yield Difference(area, words, effect)


def _amount(amount: int | str) -> str:
    if isinstance(amount, int):
        return str(amount)
    return f"the setting '{in_words(amount.removeprefix('settings.'))}'"


def of_evidence_types(old: Part, new: Part) -> Iterator[Difference]:
    """Yield how long evidence of a type stays valid, where that is another time; 0 is for ever."""
    was, now = old["max_age_days"], new["max_age_days"]
    if was == now:
        return
    effect = more(was or float("inf"), now or float("inf"), is_stricter=False)
    words = f"Evidence '{new['title']}' is valid for {_days(now)} instead of {_days(was)}."
    yield Difference("Evidence", words, effect)


def _days(days: int) -> str:
    return f"{days} days" if days else "ever"
