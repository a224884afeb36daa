"""Long work: claim a delivery, send it outside any transaction, conclude under the fence."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from apps.core import outbound
from apps.core.clock import database_now
from apps.core.errors import DomainError
from apps.integrations import formats, queries
from apps.integrations.models import BACK_OFF, MOST_TRIES, Webhook, WebhookDelivery
from apps.integrations.outgoing import NotToBeSent, Outgoing

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""Far longer than one try takes; after it, a try whose worker was lost is made again."""

AT_ONCE = timedelta(seconds=60)
"""How long one task works for one webhook before others get their turn."""

HIDDEN = "The owner of the webhook may not see this model."
LOST = "The worker was lost in the middle of the last try."
ANSWERED = "The address answered with status {}."
DECLINED = "The address answered with status {}: it does not take this, or not for this commit."

Clock = Callable[[], datetime]
State = WebhookDelivery.State


@dataclass(frozen=True)
class Outcome:
    """How one try ended."""

    state: State
    answered: int | None = None
    note: str = ""
    told: str = ""


def deliver_waiting(webhook_id: int, *, clock: Clock = database_now) -> int:
    """Send what is due to one webhook, one after the other; return how many tries were made."""
    tries, ends = 0, clock() + AT_ONCE
    while clock() < ends:
        delivery = claim(webhook_id, now=clock())
        if delivery is None:
            break
        tries += 1
        conclude(delivery, send(delivery), now=clock())
    return tries


def claim(webhook_id: int, *, now: datetime) -> WebhookDelivery | None:
    """Begin the next try to a webhook that may be sent to, unless somebody else is at it."""
    if not Webhook.objects.active().filter(pk=webhook_id).exists():
        return None
    delivery = queries.first_in_line(webhook_id)
    if delivery is None:
        return None
    free = WebhookDelivery.objects.waiting().due(now)
    mine = free.filter(pk=delivery.pk, attempts=delivery.attempts)
    if not mine.update(attempts=delivery.attempts + 1, lease_until=now + LEASE, tried_at=now):
        return None
    delivery.attempts += 1
    return delivery


def send(delivery: WebhookDelivery) -> Outcome:
    """Make one try, provided the owner may see what it is about; no transaction is open."""
    webhook = Webhook.objects.select_related("owner").get(pk=delivery.webhook_id)
    if delivery.attempts > MOST_TRIES:
        return Outcome(State.FAILED, note=LOST)
    if not queries.is_theirs_to_know(webhook.owner, delivery.model):
        return Outcome(State.DROPPED, note=HIDDEN)
    try:
        outgoing = formats.of_delivery(webhook, delivery)
        answered = outbound.post(outgoing.url, outgoing.body, headers=outgoing.headers)
    except NotToBeSent as why:
        return Outcome(State.DROPPED, note=str(why)[:200])
    except DomainError as trouble:
        return Outcome(State.WAITING, note=str(trouble)[:200])
    return _outcome(outgoing, answered)


def _outcome(outgoing: Outgoing, answered: int) -> Outcome:
    if 200 <= answered < 300:
        return Outcome(State.DELIVERED, answered, told=outgoing.told)
    if answered in outgoing.declined_by:
        return Outcome(State.FAILED, answered, DECLINED.format(answered))
    return Outcome(State.WAITING, answered, ANSWERED.format(answered))


def try_out(webhook: Webhook, happening: str) -> int:
    """Send an example, or ask for what a webhook needs; return the status of the answer.

    Raises:
        AddressRefused, NotReached: as the outbound client says.
    """
    outgoing = formats.of_trial(webhook, happening)
    if outgoing.body:
        return outbound.post(outgoing.url, outgoing.body, headers=outgoing.headers)
    return outbound.look(outgoing.url, headers=outgoing.headers)


def conclude(delivery: WebhookDelivery, outcome: Outcome, *, now: datetime) -> bool:
    """Write down how a try ended, provided no newer one began; say whether it did count."""
    state = outcome.state
    if state == State.WAITING and delivery.attempts >= MOST_TRIES:
        state = State.FAILED
    held = Q(pk=delivery.pk, attempts=delivery.attempts, lease_until__isnull=False)
    counted = (
        WebhookDelivery.objects.waiting()
        .filter(held)
        .update(
            state=state,
            answered=outcome.answered,
            note=outcome.note,
            told=outcome.told,
            lease_until=None,
            next_at=now + BACK_OFF[min(delivery.attempts, len(BACK_OFF)) - 1],
            finished_at=None if state == State.WAITING else now,
        )
    )
    if not counted:
        logger.warning("Try %s of delivery %s came too late.", delivery.attempts, delivery.uid)
    return bool(counted)
