"""One sealer: seals, signs, hands over, and halts the log when something does not hold together."""

import logging
from collections.abc import Sequence

from apps.audit.log.notes import Checkpoint
from apps.audit.sealing import batches, signing, states
from apps.audit.sealing.anchoring import Handover
from apps.audit.sealing.anchors import Anchor, AnchorAway
from apps.audit.sealing.signing import Keys
from apps.audit.sealing.states import LogBroken
from apps.core.clock import database_now

logger = logging.getLogger(__name__)


class Sealer:
    """Takes steps, each whole by itself; any number of sealers take turns."""

    def __init__(self, keys: Keys, anchors: Sequence[Anchor]) -> None:
        self._keys = keys
        self._anchors = anchors
        self._handover = Handover(anchors)
        self._signed: Checkpoint | None = None
        self._is_compared = False

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

    def finish(self, seconds: float) -> None:
        """Wait for places that have not yet answered, and keep their receipts."""
        try:
            self._handover.finish(now=database_now(), seconds=seconds)
        except LogBroken as trouble:
            states.halt(str(trouble))

    def _step(self) -> bool:
        if states.is_halted() or not (self._is_compared or self._compare()):
            return False
        sealed = batches.seal() if batches.has_pending() else 0
        signed = signing.sign(self._keys, known=self._signed) if signing.has_unsigned() else None
        self._signed = signed or self._signed
        kept = self._handover.hand_over(now=database_now())
        return bool(sealed or signed or kept)

    def _compare(self) -> bool:
        try:
            signing.compare(self._anchors, self._keys)
        except AnchorAway as problem:
            logger.error("Nothing is signed until a required anchor can be read: %s", problem)
            return False
        self._is_compared = True
        return True
