"""Where the fields that nobody writes come from: what the registry knows, as ``entity.key``.

Each document reads it anew until it is submitted. What no part of the registry records yet reads as
empty, and says so; a list the registry keeps itself is an answer even when nothing is on it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Q

from apps.accounts.models import User
from apps.catalog import facts as catalog
from apps.catalog.exports.gathered import Package
from apps.catalog.inventory import facts, fields, sheets
from apps.catalog.inventory.facts import Answers, Measured
from apps.catalog.inventory.reading import EntityId, InventoryField
from apps.catalog.inventory.values import is_empty
from apps.catalog.models import Asset, LineageEdge, ModelVersion, RegisteredModel
from apps.core import formats
from apps.core.digests import utc_text
from apps.validation.documents.reading import LISTS, TABLES, FieldType, TemplateField
from apps.validation.documents.values import Value
from apps.validation.models import EvidenceItem

Row = Mapping[str, str]
MOST_ROWS = 200
OTHER_MODELS = "Other models; the lineage names those one may see"
_ALIASES = {"group": "slice", "dataset": "name"}
"""Names templates have for columns the registry calls otherwise."""
_PERSON = len(User.RECORD.prefix) + 1


@dataclass(frozen=True)
class Known:
    """What the registry says in a field, and whether that is an answer."""

    value: Value = ""
    columns: Sequence[str] = ()
    is_answered: bool = False


@dataclass(frozen=True)
class Rows:
    """A table the registry keeps: ``is_whole`` when it knows that there is nothing beside it."""

    rows: Sequence[Row]
    columns: Sequence[str]
    is_whole: bool = False


@dataclass
class Registry:
    """What the registry knows about a model and one version of it, each part read once."""

    model: RegisteredModel
    version: ModelVersion | None = None
    _read: dict[str, Known] = field(default_factory=dict)

    def says(self, asked: TemplateField) -> Known:
        """Return what stands in a field that nobody writes."""
        known = self._read.get(asked.key)
        if known is None:
            known = self._read[asked.key] = self._said(asked)
        return known

    def _said(self, asked: TemplateField) -> Known:
        if asked.type in TABLES:
            return self._table(asked)
        if asked.type is FieldType.EVIDENCE:
            return _as_type(asked, self._evidence(asked.evidence_types))
        read = _TEXTS.get(asked.autofill)
        return _as_type(asked, read(self) if read else self._recorded(asked.autofill))

    def _table(self, asked: TemplateField) -> Known:
        read = _TABLES.get(asked.autofill)
        found = read(self) if read else None
        if found is None or not (found.rows or found.is_whole):
            found = self._recorded_rows(asked.autofill) or found
        if found is None:
            return Known([], asked.columns)
        columns = _columns(asked, found)
        rows = [[_cell(row, name) for name in columns] for row in found.rows[:MOST_ROWS]]
        return Known(rows, columns, bool(rows) or found.is_whole)

    # -- what the inventory holds

    @cached_property
    def answers(self) -> Answers:
        """What the inventory knows of the model."""
        return facts.of_model(self.model, facts.live_third_parties(self.model))

    @cached_property
    def version_answers(self) -> Answers:
        """What the inventory knows of the version."""
        if self.version is None:
            return {}
        return facts.of_version(self.version, Measured.of([self.version]))

    @cached_property
    def _fields(self) -> Mapping[str, InventoryField]:
        known = fields.in_force()
        entities = (EntityId.MODEL, EntityId.VERSION)
        return {one.path: one for entity in entities for one in known.entity(entity).fields}

    def _recorded(self, path: str) -> Value:
        """Return a recorded value in words; what is no field of the inventory is empty."""
        entity, _, key = path.partition(".")
        answers = {"model": self.answers, "version": self.version_answers}.get(entity, {})
        return _in_words(answers.get(key))

    def _recorded_rows(self, path: str) -> Rows | None:
        """Return a table as it was recorded in the inventory, by the names of its columns."""
        asked = self._fields.get(path)
        subject = self.version if path.startswith("version.") else self.model
        if asked is None or subject is None:
            return None
        told = sheets.recorded(subject).get(asked.key)
        rows = [row for row in told if isinstance(row, list)] if isinstance(told, list) else []
        if not rows:
            return None
        columns = [name.lower().replace(" ", "_") for name in asked.columns]
        columns += [f"column_{place + 1}" for place in range(len(columns), max(map(len, rows)))]
        return Rows([dict(zip(columns, row, strict=False)) for row in rows], columns)

    def _evidence(self, types: Sequence[str]) -> Value:
        """Return the evidence of some types that stands, each with what it is and its digest."""
        return [
            f"{one.title}, {_state(one)}: {one.file_digest or one.link}"
            for one in self.evidence
            if one.type in types
        ]

    @cached_property
    def evidence(self) -> Sequence[EvidenceItem]:
        """The evidence about the model and this version that nobody declined or withdrew."""
        found = EvidenceItem.objects.filter(
            Q(version=None, use_case=None) | Q(version=self.version, version__isnull=False),
            model=self.model,
            declined_at=None,
            withdrawn_at=None,
        )
        return list(found.order_by("pk"))

    @cached_property
    def runs(self) -> Sequence[int]:
        """The run the version came from, if it is recorded."""
        run = self.version.run_id if self.version else None
        return [run] if run else []


def _as_type(asked: TemplateField, value: Value) -> Known:
    """Return a value in the shape a field's type has."""
    if asked.type in LISTS:
        items = [value] if isinstance(value, str) else value
        return Known([str(item) for item in items if item], (), bool(value))
    text = ", ".join(map(str, value)) if isinstance(value, list) else value
    return Known(text, (), bool(text))


