"""Parameters are set for all models or for one; each change makes earlier results stale."""

from decimal import Decimal
from typing import Annotated

import msgspec
import pytest

from apps.audit.governed import UngovernedWrite
from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from apps.validation import checks, operations, queries, runner
from apps.validation.basis import Basis
from apps.validation.checks.contract import Check, Outcome, Parameters, Source
from apps.validation.models import CheckRun, CheckSetting
from tests.factories import actor, person
from tests.validation.records import detail, events


class Limits(Parameters, frozen=True):
    least: Annotated[Decimal, msgspec.Meta(description="The least that passes.")] = Decimal(1)
    name: str = "auc"

    def __post_init__(self) -> None:
        if not self.least >= 0:
            raise ValueError("least is not negative")


DEFAULTS = Limits()


def at_least(version: object, progress: object = None, parameters: Limits = DEFAULTS) -> Outcome:
    """Say which parameters it was given."""
    return Outcome(f"{parameters.name} of {parameters.least}.")


CHECK = Check(
    "limits", "Limits", "Looks.", at_least, "1", Limits, sources=frozenset({Source.RECORD})
)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "ALL", (CHECK,))
    monkeypatch.setattr(checks, "NAMES", (CHECK.name,))


@pytest.fixture
def risk(db: None) -> Actor:
    return actor(person("rosa", everywhere=("risk_officer",)))


def concluded(version: ModelVersion, by: Actor) -> CheckRun:
    [run] = operations.start_checks(version, by=by)
    runner.execute(run.pk, worker="w1")
    run.refresh_from_db()
    return run


def moved(version: ModelVersion, run: CheckRun) -> list[str]:
    return Basis.of([version], [run.check_name]).moved(run, version)


def test_a_check_runs_with_its_defaults_until_somebody_sets_others(
    version: ModelVersion, vera: Actor, risk: Actor
) -> None:
    assert concluded(version, vera).summary == "auc of 1."

    operations.set_parameters(None, "limits", {"least": 0.5}, by=risk, reason="House rule")
    assert concluded(version, vera).summary == "auc of 0.5."

    operations.set_parameters(version.model, "limits", {"name": "f1"}, by=vera, reason="Imbalanced")
    run = concluded(version, vera)
    assert run.summary == "f1 of 0.5."
    assert run.parameters == {"least": "0.5", "name": "f1"}


def test_setting_parameters_is_recorded_with_its_reason_and_voids_earlier_results(
    version: ModelVersion, vera: Actor
) -> None:
    run = concluded(version, vera)
    assert moved(version, run) == []

    setting = operations.set_parameters(
        version.model, "limits", {"least": "2"}, by=vera, reason="Board decision"
    )

    [event] = events("check.set_parameters", setting)
    assert detail(event) == {"check": "limits", "parameters": {"least": "2"}}
    assert moved(version, run) == ["parameters"]
    facts = queries.checks_facts(
        version,
        queries.newest_runs(version),
        judged_by=Basis.of([version], ["limits"]),
        at=database_now(),
    )
    assert facts["limits"]["fresh"] is False


def test_what_the_whole_organization_sets_is_recorded_as_such(risk: Actor) -> None:
    setting = operations.set_parameters(None, "limits", {"least": 3}, by=risk, reason="House rule")

    [event] = events("check.set_for_all", setting)
    assert detail(event)["parameters"] == {"least": "3"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"lest": 1}, "lest"),
        ({"least": -1}, "least"),
        ({"least": "many"}, "decimal"),
        ({"least": float("nan")}, "finite"),
        ({"least": "NaN"}, "finite"),
        ({"least": "Infinity"}, "finite"),
        ({"name": 5}, "name"),
        ({"name": {"a": "b"}}, "name"),
    ],
)
def test_a_value_the_check_does_not_take_is_refused_in_words_and_nothing_is_kept(
    version: ModelVersion, vera: Actor, values: dict[str, object], said: str
) -> None:
    with pytest.raises(InputRefused, match=said):
        operations.set_parameters(version.model, "limits", values, by=vera, reason="Try")

    assert not CheckSetting.objects.exists()


def test_the_same_parameters_again_are_refused(version: ModelVersion, vera: Actor) -> None:
    operations.set_parameters(version.model, "limits", {"least": 2}, by=vera, reason="Once")

    with pytest.raises(RuleBroken, match="set already"):
        operations.set_parameters(version.model, "limits", {"least": "2"}, by=vera, reason="Twice")


def test_developers_and_owners_do_not_set_what_their_own_model_is_held_to(
    version: ModelVersion,
) -> None:
    for duty in ("model_developer", "model_owner", "operator", "auditor"):
        by = actor(person(f"p-{duty}", everywhere=(duty,)))
        with pytest.raises(NotAllowed):
            operations.set_parameters(version.model, "limits", {"least": 0}, by=by, reason="Mine")
    validator = actor(person("val", everywhere=("validator",)))
    with pytest.raises(NotAllowed):
        operations.set_parameters(None, "limits", {"least": 0}, by=validator, reason="For all")


def test_a_parameter_a_later_release_no_longer_takes_is_left_out(
    version: ModelVersion, vera: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations.set_parameters(
        version.model, "limits", {"name": "f1", "least": 2}, by=vera, reason="Once"
    )
    later = Check(
        "limits", "Limits", "Looks.", lambda v, p=None, q=None: Outcome("Fine."), "2", Parameters
    )
    monkeypatch.setattr(checks, "ALL", (later,))

    assert concluded(version, vera).parameters == {}


def test_values_the_check_does_not_take_together_are_never_replaced_by_its_defaults(
    version: ModelVersion, vera: Actor, risk: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    drift = checks.drift.CHECK
    monkeypatch.setattr(checks, "ALL", (drift,))
    monkeypatch.setattr(checks, "NAMES", (drift.name,))
    operations.set_parameters(None, "drift", {"moderate": "0.2"}, by=risk, reason="House rule")
    operations.set_parameters(version.model, "drift", {"major": "0.15"}, by=vera, reason="Strict")

    run = concluded(version, vera)

    assert run.state == CheckRun.State.ERRORED
    assert "The parameters of Drift of the data are refused: major is a number" in run.summary


def test_what_is_recorded_with_a_version_makes_results_stale_when_it_changes(
    version: ModelVersion, vera: Actor
) -> None:
    run = concluded(version, vera)

    catalog.record_values(
        version,
        {"license": "Apache-2.0"},
        by=actor(person("dev2", everywhere=("model_developer",))),
    )

    assert moved(version, run) == ["record"]


def test_no_setting_is_written_past_an_operation(version: ModelVersion) -> None:
    with pytest.raises(UngovernedWrite):
        CheckSetting(model=version.model, check_name="limits").save()
