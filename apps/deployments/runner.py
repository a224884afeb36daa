"""Long work: claim a rollout, have it carried out outside a transaction, conclude under the fence.

A worker may die, or be taken for dead, at any moment. The rollout is then sent again with the same
number and key; what a place did already, or did of a newer number, it does not do once more.
"""

import logging
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.core.actors import BY_WORKER, SYSTEM, WORKER
from apps.core.errors import DomainError, NotFound
from apps.core.sweeping import NotDue, sweeping
from apps.deployments import deployers, leases, probing, waiting
from apps.deployments.deployers import UnknownDeployer
from apps.deployments.deployers.contract import Ending, Outcome
from apps.deployments.leases import Heartbeat
from apps.deployments.models import Rollout
from apps.deployments.models.deployments import NotWaiting, StaleOutcome
from apps.deployments.ordering import order_of

logger = logging.getLogger(__name__)

CLAIM = Action("rollout.claim", permission=BY_WORKER)
CONCLUDE = Action("rollout.conclude", permission=BY_WORKER)
TAKE_BACK = Action("rollout.take_back", permission=BY_WORKER)

BACK_OFF = (
    timedelta(seconds=5),
    timedelta(seconds=20),
    timedelta(minutes=1),
    timedelta(minutes=3),
    timedelta(minutes=10),
)
"""How long to wait after each failed try; the last of them again after every further one."""

OWN_ERROR = (
    "The deployer stopped with an error of its own ({}). The worker's log holds the details."
)
TOO_LONG = "The deployer was stopped because it took too long."
LOST = "The worker was lost {} times in the middle of this. See what runs there."

State = Rollout.State


def execute(rollout_id: int, *, worker: str) -> None:
    """Carry out one rollout, unless its row says that somebody else did or does."""
    rollout = Rollout.objects.filter(pk=rollout_id, state=State.QUEUED).first()
    if rollout is None:
        logger.info("Rollout %s does not wait; the message came twice or late.", rollout_id)
        return
    try:
        attempt = claim(rollout, worker=worker)
        with Heartbeat(rollout.pk, attempt):
            outcome = carried_out(rollout)
        conclude(rollout, attempt, outcome)
    except (NotWaiting, StaleOutcome) as lost:
        logger.warning("Rollout %s is left to others: %s", rollout_id, lost)
    except NotFound as deleted:
        logger.info("Rollout %s is left alone: %s", rollout_id, deleted)


def claim(rollout: Rollout, *, worker: str) -> int:
    """Take a waiting rollout with a lease; return the attempt, which is its fence.

    Raises:
        NotWaiting: when it was claimed or superseded, or is not to be tried again yet.
    """
    with change(CLAIM, rollout, by=WORKER) as record:
        if rollout.try_at is not None and rollout.try_at > record.time:
            raise NotWaiting("This rollout is not to be tried again yet.")
        rollout.claim(worker=worker, at=record.time)
        leases.grant(rollout)
        record.note(number=rollout.number, attempt=rollout.attempt)
    return rollout.attempt


def carried_out(rollout: Rollout) -> Outcome:
    """Hand a rollout to its deployer; whatever goes wrong there is an outcome, too."""
    try:
        deployer = deployers.named(rollout.deployer)
        outcome = deployer.carry_out(order_of(rollout), probing.of_deployer(rollout.target))
        return Outcome(Ending(outcome.ending), _plain(outcome.told))
    except UnknownDeployer as unknown:
        return Outcome(Ending.REFUSED, str(unknown))
    except SoftTimeLimitExceeded:
        return Outcome(Ending.FAILED, TOO_LONG)
    except DomainError as trouble:
        return Outcome(Ending.FAILED, _plain(str(trouble)))
    except Exception as error:
        logger.exception("Rollout %s could not be carried out.", rollout.pk)
        return Outcome(Ending.FAILED, OWN_ERROR.format(type(error).__name__))


def conclude(rollout: Rollout, attempt: int, outcome: Outcome) -> None:
    """Record how a rollout ended, provided the attempt still holds it.

    Raises:
        StaleOutcome: when it was taken back, or a newer rollout superseded it.
    """
    with change(CONCLUDE, rollout, by=WORKER) as record:
        rollout.require_held(attempt)
        _write(outcome, rollout, at=record.time)
        leases.end(rollout)
        record.note(
            number=rollout.number,
            attempt=attempt,
            ending=outcome.ending.value,
            outcome=rollout.state,
        )


def take_back_stalled(now: datetime) -> list[int]:
    """Take every stalled rollout back; return those that wait again."""
    rollouts = list(waiting.stalled(now))
    with sweeping() as sweep:
        sweep.each(rollouts, lambda rollout: take_back(rollout, now=now))
    return [rollout.pk for rollout in rollouts if rollout.state == State.QUEUED]


def take_back(rollout: Rollout, *, now: datetime) -> None:
    """Make a rollout wait again after its worker was lost, or give it up after several tries.

    Raises:
        NotDue: when its worker is alive after all.
    """
    with change(TAKE_BACK, rollout, by=SYSTEM) as record:
        if not waiting.stalled(now).filter(pk=rollout.pk).exists():
            raise NotDue("Its worker renewed the lease meanwhile, or concluded.")
        leases.end(rollout)
        if rollout.attempt < settings.ROLLOUT_TRIES:
            rollout.wait_again(told="The worker was lost.", try_at=None)
        else:
            told = LOST.format(rollout.attempt)
            rollout.finish(State.FAILED, at=record.time, told=told)
        record.note(number=rollout.number, attempt=rollout.attempt, outcome=rollout.state)


def _write(outcome: Outcome, rollout: Rollout, *, at: datetime) -> None:
    match outcome.ending:
        case Ending.DONE:
            rollout.finish(State.DONE, at=at, told=outcome.told)
            rollout.deployment.take_effect(rollout)
        case Ending.ACCEPTED:
            rollout.be_awaited(told=outcome.told, until=at + _patience(rollout))
        case Ending.FAILED if rollout.attempt < settings.ROLLOUT_TRIES:
            again = BACK_OFF[min(rollout.attempt, len(BACK_OFF)) - 1]
            rollout.wait_again(told=outcome.told, try_at=at + again)
        case _:
            rollout.finish(State.FAILED, at=at, told=outcome.told)


def _patience(rollout: Rollout) -> timedelta:
    """Return how long confirmation may take: of a place that shows itself, or of people."""
    shows = deployers.named(rollout.deployer).can_look
    patience: timedelta = settings.ROLLOUT_AWAITED if shows else settings.ROLLOUT_BY_HAND
    return patience


def _plain(told: str) -> str:
    """Return what a deployer said as a database takes it."""
    return str(told).encode("utf-8", "replace").decode().replace("\0", "�")
