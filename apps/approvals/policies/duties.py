"""What a policy's duties come to for the people there are: who is missing, who could act alone.

Pure: people with the roles they hold come in. The model is one that nobody of them built or owns,
so who is said to be alone could be so on some model, and a slot nobody can fill stays empty on all.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from apps.accounts.roles import permissions_of
from apps.approvals import vocabulary
from apps.approvals.policies.gate import Gate, gate_of
from apps.approvals.policies.parts import TIERS, Mode, Policy, SlotRule, Transition
from apps.core.expressions import Expression, ExpressionError

REQUEST, PROMOTE = "catalog.request_promotion", "catalog.promote_version"
RETIRE, ROLL_BACK = "catalog.retire_version", "catalog.roll_back_version"
SIGN = "catalog.sign_off"
ROLLBACK = "rollback"
Able = Mapping[tuple[str, int, str], frozenset[str]]
"""The ids of those who may fill a slot: by transition, tier and role."""
_NOBODY: Able = MappingProxyType({})
_RETIRED = frozenset({"archived", "decommissioned"})
_ELSEWHERE = "another unit"


@dataclass(frozen=True)
class Person:
    """Somebody who could take part: what duties read of them, and the roles they hold."""

    id: str
    name: str
    roles: frozenset[str]
    facts: Mapping[str, object] = field(compare=False, hash=False)

    @cached_property
    def permissions(self) -> frozenset[str]:
        return permissions_of(self.roles)


@dataclass(frozen=True)
class Unfilled:
    """A slot with fewer people who may fill it than it asks for."""

    transition: str
    tier: int
    role: str
    needed: int
    found: int


@dataclass(frozen=True)
class Alone:
    """Who could ask for a move, sign all it needs and carry it out, with nobody else."""

    transition: str
    tier: int
    mode: Mode
    people: tuple[Person, ...]


class Simulation:
    """Holds people against the duties of one policy; what was found out once is not asked again."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._known: dict[tuple[object, ...], bool] = {}
        self._facts = _nobody_in_particular()

    def able(self, people: Sequence[Person]) -> Able:
        """Return who may fill each slot."""
        return {
            (gate.transition.id, gate.tier, slot.role): frozenset(
                one.id for one in people if self._may_sign(one, slot, gate, acts="")
            )
            for gate in self._gates(TIERS)
            for slot in gate.slots
        }

    def unfilled(
        self, people: Sequence[Person], tiers: Collection[int] = TIERS, *, others: Able = _NOBODY
    ) -> Iterator[Unfilled]:
        """Yield the slots that are always asked and that too few people may fill.

        ``others`` are those found able before, beside the people given.
        """
        given = {one.id for one in people}
        for gate in self._gates(tiers):
            for slot in gate.slots:
                key = (gate.transition.id, gate.tier, slot.role)
                able = [one for one in people if self._may_sign(one, slot, gate, acts="")]
                found = len(able) + len(others.get(key, frozenset()) - given)
                if slot.when is None and found < slot.count:
                    yield Unfilled(*key, slot.count, found)

    def alone(self, people: Sequence[Person], tiers: Collection[int] = TIERS) -> Iterator[Alone]:
        """Yield the moves that somebody could push through alone, and who."""
        for gate in self._gates(tiers):
            able = tuple(one for one in people if self._may_push(one, gate))
            if able:
                yield Alone(gate.transition.id, gate.tier, Mode.STANDARD, able)
            if gate.transition.emergency is not None:
                acting = tuple(one for one in people if ROLL_BACK in one.permissions)
                if acting:
                    yield Alone(gate.transition.id, gate.tier, Mode.EMERGENCY, acting)

    def _gates(self, tiers: Iterable[int]) -> Iterator[Gate]:
        for transition in self.policy.transitions:
            for tier in tiers:
                yield gate_of(self.policy, transition.id, tier)

    def _may_push(self, person: Person, gate: Gate) -> bool:
        """Say whether one person may do all of it; nobody sits in two seats of a gate."""
        if not needed_to_push(gate.transition) <= person.permissions:
            return False
        asked = [slot for slot in gate.slots if slot.when is None]
        if gate.distinct_needed > 1 or sum(slot.count for slot in asked) > 1:
            return False
        if gate.distinct_needed and not asked:
            return any(self._may_sign(person, one, gate, acts=person.id) for one in gate.slots)
        return all(self._may_sign(person, slot, gate, acts=person.id) for slot in asked)

    def _may_sign(self, person: Person, slot: SlotRule, gate: Gate, *, acts: str) -> bool:
        """Say whether a person may sign; ``acts`` asked for the move and carries it out."""
        if slot.role not in person.roles or SIGN not in person.permissions:
            return False
        key = (person.id, person.roles, slot.role, slot.meaning, gate.digest, acts)
        if key not in self._known:
            self._known[key] = not self._is_refused(person, slot, gate, acts)
        return self._known[key]

    def _is_refused(self, person: Person, slot: SlotRule, gate: Gate, acts: str) -> bool:
        transition = self._facts["transition"]
        assert isinstance(transition, Mapping)
        facts = {
            **self._facts,
            "settings": gate.settings,
            "actor": person.facts,
            "approval": {"role": slot.role, "meaning": slot.meaning},
            "transition": {**transition, "requested_by": acts, "executor_id": acts},
        }
        asked = (rule for rule in gate.duties if rule.concerns(slot.role, gate.tier))
        return not all(_holds(rule.expression, facts) for rule in asked)


def needed_to_push(transition: Transition) -> frozenset[str]:
    """Return what somebody needs to ask for a move and to carry it out."""
    if transition.id == ROLLBACK:
        return frozenset({ROLL_BACK})
    if transition.is_automatic:
        return frozenset({REQUEST})
    return frozenset({REQUEST, RETIRE if transition.to in _RETIRED else PROMOTE})


def _holds(expression: Expression, facts: Mapping[str, object]) -> bool:
    try:
        return expression.evaluate(facts)
    except ExpressionError:
        return False


def _nobody_in_particular() -> dict[str, object]:
    """Return the facts of a version that nobody who signs has to do with."""
    facts: dict[str, object] = {}
    for root in vocabulary.built_in().roots:
        if root.field is not None:
            facts[root.name] = root.field.default
        elif not root.keyed_by:
            facts[root.name] = {name: one.default for name, one in root.fields.items()}
    model, version = facts["model"], facts["version"]
    transition = facts["transition"]
    assert isinstance(model, dict)
    assert isinstance(version, dict)
    assert isinstance(transition, dict)
    model |= {"owner_id": "", "owner_org_unit": _ELSEWHERE, "past_owner_ids": []}
    version |= {"contributors": []}
    transition |= {"evidence_submitters": []}
    return facts | {"sign_offs": []}
