"""Differences of transitions: their slots, their people, and how they go in an emergency."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.approvals.policies.differences import conditions
from apps.approvals.policies.differences.amounts import of_amount
from apps.approvals.policies.differences.conditions import Titles
from apps.approvals.policies.differences.difference import (
    AtTier,
    Difference,
    Effect,
    Part,
    added,
    in_both,
    more,
    removed,
    rest,
    told_together,
)

_NOBODY = dict.fromkeys(("1", "2", "3", "4"), 0)
_TOLD = frozenset(
    {
        "conditions",
        "sign_offs",
        "distinct_approvers",
        "cooling_off_days",
        "emergency",
        "modes",
        "carried_out_by",
    }
)


def of_transitions(before: Part, after: Part) -> Iterator[Difference]:
    """Yield what is different about the moves that policies allow, and their gates."""
    titles = {part["id"]: part["title"] for part in (*before["conditions"], *after["conditions"])}
    roles = {part["id"]: part["title"] for part in (*before["roles"], *after["roles"])}
    for _, old, new in in_both(before["transitions"], after["transitions"]):
        if old is None and new is not None:
            words = "There is a gate for this move now; without one it was not possible."
            yield Difference(new["title"], words, Effect.LOOSENS)
        elif new is None and old is not None:
            words = "There is no gate for this move any more, so it is not possible."
            yield Difference(old["title"], words, Effect.TIGHTENS)
        elif old is not None and new is not None:
            yield from _of_transition(old, new, titles, roles)


def _of_transition(old: Part, new: Part, titles: Titles, roles: Titles) -> Iterator[Difference]:
    area = str(new["title"])
    yield from conditions.of_asking(area, old["conditions"], new["conditions"], titles)
    yield from _of_slots(area, old["sign_offs"], new["sign_offs"], roles)
    yield from told_together(area, _numbers(old, new))
    yield from _of_carrying_out(area, old, new)
    yield from _of_emergency(area, old.get("emergency"), new.get("emergency"), roles)
    yield from rest(area, "The move", old, new, _TOLD)


def _of_slots(area: str, old: Part, new: Part, roles: Titles) -> Iterator[Difference]:
    found = [one for tier in sorted(old) for one in _slots_at(tier, old[tier], new[tier], roles)]
    yield from told_together(area, found)


def _slots_at(
    tier: str, before: Sequence[Part], after: Sequence[Part], roles: Titles
) -> Iterator[AtTier]:
    for role, old, new in in_both(before, after, key="role"):
        name = f"Slot '{roles.get(role, role)}'"
        if old is None and new is not None:
            words = f"{name} is new {{at}}{_of_count(new['count'])}."
            yield AtTier(tier, words, added(is_stricter=True))
        elif new is None and old is not None:
            words = f"{name} is gone {{at}}{_of_count(old['count'])}."
            yield AtTier(tier, words, removed(is_stricter=True))
        elif old is not None and new is not None:
            yield from _slot_at(tier, name, old, new)


def _of_count(count: int) -> str:
    return f", with {count} people" if count > 1 else ""


def _slot_at(tier: str, name: str, old: Part, new: Part) -> Iterator[AtTier]:
    if old["count"] != new["count"]:
        words = f"{name} asks for {new['count']} instead of {old['count']} people {{at}}."
        yield AtTier(tier, words, more(old["count"], new["count"], is_stricter=True))
    for told in conditions.of_when("", f"{name} {{at}}", old, new):
        yield AtTier(tier, told.words, told.effect)
    for told in rest("", f"{name} {{at}}", old, new, ("role", "count", "when")):
        yield AtTier(tier, told.words, told.effect)


def _numbers(old: Part, new: Part) -> Iterator[AtTier]:
    """Yield other numbers of people and of days to wait."""
    told = {
        "distinct_approvers": "{new} instead of {old} different people must sign {{at}}.",
        "cooling_off_days": "{new} instead of {old} days pass {{at}} after the last sign-off.",
    }
    for key, words in told.items():
        was, now = old.get(key, _NOBODY), new.get(key, _NOBODY)
        for tier in sorted(was):
            if was[tier] != now[tier]:
                said = words.format(new=now[tier], old=was[tier])
                yield AtTier(tier, said, more(was[tier], now[tier], is_stricter=True))


def _of_carrying_out(area: str, old: Part, new: Part) -> Iterator[Difference]:
    was, now = old.get("carried_out_by", "operator"), new.get("carried_out_by", "operator")
    if was != now:
        is_automatic = now == "policy"
        who = "by itself once its gate is open" if is_automatic else "by an operator"
        effect = added(is_stricter=not is_automatic)
        yield Difference(area, f"The move is carried out {who}.", effect)


def _of_emergency(
    area: str, old: Part | None, new: Part | None, roles: Titles
) -> Iterator[Difference]:
    if old is None and new is not None:
        yield Difference(area, "The move can be made in an emergency now.", Effect.LOOSENS)
    elif new is None and old is not None:
        yield Difference(area, "The move has no emergency mode any more.", Effect.TIGHTENS)
    elif old is not None and new is not None:
        found = [*_people_in_emergency(old, new), *roles_by_tier(
            old["ratification"], new["ratification"], roles, "confirms afterwards {at}"
        )]  # fmt: skip
        yield from told_together(area, found)
        yield from _exempt(area, old.get("sod_exempt", ()), new.get("sod_exempt", ()))
        yield from of_amount(
            area,
            "The time to confirm an emergency, in hours,",
            old["ratify_within_hours"],
            new["ratify_within_hours"],
        )
        told = ("distinct_approvers", "ratification", "sod_exempt", "ratify_within_hours")
        yield from rest(area, "The emergency mode", old, new, told)


def _people_in_emergency(old: Part, new: Part) -> Iterator[AtTier]:
    was, now = old["distinct_approvers"], new["distinct_approvers"]
    for tier in sorted(was):
        if was[tier] != now[tier]:
            words = f"{now[tier]} instead of {was[tier]} people act in an emergency {{at}}."
            yield AtTier(tier, words, more(was[tier], now[tier], is_stricter=True))


def roles_by_tier(
    old: Mapping[str, Any], new: Mapping[str, Any], roles: Titles, does: str
) -> Iterator[AtTier]:
    """Yield the roles that have, or no longer have, to do something at each tier."""
    for tier in sorted(old):
        for role in new[tier]:
            if role not in old[tier]:
                yield AtTier(tier, f"{roles.get(role, role)} {does} now.", Effect.TIGHTENS)
        for role in old[tier]:
            if role not in new[tier]:
                words = f"{roles.get(role, role)} {does} no longer."
                yield AtTier(tier, words, Effect.LOOSENS)
        if sorted(old[tier]) == sorted(new[tier]) and old[tier] != new[tier]:
            yield AtTier(tier, f"The order of who {does} is another.", Effect.CHANGES)


def _exempt(area: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Difference]:
    for duty in new:
        if duty not in old:
            words = f"In an emergency the duty '{duty}' is not asked any more."
            yield Difference(area, words, Effect.LOOSENS)
    for duty in old:
        if duty not in new:
            words = f"The duty '{duty}' is asked in an emergency too."
            yield Difference(area, words, Effect.TIGHTENS)
