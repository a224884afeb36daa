"""HDF5, as Keras and others write it: searched for what makes a loading program run code.

The file's own structure is not followed: there is no reader for it that is both small and safe.
Keras keeps the description of a model in one piece and uncompressed, so that every description is
found by searching and is read as JSON. Whatever could hide one is a problem.
"""

import itertools
import json
import re

from apps.validation.checks.unsafe_code import documents, keras, texts
from apps.validation.checks.unsafe_code.limits import MIB, CannotTell
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import SAVE_SAFELY, Scan

LONGEST_DESCRIPTION = 8 * MIB
_MARKS = re.compile(rb'"class_name"|"registered_name"|"module"\s*:')
_BEGIN = re.compile(rb'\{\s*"')
_HEAP = b"FRHP"
_AT_ONCE = 4 * MIB
_BACK = 64 * 1024
_MOST_DESCRIPTIONS, _MOST_BEGINNINGS = 200, 50


def examine(scan: Scan, piece: Piece) -> None:
    """Search an HDF5 file for descriptions that run code, and for what would hide them."""
    reading = texts.read(piece, scan.limits.document)
    if reading.has_lambda:
        keras.report_lambda(scan, piece.place)
    if reading.has_tables or reading.has_escapes or _packs_attributes(piece):
        text = "Cannot tell whether it is safe: it holds tables or texts that hide what they say."
        scan.report("unclear_content", piece.place, text, SAVE_SAFELY)
    _examine_descriptions(scan, piece)


def _packs_attributes(piece: Piece) -> bool:
    """Say whether a heap of attributes is packed, so that searching would not find them."""
    piece.rewind()
    tail = b""
    for data in piece.rest():
        stretch = tail + data
        at = stretch.find(_HEAP)
        while at >= 0:
            if any(stretch[at + 7 : at + 9]):  # the length of what packs it
                return True
            at = stretch.find(_HEAP, at + 1)
        tail = stretch[-12:]
    return False


def _examine_descriptions(scan: Scan, piece: Piece) -> None:
    """Read each description as JSON; one that cannot be read cannot be told."""
    size = piece.require_seekable()
    at = tries = 0
    while (mark := _find(piece, at, size)) is not None:
        tries += 1
        end = _read_around(scan, piece, mark, at)
        if end is None or tries > _MOST_DESCRIPTIONS:
            raise CannotTell("unclear_content", "it holds a description that is not whole")
        at = end


def _find(piece: Piece, at: int, size: int) -> int | None:
    while at < size:
        data = piece.at(at, _AT_ONCE)
        found = _MARKS.search(data)
        if found is not None:
            return at + found.start()
        if len(data) < _AT_ONCE:
            return None
        at += _AT_ONCE - 64
    return None


def _read_around(scan: Scan, piece: Piece, mark: int, least: int) -> int | None:
    """Read the outermost JSON object around a mark; return where it ends."""
    start = max(least, mark - _BACK)
    data = piece.at(start, mark - start + LONGEST_DESCRIPTION)
    text = data.decode("latin-1")
    for begin in itertools.islice(_BEGIN.finditer(data, 0, mark - start + 2), _MOST_BEGINNINGS):
        try:
            found, end = json.JSONDecoder().raw_decode(text, begin.start())
        except (ValueError, RecursionError):
            continue
        if start + end > mark:
            documents.examine(scan, piece.place, found)
            return start + end
    return None
