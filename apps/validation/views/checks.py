"""Pages of a version's checks: how they stand, and the buttons that start and cancel them."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.catalog.models import ModelVersion
from apps.core.errors import DomainError
from apps.validation import operations, queries
from apps.validation.basis import Basis
from apps.validation.models import CheckRun
from apps.validation.standings import Group, Progress, Standing, grouped, standings
from apps.validation.views.frame import find, frame, url

CANCEL_FORM = "cancel-checks"
NOTHING_STARTED, NOTHING_CANCELED = "Nothing was started.", "Nothing was canceled."


@signed_in
@require_safe
def checks(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Show how every check of a version stands."""
    version = find(request, name, number)
    return render(request, "validation/checks.html", _page(request, version))


@signed_in
@require_safe
def checks_part(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Show the part of that page that asks for itself again while checks run."""
    version = find(request, name, number)
    return render(request, "validation/_checks.html", _part(request, version))


@signed_in
@require_POST
def run_checks(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Start the named checks again, those without a result, or all of them."""
    version = find(request, name, number)

    def start() -> list[CheckRun]:
        if "missing" in request.POST:
            return operations.start_missing(version, by=request.actor)
        names = request.POST.getlist("check") or None
        return operations.start_checks(version, by=request.actor, names=names)

    return _done(
        request,
        version,
        start,
        "{} under way. Each result appears here when it is there.",
        NOTHING_STARTED,
    )


@signed_in
@require_POST
def cancel_checks(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Cancel the named checks, or all of them."""
    version = find(request, name, number)

    def cancel() -> list[CheckRun]:
        names = request.POST.getlist("check") or None
        return operations.cancel_checks(version, by=request.actor, names=names)

    return _done(request, version, cancel, "{} canceled.", NOTHING_CANCELED)


def _done(
    request: ActorRequest,
    version: ModelVersion,
    operation: Callable[[], Sequence[CheckRun]],
    said: str,
    undone: str,
) -> HttpResponse:
    try:
        runs = operation()
    except DomainError as refusal:
        page = _page(request, version) | {"refusal": str(refusal), "undone": undone}
        return render(request, "validation/checks.html", page, status=422)
    counted = "1 check is" if len(runs) == 1 else f"{len(runs)} checks are"
    messages.info(request, said.format(counted))
    return redirect("validation:checks", version.model.name, version.number)


def _page(request: ActorRequest, version: ModelVersion) -> dict[str, Any]:
    return _part(request, version) | {
        **frame(version),
        "examined": [
            {"term": "Digest", "digest": version.content_digest},
            {"term": "Files", "value": version.file_count},
        ],
        "reference_url": reverse("validation:reference"),
        "lists": list(queries.lists_in_force().values()),
    }


def _part(request: ActorRequest, version: ModelVersion) -> dict[str, Any]:
    runs = queries.newest_runs(version)
    for found in runs.values():
        found.version = version
    shown = standings(version, runs, Basis.of([version], runs), timezone.now())
    may_run = request.actor.may("catalog.run_checks", version.model)
    startable = may_run and version.is_ready and not all(one.is_waiting for one in shown)
    return {
        "version": version,
        "groups": _groups(shown, has_runs=bool(runs)),
        "progress": Progress.of(shown),
        "has_runs": bool(runs),
        "run_label": "Run all again" if runs else "Run all checks",
        "run_disabled": not startable,
        "run_why": _why_not(version, may_run=may_run, startable=startable),
        "missing": bool(runs) and startable and any(one.needs_a_run for one in shown),
        "cancel_form": CANCEL_FORM if may_run and any(one.is_waiting for one in shown) else "",
        "page_url": url("checks", version),
        "part_url": url("checks_part", version),
        "run_url": url("run_checks", version),
        "cancel_url": url("cancel_checks", version),
    }


def _groups(shown: Sequence[Standing], *, has_runs: bool) -> list[Group]:
    """Return the checks by where they stand; before the first run there is nothing to tell."""
    return grouped(shown) if has_runs else []


def _why_not(version: ModelVersion, *, may_run: bool, startable: bool) -> str:
    if not may_run:
        return "Developers, owners, operators and validators of this model can run checks."
    if not version.is_ready:
        return "Checks can run once the version's files are complete."
    return "" if startable else "Possible again when a check has concluded."
