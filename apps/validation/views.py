"""Pages of checks: how they stand, one run in full, and the button that starts them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.catalog import queries as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core import formats
from apps.core.errors import DomainError
from apps.validation import operations, queries
from apps.validation.models import CheckRun
from apps.validation.standings import Progress, Standing, evidence, standings, whole

OTHER_RUNS = 10
STAGE_TONES = {Stage.STAGING: "info", Stage.PRODUCTION: "good"}


@signed_in
@require_safe
def checks(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Show how every check of a version stands."""
    version = _version(request, name, number)
    return render(request, "validation/checks.html", _page(request, version))


@signed_in
@require_safe
def checks_part(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Show the part of that page that asks for itself again while checks run."""
    version = _version(request, name, number)
    return render(request, "validation/_checks.html", _part(request, version))


@signed_in
@require_POST
def run_checks(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Start the named checks again, or all of them."""
    version = _version(request, name, number)
    try:
        runs = operations.start_checks(
            version, by=request.actor, names=request.POST.getlist("check") or None
        )
    except DomainError as refusal:
        page = _page(request, version) | {"refusal": str(refusal)}
        return render(request, "validation/checks.html", page, status=422)
    started = "1 check is" if len(runs) == 1 else f"{len(runs)} checks are"
    messages.info(request, f"{started} under way. Each result appears here when it is there.")
    return redirect("validation:checks", name, number)


@signed_in
@require_safe
def run(request: ActorRequest, name: str, number: int, pk: int) -> HttpResponse:
    """Show one run of a check in full: what it examined, found and left as evidence."""
    version = _version(request, name, number)
    runs = queries.runs_visible_to(request.actor).filter(version=version)
    found = get_object_or_404(runs.select_related("lease"), pk=pk)
    found.version = version
    standing = Standing.of(found.check_name, found, version)
    page = {
        "version": version,
        "run": found,
        "standing": standing,
        "crumbs": [
            *_crumbs(version),
            (f"Version {version.number}", version.get_absolute_url()),
            ("Checks", _url("checks", version)),
        ],
        "statuses": [{"label": standing.label, "tone": standing.tone}],
        "run_url": _url("run_checks", version),
        "may_run": found.is_final and request.actor.may("catalog.run_checks", version.model),
        "evidence": evidence(found),
        "whole": whole(found) if found.is_final else "",
        "facts": _run_facts(found, standing),
        "others": _other_runs(found, version),
    }
    return render(request, "validation/run.html", page)


def _version(request: ActorRequest, name: str, number: int) -> ModelVersion:
    version = catalog.version_or_none(request.actor, name, number)
    if version is None:
        raise Http404
    return version


def _page(request: ActorRequest, version: ModelVersion) -> dict[str, Any]:
    return _part(request, version) | {
        "title": f"{version.model.name}, version\u00a0{version.number}",
        "here": f"Version {version.number}",
        "statuses": [
            {
                "label": version.get_stage_display(),
                "tone": STAGE_TONES.get(Stage(version.stage), "idle"),
            }
        ],
        "crumbs": _crumbs(version),
        "examined": [
            {"term": "Digest", "digest": version.content_digest},
            {"term": "Files", "value": version.file_count},
        ],
    }


def _part(request: ActorRequest, version: ModelVersion) -> dict[str, Any]:
    runs = queries.newest_runs(version)
    for found in runs.values():
        found.version = version
    shown = standings(version, runs)
    progress = Progress.of(shown)
    may_run = request.actor.may("catalog.run_checks", version.model)
    return {
        "version": version,
        "standings": shown,
        "progress": progress,
        "has_runs": bool(runs),
        "run_label": "Run all again" if runs else "Run all checks",
        "run_disabled": not may_run or progress.is_waiting or not version.is_ready,
        "run_why": _why_not(version, may_run=may_run, is_waiting=progress.is_waiting),
        "page_url": _url("checks", version),
        "part_url": _url("checks_part", version),
        "run_url": _url("run_checks", version),
    }


def _why_not(version: ModelVersion, *, may_run: bool, is_waiting: bool) -> str:
    if not may_run:
        return "Developers, owners, operators and validators of this model can run checks."
    if not version.is_ready:
        return "Checks can run once the version's files are complete."
    return "Possible again when every check has concluded." if is_waiting else ""


def _crumbs(version: ModelVersion) -> list[tuple[str, str]]:
    return [
        ("Models", reverse("models:list")),
        (version.model.name, version.model.get_absolute_url()),
    ]


def _url(name: str, version: ModelVersion) -> str:
    return reverse(f"validation:{name}", args=[version.model.name, version.number])


def _run_facts(found: CheckRun, standing: Standing) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {"term": "Run", "value": found.record_id},
        {"term": "Examined", "digest": found.examined_digest},
        {"term": "Asked for", "at": found.queued_at},
        {"term": "Started", "at": found.started_at},
        {"term": "Concluded", "at": found.finished_at},
        {"term": "Took", "value": standing.elapsed and formats.duration(standing.elapsed)},
        {"term": "Attempt", "value": found.attempt},
        {"term": "Worker", "value": found.worker},
        {"term": "Tool version", "value": found.tool_version},
    ]
    return [fact for fact in facts if any(fact[key] for key in fact if key != "term")]


def _other_runs(found: CheckRun, version: ModelVersion) -> list[CheckRun]:
    others = version.check_runs.filter(check_name=found.check_name).exclude(pk=found.pk)
    newest = list(others.order_by("-pk")[:OTHER_RUNS])
    for other in newest:
        other.version = version
    return newest
