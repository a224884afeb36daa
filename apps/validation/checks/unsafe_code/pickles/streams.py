"""Pickles in a stretch of bytes: certain ones, and bytes that may turn out to be some."""

from apps.validation.checks.unsafe_code.limits import too_large
from apps.validation.checks.unsafe_code.pickles.joblib_arrays import JoblibMachine
from apps.validation.checks.unsafe_code.pickles.judge import Judge
from apps.validation.checks.unsafe_code.pickles.machine import Machine
from apps.validation.checks.unsafe_code.pickles.opcodes import Broken, OperationReader
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import REPACK, SAVE_SAFELY, Scan


def examine(scan: Scan, piece: Piece) -> None:
    """Follow every pickle in a piece that is known to begin with one."""
    piece.rewind()
    reader = OperationReader(piece, scan.limits)
    is_first = True
    while is_first or not reader.is_at_end():
        start = reader.position
        judge = Judge(scan, piece.place)
        try:
            _machine(judge, reader, piece).run()
        except Broken as trouble:
            _report_end(scan, piece, start, trouble, is_first=is_first)
            return
        finally:
            _take(scan, judge)
        is_first = False


def examine_if_pickle(scan: Scan, piece: Piece) -> bool:
    """Examine a piece of another kind as pickles, if an unpickler would get anywhere with it.

    Without the header of later protocols only following it tells a pickle from a text. It counts
    as one when it ends exactly with STOP, or when something forbidden is called on the way.
    """
    piece.rewind()
    judge = Judge(scan, piece.place)
    is_pickle = False
    try:
        is_pickle = _ends_as_pickle(judge, OperationReader(piece, scan.limits), piece)
    finally:
        if is_pickle or judge.has_called_forbidden:
            _take(scan, judge)
    return is_pickle or judge.has_called_forbidden


def _ends_as_pickle(judge: Judge, reader: OperationReader, piece: Piece) -> bool:
    if reader.is_at_end():
        return False
    try:
        while not reader.is_at_end():
            machine = _machine(judge, reader, piece)
            machine.run()
            machine.pop()
    except Broken:
        return False
    return True


def _machine(judge: Judge, reader: OperationReader, piece: Piece) -> Machine:
    def on_bytes(outer: Judge, data: bytes, position: int) -> None:
        _look_into(outer, data, position, piece.depth + 1)

    return JoblibMachine(judge, reader, on_bytes, is_torch=piece.is_torch)


def _look_into(outer: Judge, data: bytes, position: int, depth: int) -> None:
    """Report a pickle hidden in the bytes of another, when it would run code."""
    scan = outer.scan
    if depth > scan.limits.nesting:
        raise too_large("pickles are nested too deep")
    judge = Judge(scan, f"{outer.place}, byte {position}, inner pickle")
    inner = Piece.of_bytes(judge.place, depth, data)
    is_pickle = _ends_as_pickle(judge, OperationReader(inner, scan.limits), inner)
    if is_pickle or judge.has_called_forbidden:
        outer.problems += judge.problems


def _take(scan: Scan, judge: Judge) -> None:
    scan.pickles += 1
    scan.globals |= judge.names
    for problem in judge.problems:
        scan.add(problem)


def _report_end(scan: Scan, piece: Piece, start: int, trouble: Broken, *, is_first: bool) -> None:
    place = f"{piece.place}, byte {start}"
    if is_first:
        text = f"Cannot tell whether it is safe: the pickle cannot be followed, {trouble}."
        scan.report("unreadable_pickle", place, text, SAVE_SAFELY)
    else:
        text = "Something follows the pickle, and it cannot be told what it is."
        scan.report("trailing_data", place, text, REPACK)
