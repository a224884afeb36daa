"""One run of a check in full, and the evidence it left."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.catalog.models import ModelVersion
from apps.catalog.outgoing import opened
from apps.catalog.sending import file_response
from apps.core import formats
from apps.validation import checks, expected, queries
from apps.validation.basis import Basis
from apps.validation.checks.contract import Severity
from apps.validation.described import in_words
from apps.validation.models import CheckRun
from apps.validation.standings import (
    CONFINED_BY,
    Standing,
    evidence,
    source_in_words,
    whole,
)
from apps.validation.views.frame import crumbs, find, url

OTHER_RUNS = 10
_GRAVEST_FIRST = {severity.value: rank for rank, severity in enumerate(Severity)}


@signed_in
@require_safe
def run(request: ActorRequest, name: str, number: int, pk: int) -> HttpResponse:
    """Show one run of a check: what it examined, by what, what it found and left as evidence."""
    version = find(request, name, number)
    found = _found(request, version, pk)
    judged_by = Basis.of([version], [found.check_name])
    external = expected.external_checks()
    standing = Standing.of(found.check_name, found, version, judged_by, external=external)
    page = {
        "version": version,
        "run": found,
        "standing": standing,
        "crumbs": [
            *crumbs(version.model),
            (f"Version {version.number}", version.get_absolute_url()),
            ("Checks", url("checks", version)),
        ],
        "statuses": [{"label": standing.label, "tone": standing.tone}],
        "run_url": url("run_checks", version),
        "may_run": found.is_final and request.actor.may("catalog.run_checks", version.model),
        "problems": by_severity(standing.problems),
        "parameters": _parameters(found),
        "settings_url": _settings_url(version, found),
        "sources": _sources(found, standing),
        "walls": found.facts.get(CONFINED_BY, []) if found.posted_by is None else [],
        "evidence": evidence(found),
        "evidence_url": url("run_evidence", version, pk) if found.evidence_id else "",
        "whole": whole(found) if found.is_final else "",
        "facts": _facts(found, standing),
        "tools": sorted(found.tools.items()),
        "others": _other_runs(found, version),
    }
    return render(request, "validation/run.html", page)


@signed_in
@require_safe
def evidence_file(request: ActorRequest, name: str, number: int, pk: int) -> HttpResponseBase:
    """Send the whole evidence of a run as the JSON file it was kept as."""
    version = find(request, name, number)
    found = _found(request, version, pk)
    if found.evidence is None:
        raise Http404
    path = f"{version.model.name}-{version.number}-{found.check_name}-{found.record_id}.json"
    return file_response(opened(path, found.evidence), request.headers)


@dataclass(frozen=True)
class Problems:
    """The problems of one severity."""

    severity: str
    rows: Sequence[dict[str, str]]

    @property
    def title(self) -> str:
        return f"{self.severity.capitalize()} · {len(self.rows)}"


def by_severity(problems: Sequence[dict[str, str]]) -> list[Problems]:
    """Return problems in groups, the gravest first."""
    ordered = sorted(problems, key=_rank)
    return [Problems(key, list(rows)) for key, rows in groupby(ordered, key=_severity)]


def _severity(problem: dict[str, str]) -> str:
    return problem["severity"]


def _rank(problem: dict[str, str]) -> int:
    return _GRAVEST_FIRST.get(problem["severity"], len(_GRAVEST_FIRST))


def _found(request: ActorRequest, version: ModelVersion, pk: int) -> CheckRun:
    runs = queries.runs_visible_to(request.actor).filter(version=version)
    related = runs.select_related("lease", "evidence", "posted_by")
    found: CheckRun = get_object_or_404(related, pk=pk)
    found.version = version
    return found


def _parameters(found: CheckRun) -> list[dict[str, Any]]:
    return [
        {"term": key.replace("_", " ").capitalize(), "value": in_words(value)}
        for key, value in sorted(found.parameters.items())
    ]


def _settings_url(version: ModelVersion, found: CheckRun) -> str:
    known = checks.named_or_none(found.check_name)
    if known is None or not found.parameters:
        return ""
    return reverse("validation:model_settings", args=[version.model.name, known.name])


def _sources(found: CheckRun, standing: Standing) -> list[dict[str, Any]]:
    """Return what it was judged by beside the bytes, and what of that is otherwise by now."""
    return [
        {
            "title": source_in_words(source).removeprefix("the ").capitalize(),
            "digest": digest if ":" in digest else "",
            "is_other": source in standing.moved,
        }
        for source, digest in sorted(found.basis.items())
    ]


def _facts(found: CheckRun, standing: Standing) -> list[dict[str, Any]]:
    took = formats.duration(standing.elapsed) if standing.elapsed is not None else ""
    facts: list[dict[str, Any]] = [
        {"term": "Run", "value": found.record_id},
        {"term": "Examined", "digest": found.examined_digest},
        {"term": "Asked for", "at": found.queued_at},
        {"term": "Awaited until", "at": found.due_at},
        {"term": "Started", "at": found.started_at},
        {"term": "Concluded", "at": found.finished_at},
        {"term": "Took", "value": took},
        {"term": "Attempt", "value": found.attempt},
        {"term": "Worker", "value": found.worker},
        {"term": "Posted by", "person": str(found.posted_by or "")},
        {"term": "Told in full at", "value": found.origin, "href": found.origin},
        {"term": "Tool version", "value": found.tool_version},
    ]
    return [fact for fact in facts if any(fact[key] for key in fact if key != "term")]


def _other_runs(found: CheckRun, version: ModelVersion) -> list[CheckRun]:
    others = version.check_runs.filter(check_name=found.check_name).exclude(pk=found.pk)
    newest = list(others.order_by("-pk")[:OTHER_RUNS])
    for other in newest:
        other.version = version
    return newest
