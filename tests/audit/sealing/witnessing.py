"""A witness of C2SP ``tlog-witness`` on this machine: it signs what goes on from what it saw."""

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.audit.log.keys import WITNESS, VerifierKey
from apps.audit.log.notes import Signature
from apps.audit.log.tree import BrokenProof, require_consistency
from apps.audit.verifier.notes import Bad, Checkpoint, open_checkpoint, read_key
from tests.audit.sealing.sealed import vkey
from tests.integrations.receiver import Sent

NAME = "witness.test/w1"
SEEN_AT = 1_795_435_200


class TestWitness:
    """Keeps the newest checkpoint of a log, and cosigns what it is shown to begin with that."""

    __test__ = False

    def __init__(self, *trusted: str, seed: bytes = b"\x09" * 32, name: str = NAME) -> None:
        self.trusted = [read_key(text) for text in trusted or (vkey(),)]
        self.held: dict[str, Checkpoint] = {}
        self.asked: list[int] = []
        """The old size of each request."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = VerifierKey(name, self._key.public_key().public_bytes_raw(), WITNESS)

    def __call__(self, sent: Sent, handler: Any) -> None:
        status, body = self.answer(sent)
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def answer(self, sent: Sent) -> tuple[int, bytes]:
        """Answer one request as the specification says."""
        if (sent.method, sent.path) != ("POST", "/add-checkpoint"):
            return 405, b""
        head, _, note = sent.body.decode().partition("\n\n")
        first, *lines = head.split("\n")
        old = int(first.removeprefix("old "))
        self.asked.append(old)
        if note.partition("\n")[0] not in {key.name for key in self.trusted}:
            return 404, b""
        try:
            new = open_checkpoint(note, self.trusted)
        except Bad:
            return 403, b""
        return self._judged(old, new, [base64.b64decode(line) for line in lines], note)

    def _judged(
        self, old: int, new: Checkpoint, proof: list[bytes], note: str
    ) -> tuple[int, bytes]:
        held = self.held.get(new.origin)
        size = held.size if held else 0
        if old > new.size:
            return 400, b""
        if old != size:
            return 409, f"{size}\n".encode()
        if held and old == new.size and held.root != new.root:
            return 409, b""
        try:
            if held:
                require_consistency(held.size, new.size, held.root, new.root, proof)
            elif proof:
                return 422, b""
        except BrokenProof:
            return 422, b""
        self.held[new.origin] = new
        return 200, self.cosigned(note.rpartition("\n\n")[0] + "\n").encode()

    def cosigned(self, text: str, *, at: int = SEEN_AT) -> str:
        """Return the line with which it signs a text."""
        signature = self._key.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
        return Signature(self.key.name, self.key.key_id, at.to_bytes(8, "big") + signature).line
