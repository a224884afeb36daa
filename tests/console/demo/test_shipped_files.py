"""The files of each version: complete, in agreement with each other, and safe but for one."""

import hashlib
import json
import pickletools
import zlib
from pathlib import Path

import joblib
import numpy as np
import onnx
import pytest
import skops.io
import yaml

from apps.console.demo.training import TrainedVersion
from tests.console.demo.conftest import Training, run_training

PROJECT = Path(__file__).parents[3]
FLAGGED = ("iris-kind", 2)
FILES = {"MLmodel", "README.md", "input_example.json", "requirements.txt"}
MODEL_FILES = {
    ("tumor-triage", 1): "model.skops",
    ("tumor-triage", 2): "model.skops",
    ("tumor-triage", 3): "model.onnx",
    ("tumor-checklist", 1): "model.onnx",
    ("tumor-checklist", 2): "model.onnx",
    ("diabetes-progression", 1): "model.joblib",
    ("diabetes-progression", 2): "model.onnx",
    ("diabetes-progression", 3): "model.onnx",
    ("digit-reader", 1): "model.onnx",
    ("digit-reader", 2): "model.skops",
    ("wine-grade", 1): "model.joblib",
    ("wine-grade", 2): "model.skops",
    ("iris-kind", 1): "model.skops",
    ("iris-kind", 2): "model.pkl",
}
EVERY_VERSION = pytest.mark.parametrize(("name", "number"), MODEL_FILES)


def of_kind(suffix: str) -> pytest.MarkDecorator:
    """The versions whose model file ends in a suffix."""
    chosen = [key for key, file in MODEL_FILES.items() if file.endswith(suffix)]
    return pytest.mark.parametrize(("name", "number"), chosen)


def model_file(version: TrainedVersion) -> Path:
    """The file that holds the model itself."""
    return next(version.folder.glob("model.*"))


def globals_named_in(content: bytes) -> set[str]:
    """Every module and name that a pickle asks for, found without running it."""
    texts: list[str] = []
    memo: list[str] = []
    found = set()
    for opcode, argument, _ in pickletools.genops(content):
        if opcode.name in {"SHORT_BINUNICODE", "BINUNICODE"}:
            texts.append(str(argument))
        elif opcode.name == "MEMOIZE":
            memo.append(texts[-1] if texts else "")
        elif opcode.name in {"BINGET", "LONG_BINGET"}:
            texts.append(memo[int(argument or 0)])
        elif opcode.name == "STACK_GLOBAL":
            found.add(".".join(texts[-2:]))
    return found


def test_the_versions_are_the_ones_the_demo_tells_about(training: Training) -> None:
    shipped = {
        (model.name, version.number): model_file(version).name
        for model in training.models
        for version in model.versions
    }

    assert shipped == MODEL_FILES


def test_every_version_is_reported_as_it_is_done(training: Training) -> None:
    assert len(training.reported) == len(MODEL_FILES)
    assert training.reported[0].startswith("Trained tumor-triage version 1: roc_auc 0.")


@EVERY_VERSION
def test_a_version_ships_all_its_files(training: Training, name: str, number: int) -> None:
    folder = training.version(name, number).folder

    assert {file.name for file in folder.iterdir()} == FILES | {MODEL_FILES[name, number]}
    assert all(file.stat().st_size for file in folder.iterdir())


@EVERY_VERSION
def test_the_example_has_the_columns_and_types_of_the_signature(
    training: Training, name: str, number: int
) -> None:
    version = training.version(name, number)
    example = json.loads((version.folder / "input_example.json").read_text())
    kinds = {"long": int, "double": float, "float": float}

    assert example == version.input_example
    assert example["columns"] == [column["name"] for column in version.signature["inputs"]]
    assert example["data"]
    for row in example["data"]:
        for column, value in zip(version.signature["inputs"], row, strict=True):
            assert type(value) is kinds[column["type"]]


