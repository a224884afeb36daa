"""Texts: JSON that describes code to be loaded, YAML that makes Python objects, source code."""

import itertools
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from apps.validation.checks.contract import Severity
from apps.validation.checks.unsafe_code import documents, keras, mlmodel, templates
from apps.validation.checks.unsafe_code.limits import too_large
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import SAVE_SAFELY, Scan

OVERLAP = 256
READ_CODE = "Read the code before the model is used; it runs when the model is loaded."

_YAML_OBJECT = re.compile(
    rb"!!?(?:python|js)/|tag:yaml\.org,2002:(?:python|js)|^%TAG\b|!(?:!|<)[^\s]{0,100}%[0-9A-Fa-f]{2}",
    re.MULTILINE,
)
_DESCRIBES = (b'"class_name"', b'"__loader__"', b'"chat_template', b'"auto_map"')
_ESCAPES = re.compile(rb"\\u00(?:[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff])")
"""Plain letters written so that a search does not find them, as no honest program writes them."""
_LAMBDA = re.compile(rb'"class_name"\s*:\s*"(?:Lambda|TFOpLambda|__lambda__)"')
_TABLES = (b"PYTABLES_FORMAT_VERSION", b"pandas_type")
_CONTROL = bytes({*range(0x20), 0x7F} - set(b"\t\n\v\f\r\x1b"))
_BOM = b"\xef\xbb\xbf"
_SOURCE_NAMES = (".py", ".pyw", ".pyx", ".sh", ".bash", ".bat", ".cmd", ".ps1", ".js", ".r", ".jl")


@dataclass(slots=True)
class Reading:
    """What one pass over a piece has shown."""

    document: Any = None
    is_text: bool = True
    is_source: bool = False
    has_yaml_object: bool = False
    has_lambda: bool = False
    has_tables: bool = False
    has_escapes: bool = False
    is_unread: bool = False


def read(piece: Piece, longest_document: int) -> Reading:
    """Read a piece once, from beginning to end, and note all that matters about it."""
    piece.rewind()
    start = piece.stream.read(longest_document)
    reading = Reading(is_source=start.startswith(b"#!"))
    looks_like_json = start.removeprefix(_BOM).lstrip()[:1] in {b"{", b"["}
    is_long = bool(piece.stream.peek(1))
    if looks_like_json and not is_long:
        reading.document = documents.parsed(start)
    tail = b""
    for data in itertools.chain([start], piece.rest()):
        reading.is_text = reading.is_text and len(data.translate(None, _CONTROL)) == len(data)
        stretch = tail + data
        reading.has_yaml_object |= _occurs(_YAML_OBJECT, stretch, b"!", b"tag:", b"%TAG")
        reading.has_lambda |= _occurs(_LAMBDA, stretch, b"class_name")
        reading.has_tables |= any(word in stretch for word in _TABLES)
        reading.has_escapes |= _occurs(_ESCAPES, stretch, b"\\u00")
        is_description = any(word in stretch for word in _DESCRIBES)
        reading.is_unread |= looks_like_json and is_long and is_description
        tail = stretch[-OVERLAP:]
    return reading


def _occurs(pattern: re.Pattern[bytes], data: bytes, *signs: bytes) -> bool:
    """Search for a pattern, but only where one of its signs makes that worth while."""
    return any(sign in data for sign in signs) and pattern.search(data) is not None


def report(scan: Scan, piece: Piece, reading: Reading, siblings: Collection[str]) -> None:
    """Report what a text makes a loading program run."""
    if reading.document is not None:
        documents.examine(scan, piece.place, reading.document)
    if reading.is_unread or (reading.has_escapes and reading.document is None):
        raise too_large("it is a description that was not read as a whole")
    if reading.has_yaml_object:
        text = "A YAML tag asks the loading program to make an object of any kind."
        scan.report("yaml_object", piece.place, text, SAVE_SAFELY)
    if reading.has_lambda:
        keras.report_lambda(scan, piece.place)
    if piece.place.lower().endswith(templates.ENDINGS):
        templates.examine_piece(scan, piece)
    if piece.place.endswith(".xml") and b"<net " in piece.head():
        scan.weights.add(f"{piece.place.removesuffix('.xml')}.bin")  # OpenVINO's numbers
    if re.split("[/!]", piece.place)[-1] == mlmodel.NAME:
        mlmodel.examine(scan, piece, siblings)
    if reading.is_source or piece.place.lower().endswith(_SOURCE_NAMES):
        text = "The version carries source code."
        scan.report("source_code", piece.place, text, READ_CODE, Severity.MEDIUM)
