"""Carries a dry run out: claimed, worked through in batches, concluded; begun again when lost."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from apps.approvals import in_force, policies
from apps.approvals.dry_runs.duties import Organization
from apps.approvals.dry_runs.people import People
from apps.approvals.dry_runs.report import Report
from apps.approvals.dry_runs.requests import OnRequests
from apps.approvals.dry_runs.versions import GATES, OnVersions
from apps.approvals.models import DryRun, PromotionRequest
from apps.approvals.policies.duties import Simulation
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.core.errors import DomainError, RuleBroken

logger = logging.getLogger(__name__)

BATCH = 300
LEASE = timedelta(seconds=60)
"""Far longer than one batch takes; after it, a run whose worker was lost begins again."""
LONGEST = timedelta(hours=1)
"""How long after it was asked for a run is still begun again."""
LOST = "Its workers were lost again and again. Ask for another one."

Row = TypeVar("Row", bound=Model)
Clock = Callable[[], datetime]
State = DryRun.State


class Lost(Exception):
    """The run was taken from this worker, so going on would be in vain."""


@dataclass
class Claim:
    """A run this worker holds for as long as its last beat is the one that stands."""

    run: DryRun
    clock: Clock

    def beat(self, *, done: int, total: int) -> None:
        """Say how far it is.

        Raises:
            Lost: when another worker has it by now.
        """
        if not self._write(done=done, total=total, beat_at=self.clock()):
            raise Lost

    def conclude(self, **outcome: Any) -> None:
        """Write down how it ended, unless another worker has it by now."""
        now = self.clock()
        if not self._write(**outcome, beat_at=now, finished_at=now):
            logger.warning("Dry run %s ends elsewhere.", self.run.pk)

    def _write(self, **values: Any) -> bool:
        mine = DryRun.objects.filter(pk=self.run.pk, state=State.RUNNING, beat_at=self.run.beat_at)
        counted = mine.update(**values)
        self.run.beat_at = values["beat_at"]
        return bool(counted)


def waiting(now: datetime) -> list[int]:
    """Return the runs to be carried out: nobody claimed them, or their worker was lost."""
    return list(_free(now).order_by("pk").values_list("pk", flat=True))


def carry_out(run_id: int, *, clock: Clock = database_now) -> None:
    """Carry a run out, unless somebody else is at it."""
    claim = _claimed(run_id, clock)
    if claim is None:
        return
    try:
        report = _report(claim)
    except Lost:
        logger.warning("Dry run %s went on elsewhere.", run_id)
    except DomainError as refusal:
        claim.conclude(state=State.FAILED, error=str(refusal)[:300])
    except Exception as trouble:
        logger.exception("Dry run %s could not be carried out.", run_id)
        claim.conclude(state=State.FAILED, error=f"{type(trouble).__name__}: {trouble}"[:300])
    else:
        claim.conclude(state=State.DONE, report=report.told())


def _free(now: datetime) -> QuerySet[DryRun]:
    is_lost = Q(state=State.RUNNING, beat_at__lt=now - LEASE)
    return DryRun.objects.filter(Q(state=State.QUEUED) | is_lost)


def _claimed(run_id: int, clock: Clock) -> Claim | None:
    now = clock()
    run = _free(now).select_related("policy").filter(pk=run_id).first()
    if run is None:
        return None
    mine = _free(now).filter(pk=run_id, beat_at=run.beat_at)
    if run.beat_at is None:
        mine = _free(now).filter(pk=run_id, beat_at__isnull=True)
    if not mine.update(state=State.RUNNING, beat_at=now, done=0, total=0):
        return None
    run.state, run.beat_at = State.RUNNING, now
    claim = Claim(run, clock)
    if now - run.asked_at > LONGEST:
        claim.conclude(state=State.FAILED, error=LOST)
        return None
    return claim


def _report(claim: Claim) -> Report:
    """Work through everything there is and return what was found."""
    before, after = in_force.policy(), policies.parsed(claim.run.policy.text)
    if after.digest != claim.run.digest:
        raise RuleBroken("The draft was changed since it was asked for. Ask for another one.")
    people, at = People.now(), claim.clock()
    report = Report.about(before, after)
    versions = ModelVersion.objects.filter(stage__in=GATES)
    requests = PromotionRequest.objects.filter(state=PromotionRequest.State.OPEN)
    done, total = 0, versions.count() + requests.count()
    claim.beat(done=done, total=total)
    organization = Organization.of(Simulation(after), people, report)
    on_versions = OnVersions(before, after, people, organization, report, at)
    on_requests = OnRequests(after, people, report, at)
    steps: tuple[tuple[QuerySet[Any], Callable[[Sequence[Any]], None]], ...] = (
        (versions.select_related("model"), on_versions.judge),
        (requests.select_related("version__model"), on_requests.judge),
    )
    for rows, judge in steps:
        for batch in _batches(rows):
            judge(batch)
            done += len(batch)
            claim.beat(done=done, total=total)
    return report


def _batches(rows: QuerySet[Row]) -> Iterator[list[Row]]:
    """Yield rows in the order of their ids, some at a time, each batch in one query."""
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        yield batch
