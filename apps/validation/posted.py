"""A result as a tool outside posts it: refused when it is more than is kept, never cut."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from apps.core.digests import MOST_INTEGER
from apps.core.inputs import InputRefused, require_json, require_text
from apps.validation.checks.contract import Problem
from apps.validation.conclusions import (
    MOST_DEPTH,
    MOST_ENTRIES,
    MOST_PROBLEMS,
    MOST_TEXT,
    Conclusion,
    as_row,
)
from apps.validation.links import require_link
from apps.validation.models import CheckRun

MOST_ADDRESS = 300
MOST_TOOL = 40
MOST_CODE = 100
_STATES = {"passed": CheckRun.State.PASSED, "failed": CheckRun.State.FAILED}


@dataclass(frozen=True)
class PostedResult:
    """What a tool found, on which content, and where its own page about it is."""

    state: str
    summary: str
    examined: str
    """The digest of the content it examined, as it knows it."""
    origin: str = ""
    tool: str = ""
    tool_version: str = ""
    problems: Sequence[Problem] = ()
    facts: Mapping[str, object] = field(default_factory=dict)

    def conclusion(self) -> Conclusion:
        """Return what the run is concluded with.

        Raises:
            InputRefused: when it is more than is kept, or contradicts itself.
        """
        self._require_state()
        self._require_texts()
        if self.origin:
            require_link(self.origin, MOST_ADDRESS, ("https", "http"))
        _require_problems(self.problems)
        _require_facts(self.facts)
        return Conclusion(
            _STATES[self.state],
            self.summary,
            [as_row(problem) for problem in self.problems],
            dict(self.facts),
            self.tool_version,
            {self.tool: self.tool_version} if self.tool else {},
        )

    def _require_state(self) -> None:
        if self.state not in _STATES:
            raise InputRefused("A result is passed or failed.")
        if self.state == "passed" and any(problem.severity.fails for problem in self.problems):
            raise InputRefused("A result with a critical or high problem is failed, not passed.")

    def _require_texts(self) -> None:
        if not self.summary.strip():
            raise InputRefused("The summary is empty. Say in a sentence what was found.")
        require_text(self.summary, "The summary", MOST_TEXT, lines=True)
        require_text(self.tool, "The name of the tool", MOST_TOOL)
        require_text(self.tool_version, "The version of the tool", MOST_TOOL)


def _require_problems(problems: Sequence[Problem]) -> None:
    if len(problems) > MOST_PROBLEMS:
        raise InputRefused(f"A result holds at most {MOST_PROBLEMS} problems.")
    for problem in problems:
        if not problem.text.strip():
            raise InputRefused("A problem has no text.")
        require_text(problem.code, "The code of a problem", MOST_CODE)
        for text, label in (
            (problem.place, "The place of a problem"),
            (problem.text, "The text of a problem"),
            (problem.remedy, "The remedy of a problem"),
        ):
            require_text(text, label, MOST_TEXT, lines=True)


def _require_facts(facts: Mapping[str, object]) -> None:
    require_json(facts)
    if len(facts) > MOST_ENTRIES:
        raise InputRefused(f"A result holds at most {MOST_ENTRIES:,} facts.")
    for key, value in facts.items():
        require_text(key, "The name of a fact", MOST_CODE)
        _require_fact(value)


def _require_fact(value: object, depth: int = 0) -> None:
    if isinstance(value, float):
        raise InputRefused("A fact is exact: write a fraction as text.")
    if isinstance(value, int) and abs(value) > MOST_INTEGER:
        raise InputRefused(f"A whole number among the facts is at most {MOST_INTEGER:,}.")
    if isinstance(value, str):
        require_text(value, "A fact", MOST_TEXT, lines=True)
    if not isinstance(value, Mapping | list):
        return
    if depth >= MOST_DEPTH:
        raise InputRefused(f"Facts are nested at most {MOST_DEPTH} deep.")
    for key in value if isinstance(value, Mapping) else ():
        require_text(key, "The name of a fact", MOST_CODE)
    for inner in value.values() if isinstance(value, Mapping) else value:
        _require_fact(inner, depth + 1)
