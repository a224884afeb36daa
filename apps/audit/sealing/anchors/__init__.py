"""Places outside the database that keep checkpoints, so that the log cannot be put back unseen."""

from collections.abc import Sequence
from pathlib import Path
from typing import assert_never

from django.conf import settings

from apps.audit.sealing import places
from apps.audit.sealing.anchors.bucket import BucketAnchor
from apps.audit.sealing.anchors.contract import (
    FROM_NOTHING,
    LOCAL,
    Anchor,
    AnchorAway,
    GoesOnFromElsewhere,
    Growth,
)
from apps.audit.sealing.anchors.folder import FolderAnchor
from apps.audit.sealing.anchors.webhook import WebhookAnchor
from apps.audit.sealing.anchors.witness import WitnessAnchor
from apps.audit.sealing.places import Bucket, Folder, Webhook, Witness

__all__ = [
    "FROM_NOTHING",
    "LOCAL",
    "Anchor",
    "AnchorAway",
    "BucketAnchor",
    "FolderAnchor",
    "GoesOnFromElsewhere",
    "Growth",
    "WebhookAnchor",
    "WitnessAnchor",
    "configured",
]


def configured() -> Sequence[Anchor]:
    """Return the places the operator named."""
    return [_anchor(name, text) for name, text in settings.ANCHORS.items()]


def _anchor(name: str, text: str) -> Anchor:
    is_required = name in settings.ANCHORS_REQUIRED
    match places.read(text):
        case Folder(path):
            return FolderAnchor(name, Path(path), is_required=is_required)
        case Bucket() as bucket:
            return BucketAnchor(name, bucket, is_required=is_required)
        case Witness(url, key):
            return WitnessAnchor(name, url, key, is_required=is_required)
        case Webhook(url):
            return WebhookAnchor(name, url, is_required=is_required)
        case other:
            assert_never(other)
