"""Reads about what is expected of a version: external checks, and checks without a result."""

from datetime import datetime

from django.db.models import Q

from apps.catalog.models import ModelVersion
from apps.validation import checks, queries
from apps.validation.basis import Basis
from apps.validation.checks import UnknownCheck
from apps.validation.models import CheckRun, CheckRunQuerySet, ExternalCheck


def hours_until_due() -> dict[str, int]:
    """Return the names of the external checks that are expected, each with its hours until due."""
    expected = ExternalCheck.objects.filter(ended_at=None).exclude(name__in=checks.NAMES)
    return dict(expected.order_by("pk").values_list("name", "hours_until_due"))


def external_checks() -> dict[str, ExternalCheck]:
    """Return every external check there is or was, by its name."""
    return {found.name: found for found in ExternalCheck.objects.order_by("name", "pk")}


def external_check(name: str) -> ExternalCheck:
    """Return the expected external check of a name.

    Raises:
        UnknownCheck: when none is expected under it.
    """
    expected = ExternalCheck.objects.filter(name=name, ended_at=None)
    found: ExternalCheck | None = expected.exclude(name__in=checks.NAMES).first()
    if found is None:
        raise UnknownCheck(f"No external check named {name!a:.120} is expected.")
    return found


def without_result(version: ModelVersion) -> list[str]:
    """Return the names of the checks without a result that holds, those under way left out."""
    runs = queries.newest_runs(version)
    judged_by = Basis.of([version], runs)
    names = [*checks.NAMES, *hours_until_due()]
    return [name for name in names if _needs_it(runs.get(name), version, judged_by)]


def no_longer_awaited(now: datetime) -> CheckRunQuerySet:
    """Return the awaited runs whose result is overdue, or whose check is not expected any more."""
    expected = ExternalCheck.objects.filter(ended_at=None).values("name")
    return CheckRun.objects.filter(
        Q(due_at__lt=now) | ~Q(check_name__in=expected),
        state=CheckRun.State.AWAITED,
        version__model__deleted_at=None,
    ).order_by("pk")


def _needs_it(run: CheckRun | None, version: ModelVersion, judged_by: Basis) -> bool:
    if run is None:
        return True
    if not run.is_final:
        return False
    return run.state not in CheckRun.RESULTS or bool(judged_by.moved(run, version))
