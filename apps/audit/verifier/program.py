"""The stand-alone verifier as a program."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from apps.audit.verifier.exports import Missing, Report, verify_export
from apps.audit.verifier.notes import Bad, Key, read_key
from apps.audit.verifier.packs import PackReport, verify_pack
from apps.audit.verifier.proofs import verify_proof

WHOLE, FOUND, WRONG_USE, NOT_CHECKED = 0, 1, 2, 3


def main(arguments: list[str]) -> int:
    """Check what was asked for, say what was found, and return what to exit with."""
    given = _parser().parse_args(arguments)
    try:
        keys = [read_key(text) for text in given.key]
        if given.what == "export":
            return _export(given, keys)
        if given.what == "pack":
            return _pack(given, keys)
        return _proof(given, keys)
    except Bad as problem:
        _say(f"Not proven: {problem}.")
        return FOUND
    except (Missing, OSError, UnicodeError) as problem:
        _say(f"Could not check: {problem}")
        return NOT_CHECKED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Checks a record that Signet exported.")
    commands = parser.add_subparsers(dest="what", required=True)
    export = commands.add_parser("export", help="check a whole exported log")
    export.add_argument("folder", type=Path)
    export.add_argument("--checkpoint", action="append", default=[], type=Path)
    export.add_argument("--hashes-only", action="store_true")
    export.add_argument("--json", action="store_true")
    pack = commands.add_parser("pack", help="check an evidence pack")
    pack.add_argument("file", type=Path)
    pack.add_argument("--checkpoint", action="append", default=[], type=Path)
    proof = commands.add_parser("proof", help="check the proof of one entry")
    proof.add_argument("file", type=Path)
    proof.add_argument("--entry", required=True, type=Path)
    proof.add_argument("--witness", action="append", default=[])
    proof.add_argument("--quorum", type=int, default=0)
    for command in (export, pack, proof):
        command.add_argument("--key", action="append", required=True)
    return parser


def _export(given: argparse.Namespace, keys: list[Key]) -> int:
    outside = dict(_notes(given.checkpoint))
    report = verify_export(given.folder, keys, outside, hashes_only=given.hashes_only)
    if given.json:
        _say(json.dumps(_plain(report), indent=2))
    else:
        _tell(report)
    return FOUND if report.findings else WHOLE


def _notes(places: list[Path]) -> list[tuple[str, str]]:
    files = [
        file
        for place in places
        for file in (sorted(place.rglob("*.note")) if place.is_dir() else [place])
    ]
    return [(str(file), file.read_bytes().decode("utf-8")) for file in files]


def _tell(report: Report) -> None:
    for finding in report.findings:
        _say(f"{finding.name}: {finding.place}: {finding.words}")
    for gap in report.gaps:
        _say(f"Gap on record: {gap}.")
    if not report.outside:
        _say("No checkpoint from elsewhere was given: whether the end was cut off is not known.")
    assert report.checkpoint is not None
    verdict = _verdict(len(report.findings))
    log = f"{report.checkpoint.origin} at {report.size} entries"
    _say(f"{log}, root {report.checkpoint.root.hex()}: {verdict}.")
    _say(f"Held to {report.outside} checkpoints from elsewhere.")


def _verdict(findings: int) -> str:
    if not findings:
        return "whole"
    return "1 finding" if findings == 1 else f"{findings} findings"


def _plain(report: Report) -> dict[str, object]:
    assert report.checkpoint is not None
    return {
        "origin": report.checkpoint.origin,
        "size": report.size,
        "root": report.checkpoint.root.hex(),
        "outside": report.outside,
        "gaps": report.gaps,
        "findings": [finding._asdict() for finding in report.findings],
    }


def _pack(given: argparse.Namespace, keys: list[Key]) -> int:
    report = verify_pack(given.file, keys, dict(_notes(given.checkpoint)))
    for finding in report.findings:
        _say(f"{finding.name}: {finding.place}: {finding.words}")
    _tell_pack(report, len(given.checkpoint))
    return FOUND if report.findings else WHOLE


def _tell_pack(report: PackReport, given: int) -> None:
    verdict = _verdict(len(report.findings))
    if report.checkpoint is not None:
        _say(f"{report.checkpoint.origin} at {report.checkpoint.size} entries signed for it.")
    if report.erased:
        _say(f"{report.erased} reasons were erased; their entries are whole.")
    if given:
        _say(f"Held to {report.outside} checkpoints from elsewhere, those of the same size.")
    if report.attached:
        _say(report.attached)
    held = f"{report.files} files, {report.entries} entries"
    _say(f"{report.pack or 'pack'} as of {report.as_of or 'no moment'}, {held}: {verdict}.")
    if report.digest:
        _say(f"Digest of the file: {report.digest}.")


def _proof(given: argparse.Namespace, keys: list[Key]) -> int:
    index, checkpoint = verify_proof(
        given.file.read_bytes().decode("utf-8"),
        given.entry.read_bytes(),
        keys,
        [read_key(text) for text in given.witness],
        given.quorum,
    )
    _say(f"Proven: entry {index} of {checkpoint.origin}, sealed among {checkpoint.size}.")
    return WHOLE


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
