"""Builds model files of formats whose libraries are not installed, byte by byte."""

import json
import pickle
import struct
from collections.abc import Mapping

from tests.validation.checks.archives import zipped
from tests.validation.checks.hostile import text

TORCH_MAGIC = 0x1950A86A20F9469CFC6C
Files = Mapping[str, bytes]
LAMBDA: dict[str, object] = {"class_name": "Lambda", "config": {"function": ["marker", None, None]}}
H5 = b"\x89HDF\r\n\x1a\n"


# --- protocol buffers and TensorFlow ------------------------------------------------------------


def varint(number: int) -> bytes:
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def part(number: int, content: bytes | str | int) -> bytes:
    """Return one field of a protocol buffer."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    data = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(data)) + data


def node(operation: str, name: str = "n", value: str | None = None) -> bytes:
    """Return a node of a TensorFlow graph, with a text constant if one is given."""
    attributes = b""
    if value is not None:
        tensor = part(1, 7) + part(8, value)
        attributes = part(5, part(1, "value") + part(2, part(8, tensor)))
    return part(1, name) + part(2, operation) + attributes


def graph(*nodes: bytes, functions: Mapping[str, tuple[bytes, ...]] | None = None) -> bytes:
    """Return a TensorFlow graph with functions."""
    library = b"".join(
        part(1, part(1, part(1, name)) + b"".join(part(3, inner) for inner in inners))
        for name, inners in (functions or {}).items()
    )
    return b"".join(part(1, one) for one in nodes) + (part(2, library) if library else b"")


def saved_model(whole: bytes) -> bytes:
    """Return a SavedModel of one graph."""
    return part(1, 1) + part(2, part(1, part(5, "serve")) + part(2, whole))


SAVERS = {
    "__inference__traced_save_42": (
        node("Const", "c", "_temp/part"),
        node("ShardedFilename"),
        node("SaveV2"),
        node("MergeV2Checkpoints"),
    ),
    "__inference__traced_restore_43": (node("RestoreV2"), node("AssignVariableOp")),
}
"""What TensorFlow puts into every SavedModel to keep its weights."""


def keras_metadata(document: object) -> bytes:
    """Return what Keras keeps beside a SavedModel."""
    described = part(2, 0) + part(3, "root") + part(4, "_tf_keras_layer")
    return part(1, described + part(5, json.dumps(document)))


# --- PyTorch ------------------------------------------------------------------------------------


def tensor(key: str, count: int, *, metadata: bytes = b"") -> bytes:
    """Return operations that name a tensor of floats by a persistent id."""
    number = b"K" + bytes([count])
    identity = (
        b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text(key) + text("cpu") + number
    ) + (metadata + b"tQ")
    backward = b"ccollections\nOrderedDict\n)R"
    shape = b"(" + number + b"t(K\x01t"
    return (
        b"ctorch._utils\n_rebuild_tensor_v2\n("
        + identity
        + b"K\x00"
        + shape
        + b"\x89"
        + (backward + b"tR")
    )


def torch_zip(operations: bytes, **members: bytes) -> bytes:
    """Return PyTorch's archive of an object; names are given with ``__`` for a slash."""
    files = {"m/data.pkl": b"\x80\x02" + operations + b".", "m/version": b"3\n"}
    for name, data in members.items():
        files[f"m/{name.replace('__dot__', '.').replace('__', '/')}"] = data
    return zipped(files, 0)


def torch_script(program: str, operations: bytes = b"c__torch__\nM\n)R") -> bytes:
    """Return PyTorch's archive of a program."""
    files = {
        "m/data.pkl": b"\x80\x02" + operations + b".",
        "m/constants.pkl": b"\x80\x02).",
        "m/code/__torch__.py": program.encode(),
        "m/version": b"3\n",
    }
    return zipped(files, 0)


def torch_legacy(operations: bytes, tail: bytes, keys: tuple[str, ...] = ("a",)) -> bytes:
    """Return a file as PyTorch wrote it before 1.6."""
    system = {"protocol_version": 1001, "little_endian": True}
    return (
        pickle.dumps(TORCH_MAGIC, 2)
        + pickle.dumps(1001, 2)
        + pickle.dumps(system, 2)
        + b"\x80\x02"
        + operations
        + b"."
        + pickle.dumps(list(keys), 2)
        + tail
    )


def raw_floats(count: int) -> bytes:
    """Return a tensor's length and bytes."""
    return struct.pack("<q", count) + struct.pack(f"<{count}f", *(0.37 * n for n in range(count)))


# --- others -------------------------------------------------------------------------------------


def h5(document: object, *, packed: bool = False) -> bytes:
    """Return an HDF5 file with a description where Keras keeps it."""
    config = json.dumps(document).encode()
    heap = b"FRHP\0\x07\0" + (b"\x10\0" if packed else b"\0\0") + bytes(40)
    return H5 + bytes(500) + b"model_config\0" + heap + config + bytes(200)


def message(value: object) -> bytes:
    """Return a value as MessagePack writes it, as far as Flax needs it."""
    if isinstance(value, dict):
        inner = (message(key) + message(item) for key, item in value.items())
        return bytes([0x80 | len(value)]) + b"".join(inner)
    if isinstance(value, bytes):
        return b"\xc7" + bytes([len(value)]) + b"\x01" + value
    assert isinstance(value, str)
    return bytes([0xA0 | len(value)]) + value.encode()


def mlmodel(**function: str) -> bytes:
    """Return an MLmodel file with these entries of the Python function."""
    lines = [f"    {key}: {value}" for key, value in function.items()]
    return "\n".join(
        ["artifact_path: model", "flavors:", "  python_function:", *lines, ""]
    ).encode()
