"""A witness: somebody else's service that signs only what goes on from what it saw before.

C2SP ``tlog-witness``. It keeps no notes to read back, but tells how large it knows the log to be.
"""

import base64
import re

from apps.audit.log.keys import VerifierKey
from apps.audit.log.notes import BadNote, Checkpoint, Note
from apps.audit.sealing.anchors.contract import (
    FROM_NOTHING,
    MOST_NOTE,
    Anchor,
    AnchorAway,
    GoesOnFromElsewhere,
    Growth,
)
from apps.audit.sealing.states import LogBroken
from apps.core import outbound
from apps.core.errors import DomainError
from apps.core.outbound import Answer

_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")
_TOLD = {
    400: "It could not read what it was sent.",
    403: "It does not know the key of this log. Give its operator the new one.",
    404: "It does not know this log. Give its operator the name and key of the log.",
    422: "The proof did not convince it.",
}
_OK, _CONFLICT = 200, 409


class WitnessAnchor(Anchor):
    """A witness, known by its address and its key."""

    is_shown_growth = True

    def __init__(self, name: str, url: str, key: VerifierKey, *, is_required: bool) -> None:
        super().__init__(name, is_required=is_required)
        self.url = url
        self.key = key

    def keep(self, checkpoint: Checkpoint, note: str, growth: Growth = FROM_NOTHING) -> str:
        answer = self._asked(note, growth)
        if answer.status == _CONFLICT:
            raise GoesOnFromElsewhere(self._size_in(answer, checkpoint, growth.old))
        return self._cosignature(answer, note)

    def size_known(self, checkpoint: Checkpoint, note: str) -> int | None:
        answer = self._asked(note, Growth(checkpoint.size))
        if answer.status == _CONFLICT:
            return self._size_in(answer, checkpoint, checkpoint.size)
        self._cosignature(answer, note)
        return checkpoint.size

    def _asked(self, note: str, growth: Growth) -> Answer:
        proof = "".join(f"{base64.b64encode(each).decode()}\n" for each in growth.proof)
        body = f"old {growth.old}\n{proof}\n{note}".encode()
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        try:
            answer = outbound.ask("POST", self.url, body=body, headers=headers, most=MOST_NOTE)
        except DomainError as refusal:
            raise AnchorAway(str(refusal)) from None
        if answer.status not in {_OK, _CONFLICT}:
            told = _TOLD.get(answer.status, f"It answered with status {answer.status}.")
            raise AnchorAway(told)
        return answer

    def _size_in(self, answer: Answer, checkpoint: Checkpoint, old: int) -> int:
        """Return how large it says it knows the log to be, as it did not go on from ``old``."""
        found = _SIZE.fullmatch(answer.body)
        size = int(found[1]) if found else None
        if old == checkpoint.size and size in {None, old}:
            raise LogBroken(f"{self.name} holds another root at {old}.")
        if size is None or size == old:
            raise AnchorAway("It refused to go on, and did not say from where it would.")
        return size

    def _cosignature(self, answer: Answer, note: str) -> str:
        """Return the lines its own key signed; those of other keys are passed over."""
        try:
            read = Note.read(note + answer.body.decode())
            is_signed = read.signed_by(self.key)
        except (BadNote, UnicodeError):
            raise AnchorAway("Its cosignature is wrong, or none at all.") from None
        if not is_signed:
            raise AnchorAway("It answered without a cosignature of the key it is known by.")
        own = (self.key.name, self.key.key_id)
        return "".join(one.line for one in read.signatures if (one.name, one.key_id) == own)
