"""Texts: JSON that describes code to be loaded, YAML that makes Python objects, source code."""

import builtins
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apps.validation.checks.contract import Severity
from apps.validation.checks.unsafe_code.allowed import trust
from apps.validation.checks.unsafe_code.limits import too_large
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import SAVE_SAFELY, Scan, shown

OVERLAP = 256
READ_CODE = "Read the code before the model is used; it runs when the model is loaded."

_YAML_OBJECT = re.compile(
    rb"!!?(?:python|js)/|tag:yaml\.org,2002:(?:python|js)|^%TAG\b|!(?:!|<)[^\s]{0,100}%[0-9A-Fa-f]{2}",
    re.MULTILINE,
)
_DESCRIBES = (b'"class_name"', b'"__loader__"')
_ESCAPES = re.compile(rb"\\u00(?:[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff])")
"""Plain letters written so that a search does not find them, as no honest program writes them."""
_LAMBDA = re.compile(rb'"class_name"\s*:\s*"(?:Lambda|TFOpLambda|__lambda__)"')
_TABLES = (b"PYTABLES_FORMAT_VERSION", b"pandas_type")
_CONTROL = bytes({*range(0x20), 0x7F} - set(b"\t\n\v\f\r\x1b"))
_BOM = b"\xef\xbb\xbf"
_SOURCE_NAMES = (".py", ".pyw", ".pyx", ".sh", ".bash", ".bat", ".cmd", ".ps1", ".js", ".r", ".jl")
_KERAS = re.compile(r"(?:keras|keras_hub|keras_cv|keras_nlp|tf_keras|tensorflow)(?:\..+)?")
_KERAS_FUNCTIONS = re.compile(
    r"(?:tf_)?keras(?:\.src)?\."
    r"(?:activations|constraints|initializers|losses|metrics|ops|regularizers)(?:\..+)?"
)
"""Where the functions come from that a model may name; others of Keras fetch and load things."""
_LAMBDAS = frozenset({"Lambda", "TFOpLambda", "__lambda__"})
_SKOPS_LOADERS = frozenset(
    "BytearrayNode BytesNode CachedNode ConstructorFromReduceNode DTypeNode DefaultDictNode "
    "DictNode FunctionNode JsonNode ListNode LossNode MaskedArrayNode NdArrayNode ObjectNode "
    "RandomGeneratorNode RandomStateNode SetNode SliceNode SparseMatrixNode TreeNode TupleNode "
    "TypeNode _DictWithDeprecatedKeysNode".split()
)


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
        reading.document = _parsed(start)
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


def report(scan: Scan, piece: Piece, reading: Reading) -> None:
    """Report what a text makes a loading program run."""
    if reading.document is not None:
        _examine_document(scan, piece, reading.document)
    if reading.is_unread or (reading.has_escapes and reading.document is None):
        raise too_large("it is a description that was not read as a whole")
    if reading.has_yaml_object:
        text = "A YAML tag asks the loading program to make an object of any kind."
        scan.report("yaml_object", piece.place, text, SAVE_SAFELY)
    if reading.has_lambda:
        report_lambda(scan, piece.place)
    if reading.is_source or piece.place.lower().endswith(_SOURCE_NAMES):
        text = "The version carries source code."
        scan.report("source_code", piece.place, text, READ_CODE, Severity.MEDIUM)


def report_lambda(scan: Scan, place: str) -> None:
    """Report a Keras layer that is a Python function in disguise."""
    text = "A Keras Lambda layer holds Python code, which runs when the model is loaded."
    scan.report("lambda_layer", place, text, SAVE_SAFELY)


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _examine_document(scan: Scan, piece: Piece, document: Any) -> None:
    for node in _objects(document):
        if "__loader__" in node and "__module__" in node:
            _examine_skops(scan, piece, node)
        elif "class_name" in node:
            _examine_keras(scan, piece, node)


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _examine_skops(scan: Scan, piece: Piece, node: dict[str, Any]) -> None:
    """Judge one type that skops is asked to make."""
    module, name = str(node["__module__"]), str(node.get("__class__"))
    if node["__loader__"] not in _SKOPS_LOADERS:
        text = f"skops is to load something by {shown(str(node['__loader__']))}, not known here."
        scan.report("unknown_loader", piece.place, text, SAVE_SAFELY)
    scan.globals.add(shown(f"{module}.{name}"))
    if trust(module, name) is None:
        text = (
            f"skops is to load {shown(f'{module}.{name}')}, which is not on the list of what a "
            "model file may use."
        )
        scan.report("forbidden_type", piece.place, text, SAVE_SAFELY)


def _examine_keras(scan: Scan, piece: Piece, node: dict[str, Any]) -> None:
    """Judge one object that Keras is asked to make."""
    name, module = node["class_name"], node.get("module")
    if name in _LAMBDAS:
        report_lambda(scan, piece.place)
    own = _KERAS_FUNCTIONS if name == "function" else _KERAS
    if not isinstance(module, str) or "config" not in node or own.fullmatch(module):
        return
    wanted = node["config"] if name == "function" else name
    if module == "builtins" and not hasattr(builtins, str(wanted)):
        return
    if trust(module, str(wanted)) is None:
        text = f"Keras is to load {shown(f'{module}.{wanted}')}, which is not its own."
        scan.report("forbidden_type", piece.place, text, SAVE_SAFELY)
