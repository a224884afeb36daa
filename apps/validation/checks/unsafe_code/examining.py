"""The examination itself: every file of a version, and everything inside, read and judged."""

from apps.validation.checks.contract import (
    ExaminedFile,
    ExaminedVersion,
    Json,
    Outcome,
    Progress,
    Severity,
    counted,
    silent,
)
from apps.validation.checks.unsafe_code.allowed import Allowed
from apps.validation.checks.unsafe_code.given import NOTHING_MORE, AllowedGlobals
from apps.validation.checks.unsafe_code.limits import Limits
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import MOST_NAMES, REPACK, Scan
from apps.validation.checks.unsafe_code.second_opinion import (
    TOOL,
    VERSION,
    SecondOpinion,
    is_installed,
)
from apps.validation.checks.unsafe_code.walk import Walk

LIMITS = Limits()
_DESCRIBES = (".onnx", ".xml", ".index")
"""Files that name others as raw numbers, and so are read first."""


def examine(
    version: ExaminedVersion,
    progress: Progress = silent,
    parameters: AllowedGlobals = NOTHING_MORE,
    limits: Limits = LIMITS,
) -> Outcome:
    """Read every file of a version, and everything inside, for code that loading would run."""
    second = SecondOpinion() if is_installed() else None
    scan = Scan(limits, progress, Allowed(parameters.allowed_globals), second)
    walk = Walk(scan, {file.path for file in version.files})
    for file in sorted(version.files, key=_reads_later):
        scan.begin(file.path)
        _examine_file(scan, walk, file)
    if not version.files:
        text = "The version holds no file, so there is nothing that could be called safe."
        scan.report("no_files", "version", text, REPACK)
    return Outcome(
        _summary(scan),
        tuple(scan.problems),
        _facts(scan, len(version.files), second),
        second.evidence() if second else None,
        {TOOL: VERSION} if second else {},
    )


def _reads_later(file: ExaminedFile) -> bool:
    return not file.path.lower().endswith(_DESCRIBES)


def _examine_file(scan: Scan, walk: Walk, file: ExaminedFile) -> None:
    try:
        stream = file.open()
    except FileNotFoundError:
        text = "The store does not hold this file any more, so it cannot be examined."
        scan.report("missing_file", file.path, text, REPACK, Severity.CRITICAL)
        return
    with stream:
        walk.examine(Piece.of_stream(file.path, stream))


def _facts(scan: Scan, files: int, second: SecondOpinion | None) -> dict[str, Json]:
    nobody: dict[str, Json] = {"tool": TOOL, "version": VERSION}
    return {
        "files": files,
        "examined": scan.pieces,
        "pickles": scan.pickles,
        "formats": dict(sorted(scan.formats.items())),
        "globals": sorted(scan.globals)[:MOST_NAMES],
        "second_opinion": second.facts() if second else nobody,
    }


def _summary(scan: Scan) -> str:
    grave = sum(problem.severity.fails for problem in scan.problems)
    examined = f"{counted(scan.pieces, 'file')} read, archives included"
    if grave:
        return f"{examined}: {counted(grave, 'problem')} could let loading run code."
    return f"{examined}: nothing found that would run code."
