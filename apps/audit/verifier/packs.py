"""Checks an evidence pack: every file, what binds them to the log, the chains, words and rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps.audit.verifier.containers import Container, Refused, opened_container
from apps.audit.verifier.entries import Chains, read_entry
from apps.audit.verifier.notes import Bad, Checkpoint, Finding, Key, open_checkpoint
from apps.audit.verifier.proofs import verify_proof
from apps.audit.verifier.tree import leaf_of

PACK_FORMAT = "signet-pack/1"
_MANIFEST, _OWN_CHAIN, _OWN_TEXTS = "pack.json", "log/pack.jsonl", "log/texts.jsonl"
_SIGNED_NOTE, _PROOFS_OF = "log/checkpoint", "log/proofs"
_ORDERED, _BOUND = "pack.order", "pack.bind"
_LISTED = {"path": str, "size": int, "sha256": str}
_CHAINED = {"root": str, "folder": str, "entries": int, "last": str}


class PackReport:
    """What was looked at in a pack, and what was found."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.checkpoint: Checkpoint | None = None
        self.pack = ""
        self.digest = ""
        self.as_of = ""
        self.files = 0
        self.entries = 0
        self.erased = 0
        self.outside = 0


def verify_pack(place: Path, keys: list[Key], outside: dict[str, str]) -> PackReport:
    """Check a pack, or the folder it was unpacked to; ``outside`` holds notes kept elsewhere."""
    report = PackReport()
    try:
        with opened_container(place) as files:
            _Pack(files, keys, report).check(outside)
    except Refused as problem:
        report.findings.append(problem.finding)
    return report


