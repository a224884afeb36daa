"""Rollouts a place accepted: confirmed by what is seen there, or given up when nothing is."""

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime

from django.db.models import Prefetch

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.core.actors import BY_WORKER, SYSTEM
from apps.core.sweeping import NotDue, batches, sweeping
from apps.deployments import waiting
from apps.deployments.models import Placement, Rollout, Sighting

CONFIRM = Action("rollout.confirm", permission=BY_WORKER)
EXPIRE = Action("rollout.expire", permission=BY_WORKER)

SEEN = "It is seen to run as ordered."
GONE = "Nothing of it is seen any more."
MOST_EXPIRED = 200
"""How many rollouts one sweep gives up."""

_READ = ("deployment__environment__look",)
_BESIDE = (
    "placements",
    Prefetch("deployment__sightings", Sighting.objects.filter(ended_at=None), to_attr="going_on"),
)


def confirm_awaited() -> int:
    """Conclude every awaited rollout that is seen to be carried out; return how many were."""
    with sweeping() as sweep:
        for batch in batches(waiting.awaited().select_related(*_READ).prefetch_related(*_BESIDE)):
            sweep.each([one for one in batch if _is_confirmed(one)], confirm)
    return sweep.done


def confirm(rollout: Rollout) -> None:
    """Conclude a rollout as carried out, since it is seen.

    Raises:
        NotDue: when it is not awaited any more, or not seen after all.
    """
    with change(CONFIRM, rollout, by=SYSTEM) as record:
        awaited = waiting.awaited().select_related(*_READ).prefetch_related(*_BESIDE)
        fresh = awaited.filter(pk=rollout.pk).first()
        if fresh is None or not _is_confirmed(fresh):
            raise NotDue("Somebody said how it ended, or it is not seen any more.")
        seen = getattr(fresh.deployment, "going_on", ())
        rollout.finish(Rollout.State.DONE, at=record.time, told=SEEN if seen else GONE)
        rollout.deployment.take_effect(rollout)
        record.note(number=rollout.number, sightings=len(seen))


def expire_awaited(now: datetime) -> int:
    """Give up every awaited rollout whose time is over; return how many."""
    overdue = waiting.awaited().filter(awaited_until__lt=now).order_by("pk")
    with sweeping() as sweep:
        sweep.each(overdue[:MOST_EXPIRED], lambda rollout: expire(rollout, now=now))
    return sweep.done


def expire(rollout: Rollout, *, now: datetime) -> None:
    """Conclude a rollout as failed, since nobody saw it and nobody said how it ended.

    Raises:
        NotDue: when somebody did meanwhile.
    """
    with change(EXPIRE, rollout, by=SYSTEM) as record:
        until = rollout.awaited_until
        if rollout.state != Rollout.State.AWAITED or until is None or until >= now:
            raise NotDue("It is not awaited any more, or not overdue.")
        told = (
            f"{rollout.told} Nobody saw it carried out, or said so, before "
            f"{until.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
        )
        rollout.finish(Rollout.State.FAILED, at=record.time, told=told.strip())
        record.note(number=rollout.number)


def _is_confirmed(rollout: Rollout) -> bool:
    look = getattr(rollout.deployment.environment, "look", None)
    return is_carried_out(
        rollout,
        placements=list(rollout.placements.all()),
        going_on=getattr(rollout.deployment, "going_on", ()),
        looked_at=look.looked_at if look else None,
    )


def is_carried_out(
    rollout: Rollout,
    *,
    placements: Collection[Placement],
    going_on: Collection[Sighting],
    looked_at: datetime | None,
) -> bool:
    """Say whether all that is to answer is seen since the order was sent, and nothing else.

    Where nothing is to answer, a later look at the whole place has to have found nothing.
    """
    since = rollout.started_at or rollout.asked_at
    placed = {placement: _sightings_of(placement, going_on) for placement in placements}
    if {sighting.pk for seen in placed.values() for sighting in seen} != {
        sighting.pk for sighting in going_on
    }:
        return False
    if _are_shares_others(placements, going_on):
        return False
    wanted = [placed[placement] for placement in placements if answers(placement)]
    if not wanted:
        return looked_at is not None and looked_at >= since
    return all(any(sighting.last_seen_at >= since for sighting in seen) for seen in wanted)


def answers(placement: Placement) -> bool:
    """Say whether a placement is to be seen: it gets requests, or copies of them."""
    return placement.share > 0 or placement.role == Placement.Role.SHADOW


def _sightings_of(placement: Placement, going_on: Collection[Sighting]) -> list[Sighting]:
    """Return the sightings of what is placed: its content, or what else is known to be it."""
    return [
        sighting
        for sighting in going_on
        if sighting.digest == placement.content_digest
        or sighting.version_id == placement.version_id
    ]


def _are_shares_others(placements: Collection[Placement], going_on: Collection[Sighting]) -> bool:
    """Say whether a deployer tells other shares than were ordered; others only measure them."""
    ordered: Counter[str] = Counter()
    for placement in placements:
        ordered[placement.content_digest] += placement.share
    return any(
        sighting.share not in {None, ordered[sighting.digest]}
        for sighting in going_on
        if sighting.source == Sighting.Source.DEPLOYER and sighting.digest
    )
