"""Hands the newest checkpoint to the places that keep it, and tells which of them are away.

All places are asked at once. A step waits for them ``LIMIT`` seconds and no longer; who was slower
is not waited for again until it has been in time. Who failed is left alone for a while.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.db import IntegrityError, transaction

from apps.audit.log import tree
from apps.audit.log.notes import Checkpoint, Note
from apps.audit.models import Anchoring, Log, SignedCheckpoint
from apps.audit.sealing import outages, reading
from apps.audit.sealing.anchors import (
    FROM_NOTHING,
    Anchor,
    AnchorAway,
    GoesOnFromElsewhere,
    Growth,
)
from apps.audit.sealing.asking import Asked
from apps.audit.sealing.states import LogBroken

logger = logging.getLogger(__name__)

EVERY = timedelta(seconds=10)
"""How long a place that nobody waits for is left alone, also after its first failure."""
SOON = timedelta(seconds=1)
"""How long a place that decisions wait for is left alone after its first failure."""
LONGEST = timedelta(minutes=2)
"""How long a place that goes on failing is left alone at most."""
LIMIT = 1.0
"""Seconds a step waits for all places together."""
STUCK = 60.0
"""Seconds after which a place that has not answered is told as one that failed."""


@dataclass
class Place:
    """An anchor, and what this process knows of how it does."""

    anchor: Anchor
    asked: Asked[str] | None = None
    size: int = 0
    """The size of the checkpoint it was asked to keep last."""
    is_slow: bool = False
    failures: int = 0
    rests_until: datetime | None = None
    holds: int | None = None
    """How large it said it knows the log to be, when it was shown another growth."""
    is_told_stuck: bool = False

    def rest(self, now: datetime) -> None:
        """Leave it alone after a failure, for longer and longer."""
        first = SOON if self.anchor.is_required else EVERY
        self.rests_until = now + min(first * 2 ** min(self.failures, 9), LONGEST)
        self.failures += 1


@dataclass
class Handover:
    """Hands checkpoints to some places, from step to step."""

    anchors: Sequence[Anchor]
    places: list[Place] = field(init=False)

    def __post_init__(self) -> None:
        self.places = [Place(anchor) for anchor in self.anchors]

    def hand_over(self, *, now: datetime) -> int:
        """Hand the newest checkpoint to every place that is due; return how many took it.

        Raises:
            LogBroken: when one holds another checkpoint of the same size, or a larger log.
        """
        newest = reading.newest_checkpoint()
        if newest is None:
            return 0
        taken = self._round(newest, now)
        if any(place.holds is not None for place in self.places):  # shown anew, from there
            taken += self._round(newest, now)
        return taken

    def finish(self, *, now: datetime, seconds: float) -> int:
        """Wait for what is still under way; return how many took it."""
        _wait([place for place in self.places if place.asked], seconds)
        return self._conclude(now)

    def _round(self, newest: SignedCheckpoint, now: datetime) -> int:
        started = [place for place in self.places if _is_due(place, newest, now)]
        for place in started:
            _start(place, newest)
        _wait([place for place in started if not place.is_slow], LIMIT)
        return self._conclude(now)

    def _conclude(self, now: datetime) -> int:
        return sum(_concluded(place, now) for place in self.places if place.asked)


def _is_due(place: Place, newest: SignedCheckpoint, now: datetime) -> bool:
    if place.asked or (place.rests_until and now < place.rests_until):
        return False
    if place.holds is not None:
        return True
    anchor = place.anchor
    last = outages.newest_kept(anchor.name)
    if last is None or anchor.is_required:
        return last is None or last.size < newest.size
    return last.size < newest.size and now - last.accepted_at >= EVERY


def _start(place: Place, newest: SignedCheckpoint) -> None:
    checkpoint = Checkpoint.read(Note.read(newest.note).text)
    growth = FROM_NOTHING
    if place.anchor.is_shown_growth:
        growth = _growth(place, checkpoint)
    place.size = newest.size
    place.asked = Asked(partial(place.anchor.keep, checkpoint, newest.note, growth))


def _growth(place: Place, checkpoint: Checkpoint) -> Growth:
    """Return what shows that a checkpoint goes on from what a place holds."""
    old = _size_held(place.anchor.name, checkpoint) if place.holds is None else place.holds
    if old in {0, checkpoint.size}:
        return Growth(old)
    nodes = reading.tiled(checkpoint.size).node
    return Growth(old, tree.consistency(old, checkpoint.size, nodes))


def _size_held(name: str, checkpoint: Checkpoint) -> int:
    """Return the size of this log, under its name of today, that a place took last."""
    last = outages.newest_kept(name)
    if last is None or last.size > checkpoint.size:
        return 0
    kept = SignedCheckpoint.objects.filter(size=last.size).values_list("note", flat=True)
    is_same = any(note.startswith(f"{checkpoint.origin}\n") for note in kept)
    return last.size if is_same else 0


def _wait(places: Iterable[Place], seconds: float) -> None:
    ends = time.monotonic() + seconds
    for place in places:
        assert place.asked is not None
        place.is_slow = not place.asked.wait(ends - time.monotonic())


def _concluded(place: Place, now: datetime) -> bool:
    """Take note of what a place answered, if it did; say whether it took the checkpoint."""
    asked, anchor = place.asked, place.anchor
    assert asked is not None
    if not asked.is_done:
        _tell_stuck(place, asked, now)
        return False
    place.asked, place.is_told_stuck = None, False
    place.is_slow = asked.took > LIMIT
    was_shown_anew, place.holds = place.holds is not None, None
    try:
        receipt = asked.answer()
    except GoesOnFromElsewhere as conflict:
        _require_not_ahead(anchor, conflict.size)
        if was_shown_anew:
            _failed(place, "It goes on from another size each time.", now)
        elif conflict.size <= place.size:  # else another sealer was faster
            place.holds = conflict.size
        return False
    except AnchorAway as problem:
        _failed(place, str(problem), now)
        return False
    place.failures, place.rests_until = 0, None
    _keep_receipt(anchor, place.size, receipt, now)
    return True


def _require_not_ahead(anchor: Anchor, size: int) -> None:
    log = Log.objects.get(pk=Log.ONLY)
    if size > log.size:
        raise LogBroken(f"The database is behind {anchor.name}: {log.size} < {size}.")


def _tell_stuck(place: Place, asked: Asked[str], now: datetime) -> None:
    if asked.seconds > STUCK and not place.is_told_stuck:
        place.is_told_stuck = True
        _failed(place, f"It has not answered for {STUCK:.0f} seconds.", now)


def _failed(place: Place, words: str, now: datetime) -> None:
    place.rest(now)
    logger.warning("%s did not take checkpoint %s: %s", place.anchor.name, place.size, words)
    outages.tell_away(place.anchor.name, words, now=now)


def _keep_receipt(anchor: Anchor, size: int, receipt: str, now: datetime) -> None:
    taken = Anchoring(size=size, name=anchor.name, accepted_at=now, receipt=receipt)
    with suppress(IntegrityError), transaction.atomic():  # another sealer was first
        taken.save(force_insert=True)
    outages.tell_back(anchor.name)
