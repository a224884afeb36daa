"""A model with everything the inventory holds about it, read in a fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import prefetch_related_objects

from apps.approvals.inventory import Conditions, conditions_of
from apps.catalog import queries as catalog
from apps.catalog.inventory import facts, fields, sheets
from apps.catalog.inventory.facts import Answers
from apps.catalog.inventory.reading import Entity, EntityId, Inventory, InventoryField
from apps.catalog.inventory.sheets import Subject
from apps.catalog.inventory.shown import people
from apps.catalog.models import ModelVersion, RegisteredModel, ThirdParty, UseCase
from apps.console.inventory import board as boards
from apps.console.inventory.board import Asker, Board, Leads, Look

EMPTY: Mapping[str, object] = {}


@dataclass(frozen=True)
class Holding:
    """A model, the version its conditions are held against, and what is known of the model."""

    model: RegisteredModel
    version: ModelVersion | None
    inventory: Inventory
    answers: Answers
    held: Conditions

    @classmethod
    def of(
        cls, model: RegisteredModel, version: ModelVersion | None = None, *, at: datetime
    ) -> "Holding":
        """Read a model; its conditions are held against a version, or else its newest one."""
        prefetch_related_objects([model], "tags", "third_parties", "use_cases")
        version = version or catalog.latest_versions([model]).get(model.pk)
        answers = facts.of_model(model, facts.live_third_parties(model))
        if version is not None:
            version.model = model
        held = conditions_of(version, answers, at=at)
        return cls(model, version, fields.in_force(), answers, held)

    def entities(self, *ids: EntityId) -> list[Entity]:
        """Return entities with the fields in force."""
        return [self.inventory.entity(one) for one in ids]

    def answers_of(self, subject: Subject) -> Answers:
        """Return what is known of one record."""
        return self.answers if subject is self.model else facts.of_subject(subject)

    def board(self, subject: Subject, asker: Asker, leads: Leads) -> Board:
        """Return what a page shows of one record."""
        entities = self.entities(*sheets.entities_of(subject))
        answers = self.answers_of(subject)
        known = people([(_by_key(entities), answers)])
        is_over = isinstance(subject, UseCase | ThirdParty) and subject.ended_at is not None
        return Look(self.held, known, asker, leads, subject, is_over).at(entities, answers)

    def gaps_in(self, subject: Subject) -> int:
        """Return how many fields of one record are missing."""
        entities = self.entities(*sheets.entities_of(subject))
        return boards.count_missing(entities, self.answers_of(subject), self.held)

    @cached_property
    def uses(self) -> "list[Line]":
        """The uses of the model, the live ones first."""
        return self._lines(list(self.model.use_cases.all()))

    @cached_property
    def suppliers(self) -> "list[Line]":
        """The supplier records of the model, the live ones first."""
        return self._lines(list(self.model.third_parties.all()))

    def _lines(self, records: Sequence[UseCase | ThirdParty]) -> "list[Line]":
        ordered = sorted(records, key=lambda one: (one.ended_at is not None, one.pk))
        return [
            Line(record, self.gaps_in(record) if record.ended_at is None else 0)
            for record in ordered
        ]

    @cached_property
    def version_gaps(self) -> int:
        """How many fields about the version are missing."""
        return self.gaps_in(self.version) if self.version is not None else 0

    @property
    def version_status(self) -> str:
        """How much is missing about the version, in words."""
        return f"{self.version_gaps} missing" if self.version_gaps else "Complete"

    @property
    def version_tone(self) -> str:
        return "warn" if self.version_gaps else "good"

    @property
    def version_title(self) -> str:
        return f"Version {self.version.number}" if self.version is not None else ""

    @property
    def use_hint(self) -> str:
        """What a model without a use lacks."""
        gaps = self._gaps_of_nothing(EntityId.USE_CASE, EntityId.GENERATIVE)
        return (
            f"Say what the model decides or informs, and for whom. {_fields(gaps)} missing until "
            "one use is recorded."
        )

    @property
    def supplier_hint(self) -> str:
        """What a model without a supplier record lacks."""
        gaps = self._gaps_of_nothing(EntityId.THIRD_PARTY)
        if not gaps:
            return "One is needed for each supplier the model relies on."
        return f"Part of this model comes from somebody else. {_fields(gaps)} missing until one is."

    def _gaps_of_nothing(self, *ids: EntityId) -> int:
        return boards.count_missing(self.entities(*ids), EMPTY, self.held)


@dataclass(frozen=True)
class Line:
    """A use or supplier record as a list shows it."""

    record: UseCase | ThirdParty
    missing: int

    @property
    def href(self) -> str:
        return self.record.get_absolute_url()

    @property
    def status(self) -> str:
        if self.record.ended_at is not None:
            return "Ended"
        return f"{self.missing} missing" if self.missing else "Complete"

    @property
    def tone(self) -> str:
        if self.record.ended_at is not None:
            return "idle"
        return "warn" if self.missing else "good"


def _fields(count: int) -> str:
    return "1 field is" if count == 1 else f"{count} fields are"


def _by_key(entities: Sequence[Entity]) -> dict[str, InventoryField]:
    return {field.key: field for entity in entities for field in entity.fields}
