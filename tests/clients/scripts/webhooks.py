"""Webhooks are made, changed, listed, tested and deleted; one stays, for what happens next."""

import sys
from typing import Any

from mlflow import MlflowClient
from mlflow.entities.webhook import WebhookStatus

from tests.clients.scripts.saying import refusal_of, say

EVENTS: Any = ["registered_model.created", "model_version.created", "model_version_alias.created"]


def main(url: str, secret: str) -> None:
    """Make two webhooks, delete one, and let something happen."""
    client = MlflowClient()
    doomed = client.create_webhook("doomed", url, ["model_version.created"], secret="other")
    kept = client.create_webhook("kept", url, EVENTS, description="Retrains", secret=secret)
    listed = sorted(webhook.name for webhook in client.list_webhooks())
    changed = client.update_webhook(
        doomed.webhook_id, name="renamed", status=WebhookStatus.DISABLED
    )
    client.delete_webhook(doomed.webhook_id)
    tested = client.test_webhook(kept.webhook_id)

    client.create_registered_model("iris", tags={"team": "red"})
    version = client.create_model_version("iris", "s3://bucket/model").version
    client.set_registered_model_alias("iris", "best", version)
    say(
        listed=listed,
        changed=[changed.name, str(changed.status)],
        gone=refusal_of(client.get_webhook, doomed.webhook_id),
        tested=[tested.success, tested.response_status],
        kept=client.get_webhook(kept.webhook_id).name,
        inside=refusal_of(client.create_webhook, "inside", "https://localhost/hook", EVENTS),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
