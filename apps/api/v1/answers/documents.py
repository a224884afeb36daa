"""The documents about a version: how each stands, and what one says."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.catalog.models import ModelVersion
from apps.validation.documents.board import Board
from apps.validation.documents.layout import FieldShown, SectionShown
from apps.validation.documents.standing import Standing


class DocumentLine(Answer):
    """How one document stands. ``status`` is missing, draft, in_review or approved."""

    template: str
    title: str
    binds_to: str
    status: str
    is_asked: bool
    completeness: int
    missing_required: list[str]
    url: str
    page: str

    @classmethod
    def of(cls, found: Standing, version: ModelVersion) -> "DocumentLine":
        place = [version.model.name, version.number, found.template.id]
        return cls(
            template=found.template.id,
            title=found.template.title,
            binds_to=found.template.binds_to.value,
            status=found.status,
            is_asked=found.is_asked,
            completeness=found.filled.percent if found.document else 0,
            missing_required=[field.key for field in found.filled.missing],
            url=reverse("v1:document", args=place) if found.document else "",
            page=found.document.get_absolute_url() if found.document else "",
        )


class Documents(Answer):
    """Every document there can be about a version or its model."""

    documents: list[DocumentLine]

    @classmethod
    def of(cls, found: Iterable[Standing], version: ModelVersion) -> "Documents":
        return cls(documents=[DocumentLine.of(one, version) for one in found])


class DocumentField(Answer):
    """One field: what stands in it, who wrote it when, and whether it has to be filled."""

    key: str
    label: str
    type: str
    source: str
    need: str
    value: Any
    columns: list[str]
    not_applicable: str
    is_answered: bool
    written_by: str
    written_at: str

    @classmethod
    def of(cls, shown: FieldShown) -> "DocumentField":
        answer = shown.answer
        return cls(
            key=answer.field.key,
            label=answer.field.label,
            type=answer.field.type.value,
            source=answer.field.autofill or answer.field.source.value,
            need=shown.need.value,
            value=answer.value,
            columns=list(answer.columns),
            not_applicable=answer.reason,
            is_answered=answer.is_answered,
            written_by=answer.by,
            written_at=answer.at,
        )


class DocumentSection(Answer):
    """The fields of a section."""

    id: str
    title: str
    cites: list[str]
    fields: list[DocumentField]

    @classmethod
    def of(cls, shown: SectionShown) -> "DocumentSection":
        return cls(
            id=shown.section.id,
            title=shown.section.title,
            cites=list(shown.section.cites),
            fields=[DocumentField.of(one) for one in shown.fields],
        )


class Signed(Answer):
    """One role that signs, who did and with what meaning; ``name`` is empty while nobody has."""

    role: str
    name: str
    signed_at: datetime | None
    meaning: str
    digest: str


class DocumentAnswer(Answer):
    """A document as it stands: the draft, or the text that was submitted last.

    A caller who may write and not read gets no sections and no signatures.
    """

    id: str
    template: str
    template_version: str
    title: str
    status: str
    revision: int
    tier: int
    completeness: int
    missing_required: list[str]
    sections: list[DocumentSection]
    signatures: list[Signed]
    digest: str
    page: str

    @classmethod
    def of(cls, board: Board) -> "DocumentAnswer":
        document = board.document
        return cls(
            id=document.record_id,
            template=document.template_id,
            template_version=document.template_version,
            title=document.template.title,
            status=document.status,
            revision=document.revision,
            tier=board.tier,
            completeness=board.filled.percent,
            missing_required=[field.key for field in board.filled.missing],
            sections=[DocumentSection.of(one) for one in board.sections],
            signatures=[
                Signed(
                    role=slot.role,
                    name=slot.person,
                    signed_at=slot.signature.signed_at if slot.signature else None,
                    meaning=slot.signature.meaning if slot.signature else "",
                    digest=slot.signature.digest if slot.signature else "",
                )
                for slot in board.slots
            ],
            digest=board.revision.digest if board.revision else "",
            page=document.get_absolute_url(),
        )
