"""What was signed instead of an assessed tier ends: with a newer tiering, or with its last day."""

from datetime import datetime

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import operations as catalog
from apps.core.actors import BY_WORKER, SYSTEM, Actor
from apps.core.sweeping import NotDue, sweeping
from apps.risk.models import Assessment, TierOverride
from apps.risk.tier_values import of_tiering

END_TIER_OVERRIDE = Action("tier_override.end", permission=BY_WORKER)
State = TierOverride.State
LIVE = (State.ASKED, State.GRANTED)


def end_for_newer(assessment: Assessment, *, by: Actor) -> None:
    """End what departs from an earlier tiering, inside the change that approves a newer one."""
    for override in TierOverride.objects.filter(model=assessment.model_id, state__in=LIVE):
        with change(END_TIER_OVERRIDE, override, by=by) as record:
            end(override, at=record.time, why="A newer tiering was approved.")
            record.note(assessment=assessment.record_id)


def end_tier_overrides(now: datetime) -> int:
    """End every other tier whose last day is over; return how many this ended."""
    over = TierOverride.objects.filter(state__in=LIVE, ends_on__lt=now.date())
    with sweeping() as sweep:
        sweep.each(list(over.order_by("ends_on", "pk")), end_tier_override)
    return sweep.done


def end_tier_override(override: TierOverride) -> None:
    """End another tier whose last day is over: the assessed one holds again.

    Raises:
        NotDue: when somebody ended it meanwhile, or its last day is still to come.
    """
    with change(END_TIER_OVERRIDE, override, by=SYSTEM) as record:
        is_over = override.ends_on < record.time.date()
        if override.state not in LIVE or not is_over:
            raise NotDue("Somebody ended it meanwhile, or its last day is still to come.")
        was_granted = override.state == State.GRANTED
        end(override, at=record.time, why="Its last day is over.")
        if was_granted:
            restore(override, by=SYSTEM)
        record.note(ended_on=str(override.ends_on), tier=override.assessed_tier)


def end(override: TierOverride, *, at: datetime, why: str) -> None:
    """Set that it holds no longer, inside the change that ends it."""
    override.state, override.ended_at, override.why = State.ENDED, at, why
    override.save()


def restore(override: TierOverride, *, by: Actor) -> None:
    """Let the inventory say the assessed tier again, and what follows from it."""
    tiering = override.assessment
    values = of_tiering(tiering, override.assessed_tier)
    catalog.record_assessed(override.model, values, by=by, assessment=tiering.record_id)
