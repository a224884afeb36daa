"""Format validity: sound files pass, and each way a file can lie or break is told by its name."""

import json
import struct
from typing import Any

import numpy as np
import pytest

from apps.validation.checks import format_validity
from apps.validation.checks.contract import Outcome, Severity
from apps.validation.checks.format_validity import onnx_models
from apps.validation.confined.parent import carry_out
from tests.validation.checks.sound_files import LOGGED, ONNX, SKOPS, SOUND, looked_at
from tests.validation.checks.stored import codes, grave_codes, version_of
from tests.validation.checks.wellformed import (
    KERAS,
    TENSORS,
    gguf,
    hdf5,
    lightgbm,
    npy,
    onnx_model,
    safetensors,
    ubjson,
    unzipped,
    with_tensor,
    xgboost,
    zipped,
)


def format_of(outcome: Outcome) -> str:
    evidence: Any = outcome.evidence
    return str(evidence["files"][0]["format"])


def test_a_sound_file_of_every_format_passes() -> None:
    for path, (data, kind) in SOUND.items():
        outcome = looked_at(path, data)
        assert codes(outcome) <= {"beginning_only"}, f"{path}: {outcome.problems}"
        assert format_of(outcome) == kind, path


CUT = safetensors(TENSORS, bytes(11))
BROKEN: dict[str, tuple[str, bytes, str]] = {
    "safetensors: no whole header": ("a.safetensors", struct.pack("<Q", 900) + b"{}", "truncated"),
    "safetensors: a header of 200 MB": (
        "a.safetensors",
        struct.pack("<Q", 2 * 10**8) + b"{",
        "damaged",
    ),
    "safetensors: half of the numbers": ("a.safetensors", CUT[:-5], "truncated"),
    "safetensors: a tail": ("a.safetensors", CUT + b"tail", "gap"),
    "safetensors: not JSON": ("a.safetensors", safetensors(b"{not json}"), "not_json"),
    "safetensors: a name twice": ("a.safetensors", safetensors(b'{"a":1,"a":2}'), "not_json"),
    "safetensors: deep": ("a.safetensors", safetensors(b'{"a":' + b"[" * 90_000), "not_json"),
    "safetensors: numbers in metadata": (
        "a.safetensors",
        safetensors({"__metadata__": {"a": 1}}),
        "damaged",
    ),
    "safetensors: an unknown type": ("a.safetensors", with_tensor(dtype="F31"), "damaged"),
    "safetensors: another shape": ("a.safetensors", with_tensor(shape=[3]), "wrong_size"),
    "safetensors: a negative shape": ("a.safetensors", with_tensor(shape=[-1, -2]), "damaged"),
    "safetensors: true as a size": ("a.safetensors", with_tensor(shape=[True, 2]), "damaged"),
    "safetensors: bytes twice": (
        "a.safetensors",
        safetensors({**TENSORS, "c": TENSORS["a"]}, bytes(11)),
        "overlap",
    ),
    "safetensors: a gap": ("a.safetensors", with_tensor(data_offsets=[4, 8], shape=[1]), "gap"),
    "ONNX: cut": ("a.onnx", ONNX[:-4], "wrong_extension"),
    "ONNX: no operations named": ("a.onnx", b"\x08\x08" + b"\x3a\x00" + b"\x42\x00", "damaged"),
    "skops: no schema's protocol": ("a.skops", zipped({"schema.json": b"{}"}), "damaged"),
    "skops: a member that is missing": (
        "a.skops",
        zipped({"schema.json": unzipped(SKOPS)["schema.json"]}),
        "missing_member",
    ),
    "Keras: no weights": (
        "a.keras",
        zipped({name: data for name, data in KERAS.items() if "weights" not in name}),
        "missing_member",
    ),
    "Keras: half of the weights": (
        "a.keras",
        zipped({**KERAS, "model.weights.h5": hdf5(400, 800)}),
        "truncated",
    ),
    "Keras: no class": ("a.keras", zipped({**KERAS, "config.json": b"{}"}), "damaged"),
    "HDF5: cut": ("a.h5", hdf5(400, 800), "truncated"),
    "GGUF: an old version": ("a.gguf", gguf(version=1), "damaged"),
    "GGUF: cut": ("a.gguf", gguf(cut=40), "truncated"),
    "GGUF: an odd place": ("a.gguf", gguf(offset=130), "damaged"),
    "GGUF: bytes twice": ("a.gguf", gguf(offset=96), "overlap"),
    "GGUF: no whole blocks": ("a.gguf", gguf(kind=2, rows=8), "damaged"),
    "NumPy: cut": ("a.npy", npy(np.zeros(8))[:-9], "wrong_size"),
    "NumPy: a tail": ("a.npy", npy(np.zeros(8)) + b"x", "wrong_size"),
    "NumPy: a program as header": (
        "a.npy",
        b"\x93NUMPY\x01\x00\x20\x00" + b"__import__('os').system('x')    ",
        "damaged",
    ),
    "NumPy archive: one array cut": (
        "a.npz",
        zipped({"a.npy": npy(np.zeros(8))[:-9]}),
        "wrong_size",
    ),
    "XGBoost: nodes missing": ("a.json", json.dumps(xgboost(parents=[0])).encode(), "damaged"),
    "XGBoost: a child nowhere": (
        "a.json",
        json.dumps(xgboost(left_children=[9, -1, -1])).encode(),
        "damaged",
    ),
    "XGBoost: a feature too many": (
        "a.json",
        json.dumps(xgboost(split_indices=[2, 0, 0])).encode(),
        "damaged",
    ),
    "XGBoost: cut": ("a.json", json.dumps(xgboost()).encode()[:-20], "not_json"),
    "XGBoost binary: nodes missing": ("a.ubj", ubjson(xgboost(parents=[0])), "damaged"),
    "XGBoost binary: cut": ("a.ubj", ubjson(xgboost())[:-9], "truncated"),
    "XGBoost binary: a tail": ("a.ubj", ubjson(xgboost()) + b"x", "damaged"),
    "LightGBM: a tree missing": ("a.txt", lightgbm(tree_sizes="216 216 216"), "damaged"),
    "LightGBM: cut": ("a.txt", lightgbm()[:-60], "truncated"),
    "LightGBM: features unnamed": ("a.txt", lightgbm(feature_names="a"), "damaged"),
    "LightGBM: splits by nothing": (
        "a.txt",
        lightgbm(max_feature_idx="0", feature_names="a"),
        "damaged",
    ),
    "a zip without end": ("a.keras", zipped(KERAS)[:-30], "unreadable_archive"),
    "a picture as weights": ("a.safetensors", b"\x89PNG\r\n\x1a\n" + bytes(50), "wrong_extension"),
    "a text as array": ("a.npy", b"just text", "wrong_extension"),
    "an empty model": ("a.onnx", b"", "empty_file"),
    "a pointer instead of weights": (
        "a.safetensors",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
        "pointer",
    ),
    "tokenizer.json that is none": ("tokenizer.json", b"{oops", "not_json"),
    "an unknown format alone": ("model.bin", b"\x00\x01\xfe\xff" * 40, "unknown_format"),
}


