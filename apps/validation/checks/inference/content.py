"""The bytes of an ONNX model as they are run: whole, and free of what is code from elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import onnx

from apps.validation.checks.contract import ExaminedFile
from apps.validation.checks.inference.candidates import EXPORT, MOST_BYTES
from apps.validation.checks.inference.refusals import Refused
from apps.validation.checks.references import inside

BUILT_IN = frozenset(
    {"", "ai.onnx", "ai.onnx.ml", "ai.onnx.preview.training", "ai.onnx.training", "com.microsoft"}
)
"""Domains of operations that are part of ONNX or of ONNX Runtime itself."""
MOST_OUTSIDE = 10_000

SPLIT = "Run the model where it will serve and post the result as an external check."
STANDARD = "Export the model with standard operations only."
INSIDE = (
    "Save the tensors in a file beside the model, or in the model itself, and register it anew."
)


def read(model: ExaminedFile, files: Sequence[ExaminedFile]) -> bytes:
    """Return the model with every tensor in it, also those that lie in other files.

    Raises:
        Refused: when it is too large, damaged, or needs what the version does not hold.
    """
    if model.size > MOST_BYTES:
        raise _too_large(model.path)
    with model.open() as stream:
        data = stream.read()
    try:
        proto = onnx.load_model_from_string(data)
    except MemoryError:
        raise
    except Exception as damage:
        text = "It cannot be read as an ONNX model: its structure is damaged."
        raise Refused("unreadable_model", model.path, text, EXPORT) from damage
    _require_built_in(proto, model.path)
    outside = [tensor for tensor in _tensors(proto) if _is_outside(tensor)]
    if not outside:
        return data
    _Outside(model, files).take_in(outside)
    whole: bytes = proto.SerializeToString()
    return whole


def _require_built_in(proto: Any, place: str) -> None:
    own = {_text(function.domain) for function in proto.functions}
    custom = {_text(node.domain) for node in _nodes(proto)} - BUILT_IN - own
    if custom:
        names = ", ".join(repr(name)[:80] for name in sorted(custom)[:10])
        text = f"It uses operations of {names}, which are code that is not in the file."
        raise Refused("custom_operations", place, text, STANDARD)


def _graphs(proto: Any) -> Iterator[Any]:
    """Yield everything that holds nodes: the graph, functions, and graphs inside of nodes."""
    waiting = [proto.graph, *proto.functions]
    while waiting:
        graph = waiting.pop()
        yield graph
        for node in graph.node:
            for attribute in node.attribute:
                waiting.extend(attribute.graphs)
                if attribute.HasField("g"):
                    waiting.append(attribute.g)


def _nodes(proto: Any) -> Iterator[Any]:
    for graph in _graphs(proto):
        yield from graph.node


def _tensors(proto: Any) -> Iterator[Any]:
    for graph in _graphs(proto):
        yield from getattr(graph, "initializer", ())
        yield from _in_sparse(getattr(graph, "sparse_initializer", ()))
        for node in graph.node:
            for attribute in node.attribute:
                yield from attribute.tensors
                yield from _in_sparse(attribute.sparse_tensors)
                if attribute.HasField("t"):
                    yield attribute.t
                if attribute.HasField("sparse_tensor"):
                    yield from _in_sparse([attribute.sparse_tensor])


def _in_sparse(sparse: Iterable[Any]) -> Iterator[Any]:
    for tensor in sparse:
        yield from (tensor.values, tensor.indices)


def _text(value: str | bytes) -> str:
    """Return a text of the model, which the reader leaves as bytes when it is not UTF-8."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _is_outside(tensor: Any) -> bool:
    return bool(tensor.data_location == onnx.TensorProto.EXTERNAL)


class _Outside:
    """Tensors that lie in other files of the version, taken into the model."""

    def __init__(self, model: ExaminedFile, files: Sequence[ExaminedFile]) -> None:
        self._place = model.path
        self._files = {file.path: file for file in files}
        self._left = MOST_BYTES - model.size

    def take_in(self, tensors: Sequence[Any]) -> None:
        """Put the bytes of each tensor where its reference was."""
        if len(tensors) > MOST_OUTSIDE:
            text = f"More than {MOST_OUTSIDE:,} of its tensors lie in other files."
            raise Refused("too_large", self._place, text, SPLIT)
        for tensor in tensors:
            entries = {_text(entry.key): _text(entry.value) for entry in tensor.external_data}
            file = self._file(entries.get("location", ""))
            data = self._data(file, entries)
            tensor.ClearField("external_data")
            tensor.data_location = onnx.TensorProto.DEFAULT
            tensor.raw_data = data

    def _file(self, location: str) -> ExaminedFile:
        path = inside(self._place, location)
        if path is None:
            text = f"A tensor is to be read from {location!r:.200}, outside of the model's folder."
            raise Refused("outside_reference", self._place, text, INSIDE)
        file = self._files.get(path)
        if file is None:
            text = f"A tensor is to be read from {location!r:.200}, which is not in this version."
            raise Refused("missing_reference", self._place, text, INSIDE)
        return file

    def _data(self, file: ExaminedFile, entries: dict[str, str]) -> bytes:
        try:
            start = int(entries.get("offset", "0"))
            length = int(entries.get("length", file.size - start))
        except ValueError:
            start = length = -1
        if start < 0 or length < 0 or start + length > file.size:
            text = f"A tensor is to be read from a stretch of {file.path!r:.200} that is not there."
            raise Refused("broken_reference", self._place, text, INSIDE)
        self._left -= length
        if self._left < 0:
            raise _too_large(self._place)
        try:
            with file.open() as stream:
                stream.seek(start)
                return stream.read(length)
        except FileNotFoundError as gone:
            text = f"The store does not hold {file.path!r:.200} any more, and the model needs it."
            raise Refused("missing_file", self._place, text, EXPORT) from gone


def _too_large(place: str) -> Refused:
    text = (
        "Cannot tell what it answers: with its tensors it is more than the "
        f"{MOST_BYTES // 2**20:,} MiB that are run here."
    )
    return Refused("too_large", place, text, SPLIT)
