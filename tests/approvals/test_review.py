"""What somebody with ill will, or a careless policy, would try first."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.signing.statements import StaleForm
from apps.approvals import in_force, operations, policies
from apps.approvals.models import Emergency, PromotionRequest
from apps.approvals.readiness import GatesClosed
from apps.catalog.lifecycle import Stage
from apps.catalog.models import RegisteredModel
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from tests import scenarios
from tests.accounts.authenticator import HOST
from tests.accounts.holders import with_passkey
from tests.approvals.exceptions import (
    WHY,
    asked,
    asked_rollback,
    enforce_emergency,
    granted,
    ratify,
    roll_back_at_once,
    sign_waiver,
    terms,
    two_in_turn,
)
from tests.approvals.policy_texts import Change, Document, move, text_of
from tests.approvals.policy_walk import OFFICER, drafted, signed, writer
from tests.approvals.walk import case_of, end_duty, overwrite
from tests.factories import PASSWORD, actor, person, signed_in

pytestmark = pytest.mark.django_db


def enforce(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """Let the starter policy be in force with a change made to it."""
    policy = policies.parse(text_of(change))
    monkeypatch.setattr(in_force, "policy", lambda: policy)


def stages(model: RegisteredModel) -> list[str]:
    return list(model.versions.order_by("number").values_list("stage", flat=True))


# -- the way back


def who_executes_signs_nothing(document: Document) -> None:
    """Let a risk officer sign the way back, and nobody who carries it out."""
    rule = {
        "id": "operator_executes_only",
        "title": "The executing operator may not approve",
        "nobody_who": "carries this out",
        "tiers": [1, 2, 3, 4],
        "expr": "actor.id != transition.executor_id",
        "cites": ["ISO/IEC 27001 Annex A 5.3"],
    }
    document["separation_of_duties"].append(rule)
    rollback = move(document, "rollback")
    slot = {"role": "risk_officer", "count": 1, "meaning": "approval"}
    rollback["sign_offs"] = {tier: [slot] for tier in rollback["sign_offs"]}


def test_nobody_signs_the_way_back_and_carries_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    model = two_in_turn()
    enforce(monkeypatch, who_executes_signs_nothing)
    both = scenarios.account("bo", "Bo Both", "risk_officer", "operator")
    scenarios.sign(asked_rollback(model), both, "risk_officer")

    with pytest.raises(GatesClosed, match="Nobody who carries this out"):
        operations.roll_back(model, by=actor(both), reason=WHY)
    assert stages(model) == [Stage.ARCHIVED, Stage.PRODUCTION]

    operations.roll_back(model, by=actor(scenarios.operator()), reason=WHY)
    assert stages(model) == [Stage.PRODUCTION, Stage.ARCHIVED]


def test_a_rollback_that_was_asked_for_is_not_rolled_back_either() -> None:
    model = two_in_turn()
    asked_rollback(model)
    operator = actor(scenarios.operator())
    operations.roll_back(model, by=operator, reason=WHY)

    with pytest.raises(RuleBroken, match="has no version before to go back to"):
        operations.roll_back(model, by=operator, reason=WHY)

    assert stages(model) == [Stage.PRODUCTION, Stage.ARCHIVED]


def the_operator_signs_in_an_emergency(document: Document) -> None:
    """Let the act of an operator be the sign-off an emergency asks for."""
    rollback = move(document, "rollback")
    slot = {
        "role": "operator",
        "count": 1,
        "meaning": "responsibility",
        "when": "transition.mode == 'emergency'",
    }
    rollback["modes"] = ["standard", "emergency"]
    rollback["sign_offs"] = {tier: [slot] for tier in rollback["sign_offs"]}
    rollback["emergency"] = {
        "distinct_approvers": dict.fromkeys(("1", "2", "3", "4"), 1),
        "sod_exempt": ["not_requester"],
        "ratification": {tier: ["model_owner"] for tier in ("1", "2", "3", "4")},
        "ratify_within_hours": 24,
    }


def test_in_an_emergency_nobody_acts_whom_the_policy_would_not_let_sign_for_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = two_in_turn()
    enforce(monkeypatch, the_operator_signs_in_an_emergency)
    administrator = person("adam", everywhere=("operator",), administrator=True)
    contributor = person("cora", everywhere=("operator", "model_developer"))
    overwrite(model.versions.get(number=1), contributors=[contributor.record_id])
    page = reverse("approvals:roll_back_at_once", args=[model.name])
    for who, why in (
        (administrator, "Nobody who administers the platform"),
        (contributor, "Nobody who contributed to this version"),
    ):
        with pytest.raises(NotAllowed, match=why):
            roll_back_at_once(model, by=who)
        assert why in signed_in(client, who).get(page).content.decode()
    assert stages(model) == [Stage.ARCHIVED, Stage.PRODUCTION]

    roll_back_at_once(model)

    assert stages(model) == [Stage.PRODUCTION, Stage.ARCHIVED]


def test_an_emergency_is_confirmed_with_a_passkey_that_signed_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = two_in_turn()
    request = scenarios.requested(Stage.PRODUCTION, model)
    enforce_emergency(monkeypatch)
    both = scenarios.account("vic", "Vic Validates", "operator", "validator")
    client = signed_in(Client(SERVER_NAME=HOST), both)
    _, key = with_passkey(both)
    page = reverse("approvals:roll_back_at_once", args=[model.name])
    sent = {"reason": WHY, "typed_name": model.name}
    shown = client.get(request.get_absolute_url()).content.decode()
    ticket = shown.split('name="ticket" value="')[1].split('"', maxsplit=1)[0]
    sign_off = {"ticket": ticket, "role": "validator", "decision": "decline", "reason": WHY}

    of_sign_off = client.post(reverse("approvals:ask_passkey", args=[request.pk]), sign_off).json()
    answer = client.post(page, {**sent, "assertion": key.signed(of_sign_off)})
    assert "The passkey signed something else" in answer.content.decode()
    of_nothing = client.post(reverse("accounts:ask_passkey")).json()
    signs = reverse("approvals:sign", args=[request.pk])
    answer = client.post(signs, {**sign_off, "assertion": key.signed(of_nothing)})
    assert "The passkey signed something else" in answer.content.decode()
    assert not Emergency.objects.exists()
    assert not request.sign_offs.exists()

    of_nothing = client.post(reverse("accounts:ask_passkey")).json()
    answer = client.post(page, {**sent, "assertion": key.signed(of_nothing)})

    assert answer.status_code == HTTPStatus.FOUND
    assert Emergency.objects.get().acted_by == both


def test_a_confirmation_of_who_lost_the_role_meanwhile_settles_no_emergency(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = two_in_turn()
    enforce_emergency(monkeypatch)
    emergency = roll_back_at_once(model)
    ratify(emergency, scenarios.risk_officer(), "risk_officer")
    end_duty(scenarios.risk_officer(), "risk_officer")

    with pytest.raises(RuleBroken, match="It was confirmed by Rita Risk as Model risk officer"):
        ratify(emergency, scenarios.owner(), "model_owner")

    emergency.refresh_from_db()
    assert emergency.state == Emergency.State.OPEN
    assert emergency.ratifications.count() == 1


def test_the_form_to_go_back_goes_back_once_however_often_it_is_sent(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = two_in_turn()
    scenarios.promoted(Stage.PRODUCTION, model)
    operator = signed_in(client, scenarios.operator())
    enforce_emergency(monkeypatch)
    for name, also in (
        ("approvals:roll_back", {}),
        ("approvals:roll_back_at_once", {"typed_name": model.name, "password": PASSWORD}),
    ):
        page = reverse(name, args=[model.name])
        shown = operator.get(page).content.decode()
        to = shown.split('name="to" value="')[1].split('"', maxsplit=1)[0]
        there = stages(model)

        first, second = (operator.post(page, {"reason": WHY, "to": to, **also}) for _ in range(2))

        assert (first.status_code, second.status_code) == (302, 422), name
        moved = stages(model)
        assert moved[int(to) - 1] == Stage.PRODUCTION
        assert moved != there
        assert operator.post(page, {"reason": WHY, "to": "99", **also}).status_code == 404
        assert operator.post(page, {"reason": WHY, "to": "9" * 40, **also}).status_code == 422
    assert stages(model) == [Stage.PRODUCTION, Stage.ARCHIVED, Stage.ARCHIVED]


# -- what a signature counts for


def test_a_sign_off_moved_to_another_request_counts_for_nothing() -> None:
    first = scenarios.requested()
    by = actor(scenarios.owner())
    ticket = scenarios.ticket(first, by)
    given = scenarios.sign(first, scenarios.owner(), "model_owner")
    operations.withdraw_request(first, by=actor(scenarios.developer()), reason=WHY)
    second = scenarios.requested(version=first.version)
    overwrite(given, request_id=second.pk)

    assert list(case_of(second).why_void.values()) == ["It was given for something else."]
    assert not case_of(second).readiness.is_open
    with pytest.raises(StaleForm):
        ticket.require_current(case_of(second).dossier, by=by)


# -- policies


def test_who_wrote_the_draft_another_draft_began_with_signs_neither() -> None:
    first = drafted(lambda document: move(document).update(title="To production"))
    other = scenarios.account("olaf", "Olaf Officer", OFFICER)
    second = operations.draft_policy(by=actor(other), reason=WHY, based_on=first)
    second = operations.propose_policy(second, by=actor(other), reason=WHY)

    for who in (writer(), other):
        with pytest.raises(NotAllowed, match="Nobody who wrote the policy signs it"):
            signed(second, who, OFFICER)

    signed(second, scenarios.risk_officer(), OFFICER)


# -- what is said


def test_what_is_said_has_room_for_ten_thousand_characters_that_can_be_shown() -> None:
    version = scenarios.checked()
    developer = actor(scenarios.developer())

    def ask(note: str) -> PromotionRequest:
        return operations.request_promotion(
            version, by=developer, target=Stage.STAGING, reason=WHY, note=note
        )

    for text in ("x" * 10_001, "a\x00b"):
        with pytest.raises(InputRefused, match="What is said about the warnings holds"):
            ask(text)
    request = ask("x" * 10_000)
    for text in ("x" * 10_001, "a\x00b"):
        with pytest.raises(InputRefused, match="A comment holds"):
            operations.comment(request, by=developer, text=text)
    operations.comment(request, by=developer, text="x\n" * 5_000)


# -- waivers


def more_renewals(document: Document) -> None:
    for tier in document["tiers"]:
        tier["settings"]["waiver_max_renewals"] = 2


def test_after_the_renewal_of_a_waiver_was_revoked_it_can_be_asked_for_as_after_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enforce(monkeypatch, more_renewals)
    first = granted()
    again = operations.renew_waiver(
        first, by=actor(scenarios.developer()), reason=WHY, terms=terms()
    )
    sign_waiver(again)
    operations.revoke_waiver(again, by=actor(scenarios.risk_officer()), reason=WHY)

    third = asked(first.version)

    assert (third.state, third.renews) == ("asked", None)
