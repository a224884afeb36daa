"""Formats without a mark at their beginning, which are told by reading them as a whole."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from apps.validation.checks.unsafe_code import keras, msgpack, onnx, tensorflow, texts
from apps.validation.checks.unsafe_code.formats import Kind
from apps.validation.checks.unsafe_code.limits import CannotTell
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.protobuf import fields
from apps.validation.checks.unsafe_code.scan import SAVE_SAFELY, Scan

_TABLE_END = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"
"""The last bytes of a TensorFlow checkpoint's index, which is a sorted table."""
_PIECES_OF_TEXT = frozenset({1, 2, 3, 4, 5})
_PIECE_OF_TEXT = frozenset({1, 2, 3})
_FINGERPRINT = frozenset({1, 2, 3, 4, 5, 6, 7})


@dataclass(frozen=True, slots=True)
class Structure:
    """A kind, how it is told, and how a piece of it is examined."""

    kind: Kind
    fits: Callable[[Scan, Piece], bool]
    examine: Callable[[Scan, Piece, Collection[str]], None]


def told(scan: Scan, piece: Piece) -> Structure | None:
    """Return the structure a piece has, when it has one that is known."""
    return next((found for found in _STRUCTURES if found.fits(scan, piece)), None)


def _examine_metadata(scan: Scan, piece: Piece, siblings: Collection[str]) -> None:
    """Search the descriptions of Keras's objects beside a SavedModel."""
    tensorflow.examine_disguised(scan, piece)
    reading = texts.read(piece, scan.limits.document)
    if reading.has_lambda:
        keras.report_lambda(scan, piece.place)
    if reading.has_escapes:
        text = "Cannot tell whether it is safe: it holds texts that hide what they say."
        scan.report("unclear_content", piece.place, text, SAVE_SAFELY)


def _examine_onnx(scan: Scan, piece: Piece, siblings: Collection[str]) -> None:
    onnx.examine(scan, piece, siblings)
    tensorflow.examine_disguised(scan, piece)


def _examine_saved_model(scan: Scan, piece: Piece, siblings: Collection[str]) -> None:
    tensorflow.examine_saved_model(scan, piece)


def _examine_graph(scan: Scan, piece: Piece, siblings: Collection[str]) -> None:
    tensorflow.examine_graph(scan, piece)


def _examine_numbers(scan: Scan, piece: Piece, siblings: Collection[str]) -> None:
    """Look for a graph, which other formats can be made to be as well."""
    tensorflow.examine_disguised(scan, piece)


def _note_checkpoint(scan: Scan, piece: Piece, siblings: Collection[str]) -> None:
    """Note the shards of numbers an index belongs to."""
    tensorflow.examine_disguised(scan, piece)
    if piece.place.endswith(".index"):
        start = f"{piece.place.removesuffix('.index')}.data-"
        scan.weights |= {path for path in siblings if path.startswith(start)}


def _is_checkpoint_index(scan: Scan, piece: Piece) -> bool:
    return piece.size is not None and piece.size > 48 and _end(piece) == _TABLE_END


def _end(piece: Piece) -> bytes:
    return piece.at((piece.size or 8) - 8, 8)


def _is_keras_metadata(scan: Scan, piece: Piece) -> bool:
    """Say whether a piece is a list of Keras's objects, each with an identifier of Keras's."""
    if piece.size is None or piece.at(0, 1) != b"\x0a":
        return False
    try:
        first = next(fields(piece, 0, piece.size), None)
        return (
            first is not None
            and first.is_long
            and any(
                part.number == 4 and piece.at(part.start, 10).startswith(b"_tf_keras_")
                for part in fields(piece, first.start, first.end)
            )
        )
    except CannotTell:
        return False


def _is_sentencepiece(scan: Scan, piece: Piece) -> bool:
    """Say whether a piece is a tokenizer's vocabulary, as SentencePiece writes it."""
    if piece.size is None or piece.at(0, 1) != b"\x0a":
        return False
    numbers = set()
    try:
        for part in fields(piece, 0, piece.size):
            scan.spend_operations(1)
            numbers.add(part.number)
            if part.number == 1:
                inner = {one.number for one in fields(piece, part.start, part.end)}
                if not inner <= _PIECE_OF_TEXT:
                    return False
    except CannotTell:
        return False
    return numbers <= _PIECES_OF_TEXT and 1 in numbers and bool(numbers & {2, 3})


def _is_fingerprint(scan: Scan, piece: Piece) -> bool:
    """Say whether a piece is the handful of numbers TensorFlow writes beside a SavedModel."""
    if piece.size is None or piece.size > 200 or piece.at(0, 1) != b"\x08":
        return False
    try:
        found = list(fields(piece, 0, piece.size))
    except CannotTell:
        return False
    has_numbers = all(part.wire == 0 or part.number in {6, 7} for part in found)
    return has_numbers and {part.number for part in found} <= _FINGERPRINT


_STRUCTURES = (
    Structure(Kind.ONNX, lambda _, piece: onnx.looks_like_onnx(piece), _examine_onnx),
    Structure(
        Kind.SAVED_MODEL,
        lambda _, piece: tensorflow.looks_like_saved_model(piece),
        _examine_saved_model,
    ),
    Structure(Kind.KERAS_METADATA, _is_keras_metadata, _examine_metadata),
    Structure(Kind.GRAPH, lambda _, piece: tensorflow.looks_like_graph(piece), _examine_graph),
    Structure(Kind.VOCABULARY, _is_sentencepiece, _examine_numbers),
    Structure(Kind.MSGPACK, msgpack.looks_like_msgpack, _examine_numbers),
    Structure(Kind.CHECKPOINT_INDEX, _is_checkpoint_index, _note_checkpoint),
    Structure(Kind.FINGERPRINT, _is_fingerprint, _examine_numbers),
)
