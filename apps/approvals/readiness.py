"""How far a gate is open: every verdict, every slot, and what would open what is closed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from apps.approvals.policies import Mode, SlotRule
from apps.core.digests import digest_of_bytes, utc_text
from apps.core.errors import RuleBroken
from apps.core.expressions import Input

_ONE_WORD = re.compile(r"\S{0,80}")
_MOST_ITEMS_TOLD = 20


YES = frozenset({"approve", "with_conditions"})
DISSENT = frozenset({"ask_changes", "decline"})


class VerdictState(StrEnum):
    """The answer to one condition."""

    PASSED = "passed"
    BLOCKED = "blocked"
    WARNED = "warned"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class Verdict:
    """The answer to one condition, with its reason, its remedy and the facts it read."""

    condition: str
    state: VerdictState
    reason: str
    remedy: str
    title: str
    cites: tuple[str, ...]
    inputs: tuple[Input, ...]


@dataclass(frozen=True)
class GivenSignOff:
    """One person's decision in a slot, and whether it still stands."""

    id: str
    role: str
    signer_id: str
    decision: str
    valid: bool
    why_void: str = ""
    signed_at: datetime | None = None
    signer_name: str = ""
    is_answered: bool = False

    @property
    def is_yes(self) -> bool:
        """Whether the person agrees, with conditions or without."""
        return self.decision in YES

    @property
    def counts(self) -> bool:
        """Whether this can fill a slot: a standing yes of a known person."""
        return self.is_yes and self.valid is True and bool(self.signer_id)

    @property
    def is_unanswered(self) -> bool:
        """Whether somebody asks for changes and nobody answered yet."""
        return self.decision in DISSENT and self.valid is True and not self.is_answered


@dataclass(frozen=True)
class SlotState:
    """A slot: the sign-offs that fill it, how many are missing, those that no longer stand."""

    rule: SlotRule
    filled_by: tuple[GivenSignOff, ...]
    missing: int
    void: tuple[GivenSignOff, ...] = ()
    waits: bool = False
    """Whether slots that come before it are not filled yet."""


@dataclass(frozen=True)
class Closed:
    """One thing that keeps a gate shut, and what would open it."""

    gate: str
    title: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.title}: {self.reason} {self.remedy}"


