"""Walks through a piece and everything inside it, and hands each to whoever knows its kind."""

import lzma
import struct
import tarfile
import zlib
from collections.abc import Callable, Collection, Iterator

from apps.validation.checks.contract import Severity
from apps.validation.checks.unsafe_code import (
    gguf,
    hdf5,
    numpy_files,
    packed,
    safetensors,
    structured,
    tars,
    templates,
    texts,
    torchscript,
    zips,
)
from apps.validation.checks.unsafe_code.formats import CONTAINERS, Kind, kinds_of
from apps.validation.checks.unsafe_code.limits import CannotTell, too_large
from apps.validation.checks.unsafe_code.pickles import streams
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import REPACK, SAVE_SAFELY, Scan

_DAMAGE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
)
"""How readers fail on damaged bytes; what the store or the worker raises goes through."""

_EXPECTED: dict[str, frozenset[Kind]] = {
    ".safetensors": frozenset({Kind.SAFETENSORS}),
    ".onnx": frozenset({Kind.ONNX}),
    ".gguf": frozenset({Kind.GGUF}),
    ".npy": frozenset({Kind.NUMPY}),
    ".npz": frozenset({Kind.ZIP}),
    ".skops": frozenset({Kind.ZIP}),
    ".zip": frozenset({Kind.ZIP}),
    ".keras": frozenset({Kind.ZIP}),
    ".h5": frozenset({Kind.HDF5}),
    ".json": frozenset({Kind.TEXT}),
    ".csv": frozenset({Kind.TEXT}),
    ".txt": frozenset({Kind.TEXT}),
    ".md": frozenset({Kind.TEXT}),
    ".yaml": frozenset({Kind.TEXT}),
    ".yml": frozenset({Kind.TEXT}),
    ".png": frozenset({Kind.DATA}),
    ".jpg": frozenset({Kind.DATA}),
    ".pdf": frozenset({Kind.DATA}),
    ".parquet": frozenset({Kind.DATA}),
    ".pb": frozenset({Kind.SAVED_MODEL, Kind.GRAPH, Kind.KERAS_METADATA, Kind.FINGERPRINT}),
    **dict.fromkeys(templates.ENDINGS, frozenset({Kind.TEXT})),
}
_BELIEVED = frozenset({".json", ".onnx", ".pb", ".yaml", ".yml", *templates.ENDINGS})
"""Endings by which programs choose how to read a file, and what they read can run code."""


