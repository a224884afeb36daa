"""Inference: models are run confined, on their own example, and what they answer is judged."""

import json
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

import pytest

from apps.validation.checks.contract import Weight
from apps.validation.checks.inference import CHECK, Inference, candidates, content, onnx_run
from apps.validation.confined.walls import NEEDED_TO_RUN_MODELS, NO_FILES
from tests.validation.checks import onnx_models as models
from tests.validation.checks.onnx_runs import (
    ANSWERS,
    EXAMPLE,
    WalledVersion,
    answers_of,
    confined_outcome,
    outcome_of,
    text_of,
)
from tests.validation.checks.stored import (
    StoredFile,
    StoredVersion,
    grave_codes,
    version_of,
)

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="walls are Linux's")


def test_the_check_is_confined_and_for_few_workers() -> None:
    assert CHECK.is_confined
    assert CHECK.weight is Weight.HEAVY
    assert (CHECK.memory, CHECK.seconds) == (4096, 600)
    assert CHECK.formats[0] == "ONNX"


@linux_only
def test_a_model_is_run_in_a_process_that_reaches_nothing() -> None:
    logged = {"output_example.json": json.dumps(ANSWERS).encode()}

    outcome = confined_outcome(models.linear(), logged)

    assert outcome.passed
    assert outcome.summary == "Run 20 times on the example, always with the same answer, as logged."
    assert set(cast(list[str], outcome.facts["confined_by"])) >= NEEDED_TO_RUN_MODELS
    assert outcome.tools.keys() == {"numpy", "onnx", "onnxruntime"}
    assert outcome.facts["inputs"] == {"x": "tensor(float) ['?', 2]"}
    assert outcome.facts["outputs"] == {"y": "float32 [2, 1]"}
    assert outcome.facts["compared_values"] == 2


@linux_only
def test_tensors_in_other_files_of_the_version_are_run_with_the_model() -> None:
    files = {"weights.bin": b"\0" * 16 + models.WEIGHTS.tobytes()}

    outcome = confined_outcome(models.linear_outside("weights.bin", offset=16), files)

    assert outcome.passed
    assert answers_of(outcome) == ["8.0", "18.0"]


@linux_only
@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("../../../../etc/passwd", "outside_reference"),
        ("/etc/passwd", "outside_reference"),
        ("", "outside_reference"),
        ("weights.bin", "missing_reference"),
    ],
)
def test_no_tensor_is_read_from_outside_of_the_version(location: str, code: str) -> None:
    outcome = confined_outcome(models.linear_outside(location))

    assert code in grave_codes(outcome)
    assert "was not run" in outcome.summary


@linux_only
def test_a_model_that_takes_too_much_is_ended_and_never_passes() -> None:
    endless = confined_outcome(models.endless(), seconds=2)
    huge = confined_outcome(models.huge())

    assert "model.onnx, run 1 of 20" in text_of(endless, "not_examined")
    assert "more memory than it may take: 1,099,511,627,776 bytes" in text_of(huge, "out_of_memory")


@linux_only
@pytest.mark.parametrize("model", [models.custom, models.hidden_custom])
def test_operations_that_are_code_from_elsewhere_are_refused(model: Callable[[], bytes]) -> None:
    outcome = confined_outcome(model())

    assert "'com.elsewhere'" in text_of(outcome, "custom_operations")
    assert not outcome.passed


@linux_only
def test_bytes_that_break_the_reader_are_a_problem() -> None:
    whole = models.linear()
    for damaged in (whole[:60], whole[:-3], b"\x08" * 50, b"junk", b""):
        assert not confined_outcome(damaged).passed, damaged


def test_without_every_wall_no_model_is_run() -> None:
    version = WalledVersion(
        [StoredFile("model.onnx", models.linear())],
        input_example=EXAMPLE,
        walls=tuple(NEEDED_TO_RUN_MODELS - {NO_FILES}),
    )
    outcome = onnx_run.examine(version)
    in_the_open = onnx_run.examine(StoredVersion(version.files, input_example=EXAMPLE))

    assert "cannot confine a model: it does not ensure no files" in text_of(outcome, "not_confined")
    assert grave_codes(in_the_open) == {"not_confined"}
    assert "load_microseconds" not in outcome.facts


