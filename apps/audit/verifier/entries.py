"""Entries in their one form (RFC 8785, restricted), and the chains they form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from apps.audit.verifier.notes import Bad, Finding

KEYS = "action actor chain detail id outcome parent reason request rows sign subject time v".split()
_NONE = "0" * 64
_DEPTH = 8
_OUTCOMES = ("done", "refused", "failed", "intent")
_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z", re.ASCII)
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")


def _refused(text: str) -> Any:
    raise Bad(f"{text} has no canonical form")


def _integer(text: str) -> int:
    return int(text) if len(text) < 18 and abs(int(text)) < 2**53 else _refused(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for key, _ in pairs:
        if not _KEY.fullmatch(key):
            raise Bad(f"{key!r} is not an allowed key")
    return dict(pairs)


def _depth(value: Any) -> int:
    inner = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    )
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


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
    if raw.count(b"{") + raw.count(b"[") > _DEPTH and _depth(entry) > _DEPTH:
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


class Chains:
    """Follows the chain of every root, and holds every entry to be there once."""

    def __init__(self) -> None:
        self.last: dict[str, tuple[int, str]] = {}
        self._ids: set[bytes] = set()

    def take(self, seq: int, entry: dict[str, Any], leaf: bytes) -> Iterator[Finding]:
        place, link = f"entry {seq}", entry["chain"]
        own = bytes.fromhex(entry["id"].replace("-", ""))
        if own in self._ids:
            yield Finding("event.duplicate", place, f"{entry['id']} is there twice")
        self._ids.add(own)
        if link is None:
            return
        rev, prev = self.last.get(link["root"], (0, _NONE))
        if (link["rev"], link["prev"]) != (rev + 1, prev):
            words = f"number {link['rev']} of {link['root']} does not follow number {rev}"
            yield Finding("chain", place, words)
        self.last[link["root"]] = link["rev"], leaf.hex()
