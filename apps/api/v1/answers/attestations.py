"""What is attached to a version, and how its signatures stand."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.validation.models import Attestation


class AttestationLine(Answer):
    """One attached file."""

    number: int
    kind: str
    file: str
    digest: str
    size: int
    content_digest: str
    """The content of the version it was attached to."""
    attached_at: datetime
    attached_by: str
    withdrawn_at: datetime | None
    remark: str
    """Why it was withdrawn."""
    url: str
    """Where the file is."""

    @classmethod
    def of(cls, attestation: Attestation) -> "AttestationLine":
        version = attestation.version
        place = [version.model.name, version.number, attestation.pk]
        return cls(
            number=attestation.pk,
            kind=attestation.kind,
            file=attestation.file_name,
            digest=attestation.file_digest,
            size=attestation.artifact.size,
            content_digest=attestation.content_digest,
            attached_at=attestation.attached_at,
            attached_by=attestation.attached_by.username,
            withdrawn_at=attestation.withdrawn_at,
            remark=attestation.remark,
            url=reverse("v1:attestation_file", args=place),
        )


class Attestations(Answer):
    """What is attached to a version; ``signature`` is valid, invalid or missing."""

    signature: str
    attestations: list[AttestationLine]

    @classmethod
    def of(cls, attached: Iterable[Attestation], *, signature: str) -> "Attestations":
        lines = [AttestationLine.of(attestation) for attestation in attached]
        return cls(signature=signature, attestations=lines)
