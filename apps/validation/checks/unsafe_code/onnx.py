"""ONNX: a graph of known operations; its tensors may point to other files, which is looked at.

Only the skeleton of the protocol buffers is read, by stepping from field to field.
"""

from collections.abc import Collection

from apps.validation.checks.contract import Severity
from apps.validation.checks.references import inside
from apps.validation.checks.unsafe_code.limits import CannotTell, too_large
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.protobuf import Field, fields, text_of
from apps.validation.checks.unsafe_code.scan import REPACK, SAVE_SAFELY, Scan, shown

_MODEL_FIELDS = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26})
_GRAPH_FIELD, _OPSETS_FIELD = 7, 8
_NEST = {
    ("model", 7): "graph",
    ("model", 20): "training",
    ("model", 25): "function",
    ("training", 1): "graph",
    ("training", 2): "graph",
    ("graph", 1): "node",
    ("graph", 5): "tensor",
    ("graph", 15): "sparse",
    ("node", 5): "attribute",
    ("function", 7): "node",
    ("function", 11): "attribute",
    ("attribute", 5): "tensor",
    ("attribute", 6): "graph",
    ("attribute", 10): "tensor",
    ("attribute", 11): "graph",
    ("attribute", 22): "sparse",
    ("attribute", 23): "sparse",
    ("sparse", 1): "tensor",
    ("sparse", 2): "tensor",
    ("tensor", 13): "external",
}
_NODE_DOMAIN = 7
_KNOWN_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "ai.onnx.preview.training"})
_DEEPEST = 64


def looks_like_onnx(piece: Piece) -> bool:
    """Say whether a piece reads as one ONNX model from its first byte to its last."""
    if piece.size is None or piece.at(0, 1) != b"\x08":
        return False
    try:
        numbers = {field.number for field in fields(piece, 0, piece.size)}
    except CannotTell:
        return False
    return numbers <= _MODEL_FIELDS and {_GRAPH_FIELD, _OPSETS_FIELD} <= numbers


def examine(scan: Scan, piece: Piece, siblings: Collection[str]) -> None:
    """Look at everything in a model that points elsewhere, or needs code from elsewhere."""
    domains: set[str] = set()
    waiting = [("model", 0, piece.require_seekable(), 0)]
    while waiting:
        kind, start, end, depth = waiting.pop()
        if depth > _DEEPEST:
            raise too_large("its graphs are nested deeper than is read")
        for field in fields(piece, start, end):
            scan.spend_operations(1)
            inner = _NEST.get((kind, field.number))
            if inner == "external":
                _examine_entry(scan, piece, field, siblings)
            elif inner is not None:
                waiting.append((inner, field.start, field.end, depth + 1))
            elif (kind, field.number) == ("node", _NODE_DOMAIN):
                domains.add(text_of(piece, field))
    for domain in sorted(domains - _KNOWN_DOMAINS):
        text = f"It uses operations of {shown(domain)}, which are code that is not in the file."
        scan.report("custom_operations", piece.place, text, SAVE_SAFELY, Severity.MEDIUM)


def _examine_entry(scan: Scan, piece: Piece, field: Field, siblings: Collection[str]) -> None:
    """Judge one entry of a tensor's reference to another file."""
    parts = {part.number: text_of(piece, part) for part in fields(piece, field.start, field.end)}
    if parts.get(1) != "location":
        return
    location = parts.get(2, "")
    wanted = inside(piece.place, location)
    if wanted is None:
        text = f"A tensor is to be read from {shown(location)!r}, outside of the model's folder."
        scan.report("outside_reference", piece.place, text, REPACK)
        return
    if wanted not in siblings:
        text = f"A tensor is to be read from {shown(location)!r}, which is not in this version."
        scan.report("missing_reference", piece.place, text, REPACK)
    scan.weights.add(wanted)
