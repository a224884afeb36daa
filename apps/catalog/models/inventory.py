"""What the registry records field by field, and the fields an organization adds itself."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.inventory.reading import EntityId, FieldType, InventoryField, Need
from apps.catalog.models.registered import RegisteredModel
from apps.catalog.models.versions import ModelVersion


class InventoryRow(GovernedRow):
    """Recorded values by the key of their field, and the fields file they were recorded under.

    ``values`` holds text, true or false, whole numbers, and lists and maps of these, nothing else.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ("values", "fields_version")
    ENTITIES: ClassVar[tuple[EntityId, ...]]

    values: Any = models.JSONField(default=dict, blank=True)
    fields_version = models.CharField("version of the fields", max_length=20, blank=True)

    class Meta:
        abstract = True


class ModelSheet(InventoryRow):
    """What is recorded about a model."""

    RECORD = RecordKind("model_sheet", "msh", 1, ("model_id", *InventoryRow.FIELDS))
    ENTITIES = (EntityId.MODEL,)

    model = models.OneToOneField(RegisteredModel, on_delete=models.PROTECT, related_name="sheet")

    history = EventHistory()

    class Meta:
        db_table = "catalog_model_sheet"

    def __str__(self) -> str:
        return f"Inventory of {self.model}"

    @property
    def root(self) -> RegisteredModel:
        return self.model


class VersionSheet(InventoryRow):
    """What is recorded about a version."""

    RECORD = RecordKind("version_sheet", "vsh", 1, ("version_id", *InventoryRow.FIELDS))
    ENTITIES = (EntityId.VERSION,)

    version = models.OneToOneField(ModelVersion, on_delete=models.PROTECT, related_name="sheet")

    history = EventHistory()

    class Meta:
        db_table = "catalog_version_sheet"

    def __str__(self) -> str:
        return f"Inventory of {self.version}"

    @property
    def root(self) -> RegisteredModel:
        return self.version.model


class UseCase(InventoryRow):
    """One purpose of a model in one business process."""

    RECORD = RecordKind(
        "use_case", "use", 1, ("model_id", "key", "title", "ended_at", *InventoryRow.FIELDS)
    )
    ENTITIES = (EntityId.USE_CASE, EntityId.GENERATIVE)

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="use_cases")
    key = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "catalog_use_case"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["model", "key"], name="use_case_key_once_per_model")
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("models:use_case", args=[self.model.name, self.key])

    @property
    def root(self) -> RegisteredModel:
        return self.model


class ThirdParty(InventoryRow):
    """One supplier relationship a model relies on."""

    RECORD = RecordKind(
        "third_party", "tpy", 1, ("model_id", "title", "ended_at", *InventoryRow.FIELDS)
    )
    ENTITIES = (EntityId.THIRD_PARTY,)

    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, related_name="third_parties"
    )
    title = models.CharField(max_length=200)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "catalog_third_party"
        verbose_name_plural = "third parties"

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("models:third_party", args=[self.model.name, self.pk])

    @property
    def root(self) -> RegisteredModel:
        return self.model


class OwnField(GovernedRow):
    """A field an organization adds, or a shipped one it makes required at some tiers."""

    RECORD = RecordKind(
        "own_field",
        "fld",
        1,
        (
            "entity",
            "key",
            "label",
            "help",
            "type",
            "choices",
            "tiers",
            "supplied_by",
            "strengthens",
            "ended_at",
        ),
    )

    entity = models.CharField(max_length=16, choices=[(one.value, one.value) for one in EntityId])
    key = models.CharField(max_length=60)
    label = models.CharField(max_length=120)
    help = models.CharField(max_length=500, blank=True)
    type = models.CharField(max_length=20, choices=[(one.value, one.value) for one in FieldType])
    choices: Any = models.JSONField(default=list, blank=True)
    tiers: Any = models.JSONField(default=list)
    """Four needs, of tier 1 to tier 4."""
    supplied_by: Any = models.JSONField(default=list)
    strengthens = models.BooleanField("makes a shipped field required", default=False)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "catalog_own_field"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entity", "key"], condition=Q(strengthens=False), name="own_field_key_once"
            ),
            models.UniqueConstraint(
                fields=["entity", "key"],
                condition=Q(strengthens=True, ended_at=None),
                name="field_made_required_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity}.{self.key}"

    def as_field(self) -> InventoryField:
        """Return the field this row describes."""
        return InventoryField(
            entity=EntityId(self.entity),
            key=self.key,
            label=self.label,
            help=self.help,
            type=FieldType(self.type),
            choices=tuple(self.choices),
            supplied_by=tuple(self.supplied_by),
            tiers=tuple(map(Need, self.tiers)),
            regimes=(),
        )
