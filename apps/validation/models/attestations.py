"""Attestations: what somebody outside signed about a version, attached as a file."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import Artifact, ModelVersion, RegisteredModel


class Attestation(GovernedRow):
    """A signature, an attestation or a bill of materials of a version. It never changes.

    It can be withdrawn, which says that it counts no more and why.
    """

    class Kind(models.TextChoices):
        SIGNATURE = "oms_signature", "Signature of the model (OpenSSF model signing)"
        DSSE = "dsse", "Signed statement (DSSE, in-toto), such as provenance"
        BILL_OF_MATERIALS = "bill_of_materials", "Bill of materials (CycloneDX, SPDX)"
        OTHER = "other", "Something else"

    RECORD = RecordKind(
        "attestation",
        "att",
        1,
        (
            "version_id",
            "kind",
            "file_name",
            "file_digest",
            "content_digest",
            "attached_at",
            "attached_by_id",
            "withdrawn_at",
            "withdrawn_by_id",
            "remark",
        ),
    )

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="attestations")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=255)
    file_digest = models.CharField(max_length=71)
    content_digest = models.CharField(max_length=71)
    """The content of the version it was attached to."""
    attached_at = models.DateTimeField()
    """The latest moment at which it can have been signed."""
    attached_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    remark = models.TextField(blank=True, max_length=10_000)
    """Why it was withdrawn."""

    history = EventHistory()

    class Meta:
        db_table = "validation_attestation"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "artifact"],
                condition=Q(withdrawn_at=None),
                name="attestation_attached_once",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, remark="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(remark=""),
                name="attestation_withdrawn_with_a_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["version", "-id"], name="attestation_newest_first")
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def root(self) -> RegisteredModel:
        return self.version.model

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None
