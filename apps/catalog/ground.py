"""What a decision about a version goes by, beside its model, stands still until it is taken."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from apps.catalog import training
from apps.catalog.lifecycle import Stage
from apps.catalog.models import Asset, LineageEdge, ModelVersion


def keep_still(version: ModelVersion) -> None:
    """Keep a version's run, and both ends of its lineage, as they are until the transaction ends.

    The transaction locked the model. All rows of versions that the decision may write are locked
    along with those it reads, in one order, so that no two decisions wait for each other at once.
    """
    training.keep_still(version)
    assets, versions = _ends(version)
    there = Q(pk__in={version.pk, *versions}) | Q(model=version.model_id, stage=Stage.PRODUCTION)
    _lock(ModelVersion.objects.filter(there))
    _lock(Asset.objects.filter(pk__in=assets))


def _ends(version: ModelVersion) -> tuple[Collection[int], Collection[int]]:
    """Return the assets and the versions at the other ends of a version's live edges."""
    touching = Q(origin_version=version) | Q(target_version=version)
    edges = LineageEdge.objects.filter(touching, ended_at=None).order_by()
    found = edges.values_list("origin_asset", "target_asset", "origin_version", "target_version")
    rows = list(found)
    assets = {pk for row in rows for pk in row[:2] if pk is not None}
    versions = {pk for row in rows for pk in row[2:] if pk is not None}
    return assets, versions


def _lock(rows: QuerySet[ModelVersion] | QuerySet[Asset]) -> None:
    """Lock rows against change; what refers to them may still be written."""
    list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
