"""What a run is concluded with: an outcome in the form the record can hold."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from apps.catalog import ingest, places
from apps.catalog.models import Artifact
from apps.catalog.store import StoredBytes
from apps.core.digests import MOST_INTEGER
from apps.core.errors import RuleBroken
from apps.validation.checks.contract import Check, Json, Outcome, Problem, Severity
from apps.validation.models import CheckRun

MOST_PROBLEMS = 500
MOST_TEXT = 2000
MOST_ENTRIES = 1000
MOST_DEPTH = 2
MOST_EVIDENCE = 16 * 1024 * 1024
_GRAVEST_FIRST = {severity: rank for rank, severity in enumerate(Severity)}
_REPLACED = str.maketrans({"\0": "�"} | {chr(code): "�" for code in range(0xD800, 0xE000)})


@dataclass(frozen=True)
class Conclusion:
    """A final state with its evidence, bounded and clean of what a database refuses."""

    state: CheckRun.State
    summary: str
    problems: list[dict[str, str]] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)
    tool_version: str = ""
    tools: dict[str, str] = field(default_factory=dict)
    evidence: StoredBytes | None = None

    @classmethod
    def of(cls, outcome: Outcome, check: Check) -> "Conclusion":
        """Return what a check found; a summary says so when not every problem is kept."""
        summary = _text(outcome.summary)
        if len(outcome.problems) > MOST_PROBLEMS:
            summary += f" The {MOST_PROBLEMS} gravest of {len(outcome.problems)} problems are kept."
        gravest = sorted(outcome.problems, key=lambda problem: _GRAVEST_FIRST[problem.severity])
        return cls(
            CheckRun.State.PASSED if outcome.passed else CheckRun.State.FAILED,
            summary,
            [as_row(problem) for problem in gravest[:MOST_PROBLEMS]],
            {_text(key): _fact(value) for key, value in outcome.facts.items()},
            check.version,
            {_text(tool): _text(version) for tool, version in outcome.tools.items()},
            _kept(outcome.evidence),
        )

    @classmethod
    def errored(cls, reason: str) -> "Conclusion":
        """Return the conclusion of a check that could not be carried out."""
        return cls(CheckRun.State.ERRORED, _text(reason))

    def write_to(self, run: CheckRun, *, at: datetime) -> None:
        """Conclude a run with this."""
        run.conclude(
            self.state,
            at=at,
            summary=self.summary,
            problems=self.problems,
            facts=self.facts,
            evidence=places.artifact_of(self.evidence, at=at) if self.evidence else None,
            tool_version=self.tool_version,
            tools=self.tools,
        )

    def as_note(self) -> dict[str, object]:
        """Return what the event says about it; of the report, that there is none or which it is."""
        return {
            "outcome": self.state.value,
            "problems": len(self.problems),
            "report": report_digest(self.evidence),
        }


def report_digest(report: StoredBytes | Artifact | None) -> str | None:
    """Return the digest of a report, exact to the byte, by which everything names it."""
    return f"sha256:{report.sha256}" if report else None


def _kept(evidence: Json) -> StoredBytes | None:
    """Store the whole evidence of a check as a JSON file, if it left any.

    Raises:
        RuleBroken: when it is more than is kept.
    """
    if evidence is None:
        return None
    text = json.dumps(evidence, indent=1, sort_keys=True, ensure_ascii=False).translate(_REPLACED)
    data = text.encode()
    if len(data) > MOST_EVIDENCE:
        raise RuleBroken(f"Its evidence is more than the {MOST_EVIDENCE:,} bytes that are kept.")
    return ingest.keep([data], most=MOST_EVIDENCE)


def as_row(problem: Problem) -> dict[str, str]:
    """Return a problem in the form a run keeps it in."""
    return {
        "code": _text(problem.code),
        "severity": problem.severity.value,
        "place": _text(problem.place),
        "text": _text(problem.text),
        "remedy": _text(problem.remedy),
    }


def _text(text: str) -> str:
    """Return a text that every database stores: bounded, without NUL and halves of characters."""
    clean = text.translate(_REPLACED)
    return clean if len(clean) <= MOST_TEXT else f"{clean[: MOST_TEXT - 1]}…"


def _fact(value: object, depth: int = 0) -> object:
    """Return a fact the record can digest: bounded, not nested deeply, integers within 53 bits."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= MOST_INTEGER else str(value)
    if isinstance(value, str):
        return _text(value)
    if depth < MOST_DEPTH and isinstance(value, Mapping):
        entries = list(value.items())[:MOST_ENTRIES]
        return {_text(str(key)): _fact(inner, depth + 1) for key, inner in entries}
    if depth < MOST_DEPTH and isinstance(value, Sequence):
        return [_fact(inner, depth + 1) for inner in value[:MOST_ENTRIES]]
    return _text(json.dumps(value, ensure_ascii=False, default=str))