class Walk:
    """One walk through a stored file, among the other files of its version."""

    def __init__(self, scan: Scan, siblings: Collection[str]) -> None:
        self._scan, self._siblings = scan, siblings

    def examine(self, piece: Piece) -> None:
        """Examine a piece and all that is inside; whatever goes wrong is a problem of its own."""
        try:
            self._examine(piece)
        except CannotTell as trouble:
            self._scan.cannot_tell(trouble, piece.place)
        except _DAMAGE as error:
            damage = CannotTell("unreadable", f"it cannot be read ({type(error).__name__})")
            self._scan.cannot_tell(damage, piece.place)

    def _examine(self, piece: Piece) -> None:
        self._scan.pieces += 1
        kinds = kinds_of(piece)
        if piece.is_raw:
            kinds = tuple(kind for kind in kinds if kind in _TOLD_SURELY)
        if _may_hide_pickle(piece, kinds) and streams.examine_if_pickle(self._scan, piece):
            kinds = (Kind.PICKLE, *kinds)
        if not kinds:
            self._examine_plain(piece)
            return
        self._require_one_kind(piece, kinds)
        self._note(piece, kinds[0])
        for kind in kinds:
            self._examine_as(kind, piece)

    def _examine_plain(self, piece: Piece) -> None:
        """Examine a piece that bears no marks at its beginning."""
        if piece.is_raw:
            self._note(piece, Kind.DATA)
        elif piece.is_script_code:
            self._note(piece, Kind.TEXT)
            torchscript.examine(self._scan, piece)
        elif (told := structured.told(self._scan, piece)) is not None:
            self._note(piece, told.kind)
            told.examine(self._scan, piece, self._siblings)
        else:
            self._examine_text(piece)

    def _examine_text(self, piece: Piece) -> None:
        """Examine a text, or bytes of a kind that is not known."""
        reading = texts.read(piece, self._scan.limits.document)
        if reading.is_text:
            self._note(piece, Kind.TEXT)
            texts.report(self._scan, piece, reading, self._siblings)
        elif piece.place in self._scan.weights:
            self._note(piece, Kind.DATA)
        else:
            self._note(piece, Kind.UNKNOWN)
            text = "Cannot tell whether it is safe: its format is not known here."
            self._scan.report("unknown_format", piece.place, text, SAVE_SAFELY)

    def _note(self, piece: Piece, kind: Kind) -> None:
        self._scan.formats[kind.value] += 1
        self._require_expected(piece, kind)

    def _examine_as(self, kind: Kind, piece: Piece) -> None:
        if kind in CONTAINERS:
            self._examine_members(kind, piece)
        else:
            _READERS.get(kind, _nothing)(self._scan, piece)

    def _examine_members(self, kind: Kind, piece: Piece) -> None:
        if piece.depth >= self._scan.limits.nesting:
            raise too_large("archives are nested too deep")
        for inner in _members(self._scan, kind, piece):
            self.examine(inner)

    def _require_one_kind(self, piece: Piece, kinds: tuple[Kind, ...]) -> None:
        if len(set(kinds)) > 1:
            named = " and ".join(kinds)
            text = f"It can be read as {named}, so programs can see different things in it."
            self._scan.report("several_formats", piece.place, text, REPACK)

    def _require_expected(self, piece: Piece, kind: Kind) -> None:
        ending = "." + piece.place.lower().rpartition(".")[2]
        expected = _EXPECTED.get(ending)
        if expected is None or kind in expected or kind is Kind.EMPTY:
            return
        text = f"It is named {ending}, but its content is {kind}."
        is_grave = kind in _RUNS_CODE or ending in _BELIEVED
        severity = Severity.HIGH if is_grave else Severity.LOW
        self._scan.report("wrong_extension", piece.place, text, REPACK, severity)


def _may_hide_pickle(piece: Piece, kinds: tuple[Kind, ...]) -> bool:
    """Say whether an unpickler could get anywhere with a piece of other kinds.

    A zip archive's first byte asks for a persistent id, which plain unpicklers refuse.
    """
    is_zip = Kind.ZIP in kinds and piece.head().startswith(b"PK")
    return Kind.PICKLE not in kinds and not is_zip


def _members(scan: Scan, kind: Kind, piece: Piece) -> Iterator[Piece]:
    if kind is Kind.ZIP:
        yield from zips.members(scan, piece)
    elif kind is Kind.TAR:
        yield from tars.members(scan, piece)
    else:
        yield packed.member(scan, piece, kind)


def _report_program(scan: Scan, piece: Piece) -> None:
    text = "It is a compiled program or library."
    scan.report("program", piece.place, text, SAVE_SAFELY)


def _report_archive(scan: Scan, piece: Piece) -> None:
    text = "Cannot tell whether it is safe: it is packed in a way that is not opened here."
    scan.report("unknown_packing", piece.place, text, REPACK)


def _nothing(scan: Scan, piece: Piece) -> None:
    """Leave a piece alone that cannot make anything run, such as a picture."""


_TOLD_SURELY = frozenset({Kind.ZIP, Kind.TAR, Kind.XZ, Kind.NUMPY, Kind.HDF5})
"""Kinds whose marks are too long to be met by chance in numbers."""
_RUNS_CODE = frozenset({Kind.PICKLE, Kind.PROGRAM})
_READERS: dict[Kind, Callable[[Scan, Piece], None]] = {
    Kind.PICKLE: streams.examine,
    Kind.NUMPY: numpy_files.examine,
    Kind.HDF5: hdf5.examine,
    Kind.SAFETENSORS: safetensors.examine,
    Kind.GGUF: gguf.examine,
    Kind.PROGRAM: _report_program,
    Kind.OTHER_ARCHIVE: _report_archive,
}
