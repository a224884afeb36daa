"""Checks an evidence pack: every file, what binds them to the log, the chains, words and rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps.audit.verifier.attached import (
    ENACTED,
    ENCLOSED,
    NamedRow,
    Reports,
    enacted_findings,
    enclosed_findings,
    read_object,
)
from apps.audit.verifier.containers import Container, Refused, opened_container
from apps.audit.verifier.entries import Chains, read_entry
from apps.audit.verifier.notes import Bad, Checkpoint, Finding, Key, open_checkpoint
from apps.audit.verifier.proofs import verify_proof
from apps.audit.verifier.tree import leaf_of

PACK_FORMAT = "signet-pack/1"
_MANIFEST, _OWN_CHAIN, _OWN_TEXTS = "pack.json", "log/pack.jsonl", "log/texts.jsonl"
_SIGNED_NOTE, _PROOFS_OF = "log/checkpoint", "log/proofs"
_OF_POLICIES = "policy:"
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
        self.attached = ""
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
        self.rows: dict[str, NamedRow] = {}
        self.entries: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.judged: dict[str, str] = {}
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
        self._take(self._attached(told))

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
        self.entries[told["root"], folder] = found.entries
        if len(found.lines) != told["entries"]:
            words = f"it holds {len(found.lines)} entries and not {told['entries']}"
            yield Finding("chain", found.path, words)
        if not found.lines or leaf_of(found.lines[-1]).hex() != told["last"]:
            yield Finding("chain", found.path, "it does not end with the entry the manifest names")
        yield from self._proof(told["root"], found)
        yield from self._texts(f"{folder}/texts.jsonl", found)
        yield from self._rows(f"{folder}/rows.jsonl", found)
        yield from self._statements(f"{folder}/statements/", found)

    def _attached(self, told: dict[str, Any]) -> Iterator[Finding]:
        """Check files of evidence and policies; packs made before packs held them list neither."""
        evidence, policies = told.get("evidence"), told.get("policies")
        if evidence is None or policies is None:
            self.report.attached = "It lists no files of evidence and no policies to be checked."
            return
        yield from enclosed_findings(evidence, self.files, self.rows)
        yield from enacted_findings(policies, self.files, self.entries, self.judged)
        reports = Reports(evidence)
        for (_, folder), entries in self.entries.items():
            reports.read(entries, f"{folder}/timeline.jsonl")
        yield from reports.findings(self.rows)
        out = sum(1 for one in evidence if not one["path"])
        shipped = sum(1 for one in policies if not one["root"])
        self.report.attached = (
            f"Files of evidence: {len(evidence)} named by rows, {out} of them left out (pack.json "
            f"says why). Policies: {len(policies)}, {shipped} of them published by nobody here. "
            f"Reports of checks: {reports.held} held to the entries that concluded the runs; of "
            f"{reports.unnamed} the entry is older and names none."
        )

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
            told = read_object(line)
            try:
                data = bytes.fromhex(told["salt"]) + told["text"].encode("utf-8")
                digest = promised.pop(told["event"], None)
            except (KeyError, TypeError, ValueError, AttributeError):
                yield Finding("text.altered", place, "it is no text of an entry")
                continue
            if digest != f"sha256:{hashlib.sha256(data).hexdigest()}":
                yield Finding("text.altered", place, "no entry commits to it")
        self.report.erased += len(promised.keys() - found.kept_back)

    def _rows(self, path: str, found: _Entries) -> Iterator[Finding]:
        last: dict[str, Any] = {}
        for number, entry in enumerate(found.entries, start=1):
            self._note_judged(entry, f"{found.path} line {number}")
            for row in entry["rows"] if entry["outcome"] == "done" else ():
                if isinstance(row, dict):
                    last[str(row.get("row"))] = row.get("after")
        for number, line in enumerate(_lines_of(self._read(path)), start=1):
            told = read_object(line)
            ref = f"{told.get('type')}:{told.get('id')}"
            place = f"{path} line {number}"
            if last.pop(ref, None) != f"sha256:{hashlib.sha256(line).hexdigest()}":
                yield Finding("row.state", place, f"{ref} is not as the last entry left it")
                continue
            named = self.rows[ref] = NamedRow.of(told, place)
            if named.policy:
                self.judged.setdefault(named.policy, place)
        for ref in (ref for ref, after in last.items() if after is not None):
            lacking = NamedRow.lacking(ref, found.path)
            if lacking is not None:
                self.rows.setdefault(ref, lacking)

    def _note_judged(self, entry: dict[str, Any], place: str) -> None:
        """Take note of the policy a gate was judged by, as an entry says."""
        judgment = entry["detail"].get("readiness")
        digest = judgment.get("policy_digest") if isinstance(judgment, dict) else None
        if isinstance(digest, str):
            self.judged.setdefault(digest, place)

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
        self.kept_back: set[str] = set()

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
            if root.startswith(_OF_POLICIES) and entry["sign"] is None:
                self.kept_back.add(entry["id"])  # a pack holds the reasons of signatures alone
            if entry["chain"] is None or entry["chain"]["root"] != root:
                yield Finding("chain", place, f"it is no entry of {root}")
                continue
            for one in chains.take(number, entry, leaf_of(line)):
                yield Finding(one.name, place, one.words)


def _manifest_of(raw: bytes) -> dict[str, Any]:
    """Read the manifest, whose parts have to be what they are called."""
    told = read_object(raw)
    texts = [told.get(name) for name in ("pack", "as_of", "log")]
    is_read = told.get("format") == PACK_FORMAT and all(isinstance(one, str) for one in texts)
    if (
        not is_read
        or not _are(told.get("files"), _LISTED)
        or not _are(told.get("chains"), _CHAINED)
        or not _are(told.get("evidence", []), ENCLOSED)
        or not _are(told.get("policies", []), ENACTED)
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


def _lines_of(data: bytes) -> list[bytes]:
    """Return the lines of a file; one that lacks its end is still one."""
    lines = data.split(b"\n")
    return lines[:-1] if lines[-1] == b"" else lines


def _proof_path(root: str) -> str:
    return f"{_PROOFS_OF}/{root.partition(':')[2]}"
