"""How a version's checks stand, in the words and order pages show them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from apps.catalog.models import ModelVersion
from apps.validation import checks, expected
from apps.validation.basis import Basis
from apps.validation.conclusions import report_digest
from apps.validation.described import in_words
from apps.validation.models import CheckLease, CheckRun, ExternalCheck

CONFINED_BY = "confined_by"
"""The fact that names the walls a check ran behind."""
FIRST_PROBLEMS = 3
"""How many problems of a check a list shows; the rest stand on the page of its run."""
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
    """What its result was judged by and is otherwise now: content, record, parameters, …"""
    at: datetime | None = None
    """As of when it is shown, so that a page can say how long a run has taken so far."""

    @classmethod
    def of(
        cls,
        name: str,
        run: CheckRun | None,
        version: ModelVersion,
        judged_by: Basis | None,
        *,
        external: Mapping[str, ExternalCheck],
        at: datetime | None = None,
    ) -> "Standing":
        known = checks.named_or_none(name) or external.get(name)
        title = known.title if known else name
        sentence = known.sentence if known else "This release does not have this check any more."
        moved: Sequence[str] = ()
        if judged_by and run and run.state in CheckRun.RESULTS:
            moved = judged_by.moved(run, version)
        return cls(name, title, sentence, run, moved, at)

    @property
    def is_stale(self) -> bool:
        return bool(self.moved)

    @property
    def state(self) -> str:
        if self.run is None:
            return NOT_RUN
        return STALE if self.is_stale else self.run.state

    @property
    def is_waiting(self) -> bool:
        return self.run is not None and not self.run.is_final

    @property
    def cancel_value(self) -> str:
        """What a button that cancels it sends; nothing when it has concluded."""
        return self.name if self.is_waiting else ""

    @property
    def needs_a_run(self) -> bool:
        """Whether it has no result that holds, and none is on its way."""
        return self.state in _NEEDING

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
        if self.run.state == CheckRun.State.AWAITED and self.run.due_at:
            due = self.run.due_at.astimezone(UTC)
            return f"A tool outside posts the result, until {due:%Y-%m-%d %H:%M} UTC."
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
    def first_problems(self) -> list[dict[str, str]]:
        return self.problems[:FIRST_PROBLEMS]

    @property
    def text_in_a_list(self) -> str:
        """The text beside the first problems, which says when there are more."""
        more = len(self.problems) - FIRST_PROBLEMS
        return f"{self.text} The page of this run shows {more} more." if more > 0 else self.text

    @property
    def elapsed(self) -> float | None:
        """Seconds from claim to conclusion, or until now."""
        if self.run is None or self.run.started_at is None:
            return None
        until = self.run.finished_at or self.at
        return max((until - self.run.started_at).total_seconds(), 0.0) if until else None


_NEEDING = {NOT_RUN, STALE, CheckRun.State.ERRORED, CheckRun.State.CANCELED}


def standings(
    version: ModelVersion,
    runs: Mapping[str, CheckRun],
    judged_by: Basis | None = None,
    at: datetime | None = None,
) -> list[Standing]:
    """Return every check there is, and every other one that ran, what needs a person first.

    Without a basis they are shown as they were, such as on the day of a decision.
    """
    external = expected.external_checks()
    wanted = (name for name, check in external.items() if check.ended_at is None)
    names = dict.fromkeys([*checks.NAMES, *wanted, *runs])
    found = [
        Standing.of(name, runs.get(name), version, judged_by, external=external, at=at)
        for name in names
    ]
    return sorted(found, key=lambda standing: standing.rank)


@dataclass(frozen=True)
class Group:
    """Checks that stand alike, under one heading."""

    title: str
    rows: Sequence[Standing]
    is_folded: bool = False

    @property
    def summary(self) -> str:
        """What stands on the fold."""
        return f"{len(self.rows)} {'check' if len(self.rows) == 1 else 'checks'} passed"


def grouped(found: Sequence[Standing]) -> list[Group]:
    """Return checks by where they stand, what needs a person first; what passed is folded away."""
    groups = (
        Group(title, [one for one in found if one.state in states], title == _FOLDED)
        for title, states in _GROUPS
    )
    return [group for group in groups if group.rows]


_FOLDED = "Passed"
_GROUPS = (
    ("Failed", {CheckRun.State.FAILED}),
    ("Could not finish", {CheckRun.State.ERRORED}),
    ("Out of date", {STALE}),
    ("Under way", CheckRun.WAITING),
    (_FOLDED, {CheckRun.State.PASSED}),
    ("Not run", {CheckRun.State.CANCELED, NOT_RUN}),
)

_WORKING = {CheckRun.State.QUEUED, CheckRun.State.RUNNING}


@dataclass(frozen=True)
class Progress:
    """How many checks have concluded, and how."""

    done: int
    total: int
    passed: int
    working: int
    """How many wait for a worker, or have one."""

    @classmethod
    def of(cls, found: Sequence[Standing]) -> "Progress":
        runs = [standing.run for standing in found if standing.run]
        done = sum(run.is_final for run in runs)
        passed = sum(standing.state == CheckRun.State.PASSED for standing in found)
        working = sum(run.state in _WORKING for run in runs)
        return cls(done, len(runs), passed, working)

    @property
    def is_waiting(self) -> bool:
        return self.done < self.total

    @property
    def seconds_between_looks(self) -> int:
        """How often a page asks again: rarely when only results from outside are awaited."""
        return 2 if self.working else 30

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
        if key != CONFINED_BY
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
        "evidence": report_digest(run.evidence),
        "parameters": run.parameters,
        "judged_by": run.basis,
        "tool_version": run.tool_version,
        "tools": run.tools,
        "attempt": run.attempt,
    }
    return json.dumps(result, indent=2, ensure_ascii=False)


_SOURCES = {
    "content": "the content",
    "check": "the check itself",
    "record": "what is recorded with the version",
    "champion": "the version in production",
    "lineage": "the lineage",
    "documents": "the documents",
    "attestations": "the attestations",
    "advisories": "the list of advisories",
    "signers": "the list of trusted signers",
    "parameters": "the check's parameters",
}


def source_in_words(source: str) -> str:
    """Return what a check is judged by, in words."""
    return _SOURCES.get(source, source)


def _moved(sources: Sequence[str]) -> str:
    named = [source_in_words(source) for source in sources]
    return " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))


def _shown(value: object) -> str:
    if isinstance(value, dict) and value:
        return ", ".join(f"{key}: {_shown(inner)}" for key, inner in sorted(value.items()))
    if isinstance(value, list) and value:
        return ", ".join(map(_shown, value))
    return in_words(value)
