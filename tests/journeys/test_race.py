"""Decisions at the same moment: one comes first, and the other meets the world it left.

THREATS hazards 1 and 3. Each thread has a connection of its own, on SQLite and on PostgreSQL.
"""

import logging
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from django.db import connection

from apps.accounts import operations as accounts
from apps.accounts.models import Duty, User
from apps.approvals import operations as approvals
from apps.approvals.models import PromotionRequest, SignOff
from apps.approvals.readiness import GatesClosed
from apps.approvals.statements import Ticket
from apps.audit.models import AuditEvent
from apps.catalog import champion
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from apps.validation import tasks
from tests import scenarios
from tests.factories import HOST, actor
from tests.journeys import record

logger = logging.getLogger(__name__)

LONG = os.environ.get("SIGNET_TEST_LONG") == "1"
ROUNDS = 300 if LONG else 6
MOST_HEAD_START = 0.02
PATIENCE = 60

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.long,
    pytest.mark.timeout(3 * 3600 if LONG else 300),
]

Step = Callable[[], object]


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ring for nobody: the tests are the workers."""
    monkeypatch.setattr(tasks, "ring", lambda *run_ids: None)


@pytest.fixture
def chance() -> random.Random:
    """Who gets a head start, and how long: the same in every run of the tests."""
    return random.Random(20261125)


def test_of_two_versions_promoted_at_once_one_is_and_the_other_meets_its_successor(
    chance: random.Random,
) -> None:
    model = scenarios.registered_model()
    earlier = scenarios.signed_off(Stage.PRODUCTION, model)
    won: Counter[str] = Counter()

    for _ in range(ROUNDS):
        later = scenarios.signed_off(Stage.PRODUCTION, model)
        requests = {"earlier": earlier, "later": later}
        before = champion.of(model)
        results = dict(
            zip(
                requests,
                at_once([promotion(one) for one in requests.values()], chance),
                strict=True,
            )
        )

        [winner] = [name for name, result in results.items() if isinstance(result, ModelVersion)]
        [loser] = requests.keys() - {winner}
        require_succession(model, before, requests[winner], requests[loser])
        refusal = results[loser]
        assert isinstance(refusal, GatesClosed)
        number = requests[winner].version.number
        assert f"Version {number} is in production by now" in str(refusal)
        won[winner] += 1
        earlier = requests[loser]
        sign_again(earlier)

    record.require_whole_record()
    record.require_gated_production()
    logger.info("Won: %s", dict(won))


def test_of_two_operators_who_promote_one_request_at_once_one_does(chance: random.Random) -> None:
    operators = [scenarios.operator(), scenarios.account("odile", "Odile Operator", "operator")]
    model = scenarios.registered_model()
    won: Counter[str] = Counter()

    for _ in range(ROUNDS):
        request = scenarios.signed_off(Stage.PRODUCTION, model)
        results = at_once([promotion(request, by) for by in operators], chance)

        [refusal] = [result for result in results if isinstance(result, DomainError)]
        assert isinstance(refusal, RuleBroken)
        assert str(refusal) == "This request is closed: promoted."
        assert outcomes("version.promote", request) == ["done", "refused"]
        record.require_one_champion()
        assert champion.of(model) == request.version
        won[operators[results.index(refusal) - 1].username] += 1

    record.require_whole_record()
    record.require_gated_production()
    logger.info("Won: %s", dict(won))


def test_a_sign_off_at_the_moment_its_duty_ends_holds_only_when_it_came_first(
    chance: random.Random,
) -> None:
    request, signer = scenarios.requested(Stage.PRODUCTION), scenarios.validator()
    scenarios.sign(request, scenarios.risk_officer(), "risk_officer")
    first: Counter[str] = Counter()

    for _ in range(ROUNDS):
        ticket = scenarios.ticket(request, actor(signer))
        signed, ended = at_once([signing(request, signer, ticket), ending(signer)], chance)

        assert isinstance(ended, Duty)
        end = newest("duty.end", ended.record_id)
        decision = newest("request.sign_off", request.record_id)
        if isinstance(signed, SignOff):
            require_before(decision, end)
            assert decision.detail["sign_off"] == signed.record_id
            first["sign-off"] += 1
        else:
            require_before(end, decision)
            assert isinstance(signed, NotAllowed)
            assert decision.outcome == AuditEvent.Outcome.REFUSED
            first["ending"] += 1
        with pytest.raises(GatesClosed):
            promotion(request)()
        appointed(signer)
        if isinstance(signed, SignOff):
            approvals.withdraw_sign_off(signed, by=actor(signer), reason="For the next round")

    assert request.sign_offs.filter(role="validator").count() == first["sign-off"]
    record.require_whole_record()
    logger.info("Came first: %s", dict(first))


def test_a_promotion_counts_no_sign_off_whose_duty_ended_before_it(chance: random.Random) -> None:
    model, signer = scenarios.registered_model(), scenarios.validator()
    first: Counter[str] = Counter()

    for _ in range(ROUNDS):
        request = scenarios.signed_off(Stage.PRODUCTION, model)
        before = champion.of(model)
        promoted, ended = at_once([promotion(request), ending(signer)], chance)

        assert isinstance(ended, Duty)
        end = newest("duty.end", ended.record_id)
        decision = newest("version.promote", request.record_id)
        if isinstance(promoted, ModelVersion):
            require_before(decision, end)
            assert champion.of(model) == request.version
            first["promotion"] += 1
        else:
            require_before(end, decision)
            assert isinstance(promoted, GatesClosed)
            assert "The signer no longer holds this role." in str(promoted)
            assert decision.outcome == AuditEvent.Outcome.REFUSED
            assert champion.of(model) == before
            first["ending"] += 1
        record.require_one_champion()
        appointed(signer)

    record.require_whole_record()
    record.require_gated_production()
    logger.info("Came first: %s", dict(first))


# -- what is done at once


def at_once(steps: Sequence[Step], chance: random.Random) -> list[object]:
    """Carry steps out at the same moment, some with a head start; return what each came to.

    A refusal is a result; any other error is the test's.
    """
    start = threading.Barrier(len(steps))
    results: list[object] = [None] * len(steps)
    waits = [chance.choice([0.0, chance.uniform(0, MOST_HEAD_START)]) for _ in steps]

    def carry_out(number: int) -> None:
        try:
            connection.ensure_connection()
            start.wait(PATIENCE)
            time.sleep(waits[number])
            results[number] = steps[number]()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=carry_out, args=(number,)) for number in range(len(steps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, DomainError):
            raise result
    return results


def promotion(request: PromotionRequest, by: User | None = None) -> Step:
    """Return an operator's promotion of a request, as a process of its own has it in memory."""
    mine = PromotionRequest.objects.get(pk=request.pk)
    operator = actor(by or scenarios.operator())
    return partial(approvals.promote, mine, by=operator, reason="In the change window")


