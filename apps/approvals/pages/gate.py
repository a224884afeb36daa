"""How far a gate is open, in rows by category, ticks and a meter."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from apps.approvals import waiver_facts
from apps.approvals.cases import Case
from apps.approvals.models import PromotionRequest
from apps.approvals.pages import reading
from apps.approvals.pages.reading import Read
from apps.approvals.pages.story import Line
from apps.approvals.policies import Policy
from apps.approvals.readiness import Readiness, Verdict, VerdictState
from apps.approvals.waiver_rules import Rules
from apps.core.formats import calendar_day

_ROW_STATES = {
    VerdictState.BLOCKED: "unmet",
    VerdictState.WARNED: "warned",
    VerdictState.WAIVED: "waived",
    VerdictState.PASSED: "met",
    VerdictState.NOT_APPLICABLE: "met",
}
_OPEN_STATES = (VerdictState.BLOCKED, VerdictState.WARNED, VerdictState.WAIVED)
_MET_STATES = (VerdictState.PASSED, VerdictState.NOT_APPLICABLE)
_CLOSED_BY = {"note": "Warnings to answer"}
ASK = "Ask for a waiver"
Way = tuple[str, str]
"""Words and address of what can be done about a condition."""
_FEW = 8
"""Up to how many open conditions are read at one glance, without a heading for each category."""


@dataclass(frozen=True)
class Row:
    """One condition with its verdict."""

    title: str
    state: str
    reason: str = ""
    remedy: str = ""
    cites: str = ""
    category: str = ""
    action: str = ""
    action_url: str = ""
    """Where a waiver of it is asked for, when the reader may, or the one that counts."""
    facts: Sequence[Read] = ()
    """What it read."""


@dataclass(frozen=True)
class Group:
    """The conditions of one category."""

    title: str
    rows: Sequence[Row]

    @property
    def counted(self) -> str:
        return _counted(len(self.rows), "condition")


@dataclass(frozen=True)
class Gate:
    """The conditions of a gate, those that need somebody first, and what the numbers come to."""

    title: str
    unmet: Sequence[Row]
    met: Sequence[Row]
    beside: Sequence[Row] = ()
    """The conditions that do not apply here."""
    status: str = ""
    tone: str = ""
    ticks: Sequence[dict[str, str]] = ()
    meter: "Meter | None" = None
    judged_as: str = ""
    is_recorded: bool = False

    @property
    def open_groups(self) -> list[Group]:
        """What is not met, by category; a few stand together."""
        return _grouped(self.unmet, least=_FEW + 1)

    @property
    def met_groups(self) -> list[Group]:
        return _grouped(self.met, least=_FEW + 1)

    @property
    def met_in_words(self) -> str:
        return f"{_counted(len(self.met), 'condition')} met"

    @property
    def beside_in_words(self) -> str:
        one = len(self.beside) == 1
        return f"{_counted(len(self.beside), 'condition')} {'does' if one else 'do'} not apply"


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


def of_readiness(title: str, readiness: Readiness, policy: Policy | None = None) -> Gate:
    """Return the conditions of a gate that nobody signs."""
    return Gate(
        title,
        _rows(readiness, _OPEN_STATES, policy),
        _rows(readiness, (VerdictState.PASSED,), policy),
        _rows(readiness, (VerdictState.NOT_APPLICABLE,), policy),
    )


def on_page(case: Case, decision: Line | None, *, may_ask_waiver: bool = False) -> Gate | None:
    """Return the gate of an open request as judged now, of a promoted one as recorded."""
    if case.request.is_open:
        return _judged(case, may_ask_waiver=may_ask_waiver)
    if case.request.state == PromotionRequest.State.PROMOTED and decision is not None:
        return _recorded(decision, case.policy)
    return None


def _judged(case: Case, *, may_ask_waiver: bool) -> Gate:
    readiness, policy = case.readiness, case.policy
    status, tone = in_words(readiness)
    ways = (_waivable(case) if may_ask_waiver else {}) | _waived(case)
    return Gate(
        title=f"{policy.title}, version {policy.version}",
        unmet=_rows(readiness, _OPEN_STATES, policy, ways),
        met=_rows(readiness, (VerdictState.PASSED,), policy),
        beside=_rows(readiness, (VerdictState.NOT_APPLICABLE,), policy),
        status=status,
        tone=tone,
        ticks=ticks(readiness),
        meter=meter(readiness),
        judged_as=_judged_as(case),
    )


def _waived(case: Case) -> dict[str, Way]:
    """Return by which waiver, and until when, each waived condition is passed over.

    Where one was granted that no longer counts, its page says why.
    """
    blocked = {one.condition for one in case.readiness.with_state(VerdictState.BLOCKED)}
    waived = {one.condition for one in case.readiness.with_state(VerdictState.WAIVED)}
    rules, on = Rules.at(case.policy, case.gate.tier), case.at.date()
    counted = waiver_facts.counting(case.waivers, rules, on=on)
    return {
        one.condition: (f"{one} no longer counts", one.get_absolute_url())
        for one in case.waivers
        if one.condition in blocked and one.holds(on) and one not in counted
    } | {
        one.condition: (f"{one}, until {calendar_day(one.ends_on)}", one.get_absolute_url())
        for one in counted
        if one.condition in waived
    }


def _waivable(case: Case) -> dict[str, Way]:
    """Return where a waiver of each condition that closes the gate is asked for, if it may be."""
    if case.policy.waivers is None:
        return {}
    version = case.request.version
    ask = reverse("approvals:ask_for_waiver", args=[version.model.name, version.number])
    known = {one.id for one in case.policy.conditions if one.waivable}
    blocked = case.readiness.with_state(VerdictState.BLOCKED)
    return {
        verdict.condition: (ASK, f"{ask}?{urlencode({'condition': verdict.condition})}")
        for verdict in blocked
        if verdict.condition in known
    }


def _rows(
    readiness: Readiness,
    states: Iterable[VerdictState],
    policy: Policy | None,
    ways: Mapping[str, Way] | None = None,
) -> list[Row]:
    known = ways or {}
    return [
        _row(verdict, policy, known) for state in states for verdict in readiness.with_state(state)
    ]


def _row(verdict: Verdict, policy: Policy | None, ways: Mapping[str, Way]) -> Row:
    action, url = ways.get(verdict.condition, ("", ""))
    return Row(
        title=verdict.title,
        state=_ROW_STATES[verdict.state],
        reason=verdict.reason,
        remedy="" if verdict.state in _MET_STATES else verdict.remedy,
        cites=" · ".join(verdict.cites),
        category=_category(verdict.condition, policy),
        action=action,
        action_url=url,
        facts=reading.of(verdict),
    )


def _category(condition: str, policy: Policy | None) -> str:
    """Return under which heading a condition stands; one an obligation brings is in no policy."""
    found = policy.condition_or_none(condition) if policy else None
    return (found.category if found else "obligations").replace("_", " ").capitalize()


def _grouped(rows: Sequence[Row], *, least: int) -> list[Group]:
    """Return rows by category in the order they first come, when there are enough of them."""
    if len(rows) < least:
        return [Group("", rows)] if rows else []
    titles = dict.fromkeys(row.category for row in rows)
    return [Group(title, [row for row in rows if row.category == title]) for title in titles]


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
            category=_category(name, policy),
        )
        for state, names in summary["conditions"].items()
        if state != VerdictState.NOT_APPLICABLE
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
    first, missing = readiness.closed[0], _missing(readiness)
    if first.gate == "sign-off":
        return f"{_counted(missing, 'sign-off')} left", "warn"
    return _CLOSED_BY.get(first.gate, first.title), "warn"


def ticks(readiness: Readiness) -> list[dict[str, str]]:
    """Return the readiness panel's lines: what is not met by name, the rest counted."""
    blocked = readiness.with_state(VerdictState.BLOCKED)
    warned = readiness.with_state(VerdictState.WARNED)
    waived = readiness.with_state(VerdictState.WAIVED)
    met = len(readiness.with_state(VerdictState.PASSED))
    lines = [{"text": verdict.title, "tone": "bad"} for verdict in blocked]
    lines += [{"text": debt.title, "tone": "bad"} for debt in readiness.debts]
    lines += [{"text": verdict.title, "tone": "warn"} for verdict in warned]
    lines += [{"text": f"{verdict.title}: waived", "tone": "warn"} for verdict in waived]
    if readiness.lacks_note:
        lines.append({"text": "Warnings wait for an answer", "tone": "warn"})
    if met:
        lines.append({"text": f"{_counted(met, 'condition')} met", "tone": "good"})
    lines += [_dissent(given.signer_name) for given in readiness.dissents]
    if readiness.slots:
        missing, needed = _missing(readiness), _needed(readiness)
        tone = "info" if missing else "good"
        lines.append({"text": f"Sign-offs: {needed - missing} of {needed}", "tone": tone})
    lines += [
        {"text": f"{closed.title}: {closed.reason}", "tone": "info"}
        for closed in readiness.closed
        if closed.gate in {"distinct-signers", "cooling-off"}
    ]
    return lines


def _dissent(signer: str) -> dict[str, str]:
    return {"text": f"{signer or 'A signer'} asks for changes", "tone": "warn"}


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
