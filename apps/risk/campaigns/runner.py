"""Asks the owners of a campaign in batches; what a lost worker left is gone on with from there."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from apps.core.clock import database_now
from apps.core.sweeping import NotDue
from apps.risk import campaign_queries
from apps.risk.models import Campaign, CampaignSnapshot, CampaignWork
from apps.risk.operations import campaign_work
from apps.risk.tier_columns import with_tier

logger = logging.getLogger(__name__)

BATCH = 200
"""How many models are looked at between two beats."""
LEASE = timedelta(seconds=60)
"""Far longer than one batch takes; after it, another worker goes on."""

Clock = Callable[[], datetime]
State = Campaign.State
AFTER = CampaignSnapshot.Moment.AFTER


class Lost(Exception):
    """The campaign was taken from this worker, so going on would be in vain."""


@dataclass
class Claim:
    """A campaign this worker is at for as long as its last beat is the one that stands."""

    work: CampaignWork
    clock: Clock

    def beat(self, reached: int, looked_at: int) -> None:
        """Say how far it is.

        Raises:
            Lost: when another worker is at it by now.
        """
        now = self.clock()
        mine = CampaignWork.objects.filter(pk=self.work.pk, beat_at=self.work.beat_at)
        if not mine.update(reached=reached, seen=F("seen") + looked_at, beat_at=now):
            raise Lost
        self.work.reached, self.work.beat_at = reached, now

    def let_go(self) -> None:
        """Leave it to whoever comes next."""
        CampaignWork.objects.filter(pk=self.work.pk, beat_at=self.work.beat_at).update(beat_at=None)


def waiting(now: datetime) -> list[int]:
    """Return the campaigns a worker is to see to: to be prepared, or ended a moment ago."""
    return list(_free(now).order_by("pk").values_list("pk", flat=True))


def carry_out(campaign_id: int, *, clock: Clock = database_now) -> None:
    """See to a campaign, unless another worker is at it or nothing is left to do."""
    claim = _claimed(campaign_id, clock)
    if claim is None:
        return
    campaign = claim.work.campaign
    try:
        if campaign.state == State.PREPARING:
            _prepare(campaign, claim)
        else:
            campaign_work.keep_snapshot_after(campaign)
        claim.let_go()
    except (Lost, NotDue) as elsewhere:
        logger.info("Campaign %s went on elsewhere: %r", campaign_id, elsewhere)


def _free(now: datetime) -> QuerySet[CampaignWork]:
    is_idle = Q(beat_at=None) | Q(beat_at__lt=now - LEASE)
    kept = CampaignSnapshot.objects.filter(moment=AFTER).values("campaign")
    has_ended = Q(campaign__state=State.ENDED) & ~Q(campaign__in=kept)
    return CampaignWork.objects.filter(is_idle, Q(campaign__state=State.PREPARING) | has_ended)


def _claimed(campaign_id: int, clock: Clock) -> Claim | None:
    now = clock()
    work = _free(now).select_related("campaign").filter(pk=campaign_id).first()
    if work is None:
        return None
    as_seen = Q(beat_at=work.beat_at) if work.beat_at else Q(beat_at=None)
    if not CampaignWork.objects.filter(as_seen, pk=campaign_id).update(beat_at=now):
        return None
    work.beat_at = now
    return Claim(work, clock)


def _prepare(campaign: Campaign, claim: Claim) -> None:
    for batch in _batches(claim.work.reached, claim.clock):
        found = [(model, model.tier) for model in batch if model.tier in campaign.tiers]
        for start in range(0, len(found), campaign_work.AT_ONCE):
            campaign_work.ask_owners(campaign, found[start : start + campaign_work.AT_ONCE])
        claim.beat(batch[-1].pk, len(batch))
    campaign_work.open_campaign(campaign)


def _batches(reached: int, clock: Clock) -> Iterator[list[Any]]:
    """Yield the models after one that was reached, with their tiers, in the order of their ids."""
    models = campaign_queries.candidates().order_by("pk")
    while batch := list(with_tier(models.filter(pk__gt=reached), clock().date())[:BATCH]):
        yield batch
        reached = batch[-1].pk
