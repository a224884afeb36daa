"""TensorFlow: graphs in SavedModels and frozen graphs, read for operations that touch files.

A graph is a program of TensorFlow's own operations. Most only compute; some read and write files,
or call back into Python. Saving and restoring weights is part of every SavedModel, so these are
accepted in the functions that do that, with the relative names TensorFlow gives.
"""

import re
from dataclasses import dataclass, field

from apps.validation.checks.contract import Severity
from apps.validation.checks.unsafe_code import keras, texts
from apps.validation.checks.unsafe_code.limits import CannotTell, Exhausted
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.protobuf import Field, fields, text_of
from apps.validation.checks.unsafe_code.scan import SAVE_SAFELY, Scan, shown

_NEST = {
    ("saved", 2): "meta",
    ("meta", 2): "graph",
    ("graph", 1): "node",
    ("graph", 2): "library",
    ("library", 1): "function",
    ("function", 3): "node",
}
_TOUCHES = re.compile(
    r"(?:Eager)?PyFunc\w*|ReadFile|WriteFile|MatchingFiles|\w*LoadLibrary\w*"
    r"|\w*Reader(?:V2)?|LMDB\w*|Sql\w*|CSVDataset\w*|\w*(?:TextLine|TFRecord|FixedLengthRecord)\w*"
    r"|(?:Save|Load|Snapshot)Dataset\w*|Snapshot\w*|DatasetToTFRecord|CacheDataset\w*"
    r"|Print(?:V2)?|Debug\w+|\w*Summary(?:DbWriter|FileWriter|Writer)\w*|ImportEvent"
    r"|Write\w*Summary\w*|\w*DataService\w*|\w*BigQuery\w*|Gcs\w*|(?:De|En)codeProto\w*"
    r"|LookupTableExport\w*File\w*|DatasetFromGraph|RemoteCall|Rpc\w*|FileSystem\w*|DeleteFile\w*|CopyFile\w*"
)
"""Operations that read or write files, call Python, or reach other machines."""
_KEEPS = re.compile(r"Save\w*|Restore\w*|MergeV2Checkpoints|CheckpointExists|ShardedFilename\w*")
_READS_TABLE = re.compile(r"InitializeTableFromTextFile\w*")
_IS_SAVER = re.compile(r"__inference_\w*_?(?:traced_save|traced_restore)\w*|save(?:_\d+)?/")
_ODD_PATH = re.compile(r"^(?:/(?!part$)|~|[A-Za-z]:\\|file:)|\.\.|://|\0")
_LAMBDA_DOCUMENT = 16 * 1024 * 1024


@dataclass(slots=True)
class _Graph:
    """What one graph or function uses, as far as it matters here."""

    name: str = ""
    touches: set[str] = field(default_factory=set)
    custom: set[str] = field(default_factory=set)
    keeps: list[tuple[str, str]] = field(default_factory=list)
    reads_table: bool = False
    odd_paths: set[str] = field(default_factory=set)


def looks_like_saved_model(piece: Piece) -> bool:
    """Say whether a piece reads as one SavedModel from its first byte to its last."""
    if piece.size is None or piece.at(0, 1) not in {b"\x08", b"\x12"}:
        return False
    return _reads_as(piece, frozenset({1, 2}), needs=2) and _has_graph(piece)


def looks_like_graph(piece: Piece) -> bool:
    """Say whether a piece reads as one frozen graph from its first byte to its last."""
    if piece.size is None or piece.at(0, 1) != b"\x0a":
        return False
    if not _reads_as(piece, frozenset({1, 2, 3, 4, 5}), needs=1):
        return False
    first = next(fields(piece, 0, piece.size))
    try:
        parts = {part.number: part for part in fields(piece, first.start, first.end)}
    except CannotTell:
        return False
    return {1, 2} <= parts.keys() <= {1, 2, 3, 4, 5, 6, 7} and all(
        parts[number].is_long for number in (1, 2)
    )


def examine_saved_model(scan: Scan, piece: Piece) -> None:
    """Look at every graph and function of a SavedModel."""
    _examine(scan, piece, "saved")
    _examine_if_whole(scan, piece, "graph")


def examine_graph(scan: Scan, piece: Piece) -> None:
    """Look at every node and function of a frozen graph."""
    _examine(scan, piece, "graph")
    _examine_if_whole(scan, piece, "saved")


def examine_disguised(scan: Scan, piece: Piece) -> None:
    """Look at a piece of another kind as TensorFlow would, which skips unknown parts."""
    _examine_if_whole(scan, piece, "saved")
    _examine_if_whole(scan, piece, "graph")


