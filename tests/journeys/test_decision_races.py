"""Decisions at the moment their ground changes: each is taken before, or refused after.

THREATS hazards 1-3 and 5. Each thread has a connection of its own, on SQLite and on PostgreSQL.
"""

import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial

import pytest

from apps.accounts.signing.statements import StaleForm
from apps.approvals import operations as approvals
from apps.approvals.models import PromotionRequest, SignOff, Waiver
from apps.approvals.readiness import GatesClosed
from apps.catalog.lifecycle import Stage
from apps.catalog.tracking.metrics import Batch, Point, log_batch
from apps.core.errors import DomainError, RuleBroken
from apps.risk.operations.findings import raise_finding
from apps.validation import operations as validation
from apps.validation import tasks
from tests import scenarios
from tests.approvals import exceptions, policy_walk
from tests.approvals.policy_texts import Document, move, part, use
from tests.factories import actor
from tests.journeys import decided, record
from tests.journeys.racing import Race, Step, case_of, concluding, failing, publishing, signing
from tests.journeys.test_race import (
    LONG,
    at_once,
    outcomes,
    promotion,
)
from tests.risk.found import said

logger = logging.getLogger(__name__)

ROUNDS = 300 if LONG else 3
SIGN, PROMOTE = "request.sign_off", "version.promote"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.long,
    pytest.mark.timeout(3 * 3600 if LONG else 300),
]


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ring for nobody: the tests are the workers."""
    monkeypatch.setattr(tasks, "ring", lambda *run_ids: None)


@pytest.fixture
def chance() -> random.Random:
    """Who gets a head start, and how long: the same in every run of the tests."""
    return random.Random(20261127)


# -- a sign-off, at the moment what it covers becomes something else


def ends_a_check(request: PromotionRequest) -> Iterator[tuple[Step, str, str]]:
    """Let a check end that the gate does not ask for, but the dossier names."""
    while True:
        yield concluding(request.version, "bill-of-materials"), "check_run.conclude", "The check"


def edits_a_document(request: PromotionRequest) -> Iterator[tuple[Step, str, str]]:
    by = actor(scenarios.developer())
    document = validation.start_document(request.version, "model-card", by=by)
    number = 0
    while number := number + 1:
        edit = partial(
            validation.save_section,
            document,
            "identification",
            {"summary": f"The {number}. draft"},
            by=by,
        )
        yield edit, "document.save_section", "The documents changed."


def republishes(request: PromotionRequest) -> Iterator[tuple[Step, str, str]]:
    number = 0
    while number := number + 1:
        yield publishing(number), "policy.publish", "What the policy asks here changed."


@pytest.mark.parametrize("changing", [ends_a_check, edits_a_document, republishes])
def test_a_sign_off_covers_what_it_showed_or_is_not_given(
    changing: Callable[[PromotionRequest], Iterator[tuple[Step, str, str]]], chance: random.Random
) -> None:
    request, signer = scenarios.requested(), scenarios.owner()
    first: Counter[str] = Counter()

    rivals = changing(request)
    for _ in range(ROUNDS):
        rival, action, words = next(rivals)
        race = Race.run(
            signing(request, signer, "model_owner"),
            rival,
            chance,
            named=(SIGN, request),
            against=action,
        )
        race.require_in_turn()
        case = case_of(request)
        assert not case.readiness.is_open
        if isinstance(race.decided, SignOff):
            assert words in case.why_void[race.decided.pk]
            approvals.withdraw_sign_off(race.decided, by=actor(signer), reason="For the next round")
            first["sign-off"] += 1
        else:
            assert isinstance(race.decided, StaleForm)
            first["other"] += 1

    assert request.sign_offs.count() == first["sign-off"]
    assert outcomes(SIGN, request).count("done") == first["sign-off"]
    record.require_whole_record()
    logger.info("Came first: %s", dict(first))


def test_a_sign_off_covers_the_metrics_it_showed_or_is_not_given(chance: random.Random) -> None:
    request, signer = scenarios.requested(), scenarios.owner()
    first: Counter[str] = Counter()

    for number in range(ROUNDS):
        before = case_of(request).dossier
        signed, _ = at_once(
            [signing(request, signer, "model_owner"), measuring(request, number)], chance
        )
        case = case_of(request)
        assert case.dossier.facts != before.facts
        if isinstance(signed, SignOff):
            assert signed.dossier_digest == before.digest
            assert "facts recorded with the version changed" in case.why_void[signed.pk]
            approvals.withdraw_sign_off(signed, by=actor(signer), reason="For the next round")
            first["sign-off"] += 1
        else:
            assert isinstance(signed, StaleForm)
            first["metrics"] += 1

    assert request.sign_offs.count() == first["sign-off"]
    record.require_whole_record()
    logger.info("Came first: %s", dict(first))


def measuring(request: PromotionRequest, number: int) -> Step:
    """Return a metric that comes in late, from whoever started the version's run."""
    run = request.version.run
    assert run is not None
    batch = Batch(points=[Point("late", number / 1000, number, step=number)])
    return partial(log_batch, run, batch, by=actor(scenarios.developer()))


