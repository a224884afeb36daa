"""Checks of numbers and columns, carried out by a worker on what was really recorded."""

import json
from typing import Any

import pytest

from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.catalog.training import MetricFacts, RunFacts
from apps.validation import operations, runner
from apps.validation.basis import Basis
from apps.validation.models import CheckRun
from tests.factories import actor
from tests.scenarios import SIGNATURE, developer, registered_version, validator
from tests.validation.records import overwrite


def concluded(version: ModelVersion, name: str) -> CheckRun:
    [run] = operations.start_checks(version, by=actor(developer()), names=[name])
    runner.execute(run.pk, worker="w1")
    run.refresh_from_db()
    return run


def codes(run: CheckRun) -> set[str]:
    return {problem["code"] for problem in run.problems}


def measured(value: float) -> RunFacts:
    metric = MetricFacts("auc", value, "holdout", higher_is_better=True)
    return RunFacts("nightly", metrics=(metric,))


def test_a_threshold_somebody_set_is_held_against_what_the_run_measured(
    version: ModelVersion,
) -> None:
    assert concluded(version, "metric-thresholds").facts == {"applies": False}

    values: dict[str, Any] = {"thresholds": [{"metric": "auc", "least": 0.9}]}
    by = actor(validator())
    operations.set_parameters(version.model, "metric-thresholds", values, by=by, reason="Policy")
    run = concluded(version, "metric-thresholds")
    assert run.state == CheckRun.State.PASSED
    assert run.facts["table"] == {"auc on holdout": "0.91 [0.89, 0.93]; at least 0.9: holds"}

    values["thresholds"][0]["whole_interval"] = True
    operations.set_parameters(version.model, "metric-thresholds", values, by=by, reason="Stricter")
    assert Basis.of([version], [run.check_name]).moved(run, version) == ["parameters"]
    assert codes(concluded(version, "metric-thresholds")) == {"past_threshold"}


@pytest.fixture
def champion(db: None) -> ModelVersion:
    """A version in production, past every rule: what gates ask is not looked at here."""
    version = registered_version()
    overwrite(version, stage=Stage.PRODUCTION)
    return version


def test_a_version_is_held_against_the_one_in_production(champion: ModelVersion) -> None:
    worse = registered_version(champion.model, run=measured(0.5))
    better = registered_version(champion.model, run=measured(0.95))

    run = concluded(worse, "champion-comparison")
    assert run.state == CheckRun.State.FAILED
    assert "worse" in codes(run)
    assert f"version {champion.number} in production has 0.91" in run.problems[0]["text"]
    run = concluded(better, "champion-comparison")
    assert run.state == CheckRun.State.PASSED
    assert concluded(champion, "champion-comparison").facts == {"applies": False}


def test_columns_are_held_against_those_in_production(champion: ModelVersion) -> None:
    renamed = {**SIGNATURE, "outputs": [{"name": "z", "type": "double"}]}

    same = registered_version(champion.model)
    run = concluded(registered_version(champion.model, signature=renamed), "schema-champion")

    assert codes(run) == {"removed_output", "added_output"}
    assert run.state == CheckRun.State.FAILED
    run = concluded(same, "schema-champion")
    assert run.state == CheckRun.State.PASSED
    assert run.facts["champion"] == champion.number


def test_groups_are_read_from_what_was_recorded_by_slice(version: ModelVersion) -> None:
    assert concluded(version, "fairness").facts == {"applies": False}

    rates = {"female": 0.3, "male": 0.5}
    metrics = tuple(
        MetricFacts(key, value, "holdout", slice=f"sex={sex}")
        for sex, rate in rates.items()
        for key, value in (("selection_rate", rate), ("sample_size", 400))
    )
    unfair = registered_version(version.model, run=RunFacts("nightly", metrics=metrics))
    run = concluded(unfair, "fairness")
    assert codes(run) == {"selection_ratio"}
    assert run.evidence is not None


def test_data_is_held_against_the_profile_among_the_files_as_profiles_are_attached(
    db: None,
) -> None:
    files = {"extra_files/reference_profile.json": profile(north=600, south=400)}
    version = registered_version(files=files)
    run = concluded(version, "drift")
    assert run.state == CheckRun.State.PASSED
    assert (run.facts["features"], run.facts["compared"]) == (1, 0)

    current = [profile(north=100, south=900)]
    by = actor(developer())
    operations.attach_attestation(version, "other", "current_profile.json", current, by=by)
    assert Basis.of([version], [run.check_name]).moved(run, version) == ["attestations"]
    run = concluded(version, "drift")
    assert codes(run) == {"major_shift"}


def profile(**counts: int) -> bytes:
    feature = {"count": sum(counts.values()), "values": counts}
    return json.dumps({"profile": 1, "features": {"region": feature}}).encode()