def signing(request: PromotionRequest, signer: User, ticket: Ticket) -> Step:
    """Return a validator's approval of what a page showed."""
    by = actor(signer)
    return partial(
        approvals.sign_off,
        PromotionRequest.objects.get(pk=request.pk),
        by=by,
        role="validator",
        decision=SignOff.Decision.APPROVE,
        reason="Looked at it closely",
        ticket=ticket,
        confirmed=scenarios.confirmation(by),
    )


def ending(signer: User) -> Step:
    """Return the ending of a validator's duty in the whole organization."""
    duty = Duty.objects.get(user=signer, role="validator", until=None)
    return partial(accounts.end_duty, duty, by=HOST, reason="Moves to another department")


def appointed(signer: User) -> None:
    """Make somebody validator again."""
    accounts.grant_duty(signer, "validator", by=HOST, reason="For the next round")


def sign_again(request: PromotionRequest) -> None:
    """Let everybody sign a request again, who now see what it would replace."""
    for role, signer in scenarios.SIGNERS[Stage.PRODUCTION].items():
        scenarios.sign(request, signer(), role)


# -- what the record says of it


def newest(action: str, subject_id: str) -> record.Kept:
    """Return the last event of an action on something, however it ended."""
    return record.kept(action=action, subject_id=subject_id)[-1]


def outcomes(action: str, request: PromotionRequest) -> list[str]:
    """Return how the events of an action on a request ended, the oldest first."""
    return [event.outcome for event in record.kept(action=action, subject_id=request.record_id)]


def require_before(earlier: record.Kept, later: record.Kept) -> None:
    """Fail unless one event comes before another, by its place and by its time."""
    assert earlier.pk < later.pk
    assert earlier.entry["time"] <= later.entry["time"]


def require_succession(
    model: RegisteredModel,
    before: ModelVersion | None,
    winner: PromotionRequest,
    loser: PromotionRequest,
) -> None:
    """Fail unless the winner's version took the champion's place, and the loser's waits."""
    winner.refresh_from_db()
    loser.refresh_from_db()
    assert (winner.state, loser.state) == ("promoted", "open")
    assert winner.replaced == before
    assert champion.of(model) == winner.version
    assert loser.version.stage == Stage.STAGING
    assert outcomes("version.promote", loser)[-1] == AuditEvent.Outcome.REFUSED
    record.require_one_champion()
