"""The proof of one entry as a text to keep: C2SP ``tlog-proof``."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

HEADER = "c2sp.org/tlog-proof@v1"
MOST_HASHES = 63
_PROOF = re.compile(
    rf"{re.escape(HEADER)}\nindex (0|[1-9][0-9]{{0,18}})\n((?:[A-Za-z0-9+/]{{43}}=\n)*)\n(.+\n)",
    re.DOTALL,
)


class BadProof(ValueError):
    """A text is no proof of an entry."""


@dataclass(frozen=True)
class Proof:
    """Where an entry stands, what leads from it to the root, and the checkpoint with the root."""

    index: int
    hashes: Sequence[bytes]
    checkpoint: str

    @property
    def text(self) -> str:
        lines = "".join(f"{base64.b64encode(each).decode()}\n" for each in self.hashes)
        return f"{HEADER}\nindex {self.index}\n{lines}\n{self.checkpoint}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a proof; whether it holds is for ``require_inclusion`` to say.

        Raises:
            BadProof: when the text is none.
        """
        found = _PROOF.fullmatch(text)
        if not found:
            raise BadProof("This is no proof of an entry.")
        lines = found[2].splitlines()
        if len(lines) > MOST_HASHES:
            raise BadProof("No tree is that deep.")
        try:
            hashes = [base64.b64decode(line, validate=True) for line in lines]
        except binascii.Error:
            raise BadProof("A hash is not in base64.") from None
        proof = cls(int(found[1]), hashes, found[3])
        if proof.text != text:
            raise BadProof("A hash is not in the one form base64 has for it.")
        return proof
