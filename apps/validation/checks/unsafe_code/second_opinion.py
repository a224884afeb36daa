"""A second opinion on pickles, from picklescan: shown beside the own judgment, never instead of it.

It judges globals by a list of what is known to be dangerous, where this check asks for what is
known to be safe. It keeps every operation in memory, so that it gets pickles of moderate size only.
"""

import io
import logging
from collections import Counter
from importlib.metadata import PackageNotFoundError, version

from apps.validation.checks.contract import Json, Severity
from apps.validation.checks.unsafe_code.limits import MIB
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import SAVE_SAFELY, Followed, Scan, shown

try:
    from picklescan.scanner import SafetyLevel, scan_pickle_bytes
except ImportError:  # an environment other than the locked one
    scan_pickle_bytes = None

TOOL = "picklescan"
try:
    VERSION = version(TOOL)  # now, since it is read from a file
except PackageNotFoundError:
    VERSION = "not installed"
MOST_BYTES = 16 * MIB
MOST_OPERATIONS = 400_000
MOST_TOGETHER = 4_000_000
MOST_SHOWN = 200
DANGEROUS, SUSPICIOUS, CLEAN = "dangerous", "suspicious", "clean"
UNCLEAR, LEFT_OUT = "unclear", "left_out"

logging.getLogger(TOOL).setLevel(logging.CRITICAL + 1)  # its result says all that its log does


def is_installed() -> bool:
    """Say whether there is a second opinion to be had."""
    return scan_pickle_bytes is not None


class SecondOpinion:
    """Asks about every pickle of one version, and counts the answers."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._shown: list[Json] = []
        self._left = MOST_TOGETHER

    def ask(self, scan: Scan, piece: Piece, followed: Followed, *, is_grave: bool) -> None:
        """Ask about one pickle, or several in a row; report it where only the other is alarmed."""
        self._left -= followed.operations
        if piece.size is None or self._left < 0 or _is_large(followed):
            verdict, named = LEFT_OUT, ""
        else:
            verdict, named = opinion_on(piece.at(0, followed.size))
        self.counts[verdict] += 1
        if len(self._shown) < MOST_SHOWN:
            self._shown.append({"place": piece.place, "verdict": verdict, "about": named})
        if verdict == DANGEROUS and not is_grave:
            text = (
                f"{TOOL} calls {named} dangerous, and this check does not. The second opinion "
                "differs; it is shown and does not decide."
            )
            scan.report("second_opinion_differs", piece.place, text, SAVE_SAFELY, Severity.MEDIUM)

    def facts(self) -> dict[str, Json]:
        """Return who was asked, and how often each answer came."""
        return {"tool": TOOL, "version": VERSION, **dict(sorted(self.counts.items()))}

    def evidence(self) -> Json:
        """Return the answers one by one, up to a number of them; nothing when nobody was asked."""
        return {"second_opinion": self._shown} if self._shown else None


def _is_large(followed: Followed) -> bool:
    return followed.size > MOST_BYTES or followed.operations > MOST_OPERATIONS


def opinion_on(data: bytes) -> tuple[str, str]:
    """Return the verdict on a pickle, and what it is about."""
    if scan_pickle_bytes is None:
        return LEFT_OUT, ""
    try:
        result = scan_pickle_bytes(io.BytesIO(data), "pickle")
    except Exception:  # whatever stops it on hostile bytes, it has said nothing about them
        return UNCLEAR, ""
    alarming = {
        f"{found.module}.{found.name}"
        for found in result.globals
        if found.safety is SafetyLevel.Dangerous
    }
    if result.issues_count:
        return DANGEROUS, shown(", ".join(sorted(alarming)))
    if result.scan_err:
        return UNCLEAR, ""
    return (SUSPICIOUS if result.suspicious_count else CLEAN), ""
