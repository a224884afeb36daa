"""Check runs and what they found."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.validation.models import CheckRun


class Check(Answer):
    """The newest run of one check."""

    name: str
    state: str
    run: str
    examined_digest: str
    summary: str
    finished_at: datetime | None

    @classmethod
    def of(cls, run: CheckRun) -> "Check":
        return cls(**_line(run))


class Problem(Answer):
    """One thing a check reports."""

    code: str
    severity: str
    place: str
    text: str
    remedy: str


class Examination(Check):
    """A run of a check whole: what it found, and with which tools."""

    number: int
    queued_at: datetime
    started_at: datetime | None
    problems: list[Problem]
    facts: dict[str, Any]
    tool_version: str
    origin: str
    """Where the tool that posted the result tells more; empty when a worker concluded it."""
    due_at: datetime | None
    """Until when a result from outside is awaited."""
    url: str
    page: str

    @classmethod
    def of(cls, run: CheckRun) -> "Examination":
        version = run.version
        return cls(
            **_line(run),
            number=run.pk,
            queued_at=run.queued_at,
            started_at=run.started_at,
            problems=[Problem(**problem) for problem in run.problems],
            facts=run.facts,
            tool_version=run.tool_version,
            origin=run.origin,
            due_at=run.due_at,
            url=reverse("v1:check", args=[version.model.name, version.number, run.pk]),
            page=run.get_absolute_url(),
        )


class Posted(Answer):
    """What became of a posted result: nothing a caller who may only post does not know."""

    name: str
    state: str
    run: str
    number: int
    examined_digest: str
    finished_at: datetime | None
    page: str

    @classmethod
    def of(cls, run: CheckRun) -> "Posted":
        return cls(
            name=run.check_name,
            state=run.state,
            run=run.record_id,
            number=run.pk,
            examined_digest=run.examined_digest,
            finished_at=run.finished_at,
            page=run.get_absolute_url(),
        )


class Examinations(Answer):
    """The newest run of each check on a version."""

    checks: list[Examination]

    @classmethod
    def of(cls, runs: Iterable[CheckRun]) -> "Examinations":
        return cls(checks=[Examination.of(run) for run in runs])


def _line(run: CheckRun) -> dict[str, Any]:
    return {
        "name": run.check_name,
        "state": run.state,
        "run": run.record_id,
        "examined_digest": run.examined_digest,
        "summary": run.summary,
        "finished_at": run.finished_at,
    }
