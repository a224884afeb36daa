"""Stages and the alias ``champion``: an MLflow client moves what was decided, and nothing else."""

import pytest

from apps.approvals import operations as approvals
from apps.approvals.models import PromotionRequest
from apps.audit.models import AuditEvent
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from tests import scenarios
from tests.api.caller import token_of
from tests.api.mlflow.program import Program, refused, said
from tests.approvals.walk import overwrite
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


STAGE = "model-versions/transition-stage"


def requested_to_archive() -> PromotionRequest:
    """Return an open request to archive the version in production, which nobody signed."""
    version = scenarios.promoted(Stage.PRODUCTION).version
    version.refresh_from_db()
    return scenarios.requested(Stage.ARCHIVED, version=version)


def test_a_developers_program_sends_a_version_back_and_sets_it_aside(dev: Program) -> None:
    version = scenarios.promoted(Stage.STAGING).version

    moved = said(dev.post(STAGE, **asked(version, "None")))
    assert moved["model_version"]["current_stage"] == "None"
    assert stage_of(version) == Stage.DEVELOPMENT

    said(dev.post(STAGE, **asked(version, "Archived")))
    assert stage_of(version) == Stage.ARCHIVED
    for action in ("version.send_back", "version.set_aside"):
        assert AuditEvent.objects.filter(action=action, outcome="done").count() == 1


@pytest.mark.parametrize("stage", ["None", "Archived"])
def test_an_operators_program_does_not_decide_what_developers_do(
    operator: Program, stage: str
) -> None:
    version = scenarios.promoted(Stage.STAGING).version
    words = refused(operator.post(STAGE, **asked(version, stage)), 403, DENIED)
    assert words.startswith("Only the model's developers and owner")
    assert stage_of(version) == Stage.STAGING


def test_archiving_what_is_in_production_is_carried_out_once_its_gate_is_open(
    operator: Program,
) -> None:
    request = requested_to_archive()
    words = refused(operator.post(STAGE, **asked(request.version, "Archived")), 403, DENIED)
    assert f"http://testserver/promotions/{request.pk}/" in words
    assert stage_of(request.version) == Stage.PRODUCTION
    scenarios.sign(request, scenarios.owner(), "model_owner")

    moved = said(operator.post(STAGE, **asked(request.version, "Archived")))

    assert moved["model_version"]["current_stage"] == "Archived"
    assert stage_of(request.version) == Stage.ARCHIVED
    request.refresh_from_db()
    assert request.state == PromotionRequest.State.PROMOTED


def test_archiving_that_nobody_asked_for_names_where_to_ask(operator: Program) -> None:
    version = scenarios.promoted(Stage.PRODUCTION).version
    words = refused(operator.post(STAGE, **asked(version, "Archived")), 403, DENIED)
    assert words.startswith("Nobody asked to archive")
    assert "/promote/?to=archived" in words
    assert stage_of(version) == Stage.PRODUCTION


@pytest.mark.parametrize("stage", ["None", "Staging"])
def test_what_is_in_production_goes_nowhere_else(operator: Program, stage: str) -> None:
    version = scenarios.promoted(Stage.PRODUCTION).version
    words = refused(operator.post(STAGE, **asked(version, stage)), 403, DENIED)
    assert words.startswith(f"No version goes from Production to {stage}.")
    assert stage_of(version) == Stage.PRODUCTION


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


def test_other_versions_in_staging_are_set_aside_by_who_may() -> None:
    model = scenarios.registered_model()
    other = scenarios.promoted(Stage.STAGING, model).version
    request = scenarios.signed_off(Stage.STAGING, model)
    there = asked(request.version, "Staging")
    both = scenarios.account("uma", "Uma Both", "operator", "model_developer")

    words = refused(
        Program(token_of(scenarios.operator())).post(
            STAGE, **there, archive_existing_versions=True
        ),
        403,
        DENIED,
    )
    assert "Ask without archive_existing_versions" in words
    assert stage_of(request.version) == Stage.DEVELOPMENT

    for _ in range(2):  # a program that asks again changes nothing more
        said(Program(token_of(both)).post(STAGE, **there, archive_existing_versions=True))
    assert stage_of(request.version) == Stage.STAGING
    assert stage_of(other) == Stage.ARCHIVED


def test_the_version_in_production_is_replaced_whether_or_not_a_client_asks_for_it(
    operator: Program,
) -> None:
    model = scenarios.registered_model()
    other = scenarios.promoted(Stage.PRODUCTION, model).version
    request = scenarios.signed_off(Stage.PRODUCTION, model)
    there = asked(request.version, "Production")
    said(operator.post(STAGE, **there, archive_existing_versions=True))
    assert (stage_of(request.version), stage_of(other)) == (Stage.PRODUCTION, Stage.ARCHIVED)


def test_where_several_are_in_production_none_is_archived_on_the_way(operator: Program) -> None:
    model = scenarios.registered_model()
    overwrite(model, runs_several=True)
    other = scenarios.promoted(Stage.PRODUCTION, model).version
    request = scenarios.signed_off(Stage.PRODUCTION, model)
    there = asked(request.version, "Production")
    answer = operator.post(STAGE, **there, archive_existing_versions=True)
    assert "by a request of its own" in refused(answer, 403, DENIED)
    assert stage_of(request.version) == Stage.STAGING
    said(operator.post(STAGE, **there))
    assert (stage_of(request.version), stage_of(other)) == (Stage.PRODUCTION, Stage.PRODUCTION)


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
    said(operator.post(STAGE, **asked(version, "Archived")))
    assert stage_of(version) == Stage.DECOMMISSIONED


def test_a_person_decides_what_a_client_carries_out() -> None:
    request = scenarios.signed_off(Stage.STAGING)
    approvals.withdraw_request(request, by=actor(scenarios.developer()), reason="Not yet")
    operator = Program(token_of(scenarios.operator()))
    answer = operator.post("model-versions/transition-stage", **asked(request.version, "Staging"))
    assert "was asked for" in refused(answer, 403, DENIED)
