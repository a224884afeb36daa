"""The parts of a parsed policy; all of them immutable, every expression compiled."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeAlias

from apps.approvals.policies.following import Step, after
from apps.core.errors import NotFound
from apps.core.expressions import Expression

TIERS = (1, 2, 3, 4)
ASSESSMENTS = "assessments"
"""The group of facts that has an entry for each questionnaire."""
OPEN_OBLIGATIONS = "obligations.open_blocking"
"""What a condition reads that asks that obligations be closed."""
"""Risk tiers, strictest first."""


class Enforcement(StrEnum):
    """What a condition does to a gate at one tier."""

    BLOCK = "block"
    WARN = "warn"
    SKIP = "skip"


class Mode(StrEnum):
    """How a transition is made: in the ordinary way, or at once with a debt to settle."""

    STANDARD = "standard"
    EMERGENCY = "emergency"


Settings: TypeAlias = Mapping[str, object]


@dataclass(frozen=True)
class Amount:
    """A number written down, or the name of the setting that holds it at a tier."""

    number: int = 0
    setting: str = ""

    def at(self, settings: Settings) -> int:
        """Return the number under the settings of one tier."""
        return int(str(settings[self.setting])) if self.setting else self.number


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
    settings: Settings


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

    @property
    def asks_obligations(self) -> bool:
        """Whether it asks that obligations be closed: then a waiver of it names which not."""
        return any(path == OPEN_OBLIGATIONS for path, _ in self.expression.reads)


@dataclass(frozen=True)
class GateCondition:
    """A condition as one transition asks it: when, and how strictly at each tier."""

    condition: Condition
    when: Expression | None
    enforcement: Mapping[int, Enforcement]


@dataclass(frozen=True)
class SlotRule:
    """A slot of a gate: how many people of one role must sign, and what their signature means.

    Slots of a later ``order`` wait until all of an earlier one are filled.
    """

    role: str
    title: str
    count: int
    meaning: str
    when: Expression | None
    order: int = 1
    is_added: bool = False
    """Whether an obligation asks for it, and not the policy."""

    @property
    def signer(self) -> str:
        """The role as one person of it: "an independent validator"."""
        is_word = self.title[1:2].islower()
        name = self.title[0].lower() + self.title[1:] if is_word else self.title
        return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


@dataclass(frozen=True)
class SeparationRule:
    """A rule of separation of duties, asked of each signer.

    ``nobody_who`` says of a person who breaks it what it forbids: "contributed to this version".
    """

    id: str
    title: str
    nobody_who: str
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

    def refusal(self, slot: SlotRule) -> str:
        """Return in a sentence why somebody who breaks it may not sign in a slot."""
        if not self.nobody_who:
            return f"{self.title}."
        return f"Nobody who {self.nobody_who} may sign as {slot.signer}."


@dataclass(frozen=True)
class Emergency:
    """How a transition goes in an emergency: fewer people at first, others who must confirm."""

    distinct_approvers: Mapping[int, int]
    exempt_duties: frozenset[str]
    ratification: Mapping[int, tuple[str, ...]]
    ratify_within_hours: Amount
    is_critical: bool
    """Whether one that nobody confirms is a critical finding, and not only told."""


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
    cooling_off_days: Mapping[int, int]
    emergency: Emergency | None = None
    on_success: frozenset[str] = frozenset()
    is_automatic: bool = False
    """Whether it is carried out by itself once its gate is open."""

    @property
    def follows(self) -> tuple[Step, ...]:
        """What follows once it is made."""
        return after(self.id, self.on_success)

    @property
    def checks(self) -> frozenset[str]:
        """The names of the checks whose results its conditions read."""
        return checks_read(self.conditions)

    def distinct_at(self, tier: int, mode: Mode) -> int:
        """Return how many different people must sign."""
        if mode is Mode.EMERGENCY and self.emergency:
            return self.emergency.distinct_approvers[tier]
        return self.distinct_approvers[tier]


def checks_read(conditions: Iterable[GateCondition]) -> frozenset[str]:
    """Return the names of the checks whose results some conditions read."""
    expressions = [asked.condition.expression for asked in conditions]
    paths = [path.split(".") for read in expressions for path, _ in read.reads]
    return frozenset(path[1] for path in paths if path[0] == "checks" and len(path) > 1)


@dataclass(frozen=True)
class SignatureRules:
    """How a signature is made."""

    factors_required: int
    reason_required: bool
    may_withdraw: bool
    """Whether signers may take a sign-off back while its request is open."""


@dataclass(frozen=True)
class ObligationRules:
    """What an open obligation that names a transition does to its gate."""

    before_applies_from: Enforcement = Enforcement.WARN
    from_applies_from: Enforcement = Enforcement.BLOCK


@dataclass(frozen=True)
class WaiverRules:
    """Who grants a departure from one condition, for how long, and how often again."""

    max_days: Amount
    max_renewals: Amount
    sign_offs: Mapping[int, tuple[str, ...]]
    suspends: bool
    """Whether the authorization is suspended when one it relies on expires."""
    report_to: tuple[str, ...]
    """The roles that are told of every waiver that is granted, or ends."""


class Action(StrEnum):
    """What a continuous rule does while it holds."""

    OPEN_FINDING = "open_finding"
    ESCALATE = "escalate"
    SUSPEND = "suspend_authorization"


@dataclass(frozen=True)
class ContinuousRule:
    """What is watched while a version is in production."""

    id: str
    title: str
    when: Expression
    action: Action
    severity: str
    tiers: frozenset[int]


@dataclass(frozen=True)
class EvidenceType:
    """A kind of evidence a policy knows: what it is attached to and how long it stays valid."""

    id: str
    title: str
    binds_to: str
    max_age_days: int


@dataclass(frozen=True)
class Policy:
    """One version of a policy, with the text it was read from and the digest of what it says."""

    id: str
    version: str
    title: str
    summary: str
    language: str
    law_as_of: str
    disclaimer: str
    text: str
    digest: str
    roles: tuple[Role, ...]
    evidence_types: tuple[EvidenceType, ...]
    tiers: tuple[Tier, ...]
    floors: tuple[Floor, ...]
    conditions: tuple[Condition, ...]
    duties: tuple[SeparationRule, ...]
    signature: SignatureRules
    transitions: tuple[Transition, ...]
    obligations: ObligationRules
    waivers: WaiverRules | None
    continuous_rules: tuple[ContinuousRule, ...]
    document: Mapping[str, Any] = field(repr=False, compare=False, default_factory=dict)
    """What the text says, as it was read: for comparing versions part by part."""

    def __str__(self) -> str:
        return f"{self.title} {self.version}"

    @property
    def expressions(self) -> Iterator[Expression]:
        """Every expression the policy asks."""
        yield from (one.when for one in self.floors)
        yield from (one.expression for one in self.conditions)
        yield from (one.expression for one in self.duties)
        yield from (one.when for one in self.continuous_rules)
        for move in self.transitions:
            slots = (slot for at_tier in move.sign_offs.values() for slot in at_tier)
            cases = [*(one.when for one in move.conditions), *(slot.when for slot in slots)]
            yield from (when for when in cases if when is not None)

    @cached_property
    def questionnaires(self) -> frozenset[str]:
        """The ids of the questionnaires whose assessments the policy reads."""
        paths = (path.split(".") for one in self.expressions for path, _ in one.reads)
        return frozenset(parts[1] for parts in paths if parts[0] == ASSESSMENTS)

    def tier(self, number: int) -> Tier:
        """Return a tier by its number."""
        return next(tier for tier in self.tiers if tier.number == number)

    def condition_or_none(self, condition_id: str) -> Condition | None:
        """Return a condition by its id, if the policy has it."""
        return next((one for one in self.conditions if one.id == condition_id), None)

    def role_title(self, role_id: str) -> str:
        """Return how a role is called here, or its id when the policy does not know it."""
        return next((one.title for one in self.roles if one.id == role_id), role_id)

    def transition(self, transition_id: str) -> Transition:
        """Return a transition by its id.

        Raises:
            NotFound: when the policy has no such transition.
        """
        transition = self.transition_or_none(transition_id)
        if transition is None:
            raise NotFound(f"The policy {self} has no transition {transition_id!r}.")
        return transition

    def transition_or_none(self, transition_id: str) -> Transition | None:
        """Return a transition by its id, if the policy has it."""
        return next((one for one in self.transitions if one.id == transition_id), None)
