"""Hands the newest checkpoint to the places that keep it."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from apps.audit.log.notes import Checkpoint, Note
from apps.audit.models import Anchoring, SignedCheckpoint
from apps.audit.sealing import reading
from apps.audit.sealing.anchors import Anchor, AnchorAway

logger = logging.getLogger(__name__)

EVERY = timedelta(seconds=10)
"""How long a place that nobody waits for is left alone."""


def hand_over(anchors: Sequence[Anchor], *, now: datetime) -> int:
    """Hand the newest checkpoint to every place that is due; return how many took it.

    Raises:
        LogBroken: when one holds another checkpoint of the same size.
    """
    newest = reading.newest_checkpoint()
    if newest is None:
        return 0
    return sum(_hand_to(anchor, newest, now) for anchor in anchors if _is_due(anchor, newest, now))


def _is_due(anchor: Anchor, newest: SignedCheckpoint, now: datetime) -> bool:
    last = Anchoring.objects.filter(name=anchor.name).order_by("-size").first()
    if last is None or anchor.is_required:
        return last is None or last.size < newest.size
    return last.size < newest.size and now - last.accepted_at >= EVERY


def _hand_to(anchor: Anchor, newest: SignedCheckpoint, now: datetime) -> bool:
    checkpoint = Checkpoint.read(Note.read(newest.note).text)
    try:
        receipt = anchor.keep(checkpoint, newest.note)
    except AnchorAway as problem:
        logger.warning("%s did not take checkpoint %s: %s", anchor.name, newest.size, problem)
        return False
    taken = Anchoring(size=newest.size, name=anchor.name, accepted_at=now, receipt=receipt)
    with suppress(IntegrityError), transaction.atomic():  # another sealer was first
        taken.save(force_insert=True)
    return True
