"""Signing in somebody's place: for a time, in one role, and never further than they could go."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import IntegrityError

from apps.accounts import operations as accounts
from apps.accounts.models import User
from apps.accounts.scopes import Scope
from apps.approvals import operations, signers
from apps.approvals.models import Delegation, PromotionRequest
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.core.actors import ANONYMOUS, SYSTEM, WORKER
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from tests import scenarios
from tests.approvals.deciding import delegated
from tests.approvals.exceptions import in_days, move_clock, today
from tests.approvals.test_approval_wrong_actors import token_of
from tests.approvals.walk import (
    WHY,
    break_the_record,
    case_of,
    end_duty,
    entries,
    is_open,
    refusals,
    sign,
    why_void,
)
from tests.factories import HOST, actor, person

pytestmark = pytest.mark.django_db

ROLE = "validator"


@pytest.fixture
def stan(db: None) -> User:
    """Somebody who signs in another role, and stands in for the validator in these tests."""
    return person("stan", name="Stan Standin", everywhere=("peer_reviewer",))


def seats(request: PromotionRequest, user: User) -> list[str]:
    """Return the roles in which somebody could sign a request now."""
    found = signers.seats_of(case_of(request), by=actor(user))
    return [seat.rule.role for seat in found if seat.is_free]


# -- letting somebody sign


def test_a_delegation_is_one_event_about_it(stan: User) -> None:
    vera = scenarios.validator()

    made = delegated(vera, stan, ROLE)

    assert (made.delegator, made.delegate, made.role, made.model) == (vera, stan, ROLE, None)
    assert (made.starts_on, made.ends_on, made.ended_at) == (today(), in_days(7), None)
    [entry] = entries("user.delegate")
    assert entry["subject"] == {"type": "delegation", "id": made.record_id}
    assert (entry["actor"]["id"], made.reason) == (vera.record_id, "On leave")
    assert entry["detail"] == {"role": ROLE, "to": stan.record_id, "model": None}
    assert [row["row"] for row in entry["rows"]] == [made.record_ref]


def test_a_delegation_is_refused_in_words(stan: User) -> None:
    vera, model = scenarios.validator(), scenarios.registered_model()
    gone = person("gone")
    accounts.close_account(gone, by=HOST, reason=WHY)
    robot = person("robot", service=True)
    seer = person("seer", everywhere=("auditor",))
    elsewhere, officer = person("elsewhere"), actor(scenarios.risk_officer())
    another = scenarios.registered_model()
    catalog.grant_model_duty(another, elsewhere, "peer_reviewer", by=officer, reason=WHY)

    def made(to: User = stan, role: str = ROLE, **other: date) -> Callable[[], object]:
        return lambda: delegated(vera, to, role, **other)

    tries: list[tuple[Callable[[], object], str]] = [
        (made(to=vera), "Name somebody else"),
        (made(to=gone), "cannot sign. Name a person with an open account"),
        (made(to=robot), "cannot sign. Name a person with an open account"),
        (made(to=seer), "Seer holds no role that signs. Name somebody who signs."),
        (made(to=person("nobody")), "Nobody holds no role that signs"),
        (
            lambda: delegated(vera, elsewhere, ROLE, model=model),
            f"Elsewhere holds no role that signs on {model}. Name somebody who signs there.",
        ),
        (made(starts_on=in_days(-1)), "starts today or later"),
        (made(starts_on=in_days(3), ends_on=in_days(2)), "ends on or after that day"),
        (made(ends_on=in_days(60)), "lasts at most 60 days"),
        (made(role="auditor"), "Auditor signs nothing"),
        (made(role="risk_officer"), "You do not hold the role Model risk officer on every model"),
        (
            lambda: delegated(vera, stan, "risk_officer", model=model),
            f"You do not hold the role Model risk officer on {model}",
        ),
        (
            lambda: operations.delegate(
                vera,
                by=actor(vera),
                to=stan,
                role=ROLE,
                starts_on=today(),
                ends_on=today(),
                reason=" ",
            ),
            "Give a reason",
        ),
    ]
    for attempt, words in tries:
        with pytest.raises(DomainError, match=words):
            attempt()
            pytest.fail(f"not refused: {words}")
    assert len(refusals("user.delegate")) == len(tries)
    assert not Delegation.objects.exists()

    delegated(vera, stan, ROLE, ends_on=in_days(59))
    delegated(vera, elsewhere, ROLE, model=another)


def test_a_role_of_one_model_is_delegated_there_and_not_everywhere(stan: User) -> None:
    mia, model = person("mia"), scenarios.registered_model()
    catalog.grant_model_duty(model, mia, ROLE, by=actor(scenarios.risk_officer()), reason=WHY)

    with pytest.raises(NotAllowed, match="on every model"):
        delegated(mia, stan, ROLE)
    made = delegated(mia, stan, ROLE, model=model)

    assert made.model == model
    assert entries("user.delegate")[0]["detail"]["model"] == model.record_id


def test_one_person_stands_in_for_a_role_at_a_time(stan: User) -> None:
    vera, other = scenarios.validator(), person("other", everywhere=("peer_reviewer",))
    made = delegated(vera, stan, ROLE, starts_on=in_days(2), ends_on=in_days(4))

    for starts, ends in ((0, 2), (3, 3), (4, 9), (0, 9)):
        with pytest.raises(RuleBroken, match="Somebody stands in for you"):
            delegated(vera, other, ROLE, starts_on=in_days(starts), ends_on=in_days(ends))
    delegated(vera, other, ROLE, ends_on=in_days(1))
    delegated(vera, other, ROLE, starts_on=in_days(5), ends_on=in_days(6))
    delegated(vera, other, ROLE, model=scenarios.registered_model(), ends_on=in_days(9))
    operations.end_delegation(made, by=actor(vera))
    delegated(vera, other, ROLE, starts_on=in_days(2), ends_on=in_days(4))


def test_nobody_lets_somebody_sign_in_the_place_of_another(stan: User) -> None:
    vera = scenarios.validator()
    wrong = {
        "who would sign": actor(stan),
        "another with the role": actor(person("victor", everywhere=(ROLE,))),
        "an owner": actor(scenarios.owner()),
        "a superuser": actor(person("root", administrator=True)),
        "a token of the delegator": token_of(vera, set(Scope)),
        "the worker": WORKER,
        "the system": SYSTEM,
        "nobody": ANONYMOUS,
    }
    for who, by in wrong.items():
        with pytest.raises(NotAllowed):
            operations.delegate(
                vera,
                by=by,
                to=stan,
                role=ROLE,
                starts_on=today(),
                ends_on=today(),
                reason=WHY,
            )
            pytest.fail(f"{who} was let through")

    assert refusals("user.delegate") == ["not_allowed"] * len(wrong)
    assert not Delegation.objects.exists()


# -- signing for somebody


def test_a_stand_in_signs_for_the_time_it_lasts_and_the_statement_says_for_whom(
    stan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    assert seats(request, stan) == []
    delegated(scenarios.validator(), stan, ROLE)
    assert seats(request, stan) == [ROLE]

    signed = sign(request, stan, ROLE)

    assert (signed.signer, signed.on_behalf_of) == (stan, scenarios.validator())
    assert scenarios.validator().record_id in signed.statement
    sign(request, scenarios.risk_officer(), "risk_officer")
    assert is_open(request)


def test_a_delegation_to_come_or_over_or_for_another_model_lets_nobody_sign(
    stan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    vera = scenarios.validator()
    delegated(vera, stan, ROLE, starts_on=in_days(1), ends_on=in_days(2))
    delegated(vera, stan, ROLE, model=scenarios.registered_model())

    for days in (0, 3):
        with monkeypatch.context() as clock:
            move_clock(clock, days)
            with pytest.raises(NotAllowed, match="You do not hold the role Independent validator"):
                sign(request, stan, ROLE)
    assert not request.sign_offs.exists()


def test_d5_neither_a_stand_in_nor_whom_they_stand_in_for_may_have_built_or_asked(
    stan: User,
) -> None:
    dev, dora = scenarios.developer(), person("dora", everywhere=("model_developer",))
    for role in ("model_owner", "peer_reviewer"):
        accounts.grant_duty(dev, role, by=HOST, reason=WHY)
        accounts.grant_duty(dora, role, by=HOST, reason=WHY)
    model = scenarios.registered_model()
    version = scenarios.check(scenarios.registered_version(model, by=actor(dora)))
    request = scenarios.requested(version=version)
    chains = {dev: "requested this promotion", dora: "contributed to this version"}

    for involved, words in chains.items():
        made = delegated(involved, stan, "model_owner")
        with pytest.raises(NotAllowed, match=words):
            sign(request, stan, "model_owner")
            pytest.fail(f"let through for {involved}")
        operations.end_delegation(made, by=actor(involved))
        end_duty(involved, "model_owner")
        made = delegated(scenarios.owner(), involved, "model_owner")
        with pytest.raises(NotAllowed, match=words):
            sign(request, involved, "model_owner")
            pytest.fail(f"{involved} was let through")
        operations.end_delegation(made, by=actor(scenarios.owner()))

    assert not request.sign_offs.exists()


def test_d5_a_role_goes_no_further_than_one_stand_in(stan: User) -> None:
    request, further = scenarios.requested(Stage.PRODUCTION), person("further")
    delegated(scenarios.validator(), stan, ROLE)

    with pytest.raises(NotAllowed, match="You do not hold the role Independent validator"):
        delegated(stan, further, ROLE)

    assert seats(request, further) == []


def test_d5_a_stand_in_signs_one_slot_though_they_hold_the_other_role() -> None:
    request, rita = scenarios.requested(Stage.PRODUCTION), scenarios.risk_officer()
    delegated(scenarios.validator(), rita, ROLE)
    sign(request, rita, "risk_officer")

    with pytest.raises(NotAllowed, match="has already signed in another role"):
        sign(request, rita, ROLE)

    assert not is_open(request)


def test_what_a_stand_in_signed_counts_only_while_the_delegator_holds_the_role(
    stan: User,
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    delegated(scenarios.validator(), stan, ROLE)
    sign(request, stan, ROLE)
    assert why_void(request) == []

    end_duty(scenarios.validator(), ROLE)

    assert len(why_void(request)) == 1
    assert seats(request, stan) == []


# -- ending it


def test_a_delegation_ends_early_once_and_what_was_signed_under_it_stands(stan: User) -> None:
    request, vera = scenarios.requested(Stage.PRODUCTION), scenarios.validator()
    made = delegated(vera, stan, ROLE)
    sign(request, stan, ROLE)

    operations.end_delegation(made, by=actor(vera))

    made.refresh_from_db()
    assert made.ended_at is not None
    assert not made.holds(today())
    [entry] = entries("delegation.end")
    assert entry["subject"] == {"type": "delegation", "id": made.record_id}
    assert entry["actor"]["id"] == vera.record_id
    assert why_void(request) == []
    with pytest.raises(RuleBroken, match="over already"):
        operations.end_delegation(made, by=actor(vera))


def test_a_delegation_whose_day_is_over_is_not_ended_again(
    stan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = delegated(scenarios.validator(), stan, ROLE)
    move_clock(monkeypatch, 8)

    with pytest.raises(RuleBroken, match="over already"):
        operations.end_delegation(made, by=actor(scenarios.validator()))


def test_only_who_delegated_ends_it(stan: User) -> None:
    made = delegated(scenarios.validator(), stan, ROLE)
    wrong = {
        "who stands in": actor(stan),
        "a stranger": actor(scenarios.stranger()),
        "a superuser": actor(person("root", administrator=True)),
        "the worker": WORKER,
        "nobody": ANONYMOUS,
    }
    for who, by in wrong.items():
        with pytest.raises(NotAllowed):
            operations.end_delegation(made, by=by)
            pytest.fail(f"{who} was let through")

    assert refusals("delegation.end") == ["not_allowed"] * len(wrong)
    made.refresh_from_db()
    assert made.ended_at is None


def test_what_cannot_be_recorded_is_neither_delegated_nor_ended(
    stan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = delegated(scenarios.validator(), stan, ROLE)
    break_the_record(monkeypatch)

    with pytest.raises(IntegrityError):
        delegated(scenarios.owner(), stan, "model_owner")
    with pytest.raises(IntegrityError):
        operations.end_delegation(made, by=actor(scenarios.validator()))

    made.refresh_from_db()
    assert made.ended_at is None
    assert list(Delegation.objects.all()) == [made]
