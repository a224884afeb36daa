"""Stages and the alias ``champion``: an MLflow client moves what was decided, and nothing else."""

import pytest

from apps.approvals import operations as approvals
from apps.approvals.models import PromotionRequest
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from tests import scenarios
from tests.api.caller import token_of
from tests.api.mlflow.program import Program, refused, said
from tests.factories import actor

pytestmark = pytest.mark.django_db

INVALID, ABSENT, DENIED = (
    "INVALID_PARAMETER_VALUE",
    "RESOURCE_DOES_NOT_EXIST",
    "PERMISSION_DENIED",
)


@pytest.fixture
def operator() -> Program:
    """A program of an operator, who carries promotions out."""
    return Program(token_of(scenarios.operator()))


def asked(version: ModelVersion, stage: str) -> dict[str, str]:
    return {"name": version.model.name, "version": str(version.number), "stage": stage}


def champion(version: ModelVersion) -> dict[str, str]:
    return {
        "name": version.model.name,
        "version": str(version.number),
        "alias": "champion",
    }


def stage_of(version: ModelVersion) -> str:
    version.refresh_from_db()
    return version.stage


def test_an_open_gate_lets_a_client_carry_the_promotion_out(operator: Program) -> None:
    request = scenarios.signed_off(Stage.STAGING)

    moved = said(
        operator.post("model-versions/transition-stage", **asked(request.version, "staging"))
    )

    assert moved["model_version"]["current_stage"] == "Staging"
    assert stage_of(request.version) == Stage.STAGING
    request.refresh_from_db()
    assert request.state == PromotionRequest.State.PROMOTED


def test_the_alias_champion_is_a_promotion_to_production(operator: Program) -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)

    assert said(operator.post("registered-models/alias", **champion(request.version))) == {}

    assert stage_of(request.version) == Stage.PRODUCTION
    name = request.version.model.name
    found = said(operator.get("registered-models/alias", name=name, alias="champion"))
    assert found["model_version"]["version"] == str(request.version.number)
    assert found["model_version"]["current_stage"] == "Production"


def test_a_closed_gate_says_what_keeps_it_shut_and_where_to_go(operator: Program) -> None:
    request = scenarios.requested(Stage.STAGING)

    words = refused(
        operator.post("model-versions/transition-stage", **asked(request.version, "Staging")),
        403,
        DENIED,
    )

    assert "A sign-off is missing" in words
    assert f"http://testserver/promotions/{request.pk}/" in words
    assert stage_of(request.version) == Stage.DEVELOPMENT


def test_without_a_request_a_client_hears_where_to_make_one(operator: Program) -> None:
    version = scenarios.registered_version()
    words = refused(
        operator.post("model-versions/transition-stage", **asked(version, "Staging")), 403, DENIED
    )
    assert "was asked for" in words
    assert "http://testserver/models/" in words


def test_nobody_skips_staging(operator: Program) -> None:
    version = scenarios.registered_version()
    for answer in (
        operator.post("model-versions/transition-stage", **asked(version, "Production")),
        operator.post("registered-models/alias", **champion(version)),
    ):
        assert "from Staging" in refused(answer, 403, DENIED)
    assert stage_of(version) == Stage.DEVELOPMENT


def test_only_an_operator_carries_a_promotion_out(dev: Program) -> None:
    request = scenarios.signed_off(Stage.STAGING)
    words = refused(
        dev.post("model-versions/transition-stage", **asked(request.version, "Staging")),
        403,
        DENIED,
    )
    assert words == "Only an operator of this model carries promotions out."
    assert stage_of(request.version) == Stage.DEVELOPMENT


@pytest.mark.parametrize("stage", ["None", "Archived"])
def test_a_client_takes_no_version_back(operator: Program, stage: str) -> None:
    version = scenarios.promoted(Stage.STAGING).version
    words = refused(
        operator.post("model-versions/transition-stage", **asked(version, stage)), 403, DENIED
    )
    assert "by a decision of its own" in words
    assert stage_of(version) == Stage.STAGING


