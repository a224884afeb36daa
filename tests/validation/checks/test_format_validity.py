"""Format validity: sound files pass, and each way a file can lie or break is told by its name."""

import json
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
import numpy as np
import pytest

from apps.validation.checks import format_validity
from apps.validation.checks.contract import Outcome, Severity
from apps.validation.checks.format_validity import onnx_models
from apps.validation.checks.format_validity.examination import examine
from apps.validation.confined.parent import carry_out
from tests.validation.checks.corpus.building import graph, saved_model
from tests.validation.checks.stored import StoredFile, StoredVersion, codes, grave_codes, version_of
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
    unzipped,
    with_tensor,
    xgboost,
    zipped,
)

ONNX = onnx_model().SerializeToString()
SKOPS = skops_model()
CONDA = b"dependencies: []\n"
LOGGED = {"MLmodel": MLMODEL.encode(), "model.onnx": ONNX, "conda.yaml": CONDA}


def looked_at(path: str, data: bytes, **others: bytes) -> Outcome:
    more = {name.replace("__", "."): other for name, other in others.items()}
    return examine(version_of({path: data, **more}))


def format_of(outcome: Outcome) -> str:
    evidence: Any = outcome.evidence
    return str(evidence["files"][0]["format"])


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


def test_tensors_in_another_file_are_held_against_it() -> None:
    def outcome(
        described: Mapping[str, str], size: int | None = 32, path: str = "w.bin"
    ) -> set[str]:
        files = {"m/model.onnx": onnx_model(external=described).SerializeToString()}
        if size is not None:
            files[f"m/{path}"] = bytes(size)
        return codes(examine(version_of(files)))

    assert outcome({"location": "w.bin", "offset": "8", "length": "24"}) == set()
    assert outcome({"location": "w.bin"}) == set()
    assert outcome({"location": "w.bin", "offset": "9", "length": "24"}) == {"truncated_reference"}
    assert outcome({"location": "w.bin", "length": "20"}) == {"wrong_size"}
    assert outcome({"location": "w.bin"}, size=None) == {"missing_reference"}
    assert outcome({"location": "../w.bin"}, size=None) == {"outside_reference"}
    assert outcome({"location": "/etc/passwd"}, size=None) == {"outside_reference"}
    assert outcome({"location": "w.bin", "offset": "-1"}) == {"damaged"}


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


def test_a_logged_model_passes() -> None:
    assert codes(examine(version_of(LOGGED))) == set()


EDITS: dict[str, tuple[Callable[[str], str], str]] = {
    "a file that is missing": (
        lambda text: text.replace("data: model.onnx", "data: other.onnx"),
        "missing_reference",
    ),
    "a file outside": (lambda text: text.replace("data: model.onnx", "data: ../m.onnx"), "damaged"),
    "another flavor": (lambda text: text.replace("  onnx:\n", "  xgboost:\n"), "wrong_content"),
    "an unknown loader": (lambda text: text.replace("mlflow.onnx", "ours"), "unknown_loader"),
    "no environment": (lambda text: text.replace("conda.yaml", "other.yaml"), "missing_file"),
    "a signature that is none": (
        lambda text: text.replace("'[{", "'[oops"),
        "unreadable_signature",
    ),
    "a tag": (lambda text: text + "x: !!python/object/apply:os.system ['x']\n", "not_yaml"),
    "aliases that grow": (lambda text: text + "a: &a [x]\nb: [*a, *a]\n", "not_yaml"),
    "a key twice": (lambda text: text + "flavors: {}\n", "not_yaml"),
    "flavors as a list": (lambda text: "flavors: [a]\n", "damaged"),
}


def test_what_an_mlmodel_file_says_is_held_against_the_other_files() -> None:
    for name, (edit, code) in EDITS.items():
        outcome = examine(version_of({**LOGGED, "MLmodel": edit(MLMODEL).encode()}))
        assert code in codes(outcome), f"{name}: {outcome.problems}"
        is_minor = code in {"unknown_loader", "missing_file"}
        assert outcome.passed is is_minor, name


def test_parts_an_index_names_are_there_with_their_tensors() -> None:
    def outcome(**placed: str) -> Outcome:
        index = json.dumps({"metadata": {}, "weight_map": placed}).encode()
        part = safetensors(TENSORS, bytes(11))
        return examine(
            version_of({"m/model.safetensors.index.json": index, "m/p1.safetensors": part})
        )

    assert codes(outcome(a="p1.safetensors", b="p1.safetensors")) == set()
    assert grave_codes(outcome(a="p1.safetensors", b="p2.safetensors")) == {"missing_reference"}
    assert grave_codes(outcome(a="p1.safetensors", z="p1.safetensors")) == {"missing_tensors"}


