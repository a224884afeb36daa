"""The status a commit gets, and which versions tell their commit nothing."""

import json
import re

from apps.catalog.lifecycle import Readiness
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.integrations.models import Webhook, WebhookDelivery
from apps.integrations.notices.due import in_one_line
from apps.integrations.outgoing import NotToBeSent, Outgoing, page_of
from apps.integrations.statuses import repositories
from apps.integrations.statuses.forges import FORGES, Forge
from apps.integrations.statuses.repositories import Repository
from apps.integrations.statuses.standing import CommitStatus, State, status_of

MOST_CONTEXT = 200
SHOWN_ALREADY = "The commit shows this already."
_WHOLE_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def of_delivery(webhook: Webhook, delivery: WebhookDelivery, *, token: str) -> Outgoing:
    """Return the status a commit gets, by what is true of its version now.

    Raises:
        NotToBeSent: when the version has no commit there, or its commit shows the status already.
    """
    forge, there = FORGES[webhook.format], repository_of(webhook)
    version = ModelVersion.objects.select_related("model").get(pk=delivery.version_id)
    _require_commit(version, there)
    _require_newest(version)
    status = status_of(version, at=database_now())
    _require_news(webhook, version, status, forge)
    return Outgoing(
        url=f"{webhook.url}/{forge.at(there)}/statuses/{version.code_commit}",
        headers={**forge.signed_in(token), "Content-Type": "application/json"},
        body=json.dumps(_facts(version, status, forge)).encode(),
        told=str(status),
        declined_by=forge.declined_by,
    )


def of_trial(webhook: Webhook, *, token: str) -> Outgoing:
    """Return a request that reads the repository with the token, since a test sets no status."""
    forge = FORGES[webhook.format]
    url = f"{webhook.url}/{forge.at(repository_of(webhook))}"
    return Outgoing(url, forge.signed_in(token), b"")


def repository_of(webhook: Webhook) -> Repository:
    """Return the repository a webhook names."""
    return repositories.require(webhook.repository, depth=FORGES[webhook.format].depth)


def _facts(version: ModelVersion, status: CommitStatus, forge: Forge) -> dict[str, str]:
    facts = {
        "state": forge.words[status.state],
        "description": status.description,
        "context": in_one_line(f"signet/{version.model.name}", MOST_CONTEXT),
    }
    page = page_of(version.model.name, version.number)
    return facts | {"target_url": page} if page else facts


def _require_commit(version: ModelVersion, there: Repository) -> None:
    """Refuse a version whose commit is not known for sure, or lies elsewhere."""
    if version.deleted_at is not None:
        raise NotToBeSent("The version was deleted.")
    if not version.code_commit:
        raise NotToBeSent("The version names no commit.")
    if not _WHOLE_COMMIT.fullmatch(version.code_commit):
        raise NotToBeSent("The version names its commit by the first digits only.")
    if version.code_is_dirty:
        raise NotToBeSent("The version was made with changes that are not in its commit.")
    named = repositories.read_or_none(version.code_repository)
    if named is None or not named.is_same_as(there):
        raise NotToBeSent(f"The code of the version is not kept in {there}.")


def _require_newest(version: ModelVersion) -> None:
    """Refuse all but the newest version of a model made of a commit: it has one status a model."""
    same = ModelVersion.objects.filter(
        model=version.model_id,
        code_commit=version.code_commit,
        code_is_dirty=False,
        readiness=Readiness.READY,
        deleted_at=None,
    )
    newer = same.filter(number__gt=version.number).order_by("-number").first()
    if newer is not None:
        raise NotToBeSent(f"Version {newer.number} was made of the same commit, which shows it.")


def _require_news(
    webhook: Webhook, version: ModelVersion, status: CommitStatus, forge: Forge
) -> None:
    """Refuse to say again what the commit was told last, since the webhook is as it is."""
    told = WebhookDelivery.objects.filter(
        webhook=webhook,
        model=version.model_id,
        version__code_commit=version.code_commit,
        state=WebhookDelivery.State.DELIVERED,
        finished_at__gte=webhook.touched_at,
    )
    last = told.order_by("-event", "-place").values_list("told", flat=True).first() or ""
    pends = status.state is State.PENDING and last.startswith(f"{State.PENDING}:")
    if last == str(status) or (pends and forge.refuses_pending_twice):
        raise NotToBeSent(SHOWN_ALREADY)
