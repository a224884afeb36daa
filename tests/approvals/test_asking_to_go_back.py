"""Asking to go back to a version: the operators' own request, with a gate like any other."""

import pytest
from django.db import IntegrityError

from apps.accounts.models import User
from apps.approvals import operations
from apps.approvals.models import ROLLBACK, PromotionRequest
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.errors import NotAllowed, RuleBroken
from tests import scenarios
from tests.approvals.exceptions import asked_rollback, two_in_turn
from tests.approvals.walk import WHY, break_the_record, entries, overwrite, refusals
from tests.factories import actor, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def first(db: None) -> ModelVersion:
    """The version that another one replaced in production."""
    found: ModelVersion = two_in_turn().versions.get(number=1)
    return found


def ask(version: ModelVersion, by: User | None = None, reason: str = WHY) -> PromotionRequest:
    return operations.request_promotion(
        version, by=actor(by or scenarios.operator()), target=Stage.PRODUCTION, reason=reason
    )


def test_asking_to_go_back_is_one_event_about_the_request(first: ModelVersion) -> None:
    request = asked_rollback(first.model)

    assert (request.version, request.transition) == (first, ROLLBACK)
    assert request.replaced == first.model.versions.get(number=2)
    [entry] = entries("version.request_rollback")
    assert entry["subject"] == {"type": "request", "id": request.record_id}
    assert entry["actor"]["id"] == scenarios.operator().record_id
    assert (entry["detail"]["transition"], entry["detail"]["target"]) == (ROLLBACK, "production")
    assert entry["detail"]["content"] == first.content_digest
    assert request.record_ref in {row["row"] for row in entry["rows"]}


def test_what_asks_to_go_back_is_carried_out_and_closed_by_going_back(first: ModelVersion) -> None:
    request = asked_rollback(first.model)

    operations.roll_back(first.model, by=actor(scenarios.operator()), reason=WHY, to=first)

    request.refresh_from_db()
    assert (request.state, request.closed_by) == (
        PromotionRequest.State.PROMOTED,
        scenarios.operator(),
    )


def test_asking_to_go_back_is_refused_in_words(first: ModelVersion) -> None:
    with pytest.raises(RuleBroken, match="Give a reason"):
        ask(first, reason=" ")
    for other in (scenarios.developer(), scenarios.owner(), person("root", administrator=True)):
        with pytest.raises(NotAllowed, match="Only an operator of this model asks to go back"):
            ask(first, by=other)
    ask(first)
    with pytest.raises(RuleBroken, match="already asks for this"):
        ask(first)

    assert refusals("version.request_rollback") == [
        "rule_broken",
        "not_allowed",
        "not_allowed",
        "not_allowed",
        "rule_broken",
    ]
    assert first.requests.filter(transition=ROLLBACK).count() == 1


def test_an_operator_asks_for_no_other_way_by_a_version_that_moved_meanwhile(
    first: ModelVersion,
) -> None:
    seen = ModelVersion.objects.get(pk=first.pk)
    overwrite(first, stage=Stage.STAGING)

    with pytest.raises(RuleBroken, match="changed its stage just now"):
        ask(seen)

    assert not first.requests.filter(state=PromotionRequest.State.OPEN).exists()


def test_a_request_to_go_back_that_cannot_be_recorded_is_not_made(
    first: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_the_record(monkeypatch)

    with pytest.raises(IntegrityError):
        ask(first)

    assert not first.requests.filter(transition=ROLLBACK).exists()
