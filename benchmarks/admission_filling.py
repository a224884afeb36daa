"""Fills an empty Signet for ``admission.py`` and prints a token: past the operations, too."""

import hashlib
import sys
from collections.abc import Iterator

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - Django must be ready first
from django.db.models import QuerySet  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.approvals.models import Authorization  # noqa: E402
from apps.catalog.models import ModelVersion, RegisteredModel  # noqa: E402
from apps.deployments.models import Environment  # noqa: E402
from benchmarks import filling  # noqa: E402

BATCH = 500
PLACE = "production-eu"


def digest_of(number: int, version: int) -> str:
    """Return the digest of a version of a model."""
    return "sha256:" + hashlib.sha256(f"{number}/{version}".encode()).hexdigest()


def main(models: int) -> str:
    token = filling.main(models)
    call_command("admission_key")
    now, owner = timezone.now(), RegisteredModel.objects.earliest("pk").owner_id
    place = Environment(
        name=PLACE,
        admits=["production"],
        enforcement="prevent",
        owner_id=owner,
        created_by_id=owner,
        created_at=now,
        deployer="by_hand",
    )
    QuerySet(Environment).bulk_create([place])
    versions = list(_complete())
    written = ["content_digest", "readiness", "ready_at", "stage", "authorized_at"]
    QuerySet(ModelVersion).bulk_update(versions, written, batch_size=BATCH)
    granted = (
        Authorization(
            version=version,
            content_digest=version.content_digest,
            policy_digest=version.content_digest,
            tier=1,
            granted_at=now,
            changed_at=now,
        )
        for version in versions
        if version.stage == "production"
    )
    QuerySet(Authorization).bulk_create(granted, batch_size=BATCH)
    filling._analyze()
    return token


def _complete() -> Iterator[ModelVersion]:
    """Yield versions 4 and 5 of every model as complete, the fifth of them in production."""
    now = timezone.now()
    found = ModelVersion.objects.filter(number__in=(4, 5), model__name__startswith="model-")
    for version in found.select_related("model"):
        number = int(version.model.name.removeprefix("model-"))
        version.content_digest = digest_of(number, version.number)
        version.readiness, version.ready_at = "ready", now
        if version.number == 5:
            version.stage, version.authorized_at = "production", now
        yield version


if __name__ == "__main__":
    print(main(int(sys.argv[1])))
