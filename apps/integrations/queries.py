"""Reads about webhooks and their deliveries."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.actors import actor_for
from apps.accounts.models import User
from apps.accounts.rights import MANAGE_WEBHOOKS
from apps.audit.models import AuditEvent
from apps.audit.sealed import unsealed_roots
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor, Door
from apps.integrations.models import Webhook, WebhookDelivery, WebhookQuerySet, WebhookSecret

VIEW = "catalog.view_registeredmodel"
REGISTER = "catalog.add_registeredmodel"
"""Whoever may register models may have webhooks, and may see their own."""

MOST_RUNG = 100
"""How many webhooks one sweep rings for."""

_MODEL = RegisteredModel.RECORD.ref(0).removesuffix("0")
"""What the root of every model begins with."""


def webhooks_visible_to(actor: Actor) -> WebhookQuerySet:
    """Return the webhooks an actor may see: their own, or all with the right to manage them."""
    there: WebhookQuerySet = Webhook.objects.there()
    if actor.may(MANAGE_WEBHOOKS):
        return there
    if actor.user_id is None or not actor.may(REGISTER):
        return there.none()
    return there.filter(owner=actor.user_id)


def webhook_or_none(actor: Actor, uid: UUID) -> Webhook | None:
    """Return the webhook of an id, if the actor may see it."""
    found: Webhook | None = webhooks_visible_to(actor).filter(uid=uid).first()
    return found


def secret_of(webhook: Webhook) -> str:
    """Return what a webhook signs with, its chat's address or its token; empty when it has none."""
    kept = WebhookSecret.objects.filter(webhook=webhook)
    return kept.values_list("text", flat=True).first() or ""


def is_theirs_to_know(owner: User, model: RegisteredModel) -> bool:
    """Say whether the owner of a webhook may see a model, as of now."""
    return actor_for(owner, door=Door.WORKER).may(VIEW, model)


def first_in_line(webhook_id: int) -> WebhookDelivery | None:
    """Return the delivery that comes next to a webhook."""
    waiting = WebhookDelivery.objects.waiting().filter(webhook=webhook_id)
    found: WebhookDelivery | None = (
        waiting.select_related("event", "model").order_by("event", "place").first()
    )
    return found


def webhooks_with_work(now: datetime) -> list[int]:
    """Return the ids of active webhooks whose next delivery is due, those waiting longest first."""
    due = WebhookDelivery.objects.first_in_line().due(now)
    due = due.filter(webhook__in=Webhook.objects.active().values("pk"))
    return list(due.order_by("next_at", "pk").values_list("webhook", flat=True)[:MOST_RUNG])


def prompts_among(model_ids: Collection[int]) -> frozenset[int]:
    """Return which of some models are prompts."""
    found = RegisteredModel.objects.filter(pk__in=model_ids, kind=RegisteredModel.Kind.PROMPT)
    return frozenset(found.values_list("pk", flat=True))


def changes_of_models(events: Iterable[AuditEvent]) -> list[tuple[AuditEvent, int]]:
    """Return those of some events that changed a model, each with the model's id."""
    return [
        (event, int(event.chain_root.removeprefix(_MODEL)))
        for event in events
        if event.outcome == AuditEvent.Outcome.DONE
        and event.chain_root is not None
        and event.chain_root.startswith(_MODEL)
    ]


def models_of(events: QuerySet[AuditEvent]) -> list[int]:
    """Return the ids of the models that some events changed."""
    done = events.filter(outcome=AuditEvent.Outcome.DONE, chain_root__startswith=_MODEL)
    roots = done.order_by().values_list("chain_root", flat=True).distinct()
    return [int(str(root).removeprefix(_MODEL)) for root in roots]


def models_not_sealed() -> frozenset[int]:
    """Return the ids of the models that something happened to which is not sealed yet."""
    return frozenset(int(root.removeprefix(_MODEL)) for root in unsealed_roots(_MODEL))
