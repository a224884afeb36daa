"""Differences of the catalog of conditions and of how a transition asks them."""

from collections.abc import Iterator, Sequence

from apps.approvals.policies.differences.difference import (
    AtTier,
    Difference,
    Effect,
    Part,
    added,
    in_both,
    removed,
    rest,
    stricter_word,
    told_together,
)

_STRENGTH = stricter_word(("skip", "warn", "block"))
_NOW = {"skip": "is skipped", "warn": "warns", "block": "blocks"}
_WAS = {"skip": "was skipped", "warn": "warned", "block": "blocked"}
_TIERS = ("1", "2", "3", "4")
_NOWHERE = dict.fromkeys(_TIERS, "skip")

Titles = dict[str, str]


def of_catalog(before: Sequence[Part], after: Sequence[Part]) -> Iterator[Difference]:
    """Yield what is different about the conditions themselves, whoever asks them."""
    for _, old, new in in_both(before, after):
        if old is None and new is not None:
            words = f"Condition '{new['title']}' is new."
            yield Difference("Conditions", words, added(is_stricter=True))
        elif new is None and old is not None:
            words = f"Condition '{old['title']}' is gone."
            yield Difference("Conditions", words, removed(is_stricter=True))
        elif old is not None and new is not None:
            yield from _of_condition(old, new)


def _of_condition(old: Part, new: Part) -> Iterator[Difference]:
    name = f"Condition '{new['title']}'"
    if old["waivable"] != new["waivable"]:
        words = "can be waived now" if new["waivable"] else "cannot be waived any more"
        effect = added(is_stricter=not new["waivable"])
        yield Difference("Conditions", f"{name} {words}.", effect)
    if old["expr"] != new["expr"]:
        yield Difference("Conditions", f"{name} has another expression.", Effect.CHANGES)
    if old["title"] != new["title"]:
        words = f"{name} was called '{old['title']}'."
        yield Difference("Conditions", words, Effect.CHANGES)
    yield from rest("Conditions", name, old, new, ("waivable", "expr", "title"))


def of_asking(
    area: str, before: Sequence[Part], after: Sequence[Part], titles: Titles
) -> Iterator[Difference]:
    """Yield what is different about how one transition asks its conditions."""
    old, new = _by_condition(before), _by_condition(after)
    for condition in (*old, *(name for name in new if name not in old)):
        name = f"Condition '{titles.get(condition, condition)}'"
        was, now = old.get(condition, []), new.get(condition, [])
        if len(was) > 1 or len(now) > 1:
            if was != now:
                yield Difference(area, f"{name} is asked otherwise.", Effect.CHANGES)
        else:
            yield from _of_use(area, name, next(iter(was), None), next(iter(now), None))


def _by_condition(uses: Sequence[Part]) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = {}
    for use in uses:
        found.setdefault(use["condition"], []).append(use)
    return found


def _of_use(area: str, name: str, old: Part | None, new: Part | None) -> Iterator[Difference]:
    was, now = (old or {}).get("tiers", _NOWHERE), (new or {}).get("tiers", _NOWHERE)
    yield from told_together(area, _strengths(name, was, now))
    if (old is None) != (new is None) and was == now:
        words = "is asked at no tier" if old is None else "was asked at no tier and is gone"
        yield Difference(area, f"{name} {words}.", Effect.CHANGES)
    if old is not None and new is not None:
        yield from of_when(area, name, old, new)


def _strengths(name: str, was: Part, now: Part) -> Iterator[AtTier]:
    for tier in _TIERS:
        old, new = was[tier], now[tier]
        if old != new:
            is_stricter = _STRENGTH(new) > _STRENGTH(old)
            words = f"{name} {_NOW[new]} {{at}} where it {_WAS[old]}."
            yield AtTier(tier, words, added(is_stricter=is_stricter))


def of_when(area: str, name: str, old: Part, new: Part) -> Iterator[Difference]:
    """Yield what is different about when something is asked at all."""
    was, now = old.get("when"), new.get("when")
    if was == now:
        return
    if was is None:
        yield Difference(area, f"{name} is asked only sometimes now.", Effect.LOOSENS)
    elif now is None:
        yield Difference(area, f"{name} is always asked now.", Effect.TIGHTENS)
    else:
        yield Difference(area, f"{name} is asked in other cases.", Effect.CHANGES)
