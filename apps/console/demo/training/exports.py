"""Writing a fitted model in one of the formats that teams ship."""

import pickle  # nosec B403
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import onnxruntime
import skops.io
from skl2onnx import to_onnx

from apps.console.demo.training.datasets import Array, Floats


@dataclass(frozen=True)
class Export:
    """A model file with the flavors that can load it and the packages they need."""

    file: Path
    flavors: dict[str, dict[str, Any]]
    requires: tuple[str, ...]


def as_skops(estimator: Any, folder: Path) -> Export:
    """Write a skops file, which loads without running code."""
    file = folder / "model.skops"
    skops.io.dump(estimator, file)
    return Export(
        file,
        {
            "python_function": {
                "loader_module": "mlflow.sklearn",
                "model_path": file.name,
                "predict_fn": "predict",
            },
            "sklearn": _sklearn(file, "skops"),
        },
        ("numpy", "scikit-learn", "scipy", "skops"),
    )


def as_joblib(estimator: Any, folder: Path, *, compress: int = 0) -> Export:
    """Write a joblib file, which is a pickle with its arrays between the opcodes."""
    file = folder / "model.joblib"
    joblib.dump(estimator, file, compress=compress)
    requires = ("joblib", "numpy", "scikit-learn", "scipy")
    return Export(file, {"sklearn": _sklearn(file, "joblib")}, requires)


def as_pickle(estimator: Any, folder: Path) -> Export:
    """Write a plain pickle, as many teams do; nothing here ever loads one."""
    file = folder / "model.pkl"
    file.write_bytes(pickle.dumps(estimator, protocol=4))
    requires = ("numpy", "scikit-learn", "scipy")
    return Export(file, {"sklearn": _sklearn(file, "pickle")}, requires)


def as_onnx(
    estimator: Any, folder: Path, *, name: str, columns: int, outputs: Sequence[str]
) -> Export:
    """Write an ONNX graph whose outputs carry the names given, a column for each class."""
    file = folder / "model.onnx"
    sample = np.zeros((1, columns), dtype=np.float32)
    options = {id(estimator): {"zipmap": "columns"}} if len(outputs) > 1 else None
    proto = to_onnx(estimator, sample, name=name, options=options)
    _name_outputs(proto.graph, outputs)
    file.write_bytes(proto.SerializeToString(deterministic=True))
    onnx = {
        "data": file.name,
        "onnx_version": version("onnx"),
        "providers": ["CPUExecutionProvider"],
    }
    function = {"loader_module": "mlflow.onnx", "data": file.name}
    return Export(
        file, {"python_function": function, "onnx": onnx}, ("numpy", "onnx", "onnxruntime")
    )


def onnx_answers(file: Path, features: Floats) -> dict[str, Array]:
    """Run an ONNX file and return each of its outputs, one value for each row."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        file.read_bytes(), options, providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    entry = session.get_inputs()[0].name
    answers = session.run(names, {entry: features.astype(np.float32)})
    return {
        name: answer.reshape(len(features)) for name, answer in zip(names, answers, strict=True)
    }


def _sklearn(file: Path, serialization: str) -> dict[str, Any]:
    return {
        "pickled_model": file.name,
        "serialization_format": serialization,
        "sklearn_version": version("scikit-learn"),
    }


def _name_outputs(graph: Any, outputs: Sequence[str]) -> None:
    names = {result.name: name for result, name in zip(graph.output, outputs, strict=True)}
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    for result in graph.output:
        result.name = names[result.name]
