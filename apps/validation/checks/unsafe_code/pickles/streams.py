"""Pickles in a stretch of bytes: certain ones, and bytes that may turn out to be some."""

from apps.validation.checks.unsafe_code.limits import too_large
from apps.validation.checks.unsafe_code.pickles.joblib_arrays import JoblibMachine
from apps.validation.checks.unsafe_code.pickles.judge import Judge
from apps.validation.checks.unsafe_code.pickles.machine import Machine
from apps.validation.checks.unsafe_code.pickles.opcodes import Broken, OperationReader
from apps.validation.checks.unsafe_code.pickles.torch_storages import MAGIC, PICKLES, Storages
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import REPACK, SAVE_SAFELY, Followed, Scan


def examine(scan: Scan, piece: Piece) -> None:
    """Follow every pickle in a piece that is known to begin with one; get a second opinion."""
    piece.rewind()
    reader = OperationReader(piece, scan.limits)
    since, is_grave = scan.operations, True
    try:
        is_grave = _has_grave(scan, piece, reader)
    finally:
        followed = Followed(reader.position, scan.operations - since)
        scan.ask(piece, followed, is_grave=is_grave)


def _has_grave(scan: Scan, piece: Piece, reader: OperationReader) -> bool:
    """Follow the pickles in a piece; say whether anything grave was found."""
    storages = Storages() if piece.is_torch else None
    is_grave, number = False, 0
    while number == 0 or not reader.is_at_end():
        start = reader.position
        judge = Judge(scan, piece.place, is_script=piece.is_script)
        machine = _machine(judge, reader, piece, storages)
        try:
            machine.run()
        except Broken as trouble:
            _report_end(scan, piece, start, trouble, is_first=number == 0)
            return True
        finally:
            is_grave |= _take(scan, judge)
        number += 1
        if number == 1 and machine.top() == MAGIC:
            storages = Storages()
        if number == PICKLES and storages is not None and not piece.is_torch:
            return _has_odd_tail(scan, piece, reader, storages) or is_grave
    return is_grave


def _has_odd_tail(scan: Scan, piece: Piece, reader: OperationReader, storages: Storages) -> bool:
    """Report bytes after an old PyTorch file's pickles that are not its tensors'."""
    start = reader.position
    if storages.is_tail(reader):
        return False
    text = "What follows the pickles is more or less than the tensors they name."
    scan.report("trailing_data", f"{piece.place}, byte {start}", text, REPACK)
    return True


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
        if is_pickle or _is_alarming(judge, piece):
            _take(scan, judge)
    return is_pickle or _is_alarming(judge, piece)


def _is_alarming(judge: Judge, piece: Piece) -> bool:
    """Say whether something forbidden was called; raw numbers have to name it for that."""
    return judge.has_called_forbidden and (bool(judge.names) or not piece.is_raw)


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


def _machine(
    judge: Judge, reader: OperationReader, piece: Piece, storages: Storages | None = None
) -> Machine:
    def on_bytes(outer: Judge, data: bytes, position: int) -> None:
        _look_into(outer, data, position, piece.depth + 1)

    return JoblibMachine(judge, reader, on_bytes, storages=storages)


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


def _take(scan: Scan, judge: Judge) -> bool:
    """Take over what a judge has found; say whether anything of it is grave."""
    scan.pickles += 1
    scan.globals |= judge.names
    for problem in judge.problems:
        scan.add(problem)
    return any(problem.severity.fails for problem in judge.problems)


def _report_end(scan: Scan, piece: Piece, start: int, trouble: Broken, *, is_first: bool) -> None:
    place = f"{piece.place}, byte {start}"
    if is_first:
        text = f"Cannot tell whether it is safe: the pickle cannot be followed, {trouble}."
        scan.report("unreadable_pickle", place, text, SAVE_SAFELY)
    else:
        text = "Something follows the pickle, and it cannot be told what it is."
        scan.report("trailing_data", place, text, REPACK)
