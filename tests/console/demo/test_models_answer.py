"""Every model of the demo that ships as ONNX answers its own example, as it declares."""

import sys

import pytest

from apps.validation.checks.contract import silent
from apps.validation.checks.inference import CHECK
from apps.validation.confined import carry_out
from tests.console.demo.conftest import Training
from tests.console.demo.test_shipped_files import of_kind
from tests.validation.checks.stored import StoredFile, StoredVersion


@pytest.mark.skipif(sys.platform != "linux", reason="walls are Linux's")
@of_kind(".onnx")
def test_a_model_passes_the_check_that_runs_it(training: Training, name: str, number: int) -> None:
    shipped = training.version(name, number)
    files = [StoredFile(path.name, path.read_bytes()) for path in sorted(shipped.folder.iterdir())]
    version = StoredVersion(
        files, signature={**shipped.signature}, input_example=shipped.input_example
    )

    outcome = carry_out(CHECK, version, silent, CHECK.parameters())

    assert {problem.code for problem in outcome.problems} == {"no_logged_answer"}
    assert "always with the same answer" in outcome.summary
    assert outcome.facts["rows"] == len(shipped.input_example["data"])
