"""Honest models of common kinds pass: a check that cries wolf is switched off."""

import io
import json
import pickle
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any

import joblib
import numpy as np
import pytest
import skops.io
from scipy import sparse  # type: ignore[import-untyped]
from skl2onnx import to_onnx
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from tests.validation.checks.archives import zipped
from tests.validation.checks.hostile import joblib_bytes
from tests.validation.checks.stored import codes, scanned
from tests.validation.checks.test_hostile_formats import (
    gguf,
    gguf_text,
    keras,
    npy,
    npy_header,
    npz,
    safetensors,
)

RANDOM = np.random.default_rng(5)
X = RANDOM.uniform(1, 2, (60, 3))
Y = (X[:, 0] > 1.5).astype(int)

MODELS: dict[str, Any] = {
    "a linear model": LogisticRegression(),
    "stochastic gradients": SGDClassifier(random_state=np.random.RandomState(3)),
    "a tree": DecisionTreeClassifier(max_depth=3),
    "a forest": RandomForestClassifier(5, max_depth=3),
    "boosted trees": GradientBoostingClassifier(n_estimators=3),
    "boosted histograms": HistGradientBoostingClassifier(max_iter=3),
    "neighbors": KNeighborsClassifier(),
    "a support vector machine": SVC(),
    "a network": MLPClassifier((3,), max_iter=3, solver="lbfgs", max_fun=9, tol=1e9),
    "a Gaussian process": GaussianProcessRegressor(RBF(), optimizer=None),
    "a search": GridSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=2),
    "a pipeline": make_pipeline(
        FunctionTransformer(np.log1p), StandardScaler(), PCA(2), LogisticRegression()
    ),
    "columns and selection": make_pipeline(
        ColumnTransformer(
            [("a", OneHotEncoder(handle_unknown="ignore"), [0])], remainder="passthrough"
        ),
        SelectKBest(k=2),
        DecisionTreeClassifier(max_depth=2),
    ),
}


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest) -> Any:
    return MODELS[request.param].fit(X, Y)


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickled_model_passes(model: Any, protocol: int) -> None:
    assert codes(scanned(pickle.dumps(model, protocol), "model.pkl")) == set()


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3)])
def test_a_model_written_by_joblib_passes(model: Any, compress: Any) -> None:
    assert codes(scanned(joblib_bytes(model, compress=compress), "model.joblib")) == set()


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 5])
def test_joblib_in_another_protocol_passes(model: Any, protocol: int) -> None:
    assert codes(scanned(joblib_bytes(model, protocol=protocol), "model.joblib")) == set()


def test_a_model_written_by_skops_passes(model: Any) -> None:
    assert codes(scanned(skops.io.dumps(model), "model.skops")) == set()


@pytest.mark.parametrize("name", ["a linear model", "a forest", "neighbors"])
@pytest.mark.filterwarnings("ignore")
def test_a_model_turned_into_onnx_passes(name: str) -> None:
    data = to_onnx(MODELS[name].fit(X, Y), X[:1].astype(np.float32)).SerializeToString()

    outcome = scanned(data, "model.onnx")

    assert codes(outcome) == set()
    assert outcome.facts["formats"] == {"onnx": 1}


STRUCTURE = np.array([(1, 2.0, "x")], dtype=[("a", "i4"), ("b", "f8", (2,)), ("c", "U5")])
LOOP: list[object] = []
LOOP.append(LOOP)
VALUES: dict[str, Any] = {
    "numbers": [1, 2.5, -(10**30), True, None, "text", b"bytes", {1, 2}, frozenset({3}), (4, 5)],
    "an ordered map": OrderedDict(a=1),
    "a moment": datetime(2030, 1, 2, tzinfo=UTC),
    "arrays": {
        "a": np.arange(5.0),
        "b": np.zeros((2, 0)),
        "c": np.array("text"),
        "d": np.float64(1),
    },
    "a structured array": STRUCTURE,
    "dates": np.array(["2030-01-01"], dtype="M8[D]"),
    "flags": np.array([True, False]),
    "columns": np.asfortranarray(np.eye(3)),
    "objects": np.array(["a", None, 1.5], dtype=object),
    "a masked array": np.ma.masked_array([1, 2], [True, False]),
    "a sparse matrix": sparse.csr_matrix(np.eye(3)),
    "a random source": np.random.default_rng(3),
    "many texts": [f"text {number}" for number in range(3000)],
    "a long text": "text" * 1000,
    "a loop": LOOP,
}


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("protocol", range(6))
def test_plain_values_pass(name: str, protocol: int) -> None:
    assert codes(scanned(pickle.dumps(VALUES[name], protocol), "a.pkl")) == set()
    assert codes(scanned(joblib_bytes(VALUES[name], protocol=protocol), "a.joblib")) == set()