class _Pack:
    """A pack that can be read, held against itself and against the log's key."""

    def __init__(self, files: Container, keys: list[Key], report: PackReport) -> None:
        self.files, self.keys, self.report = files, keys, report
        self.chains = Chains()
        self.note = ""

    def check(self, outside: dict[str, str]) -> None:
        self.report.digest = self.files.digest
        raw = self._read(_MANIFEST)
        told = _manifest_of(raw)
        self.report.pack, self.report.as_of = str(told["pack"]), str(told["as_of"])
        self._take(self._listed(told))
        self.note = self._read(_SIGNED_NOTE).decode("utf-8", "replace")
        self._take(self._checkpoint(str(told["log"]), outside))
        self._take(self._own(told, raw))
        for chain in told["chains"]:
            self._take(self._chain(chain))

    def _take(self, found: Iterator[Finding]) -> None:
        self.report.findings.extend(found)

    def _read(self, path: str) -> bytes:
        data = self.files.read(path)
        if data is None:
            raise Refused("pack.missing", path, "it is not there, or cannot be read")
        return data

    def _listed(self, told: dict[str, Any]) -> Iterator[Finding]:
        """Hold every file to the size and digest the manifest names, and find those it does not."""
        expected = {one["path"]: one for one in told["files"]}
        if len(expected) != len(told["files"]):
            yield Finding("pack.manifest", _MANIFEST, "it names a file twice")
        for path, one in expected.items():
            size, digest = self.files.measured(path)
            if size is None:
                yield Finding("pack.missing", path, "it is not there, or cannot be read")
            elif size != one["size"]:
                yield Finding("pack.altered", path, f"it holds {size} bytes and not {one['size']}")
            elif digest != one["sha256"]:
                yield Finding("pack.altered", path, "its digest is another one")
        roots = [f"pack:{told['pack']}", *(one["root"] for one in told["chains"])]
        of_log = {_MANIFEST, _OWN_CHAIN, _OWN_TEXTS, _SIGNED_NOTE, *map(_proof_path, roots)}
        for path in self.files.paths:
            if path not in expected and path not in of_log:
                yield Finding("pack.extra", path, "the manifest does not name it")
            elif path in expected and path in of_log:
                yield Finding("pack.manifest", path, "it is a file of the log")
        self.report.files = len(self.files.paths)

    def _checkpoint(self, origin: str, outside: dict[str, str]) -> Iterator[Finding]:
        try:
            own = self.report.checkpoint = open_checkpoint(self.note, self.keys)
        except Bad as problem:
            yield Finding("checkpoint.signature", _SIGNED_NOTE, str(problem))
            return
        if own.origin != origin:
            yield Finding(
                "pack.manifest", _MANIFEST, f"it is of the log {origin}, not {own.origin}"
            )
        for place, note in outside.items():
            try:
                kept = open_checkpoint(note, self.keys)
            except Bad as problem:
                yield Finding("checkpoint.signature", place, str(problem))
                continue
            if (kept.origin, kept.size) != (own.origin, own.size):
                continue
            self.report.outside += 1
            if kept.root != own.root:
                yield Finding("fork", place, f"the log has another root at {kept.size} entries")

    def _own(self, told: dict[str, Any], raw: bytes) -> Iterator[Finding]:
        """Hold the manifest to the entry that names its digest, which the log has sealed."""
        root, found = f"pack:{told['pack']}", _Entries(_OWN_CHAIN)
        yield from found.read(self._read(_OWN_CHAIN), root, self.chains)
        self.report.entries += len(found.entries)
        if not found.entries:
            yield Finding("pack.bound", _OWN_CHAIN, "it is empty")
            return
        first, last = found.entries[0], found.entries[-1]
        contents = f"sha256:{hashlib.sha256(raw).hexdigest()}"
        if first["action"] != _ORDERED or last["action"] != _BOUND:
            yield Finding("pack.bound", _OWN_CHAIN, "it does not go from an order to its contents")
        elif last["detail"].get("contents") != contents:
            yield Finding("pack.bound", _MANIFEST, "the record names other contents of this pack")
        yield from self._proof(root, found)
        yield from self._texts(_OWN_TEXTS, found)

    def _chain(self, told: dict[str, Any]) -> Iterator[Finding]:
        """Check one chain: entries, proof, texts, rows as it left them, and what was signed."""
        folder = told["folder"]
        found = _Entries(f"{folder}/timeline.jsonl")
        yield from found.read(self._read(found.path), told["root"], self.chains)
        self.report.entries += len(found.entries)
        if len(found.lines) != told["entries"]:
            words = f"it holds {len(found.lines)} entries and not {told['entries']}"
            yield Finding("chain", found.path, words)
        if not found.lines or leaf_of(found.lines[-1]).hex() != told["last"]:
            yield Finding("chain", found.path, "it does not end with the entry the manifest names")
        yield from self._proof(told["root"], found)
        yield from self._texts(f"{folder}/texts.jsonl", found)
        yield from self._rows(f"{folder}/rows.jsonl", found)
        yield from self._statements(f"{folder}/statements/", found)

    def _proof(self, root: str, found: _Entries) -> Iterator[Finding]:
        path = _proof_path(root)
        text = self._read(path).decode("utf-8", "replace")
        if not text.endswith(f"\n\n{self.note}"):
            yield Finding("proof", path, "it is under another checkpoint than log/checkpoint")
        elif found.lines and self.report.checkpoint is not None:
            try:
                verify_proof(text, found.lines[-1], self.keys, [], 0)
            except Bad as problem:
                yield Finding("proof", path, str(problem))

    def _texts(self, path: str, found: _Entries) -> Iterator[Finding]:
        promised = {one["id"]: one["reason"] for one in found.entries if one["reason"] is not None}
        for number, line in enumerate(_lines_of(self._read(path)), start=1):
            place = f"{path} line {number}"
            told = _object_of(line)
            try:
                data = bytes.fromhex(told["salt"]) + told["text"].encode("utf-8")
                digest = promised.pop(told["event"], None)
            except (KeyError, TypeError, ValueError, AttributeError):
                yield Finding("text.altered", place, "it is no text of an entry")
                continue
            if digest != f"sha256:{hashlib.sha256(data).hexdigest()}":
                yield Finding("text.altered", place, "no entry commits to it")
        self.report.erased += len(promised)

    def _rows(self, path: str, found: _Entries) -> Iterator[Finding]:
        last: dict[str, Any] = {}
        for entry in found.entries:
            for row in entry["rows"] if entry["outcome"] == "done" else ():
                if isinstance(row, dict):
                    last[str(row.get("row"))] = row.get("after")
        for number, line in enumerate(_lines_of(self._read(path)), start=1):
            told = _object_of(line)
            ref = f"{told.get('type')}:{told.get('id')}"
            if last.pop(ref, None) != f"sha256:{hashlib.sha256(line).hexdigest()}":
                words = f"{ref} is not as the last entry left it"
                yield Finding("row.state", f"{path} line {number}", words)

    def _statements(self, start: str, found: _Entries) -> Iterator[Finding]:
        """Hold the words that were signed to the digests that the entries of the chain name."""
        held = {path for path in self.files.paths if path.startswith(start)}
        for number, entry in enumerate(found.entries, start=1):
            sign = entry["sign"]
            if sign is None:
                continue
            digest = str(sign.get("statement") if isinstance(sign, dict) else None)
            path = f"{start}{digest[len('sha256:') :]}.json"
            _, measured = self.files.measured(path)
            if f"sha256:{measured}" != digest:
                words = f"it is not what {found.path} line {number} says was signed"
                yield Finding("statement", path, words)
            held.discard(path)
        for path in sorted(held):
            yield Finding("statement", path, "no entry says that it was signed")