@dataclass(frozen=True)
class Readiness:
    """The whole judgment of a gate under one policy version."""

    policy: str
    policy_digest: str
    gate_digest: str
    transition: str
    mode: Mode
    tier: int
    verdicts: tuple[Verdict, ...]
    slots: tuple[SlotState, ...]
    distinct_needed: int
    distinct_given: int
    dissents: tuple[GivenSignOff, ...] = ()
    opens_at: datetime | None = None
    """When the days of cooling off are over, once everybody signed."""
    now: datetime | None = None
    is_noted: bool = False
    """Whether the requester said something about the warnings."""
    debts: tuple[Closed, ...] = ()
    """What keeps it shut beside the policy: an emergency nobody reviewed."""

    @property
    def is_open(self) -> bool:
        """Whether the transition may be carried out."""
        return not self.closed

    @property
    def is_unblocked(self) -> bool:
        """Whether no condition keeps the gate shut."""
        return not self.with_state(VerdictState.BLOCKED)

    @property
    def lacks_note(self) -> bool:
        """Whether there are warnings and the requester said nothing about them yet."""
        return bool(self.with_state(VerdictState.WARNED)) and not self.is_noted

    @property
    def may_ask_for_sign_offs(self) -> bool:
        """Whether people can be asked to sign: nothing is blocked, and warnings were answered."""
        return self.is_unblocked and not self.lacks_note

    @property
    def accepted(self) -> tuple[str, ...]:
        """The conditions a signer accepts although they are not met."""
        states = (VerdictState.WARNED, VerdictState.WAIVED)
        return tuple(verdict.condition for state in states for verdict in self.with_state(state))

    @property
    def waived(self) -> tuple[str, ...]:
        """The conditions that are not met and that a waiver stands in for."""
        return tuple(verdict.condition for verdict in self.with_state(VerdictState.WAIVED))

    @property
    def counted(self) -> tuple[str, ...]:
        """The ids of the sign-offs that fill its slots."""
        return tuple(given.id for slot in self.slots for given in slot.filled_by)

    @property
    def closed(self) -> tuple[Closed, ...]:
        """Everything that keeps the gate shut, each saying what would open it."""
        blocked = (
            Closed(verdict.condition, verdict.title, verdict.reason, verdict.remedy)
            for verdict in self.with_state(VerdictState.BLOCKED)
        )
        unfilled = (_closed_slot(slot) for slot in self.slots if slot.missing)
        return (
            *blocked,
            *self.debts,
            *self._unnoted(),
            *map(_closed_dissent, self.dissents),
            *unfilled,
            *self._too_few_people(),
            *self._cooling_off(),
        )

    def with_state(self, state: VerdictState) -> tuple[Verdict, ...]:
        """Return the verdicts in one state, in the policy's order."""
        return tuple(verdict for verdict in self.verdicts if verdict.state is state)

    def require(self) -> None:
        """Refuse to go on while the gate is closed.

        Raises:
            GatesClosed: with everything that is closed and what would open it.
        """
        if not self.is_open:
            raise GatesClosed(self)

    def summary(self) -> dict[str, object]:
        """Return what a record keeps of this judgment: no decimals, no free text."""
        conditions = {
            state.value: [verdict.condition for verdict in verdicts]
            for state in VerdictState
            if (verdicts := self.with_state(state))
        }
        read = {given.name: given.value for verdict in self.verdicts for given in verdict.inputs}
        return {
            "policy": self.policy,
            "policy_digest": self.policy_digest,
            "gate_digest": self.gate_digest,
            "mode": self.mode.value,
            "transition": self.transition,
            "tier": self.tier,
            "is_open": self.is_open,
            "conditions": conditions,
            "inputs": [{"name": name, "value": _recordable(read[name])} for name in sorted(read)],
            "slots": [
                {
                    "role": slot.rule.role,
                    "meaning": slot.rule.meaning,
                    "sign_offs": [given.id for given in slot.filled_by],
                    "missing": slot.missing,
                }
                for slot in self.slots
            ],
            "distinct_needed": self.distinct_needed,
            "distinct_given": self.distinct_given,
        }

    def _unnoted(self) -> Iterable[Closed]:
        if self.lacks_note:
            warned = len(self.with_state(VerdictState.WARNED))
            yield Closed(
                "note",
                "Warnings",
                f"{warned} warning{' is' if warned == 1 else 's are'} not answered yet.",
                "Who asked for this writes why it may go on nevertheless.",
            )

    def _cooling_off(self) -> Iterable[Closed]:
        if self.opens_at is not None and (self.now is None or self.now < self.opens_at):
            yield Closed(
                "cooling-off",
                "Cooling off",
                f"Everybody signed, and some days must pass: until {self.opens_at:%Y-%m-%d}.",
                "Wait until then, or take a sign-off back.",
            )

    def _too_few_people(self) -> Iterable[Closed]:
        still_to_come = sum(slot.missing for slot in self.slots)
        if self.distinct_given + still_to_come < self.distinct_needed:
            yield Closed(
                "distinct-signers",
                "Different people",
                f"{self.distinct_needed} different people must sign, and the slots that apply "
                f"here are for {self.distinct_given + still_to_come}.",
                "The owner of the policy has to name another slot.",
            )


class GatesClosed(RuleBroken):
    """The gate is closed; ``closed`` says what keeps it shut and what would open it."""

    code = "gates_closed"

    def __init__(self, readiness: Readiness) -> None:
        self.readiness = readiness
        self.closed = readiness.closed
        super().__init__(" ".join(("The gate is closed.", *map(str, self.closed))))


def _closed_slot(slot: SlotState) -> Closed:
    is_one = slot.missing == 1
    reason = "A sign-off is missing." if is_one else f"{slot.missing} sign-offs are missing."
    for given in slot.void:
        reason += f" An earlier one is void: {given.why_void}"
    signer = slot.rule.signer
    remedy = (
        f"{signer[0].upper()}{signer[1:]} has to sign."
        if is_one
        else f"{slot.missing} people have to sign, each as {signer}."
    )
    return Closed("sign-off", slot.rule.title, reason, remedy)


def _closed_dissent(given: GivenSignOff) -> Closed:
    return Closed(
        "dissent",
        "Changes asked for",
        f"{given.signer_name or 'A signer'} asks for changes, and nobody answered.",
        "Who asked for this answers in writing, or the signer decides anew.",
    )


def _recordable(value: object) -> object:
    """Return a fact as a record may keep it: free text by digest, decimals as text, lists short."""
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, float):
        return str(value)
    if isinstance(value, str):
        return value if _ONE_WORD.fullmatch(value) else digest_of_bytes(value.encode("utf-8"))
    if isinstance(value, list | dict):
        is_short = len(value) <= _MOST_ITEMS_TOLD and not any(
            isinstance(item, list | dict) for item in value
        )
        keeps = isinstance(value, list) and is_short
        return [_recordable(item) for item in value] if keeps else f"{len(value)} items"
    return value
