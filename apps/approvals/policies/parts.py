"""The parts of a parsed policy; all of them immutable, every expression compiled."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from apps.core.errors import NotFound
from apps.core.expressions import Expression

TIERS = (1, 2, 3, 4)
"""Risk tiers, strictest first."""


class Enforcement(StrEnum):
    """What a condition does to a gate at one tier."""

    BLOCK = "block"
    WARN = "warn"
    SKIP = "skip"


@dataclass(frozen=True)
class Role:
    """A role that a policy gives slots to, with its line of defense."""

    id: str
    title: str
    line: str


@dataclass(frozen=True)
class Tier:
    """A risk tier, 1 (critical) to 4 (low), and the numbers that hold at it."""

    number: int
    title: str
    settings: Mapping[str, object]


@dataclass(frozen=True)
class Floor:
    """A reason to gate a model at least as strictly as one tier, whatever tier is recorded."""

    id: str
    tier: int
    when: Expression
    reason: str


@dataclass(frozen=True)
class Condition:
    """One line of a policy about facts and evidence, true or false."""

    id: str
    title: str
    category: str
    waivable: bool
    expression: Expression
    fail_message: str
    remediation: str
    cites: tuple[str, ...]


@dataclass(frozen=True)
class GateCondition:
    """A condition as one transition asks it: when, and how strictly at each tier."""

    condition: Condition
    when: Expression | None
    enforcement: Mapping[int, Enforcement]


@dataclass(frozen=True)
class SlotRule:
    """A slot of a gate: how many people of one role must sign, and what their signature means."""

    role: str
    title: str
    count: int
    meaning: str
    when: Expression | None

    @property
    def signer(self) -> str:
        """The role as one person of it: "an independent validator"."""
        is_word = self.title[1:2].islower()
        name = self.title[0].lower() + self.title[1:] if is_word else self.title
        return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


@dataclass(frozen=True)
class SeparationRule:
    """A rule of separation of duties; its title says why a person who breaks it may not sign."""

    id: str
    title: str
    tiers: frozenset[int]
    exempt_roles: frozenset[str]
    exempt_roles_by_tier: Mapping[int, frozenset[str]]
    applies_to_roles: frozenset[str]
    expression: Expression
    cites: tuple[str, ...]

    def concerns(self, role: str, tier: int) -> bool:
        """Say whether the rule is asked of a signer in this role at this tier."""
        exempt = self.exempt_roles | self.exempt_roles_by_tier.get(tier, frozenset())
        is_named = not self.applies_to_roles or role in self.applies_to_roles
        return tier in self.tiers and is_named and role not in exempt


@dataclass(frozen=True)
class Transition:
    """A move between stages and its gate: conditions and signer slots, tier by tier."""

    id: str
    title: str
    from_stages: tuple[str, ...]
    to: str
    purpose: str
    conditions: tuple[GateCondition, ...]
    sign_offs: Mapping[int, tuple[SlotRule, ...]]
    distinct_approvers: Mapping[int, int]

    @property
    def checks(self) -> frozenset[str]:
        """The names of the checks whose results its conditions read."""
        expressions = [asked.condition.expression for asked in self.conditions]
        paths = [path.split(".") for read in expressions for path, _ in read.reads]
        return frozenset(path[1] for path in paths if path[0] == "checks" and len(path) > 1)


@dataclass(frozen=True)
class Policy:
    """One version of a policy, with the text it was read from and the digest of what it says."""

    id: str
    version: str
    title: str
    text: str
    digest: str
    roles: tuple[Role, ...]
    tiers: tuple[Tier, ...]
    floors: tuple[Floor, ...]
    conditions: tuple[Condition, ...]
    duties: tuple[SeparationRule, ...]
    transitions: tuple[Transition, ...]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"

    def tier(self, number: int) -> Tier:
        """Return a tier by its number."""
        return next(tier for tier in self.tiers if tier.number == number)

    def transition(self, transition_id: str) -> Transition:
        """Return a transition by its id.

        Raises:
            NotFound: when the policy has no such transition.
        """
        for transition in self.transitions:
            if transition.id == transition_id:
                return transition
        raise NotFound(f"The policy {self} has no transition {transition_id!r}.")
