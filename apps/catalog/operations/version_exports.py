"""A version leaves Signet in a form others read, once it is recorded who took it."""

import json
from dataclasses import dataclass
from enum import StrEnum

from apps.audit.actions import Action, Sealing
from apps.audit.changes import record_access
from apps.catalog.exports import bill, card
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor

EXPORT_VERSION = Action(
    "version.export",
    permission="catalog.view_registeredmodel",
    refusal="You do not have the right to see this model.",
    sealing=Sealing.FIRST,
)


class Form(StrEnum):
    """What a version can be exported as."""

    BILL = "bill-of-materials"
    CARD = "model-card"


@dataclass(frozen=True)
class Export:
    """A document about a version."""

    name: str
    media_type: str
    text: str


def export_version(version: ModelVersion, form: Form, *, by: Actor) -> Export:
    """Return a version as a bill of materials (CycloneDX) or a model card (Hugging Face)."""
    record_access(EXPORT_VERSION, version, by=by, facts={"form": form.value})
    if form is Form.BILL:
        text = json.dumps(bill.bill_of_materials(version), indent=2, ensure_ascii=False)
        return Export(bill.file_name(version), bill.MEDIA_TYPE, text)
    return Export(card.FILE_NAME, "text/markdown; charset=utf-8", card.model_card(version))
