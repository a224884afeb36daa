"""What policies read about what a version is made from and who relies on it."""

from collections.abc import Sequence

from apps.catalog.lifecycle import Stage
from apps.catalog.models import Asset, LineageEdge, ModelVersion, Relation

ENDED = frozenset({Stage.ARCHIVED, Stage.DECOMMISSIONED})
RELIED_ON = frozenset({Relation.READS, Relation.USES, Relation.FEEDS, Relation.DERIVED_FROM})
"""What makes an asset needed while a version runs; the data it was trained on may be retired."""


def dependency_facts(version: ModelVersion, edges: Sequence[LineageEdge]) -> dict[str, object]:
    """Return how many things before a version are not approved, and how many rely on it.

    A version of another model is approved while it is in production, an asset while it is in use.
    """
    before = [edge for edge in edges if edge.target_version_id == version.pk]
    after = [edge for edge in edges if edge.origin_version_id == version.pk]
    return {
        "upstream_unapproved": sum(not _is_approved(edge, version) for edge in before),
        "downstream_active": sum(_is_active(edge.target, version) for edge in after),
    }


def is_base_pinned(version: ModelVersion, edges: Sequence[LineageEdge]) -> bool:
    """Say whether a base model is linked, each with what it can never be mistaken by."""
    bases = [
        _is_pinned(edge.origin)
        for edge in edges
        if edge.target_version_id == version.pk and _is_of_base(edge)
    ]
    if version.base_version is not None:
        bases.append(_is_pinned(version.base_version))
    return bool(bases) and all(bases)


def _is_approved(edge: LineageEdge, version: ModelVersion) -> bool:
    origin = edge.origin
    if isinstance(origin, Asset):
        return origin.is_in_use or edge.relation not in RELIED_ON
    if origin.model_id == version.model_id:
        return True
    return origin.stage == Stage.PRODUCTION and origin.deleted_at is None


def _is_active(target: Asset | ModelVersion, version: ModelVersion) -> bool:
    if isinstance(target, Asset):
        return target.is_in_use
    is_other = target.model_id != version.model_id
    return is_other and target.deleted_at is None and target.stage not in ENDED


def _is_of_base(edge: LineageEdge) -> bool:
    is_model = edge.origin_asset is None or edge.origin_asset.kind == Asset.Kind.BASE_MODEL
    return is_model and edge.relation == Relation.DERIVED_FROM


def _is_pinned(base: Asset | ModelVersion) -> bool:
    if isinstance(base, Asset):
        return bool(base.digest or base.version)
    return bool(base.content_digest)
