"""Items of evidence, and who stands by them."""

from datetime import date, datetime

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.validation.evidence.queries import is_live
from apps.validation.models import EvidenceItem


class EvidenceFile(Answer):
    """The file of an item."""

    name: str
    sha256: str
    size: int
    url: str


class EvidenceAnswer(Answer):
    """One item of evidence; it counts while ``counts`` says so."""

    id: int
    type: str
    title: str
    state: str
    counts: bool
    about: str
    """``model``, ``version`` or ``use_case``."""
    version: int | None
    use: str | None
    content_digest: str
    link: str
    file: EvidenceFile | None
    note: str
    submitted_at: datetime
    submitted_by: str
    verified_at: datetime | None
    verified_by: str
    valid_until: date | None
    ends_at: datetime | None
    remark: str
    url: str
    page: str

    @classmethod
    def of(cls, item: EvidenceItem, *, at: datetime) -> "EvidenceAnswer":
        place = [item.model.name, item.pk]
        return cls(
            id=item.pk,
            type=item.type,
            title=item.title,
            state=item.state.value,
            counts=item.verified_at is not None and is_live(item, at),
            about=item.kind.binds_to.value,
            version=item.version.number if item.version else None,
            use=item.use_case.key if item.use_case else None,
            content_digest=item.content_digest,
            link=item.link,
            file=_file(item),
            note=item.note,
            submitted_at=item.submitted_at,
            submitted_by=item.submitted_by.username,
            verified_at=item.verified_at,
            verified_by=item.verified_by.username if item.verified_by else "",
            valid_until=item.valid_until,
            ends_at=item.expires_at,
            remark=item.remark,
            url=reverse("v1:evidence_item", args=place),
            page=item.get_absolute_url(),
        )


class EvidencePage(Answer):
    """Some items, and the mark of those after them."""

    evidence: list[EvidenceAnswer]
    next: str | None


def _file(item: EvidenceItem) -> EvidenceFile | None:
    if item.artifact is None:
        return None
    return EvidenceFile(
        name=item.file_name,
        sha256=item.artifact.sha256,
        size=item.artifact.size,
        url=reverse("v1:evidence_file", args=[item.model.name, item.pk]),
    )