def test_numbers_of_openvino_are_held_against_its_description() -> None:
    layer = '<data element_type="f32" offset="8" shape="2" size="8"/>'
    described = f'<?xml version="1.0"?>\n<net name="m" version="11">{layer}</net>'.encode()

    def outcome(**files: bytes) -> set[str]:
        named = {name.replace("_", "."): data for name, data in files.items()}
        return codes(examine(version_of({"m.xml": described, **named})))

    assert outcome(m_bin=b"\0" * 16) == set()
    assert outcome(m_bin=b"\0" * 15) == {"truncated_reference"}
    assert outcome() == {"missing_reference"}


def test_an_unknown_file_beside_a_model_is_minor_unless_it_is_the_model() -> None:
    odd = b"\x00\x01\xfe\xff" * 40
    beside = examine(version_of({"model.onnx": ONNX, "extra.dat": odd}))
    assert beside.passed
    assert codes(beside) == {"unknown_format"}

    named = {
        **LOGGED,
        "MLmodel": MLMODEL.replace("data: model.onnx", "data: m").encode(),
        "m/x": odd,
    }
    assert "unknown_format" in grave_codes(examine(version_of(named)))


def test_a_harmless_wrong_ending_does_not_fail() -> None:
    outcome = examine(version_of({"model.onnx": ONNX, "notes.json": b"{oops", "a.png": b"text"}))

    assert outcome.passed
    assert codes(outcome) == {"wrong_extension"}


def test_texts_alone_hold_no_model_unless_it_is_a_prompt() -> None:
    version = version_of({"prompt.md": b"Answer in one word."})
    assert codes(examine(version)) == {"no_model"}

    version.is_prompt = True
    assert codes(examine(version)) == set()


def test_a_version_without_files_and_one_whose_file_is_gone_fail() -> None:
    assert grave_codes(examine(version_of({}))) == {"no_files"}

    gone = StoredVersion([StoredFile("model.onnx", ONNX, is_gone=True)])
    assert grave_codes(examine(gone)) == {"missing_file"}


def test_no_cut_and_no_changed_byte_makes_the_check_stumble() -> None:
    """Every prefix, and every byte turned over, ends in an outcome and not in an error."""
    samples = [data for data, _ in SOUND.values() if len(data) < 3000]
    for data in samples:
        path = next(path for path, (known, _) in SOUND.items() if known is data)
        for at in range(0, len(data), max(1, len(data) // 60)):
            looked_at(path, data[:at])
            looked_at(path, data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])


ODD: tuple[Any, ...] = (None, True, -1, 10**30, 1.5, "x", [], [[]], {}, {"a": {}}, "\ud800")


def _twisted(value: Any) -> Iterator[Any]:
    """Yield a JSON value with each part of it, one at a time, replaced by something odd."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            for inner in (*ODD, *_twisted(value[key])):
                other = dict(value) if isinstance(value, dict) else list(value)
                other[key] = inner
                yield other


def test_no_value_of_another_type_makes_the_check_stumble() -> None:
    config, schema = json.loads(KERAS["config.json"]), json.loads(unzipped(SKOPS)["schema.json"])
    node = {**schema, "content": {"a": {"__loader__": "FunctionNode", "content": {}, "file": "a"}}}
    samples: list[tuple[str, Any, Callable[[bytes], bytes]]] = [
        ("a.json", xgboost(), bytes),
        ("a.index.json", {"weight_map": {"a": "b.safetensors"}}, bytes),
        ("a.keras", config, lambda data: zipped({**KERAS, "config.json": data})),
        (
            "a.keras",
            {"weight_map": {"a": ["b"]}},
            lambda data: zipped({**KERAS, "model.weights.json": data}),
        ),
        ("a.skops", node, lambda data: zipped({"schema.json": data})),
        ("a.safetensors", TENSORS, safetensors),
        (
            "MLmodel",
            {
                "flavors": {
                    "python_function": {"loader_module": "x", "artifacts": {"a": {"path": 1}}}
                }
            },
            bytes,
        ),
    ]
    for path, value, written in samples:
        for twisted in _twisted(value):
            outcome = looked_at(path, written(json.dumps(twisted).encode()))
            msgspec.msgpack.encode([outcome.facts, outcome.evidence])


def test_many_problems_are_listed_up_to_a_limit() -> None:
    version = version_of({f"{number}.npy": b"text" for number in range(300)})

    assert len(examine(version).problems) == 201


@pytest.mark.slow
def test_the_check_runs_in_a_confined_process() -> None:
    version = version_of({**LOGGED, "model.skops": SKOPS, "model.keras": zipped(KERAS)})

    outcome = carry_out(
        format_validity.CHECK, version, lambda place: None, format_validity.CHECK.parameters()
    )

    assert outcome.passed, outcome.problems
    assert outcome.facts["formats"]["ONNX"] == 1  # type: ignore[index, call-overload]
    assert "no files" in outcome.facts["confined_by"]  # type: ignore[operator]
