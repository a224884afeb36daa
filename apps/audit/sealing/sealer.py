"""One sealer: seals, signs, hands over, and halts the log when something does not hold together."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from apps.audit.log.notes import Checkpoint
from apps.audit.sealing import anchoring, batches, signing, states, watching
from apps.audit.sealing.anchors import Anchor, AnchorAway
from apps.audit.sealing.signing import Keys
from apps.audit.sealing.states import LogBroken
from apps.core.clock import database_now

logger = logging.getLogger(__name__)

_LOOK_UP = timedelta(minutes=1)
"""How often a sealer asks whether a heartbeat is due."""


class Sealer:
    """Takes steps, each whole by itself; any number of sealers take turns."""

    def __init__(
        self, keys: Keys, anchors: Sequence[Anchor], *, clock: Callable[[], datetime] = database_now
    ) -> None:
        self._keys = keys
        self._anchors = anchors
        self._clock = clock
        self._signed: Checkpoint | None = None
        self._is_compared = False
        self._looked_up: datetime | None = None
        self._swept: datetime | None = None

    def step(self) -> bool:
        """Do what there is to do; say whether there was anything, so that more may follow."""
        try:
            return self._step()
        except LogBroken as trouble:
            states.halt(str(trouble))
            return False

    def lost_connection(self) -> None:
        """Compare with what is kept elsewhere before anything is signed again."""
        self._is_compared = False

    def _step(self) -> bool:
        if states.is_halted() or not (self._is_compared or self._compare()):
            return False
        sealed = batches.seal() if batches.has_pending() else 0
        signed = signing.sign(self._keys, known=self._signed) if signing.has_unsigned() else None
        self._signed = signed or self._signed
        now = self._clock()
        kept = anchoring.hand_over(self._anchors, now=now)
        self._look_after(now)
        return bool(sealed or signed or kept)

    def _compare(self) -> bool:
        try:
            signing.compare(self._anchors, self._keys)
        except AnchorAway as problem:
            logger.error("Nothing is signed until a required anchor can be read: %s", problem)
            return False
        self._is_compared = True
        return True

    def _look_after(self, now: datetime) -> None:
        if self._looked_up is None or now - self._looked_up >= _LOOK_UP:
            self._looked_up = now
            watching.beat(now=now)
        if self._swept is None or now - self._swept >= watching.SWEEP:
            self._swept = now
            watching.sweep(now=now)
