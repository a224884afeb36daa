"""What a policy owes to those before it: a higher number, and ids that keep their meaning."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from apps.approvals.policies.parts import Policy

Meanings = dict[tuple[str, str], object]


@dataclass(frozen=True)
class Earlier:
    """The policies that were ever in force."""

    numbers: Collection[tuple[str, str]]
    """Their ids and versions."""
    last: Policy | None
    read: Callable[[], Iterable[Policy]]
    """Reads all of them, the oldest first; it takes long once there are many."""


def problems(proposed: Policy, earlier: Earlier, shipped: Iterable[Policy]) -> Iterator[str]:
    """Say why a policy cannot follow others that were in force."""
    yield from _number_problems(proposed, earlier.numbers, shipped)
    yield from _id_problems(proposed, earlier)


def _number_problems(
    proposed: Policy, numbers: Collection[tuple[str, str]], shipped: Iterable[Policy]
) -> Iterator[str]:
    used = [number for name, number in numbers if name == proposed.id]
    highest = max(used, key=_number, default=None)
    if highest is not None and _number(proposed.version) <= _number(highest):
        yield (
            f"version: {proposed.version} is not higher than {highest}, which was "
            "published. Give it a higher number."
        )
    for one in shipped:
        is_same = proposed.id == one.id and proposed.version == one.version
        if is_same and proposed.digest != one.digest:
            yield (
                f"version: {one.version} of {one.id} comes with Signet and says something else. "
                "Give it a higher number, or another id."
            )


def _id_problems(proposed: Policy, earlier: Earlier) -> Iterator[str]:
    """Say which ids come back with another meaning; what is still there may be changed."""
    if earlier.last is None:
        return
    there, meant = _meanings(earlier.last), _meanings(proposed)
    added = {named: meaning for named, meaning in meant.items() if named not in there}
    if not added:
        return
    known = Meanings()
    for one in earlier.read():
        known |= _meanings(one)
    for (kind, name), meaning in added.items():
        if (kind, name) in known and known[kind, name] != meaning:
            yield (
                f"The {kind} {name} was in an earlier policy and meant something else. An id is "
                "never used again: give it another one."
            )


def _meanings(policy: Policy) -> Meanings:
    return {
        **{("condition", one.id): one.expression.source for one in policy.conditions},
        **{("role", one.id): (one.title, one.line) for one in policy.roles},
        **{("evidence type", one.id): (one.title, one.binds_to) for one in policy.evidence_types},
    }


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
