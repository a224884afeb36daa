"""One difference between two policies: in words, with what it does to gates."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

Part: TypeAlias = Mapping[str, Any]
"""A part of a policy as it was read: a condition, a slot, a tier."""


class Effect(StrEnum):
    """What a difference does; what cannot be told to be only stricter never tightens."""

    LOOSENS = "loosens"
    CHANGES = "changes"
    TIGHTENS = "tightens"


@dataclass(frozen=True)
class Difference:
    """What one policy says otherwise than another, in a sentence."""

    area: str
    words: str
    effect: Effect

    @property
    def is_stricter(self) -> bool:
        """Whether nobody has to look twice."""
        return self.effect is Effect.TIGHTENS


@dataclass(frozen=True)
class AtTier:
    """What is different at one tier; ``words`` hold ``{at}`` where the tiers are named."""

    tier: str
    words: str
    effect: Effect


def more(before: float, after: float, *, is_stricter: bool) -> Effect:
    """Return the effect of another number, which makes stricter when it grows, or when it falls."""
    return Effect.TIGHTENS if (after > before) is is_stricter else Effect.LOOSENS


def added(*, is_stricter: bool) -> Effect:
    """Return the effect of something that was not there before."""
    return Effect.TIGHTENS if is_stricter else Effect.LOOSENS


def removed(*, is_stricter: bool) -> Effect:
    """Return the effect of taking away what makes a policy stricter, or looser, while there."""
    return added(is_stricter=not is_stricter)


def told_together(area: str, found: Iterable[AtTier]) -> Iterator[Difference]:
    """Yield differences that are the same at several tiers as one."""
    tiers: dict[tuple[str, Effect], list[str]] = {}
    for one in found:
        tiers.setdefault((one.words, one.effect), []).append(one.tier)
    for (words, effect), at in tiers.items():
        yield Difference(area, words.replace("{at}", at_tiers(at)), effect)


def at_tiers(tiers: Sequence[str]) -> str:
    """Return tiers in words: "at tier 3", "at tiers 1 and 2", "at every tier"."""
    if len(tiers) == 4:
        return "at every tier"
    *first, last = sorted(tiers)
    return f"at tiers {', '.join(first)} and {last}" if first else f"at tier {last}"


def in_both(
    before: Sequence[Part], after: Sequence[Part], key: str = "id"
) -> Iterator[tuple[str, Part | None, Part | None]]:
    """Yield the parts of two lists by their id, each beside the one of the same id, if any."""
    old = {str(part[key]): part for part in before}
    new = {str(part[key]): part for part in after}
    for name in (*old, *(name for name in new if name not in old)):
        if old.get(name) != new.get(name):
            yield name, old.get(name), new.get(name)


def rest(
    area: str, name: str, before: Part, after: Part, told: Iterable[str]
) -> Iterator[Difference]:
    """Yield one difference for all keys of a part that nothing else tells."""
    keys = dict.fromkeys((*before, *after))
    others = [key for key in keys if key not in set(told) and before.get(key) != after.get(key)]
    if others:
        said = " and ".join(", ".join(map(in_words, others)).rsplit(", ", 1))
        yield Difference(area, f"{name} has another {said}.", Effect.CHANGES)


def in_words(key: str) -> str:
    """Return the name of a key as people read it."""
    return _NAMES.get(key, key.replace("_", " "))


_NAMES = {
    "expr": "expression",
    "fail_message": "message",
    "remediation": "remedy",
    "cites": "source",
    "nobody_who": "wording",
    "from": "stage it starts from",
    "to": "stage it leads to",
    "law_as_of": "date of the law",
    "on_success": "list of what follows",
    "if_not_ratified": "consequence when nobody confirms",
    "report_to": "list of roles that are told",
    "withdraw_allowed_before_effect": "rule on taking a sign-off back",
}


Ordered: TypeAlias = Callable[[Any], int]
"""How strict one of several words is."""


def stricter_word(words: Sequence[str]) -> Ordered:
    """Return how strict a word is, by its place in a list that begins with the loosest."""
    return list(words).index
