"""The examples of the documentation, run with the MLflow client as it is, give what checks read."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from apps.catalog.models import ModelVersion
from apps.validation import operations, runner
from apps.validation.checks import drift
from apps.validation.models import CheckRun
from tests import scenarios
from tests.api.caller import token_of
from tests.factories import actor
from tests.validation.checks.stored import version_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "checks" / "measures.md"
CASES = 600


@pytest.fixture(scope="module")
def examples() -> list[str]:
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def cases() -> pd.DataFrame:
    chance = np.random.default_rng(7)
    table = pd.DataFrame(
        {
            "income": chance.normal(30_000, 8_000, CASES),
            "age": chance.integers(18, 90, CASES),
            "region": chance.choice(["north", "south"], CASES),
            "sex": chance.choice(["female", "male"], CASES),
        }
    )
    table["paid"] = (table["income"] + chance.normal(0, 8_000, CASES) > 30_000).astype(int)
    table.loc[:4, "income"] = np.nan
    return table


def test_the_profiles_of_the_page_are_profiles_and_show_what_shifted(
    examples: list[str], cases: pd.DataFrame
) -> None:
    [source] = [example for example in examples if "def profile_of" in example]
    space: dict[str, Any] = {}
    exec(compile(source, PAGE, "exec"), space)
    reference = space["profile_of"](cases.assign(same=1))
    later = cases.assign(same=1, income=cases["income"] * 2)
    current = space["profile_of"](later, like=reference)

    files = {
        "reference_profile.json": json.dumps(reference).encode(),
        "current_profile.json": json.dumps(current).encode(),
    }
    outcome = drift.examine(version_of(files))

    assert outcome.facts["compared"] == 6
    assert [problem.place for problem in outcome.problems] == ["feature 'income'"]


def test_the_profile_shown_on_the_page_is_one() -> None:
    [shown] = re.findall(r"```json\n(\{\"profile\".*?)```", PAGE.read_text(), re.DOTALL)

    outcome = drift.examine(version_of({"reference_profile.json": shown.encode()}))

    assert outcome.passed
    assert outcome.facts["features"] == 3


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore")  # those of the client are its own
def test_what_the_page_logs_is_what_the_checks_judge(
    examples: list[str],
    cases: pd.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    signed_in_client: None,
) -> None:
    monkeypatch.chdir(tmp_path)
    truth = cases["paid"]
    inputs = cases[["income", "age"]].fillna(0)
    model = LogisticRegression(max_iter=500).fit(inputs, truth)
    scores = pd.Series(model.predict_proba(inputs)[:, 1])
    space: dict[str, Any] = {"cases": cases, "truth": truth, "scores": scores, "model": model}

    exec(compile("\n".join(examples), PAGE, "exec"), space)

    version = ModelVersion.objects.get(model__name="loans")
    thresholds = [{"metric": "auc", "least": "0.5"}, {"metric": "log_loss", "most": 1}]
    operations.set_parameters(
        version.model,
        "metric-thresholds",
        {"thresholds": thresholds},
        by=actor(scenarios.validator()),
        reason="Policy",
    )
    found = {name: concluded(version, name) for name in ("metric-thresholds", "fairness", "drift")}
    assert found["metric-thresholds"].state == CheckRun.State.PASSED
    assert "auc on holdout" in found["metric-thresholds"].facts["table"]
    assert found["fairness"].facts["attributes"] == ["sex on holdout"]
    assert found["fairness"].facts["comparisons"] == 3
    assert found["drift"].facts["reference"].endswith("/reference_profile.json")
    assert found["drift"].facts["features"] == 5


@pytest.fixture
def signed_in_client(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the client of MLflow act for the developer."""
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(live_server.url)
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token_of(scenarios.developer()))
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    mlflow.set_experiment("Default")  # the client remembers the one of an earlier test
    yield
    mlflow.set_tracking_uri(before)


def concluded(version: ModelVersion, name: str) -> CheckRun:
    [run] = operations.start_checks(version, by=actor(scenarios.developer()), names=[name])
    runner.execute(run.pk, worker="w1")
    run.refresh_from_db()
    return run