def test_each_broken_file_fails_with_the_reason() -> None:
    for name, (path, data, code) in BROKEN.items():
        outcome = looked_at(path, data)
        assert code in grave_codes(outcome), f"{name}: {outcome.problems}"
        assert all(problem.place and problem.remedy for problem in outcome.problems), name


def test_the_library_of_onnx_has_its_say(monkeypatch: pytest.MonkeyPatch) -> None:
    model = onnx_model()
    model.graph.node[0].op_type = "Unheard"
    refused = looked_at("a.onnx", model.SerializeToString())
    assert grave_codes(refused) == {"refused_by_onnx"}
    assert "onnx" in refused.tools

    monkeypatch.setattr(onnx_models, "_HAS_LIBRARY", False)
    without = looked_at("a.onnx", ONNX)
    assert without.passed
    assert "not there" in json.dumps(without.evidence)


def test_a_newer_version_of_onnx_is_said_and_does_not_fail() -> None:
    model = onnx_model(ir_version=8)
    data = b"\x08\x63" + model.SerializeToString()[2:]

    assert "newer_version" in codes(looked_at("a.onnx", data))


def test_types_skops_does_not_know_are_named() -> None:
    members = unzipped(SKOPS)
    schema = members["schema.json"].replace(b"sklearn.linear_model._logistic", b"ours.models")
    outcome = looked_at("a.skops", zipped({**members, "schema.json": schema}))

    [problem] = outcome.problems
    assert problem.code == "untrusted_types"
    assert problem.severity is Severity.MEDIUM
    assert "ours.models.LogisticRegression" in problem.text


@pytest.mark.slow
def test_the_check_runs_in_a_confined_process() -> None:
    version = version_of({**LOGGED, "model.skops": SKOPS, "model.keras": zipped(KERAS)})

    outcome = carry_out(
        format_validity.CHECK, version, lambda place: None, format_validity.CHECK.parameters()
    )

    assert outcome.passed, outcome.problems
    assert outcome.facts["formats"]["ONNX"] == 1  # type: ignore[index, call-overload]
    assert "no files" in outcome.facts["confined_by"]  # type: ignore[operator]