@EVERY_VERSION
def test_the_mlmodel_file_tells_the_same_as_the_facts(
    training: Training, name: str, number: int
) -> None:
    version = training.version(name, number)
    content = yaml.safe_load((version.folder / "MLmodel").read_text())

    assert {side: json.loads(text) for side, text in content["signature"].items()} == (
        version.signature
    )
    assert tuple(content["flavors"]) == version.flavors
    assert content["model_size_bytes"] == model_file(version).stat().st_size
    for flavor in content["flavors"].values():
        named = flavor.keys() & {"data", "model_path", "pickled_model"}
        assert {flavor[key] for key in named} == {MODEL_FILES[name, number]}


@EVERY_VERSION
def test_requirements_are_exact_pins(training: Training, name: str, number: int) -> None:
    version = training.version(name, number)

    assert (version.folder / "requirements.txt").read_text().split() == list(version.packages)
    assert all(package.count("==") == 1 for package in version.packages)


@EVERY_VERSION
def test_the_card_says_what_the_model_is_for_and_how_well_it_works(
    training: Training, name: str, number: int
) -> None:
    version = training.version(name, number)
    model = next(model for model in training.models if model.name == name)
    card = (version.folder / "README.md").read_text()

    for words in (model.title, model.purpose, model.out_of_scope, model.limitations):
        assert words in card
    for metric in version.metrics:
        if metric.lower is not None:
            assert f"| {metric.key} | {metric.slice or 'all rows'} | {metric.value:.4g} |" in card


@EVERY_VERSION
def test_the_source_is_the_text_of_the_module_that_trained(
    training: Training, name: str, number: int
) -> None:
    source = training.version(name, number).source
    content = (PROJECT / source.path).read_bytes()

    assert source.digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert f'name="{name}"' in content.decode()


@of_kind(".skops")
def test_a_skops_file_needs_no_trust_beyond_the_default(
    training: Training, name: str, number: int
) -> None:
    file = model_file(training.version(name, number))

    assert skops.io.get_untrusted_types(file=file) == []
    assert hasattr(skops.io.load(file, trusted=[]), "predict")


@of_kind(".onnx")
def test_an_onnx_graph_is_valid_and_names_the_outputs_of_the_signature(
    training: Training, name: str, number: int
) -> None:
    version = training.version(name, number)
    proto = onnx.load(model_file(version))

    onnx.checker.check_model(proto, full_check=True)
    assert [output.name for output in proto.graph.output] == [
        column["name"] for column in version.signature["outputs"]
    ]


@of_kind(".joblib")
def test_a_joblib_file_comes_back_as_the_model_that_was_written(
    training: Training, name: str, number: int, tmp_path: Path
) -> None:
    version = training.version(name, number)
    estimator = joblib.load(model_file(version))
    again = tmp_path / "again.joblib"
    joblib.dump(estimator, again)
    rows = np.array(version.input_example["data"])

    assert np.array_equal(joblib.load(again).predict(rows), estimator.predict(rows))


def test_one_joblib_file_is_compressed_and_one_is_not(training: Training) -> None:
    compressed = model_file(training.version("diabetes-progression", 1)).read_bytes()
    plain = model_file(training.version("wine-grade", 1)).read_bytes()

    assert zlib.decompress(compressed).startswith(b"\x80")
    assert plain.startswith(b"\x80")


def test_the_flagged_pickle_calls_one_harmless_global_beside_the_usual_ones(
    training: Training,
) -> None:
    named = globals_named_in(model_file(training.version(*FLAGGED)).read_bytes())
    unusual = {name for name in named if name.split(".")[0] not in {"numpy", "sklearn"}}

    assert unusual in ({"posix.getcwd"}, {"nt.getcwd"})


def test_reading_the_flagged_pickle_runs_nothing(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = model_file(training.version(*FLAGGED)).read_bytes()
    monkeypatch.setattr("os.getcwd", lambda: pytest.fail("the pickle ran"))

    assert [opcode.name for opcode, *_ in pickletools.genops(content)][-1] == "STOP"


def test_training_again_gives_the_same_models(training: Training, tmp_path: Path) -> None:
    again = run_training(tmp_path)

    for first, second in zip(training.versions, again.versions, strict=True):
        assert second.metrics == first.metrics
        assert second.input_example == first.input_example
        assert second.parameters == first.parameters
        # A skops file holds the time and object numbers of its making, so its bytes differ.
        if model_file(first).suffix != ".skops":
            assert model_file(second).read_bytes() == model_file(first).read_bytes()
