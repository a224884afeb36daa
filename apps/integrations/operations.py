"""What people can do with webhooks: their own, or as platform administrators anybody's."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from apps.accounts.models import User
from apps.accounts.rights import MANAGE_WEBHOOKS
from apps.audit.actions import Action
from apps.audit.changes import Record, change, record_access
from apps.audit.governed import REGISTRY
from apps.core.actors import Actor
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from apps.integrations import runner
from apps.integrations.declared import Declared, require_events, require_format
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
DELETED = "The webhook was deleted."


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
    form: str = Webhook.Format.SIGNED,
    repository: str = "",
) -> Webhook:
    """Have an address told what happens to the models its owner, the actor, may see.

    Of a chat, the address is the secret; for statuses of commits, the secret is a token.
    """
    declared = Declared(name, url, events, secret, description, status, repository)
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
            format=require_format(form),
        )
        kept = declared.to_keep(webhook) or ""
        declared.fill(webhook)
        webhook.secret_set_at = record.time if kept else None
        webhook.save()
        _keep_secret(webhook, kept)
        record.about(webhook)
        record.note(name=name, events=webhook.events, **_as_noted(webhook))
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
    form: str | None = None,
    repository: str | None = None,
) -> Webhook:
    """Change what is given, and try again soon what could not be delivered before.

    An empty secret takes it away. The format stays, since other formats keep other secrets.
    """
    declared = Declared(name, url, events, secret, description, status, repository)
    changing = (
        change(CHANGE_WEBHOOK, webhook, by=by, reason=reason)
        if webhook.owner_id == by.user_id
        else change(CHANGE_ANOTHERS, webhook, by=by, reason=reason)
    )
    with changing as record:
        was_active = webhook.is_active
        if form is not None and form != webhook.format:
            raise InputRefused("A webhook keeps its format. Create another one.")
        kept = declared.to_keep(webhook)
        changed = declared.fill(webhook)
        if kept is not None:
            webhook.secret_set_at = record.time if kept else None
            _keep_secret(webhook, kept)
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

    For statuses of commits the repository is read with the token instead, and no status is set.
    Nothing of the answer is shown but its status.
    """
    webhook.require_there()
    happening = happening or webhook.events[0]
    require_events([happening])
    facts = {"happening": happening}
    if webhook.owner_id == by.user_id:
        record_access(TEST_WEBHOOK, webhook, by=by, facts=facts)
    else:
        record_access(TEST_ANOTHERS, webhook, by=by, facts=facts)
    try:
        answered = runner.try_out(webhook, happening)
    except DomainError as trouble:
        return Trial(False, None, str(trouble))
    if 200 <= answered < 300:
        return Trial(True, answered)
    return Trial(False, answered, runner.ANSWERED.format(answered))


def _as_noted(webhook: Webhook) -> dict[str, Any]:
    """Return what the record says of a new webhook's format; never its secret."""
    signed = webhook.format == webhook.Format.SIGNED and webhook.secret_set_at is not None
    noted = {"format": webhook.format, "signed": signed}
    return noted | {"repository": webhook.repository} if webhook.repository else noted


def _keep_secret(webhook: Webhook, secret: str) -> None:
    """Keep a secret in its own table, where no event and no history copies it; or forget it."""
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
