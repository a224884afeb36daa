"""How far a gate is open, in rows, ticks and a meter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.approvals.cases import Case
from apps.approvals.models import PromotionRequest
from apps.approvals.pages.story import Line
from apps.approvals.policies import Policy
from apps.approvals.readiness import Readiness, Verdict, VerdictState

_ROW_STATES = {
    VerdictState.BLOCKED: "unmet",
    VerdictState.WARNED: "warned",
    VerdictState.WAIVED: "waived",
    VerdictState.PASSED: "met",
    VerdictState.NOT_APPLICABLE: "met",
}
_OPEN_STATES = (VerdictState.BLOCKED, VerdictState.WARNED, VerdictState.WAIVED)
_MET_STATES = (VerdictState.PASSED, VerdictState.NOT_APPLICABLE)


@dataclass(frozen=True)
class Row:
    """One condition with its verdict."""

    title: str
    state: str
    reason: str = ""
    remedy: str = ""
    cites: str = ""


@dataclass(frozen=True)
class Gate:
    """The conditions of a gate, those that need somebody first, and what the numbers come to."""

    title: str
    unmet: Sequence[Row]
    met: Sequence[Row]
    status: str = ""
    tone: str = ""
    ticks: Sequence[dict[str, str]] = ()
    meter: "Meter | None" = None
    judged_as: str = ""
    is_recorded: bool = False

    @property
    def met_in_words(self) -> str:
        return f"{_counted(len(self.met), 'condition')} met"


@dataclass(frozen=True)
class Meter:
    """The parts of the readiness meter, and what they come to in words."""

    total: int
    good: int
    warn: int
    bad: int

    @property
    def label(self) -> str:
        return f"{self.good} of {self.total} conditions and sign-offs are there"


def of_readiness(title: str, readiness: Readiness) -> Gate:
    """Return the conditions of a gate that nobody signs."""
    return Gate(title, _rows(readiness, _OPEN_STATES), _rows(readiness, _MET_STATES))


def on_page(case: Case, decision: Line | None) -> Gate | None:
    """Return the gate of an open request as judged now, of a promoted one as recorded."""
    if case.request.is_open:
        return _judged(case)
    if case.request.state == PromotionRequest.State.PROMOTED and decision is not None:
        return _recorded(decision, case.policy)
    return None


def _judged(case: Case) -> Gate:
    readiness = case.readiness
    status, tone = in_words(readiness)
    return Gate(
        title=f"{case.policy.title}, version {case.policy.version}",
        unmet=_rows(readiness, _OPEN_STATES),
        met=_rows(readiness, _MET_STATES),
        status=status,
        tone=tone,
        ticks=ticks(readiness),
        meter=meter(readiness),
        judged_as=_judged_as(case),
    )


def _rows(readiness: Readiness, states: Iterable[VerdictState]) -> list[Row]:
    return [_row(verdict) for state in states for verdict in readiness.with_state(state)]


def _row(verdict: Verdict) -> Row:
    return Row(
        title=verdict.title,
        state=_ROW_STATES[verdict.state],
        reason=verdict.reason,
        remedy="" if verdict.state in _MET_STATES else verdict.remedy,
        cites=" · ".join(verdict.cites),
    )


def _recorded(decision: Line, policy: Policy) -> Gate:
    """Return the conditions an event says were met when it promoted; a later policy may not know
    them all."""
    summary = decision.entry.detail["readiness"]
    known = {condition.id: condition for condition in policy.conditions}
    rows = [
        Row(
            title=known[name].title if name in known else name,
            state=_ROW_STATES[VerdictState(state)],
            cites=" · ".join(known[name].cites) if name in known else "",
        )
        for state, names in summary["conditions"].items()
        for name in names
    ]
    return Gate(
        title=f"policy {summary['policy']}, as recorded",
        unmet=[row for row in rows if row.state != "met"],
        met=[row for row in rows if row.state == "met"],
        is_recorded=True,
    )


def in_words(readiness: Readiness) -> tuple[str, str]:
    """Say in a few words what keeps a gate shut, and in which tone."""
    if readiness.is_open:
        return "Open", "good"
    if blocked := len(readiness.with_state(VerdictState.BLOCKED)):
        return f"{_counted(blocked, 'condition')} left", "bad"
    return f"{_counted(_missing(readiness), 'sign-off')} left", "warn"


def ticks(readiness: Readiness) -> list[dict[str, str]]:
    """Return the readiness panel's lines: what is not met by name, the rest counted."""
    blocked = readiness.with_state(VerdictState.BLOCKED)
    warned = readiness.with_state(VerdictState.WARNED)
    met = len(readiness.with_state(VerdictState.PASSED))
    lines = [{"text": verdict.title, "tone": "bad"} for verdict in blocked]
    lines += [{"text": verdict.title, "tone": "warn"} for verdict in warned]
    if met:
        lines.append({"text": f"{_counted(met, 'condition')} met", "tone": "good"})
    if readiness.slots:
        missing, needed = _missing(readiness), _needed(readiness)
        tone = "info" if missing else "good"
        lines.append({"text": f"Sign-offs: {needed - missing} of {needed}", "tone": tone})
    return lines


def meter(readiness: Readiness) -> Meter:
    skipped = len(readiness.with_state(VerdictState.NOT_APPLICABLE))
    blocked = len(readiness.with_state(VerdictState.BLOCKED))
    warned = len(readiness.with_state(VerdictState.WARNED))
    conditions, needed = len(readiness.verdicts) - skipped, _needed(readiness)
    given = needed - _missing(readiness)
    return Meter(
        total=conditions + needed,
        good=conditions - blocked - warned + given,
        warn=warned,
        bad=blocked,
    )


def _judged_as(case: Case) -> str:
    model = case.facts["model"]
    assert isinstance(model, dict)
    tier = case.readiness.tier
    if model["tier"] == 0:
        return f"Judged as tier {tier}, since no tier was assessed."
    return f"Judged as tier {tier}."


def _needed(readiness: Readiness) -> int:
    return sum(slot.rule.count for slot in readiness.slots)


def _missing(readiness: Readiness) -> int:
    return sum(slot.missing for slot in readiness.slots)


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