class _Entries:
    """The entries of one chain, as they stand in a file, a line each."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.lines: list[bytes] = []
        self.entries: list[dict[str, Any]] = []

    def read(self, data: bytes, root: str, chains: Chains) -> Iterator[Finding]:
        self.lines = _lines_of(data)
        for number, line in enumerate(self.lines, start=1):
            place = f"{self.path} line {number}"
            try:
                entry = read_entry(line)
            except Bad as problem:
                yield Finding("event.noncanonical", place, str(problem))
                continue
            self.entries.append(entry)
            if entry["chain"] is None or entry["chain"]["root"] != root:
                yield Finding("chain", place, f"it is no entry of {root}")
                continue
            for one in chains.take(number, entry, leaf_of(line)):
                yield Finding(one.name, place, one.words)


def _manifest_of(raw: bytes) -> dict[str, Any]:
    """Read the manifest, whose parts have to be what they are called."""
    told = _object_of(raw)
    texts = [told.get(name) for name in ("pack", "as_of", "log")]
    is_read = told.get("format") == PACK_FORMAT and all(isinstance(one, str) for one in texts)
    if (
        not is_read
        or not _are(told.get("files"), _LISTED)
        or not _are(told.get("chains"), _CHAINED)
    ):
        raise Refused("pack.manifest", _MANIFEST, f"it is no manifest of the form {PACK_FORMAT}")
    return told


def _are(rows: Any, form: dict[str, type]) -> bool:
    return isinstance(rows, list) and all(
        isinstance(row, dict)
        and sorted(row) == sorted(form)
        and all(type(row[name]) is kind for name, kind in form.items())
        for row in rows
    )


def _object_of(raw: bytes) -> dict[str, Any]:
    """Return an object written in JSON, or an empty one when it is none or names a key twice."""
    try:
        told = json.loads(raw.decode("utf-8"), object_pairs_hook=_once)
    except (UnicodeError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key is there twice")
    return dict(pairs)


def _lines_of(data: bytes) -> list[bytes]:
    """Return the lines of a file; one that lacks its end is still one."""
    lines = data.split(b"\n")
    return lines[:-1] if lines[-1] == b"" else lines


def _proof_path(root: str) -> str:
    return f"{_PROOFS_OF}/{root.partition(':')[2]}"
