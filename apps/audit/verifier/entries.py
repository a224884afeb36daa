"""Entries in their one form (RFC 8785, restricted), and the chains they form."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

from apps.audit.verifier.notes import Bad, Finding

KEYS = "action actor chain detail id outcome parent reason request rows sign subject time v".split()
_NONE = "0" * 64
_DEPTH = 8
_OUTCOMES = ("done", "refused", "failed", "intent")
_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z", re.ASCII)
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
_ALLOWED = set(KEYS)
"""Keys that were seen and are allowed: entries repeat them."""
_MOST_ALLOWED = 10_000


def _refused(text: str) -> Any:
    raise Bad(f"{text} has no canonical form")


def _integer(text: str) -> int:
    return int(text) if len(text) < 18 and abs(int(text)) < 2**53 else _refused(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if not _ALLOWED.issuperset(found):
        for key in found:
            if not _KEY.fullmatch(key):
                raise Bad(f"{key!r} is not an allowed key")
        if len(_ALLOWED) < _MOST_ALLOWED:
            _ALLOWED.update(found)
    return found


def _is_deeper(value: Any, most: int) -> bool:
    """Say whether containers stand in one another more than so many deep; it looks no deeper."""
    inner = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (dict, list)):
        return False
    return most == 0 or any(_is_deeper(each, most - 1) for each in inner)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_refused, parse_constant=_refused
)
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def read_entry(raw: bytes) -> dict[str, Any]:
    """Read an entry, which has to stand in its one canonical form and be whole."""
    try:
        entry = _DECODER.decode(raw.decode("utf-8"))
        is_same = _ENCODER.encode(entry).encode("utf-8") == raw
    except (UnicodeError, json.JSONDecodeError, RecursionError):
        raise Bad("it is not in JSON") from None
    if not is_same or not isinstance(entry, dict) or sorted(entry) != KEYS:
        raise Bad("it is not in the form of an entry")
    if not _is_formed(entry):
        raise Bad("one of its values is not in the form it has in an entry")
    if raw.count(b"{") + raw.count(b"[") > _DEPTH and _is_deeper(entry, _DEPTH):
        raise Bad("it is nested too deep")
    return entry


def _is_formed(entry: dict[str, Any]) -> bool:
    told = [entry["id"], entry["time"], entry["action"], entry["outcome"]]
    if type(entry["v"]) is not int or not all(isinstance(each, str) for each in told):
        return False
    is_known = entry["v"] == 1 and entry["outcome"] in _OUTCOMES
    is_read = _ID.fullmatch(entry["id"]) and _TIME.fullmatch(entry["time"])
    parts = [entry["actor"], entry["subject"], entry["detail"]]
    is_made = all(isinstance(each, dict) for each in parts) and isinstance(entry["rows"], list)
    return bool(is_known and is_read and is_made and _is_link(entry["chain"]))


def _is_link(chain: Any) -> bool:
    if chain is None:
        return True
    if not isinstance(chain, dict) or sorted(chain) != ["prev", "rev", "root"]:
        return False
    is_typed = type(chain["rev"]) is int and isinstance(chain["root"], str)
    return is_typed and isinstance(chain["prev"], str)


def link_of(entry: dict[str, Any]) -> tuple[bytes, str | None, int, str]:
    """Return the id of an entry, and its place in its chain: root, number, and leaf before."""
    link, own = entry["chain"], bytes.fromhex(entry["id"].replace("-", ""))
    return (own, link["root"], link["rev"], link["prev"]) if link else (own, None, 0, "")


class Chains:
    """Follows the chain of every root, and holds every entry to be there once."""

    def __init__(self) -> None:
        self.last: dict[str, tuple[int, str]] = {}
        self._ids: set[bytes] = set()

    def take(self, seq: int, entry: dict[str, Any], leaf: bytes) -> list[Finding]:
        """Take the next entry; return what is wrong with its place."""
        return self.follow(seq, link_of(entry), leaf)

    def follow(
        self, seq: int, link: tuple[bytes, str | None, int, str], leaf: bytes
    ) -> list[Finding]:
        """Take the link of the next entry; return what is wrong with it."""
        found, (own, root, rev, prev) = [], link
        if own in self._ids:
            found.append(
                Finding("event.duplicate", f"entry {seq}", f"{UUID(bytes=own)} is there twice")
            )
        self._ids.add(own)
        if root is None:
            return found
        last, before = self.last.get(root, (0, _NONE))
        if rev != last + 1 or prev != before:
            words = f"number {rev} of {root} does not follow number {last}"
            found.append(Finding("chain", f"entry {seq}", words))
        self.last[root] = rev, leaf.hex()
        return found