def _columns(asked: TemplateField, found: Rows) -> Sequence[str]:
    """Return the template's columns and, so that nothing is lost, others that hold something."""
    if not asked.columns:
        return found.columns
    shown = {name for one in asked.columns for name in (one, _ALIASES.get(one, one))}
    more = [name for name in found.columns if name not in shown]
    return [*asked.columns, *(name for name in more if any(row.get(name) for row in found.rows))]


def _cell(row: Row, name: str) -> str:
    return row.get(name) or row.get(_ALIASES.get(name, name), "")


def _in_words(value: object) -> Value:
    if is_empty(value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return [str(part) for part in value]
    if isinstance(value, Mapping):
        return ", ".join(map(str, value.values()))
    return str(value)


# -- one reader for each place that is more than a recorded value ----------------------------------


def _owner(registry: Registry) -> Value:
    return str(registry.model.owner)


def _contributors(registry: Registry) -> Value:
    told = registry.version.contributors if registry.version else []
    named = User.objects.filter(pk__in=[int(who[_PERSON:]) for who in told])
    return sorted(map(str, named))


def _tags(registry: Registry) -> Value:
    return sorted(f"{tag.key}={tag.value}" for tag in registry.model.tags.all())


def _metrics(registry: Registry) -> Rows:
    found = catalog.final_metrics(registry.runs).order_by("key", "dataset", "slice", "pk")
    names = ("metric", "value", "slice", "lower_bound", "upper_bound", "dataset")
    return Rows(
        [
            dict(
                zip(
                    names,
                    (
                        one.key,
                        repr(one.number),
                        one.slice,
                        _bound(one.lower),
                        _bound(one.upper),
                        one.dataset,
                    ),
                    strict=True,
                )
            )
            for one in found[:MOST_ROWS]
        ],
        names,
    )


def _state(item: EvidenceItem) -> str:
    return "verified" if item.verified_at else "not verified yet"


def _bound(value: float | None) -> str:
    return "" if value is None else repr(value)


_OF_DATA = ("name", "version", "digest", "period", "rows", "license", "role")


def _datasets(registry: Registry) -> Rows:
    version = registry.version
    if version is None:
        return Rows([], _OF_DATA)
    rows = [_dataset(edge.origin_asset, edge.get_relation_display()) for edge in _data_of(version)]
    known = {(row["name"], row["digest"]) for row in rows}
    if version.run:
        read = version.run.datasets.order_by("name", "digest", "context", "pk")
        rows += [
            {"name": one.name, "digest": one.digest, "role": one.context}
            for one in read[:MOST_ROWS]
            if (one.name, one.digest) not in known
        ]
    return Rows(rows, _OF_DATA)


def _data_of(version: ModelVersion) -> Iterable[LineageEdge]:
    edges = LineageEdge.objects.filter(
        target_version=version, origin_asset__kind=Asset.Kind.DATASET, ended_at=None
    )
    return edges.select_related("origin_asset").order_by("origin_asset__name", "pk")


def _dataset(asset: Asset | None, role: str) -> dict[str, str]:
    assert asset is not None
    return {
        "name": asset.name,
        "version": asset.version,
        "digest": asset.digest,
        "license": asset.license,
        "role": role,
    }


def _environment(registry: Registry) -> Rows:
    version = registry.version
    names = ("component", "version", "update_requirement")
    if version is None:
        return Rows([], names)
    python = [{"component": "Python", "version": version.python_version}]
    pinned = [Package.of(str(one)) for one in version.packages]
    packages = [{"component": one.name, "version": one.version} for one in pinned if one]
    return Rows([*(python if version.python_version else []), *packages], names)


def _suppliers(registry: Registry) -> Rows:
    names = ("supplier", "component", "version", "terms", "review_date")
    kept = {"component": "service", "version": "supplier_version", "terms": "contract_ref"}
    rows = [
        {
            "supplier": party.title,
            **{name: str(_in_words(party.values.get(key))) for name, key in kept.items()},
        }
        for party in facts.live_third_parties(registry.model)
    ]
    return Rows(rows, names, is_whole=True)


def _versions(registry: Registry) -> Rows:
    names = ("version", "date", "stage", "change", "digest")
    found = registry.model.versions.filter(deleted_at=None).order_by("-number")
    rows = [
        {
            "version": str(one.number),
            "date": utc_text(one.created_at)[:10],
            "stage": one.get_stage_display(),
            "change": one.description or one.get_change_class_display(),
            "digest": formats.short_digest(one.content_digest),
        }
        for one in found[:MOST_ROWS]
    ]
    return Rows(rows, names, is_whole=True)


def _consumers(registry: Registry) -> Rows:
    """Name the assets that take from a model; other models only as such, since not all see them."""
    edges = LineageEdge.objects.filter(origin_version__model=registry.model, ended_at=None)
    assets = Asset.objects.filter(pk__in=edges.values("target_asset")).select_related("owner")
    rows = [
        {"consumer": str(asset), "owner": str(asset.owner or "")}
        for asset in assets.order_by("name", "pk")[:MOST_ROWS]
    ]
    if edges.exclude(target_version=None).exclude(target_version__model=registry.model).exists():
        rows.append({"consumer": OTHER_MODELS})
    return Rows(rows, ("consumer", "owner"), is_whole=True)


_TEXTS: Mapping[str, Callable[[Registry], Value]] = {
    "model.owner": _owner,
    "model.tags": _tags,
    "version.contributors": _contributors,
}
_TABLES: Mapping[str, Callable[[Registry], Rows]] = {
    "version.metrics": _metrics,
    "version.datasets": _datasets,
    "version.environment": _environment,
    "model.suppliers": _suppliers,
    "model.version_history": _versions,
    "dependencies.downstream": _consumers,
}
