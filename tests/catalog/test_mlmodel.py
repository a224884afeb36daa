"""What a version declares is read from the model folder MLflow wrote, and nothing of it is run."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from apps.catalog import mlmodel
from apps.catalog.operations.sources import register_from_source
from apps.validation import operations as validation
from apps.validation import runner
from apps.validation.checks.schema_declared import read_side
from tests import scenarios
from tests.catalog.tracked import logged_with
from tests.factories import actor

pytestmark = pytest.mark.django_db

Folder = Mapping[str, bytes]


def declared(files: Folder) -> mlmodel.Declared:
    version = scenarios.registered_version(files=files)
    return mlmodel.read(list(version.files.select_related("artifact")))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Folder]:
    """The model folders MLflow wrote, by name."""
    at = tmp_path_factory.mktemp("models")
    program = [sys.executable, "-W", "ignore", "-m", "tests.catalog.model_folders", str(at)]
    subprocess.run(program, check=True, capture_output=True, env=dict(os.environ), timeout=120)
    return {name: read_folder(at / name) for name in ("columns", "tensor", "function")}


def read_folder(folder: Path) -> Folder:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_a_folder_with_columns_says_all_a_version_declares(written: Mapping[str, Folder]) -> None:
    found = declared(written["columns"])

    assert found.signature is not None
    assert [column.name for column in read_side(found.signature["inputs"]).columns] == ["x", "n"]
    assert found.input_example == {"columns": ["x", "n"], "data": [[1.0, 1], [2.0, 2], [3.0, 3]]}
    assert found.flavors == ["python_function", "sklearn"]
    assert found.framework.startswith("sklearn 1.")
    assert found.python_version.startswith("3.")
    assert "scikit-learn==1.7.0" in found.packages
    assert "numpy" in found.packages


@pytest.mark.slow
def test_a_tensor_with_parameters_is_read_as_well(written: Mapping[str, Folder]) -> None:
    found = declared(written["tensor"])
    assert found.signature is not None
    [tensor] = read_side(found.signature["inputs"]).tensors
    assert (tensor.dtype, tensor.shape) == ("float64", (-1, 2))
    assert [parameter["name"] for parameter in found.signature["params"]] == ["k"]
    assert found.input_example == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.slow
def test_a_python_function_has_no_framework(written: Mapping[str, Folder]) -> None:
    found = declared(written["function"])
    assert (found.framework, found.flavors) == ("", ["python_function"])
    assert found.input_example == ["a", "b"]


@pytest.mark.slow
def test_the_checks_understand_what_was_read(written: Mapping[str, Folder]) -> None:
    by = actor(scenarios.developer())
    logged = logged_with(written["columns"])
    version = register_from_source(scenarios.registered_model(), f"models:/{logged.uid}", by=by)

    [run] = validation.start_checks(version, by=by, names=["schema"])
    runner.execute(run.pk, worker="tests")

    run.refresh_from_db()
    assert run.state == "passed", run.summary


# -- what others write


def test_a_folder_without_a_description_declares_nothing() -> None:
    assert declared({"weights.bin": b"x"}) == mlmodel.Declared()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"- a\n- b\n",
        b"\xff\xfe",
        b"flavors: *anchor\n",
        b"flavors: !!python/object:os.system {}\n",
        b"flavors: {python_function: {python_version: [3]}}\n",
        b"signature: 7\nsaved_input_example_info: x\n",
        b"signature: {inputs: 'no json'}\n",
        b"signature: {inputs: '[NaN]'}\n",
        b"saved_input_example_info: {artifact_path: ../../etc/passwd}\n",
        b"saved_input_example_info: {artifact_path: absent.json}\n",
        b"x: " + b"[" * 100 + b"\n",
        b"x: " + b"y" * 300_000,
    ],
)
def test_what_cannot_be_read_is_left_out(text: bytes) -> None:
    found = declared({"MLmodel": text, "weights.bin": b"x"})
    assert found.signature is None
    assert found.input_example is None
    assert found.python_version == ""


def test_an_example_that_is_no_plain_json_is_left_out() -> None:
    info = b"saved_input_example_info: {artifact_path: example.json}\n"
    for example in (b"{", b'{"a": 1, "a": 2}', b"[" * 60, b"x" * (2**20 + 1)):
        assert declared({"MLmodel": info, "example.json": example}).input_example is None
    assert declared({"MLmodel": info, "example.json": b"[1]"}).input_example == [1]


def test_packages_come_from_the_environment_for_conda_when_there_is_no_list() -> None:
    conda = b"dependencies:\n- python=3.11\n- pip:\n  - numpy==2\n  - mlflow\n"
    assert declared({"MLmodel": b"{}", "conda.yaml": conda}).packages == ["numpy==2", "mlflow"]
    listed = {"MLmodel": b"{}", "conda.yaml": conda, "requirements.txt": b"# a\n-r x\n\npandas\n"}
    assert declared(listed).packages == ["pandas"]
