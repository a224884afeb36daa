"""The entry of an event: canonical bytes, leaf hash, origin tag and text commitment.

The form is fixed from the first migration, since the stored bytes are the record.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.core.digests import NotCanonical, canonical, digest_of_bytes

VERSION = 1
MOST_BYTES = 65_535
MOST_DETAIL_BYTES = 8 * 1024
MOST_ROWS = 64
NO_PREVIOUS = "0" * 64
_TAG_CONTEXT = b"registry-audit-mac/1\n"
KEYS = frozenset(
    "v id time action outcome actor subject chain rows reason detail parent request sign".split()
)


@dataclass(frozen=True)
class RowChange:
    """A governed row an event wrote, with its state digests; ``before`` is None when created."""

    row: str
    before: str | None
    after: str | None

    def as_entry(self) -> dict[str, str | None]:
        return {"row": self.row, "before": self.before, "after": self.after}


@dataclass(frozen=True)
class Commitment:
    """A text bound by its digest with a random salt, so that the text alone can be erased."""

    text: str
    salt: bytes

    @classmethod
    def to(cls, text: str) -> "Commitment":
        return cls(text, secrets.token_bytes(16))

    @property
    def digest(self) -> str:
        return digest_of_bytes(self.salt + self.text.encode("utf-8"))


def encode(entry: Mapping[str, object]) -> bytes:
    """Return the bytes of an entry that are hashed, stored and exported.

    Raises:
        NotCanonical: when a key is missing or unknown, a limit is passed or a value has no form.
    """
    if set(entry) != KEYS:
        raise NotCanonical(f"$: the keys of an entry are {sorted(KEYS)}")
    rows = entry["rows"]
    if not isinstance(rows, Sequence) or len(rows) > MOST_ROWS:
        raise NotCanonical(f"$.rows: one event writes at most {MOST_ROWS} governed rows")
    encoded = canonical(entry)
    may_be_long = len(encoded) > MOST_DETAIL_BYTES
    if may_be_long and len(canonical(entry["detail"])) > MOST_DETAIL_BYTES:
        raise NotCanonical(f"$.detail: more than {MOST_DETAIL_BYTES} bytes")
    require_length(encoded)
    return encoded


def require_length(encoded: bytes) -> None:
    """Refuse an entry the export format cannot carry, since its lengths have 16 bits."""
    if len(encoded) > MOST_BYTES:
        raise NotCanonical(f"$: an entry holds at most {MOST_BYTES} bytes")


def leaf_hash(encoded: bytes) -> bytes:
    """Return the Merkle leaf hash of an entry: SHA-256(0x00 ‖ entry), RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x00" + encoded).digest()


def origin_tag(encoded: bytes, *, key: bytes) -> bytes:
    """Return the tag that tells an entry of the application from one written by SQL."""
    return hmac.new(key, _TAG_CONTEXT + encoded, hashlib.sha256).digest()
