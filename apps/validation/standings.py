"""How a version's checks stand, in the words and order pages show them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.catalog.models import ModelVersion
from apps.validation import checks
from apps.validation.basis import Basis
from apps.validation.models import CheckLease, CheckRun

NOT_RUN = "not run"
STALE = "stale"
_SHOWN = {
    CheckRun.State.FAILED: ("Failed", "bad"),
    CheckRun.State.ERRORED: ("Could not finish", "warn"),
    STALE: ("Out of date", "warn"),
    CheckRun.State.RUNNING: ("Running", "info"),
    CheckRun.State.AWAITED: ("Awaited", "info"),
    CheckRun.State.QUEUED: ("Queued", "idle"),
    CheckRun.State.CANCELED: ("Canceled", "idle"),
    NOT_RUN: ("Not run", "idle"),
    CheckRun.State.PASSED: ("Passed", "good"),
}
"""Label and tone of every state, what needs a person first."""


@dataclass(frozen=True)
class Standing:
    """One check and its newest run, if it has any."""

    name: str
    title: str
    sentence: str
    run: CheckRun | None
    moved: Sequence[str] = ()
    """What it was judged by and is otherwise now: content, record, parameters, …"""

    @classmethod
    def of(
        cls, name: str, run: CheckRun | None, version: ModelVersion, judged_by: Basis | None
    ) -> "Standing":
        known = checks.named_or_none(name)
        title = known.title if known else name
        sentence = known.sentence if known else "This release does not have this check any more."
        moved = judged_by.moved(run, version) if judged_by and run and run.is_final else ()
        return cls(name, title, sentence, run, moved)

    @property
    def is_stale(self) -> bool:
        return bool(self.moved)

    @property
    def state(self) -> str:
        if self.run is None:
            return NOT_RUN
        return STALE if self.is_stale else self.run.state

    @property
    def rank(self) -> tuple[int, str]:
        """Where it stands in a list: what needs a person first."""
        return list(_SHOWN).index(self.state), self.title

    @property
    def label(self) -> str:
        return _SHOWN[self.state][0]

    @property
    def tone(self) -> str:
        return _SHOWN[self.state][1]

    @property
    def text(self) -> str:
        """What came of it, or what is being done."""
        if self.run is None:
            return self.sentence
        if self.run.state == CheckRun.State.QUEUED:
            return "Waits for a worker."
        if self.run.state == CheckRun.State.RUNNING:
            lease: CheckLease | None = getattr(self.run, "lease", None)
            return (lease.step if lease else "") or "A worker has begun."
        if self.is_stale:
            return f"Out of date, since {_moved(self.moved)} changed. {self.run.summary}"
        return self.run.summary

    @property
    def problems(self) -> list[dict[str, str]]:
        return list(self.run.problems) if self.run else []

    @property
    def elapsed(self) -> float | None:
        """Seconds from claim to conclusion."""
        if self.run is None or self.run.started_at is None or self.run.finished_at is None:
            return None
        return (self.run.finished_at - self.run.started_at).total_seconds()


def standings(
    version: ModelVersion, runs: Mapping[str, CheckRun], judged_by: Basis | None = None
) -> list[Standing]:
    """Return every check there is, and every other one that ran, what needs a person first.

    Without a basis they are shown as they were, such as on the day of a decision.
    """
    names = dict.fromkeys([*checks.NAMES, *runs])
    found = [Standing.of(name, runs.get(name), version, judged_by) for name in names]
    return sorted(found, key=lambda standing: standing.rank)


@dataclass(frozen=True)
class Progress:
    """How many checks have concluded, and how."""

    done: int
    total: int
    passed: int

    @classmethod
    def of(cls, found: Sequence[Standing]) -> "Progress":
        runs = [standing.run for standing in found if standing.run]
        done = sum(run.is_final for run in runs)
        passed = sum(standing.state == CheckRun.State.PASSED for standing in found)
        return cls(done, len(runs), passed)

    @property
    def is_waiting(self) -> bool:
        return self.done < self.total

    @property
    def words(self) -> str:
        return f"{self.passed} of {self.total} passed" if self.total else ""

    @property
    def detail(self) -> str:
        return f"{self.done} of {self.total} done"


def evidence(run: CheckRun) -> list[dict[str, str]]:
    """Return the facts a check left, one row each."""
    return [
        {"term": str(key).replace("_", " ").capitalize(), "value": _shown(value)}
        for key, value in sorted(run.facts.items())
    ]


def whole(run: CheckRun) -> str:
    """Return a concluded run as JSON a person or program can take away."""
    result = {
        "check": run.check_name,
        "run": run.record_id,
        "examined": run.examined_digest,
        "state": run.state,
        "summary": run.summary,
        "problems": run.problems,
        "facts": dict(sorted(run.facts.items())),
        "evidence": f"sha256:{run.evidence.sha256}" if run.evidence else None,
        "parameters": run.parameters,
        "judged_by": run.basis,
        "tool_version": run.tool_version,
        "tools": run.tools,
        "attempt": run.attempt,
    }
    return json.dumps(result, indent=2, ensure_ascii=False)


_SOURCES = {
    "content": "the content",
    "record": "what is recorded with the version",
    "champion": "the version in production",
    "lineage": "the lineage",
    "documents": "the documents",
    "attestations": "the attestations",
    "advisories": "the list of advisories",
    "signers": "the list of trusted signers",
    "parameters": "the check's parameters",
}


def _moved(sources: Sequence[str]) -> str:
    named = [_SOURCES.get(source, source) for source in sources]
    return " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_shown(inner)}" for key, inner in sorted(value.items()))
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return "none" if value is None else str(value)
