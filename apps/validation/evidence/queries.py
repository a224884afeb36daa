"""Reads of evidence: what an actor may see, and what of it counts at a moment."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from apps.catalog import queries as catalog
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor
from apps.validation.evidence.types import types
from apps.validation.models import EvidenceItem

Facts = Mapping[str, int]


def evidence_visible_to(actor: Actor) -> QuerySet[EvidenceItem]:
    """Return the evidence on models the actor may see; none about versions that were deleted."""
    return evidence_on(catalog.models_visible_to(actor))


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
    def of(cls, items: Collection[EvidenceItem], at: datetime) -> "Counted":
        """Count the items of one type that are attached to the right record."""
        live = [item for item in items if is_live(item, at)]
        ages = [(at - item.submitted_at).days for item in live if item.verified_at is not None]
        return cls(len(ages), len(live) - len(ages), len(items), min(ages, default=-1))

    def as_facts(self) -> Facts:
        """Return what policies read."""
        return {
            "valid": self.verified,
            "submitted": self.submitted,
            "newest_age_days": self.newest_age_days,
        }


def is_live(item: EvidenceItem, at: datetime) -> bool:
    """Say whether an item counts at a moment, provided somebody verified it."""
    if item.withdrawn_at is not None or item.declined_at is not None or item.is_damaged:
        return False
    if item.use_case is not None and item.use_case.ended_at is not None:
        return False
    return item.expires_at is None or at < item.expires_at


def evidence_counted(
    versions: Iterable[ModelVersion], at: datetime
) -> dict[int, dict[str, Counted]]:
    """Return what counts of every type for each version, by its id, in one query for all."""
    wanted = list(versions)
    held = _by_model({version.model_id for version in wanted})
    return {
        version.pk: {
            type_id: Counted.of(
                [item for item in held[version.model_id, type_id] if _is_for(item, version)], at
            )
            for type_id in types()
        }
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


def _by_model(model_ids: Collection[int]) -> Mapping[tuple[int, str], list[EvidenceItem]]:
    found: dict[tuple[int, str], list[EvidenceItem]] = defaultdict(list)
    items: QuerySet[EvidenceItem] = EvidenceItem.objects.filter(model__in=model_ids)
    for item in items.select_related("artifact", "use_case").defer("note", "remark").order_by("pk"):
        found[item.model_id, item.type].append(item)
    return found


def _is_for(item: EvidenceItem, version: ModelVersion) -> bool:
    """Say whether an item is attached to what counts for a version, and to its content today."""
    if item.version_id is None:
        return True
    return item.version_id == version.pk and item.content_digest == version.content_digest
