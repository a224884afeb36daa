"""Identifiers that sort by time."""

import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """Return a UUID version 7: milliseconds since 1970, then 74 random bits (RFC 9562, 5.7)."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (2**48 - 1)) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return UUID(int=value)
