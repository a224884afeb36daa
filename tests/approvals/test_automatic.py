"""What the policy lets happen by itself: carried out once its gate is open, and only then."""

from datetime import timedelta

import pytest

from apps.approvals import in_force, operations
from apps.approvals.models import Authorization, PromotionRequest
from apps.approvals.operations import automatic
from apps.approvals.readiness import GatesClosed
from apps.catalog import champion
from apps.catalog.lifecycle import Stage
from apps.core.actors import SYSTEM
from apps.core.clock import database_now
from apps.core.errors import DomainError, NotAllowed
from apps.core.sweeping import NotDue
from tests import scenarios
from tests.approvals.exceptions import entries, move_clock, refusals
from tests.approvals.policy_texts import Document, changed, move
from tests.approvals.walk import break_the_record
from tests.console.conftest import Reads
from tests.factories import actor

pytestmark = pytest.mark.django_db

PROMOTED, OPEN = PromotionRequest.State.PROMOTED, PromotionRequest.State.OPEN
MOVES = (
    "development_to_staging",
    "staging_to_production",
    "reauthorization",
    "production_to_archived",
    "rollback",
)


def by_itself(monkeypatch: pytest.MonkeyPatch, *moves: str, days: int = 0) -> None:
    """Let a policy be in force under which some moves happen by themselves."""

    def change(document: Document) -> None:
        for name in moves:
            move(document, name)["carried_out_by"] = "policy"
            if days:
                move(document, name)["cooling_off_days"] = dict.fromkeys(("1", "2", "3", "4"), days)

    policy = changed(change)
    monkeypatch.setattr(in_force, "policy", lambda: policy)


def carried_out() -> int:
    return operations.carry_out_what_may(database_now())


def stage_of(request: PromotionRequest) -> str:
    request.version.refresh_from_db()
    return request.version.stage


def test_an_open_gate_carries_itself_out_once_and_says_by_what_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    by_itself(monkeypatch, "development_to_staging")
    waits = scenarios.requested()
    request = scenarios.signed_off()

    assert [carried_out() for _ in range(2)] == [1, 0]

    request.refresh_from_db()
    assert (request.state, request.closed_by) == (PROMOTED, None)
    assert (stage_of(request), stage_of(waits)) == (Stage.STAGING, Stage.DEVELOPMENT)
    [outer] = entries("request.carry_out")
    [inner] = entries("version.promote")
    assert inner["parent"] == outer["id"]
    assert {entry["actor"]["id"] for entry in (outer, inner)} == {"system"}
    assert outer["reason"] is not None
    assert outer["detail"]["policy"] == in_force.policy().digest
    assert inner["detail"]["readiness"]["is_open"] is True


def test_each_kind_of_move_happens_by_itself_where_the_policy_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = scenarios.registered_model()
    first = scenarios.promoted(Stage.PRODUCTION, model).version
    scenarios.promoted(Stage.PRODUCTION, model)
    by_itself(monkeypatch, *MOVES)
    third = scenarios.signed_off(Stage.STAGING, model)
    assert carried_out() == 1
    first.refresh_from_db()
    back = operations.request_promotion(
        first, by=actor(scenarios.operator()), target=Stage.PRODUCTION, reason="Worse at night"
    )
    assert carried_out() == 1
    assert (stage_of(back), champion.of(model)) == (Stage.PRODUCTION, first)

    first.refresh_from_db()
    renewal = scenarios.requested(Stage.PRODUCTION, version=first)
    scenarios.sign(renewal, scenarios.risk_officer(), "risk_officer")
    assert carried_out() == 1
    assert first.authorizations.filter(state=Authorization.State.VALID).get().request == renewal

    end = scenarios.requested(Stage.ARCHIVED, version=first)
    scenarios.sign(end, scenarios.owner(), "model_owner")
    assert carried_out() == 1
    assert stage_of(end) == Stage.ARCHIVED
    assert stage_of(third) == Stage.STAGING


def test_without_that_right_nothing_happens_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    request = scenarios.signed_off()
    assert carried_out() == 0
    with pytest.raises(NotDue, match="asks an operator"):
        automatic.carry_out(request)
    assert refusals("request.carry_out") == ["not_due"]
    assert stage_of(request) == Stage.DEVELOPMENT

    by_itself(monkeypatch, "staging_to_production")
    assert carried_out() == 0


def test_a_gate_that_closed_before_the_lock_stays_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    by_itself(monkeypatch, "development_to_staging")
    request = scenarios.signed_off()
    scenarios.operations.describe_model(
        request.version.model, by=actor(scenarios.owner()), intended_use="Another"
    )

    with pytest.raises(GatesClosed):
        automatic.carry_out(request)

    assert carried_out() == 0
    request.refresh_from_db()
    assert (request.state, stage_of(request)) == (OPEN, Stage.DEVELOPMENT)
    assert entries("request.carry_out") == entries("version.promote") == []


def test_days_of_cooling_off_pass_first(monkeypatch: pytest.MonkeyPatch) -> None:
    by_itself(monkeypatch, "development_to_staging", days=2)
    request = scenarios.signed_off()
    assert carried_out() == 0
    assert operations.carry_out_what_may(move_clock(monkeypatch, 2.1)) == 1
    assert stage_of(request) == Stage.STAGING


def test_a_way_back_that_leads_elsewhere_by_now_is_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = scenarios.registered_model()
    first = scenarios.promoted(Stage.PRODUCTION, model).version
    for _ in range(2):
        scenarios.promoted(Stage.PRODUCTION, model)
    first.refresh_from_db()
    operations.request_promotion(
        first, by=actor(scenarios.operator()), target=Stage.PRODUCTION, reason="Worse at night"
    )
    by_itself(monkeypatch, "rollback")

    assert [carried_out() for _ in range(3)] == [0, 0, 0]
    assert refusals("request.carry_out") == ["rule_broken"]
    later = database_now() + automatic.TRY_AGAIN + timedelta(minutes=1)
    assert operations.carry_out_what_may(later) == 0
    assert len(refusals("request.carry_out")) == 2

    current = champion.of(model)
    assert current is not None
    assert current.number == 3


def test_nobody_lends_that_right_to_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    by_itself(monkeypatch, "development_to_staging")
    request = scenarios.signed_off()
    with pytest.raises(NotAllowed):
        operations.promote(request, by=actor(scenarios.developer()), reason="Mine")
    with pytest.raises(DomainError):
        operations.promote(request, by=SYSTEM, reason="Past the policy")
    assert stage_of(request) == Stage.DEVELOPMENT


def test_a_move_that_cannot_be_recorded_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    by_itself(monkeypatch, "development_to_staging")
    request = scenarios.signed_off()
    break_the_record(monkeypatch)
    with pytest.raises(Exception, match="read-only"):
        carried_out()
    assert stage_of(request) == Stage.DEVELOPMENT


def test_pages_of_what_happened_by_itself_say_so(
    monkeypatch: pytest.MonkeyPatch, opens: Reads
) -> None:
    by_itself(monkeypatch, "development_to_staging")
    request, quiet = scenarios.signed_off(), scenarios.requested()
    carried_out()
    operations.lapse_requests(move_clock(monkeypatch, 70))

    for shown, state in ((request, "Promoted"), (quiet, "Lapsed")):
        page = opens(scenarios.owner(), shown.get_absolute_url())
        assert page.status == 200
        assert state in page.words
        assert "None" not in page.words