FILES: dict[str, bytes] = {
    "a.json": json.dumps({"class_name": "Dense", "config": {"a": [1, 2]}}).encode(),
    "broken.json": b"{not really",
    "a.csv": "größe;höhe\n1;2\n".encode("latin-1"),
    "a.txt": "Just a text, with é and 漢字.\n".encode(),
    "MLmodel": b"flavors:\n  sklearn:\n    pickled_model: model.pkl\n",
    "README.md": b"# A model\n\nUse it with care!\n",
    "empty.txt": b"",
    "a.npy": npy(np.zeros((3, 4), dtype=np.float32)),
    "b.npy": npy(np.array(["a", "bc"])),
    "c.npy": npy(STRUCTURE),
    "d.npy": npy(np.array([True])),
    "e.npy": npy_header("{'descr': ('<u2', (2, 3)), 'shape': (2,)}", bytes(24)),
    "a.npz": npz(a=np.zeros(3), b=np.arange(4)),
    "a.safetensors": safetensors(
        {
            "__metadata__": {"format": "np"},
            "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
            "b": {"dtype": "U8", "shape": [3], "data_offsets": [8, 11]},
        },
        bytes(11),
    ),
    "a.gguf": gguf(
        (
            "tokenizer.chat_template",
            8,
            gguf_text("{% for m in messages %}{{ m.role }}{% endfor %}"),
        ),
        ("numbers", 9, b"\x04\0\0\0\x02\0\0\0\0\0\0\0" + bytes(8)),
        ("number", 10, bytes(8)),
    ),
    "a.keras": keras("keras.layers", "Dense", {"units": 3}),
    "b.keras": keras("builtins", "function", "relu"),
    "a.h5": b"\x89HDF\r\n\x1a\n" + bytes(500) + b'{"class_name": "Dense"}',
    "a.png": b"\x89PNG\r\n\x1a\n" + bytes(50),
    "a.parquet": b"PAR1" + bytes(50) + b"PAR1",
    "a.tflite": b"\x1c\0\0\0TFL3" + bytes(50),
    "weights.pt": zipped(
        {
            "m/data.pkl": b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storage"
            b"ctorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x02tQK\x00K\x02\x85K\x01"
            b"\x85\x89ccollections\nOrderedDict\n)RtR.",
            "m/version": b"3\n",
            "m/byteorder": b"little",
            "m/data/0": b"just text",
        }
    ),
}


@pytest.mark.parametrize("path", FILES)
def test_an_honest_file_passes(path: str) -> None:
    assert codes(scanned(FILES[path], path)) == set()


def test_torch_tensors_pass_only_beside_their_bytes() -> None:
    with_persistent_id = io.BytesIO()
    with_persistent_id.write(b"\x80\x02X\x07\x00\x00\x00storageQ.")
    data = with_persistent_id.getvalue()

    assert "persistent_id" in codes(scanned(data))
    assert "persistent_id" in codes(scanned(zipped({"m/data.pkl": data, "m/version": b"3\n"})))


def test_source_code_is_shown_but_does_not_fail() -> None:
    for path, data in (("code/train.py", b"import os\n"), ("run", b"#!/bin/sh\n")):
        outcome = scanned(data, path)
        assert codes(outcome) == {"source_code"}
        assert outcome.passed


def test_a_harmless_disguise_does_not_fail() -> None:
    outcome = scanned(b"just text", "a.npy")

    assert codes(outcome) == {"wrong_extension"}
    assert outcome.passed


def test_the_facts_say_what_was_seen() -> None:
    facts = scanned(zipped({"a.pkl": pickle.dumps(OrderedDict())}), "a.zip").facts

    assert facts.pop("second_opinion")
    assert facts == {
        "files": 1,
        "examined": 2,
        "pickles": 1,
        "formats": {"pickle": 1, "zip": 1},
        "globals": ["collections.OrderedDict"],
    }


def test_arrays_written_by_an_older_joblib_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before 1.2 there was no padding in front of an array."""
    monkeypatch.setattr(joblib.numpy_pickle, "NUMPY_ARRAY_ALIGNMENT_BYTES", None)
    original = joblib.numpy_pickle.NumpyArrayWrapper.__init__

    def without_padding(self: Any, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **{**named, "numpy_array_alignment_bytes": None})

    monkeypatch.setattr(joblib.numpy_pickle.NumpyArrayWrapper, "__init__", without_padding)
    data = joblib_bytes([np.arange(4.0), np.full(3, 7, dtype=np.uint8)])

    assert codes(scanned(data)) == set()
