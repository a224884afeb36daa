"""Evidence that the registry itself records, inside the change that records it."""

from datetime import datetime

from apps.catalog.models import Artifact, RegisteredModel
from apps.validation.evidence.types import type_named
from apps.validation.models import EvidenceItem


def recorded(
    model: RegisteredModel,
    type_id: str,
    artifact: Artifact,
    *,
    title: str,
    file_name: str,
    submitted_by_id: int,
    at: datetime,
    note: str = "",
) -> EvidenceItem:
    """Attach a file to a model as evidence of a type, in the name of who answers for it.

    Somebody else verifies it like any other item, where a policy asks for that.
    """
    item = EvidenceItem(
        model=model,
        type=type_named(type_id).id,
        title=title,
        note=note,
        artifact=artifact,
        file_name=file_name,
        file_digest=f"sha256:{artifact.sha256}",
        submitted_at=at,
        submitted_by_id=submitted_by_id,
    )
    item.save()
    return item
