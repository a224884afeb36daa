"""What is signed is what was shown: a form opened before something changed is refused (D3).

A form is sent once, however often it comes (D4).
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from apps.accounts import operations as accounts
from apps.accounts.signing.statements import TICKET_HOLDS, StaleForm
from apps.approvals import operations, statements
from apps.approvals.models import PromotionRequest, SignOff
from apps.approvals.statements import Ticket
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.core.errors import DomainError
from tests import scenarios
from tests.approvals.walk import (
    APPROVE,
    DECLINE,
    WHY,
    ask_again,
    change_the_policy,
    damage,
    end_duty,
    forgettable,
    is_open,
    promote,
    refusals,
    run_again,
    sign,
)
from tests.factories import HOST, actor, person

pytestmark = pytest.mark.django_db

Happening = Callable[[PromotionRequest, pytest.MonkeyPatch], object]


def another_version_is_promoted(request: PromotionRequest) -> None:
    other = scenarios.requested(Stage.PRODUCTION, request.version.model)
    sign(other, person("victor", everywhere=("validator",)), "validator")
    sign(other, scenarios.risk_officer(), "risk_officer")
    promote(other)


CHANGES: dict[str, tuple[Happening, str]] = {
    "a check was run again": (
        lambda request, _: run_again(request.version, "schema"),
        "was run again",
    ),
    "a check was asked for again": (
        lambda request, _: ask_again(request.version, "schema"),
        "was passed and is now queued",
    ),
    "a check came to another result": (
        lambda request, _: damage(request.version),
        "was passed and is now failed",
    ),
    "the policy changed": (
        lambda _, monkeypatch: change_the_policy(monkeypatch),
        "What the policy asks here changed",
    ),
    "the model is said to be for something else": (
        lambda request, _: catalog.describe_model(
            request.version.model, by=actor(scenarios.owner()), intended_use="Decides everything."
        ),
        "The model's intended use changed",
    ),
    "the model's limitations changed": (
        lambda request, _: catalog.describe_model(
            request.version.model, by=actor(scenarios.owner()), limitations="None known."
        ),
        "The model's limitations changed",
    ),
    "another version entered production": (
        lambda request, _: another_version_is_promoted(request),
        "Version 2 is in production by now",
    ),
}
ENDINGS: dict[str, tuple[Happening, str, str]] = {
    "the role ended": (
        lambda *_: end_duty(scenarios.validator(), "validator"),
        "not_allowed",
        "You hold no role on this model that signs",
    ),
    "the account was closed": (
        lambda *_: accounts.close_account(scenarios.validator(), by=HOST, reason=WHY),
        "not_allowed",
        "You hold no role on this model that signs",
    ),
    "the request was withdrawn": (
        lambda request, _: operations.withdraw_request(
            request, by=actor(scenarios.developer()), reason=WHY
        ),
        "rule_broken",
        "closed: withdrawn",
    ),
    "somebody declined": (
        lambda request, _: sign(
            request, scenarios.risk_officer(), "risk_officer", decision=DECLINE
        ),
        "rule_broken",
        "closed: declined",
    ),
}


@pytest.mark.parametrize("decision", [APPROVE, DECLINE])
@pytest.mark.parametrize("happening", CHANGES)
def test_a_form_opened_before_something_changed_is_refused_and_says_what(
    happening: str, decision: SignOff.Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = scenarios.requested(Stage.PRODUCTION, version=forgettable(Stage.PRODUCTION))
    vera = scenarios.validator()
    ticket = scenarios.ticket(request, actor(vera))
    happens, says = CHANGES[happening]
    happens(request, monkeypatch)

    with pytest.raises(StaleForm, match=says):
        sign(request, vera, "validator", ticket=ticket, decision=decision)

    assert refusals("request.sign_off") == ["stale_form"]
    assert not request.sign_offs.exists()
    request.refresh_from_db()
    assert request.is_open


@pytest.mark.parametrize("happening", ENDINGS)
def test_a_form_is_refused_once_the_signer_or_the_request_is_out(
    happening: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    vera = scenarios.validator()
    ticket = scenarios.ticket(request, actor(vera))
    happens, code, says = ENDINGS[happening]
    happens(request, monkeypatch)

    with pytest.raises(DomainError, match=says):
        sign(request, vera, "validator", ticket=ticket)

    assert refusals("request.sign_off") == [code]
    assert not request.sign_offs.filter(signer=vera).exists()


def test_a_role_that_ended_is_refused_though_the_signer_holds_another() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    both = person("bo", everywhere=("validator", "compliance_officer"))
    ticket = scenarios.ticket(request, actor(both))
    end_duty(both, "validator")

    with pytest.raises(DomainError, match="You do not hold the role Independent validator"):
        sign(request, both, "validator", ticket=ticket)

    assert refusals("request.sign_off") == ["not_allowed"]
    assert not request.sign_offs.exists()


def test_a_page_opened_again_signs_what_it_shows_now(monkeypatch: pytest.MonkeyPatch) -> None:
    request = scenarios.requested()
    change_the_policy(monkeypatch)

    sign(request, scenarios.owner(), "model_owner")

    assert is_open(request)


def test_the_sign_off_of_somebody_else_in_between_makes_no_form_stale() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    ticket = scenarios.ticket(request, actor(scenarios.risk_officer()))
    sign(request, scenarios.validator(), "validator")

    sign(request, scenarios.risk_officer(), "risk_officer", ticket=ticket)

    assert is_open(request)


# -- the ticket itself


def test_a_ticket_comes_back_as_it_was_issued() -> None:
    ticket = scenarios.ticket(scenarios.requested(), actor(scenarios.owner()))

    assert Ticket.opened(ticket.sealed()) == ticket


def test_a_ticket_that_was_opened_from_the_form_signs() -> None:
    request, olivia = scenarios.requested(), scenarios.owner()
    sealed = scenarios.ticket(request, actor(olivia)).sealed()

    sign(request, olivia, "model_owner", ticket=Ticket.opened(sealed))

    assert is_open(request)


def test_the_same_ticket_signs_once() -> None:
    request, olivia = scenarios.requested(), scenarios.owner()
    ticket = scenarios.ticket(request, actor(olivia))
    sign(request, olivia, "model_owner", ticket=ticket)

    with pytest.raises(StaleForm, match="was sent already"):
        sign(request, olivia, "model_owner", ticket=ticket)

    assert request.sign_offs.count() == 1
    assert refusals("request.sign_off") == ["stale_form"]


def test_a_used_ticket_signs_nothing_though_its_sign_off_was_taken_back() -> None:
    request, olivia = scenarios.requested(), scenarios.owner()
    ticket = scenarios.ticket(request, actor(olivia))
    signed = sign(request, olivia, "model_owner", ticket=ticket)
    operations.withdraw_sign_off(signed, by=actor(olivia), reason=WHY)

    with pytest.raises(StaleForm, match="was sent already"):
        sign(request, olivia, "model_owner", ticket=ticket)

    assert not is_open(request)


def test_a_ticket_of_somebody_else_signs_nothing() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    ticket = scenarios.ticket(request, actor(scenarios.validator()))

    with pytest.raises(StaleForm, match="made for somebody else"):
        sign(request, person("victor", everywhere=("validator",)), "validator", ticket=ticket)

    assert refusals("request.sign_off") == ["stale_form"]
    assert not request.sign_offs.exists()


def test_a_ticket_of_another_request_signs_nothing() -> None:
    shown, other = scenarios.requested(), scenarios.requested()
    ticket = scenarios.ticket(shown, actor(scenarios.owner()))

    with pytest.raises(StaleForm):
        sign(other, scenarios.owner(), "model_owner", ticket=ticket)

    assert not SignOff.objects.exists()


@pytest.mark.parametrize("place", [0, 20, -1])
def test_a_ticket_that_was_tampered_with_is_not_opened(place: int) -> None:
    sealed = list(scenarios.ticket(scenarios.requested(), actor(scenarios.owner())).sealed())
    sealed[place] = "A" if sealed[place] != "A" else "B"

    with pytest.raises(StaleForm, match="did not come from the page"):
        Ticket.opened("".join(sealed))


@pytest.mark.parametrize("text", ["", ":", "no ticket at all", "{}", "a:b:c", "\x00", "ü:ü:ü"])
def test_text_that_is_no_ticket_is_not_opened(text: str) -> None:
    with pytest.raises(StaleForm, match="did not come from the page"):
        Ticket.opened(text)


def test_a_ticket_is_not_opened_after_two_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = scenarios.ticket(scenarios.requested(), actor(scenarios.owner())).sealed()
    assert timedelta(hours=2) == TICKET_HOLDS
    monkeypatch.setattr(statements, "TICKET_HOLDS", timedelta(seconds=-1))

    with pytest.raises(StaleForm, match="over two hours old"):
        Ticket.opened(sealed)
