"""Where recorded values are kept: the sheet of a model or version, a use, a supplier record."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from apps.catalog.inventory.reading import EntityId, shipped
from apps.catalog.inventory.values import Value, is_empty
from apps.catalog.models import (
    InventoryRow,
    ModelSheet,
    ModelVersion,
    RegisteredModel,
    ThirdParty,
    UseCase,
    VersionSheet,
)
from apps.core.digests import digest_of

Subject: TypeAlias = RegisteredModel | ModelVersion | UseCase | ThirdParty


def entities_of(subject: Subject) -> tuple[EntityId, ...]:
    """Return the entities whose fields are recorded about a subject."""
    if isinstance(subject, RegisteredModel):
        return ModelSheet.ENTITIES
    return VersionSheet.ENTITIES if isinstance(subject, ModelVersion) else subject.ENTITIES


def recorded(subject: Subject) -> dict[str, Value]:
    """Return the values recorded about a subject by key, leaving its row aside."""
    row = _row(subject)
    return dict(row.values) if row is not None else {}


def read_again(subject: Subject) -> None:
    """Forget a sheet that was read before the lock was taken, so that it is read as it is now."""
    subject._state.fields_cache.pop("sheet", None)


def write(subject: Subject, given: Mapping[str, Value]) -> None:
    """Keep values of a subject, inside the change that records them; an empty one is taken away."""
    row = _row(subject) or _new_row(subject)
    kept = {**row.values, **given}
    row.values = {key: value for key, value in kept.items() if not is_empty(value)}
    row.fields_version = shipped().version
    row.save()


def inventory_digest(version: ModelVersion) -> str | None:
    """Return the digest of all that is recorded about a version, its model, uses and suppliers.

    It is None while nothing is recorded, so that a dossier without an inventory stays as it was.
    """
    return inventory_digests([version]).get(version.pk)


def inventory_digests(versions: Collection[ModelVersion]) -> Mapping[int, str]:
    """Return the inventory digest of each version about which something is recorded, by its id.

    It takes four queries however many versions there are.
    """
    models = {version.model_id for version in versions}
    states: dict[int, list[str]] = defaultdict(list)
    for rows in (ModelSheet, UseCase, ThirdParty):
        for row in rows.objects.filter(model__in=models, **_live(rows)).order_by("pk"):
            states[row.model_id].append(row.state_digest())
    sheets = VersionSheet.objects.filter(version__in=[version.pk for version in versions])
    own = {sheet.version_id: sheet.state_digest() for sheet in sheets}
    told = {v.pk: _digest(states[v.model_id], own.get(v.pk)) for v in versions}
    return {pk: digest for pk, digest in told.items() if digest is not None}


def digest_as_loaded(version: ModelVersion) -> str | None:
    """Return the same digest from rows that were loaded with a version; it reads nothing."""
    model = version.model
    beside = (model.use_cases.all(), model.third_parties.all())
    live = [
        row
        for rows in beside
        for row in sorted(rows, key=lambda one: one.pk)
        if row.ended_at is None
    ]
    sheets = [sheet for sheet in (_row(model),) if sheet is not None]
    own = _row(version)
    return _digest(
        [row.state_digest() for row in (*sheets, *live)], own.state_digest() if own else None
    )


def _digest(of_model: Sequence[str], own: str | None) -> str | None:
    if not of_model and own is None:
        return None
    return digest_of({"model": list(of_model), "version": own})


def _live(rows: type[InventoryRow]) -> dict[str, None]:
    return {} if rows is ModelSheet else {"ended_at": None}


def _row(subject: Subject) -> InventoryRow | None:
    if isinstance(subject, RegisteredModel | ModelVersion):
        return getattr(subject, "sheet", None)
    return subject


def _new_row(subject: Subject) -> InventoryRow:
    if isinstance(subject, RegisteredModel):
        return ModelSheet(model=subject)
    assert isinstance(subject, ModelVersion)
    return VersionSheet(version=subject)
