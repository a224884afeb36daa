"""Going back to the version before."""

import pytest
from django.db import IntegrityError

from apps.approvals import operations
from apps.approvals.readiness import GatesClosed
from apps.catalog import champion
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.errors import RuleBroken
from tests import scenarios
from tests.approvals.walk import (
    WHY,
    ask_again,
    break_the_record,
    damage,
    entries,
    forgettable,
    promote,
    refusals,
    run_again,
    sign,
)
from tests.factories import actor

pytestmark = pytest.mark.django_db


def roll_back(model: RegisteredModel, *, reason: str = WHY) -> ModelVersion:
    return operations.roll_back(model, by=actor(scenarios.operator()), reason=reason)


def stages(model: RegisteredModel) -> list[str]:
    return list(model.versions.order_by("number").values_list("stage", flat=True))


@pytest.fixture
def model(db: None) -> RegisteredModel:
    """A model whose second version replaced its first in production."""
    found = scenarios.promoted(Stage.PRODUCTION).version.model
    scenarios.promoted(Stage.PRODUCTION, found)
    return found


def test_a_rollback_puts_the_version_before_back_and_archives_the_present_one(
    model: RegisteredModel,
) -> None:
    first, second = model.versions.order_by("number")

    restored = roll_back(model)

    assert restored == first
    assert stages(model) == [Stage.PRODUCTION, Stage.ARCHIVED]
    assert champion.of(model) == first
    restored.refresh_from_db()
    assert restored.authorized_at == first.authorized_at
    [entry] = entries("model.roll_back")
    assert entry["subject"] == {"type": "model", "id": model.record_id}
    assert {first.record_ref, second.record_ref} <= {row["row"] for row in entry["rows"]}
    assert entry["detail"]["origin"] == second.record_id
    assert entry["detail"]["target"] == first.record_id
    assert entry["detail"]["readiness"]["transition"] == "rollback"
    assert entry["detail"]["readiness"]["is_open"] is True


def test_a_rollback_needs_a_reason(model: RegisteredModel) -> None:
    with pytest.raises(RuleBroken, match="Give a reason"):
        roll_back(model, reason=" ")

    assert refusals("model.roll_back") == ["rule_broken"]
    assert stages(model) == [Stage.ARCHIVED, Stage.PRODUCTION]


def test_a_model_with_nothing_in_production_has_nothing_to_go_back_from() -> None:
    version = scenarios.checked(Stage.PRODUCTION)

    with pytest.raises(RuleBroken, match="has no version before to go back to"):
        roll_back(version.model)

    assert stages(version.model) == [Stage.STAGING]


def test_the_first_version_in_production_has_no_version_before() -> None:
    version = scenarios.promoted(Stage.PRODUCTION).version

    with pytest.raises(RuleBroken, match="has no version before to go back to"):
        roll_back(version.model)

    assert refusals("model.roll_back") == ["rule_broken"]
    assert champion.of(version.model) == version


def test_a_rollback_is_not_rolled_back(model: RegisteredModel) -> None:
    roll_back(model)

    with pytest.raises(RuleBroken, match="has no version before to go back to"):
        roll_back(model)

    assert stages(model) == [Stage.PRODUCTION, Stage.ARCHIVED]


def test_a_rollback_goes_to_the_version_that_was_replaced_not_to_the_newest(
    model: RegisteredModel,
) -> None:
    roll_back(model)
    scenarios.promoted(Stage.PRODUCTION, model)

    roll_back(model)

    assert stages(model) == [Stage.PRODUCTION, Stage.ARCHIVED, Stage.ARCHIVED]


def test_a_rollback_waits_for_the_integrity_check_of_its_target(model: RegisteredModel) -> None:
    first = model.versions.get(number=1)
    ask_again(first, "artifact-integrity")

    with pytest.raises(GatesClosed) as refusal:
        roll_back(model)

    [closed] = refusal.value.closed
    assert closed.gate == "artifact_integrity_passed"
    assert closed.remedy.startswith("Run the artifact integrity check.")
    assert refusals("model.roll_back") == ["gates_closed"]
    assert stages(model) == [Stage.ARCHIVED, Stage.PRODUCTION]


def test_a_rollback_goes_on_once_the_integrity_check_passed_again(model: RegisteredModel) -> None:
    run_again(model.versions.get(number=1), "artifact-integrity")

    roll_back(model)

    assert stages(model) == [Stage.PRODUCTION, Stage.ARCHIVED]


def test_a_rollback_needs_no_other_check_and_no_new_sign_off(model: RegisteredModel) -> None:
    ask_again(model.versions.get(number=1), "schema")

    roll_back(model)

    assert entries("model.roll_back")[0]["detail"]["readiness"]["slots"] == []


def test_production_does_not_go_back_to_damaged_files() -> None:
    first = forgettable(Stage.PRODUCTION)
    request = scenarios.requested(Stage.PRODUCTION, version=first)
    for role, signer in scenarios.SIGNERS[Stage.PRODUCTION].items():
        sign(request, signer(), role)
    promote(request)
    scenarios.promoted(Stage.PRODUCTION, first.model)
    damage(first)

    with pytest.raises(GatesClosed, match="differ from it"):
        roll_back(first.model)

    assert stages(first.model) == [Stage.ARCHIVED, Stage.PRODUCTION]


def test_a_rollback_that_cannot_be_recorded_moves_nothing(
    model: RegisteredModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = model.versions.get(number=2)
    break_the_record(monkeypatch)

    with pytest.raises(IntegrityError):
        roll_back(model)

    assert stages(model) == [Stage.ARCHIVED, Stage.PRODUCTION]
    assert champion.of(model) == second
