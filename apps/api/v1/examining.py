"""Checks on a version: started, followed, with what they found."""

from django.http import Http404
from ninja import Router

from apps.api.callers import Call
from apps.api.v1 import found
from apps.api.v1.answers.checks import Examination, Examinations, Posted
from apps.api.v1.asked.results import NewResult
from apps.api.v1.asked.versions import WantedChecks
from apps.core.inputs import MOST_INTEGER
from apps.validation import operations, queries
from apps.validation.models import CheckRun

router = Router(tags=["checks"])
_CHECKS = "/models/{name}/versions/{int:number}/checks"


@router.get(_CHECKS, url_name="checks", response=Examinations)
def list_checks(request: Call, name: str, number: int) -> Examinations:
    """Show the newest run of each check on a version, with the problems it found."""
    version = found.version(request.actor, name, number)
    runs = queries.newest_runs(version).values()
    for run in runs:
        run.version = version
    return Examinations.of(runs)


@router.post(_CHECKS, url_name="checks", response={201: Examinations})
def start_checks(request: Call, name: str, number: int, asked: WantedChecks) -> Examinations:
    """Queue a new run of some checks, or of every one; those that wait already are left."""
    version = found.version(request.actor, name, number, to=operations.START_CHECKS)
    runs = operations.start_checks(version, by=request.actor, names=asked.names)
    return Examinations.of(runs)


@router.post(f"{_CHECKS}/{{check}}/result", url_name="check_result", response={201: Posted})
def post_result(request: Call, name: str, number: int, check: str, asked: NewResult) -> Posted:
    """Post what a tool outside found on a version: the result of an external check.

    A token with the scope ``results`` is enough, and reads nothing.
    """
    version = found.version(request.actor, name, number, to=operations.POST)
    run = operations.post_result(version, check, asked.result(), by=request.actor)
    return Posted.of(run)


@router.get(f"{_CHECKS}/{{int:run}}", url_name="check", response=Examination)
def show_check(request: Call, name: str, number: int, run: int) -> Examination:
    """Show one run of a check."""
    version = found.version(request.actor, name, number)
    examined: CheckRun | None = None
    if run <= MOST_INTEGER:
        examined = version.check_runs.filter(pk=run).first()
    if examined is None:
        raise Http404
    return Examination.of(examined)
