"""Reads of evidence: what an actor may see, and what of it counts at a moment."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from apps.catalog import queries as catalog
from apps.catalog.models import ExamRoom, ModelVersion, RegisteredModel
from apps.core.actors import Actor
from apps.validation.evidence.types import types
from apps.validation.models import EvidenceItem

Facts = Mapping[str, int]
DEFAULT_AGES: Mapping[str, int] = {}


def evidence_visible_to(actor: Actor) -> QuerySet[EvidenceItem]:
    """Return the evidence on models the actor may see; none about versions that were deleted."""
    return evidence_on(catalog.models_visible_to(actor, part=ExamRoom.Part.DOCUMENTS))


def evidence_on(models: QuerySet[RegisteredModel]) -> QuerySet[EvidenceItem]:
    """Return the evidence on some models; none about versions that were deleted."""
    there = Q(version=None) | Q(version__deleted_at=None)
    found: QuerySet[EvidenceItem] = EvidenceItem.objects.filter(there, model__in=models)
    return found


def evidence_about(version: ModelVersion) -> QuerySet[EvidenceItem]:
    """Return the items attached to a version, its model, or a use of it, the newest first."""
    found: QuerySet[EvidenceItem] = EvidenceItem.objects.filter(
        Q(version=version) | Q(version=None), model=version.model_id
    )
    people = ("submitted_by", "verified_by", "declined_by", "withdrawn_by")
    return found.select_related("artifact", "use_case", *people).order_by("-pk")


@dataclass(frozen=True)
class Counted:
    """How many items of one type there are for a version, and what of them counts.

    ``verified`` and ``unverified`` count at that moment: in time, not withdrawn or declined, whole,
    and on the right record. ``submitted`` is whatever was attached, however it stands.
    """

    verified: int = 0
    unverified: int = 0
    submitted: int = 0
    newest_age_days: int = -1
    """The age of the newest verified item that counts."""

    @classmethod
    def of(cls, items: Collection[EvidenceItem], at: datetime, days: int = 0) -> "Counted":
        """Count the items of one type that are attached to the right record.

        ``days`` is how old one may be, where that is stricter than its type says; 0 leaves it.
        """
        live = [item for item in items if is_live(item, at, days)]
        ages = [(at - item.submitted_at).days for item in live if item.verified_at is not None]
        return cls(len(ages), len(live) - len(ages), len(items), min(ages, default=-1))

    def as_facts(self) -> Facts:
        """Return what policies read."""
        return {
            "valid": self.verified,
            "submitted": self.submitted,
            "newest_age_days": self.newest_age_days,
        }


NOTHING = Counted()


def is_live(item: EvidenceItem, at: datetime, days: int = 0) -> bool:
    """Say whether an item counts at a moment, provided somebody verified it.

    It may be ``days`` old at most, where that is stricter than its type says; 0 leaves it.
    """
    if item.withdrawn_at is not None or item.declined_at is not None or item.is_damaged:
        return False
    if item.use_case is not None and item.use_case.ended_at is not None:
        return False
    if days and at - item.submitted_at >= timedelta(days=days):
        return False
    return item.expires_at is None or at < item.expires_at


@dataclass(frozen=True)
class Items:
    """The evidence on some models, read in one query and found by what it is attached to."""

    of_models: Mapping[int, Sequence[EvidenceItem]]
    """What is attached to a model or to a use of it, by the id of the model."""
    of_versions: Mapping[int, Sequence[EvidenceItem]]

    @classmethod
    def on(cls, model_ids: Collection[int]) -> "Items":
        """Read the evidence on models."""
        items: QuerySet[EvidenceItem] = EvidenceItem.objects.filter(model__in=model_ids)
        of_models: dict[int, list[EvidenceItem]] = defaultdict(list)
        of_versions: dict[int, list[EvidenceItem]] = defaultdict(list)
        found = items.select_related("artifact", "use_case").defer("note", "remark")
        for item in found.order_by("pk"):
            if item.version_id is None:
                of_models[item.model_id].append(item)
            else:
                of_versions[item.version_id].append(item)
        return cls(of_models, of_versions)

    def about(self, version: ModelVersion) -> list[EvidenceItem]:
        """Return what is attached to a version's model, its uses, or its content of today."""
        own = self.of_versions.get(version.pk, ())
        digest = version.content_digest
        return [
            *self.of_models.get(version.model_id, ()),
            *(item for item in own if item.content_digest == digest),
        ]

    def counted(
        self, version: ModelVersion, at: datetime, ages: Mapping[str, int] = DEFAULT_AGES
    ) -> dict[str, Counted]:
        """Return what counts for a version by type, of the types it has any items of.

        ``ages`` may hold stricter days for a type than the type itself; none means its own.
        """
        by_type: dict[str, list[EvidenceItem]] = defaultdict(list)
        for item in self.about(version):
            by_type[item.type].append(item)
        return {
            type_id: Counted.of(items, at, ages.get(type_id, 0))
            for type_id, items in by_type.items()
        }

    def submitters(
        self, version: ModelVersion, type_ids: Collection[str], at: datetime
    ) -> set[int]:
        """Return who submitted what counts for a version, of some types."""
        return {
            item.submitted_by_id
            for item in self.about(version)
            if item.type in type_ids and item.verified_at is not None and is_live(item, at)
        }

    def changed_since(self, version: ModelVersion, since: datetime) -> int:
        """Return how many items about a version were added, declined or withdrawn since."""
        return sum(
            any(
                moment is not None and moment > since
                for moment in (item.submitted_at, item.declined_at, item.withdrawn_at)
            )
            for item in (
                *self.of_models.get(version.model_id, ()),
                *self.of_versions.get(version.pk, ()),
            )
        )


def evidence_counted(
    versions: Iterable[ModelVersion], at: datetime
) -> dict[int, dict[str, Counted]]:
    """Return what counts of every type for each version, by its id, in one query for all."""
    wanted = list(versions)
    held = Items.on({version.model_id for version in wanted})
    return {
        version.pk: dict.fromkeys(types(), NOTHING) | held.counted(version, at)
        for version in wanted
    }


def evidence_facts(versions: Iterable[ModelVersion], at: datetime) -> dict[int, dict[str, Facts]]:
    """Return what policies read about evidence of each version, by its id: one entry a type."""
    return {
        pk: {type_id: counted.as_facts() for type_id, counted in by_type.items()}
        for pk, by_type in evidence_counted(versions, at).items()
    }


def has_valid(model: RegisteredModel, type_id: str, at: datetime) -> bool:
    """Say whether a verified item of a type that binds to models counts for one."""
    items = EvidenceItem.objects.filter(model=model, version=None, use_case=None, type=type_id)
    verified = items.filter(verified_at__isnull=False).select_related("artifact")
    return any(is_live(item, at) for item in verified)
