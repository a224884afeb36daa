"""What people can do with webhooks: their own, or as platform administrators anybody's."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from uuid import uuid4

from apps.accounts.models import User
from apps.accounts.rights import MANAGE_WEBHOOKS
from apps.audit.actions import Action
from apps.audit.changes import Record, change, record_access
from apps.audit.governed import REGISTRY
from apps.core import addresses
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from apps.core.inputs import InputRefused, require_text
from apps.integrations import payloads, runner
from apps.integrations.happenings import EVENTS
from apps.integrations.models import Webhook, WebhookDelivery, WebhookSecret
from apps.integrations.queries import REGISTER

_OWN = "You do not have the right to have webhooks. Model owners and developers have it."
_OF_ANOTHER = "Only its owner or a platform administrator may do this with a webhook."

CREATE_WEBHOOK = Action("webhook.create", permission=REGISTER, refusal=_OWN)
CHANGE_WEBHOOK = Action("webhook.change", permission=REGISTER, refusal=_OWN)
DELETE_WEBHOOK = Action("webhook.delete", permission=REGISTER, refusal=_OWN)
TEST_WEBHOOK = Action("webhook.test", permission=REGISTER, refusal=_OWN)
CHANGE_ANOTHERS = Action(
    "webhook.change_anothers",
    permission=MANAGE_WEBHOOKS,
    needs_reason=True,
    refusal=_OF_ANOTHER,
)
DELETE_ANOTHERS = Action(
    "webhook.delete_anothers",
    permission=MANAGE_WEBHOOKS,
    needs_reason=True,
    refusal=_OF_ANOTHER,
)
TEST_ANOTHERS = Action("webhook.test_anothers", permission=MANAGE_WEBHOOKS, refusal=_OF_ANOTHER)

MOST_WEBHOOKS = 50
MOST_NAME = 63
MOST_DESCRIPTION = 1000
MOST_SECRET = 256
DELETED = "The webhook was deleted."

_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Trial:
    """How a test of a webhook went. What the address answered is not kept, but for the status."""

    is_success: bool
    answered: int | None
    note: str = ""


def create_webhook(
    *,
    by: Actor,
    name: str,
    url: str,
    events: Collection[str],
    secret: str = "",
    description: str = "",
    status: str = Webhook.Status.ACTIVE,
) -> Webhook:
    """Have an address told what happens to the models its owner, the actor, may see."""
    with change(CREATE_WEBHOOK, REGISTRY, by=by) as record:
        if by.user_id is None:
            raise NotAllowed("Only a person or a service account has webhooks.")
        owner = User.locked(by.user_id)
        if Webhook.objects.there().filter(owner=owner).count() >= MOST_WEBHOOKS:
            raise RuleBroken(f"You have {MOST_WEBHOOKS} webhooks. Delete one you no longer use.")
        webhook = Webhook(
            owner=owner,
            created_at=record.time,
            touched_at=record.time,
            active_since=record.time,
        )
        _fill(webhook, name=name, url=url, events=events, description=description, status=status)
        webhook.secret_set_at = record.time if secret else None
        webhook.save()
        _keep_secret(webhook, secret)
        record.about(webhook)
        record.note(name=name, events=webhook.events, signed=bool(secret))
    return webhook


def change_webhook(
    webhook: Webhook,
    *,
    by: Actor,
    reason: str = "",
    name: str | None = None,
    url: str | None = None,
    events: Collection[str] | None = None,
    secret: str | None = None,
    description: str | None = None,
    status: str | None = None,
) -> Webhook:
    """Change what is given, and try again soon what could not be delivered before.

    An empty secret takes it away.
    """
    changing = (
        change(CHANGE_WEBHOOK, webhook, by=by, reason=reason)
        if webhook.owner_id == by.user_id
        else change(CHANGE_ANOTHERS, webhook, by=by, reason=reason)
    )
    with changing as record:
        was_active = webhook.is_active
        changed = _fill(
            webhook, name=name, url=url, events=events, description=description, status=status
        )
        if secret is not None:
            webhook.secret_set_at = record.time if secret else None
            _keep_secret(webhook, secret)
            changed.append("secret")
        if changed:
            _touch(webhook, record, wakes=webhook.is_active and not was_active)
        record.note(changed=changed)
    return webhook


def delete_webhook(webhook: Webhook, *, by: Actor, reason: str = "") -> Webhook:
    """End a webhook for good: what waits is not sent, and its secret is forgotten."""
    ending = (
        change(DELETE_WEBHOOK, webhook, by=by, reason=reason)
        if webhook.owner_id == by.user_id
        else change(DELETE_ANOTHERS, webhook, by=by, reason=reason)
    )
    with ending as record:
        webhook.ended_at = webhook.touched_at = record.time
        webhook.secret_set_at = None
        webhook.save()
        _keep_secret(webhook, "")
        webhook.deliveries.waiting().update(
            state=WebhookDelivery.State.DROPPED,
            finished_at=record.time,
            lease_until=None,
            note=DELETED,
        )
    return webhook


def try_webhook(webhook: Webhook, *, by: Actor, happening: str = "") -> Trial:
    """Send an example to the address, once it is recorded who asks for it.

    Nothing of the answer is shown but its status.
    """
    webhook.require_there()
    happening = happening or webhook.events[0]
    _require_events([happening])
    facts = {"happening": happening}
    if webhook.owner_id == by.user_id:
        record_access(TEST_WEBHOOK, webhook, by=by, facts=facts)
    else:
        record_access(TEST_ANOTHERS, webhook, by=by, facts=facts)
    data = payloads.example_of(happening)
    sent = payloads.envelope(happening, at=database_now().isoformat(), data=data)
    try:
        answered = runner.post(webhook, str(uuid4()), sent)
    except DomainError as trouble:
        return Trial(False, None, str(trouble))
    if 200 <= answered < 300:
        return Trial(True, answered)
    return Trial(False, answered, f"The address answered with status {answered}.")


def _fill(
    webhook: Webhook,
    *,
    name: str | None,
    url: str | None,
    events: Collection[str] | None,
    description: str | None,
    status: str | None,
) -> list[str]:
    """Set the given fields, provided they hold what they may; return which ones changed."""
    given = {
        "name": _name(name),
        "url": _url(url),
        "events": _events(events),
        "description": _description(description),
        "status": _status(status),
    }
    changed = [
        key
        for key, value in given.items()
        if value is not None and (webhook._state.adding or getattr(webhook, key) != value)
    ]
    for key in changed:
        setattr(webhook, key, given[key])
    return changed


def _name(name: str | None) -> str | None:
    if name is not None and (len(name) > MOST_NAME or not _NAME.fullmatch(name)):
        raise InputRefused(
            f"The name of a webhook has 1 to {MOST_NAME} letters, digits, dots, underscores and "
            "hyphens, with a letter or digit at both ends."
        )
    return name


def _url(url: str | None) -> str | None:
    if url is not None:
        addresses.destination(url)
    return url


def _events(events: Collection[str] | None) -> list[str] | None:
    if events is None:
        return None
    _require_events(events)
    return [known for known in EVENTS if known in events]


def _require_events(events: Collection[str]) -> None:
    if not events or set(events) - set(EVENTS):
        raise InputRefused(f"The events of a webhook are one or more of {', '.join(EVENTS)}.")


def _description(description: str | None) -> str | None:
    if description is not None:
        require_text(description, "The description", MOST_DESCRIPTION, lines=True)
    return description


def _status(status: str | None) -> str | None:
    if status is not None and status not in Webhook.Status.values:
        raise InputRefused(f"The status is one of {', '.join(Webhook.Status.values)}.")
    return status


def _keep_secret(webhook: Webhook, secret: str) -> None:
    require_text(secret, "The secret", MOST_SECRET)
    if secret:
        WebhookSecret.objects.update_or_create(webhook=webhook, defaults={"text": secret})
    else:
        WebhookSecret.objects.filter(webhook=webhook).delete()


def _touch(webhook: Webhook, record: Record, *, wakes: bool) -> None:
    webhook.touched_at = record.time
    if wakes:
        webhook.active_since = record.time
    webhook.save()
    webhook.deliveries.waiting().update(next_at=record.time)
