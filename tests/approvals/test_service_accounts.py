"""Duties bind the person who answers for a service account as if they had done it themselves."""

from typing import Any

import pytest

from apps.accounts import operations as accounts
from apps.accounts.models import User
from apps.approvals import operations, signers
from apps.approvals.facts import context
from apps.approvals.facts.context import Evidence
from apps.approvals.models import PromotionRequest
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, RuleBroken
from apps.validation import operations as validation
from tests import scenarios
from tests.approvals import exceptions
from tests.approvals.walk import WHY, case_of, is_open, refusals, sign
from tests.factories import HOST, actor, person
from tests.validation.documents.conftest import USES

pytestmark = pytest.mark.django_db


@pytest.fixture
def robot(db: None) -> User:
    """A service account that builds and asks, for which the validator answers."""
    return service(scenarios.validator())


def service(manager: User | None) -> User:
    return person("robot", everywhere=("model_developer",), service=True, manager=manager)


def asked(version: ModelVersion, by: User, target: Stage = Stage.PRODUCTION) -> PromotionRequest:
    return operations.request_promotion(version, by=actor(by), target=target, reason=WHY)


def transition_of(request: PromotionRequest, executor: str = "") -> dict[str, Any]:
    evidence = Evidence.about([request.version])
    facts = context.of_request(request, evidence, at=database_now(), executor=executor)
    told = facts["transition"]
    assert isinstance(told, dict)
    return told


def eligible(request: PromotionRequest, role: str) -> list[User]:
    return signers.eligible(case_of(request))[role]


def test_who_answers_for_the_account_that_asks_does_not_sign(robot: User) -> None:
    request, vera = asked(scenarios.checked(Stage.PRODUCTION), robot), scenarios.validator()
    victor = person("victor", everywhere=("validator",))

    with pytest.raises(NotAllowed, match="requested this promotion"):
        sign(request, vera, "validator")

    assert transition_of(request)["requested_by"] == vera.record_id
    assert eligible(request, "validator") == [victor]
    sign(request, victor, "validator")
    sign(request, scenarios.risk_officer(), "risk_officer")
    assert is_open(request)


def test_who_answers_for_the_account_that_built_it_does_not_sign(robot: User) -> None:
    vera, wanda = scenarios.validator(), person("wanda", everywhere=("validator",))
    victor = person("victor", everywhere=("validator",))
    version = scenarios.check(scenarios.registered_version(by=actor(robot)))
    accounts.entrust_account(robot, by=HOST, manager=victor, reason="Vera moved on")
    request = scenarios.requested(version=version)
    operations.promote(signed_by_owner(request), by=actor(scenarios.operator()), reason=WHY)
    version.refresh_from_db()
    further = scenarios.requested(Stage.PRODUCTION, version=version)

    for one in (vera, victor):
        with pytest.raises(NotAllowed, match="contributed to this version"):
            sign(further, one, "validator")
    assert eligible(further, "validator") == [wanda]


def signed_by_owner(request: PromotionRequest) -> PromotionRequest:
    sign(request, scenarios.owner(), "model_owner")
    return request


def test_a_sign_off_ends_once_the_signer_answers_for_who_asked(robot: User) -> None:
    request = asked(scenarios.checked(Stage.PRODUCTION), robot)
    victor = person("victor", everywhere=("validator",))
    sign(request, victor, "validator")
    sign(request, scenarios.risk_officer(), "risk_officer")
    assert is_open(request)

    accounts.entrust_account(robot, by=HOST, manager=victor, reason="Vera moved on")

    assert not is_open(request)
    assert any("requested this promotion" in why for why in case_of(request).why_void.values())


def test_an_account_nobody_answers_for_asks_for_nothing() -> None:
    vera, version = scenarios.validator(), scenarios.checked(Stage.PRODUCTION)
    robot, unscanned = service(None), exceptions.unscanned()
    words = "Nobody answers for the service account Robot"

    with pytest.raises(RuleBroken, match=words):
        asked(version, robot)
    with pytest.raises(RuleBroken, match=words):
        exceptions.asked(unscanned, by=robot)
    accounts.entrust_account(robot, by=HOST, manager=vera, reason="It is hers")
    accounts.close_account(vera, by=HOST, reason="Left")
    with pytest.raises(RuleBroken, match=words):
        asked(version, robot)
    accounts.entrust_account(robot, by=HOST, manager=scenarios.owner(), reason="Hers now")

    assert asked(version, robot).requested_by == robot
    assert len(refusals("version.request_promotion")) == 2
    assert len(refusals("version.ask_for_waiver")) == 1


def test_who_answers_for_the_account_signs_no_waiver_it_asks_for_or_needs() -> None:
    rita, other = scenarios.risk_officer(), person("rod", everywhere=("risk_officer",))
    robot = service(rita)
    asked_for = exceptions.asked(by=robot)
    with pytest.raises(NotAllowed, match="You asked for this waiver"):
        exceptions.sign_waiver(asked_for, rita)
    exceptions.sign_waiver(asked_for, other)

    built = exceptions.asked(scenarios.registered_version(by=actor(robot)))
    with pytest.raises(NotAllowed, match="You contributed to this version"):
        exceptions.sign_waiver(built, rita)


def test_what_the_account_carries_out_or_submits_counts_as_done_by_who_answers(
    robot: User,
) -> None:
    vera, version = scenarios.validator(), scenarios.checked(Stage.PRODUCTION)
    request = scenarios.requested(Stage.PRODUCTION, version=version)
    item = validation.add_evidence(
        version,
        "performance_test_report",
        by=actor(robot),
        title="Holdout report",
        file=validation.SentFile("report.pdf", [b"%PDF-1.7 report"]),
        link="",
    )

    with pytest.raises(NotAllowed, match="somebody else has to verify it"):
        validation.verify_evidence(item, by=actor(vera))

    told = transition_of(request, executor=robot.record_id)
    assert told["executor_id"] == vera.record_id
    assert Evidence.about([version]).records.with_who_answers([robot.record_id]) == [
        robot.record_id,
        vera.record_id,
    ]
    back = context.of_rollback(version, asked_by=robot.record_id, reason=WHY, at=database_now())
    asking = back["transition"]
    assert isinstance(asking, dict)
    assert asking["requested_by"] == vera.record_id


def test_who_answers_for_the_account_that_wrote_it_does_not_sign_the_document(
    robot: User,
) -> None:
    vera = actor(scenarios.validator())
    card = validation.start_document(
        scenarios.registered_version(), "model-card", by=actor(scenarios.developer())
    )
    validation.save_section(card, "intended_use", USES, by=actor(robot))
    revision = validation.submit_document(card, by=actor(scenarios.developer()))

    with pytest.raises(NotAllowed, match="You wrote part of this text"):
        validation.approve_document(card, by=vera, role="validator", digest=revision.digest)
    other = actor(person("victor", everywhere=("validator",)))
    validation.approve_document(card, by=other, role="validator", digest=revision.digest)
