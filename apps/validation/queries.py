"""Reads about check runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from apps.catalog import queries as catalog
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.validation import checks
from apps.validation.basis import Basis
from apps.validation.models import CheckRun, CheckRunQuerySet

UNCLAIMED_AFTER = timedelta(seconds=5)
MOST_SENT = 200
"""How many unclaimed runs one sweep sends, so that sweeps cannot flood the broker."""

Facts = dict[str, object]


def runs_visible_to(actor: Actor) -> CheckRunQuerySet:
    """Return the runs on versions the actor may see."""
    return CheckRun.objects.filter(version__in=catalog.versions_visible_to(actor))


def newest_runs(version: ModelVersion) -> dict[str, CheckRun]:
    """Return the newest run of each check on a version, by the name of the check."""
    runs = version.check_runs.newest().select_related("lease")
    return {run.check_name: run for run in runs.order_by("check_name", "pk")}


def checks_facts(
    version: ModelVersion, runs: Mapping[str, CheckRun], *, judged_by: Basis, at: datetime
) -> dict[str, Facts]:
    """Return what policies read about a version's checks, given the newest run of each.

    There is one entry for every check there is, whether it ran or not.
    """
    names = {check.name for check in checks.ALL} | runs.keys()
    return {
        name: run_facts(runs.get(name), version, judged_by=judged_by, at=at)
        for name in sorted(names)
    }


def run_facts(
    run: CheckRun | None, version: ModelVersion, *, judged_by: Basis, at: datetime
) -> Facts:
    """Return what policies read about one check.

    Fresh means that it concluded, on the present digest, judged by what holds now.
    """
    if run is None:
        return {"status": "none", "age_days": -1, "fresh": False}
    return {
        "status": run.state if run.is_final else "running",
        "age_days": (at - run.finished_at).days if run.finished_at else -1,
        "fresh": run.is_final and not judged_by.moved(run, version),
    }


@dataclass(frozen=True)
class CheckCounts:
    """How the newest runs of a version's checks stand."""

    passed: int = 0
    failed: int = 0
    errored: int = 0
    waiting: int = 0

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.errored + self.waiting


def counts_by_version(versions: Iterable[ModelVersion]) -> Mapping[int, CheckCounts]:
    """Return the counts of many versions, by their ids, in one query; none run, no entry."""
    rows = (
        CheckRun.objects.filter(version__in=[version.pk for version in versions])
        .newest()
        .values("version")
        .annotate(
            passed=Count("pk", filter=Q(state=CheckRun.State.PASSED)),
            failed=Count("pk", filter=Q(state=CheckRun.State.FAILED)),
            errored=Count("pk", filter=Q(state=CheckRun.State.ERRORED)),
            waiting=Count("pk", filter=Q(state__in=CheckRun.WAITING)),
        )
    )
    return {row.pop("version"): CheckCounts(**row) for row in rows}


def unclaimed(now: datetime) -> list[int]:
    """Return the ids of runs that no worker took within seconds, those that wait longest first."""
    return list(
        CheckRun.objects.filter(state=CheckRun.State.QUEUED, queued_at__lt=now - UNCLAIMED_AFTER)
        .order_by("queued_at", "pk")
        .values_list("pk", flat=True)[:MOST_SENT]
    )


def stalled(now: datetime) -> CheckRunQuerySet:
    """Return the running runs whose worker let its lease expire, or that have none."""
    without_lease = Q(lease=None) | Q(lease__until__lt=now)
    return CheckRun.objects.filter(without_lease, state=CheckRun.State.RUNNING).order_by("pk")


def is_stalled(run: CheckRun, now: datetime) -> bool:
    """Say whether a run is under way without a lease that holds."""
    return stalled(now).filter(pk=run.pk).exists()
