"""Two workers do by themselves what is due, at the same moment: it happens once.

THREATS hazards 1 and 5. Each thread has a connection of its own, on SQLite and on PostgreSQL.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from apps.approvals import in_force
from apps.approvals import operations as approvals
from apps.approvals.models import Authorization, PromotionRequest, RuleBreach, SignOff
from apps.audit import changes
from apps.audit.models import AuditEvent
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from apps.core.errors import DomainError
from apps.validation import tasks
from tests import scenarios
from tests.approvals.policy_texts import Document, changed, move
from tests.factories import actor
from tests.journeys import decided, record
from tests.journeys.test_race import LONG, at_once, promotion

ROUNDS = 100 if LONG else 3
SINGLE_ROUNDS = 300 if LONG else 3
YEARS = timedelta(days=800)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.long,
    pytest.mark.timeout(3 * 3600 if LONG else 300),
]

Sweep = Callable[[datetime], int]


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ring for nobody: the tests are the workers."""
    monkeypatch.setattr(tasks, "ring", lambda *run_ids: None)


@pytest.fixture
def chance() -> random.Random:
    """Who gets a head start, and how long: the same in every run of the tests."""
    return random.Random(20261126)


def by_itself(document: Document) -> None:
    """Let promotions to staging happen by themselves, and every version break two rules."""
    move(document, "development_to_staging")["carried_out_by"] = "policy"
    for rule, action in zip(
        document["continuous_rules"], ("suspend_authorization", "escalate"), strict=True
    ):
        rule |= {"when": "version.digest != ''", "action": action}


def twice(sweep: Sweep, at: datetime, chance: random.Random) -> int:
    """Let two workers sweep at once; return how much they did together."""
    done = at_once([partial(sweep, at), partial(sweep, at)], chance)
    return sum(one for one in done if isinstance(one, int))


def tied() -> PromotionRequest:
    """Return a request that came to production on a condition."""
    request = scenarios.requested(Stage.PRODUCTION)
    scenarios.sign(request, scenarios.validator(), "validator")
    by = actor(scenarios.risk_officer())
    due = database_now().date() + timedelta(days=1)
    approvals.sign_off(
        request,
        by=by,
        role="risk_officer",
        decision=SignOff.Decision.APPROVE_WITH_CONDITIONS,
        reason="Nearly there",
        ticket=scenarios.ticket(request, by),
        confirmed=scenarios.confirmation(by),
        conditions=[approvals.Asked("Document it", scenarios.developer(), due)],
    )
    approvals.promote(request, by=actor(scenarios.operator()), reason="In the change window")
    return request


def done(action: str) -> int:
    return AuditEvent.objects.filter(action=action, outcome=AuditEvent.Outcome.DONE).count()


def test_what_the_clock_decides_is_decided_once_by_two_workers(
    chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(ROUNDS):
        tied()
        scenarios.promoted(Stage.PRODUCTION)
        scenarios.requested()
    late = database_now() + YEARS
    monkeypatch.setattr(changes, "database_now", lambda: late)

    for sweep, action in (
        (approvals.miss_conditions, "condition.miss"),
        (approvals.end_authorizations, "authorization.end"),
        (approvals.lapse_requests, "request.lapse"),
    ):
        assert twice(sweep, late, chance) == done(action) == ROUNDS

    states = list(Authorization.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["revoked", "ended"] * ROUNDS
    record.require_whole_record()
    decided.require_consistent_requests()


def test_production_is_watched_and_gates_are_passed_once_by_two_workers(
    chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(ROUNDS):
        scenarios.promoted(Stage.PRODUCTION)
        scenarios.signed_off(Stage.STAGING)
    policy = changed(by_itself)
    monkeypatch.setattr(in_force, "policy", lambda: policy)

    assert twice(approvals.watch_production, database_now(), chance) == 3 * ROUNDS
    open_gates = PromotionRequest.objects.filter(state="open").count()
    assert open_gates == ROUNDS
    assert twice(approvals.carry_out_what_may, database_now(), chance) == ROUNDS

    assert RuleBreach.objects.count() == 2 * ROUNDS
    assert done("version.suspend_authorization") == ROUNDS
    assert done("request.carry_out") == ROUNDS
    assert not PromotionRequest.objects.filter(state="open").exists()
    record.require_whole_record()
    decided.require_gated_production()
    decided.require_consistent_authorizations()


def test_of_an_operator_and_the_policy_at_once_one_carries_a_request_out(
    chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = changed(by_itself)
    monkeypatch.setattr(in_force, "policy", lambda: policy)

    for round_ in range(1, SINGLE_ROUNDS + 1):
        request = scenarios.signed_off(Stage.STAGING)
        results = at_once(
            [promotion(request), partial(approvals.carry_out_what_may, database_now())], chance
        )
        by_operator = not isinstance(results[0], DomainError)
        assert by_operator + int(str(results[1])) == 1
        assert done("version.promote") == round_

    record.require_whole_record()
