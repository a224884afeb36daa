"""Checks what a pack holds beside entries and rows: files of evidence, and texts of policies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from apps.audit.verifier.containers import Container
from apps.audit.verifier.notes import Finding

ENCLOSED: dict[str, type] = {"row": str, "path": str, "size": int, "sha256": str, "left_out": str}
ENACTED: dict[str, type] = {"digest": str, "folder": str, "root": str, "left_out": str}
_ENCLOSED_IN = "evidence/"
_HAVE_FILES = ("evidence:", "attestation:")
_RUN = "check_run"
_BY_DIGEST = re.compile(r"evidence/([0-9a-f]{64})\.[a-z]{2,8}")
_PUBLISHED, _POLICY_SIGNED = "policy.publish", "policy.sign"


def read_object(raw: bytes) -> dict[str, Any]:
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


class NamedRow(NamedTuple):
    """A row as the record left it: where it stands, and what of it names something."""

    place: str
    file: str | None
    """None where the pack lacks the row, so that nobody knows whether it names one."""
    policy: str

    @classmethod
    def of(cls, told: dict[str, Any], place: str) -> NamedRow:
        """Read what a row names: the digest of a file, and that of a policy."""
        named = [told.get(name) for name in ("file_digest", "policy_digest")]
        return cls(place, *(one if isinstance(one, str) else "" for one in named))

    @classmethod
    def lacking(cls, ref: str, place: str) -> NamedRow | None:
        """Return what is known of a row that the pack lacks, if it is of a kind that has files."""
        return cls(place, None, "") if ref.startswith(_HAVE_FILES) else None


def enclosed_findings(
    listed: list[dict[str, Any]], files: Container, rows: Mapping[str, NamedRow]
) -> Iterator[Finding]:
    """Hold every file of evidence to the row that names it, and find rows passed over."""
    for one in listed:
        if one["path"]:
            yield from _enclosed(one, files, rows)
        elif not one["left_out"]:
            yield Finding("evidence", "pack.json", f"it does not say where {one['row']} has a file")
    paths = {one["path"] for one in listed}
    for path in files.paths:
        if path.startswith(_ENCLOSED_IN) and path not in paths:
            yield Finding("evidence", path, "no row is said to name it")
    named = {one["row"] for one in listed}
    for ref, row in rows.items():
        if row.file != "" and ref not in named:
            yield Finding("evidence", row.place, f"the pack does not tell of the file of {ref}")


def _enclosed(
    one: dict[str, Any], files: Container, rows: Mapping[str, NamedRow]
) -> Iterator[Finding]:
    path, row = one["path"], rows.get(one["row"])
    found = _BY_DIGEST.fullmatch(path)
    if not found or found[1] != one["sha256"]:
        yield Finding("evidence", path, "its name is not the digest of a file of evidence")
    if files.measured(path) != (one["size"], one["sha256"]):
        yield Finding("evidence", path, f"it is not the file that {one['row']} names")
    if row is None or row.file is None:
        yield Finding("evidence", path, f"the pack holds no {one['row']} that could name it")
    elif row.file not in {"", f"sha256:{one['sha256']}"}:
        yield Finding("evidence", path, f"{row.place} names another file")


class Reports:
    """The reports of checks, as the entries that concluded the runs name them."""

    def __init__(self, listed: list[dict[str, Any]]) -> None:
        self._listed = [one for one in listed if one["row"].startswith(f"{_RUN}:")]
        self._named: dict[str, tuple[str, Any]] = {}
        self.held = self.unnamed = 0

    def read(self, entries: list[dict[str, Any]], path: str) -> None:
        """Take note of the reports that the entries of a chain name."""
        for number, entry in enumerate(entries, start=1):
            subject, detail = entry["subject"], entry["detail"]
            is_run = entry["outcome"] == "done" and subject.get("type") == _RUN
            if is_run and "report" in detail:
                place = f"{path} line {number}"
                self._named[f"{_RUN}:{subject.get('id')}"] = place, detail["report"]

    def findings(self, rows: Mapping[str, NamedRow]) -> Iterator[Finding]:
        """Hold the digests of reports to that; older entries name none and prove nothing of them.

        A report that is left out with its row is passed over: whoever changed the row past the
        record changed which report it names, and the pack says so.
        """
        for one in self._listed:
            ref, path = one["row"], one["path"]
            if ref not in self._named:
                self.unnamed += 1
                continue
            if not path and ref not in rows:
                continue
            self.held += 1
            place, digest = self._named[ref]
            if digest is None:
                yield Finding("evidence", path or "pack.json", f"{place} says {ref} left none")
            elif digest != f"sha256:{one['sha256']}":
                words = f"{place} names another report of {ref}"
                yield Finding("evidence", path or "pack.json", words)


def enacted_findings(
    listed: list[dict[str, Any]],
    files: Container,
    chains: Mapping[tuple[str, str], list[dict[str, Any]]],
    judged: Mapping[str, str],
) -> Iterator[Finding]:
    """Hold the text of every policy to its chain, and find policies that judged and are missing.

    ``chains`` holds entries by root and folder, ``judged`` digests of policies, each with a place
    that names it.
    """
    for one in listed:
        folder, root = one["folder"], one["root"]
        if folder:
            said = f"{folder}/policy.canonical.json"
            if f"sha256:{files.measured(said)[1]}" != one["digest"]:
                yield Finding("policy", said, f"it is not what the policy {one['digest']} says")
        elif not one["left_out"]:
            yield Finding("policy", "pack.json", f"it does not say where {one['digest']} stands")
        if root and (root, folder) not in chains:
            yield Finding("policy", "pack.json", f"it lists no chain of {root} in {folder}")
        elif root:
            yield from _enacted(one, files, chains[root, folder])
    told = {one["digest"] for one in listed}
    for digest, place in judged.items():
        if digest not in told:
            yield Finding("policy", place, f"the policy {digest} judged it and is not in the pack")


def _enacted(
    one: dict[str, Any], files: Container, entries: list[dict[str, Any]]
) -> Iterator[Finding]:
    """Hold what a policy says to the entry that published it, and its text to what was signed."""
    done = [entry for entry in entries if entry["outcome"] == "done"]
    published = [entry["detail"] for entry in done if entry["action"] == _PUBLISHED]
    timeline, path = f"{one['folder']}/timeline.jsonl", f"{one['folder']}/policy.yaml"
    if not published or published[-1].get("digest") != one["digest"]:
        yield Finding("policy", timeline, f"no entry says that {one['digest']} was published")
    signed = [entry["sign"] for entry in done if entry["action"] == _POLICY_SIGNED]
    if not signed:
        yield Finding("policy", path, f"no entry of {timeline} says that anybody signed it")
    text = f"sha256:{files.measured(path)[1]}"
    wanted = {"policy": one["root"].partition(":")[2], "digest": one["digest"], "text": text}
    for sign in signed:
        digest = str(sign.get("statement") if isinstance(sign, dict) else None)
        words = f"{one['folder']}/statements/{digest[len('sha256:') :]}.json"
        told = read_object(files.read(words) or b"")
        if any(told.get(name) != value for name, value in wanted.items()):
            yield Finding("policy", path, f"it is not the text that {words} was given for")
