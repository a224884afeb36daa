"""A sound file of every format, a logged model, and what the check of formats says of a file."""

import json
import zlib

import numpy as np

from apps.validation.checks.contract import Outcome
from apps.validation.checks.format_validity.examination import examine
from tests.validation.checks.corpus.building import graph, saved_model
from tests.validation.checks.stored import version_of
from tests.validation.checks.wellformed import (
    KERAS,
    MLMODEL,
    TENSORS,
    gguf,
    hdf5,
    lightgbm,
    npy,
    npz,
    onnx_model,
    safetensors,
    skops_model,
    ubjson,
    xgboost,
    zipped,
)

ONNX = onnx_model().SerializeToString()
SKOPS = skops_model()
CONDA = b"dependencies: []\n"
LOGGED = {"MLmodel": MLMODEL.encode(), "model.onnx": ONNX, "conda.yaml": CONDA}
SOUND: dict[str, tuple[bytes, str]] = {
    "model.safetensors": (safetensors(TENSORS, bytes(11)), "safetensors"),
    "none.safetensors": (safetensors({}), "safetensors"),
    "padded.safetensors": (safetensors(b'{"__metadata__":{}}     '), "safetensors"),
    "model.onnx": (ONNX, "ONNX"),
    "model.skops": (SKOPS, "skops"),
    "model.keras": (zipped(KERAS), "Keras"),
    "weights.h5": (hdf5(), "HDF5"),
    "model.gguf": (gguf(), "GGUF"),
    "array.npy": (npy(np.zeros((2, 3))), "NumPy array"),
    "structured.npy": (
        npy(np.zeros(2, [("a", "i4"), ("b", "f8", (2,)), ("c", "U3")])),
        "NumPy array",
    ),
    "objects.npy": (npy(np.array([None, "a"], dtype=object)), "NumPy array"),
    "arrays.npz": (npz(a=np.zeros(3), b=np.arange(4)), "NumPy archive"),
    "model.json": (json.dumps(xgboost()).encode(), "XGBoost JSON"),
    "model.ubj": (ubjson(xgboost()), "XGBoost binary JSON"),
    "model.txt": (lightgbm(), "LightGBM text"),
    "model.pt": (zipped({"m/data.pkl": b"\x80\x02N.", "m/version": b"3\n"}), "PyTorch archive"),
    "model.pkl": (b"\x80\x04N.", "pickle"),
    "oldest.pkl": (b"(lp0\n.", "pickle"),
    "model.joblib": (zlib.compress(b"\x80\x04N."), "packed file"),
    "saved_model.pb": (saved_model(graph()), "TensorFlow graph or variables"),
    "model.tflite": (b"\x1c\0\0\0TFL3" + bytes(50), "TensorFlow Lite"),
    "model.cbm": (b"CBM1" + bytes(50), "CatBoost"),
}


def looked_at(path: str, data: bytes, **others: bytes) -> Outcome:
    more = {name.replace("__", "."): other for name, other in others.items()}
    return examine(version_of({path: data, **more}))
