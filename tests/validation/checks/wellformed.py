"""Small models in every format whose structure is judged, written as their libraries write them."""

import io
import json
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import skops.io
from onnx import TensorProto, helper
from sklearn.linear_model import LogisticRegression


def safetensors(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


TENSORS: dict[str, Any] = {
    "__metadata__": {"format": "pt"},
    "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
    "b": {"dtype": "I8", "shape": [3, 1], "data_offsets": [8, 11]},
}


def with_tensor(**changes: object) -> bytes:
    """Return a file whose first tensor says something else."""
    return safetensors({**TENSORS, "a": {**TENSORS["a"], **changes}}, bytes(11))


def onnx_model(*, external: Mapping[str, str] | None = None, **changes: Any) -> Any:
    """Return a model that multiplies its input by a weight, which may lie in another file."""
    weight = helper.make_tensor(
        "w", TensorProto.FLOAT, [2, 3], np.zeros(6, "f4").tobytes(), raw=True
    )
    if external is not None:
        weight.ClearField("raw_data")
        weight.data_location = TensorProto.EXTERNAL
        for key, value in external.items():
            weight.external_data.add(key=key, value=value)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 3])],
        [weight],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], **{"ir_version": 8, **changes}
    )


def zipped(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def skops_model() -> bytes:
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    return bytes(skops.io.dumps(model))


def npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def hdf5(size: int = 800, says: int = 800) -> bytes:
    """Return the first block of an HDF5 file, and nothing that matters after it."""
    begin = b"\x89HDF\r\n\x1a\n" + bytes([0, 0, 0, 0, 0, 8, 8, 0]) + bytes(8)
    begin += struct.pack("<4Q", 0, 2**64 - 1, says, 2**64 - 1)
    return begin + bytes(size - len(begin))


KERAS: dict[str, bytes] = {
    "metadata.json": b'{"keras_version": "3.15.1", "date_saved": "2026-01-02"}',
    "config.json": b'{"module": "keras", "class_name": "Sequential", "config": {}}',
    "model.weights.h5": hdf5(),
}


def gguf_text(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


def gguf(
    *, version: int = 3, offset: int = 128, kind: int = 0, rows: int = 8, cut: int = 0
) -> bytes:
    """Return a file of two tensors: 8 by 4 numbers of 4 bytes, then what is asked for."""
    data = struct.pack("<4sIQQ", b"GGUF", version, 2, 2)
    data += gguf_text("general.architecture") + struct.pack("<I", 8) + gguf_text("llama")
    data += gguf_text("tokens") + struct.pack("<IIQ", 9, 8, 2) + gguf_text("a") + gguf_text("b")
    data += gguf_text("t") + struct.pack("<IQQIQ", 2, 8, 4, 0, 0)
    data += gguf_text("u") + struct.pack("<IQIQ", 1, rows, kind, offset)
    data += bytes(-len(data) % 32) + bytes(160)
    return data[: len(data) - cut]


def xgboost(**changes: Any) -> dict[str, Any]:
    """Return a model of one tree with one split; changes go to the tree."""
    tree = {
        "base_weights": [0.0, -0.5, 0.5],
        "default_left": [0, 0, 0],
        "left_children": [1, -1, -1],
        "right_children": [2, -1, -1],
        "parents": [2147483647, 0, 0],
        "split_indices": [1, 0, 0],
        "split_conditions": [0.5, -0.1, 0.1],
        "tree_param": {"num_nodes": "3", "num_feature": "2"},
        **changes,
    }
    trees = {
        "gbtree_model_param": {"num_trees": "1", "num_parallel_tree": "1"},
        "tree_info": [0],
        "trees": [tree],
    }
    return {
        "version": [3, 2, 0],
        "learner": {
            "learner_model_param": {"num_feature": "2", "num_class": "0", "base_score": "5E-1"},
            "feature_names": ["a", "b"],
            "objective": {"name": "binary:logistic"},
            "gradient_booster": {"name": "gbtree", "model": trees},
        },
    }


def ubjson(value: Any) -> bytes:
    """Write a value as XGBoost does: lists of numbers with their type and length in front."""
    if isinstance(value, dict):
        inner = b"".join(b"L" + _text(key) + ubjson(each) for key, each in sorted(value.items()))
        return b"{" + inner + b"}"
    if isinstance(value, list):
        if value and all(type(each) is float for each in value):
            return b"[$d#L" + struct.pack(f">q{len(value)}f", len(value), *value)
        if value and all(type(each) is int for each in value):
            return b"[$l#L" + struct.pack(f">q{len(value)}i", len(value), *value)
        return b"[#L" + struct.pack(">q", len(value)) + b"".join(map(ubjson, value))
    if isinstance(value, str):
        return b"SL" + _text(value)
    return b"l" + struct.pack(">i", value)


def _text(text: str) -> bytes:
    return struct.pack(">q", len(text)) + text.encode()


TREE = """Tree={index}
num_leaves=2
num_cat=0
split_feature=1
split_gain=3.5
threshold=0.5
decision_type=2
left_child=-1
right_child=-2
leaf_value=-0.1 0.1
leaf_weight=4 6
leaf_count=4 6
shrinkage=1


"""


def lightgbm(trees: int = 2, **changes: str) -> bytes:
    """Return a model of some trees; changes go to the header."""
    blocks = [TREE.format(index=index) for index in range(trees)]
    header = {
        "version": "v4",
        "num_class": "1",
        "max_feature_idx": "1",
        "objective": "binary sigmoid:1",
        "feature_names": "a b",
        "tree_sizes": " ".join(str(len(block)) for block in blocks),
        **changes,
    }
    lines = "".join(f"{key}={value}\n" for key, value in header.items())
    return f"tree\n{lines}\n{''.join(blocks)}end of trees\n\nparameters:\n".encode()


MLMODEL = """artifact_path: model
flavors:
  onnx:
    code: null
    data: model.onnx
    onnx_version: 1.23.2
  python_function:
    data: model.onnx
    env:
      conda: conda.yaml
    loader_module: mlflow.onnx
    python_version: 3.11.4
signature:
  inputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 2]}}]'
  outputs: null
  params: null
"""
