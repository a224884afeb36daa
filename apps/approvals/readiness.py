"""How far a gate is open: every verdict, every slot, and what would open what is closed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from apps.approvals.policies import SlotRule
from apps.core.digests import digest_of_bytes, utc_text
from apps.core.errors import RuleBroken
from apps.core.expressions import Input

_ONE_WORD = re.compile(r"\S{0,80}")
_MOST_ITEMS_TOLD = 20


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

    @property
    def counts(self) -> bool:
        """Whether this can fill a slot: a standing yes of a known person."""
        return self.decision == "approve" and self.valid is True and bool(self.signer_id)


@dataclass(frozen=True)
class SlotState:
    """A slot: the sign-offs that fill it, how many are missing, those that no longer stand."""

    rule: SlotRule
    filled_by: tuple[GivenSignOff, ...]
    missing: int
    void: tuple[GivenSignOff, ...] = ()


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
    transition: str
    tier: int
    verdicts: tuple[Verdict, ...]
    slots: tuple[SlotState, ...]
    distinct_needed: int
    distinct_given: int

    @property
    def is_open(self) -> bool:
        """Whether the transition may be carried out."""
        are_filled = all(slot.missing == 0 for slot in self.slots)
        return (
            self.may_ask_for_sign_offs
            and are_filled
            and self.distinct_given >= self.distinct_needed
        )

    @property
    def may_ask_for_sign_offs(self) -> bool:
        """Whether nothing is blocked, so that people can be asked to sign."""
        return not self.with_state(VerdictState.BLOCKED)

    @property
    def closed(self) -> tuple[Closed, ...]:
        """Everything that keeps the gate shut, each saying what would open it."""
        blocked = (
            Closed(verdict.condition, verdict.title, verdict.reason, verdict.remedy)
            for verdict in self.with_state(VerdictState.BLOCKED)
        )
        unfilled = (_closed_slot(slot) for slot in self.slots if slot.missing)
        return (*blocked, *unfilled, *self._too_few_people())

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
