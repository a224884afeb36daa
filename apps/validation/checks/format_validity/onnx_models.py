"""ONNX: the skeleton of a model is walked through; its tensors are held against their bytes.

The library of ONNX, where a worker has it, judges small models too.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.validation.checks.contract import Severity
from apps.validation.checks.format_validity.findings import (
    SEND_ALL,
    Broken,
    Findings,
    damaged,
    too_large,
)
from apps.validation.checks.references import inside
from apps.validation.checks.unsafe_code.limits import MIB
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.protobuf import (
    Field,
    fields,
    text_of,
    value_of,
    varint,
)

try:
    import onnx
    import onnx.checker
except ImportError:  # a worker judges by the skeleton alone
    onnx = None  # type: ignore[assignment]

_HAS_LIBRARY = onnx is not None
NEWEST_IR = int(onnx.IR_VERSION) if _HAS_LIBRARY else 14
MOST_CHECKED = 32 * MIB
MOST_FIELDS = 5_000_000
DEEPEST = 64
MOST_SIZES = 64
_IR, _GRAPH, _OPSET, _TRAINING, _FUNCTION = 1, 7, 8, 20, 25
_NEST = {
    ("model", _GRAPH): "graph",
    ("model", _TRAINING): "training",
    ("model", _FUNCTION): "function",
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
}
_GRAPH_OUTPUT = 12
_BITS = {
    1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64,
    15: 128, 16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2,
}  # fmt: skip
_STRING, _EXTERNAL = 8, 1


@dataclass
class _Model:
    """What the walk through a model keeps."""

    ir_version: int = 0
    opsets: dict[str, int] = field(default_factory=dict)
    graphs: int = 0
    outputs: int = 0
    nodes: int = 0
    tensors: int = 0
    external: int = 0
    spent: int = 0

    def spend(self) -> None:
        self.spent += 1
        if self.spent > MOST_FIELDS:
            raise too_large("it has more parts than are read.")


def read(piece: Piece, siblings: Mapping[str, int], findings: Findings) -> dict[str, Any]:
    """Walk through a model, and have the library judge it too.

    Raises:
        Broken: when the model is damaged.
    """
    model = _walked(piece, siblings, findings)
    _judge(model, piece.place, findings)
    return {
        "ir_version": model.ir_version,
        "opsets": [f"{domain or 'ai.onnx'} {version}" for domain, version in model.opsets.items()],
        "nodes": model.nodes,
        "tensors": model.tensors,
        "tensors_in_other_files": model.external,
        "onnx_checker": _checked(piece, model, findings),
    }


def _walked(piece: Piece, siblings: Mapping[str, int], findings: Findings) -> _Model:
    model = _Model()
    waiting = [("model", 0, piece.require_seekable(), 0)]
    while waiting:
        kind, start, end, depth = waiting.pop()
        if depth > DEEPEST:
            raise too_large("its graphs are nested deeper than is read.")
        if kind == "tensor":
            tensor = _tensor(piece, start, end, model)
            model.tensors += 1
            model.external += tensor.is_external
            _judge_tensor(piece.place, tensor, siblings, findings)
            continue
        for part in fields(piece, start, end):
            model.spend()
            _note(piece, kind, part, depth, model)
            inner = _NEST.get((kind, part.number))
            if inner is not None and part.is_long:
                waiting.append((inner, part.start, part.end, depth + 1))
    return model


def _note(piece: Piece, kind: str, part: Field, depth: int, model: _Model) -> None:
    if kind == "model" and part.number == _IR:
        model.ir_version = value_of(piece, part)
    elif kind == "model" and part.number == _OPSET:
        domain, version = _opset(piece, part)
        if model.opsets.setdefault(domain, version) != version:  # some exporters repeat themselves
            named = f"{domain or 'ai.onnx'!a:.60}"
            raise damaged(f"It names the operations of {named} in two versions.")
    elif kind == "model" and part.number == _GRAPH:
        model.graphs += 1
    elif kind == "graph" and part.number == 1:
        model.nodes += 1
    elif kind == "graph" and part.number == _GRAPH_OUTPUT and depth == 1:
        model.outputs += 1


def _opset(piece: Piece, part: Field) -> tuple[str, int]:
    domain, version = "", 0
    for inner in fields(piece, part.start, part.end):
        if inner.number == 1:
            domain = text_of(piece, inner)
        elif inner.number == 2:
            version = value_of(piece, inner)
    return ("" if domain == "ai.onnx" else domain), version


def _judge(model: _Model, place: str, findings: Findings) -> None:
    if model.graphs != 1 or not model.outputs:
        raise damaged("It holds no graph with an output.")
    if not model.opsets or any(not 0 < version < 1000 for version in model.opsets.values()):
        raise damaged("It does not say which version of the operations it uses.")
    if not 1 <= model.ir_version < 1000:
        raise damaged("It does not say which version of the format it follows.")
    if model.ir_version > NEWEST_IR:
        said = f"It follows version {model.ir_version} of the format; {NEWEST_IR} is known here."
        findings.report("newer_version", place, said, severity=Severity.MEDIUM)


@dataclass
class _Tensor:
    name: str = ""
    shape: list[int] = field(default_factory=list)
    kind: int = 0
    raw: int | None = None
    is_external: bool = False
    entries: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int | None:
        """Bytes of the numbers, where the type has a fixed size."""
        bits = _BITS.get(self.kind)
        return None if bits is None else -(-math.prod(self.shape) * bits // 8)


def _judge_tensor(
    place: str, tensor: _Tensor, siblings: Mapping[str, int], findings: Findings
) -> None:
    if tensor.is_external:
        _judge_external(place, tensor, siblings, findings)
    elif tensor.raw is not None and tensor.size is not None and tensor.raw != tensor.size:
        said = f"The tensor {tensor.name:.100} has {tensor.raw:,} bytes and not {tensor.size:,}."
        raise Broken("wrong_size", said)


def _tensor(piece: Piece, start: int, end: int, model: _Model) -> _Tensor:
    tensor = _Tensor()
    for part in fields(piece, start, end):
        model.spend()
        match part.number:
            case 1:
                tensor.shape += _sizes(piece, part)
            case 2:
                tensor.kind = value_of(piece, part)
            case 8:
                tensor.name = text_of(piece, part)
            case 9:
                tensor.raw = part.size
            case 13:
                parts = {
                    one.number: text_of(piece, one) for one in fields(piece, part.start, part.end)
                }
                tensor.entries[parts.get(1, "")] = parts.get(2, "")
                tensor.is_external = True
            case 14:
                tensor.is_external |= value_of(piece, part) == _EXTERNAL
    return tensor


def _sizes(piece: Piece, field: Field) -> list[int]:
    """Return the numbers of a field that may be packed."""
    found, at = [], field.start
    while at < field.end:
        value, at = varint(piece, at, field.end)
        found.append(value)
        if len(found) > MOST_SIZES:
            raise too_large("a tensor in it has more sizes than are read.")
    return found


def _judge_external(
    place: str, tensor: _Tensor, siblings: Mapping[str, int], findings: Findings
) -> None:
    """Hold a tensor that lies in another file against that file."""
    location = tensor.entries.get("location", "")
    wanted = inside(place, location)
    if wanted is None:
        said = f"The tensor {tensor.name:.100} is to be read from {location!a:.200}, outside."
        findings.report("outside_reference", place, said, SEND_ALL)
        return
    if wanted not in siblings:
        said = (
            f"The tensor {tensor.name:.100} is to be read from {wanted!a:.200}, which is missing."
        )
        findings.report("missing_reference", place, said, SEND_ALL)
        return
    findings.explained.add(wanted)
    offset, length = _entry(tensor, "offset") or 0, _entry(tensor, "length")
    length = length if length is not None else tensor.size or 0
    if tensor.size is not None and length < tensor.size:
        raise Broken("wrong_size", f"The tensor {tensor.name:.100} is shorter than its shape.")
    if offset + length > siblings[wanted]:
        said = (
            f"The tensor {tensor.name:.100} ends at byte {offset + length:,} of {wanted!a:.200}, "
        )
        findings.report(
            "truncated_reference", place, f"{said}which has {siblings[wanted]:,}.", SEND_ALL
        )


def _entry(tensor: _Tensor, name: str) -> int | None:
    word = tensor.entries.get(name)
    if word is None:
        return None
    if not word.isascii() or not word.isdigit() or len(word) > 18:
        raise damaged(f"The tensor {tensor.name:.100} has a {name} that is no number.")
    return int(word)


def _checked(piece: Piece, model: _Model, findings: Findings) -> str:
    """Have the library judge a model; return what came of it, in a word."""
    if not _HAS_LIBRARY:
        return "not there"
    findings.tools["onnx"] = str(onnx.__version__)
    size = piece.require_seekable()
    if size > MOST_CHECKED:
        return "too large for it"
    if model.external:
        return "not asked, since tensors lie in other files"
    try:
        onnx.checker.check_model(piece.at(0, size))
    except Exception as error:  # whatever the library raises is its verdict
        said = str(error).strip().splitlines()
        raise Broken("refused_by_onnx", f"The library of ONNX refuses it: {said[:1]}") from error
    return "passed"