def test_a_version_that_is_there_already_stays_without_refusal(operator: Program) -> None:
    version = scenarios.promoted(Stage.STAGING).version
    moved = said(operator.post("model-versions/transition-stage", **asked(version, "Staging")))
    assert moved["model_version"]["current_stage"] == "Staging"


def test_the_champion_can_be_named_champion_again(operator: Program) -> None:
    version = scenarios.promoted(Stage.PRODUCTION).version
    assert said(operator.post("registered-models/alias", **champion(version))) == {}


def test_an_operators_program_goes_back_to_what_was_replaced(operator: Program) -> None:
    model = scenarios.registered_model()
    first = scenarios.promoted(Stage.PRODUCTION, model).version
    second = scenarios.promoted(Stage.PRODUCTION, model).version
    assert stage_of(first) == Stage.ARCHIVED

    said(operator.post("model-versions/transition-stage", **asked(first, "Production")))

    assert stage_of(first) == Stage.PRODUCTION
    assert stage_of(second) == Stage.ARCHIVED


def test_only_the_version_that_was_replaced_comes_back(operator: Program) -> None:
    model = scenarios.registered_model()
    first = scenarios.promoted(Stage.PRODUCTION, model).version
    for _ in range(2):
        scenarios.promoted(Stage.PRODUCTION, model)
    assert approvals.rollback_target(serving(first)) != first

    answer = operator.post("model-versions/transition-stage", **asked(first, "Production"))

    assert "does not go back to it" in refused(answer, 403, DENIED)


def serving(version: ModelVersion) -> ModelVersion:
    current = approvals.serving(version.model)
    assert current is not None
    return current


def test_versions_are_archived_on_the_way_only_into_an_active_stage(operator: Program) -> None:
    version = scenarios.promoted(Stage.STAGING).version
    for stage in ("None", "Archived"):
        answer = operator.post(
            "model-versions/transition-stage",
            **asked(version, stage),
            archive_existing_versions=True,
        )
        assert "Active stages are Staging, Production." in refused(answer, 400, INVALID)


def test_other_versions_in_staging_are_not_archived_on_the_way(operator: Program) -> None:
    model = scenarios.registered_model()
    other = scenarios.promoted(Stage.STAGING, model).version
    request = scenarios.signed_off(Stage.STAGING, model)

    answer = operator.post(
        "model-versions/transition-stage",
        **asked(request.version, "Staging"),
        archive_existing_versions=True,
    )

    assert "Ask without archive_existing_versions" in refused(answer, 403, DENIED)
    assert stage_of(other) == Stage.STAGING
    assert stage_of(request.version) == Stage.DEVELOPMENT


def test_a_stage_nobody_knows_is_refused(operator: Program) -> None:
    version = scenarios.registered_version()
    answer = operator.post("model-versions/transition-stage", **asked(version, "Live"))
    assert "None, Staging, Production, Archived" in refused(answer, 400, INVALID)


def test_what_may_not_be_seen_is_not_moved(stranger: Program) -> None:
    version = scenarios.registered_version()
    answer = stranger.post("model-versions/transition-stage", **asked(version, "Staging"))
    refused(answer, 404, ABSENT)
    refused(stranger.post("registered-models/alias", **champion(version)), 404, ABSENT)


def test_a_decommissioned_version_is_archived_to_clients(operator: Program) -> None:
    version = scenarios.registered_version()
    ModelVersion._base_manager.filter(pk=version.pk).update(stage=Stage.DECOMMISSIONED)
    name, number = version.model.name, str(version.number)
    shown = said(operator.get("model-versions/get", name=name, version=number))
    assert shown["model_version"]["current_stage"] == "Archived"


def test_a_person_decides_what_a_client_carries_out() -> None:
    request = scenarios.signed_off(Stage.STAGING)
    approvals.withdraw_request(request, by=actor(scenarios.developer()), reason="Not yet")
    operator = Program(token_of(scenarios.operator()))
    answer = operator.post("model-versions/transition-stage", **asked(request.version, "Staging"))
    assert "was asked for" in refused(answer, 403, DENIED)