# -- a promotion, at the moment something new closes its gate


def fails_a_check(round_: int) -> tuple[PromotionRequest, Step, str]:
    request = scenarios.signed_off()
    return request, failing(request.version, "artifact-integrity"), "version.start_checks"


def revokes_its_waiver(round_: int) -> tuple[PromotionRequest, Step, str]:
    waiver = exceptions.granted()
    request = scenarios.requested(version=waiver.version)
    scenarios.sign(request, scenarios.owner(), "model_owner")
    mine, by = Waiver.objects.get(pk=waiver.pk), actor(scenarios.risk_officer())
    revoke = partial(approvals.revoke_waiver, mine, by=by, reason="The risk is another")
    return request, revoke, "waiver.revoke"


def takes_its_sign_off_back(round_: int) -> tuple[PromotionRequest, Step, str]:
    request, by = scenarios.signed_off(), actor(scenarios.owner())
    mine = SignOff.objects.get(request=request)
    take_back = partial(approvals.withdraw_sign_off, mine, by=by, reason="On second thought")
    return request, take_back, "sign_off.withdraw"


def puts_another_policy_in_force(round_: int) -> tuple[PromotionRequest, Step, str]:
    publish = publishing(round_)
    return scenarios.signed_off(), publish, "policy.publish"


def edits_what_was_signed(round_: int) -> tuple[PromotionRequest, Step, str]:
    by = actor(scenarios.developer())
    version = scenarios.checked()
    document = validation.start_document(version, "model-card", by=by)
    request = scenarios.requested(version=version)
    scenarios.sign(request, scenarios.owner(), "model_owner")
    edit = partial(
        validation.save_section, document, "identification", {"summary": "Another"}, by=by
    )
    return request, edit, "document.save_section"


def raises_a_finding(round_: int) -> tuple[PromotionRequest, Step, str]:
    if round_ == 1:
        policy_walk.published(asks_about_findings)
    request, by = scenarios.signed_off(), actor(scenarios.validator())
    found = partial(raise_finding, request.version.model, said(severity="critical"), by=by)
    return request, found, "model.raise_finding"


def asks_about_findings(document: Document) -> None:
    """Let no version with an open critical finding go to staging."""
    asked = deepcopy(part(document, "conditions", "intended_use_defined"))
    asked |= {"id": "no_critical_finding", "expr": "findings.open_critical == 0"}
    document["conditions"].append(asked)
    asked_at = deepcopy(use(document, "intended_use_defined", "development_to_staging"))
    asked_at["condition"] = "no_critical_finding"
    move(document, "development_to_staging")["conditions"].append(asked_at)


CLOSING = (
    raises_a_finding,
    fails_a_check,
    revokes_its_waiver,
    takes_its_sign_off_back,
    puts_another_policy_in_force,
    edits_what_was_signed,
)


@pytest.mark.parametrize("closing", CLOSING)
def test_nothing_is_promoted_after_what_closes_its_gate(
    closing: Callable[[int], tuple[PromotionRequest, Step, str]], chance: random.Random
) -> None:
    first: Counter[str] = Counter()

    for round_ in range(1, ROUNDS + 1):
        request, rival, action = closing(round_)
        before = case_of(request)
        assert before.readiness.is_open
        race = Race.run(promotion(request), rival, chance, named=(PROMOTE, request), against=action)
        request.refresh_from_db()
        if race.is_decided:
            decided.require_fresh_ground(race.decision)
            assert race.decision.detail["dossier"] == before.dossier.digest
            assert (request.state, request.version.stage) == ("promoted", Stage.STAGING)
            first["promotion"] += 1
        else:
            assert isinstance(race.decided, GatesClosed)
            assert (request.state, request.version.stage) == ("open", Stage.DEVELOPMENT)
            assert not case_of(request).readiness.is_open
            first["other"] += 1
        require_one_after_the_other(race)
        assert len(outcomes(PROMOTE, request)) == 1

    record.require_whole_record()
    logger.info("Came first: %s", dict(first))


def require_one_after_the_other(race: Race) -> None:
    """Fail unless both took their turn; a sign-off is not taken back once it took effect."""
    if race.is_decided and isinstance(race.other, DomainError):
        assert isinstance(race.other, RuleBroken)
        assert race.rival.entry["action"] == "sign_off.withdraw"
        assert race.decision.pk < race.rival.pk
    else:
        race.require_in_turn()
