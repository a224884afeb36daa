"""Lineage: what edges may say, who sees which ends, and walks up and down from one of them."""

from apps.catalog.lineage.radius import Affected, BlastRadius, Notified
from apps.catalog.lineage.relations import (
    VERSION,
    WORDINGS,
    End,
    Wording,
    choices_for,
    kind_of,
    label_of,
    require_fits,
    split_choice,
)
from apps.catalog.lineage.sight import Sight, asset_or_none, assets_visible_to, sees_assets
from apps.catalog.lineage.walking import (
    MOST_LAYERS,
    MOST_NODES,
    Edge,
    Lineage,
    Node,
    Ref,
    around,
    downstream,
    loop_through,
    ref_of,
    upstream,
)

__all__ = [
    "MOST_LAYERS",
    "MOST_NODES",
    "VERSION",
    "WORDINGS",
    "Affected",
    "BlastRadius",
    "Edge",
    "End",
    "Lineage",
    "Node",
    "Notified",
    "Ref",
    "Sight",
    "Wording",
    "around",
    "asset_or_none",
    "assets_visible_to",
    "choices_for",
    "downstream",
    "kind_of",
    "label_of",
    "loop_through",
    "ref_of",
    "require_fits",
    "sees_assets",
    "split_choice",
    "upstream",
]