def test_a_worker_without_the_libraries_cannot_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_run, "TRY", None)
    monkeypatch.setattr(onnx_run, "LACKS", "onnxruntime")

    outcome = outcome_of(models.linear())

    assert "the worker has no onnxruntime" in text_of(outcome, "no_library")
    assert not outcome.passed


def test_a_version_without_an_onnx_model_has_nothing_to_run() -> None:
    outcome = onnx_run.examine(version_of({"model.pkl": b"\x80\x04.", "README.md": b"\x08"}))

    assert outcome.facts == {"applies": False}
    assert outcome.passed
    assert "Export the model to ONNX" in outcome.summary


def test_references_to_what_is_not_there_are_refused() -> None:
    weights = {"weights.bin": models.WEIGHTS.tobytes()}
    for offset, length in ((4, 8), (-1, 4), (0, -1), (100, None)):
        model = models.linear_outside("weights.bin", offset, length)
        assert grave_codes(outcome_of(model, files=weights)) == {"broken_reference"}, offset

    unreadable = models.linear_outside("weights.bin").replace(
        b"weights.bin", b"weights\xff\xfe.xx"[:11]
    )
    assert grave_codes(outcome_of(unreadable, files=weights)) == {"missing_reference"}

    gone = StoredFile("weights.bin", models.WEIGHTS.tobytes(), is_gone=True)
    files = [StoredFile("model.onnx", models.linear_outside("weights.bin")), gone]
    outcome = onnx_run.examine(WalledVersion(files, input_example=EXAMPLE))
    assert grave_codes(outcome) == {"missing_file"}


def test_a_model_larger_than_what_is_run_cannot_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    model, weights = models.linear_outside("weights.bin"), models.WEIGHTS.tobytes()
    for most in (len(model) - 1, len(model) + 7):
        monkeypatch.setattr(content, "MOST_BYTES", most)
        outcome = outcome_of(model, files={"weights.bin": weights})
        assert "Cannot tell" in text_of(outcome, "too_large")


def test_of_several_models_the_one_is_run_that_mlmodel_names() -> None:
    described = b"flavors:\n  onnx:\n    data: second.onnx\n"
    files = {"second.onnx": models.linear(), "third.onnx": models.custom(), "MLmodel": described}

    outcome = outcome_of(models.random(), files=files)

    assert outcome.facts["model"] == "second.onnx"
    assert outcome.facts["only_loaded"] == ["model.onnx", "third.onnx"]
    assert grave_codes(outcome) == {"custom_operations"}


def test_of_several_models_the_one_with_the_usual_name_is_run() -> None:
    outcome = outcome_of(models.linear(), files={"other.onnx": models.linear(), "MLmodel": b"- ["})

    assert outcome.facts["model"] == "model.onnx"
    assert outcome.passed


def test_when_nothing_tells_which_model_the_example_is_for_none_is_run() -> None:
    files = {name: models.linear() for name in ("a.onnx", "b.onnx")}
    version = WalledVersion(
        [StoredFile(path, data) for path, data in files.items()], input_example=EXAMPLE
    )

    assert "a.onnx, b.onnx" in text_of(onnx_run.examine(version), "several_models")


def test_models_are_found_by_their_bytes_and_names_alone_are_no_models() -> None:
    by_bytes = candidates.find(version_of({"weights": models.linear()}).files)
    by_name = candidates.find(version_of({"a.onnx": b"\x08\x01"}).files)
    gone = candidates.find([StoredFile("a.onnx", models.linear(), is_gone=True)])

    assert [file.path for file in by_bytes.files] == ["weights"]
    assert [problem.code for problem in by_name.problems] == ["unreadable_model"]
    assert [problem.code for problem in gone.problems] == ["missing_file"]


@pytest.mark.parametrize(
    "values",
    [{"repeats": 1}, {"repeats": 1001}, {"relative_tolerance": 2}, {"absolute_tolerance": -1}],
)
def test_parameters_have_bounds(values: dict[str, int]) -> None:
    given: dict[str, Any] = {
        name: value if name == "repeats" else Decimal(value) for name, value in values.items()
    }
    with pytest.raises(ValueError, match="number from"):
        Inference(**given)
