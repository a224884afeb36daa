"""Unsafe code: what would run when a model file is loaded, told from its bytes alone.

Nothing is ever loaded, unpacked to disk or cleared by its name. What cannot be followed to its end
is a problem, never a pass.
"""

from apps.validation.checks.contract import (
    NONE,
    Check,
    ExaminedFile,
    ExaminedVersion,
    Json,
    Outcome,
    Parameters,
    Progress,
    Severity,
    counted,
    silent,
)
from apps.validation.checks.unsafe_code.limits import Limits
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import MOST_NAMES, REPACK, Scan
from apps.validation.checks.unsafe_code.walk import Walk

LIMITS = Limits()


def examine(
    version: ExaminedVersion,
    progress: Progress = silent,
    parameters: Parameters = NONE,
    limits: Limits = LIMITS,
) -> Outcome:
    """Read every file of a version, and everything inside, for code that loading would run."""
    scan = Scan(limits, progress)
    walk = Walk(scan, {file.path for file in version.files})
    for file in version.files:
        scan.begin(file.path)
        _examine_file(scan, walk, file)
    if not version.files:
        text = "The version holds no file, so there is nothing that could be called safe."
        scan.report("no_files", "version", text, REPACK)
    return Outcome(_summary(scan), tuple(scan.problems), _facts(scan, len(version.files)))


def _examine_file(scan: Scan, walk: Walk, file: ExaminedFile) -> None:
    try:
        stream = file.open()
    except FileNotFoundError:
        text = "The store does not hold this file any more, so it cannot be examined."
        scan.report("missing_file", file.path, text, REPACK, Severity.CRITICAL)
        return
    with stream:
        walk.examine(Piece.of_stream(file.path, stream))


def _facts(scan: Scan, files: int) -> dict[str, Json]:
    return {
        "files": files,
        "examined": scan.pieces,
        "pickles": scan.pickles,
        "formats": dict(sorted(scan.formats.items())),
        "globals": sorted(scan.globals)[:MOST_NAMES],
    }


def _summary(scan: Scan) -> str:
    grave = sum(problem.severity.fails for problem in scan.problems)
    examined = f"{counted(scan.pieces, 'file')} read, archives included"
    if grave:
        return f"{examined}: {counted(grave, 'problem')} could let loading run code."
    return f"{examined}: nothing found that would run code."


CHECK = Check(
    name="unsafe-code",
    title="Unsafe code",
    sentence="Reads every file, and archives inside files, for code that loading would run.",
    examine=examine,
    version="1",
    formats=("every file, and archives inside files",),
    is_confined=True,
    at_registration=True,
    seconds=3600,
)
