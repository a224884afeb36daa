"""What the registry would fill into documents, at a glance: for drafts of many versions at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from apps.catalog.facts import Records
from apps.catalog.inventory.facts import Answers
from apps.catalog.inventory.reading import EntityId, Inventory, InventoryField
from apps.catalog.models import Asset, LineageEdge, ModelVersion
from apps.validation.documents.autofill import Known, Registry
from apps.validation.documents.reading import Binding, Template, TemplateField
from apps.validation.evidence.queries import Items
from apps.validation.models import EvidenceItem

SOMETHING = [["…"]]
"""Stands for the rows of a table that are not looked at."""


@dataclass
class Glance(Registry):
    """The registry's knowledge from what was read before; it reads nothing itself.

    Tables whose rows lie elsewhere are only known to hold something or nothing.
    """

    answers: Answers = field(default_factory=dict)
    version_answers: Answers = field(default_factory=dict)
    evidence: Sequence[EvidenceItem] = ()
    tables: Mapping[str, bool] = field(default_factory=dict)
    inventory: Inventory | None = None

    def _said(self, asked: TemplateField) -> Known:
        if asked.autofill == "version.contributors" and self.version is not None:
            named = list(self.version.contributors)
            return Known(named, (), bool(named))
        return super()._said(asked)

    def _table(self, asked: TemplateField) -> Known:
        if asked.autofill not in self.tables:
            return super()._table(asked)
        recorded = self._recorded_rows(asked.autofill)
        is_answered = self.tables[asked.autofill] or recorded is not None
        return Known(SOMETHING if is_answered else [], asked.columns, is_answered)

    @cached_property
    def _fields(self) -> Mapping[str, InventoryField]:
        assert self.inventory is not None
        entities = map(self.inventory.entity, (EntityId.MODEL, EntityId.VERSION))
        return {one.path: one for entity in entities for one in entity.fields}


def glance(
    template: Template, version: ModelVersion, records: Records, items: Items, ours: Inventory
) -> Glance:
    """Return what is known for a document of a template about a version, or about its model."""
    is_own = template.binds_to is Binding.VERSION
    of_model = [one for one in items.of_models.get(version.model_id, ()) if one.use_case_id is None]
    of_version = items.of_versions.get(version.pk, ()) if is_own else ()
    return Glance(
        version.model,
        version if is_own else None,
        answers=records.answers(version),
        version_answers=records.version_answers(version) if is_own else {},
        evidence=[one for one in (*of_model, *of_version) if _stands(one)],
        tables={
            "version.metrics": is_own and version.run_id in records.measured.metrics,
            "version.datasets": is_own and _has_data(version, records),
            "model.version_history": True,  # the list is whole, even when nothing is on it
            "dependencies.downstream": True,
        },
        inventory=ours,
    )


def _stands(item: EvidenceItem) -> bool:
    return item.declined_at is None and item.withdrawn_at is None


def _has_data(version: ModelVersion, records: Records) -> bool:
    edges = records.edges.get(version.pk, ())
    return version.run_id in records.measured.datasets or any(_is_data(e, version) for e in edges)


def _is_data(edge: LineageEdge, version: ModelVersion) -> bool:
    asset = edge.origin_asset
    is_dataset = asset is not None and asset.kind == Asset.Kind.DATASET
    return is_dataset and edge.target_version_id == version.pk