def _examine_if_whole(scan: Scan, piece: Piece, kind: str) -> None:
    """Look at a piece as a kind it may be as well; damaged as that, it would not be loaded."""
    try:
        _examine(scan, piece, kind)
    except Exhausted:
        raise
    except CannotTell:
        return


def _reads_as(piece: Piece, known: frozenset[int], *, needs: int) -> bool:
    try:
        numbers = {part.number for part in fields(piece, 0, piece.size or 0)}
    except CannotTell:
        return False
    return needs in numbers and numbers <= known


def _has_graph(piece: Piece) -> bool:
    for part in fields(piece, 0, piece.size or 0):
        if part.number == 2 and part.is_long:
            try:
                return any(inner.number == 2 for inner in fields(piece, part.start, part.end))
            except CannotTell:
                return False
    return False


def _examine(scan: Scan, piece: Piece, kind: str) -> None:
    waiting = [(kind, 0, piece.require_seekable())]
    while waiting:
        kind, start, end = waiting.pop()
        graph = _Graph()
        for part in fields(piece, start, end):
            scan.spend_operations(1)
            inner = _NEST.get((kind, part.number)) if part.is_long else None
            if inner == "node":
                _note_node(scan, piece, part, graph)
            elif inner is not None:
                waiting.append((inner, part.start, part.end))
            elif kind == "function" and part.number == 1 and part.is_long:
                graph.name = _name(piece, part) or graph.name
        _report(scan, piece, graph)
    reading = texts.read(piece, _LAMBDA_DOCUMENT)
    if reading.has_lambda:
        keras.report_lambda(scan, piece.place)


def _name(piece: Piece, message: Field) -> str:
    """Return a function's name; of several the last one counts."""
    name = ""
    for part in fields(piece, message.start, message.end):
        if part.number == 1 and part.is_long:
            name = text_of(piece, part)
    return name


def _note_node(scan: Scan, piece: Piece, node: Field, graph: _Graph) -> None:
    name = operation = ""
    attributes = []
    for part in fields(piece, node.start, node.end):
        scan.spend_operations(1)
        if part.number == 1 and part.is_long:
            name = text_of(piece, part)
        elif part.number == 2 and part.is_long:
            operation = text_of(piece, part)
        elif part.number == 5 and part.is_long:
            attributes.append(part)
    if _TOUCHES.fullmatch(operation):
        graph.touches.add(operation)
    if ">" in operation:
        graph.custom.add(operation)
    if _KEEPS.fullmatch(operation):
        graph.keeps.append((operation, name))
    graph.reads_table |= _READS_TABLE.fullmatch(operation) is not None
    if operation == "Const":
        graph.odd_paths |= _odd_paths(piece, attributes)


def _odd_paths(piece: Piece, attributes: list[Field]) -> set[str]:
    """Return texts a constant holds that lead out of the model's folder."""
    found = set()
    for attribute in attributes:
        for value in fields(piece, attribute.start, attribute.end):
            if value.number == 2 and value.is_long:
                found |= {text for text in _tensor_texts(piece, value) if _ODD_PATH.search(text)}
    return found


def _tensor_texts(piece: Piece, value: Field) -> set[str]:
    """Return the short texts of a constant, from its attribute's value."""
    found = set()
    for tensor in fields(piece, value.start, value.end):
        if tensor.number != 8 or not tensor.is_long:
            continue
        for part in fields(piece, tensor.start, tensor.end):
            if part.number == 8 and part.is_long and part.end - part.start < 4096:
                found.add(text_of(piece, part))
    return found


def _report(scan: Scan, piece: Piece, graph: _Graph) -> None:
    where = f"{piece.place}, function {shown(graph.name)}" if graph.name else piece.place
    for operation in sorted(graph.touches):
        text = (
            f"The graph uses {shown(operation)}, an operation that touches files, calls Python or "
            "reaches other machines."
        )
        scan.report("file_operation", where, text, SAVE_SAFELY)
    for operation, name in graph.keeps:
        if not (_IS_SAVER.match(graph.name) or _IS_SAVER.match(name)):
            text = f"The graph uses {shown(operation)} outside of what saves and restores weights."
            scan.report("file_operation", where, text, SAVE_SAFELY)
    if (graph.keeps or graph.reads_table) and graph.odd_paths:
        path = min(graph.odd_paths)
        text = f"The graph reads or writes {shown(path)!r}, outside of the model's folder."
        scan.report("outside_reference", where, text, SAVE_SAFELY)
    for operation in sorted(graph.custom):
        text = f"It uses the operation {shown(operation)}, which is code that is not in the file."
        scan.report("custom_operations", where, text, SAVE_SAFELY, Severity.MEDIUM)
