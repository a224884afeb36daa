"""Going back in an emergency: who may, for how long, who confirms, and the debt it leaves."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from apps.accounts.confirmation import Confirmation
from apps.accounts.models import User
from apps.accounts.signing.statements import StaleForm
from apps.accounts.signing.terms import TermsTicket
from apps.approvals import authorizing, gates, operations, ratifying
from apps.approvals.models import Authorization, Emergency, Ratification
from apps.approvals.policies import Mode
from apps.approvals.readiness import GatesClosed
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Auth, Door
from apps.core.clock import database_now
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from apps.validation import operations as validation
from apps.validation import runner
from tests import scenarios
from tests.approvals.exceptions import (
    WHY,
    confirmed,
    enforce_emergency,
    entries,
    move_clock,
    ratify,
    refusals,
    roll_back_at_once,
    two_in_turn,
)
from tests.factories import actor, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def emergency(db: None, monkeypatch: pytest.MonkeyPatch) -> Emergency:
    """A version that an operator put back at once, and that nobody confirmed yet."""
    model = two_in_turn()
    enforce_emergency(monkeypatch)
    return roll_back_at_once(model)


def stages(model: RegisteredModel) -> list[str]:
    return list(model.versions.order_by("number").values_list("stage", flat=True))


def standing(emergency: Emergency) -> Authorization:
    found = authorizing.of(emergency.authorization.version)
    assert found is not None
    return found


def next_promotion(model: RegisteredModel) -> ModelVersion:
    return scenarios.promoted(Stage.PRODUCTION, model).version


# -- acting


def test_one_operator_goes_back_and_what_that_authorizes_lasts_hours(emergency: Emergency) -> None:
    assert stages(emergency.root) == [Stage.PRODUCTION, Stage.ARCHIVED]
    assert emergency.roles == ["model_owner", "risk_officer"]
    assert emergency.ratify_until - emergency.acted_at == timedelta(hours=48)
    assert standing(emergency).valid_until == emergency.ratify_until
    assert emergency.acted_by == scenarios.operator()
    [entry] = entries("model.roll_back_at_once")
    assert entry["detail"]["emergency"] == emergency.record_id
    assert entry["detail"]["readiness"]["mode"] == "emergency"


def test_an_emergency_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    model = two_in_turn()
    otis = scenarios.operator()
    with pytest.raises(RuleBroken, match="knows no rollback in an emergency"):
        roll_back_at_once(model)
    enforce_emergency(monkeypatch)
    tries: list[tuple[dict[str, object], str]] = [
        ({"typed_name": "model"}, f"Type the name of the model to confirm: {model.name}"),
        ({"reason": " "}, "Give a reason"),
        ({"by": scenarios.owner()}, "Only an operator"),
        (
            {"confirmed": Confirmation(otis.pk, "password", database_now() - timedelta(hours=1))},
            "Enter your password again",
        ),
    ]
    for other, words in tries:
        with pytest.raises(DomainError, match=words):
            roll_back_at_once(model, **other)  # type: ignore[arg-type]
    by = actor(otis, Door.API, Auth.TOKEN)
    with pytest.raises(NotAllowed, match="Only a person signed in"):
        operations.roll_back_at_once(
            model, by=by, reason=WHY, confirmed=confirmed(by), typed_name=model.name
        )

    assert stages(model) == [Stage.ARCHIVED, Stage.PRODUCTION]
    assert not Emergency.objects.exists()


def test_hazard_13_only_what_was_in_production_once_and_is_unchanged_goes_back_whatever_its_age(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = two_in_turn()
    target = model.versions.get(number=1)
    unexpired = (
        "  - id: reason_recorded\n    title: Reason recorded",
        (
            "  - id: authorization_unexpired\n    title: Unexpired\n    category: operations\n"
            "    waivable: true\n    expr: production.target_authorization_valid\n"
            "    fail_message: It expired.\n    remediation: Renew it.\n    cites: [X 1]\n"
            "  - id: reason_recorded\n    title: Reason recorded"
        ),
    )
    asks = "{condition: target_previously_authorized, tiers: {1: block"
    at_rollback = f"- {asks}, 2: block, 3: block, 4: block}}}}\n      - {{condition: target_digest"
    standard = (
        "authorization_unexpired, tiers: {1: block, 2: block, 3: block, 4: block}, "
        "when: \"transition.mode == 'standard'\"}"
    )
    both = (at_rollback, f"- {{condition: {standard}\n      {at_rollback}")

    outcomes = {}
    for policy, more in (("starter", ()), ("strict", (unexpired, both))):
        enforce_emergency(monkeypatch, *more)
        for age in (1, 400, 4000):
            with monkeypatch.context() as later:
                at = move_clock(later, age)
                run_again(target)
                seen = []
                for mode in ("standard", "emergency"):
                    judged = _judged(target, mode, at)
                    seen.append("open" if judged == [] else judged[0])
            outcomes[policy, age] = tuple(seen)

    assert outcomes == {
        ("starter", 1): ("open", "open"),
        ("starter", 400): ("open", "open"),
        ("starter", 4000): ("open", "open"),
        ("strict", 1): ("open", "open"),
        ("strict", 400): ("authorization_unexpired", "open"),
        ("strict", 4000): ("authorization_unexpired", "open"),
    }
    never = scenarios.checked(Stage.PRODUCTION, model)
    assert "target_previously_authorized" in _judged(never, "emergency", database_now())


def _judged(target: ModelVersion, mode: str, at: datetime) -> list[str]:
    readiness = gates.evaluate_rollback(
        target,
        asked_by=scenarios.operator().record_id,
        reason=WHY,
        at=at,
        mode=Mode(mode),
    )
    return [closed.gate for closed in readiness.closed]


def run_again(version: ModelVersion) -> None:
    for run in validation.start_checks(
        version, by=actor(scenarios.developer()), names=["artifact-integrity"]
    ):
        runner.execute(run.pk, worker="tests")


# -- confirming


def test_once_everybody_confirmed_it_lasts_as_any_rollback(emergency: Emergency) -> None:
    first = ratify(emergency, scenarios.owner(), "model_owner")
    emergency.refresh_from_db()
    assert emergency.state == Emergency.State.OPEN
    ratify(emergency, scenarios.risk_officer(), "risk_officer")

    emergency.refresh_from_db()
    assert emergency.state == Emergency.State.RATIFIED
    until = standing(emergency).valid_until
    assert until is not None
    assert until - emergency.acted_at == timedelta(days=365)
    assert '"kind":"ratification"' in first.statement
    assert f'"content":"{emergency.authorization.content_digest}"' in first.statement
    [one, two] = entries("emergency.ratify")
    assert one["sign"]["statement"] == first.statement_digest
    assert two["detail"]["ratified"] is True


def test_who_acted_and_who_confirmed_already_do_not_confirm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = two_in_turn()
    enforce_emergency(monkeypatch)
    both = person("bea", everywhere=("operator", "model_owner", "risk_officer"))
    mine = roll_back_at_once(model, by=both)
    with pytest.raises(NotAllowed, match="You acted in this emergency"):
        ratify(mine, both, "model_owner")

    again = two_in_turn()
    others = roll_back_at_once(again)
    ratify(others, both, "model_owner")
    with pytest.raises(NotAllowed, match="You confirmed it already, in another role"):
        ratify(others, both, "risk_officer")
    with pytest.raises(NotAllowed, match="Bea confirmed in this role already"):
        ratify(others, scenarios.owner(), "model_owner")


def test_b3_a_confirmation_is_given_by_a_person_who_just_showed_who_they_are_and_counts_once(
    emergency: Emergency,
) -> None:
    olivia = scenarios.owner()
    by = actor(olivia, Door.API, Auth.TOKEN)
    with pytest.raises(NotAllowed, match="Only a person signed in"):
        ticket = TermsTicket.issue(ratifying.terms_of(emergency), to=by)
        operations.ratify(
            emergency,
            by=by,
            role="model_owner",
            ticket=ticket,
            confirmed=confirmed(by),
            reason=WHY,
        )
    with pytest.raises(NotAllowed, match="Enter your password again"):
        old = Confirmation(olivia.pk, "password", database_now() - timedelta(minutes=6))
        ratify(emergency, olivia, "model_owner", confirmed=old)
    with pytest.raises(StaleForm, match="made for somebody else"):
        ratify(emergency, olivia, "model_owner", ticket=ticket_of(scenarios.risk_officer()))
    with pytest.raises(StaleForm, match="has changed"):
        ratify(emergency, olivia, "model_owner", ticket=ticket_of(olivia))
    with pytest.raises(NotAllowed, match="You do not hold the role"):
        ratify(emergency, scenarios.validator(), "model_owner")
    with pytest.raises(RuleBroken, match="asks for no confirmation in this role"):
        ratify(emergency, scenarios.validator(), "validator")
    with pytest.raises(RuleBroken, match="Give a reason"):
        ratify(emergency, olivia, "model_owner", reason=" ")

    assert not Ratification.objects.exists()
    assert len(refusals("emergency.ratify")) == 7


def ticket_of(user: User) -> TermsTicket:
    return TermsTicket(actor(user).id, "nonce", "sha256:of something else")


# -- lapsing


def test_nobody_confirmed_in_time_so_it_ends_by_itself_once(
    emergency: Emergency, monkeypatch: pytest.MonkeyPatch
) -> None:
    ratify(emergency, scenarios.owner(), "model_owner")
    assert operations.lapse_emergencies(move_clock(monkeypatch, 1.9)) == 0

    late = move_clock(monkeypatch, 2.1)
    with pytest.raises(RuleBroken, match="The time to confirm it is over"):
        ratify(emergency, scenarios.risk_officer(), "risk_officer")
    assert [operations.lapse_emergencies(late) for _ in range(2)] == [1, 0]

    emergency.refresh_from_db()
    assert emergency.state == Emergency.State.LAPSED
    assert standing(emergency).state == Authorization.State.SUSPENDED
    assert standing(emergency).why == f"{emergency} was not confirmed in time."
    assert stages(emergency.root) == [Stage.PRODUCTION, Stage.ARCHIVED]
    [entry] = entries("emergency.lapse")
    assert entry["detail"]["missing"] == ["risk_officer"]
    assert entry["detail"]["suspended"] == standing(emergency).record_id
    with pytest.raises(RuleBroken, match="This is settled: not confirmed in time"):
        ratify(emergency, scenarios.risk_officer(), "risk_officer")


def test_what_was_confirmed_does_not_lapse(
    emergency: Emergency, monkeypatch: pytest.MonkeyPatch
) -> None:
    ratify(emergency, scenarios.owner(), "model_owner")
    ratify(emergency, scenarios.risk_officer(), "risk_officer")

    assert operations.lapse_emergencies(move_clock(monkeypatch, 10)) == 0
    assert standing(emergency).state == Authorization.State.VALID


# -- the debt


def test_the_next_promotion_waits_until_somebody_looked_back(emergency: Emergency) -> None:
    model = emergency.root
    ratify(emergency, scenarios.owner(), "model_owner")
    ratify(emergency, scenarios.risk_officer(), "risk_officer")

    with pytest.raises(GatesClosed, match="put into production in an emergency"):
        next_promotion(model)
    operations.review_emergency(
        emergency, by=actor(scenarios.validator()), reason="A feed was late. Going back was right."
    )

    emergency.refresh_from_db()
    assert emergency.reviewed_by == scenarios.validator()
    assert emergency.review.startswith("A feed was late")
    [request] = emergency.root.versions.get(number=3).requests.filter(target=Stage.PRODUCTION)
    operations.promote(request, by=actor(scenarios.operator()), reason=WHY)
    assert stages(model) == [Stage.ARCHIVED, Stage.ARCHIVED, Stage.PRODUCTION]
    assert len(entries("emergency.review")) == 1


@pytest.mark.parametrize("who", [scenarios.owner, scenarios.operator, scenarios.auditor])
def test_only_a_validator_or_a_risk_officer_looks_back(
    emergency: Emergency, who: Callable[[], User]
) -> None:
    with pytest.raises(NotAllowed, match="validator or a model risk officer"):
        operations.review_emergency(emergency, by=actor(who()), reason=WHY)


def test_a_review_is_given_once_by_another_with_words_when_the_emergency_is_settled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = two_in_turn()
    enforce_emergency(monkeypatch)
    both = person("bea", everywhere=("operator", "validator"))
    emergency = roll_back_at_once(model, by=both)
    with pytest.raises(RuleBroken, match="still asked to confirm it"):
        operations.review_emergency(emergency, by=actor(scenarios.validator()), reason=WHY)
    operations.lapse_emergencies(move_clock(monkeypatch, 3))

    with pytest.raises(NotAllowed, match="You acted in this emergency"):
        operations.review_emergency(emergency, by=actor(both), reason=WHY)
    with pytest.raises(RuleBroken, match="Give a reason"):
        operations.review_emergency(emergency, by=actor(scenarios.validator()), reason="")
    operations.review_emergency(emergency, by=actor(scenarios.validator()), reason=WHY)
    with pytest.raises(RuleBroken, match="It was reviewed already"):
        operations.review_emergency(emergency, by=actor(scenarios.risk_officer()), reason=WHY)
