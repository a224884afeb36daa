"""The table of samples in ``docs/checks.md``: what this check says, and what another one says."""

import io
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath

from picklescan.scanner import scan_bytes

from apps.validation.checks.contract import Outcome
from apps.validation.checks.unsafe_code import examining
from tests.validation.checks.corpus.samples import SAMPLES, Sample
from tests.validation.checks.stored import FIRED, version_of

DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "checks.md"
BEGIN, END = "<!-- table: unsafe code -->\n", "<!-- end of the table -->\n"
_RANK = ("dangerous", "suspicious", "error", "clean", "skipped")
_READ = frozenset(".7z .bin .ckpt .dat .data .joblib .npy .npz .pickle .pkl .pt .pth .zip".split())
"""Endings of files the other scanner opens in a folder."""


@cache
def outcomes() -> Mapping[str, Outcome]:
    """Examine every sample once, and make sure that nothing in it has run."""
    FIRED.clear()
    found = {str(sample): examining.examine(version_of(sample.files)) for sample in SAMPLES}
    assert FIRED == [], "a sample ran while it was examined"
    return found


def ours(sample: Sample) -> str:
    """Return what this check says of a sample."""
    outcome = outcomes()[str(sample)]
    grave = sorted({found.code for found in outcome.problems if found.severity.fails})
    return "fails: " + ", ".join(grave) if grave else "passes"


def theirs(sample: Sample) -> str:
    """Return what the other scanner says of a sample's files, the gravest first."""
    is_folder = len(sample.files) > 1
    said = {_said(path, data, is_folder=is_folder) for path, data in sample.files.items()}
    return next(word for word in _RANK if word in said)


def _said(path: str, data: bytes, *, is_folder: bool) -> str:
    ending = PurePosixPath(path).suffix
    if is_folder and ending not in _READ:
        return "skipped"
    try:
        result = scan_bytes(io.BytesIO(data), path, ending)
    except Exception:  # whatever stops it, it has said nothing
        return "error"
    if result.issues_count:
        return "dangerous"
    if result.scan_err:
        return "error"
    return "suspicious" if result.suspicious_count else "clean"


def text() -> str:
    """Return the table, with totals in front of it."""
    return BEGIN + "\n" + "\n".join(_lines()) + "\n\n" + END


def _lines() -> Iterator[str]:
    rows = [(sample, ours(sample), theirs(sample)) for sample in SAMPLES]
    yield from _totals(rows)
    for is_hostile, title in ((True, "Must not pass"), (False, "Must not fail")):
        yield from ("", f"### {title}", "", "| Sample | This check | picklescan |", "|---|---|---|")
        for sample, own, other in rows:
            if sample.is_hostile is is_hostile:
                yield f"| {sample} | {own} | {other} |"


def _totals(rows: list[tuple[Sample, str, str]]) -> Iterator[str]:
    hostile = [row for row in rows if row[0].is_hostile]
    good = [row for row in rows if not row[0].is_hostile]
    yield "| | This check | picklescan: clean or skipped | suspicious | error | dangerous |"
    yield "|---|---|---|---|---|---|"
    passed = sum(own == "passes" for _, own, _ in hostile)
    failed = sum(own != "passes" for _, own, _ in good)
    yield f"| {len(hostile)} that must not pass | {passed} missed | {_counts(hostile)} |"
    yield f"| {len(good)} that must not fail | {failed} false alarms | {_counts(good)} |"


def _counts(rows: list[tuple[Sample, str, str]]) -> str:
    found = Counter(other for _, _, other in rows)
    quiet = found["clean"] + found["skipped"]
    return f"{quiet} | {found['suspicious']} | {found['error']} | {found['dangerous']}"


def written(document: str) -> str:
    """Return the document with the table as it is now."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + text() + after


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text()))
    sys.exit(0)
