"""Webhooks, as MLflow clients manage them: each account its own.

Formats beside MLflow's are fields that its clients neither send nor read.
"""

from typing import Any
from uuid import UUID

from apps.api.mlflow import errors, shapes
from apps.api.mlflow.calls import Asked, Call, Given, Json, Nothing, endpoint
from apps.core.actors import Actor
from apps.core.paging import Order
from apps.integrations import operations, queries
from apps.integrations.models import Webhook

ORDER = Order(("id",))
_MANY = "api/2.0/mlflow/webhooks"
_ONE = "api/2.0/mlflow/webhooks/<str:webhook_id>"


class Event(Asked, frozen=True):
    """What a webhook asks for, as MLflow writes it: ``MODEL_VERSION`` and ``CREATED``."""

    entity: str
    action: str

    @property
    def happening(self) -> str:
        return f"{self.entity}.{self.action}".lower()


class Create(Asked, frozen=True):
    """A webhook to make."""

    name: Given
    url: Given
    events: list[Event]
    description: str = ""
    secret: str = ""
    status: str = Webhook.Status.ACTIVE.value
    format: str = Webhook.Format.SIGNED.value
    repository: str = ""


class Change(Asked, frozen=True):
    """What is to change of a webhook; what is not sent stays."""

    name: str | None = None
    url: str | None = None
    events: list[Event] | None = None
    description: str | None = None
    secret: str | None = None
    status: str | None = None
    format: str | None = None
    repository: str | None = None


class Many(Asked, frozen=True):
    """Which page of webhooks."""

    max_results: int = 100
    page_token: str = ""


class Test(Asked, frozen=True):
    """What the example is to be about; the first event of the webhook unless told."""

    event: Event | None = None


@endpoint("POST", _MANY, Create)
def create(call: Call[Create]) -> Json:
    """Create a webhook that belongs to the caller."""
    asked = call.asked
    webhook = operations.create_webhook(
        by=call.actor,
        name=asked.name,
        url=asked.url,
        events=_happenings(asked.events),
        secret=asked.secret,
        description=asked.description,
        status=asked.status,
        form=asked.format,
        repository=asked.repository,
    )
    return {"webhook": shape(webhook)}


@endpoint("GET", _MANY, Many)
def listed(call: Call[Many]) -> Json:
    """List the caller's webhooks, the newest first."""
    if not 1 <= call.asked.max_results <= 1000:
        raise errors.invalid("max_results must be between 1 and 1000.")
    page = ORDER.page(
        queries.webhooks_visible_to(call.actor),
        size=call.asked.max_results,
        mark=call.asked.page_token,
        bound_to=call.actor.id,
    )
    answer: dict[str, Any] = {}
    if page.rows:
        answer["webhooks"] = [shape(webhook) for webhook in page.rows]
    if page.older:
        answer["next_page_token"] = page.older
    return answer


@endpoint("GET", _ONE)
def get(call: Call[Nothing], *, webhook_id: str) -> Json:
    """Show one webhook."""
    return {"webhook": shape(_found(call.actor, webhook_id))}


@endpoint("PATCH", _ONE, Change)
def change(call: Call[Change], *, webhook_id: str) -> Json:
    """Change what is given of a webhook."""
    asked = call.asked
    webhook = operations.change_webhook(
        _found(call.actor, webhook_id),
        by=call.actor,
        name=asked.name or None,
        url=asked.url or None,
        events=_happenings(asked.events) if asked.events else None,
        secret=asked.secret,
        description=asked.description,
        status=asked.status,
        form=asked.format,
        repository=asked.repository,
    )
    return {"webhook": shape(webhook)}


@endpoint("DELETE", _ONE)
def delete(call: Call[Nothing], *, webhook_id: str) -> Json:
    """Delete a webhook."""
    operations.delete_webhook(_found(call.actor, webhook_id), by=call.actor)
    return {}


@endpoint("POST", f"{_ONE}/test", Test)
def test(call: Call[Test], *, webhook_id: str) -> Json:
    """Send an example to a webhook, and say with which status it was answered."""
    event = call.asked.event
    trial = operations.try_webhook(
        _found(call.actor, webhook_id), by=call.actor, happening=event.happening if event else ""
    )
    result: dict[str, Any] = {"success": trial.is_success}
    if trial.answered is not None:
        result["response_status"] = trial.answered
    if trial.note:
        result["error_message"] = trial.note
    return {"result": result}


ENDPOINTS = (create, listed, get, change, delete, test)


def shape(webhook: Webhook) -> dict[str, Any]:
    """Return a webhook as MLflow shows it; neither its secret nor a chat's address is shown."""
    shown: dict[str, Any] = {
        "webhook_id": str(webhook.uid),
        "name": webhook.name,
        "url": webhook.url,
        "events": [_event(happening) for happening in webhook.events],
        "status": webhook.status,
        "creation_timestamp": shapes.milliseconds(webhook.created_at),
        "last_updated_timestamp": shapes.milliseconds(webhook.touched_at),
    }
    if webhook.description:
        shown["description"] = webhook.description
    if webhook.format != Webhook.Format.SIGNED:
        shown["format"] = webhook.format
    if webhook.repository:
        shown["repository"] = webhook.repository
    return shown


def _event(happening: str) -> dict[str, str]:
    entity, _, action = happening.upper().partition(".")
    return {"entity": entity, "action": action}


def _happenings(events: list[Event]) -> list[str]:
    return [event.happening for event in events]


def _found(actor: Actor, webhook_id: str) -> Webhook:
    try:
        webhook = queries.webhook_or_none(actor, UUID(webhook_id))
    except ValueError:
        webhook = None
    if webhook is None:
        raise errors.absent(f"Webhook with ID {webhook_id} not found.")
    return webhook
