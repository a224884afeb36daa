"""Documents, the texts they were submitted with, and who signed which of them."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.accounts import roles
from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import ModelVersion, RegisteredModel, UseCase
from apps.core.errors import RuleBroken
from apps.validation.documents.reading import Template, template_named


class Document(GovernedRow):
    """What is written about a model or one of its versions, in the form of a template."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "In review"
        APPROVED = "approved", "Approved"

    RECORD = RecordKind(
        "document",
        "doc",
        1,
        (
            "model_id",
            "version_id",
            "use_case_id",
            "template_id",
            "template_version",
            "status",
            "revision",
            "values",
            "origin_id",
        ),
    )

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="documents")
    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, related_name="documents"
    )
    use_case = models.ForeignKey(
        UseCase, on_delete=models.PROTECT, null=True, related_name="documents"
    )
    template_id = models.CharField(max_length=60)
    template_version = models.CharField(max_length=20)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.DRAFT)
    revision = models.PositiveIntegerField(default=1)
    """The number of the text that is written, or was submitted, last."""
    values: Any = models.JSONField(default=dict)
    """What people wrote, by field, each with who wrote it and when; never a float."""
    origin = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="copies")
    """The document about an earlier version that it was copied from."""
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    changed_at = models.DateTimeField()

    history = EventHistory()

    class Meta:
        db_table = "validation_document"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "template_id"],
                condition=Q(version__isnull=False),
                name="document_once_a_version",
            ),
            models.UniqueConstraint(
                fields=["use_case", "template_id"],
                condition=Q(use_case__isnull=False),
                name="document_once_a_use",
            ),
            models.UniqueConstraint(
                fields=["model", "template_id"],
                condition=Q(version=None, use_case=None),
                name="document_once_a_model",
            ),
            models.CheckConstraint(
                condition=Q(version=None) | Q(use_case=None), name="document_about_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "in_review", "approved"]),
                name="document_status_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template.title} of {self.subject}"

    def get_absolute_url(self) -> str:
        return reverse("validation:document", args=[self.pk])

    @property
    def root(self) -> RegisteredModel:
        return self.model

    @property
    def subject(self) -> RegisteredModel | ModelVersion | UseCase:
        """What the document is about."""
        return self.version or self.use_case or self.model

    @property
    def template(self) -> Template:
        """The form it is written in."""
        return template_named(self.template_id)

    def require_draft(self) -> None:
        """Refuse a document whose text stands: it waits for signatures, or has them."""
        if self.status == self.Status.IN_REVIEW:
            raise RuleBroken(
                "It is in review, so its text stands. Whoever signs it can return it first."
            )
        if self.status == self.Status.APPROVED:
            raise RuleBroken(
                "It is approved, so its text stands. Begin a new revision to change it."
            )

    def require_in_review(self) -> None:
        """Refuse a document that waits for nobody's signature."""
        if self.status != self.Status.IN_REVIEW:
            raise RuleBroken("It is not in review, so there is nothing to sign or return.")


class DocumentRevision(GovernedRow):
    """The whole text of a document as it was submitted, filled in and frozen; it never changes.

    Only its state moves on: to approved once everybody signed, or to returned with the reason.
    """

    class State(models.TextChoices):
        IN_REVIEW = "in_review", "In review"
        APPROVED = "approved", "Approved"
        RETURNED = "returned", "Returned"

    RECORD = RecordKind(
        "document_revision",
        "drv",
        1,
        (
            "document_id",
            "number",
            "state",
            "template_version",
            "version_digest",
            "tier",
            "values",
            "digest",
            "concluded_at",
        ),
    )

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.IN_REVIEW)
    template_version = models.CharField(max_length=20)
    version_digest = models.CharField(max_length=71, blank=True)
    """The content digest of the version it is about; empty when it is about the model."""
    tier = models.PositiveSmallIntegerField()
    """The tier its completeness was told at."""
    values: Any = models.JSONField()
    """Every field with its value, where it came from, who wrote it and when."""
    digest = models.CharField(max_length=71)
    """What signatures are given to: template, version and all values."""
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    concluded_at = models.DateTimeField(null=True)
    remark = models.TextField(blank=True, max_length=10_000)
    """Why it was returned."""

    history = EventHistory()

    class Meta:
        db_table = "validation_document_revision"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "number"], name="document_revision_once"),
            models.UniqueConstraint(
                fields=["document"], condition=Q(state="in_review"), name="one_revision_in_review"
            ),
            models.CheckConstraint(
                condition=Q(state="in_review", concluded_at=None)
                | Q(state__in=["approved", "returned"], concluded_at__isnull=False),
                name="document_revision_concluded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document}, revision {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("validation:document_revision", args=[self.document_id, self.number])

    @property
    def root(self) -> RegisteredModel:
        return self.document.model

    @property
    def title_words(self) -> str:
        """What the text is called among those of its document."""
        return f"Revision {self.number}"

    def conclude(self, state: "DocumentRevision.State", *, at: datetime, remark: str = "") -> None:
        """Move on from the review, once; the text stays as it is."""
        if self.state != self.State.IN_REVIEW:
            raise RuleBroken("This revision is not in review any more.")
        self.state, self.concluded_at, self.remark = state, at, remark
        self.save()


class DocumentSignature(GovernedRow):
    """One person's yes to one revision, in a role of the template; given once, never taken back.

    Name and meaning stand beside the digested fields, as rows signed before either was kept do.
    """

    class Meaning(models.TextChoices):
        APPROVAL = "approval", "Approval"

    RECORD = RecordKind(
        "document_signature", "dsg", 1, ("revision_id", "role", "signer_id", "digest", "signed_at")
    )

    revision = models.ForeignKey(
        DocumentRevision, on_delete=models.PROTECT, related_name="signatures"
    )
    role = models.CharField(max_length=40)
    meaning = models.CharField(max_length=20, choices=Meaning.choices, default=Meaning.APPROVAL)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(max_length=150)
    """The name of the signer as it was printed then (21 CFR 11.50)."""
    digest = models.CharField(max_length=71)
    """The digest of the text as the person saw it."""
    signed_at = models.DateTimeField()

    history = EventHistory()

    class Meta:
        db_table = "validation_document_signature"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["revision", "role"], name="document_signed_once_a_role"
            ),
            models.UniqueConstraint(
                fields=["revision", "signer"], name="document_signed_once_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signer_name} signed {self.revision} as {self.role_title}"

    @property
    def root(self) -> RegisteredModel:
        return self.revision.document.model

    @property
    def role_title(self) -> str:
        """The role in words."""
        return roles.role_named(self.role).title

    @property
    def printed(self) -> tuple[str, str, str, str, str]:
        """Role, name, moment with its zone, meaning and digest, as every form prints them."""
        moment = self.signed_at.isoformat(timespec="seconds")
        return self.role_title, self.signer_name, moment, self.meaning, self.digest
