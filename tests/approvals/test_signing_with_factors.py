"""A passkey signs the very statement of a sign-off; who holds a second factor signs with it."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from fido2.utils import websafe_decode

from apps.accounts.confirmation import challenge_of
from apps.accounts.models import PasskeyUse, User
from apps.accounts.passkeys import KnownKey
from apps.approvals.models import PromotionRequest, SignOff
from apps.catalog.lifecycle import Stage
from tests import scenarios
from tests.accounts.authenticator import HOST, SoftAuthenticator
from tests.accounts.holders import code_now, with_app, with_passkey
from tests.approvals.walk import entries
from tests.factories import PASSWORD, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def vera() -> User:
    return scenarios.validator()


@pytest.fixture
def request_() -> PromotionRequest:
    return scenarios.requested(Stage.PRODUCTION)


@pytest.fixture
def veras(vera: User) -> Client:
    """The validator's browser, at a host where browsers offer passkeys."""
    return signed_in(Client(SERVER_NAME=HOST), vera)


def filled_in(veras: Client, request: PromotionRequest, **changes: str) -> dict[str, str]:
    """Open the page and fill in its form, all but what proves who signs."""
    shown = veras.get(request.get_absolute_url()).content.decode()
    ticket = re.search(r'name="ticket" value="([^"]+)"', shown)
    assert ticket is not None
    sent = {"ticket": ticket[1], "role": "validator", "decision": "approve", "reason": "Examined"}
    return {**sent, **changes}


def asked(veras: Client, request: PromotionRequest, sent: dict[str, str]) -> Any:
    return veras.post(reverse("approvals:ask_passkey", args=[request.pk]), sent)


def signed(veras: Client, request: PromotionRequest, sent: dict[str, str]) -> str:
    return veras.post(
        reverse("approvals:sign", args=[request.pk]), sent, follow=True
    ).content.decode()


def test_a_passkey_signs_the_statement_and_the_event_proves_it_without_us(
    veras: Client, vera: User, request_: PromotionRequest
) -> None:
    passkey, key = with_passkey(vera)
    sent = filled_in(veras, request_)
    options = asked(veras, request_, sent).json()

    assert "Signed as" in signed(veras, request_, {**sent, "assertion": key.signed(options)})

    row = SignOff.objects.get(request=request_)
    assert row.method == "passkey"
    sign = entries("request.sign_off")[-1]["sign"]
    assert (sign["method"], sign["statement"]) == ("passkey", row.statement_digest)
    proof = sign["webauthn"]
    client_data = websafe_decode(proof["client_data"]).decode()
    assert websafe_decode(options["publicKey"]["challenge"]) == challenge_of(row.statement)
    assert options["publicKey"]["challenge"] in client_data
    public_key = entries("passkey.add")[-1]["detail"]["public_key"]
    KnownKey(passkey.credential_id, public_key).parsed.public_key.verify(
        websafe_decode(proof["authenticator_data"]) + challenge_of(client_data),
        websafe_decode(proof["signature"]),
    )


def test_a_passkey_asked_for_one_decision_signs_no_other(
    veras: Client, vera: User, request_: PromotionRequest
) -> None:
    _, key = with_passkey(vera)
    sent = filled_in(veras, request_, decision="decline")
    answer = key.signed(asked(veras, request_, sent).json())

    said = signed(veras, request_, {**sent, "decision": "approve", "assertion": answer})

    assert "The passkey signed something else, so nothing was signed." in said
    assert not SignOff.objects.filter(request=request_).exists()


def test_an_answer_sent_twice_signs_once(
    veras: Client, vera: User, request_: PromotionRequest
) -> None:
    _, key = with_passkey(vera, SoftAuthenticator(counts=False))
    sent = filled_in(veras, request_)
    answer = key.signed(asked(veras, request_, sent).json())
    signed(veras, request_, {**sent, "assertion": answer})

    said = signed(veras, request_, {**sent, "assertion": answer})

    assert "not asked of your passkey" in said
    assert SignOff.objects.filter(request=request_).count() == 1


def test_what_is_missing_is_said_before_the_passkey_is_asked(
    veras: Client, vera: User, request_: PromotionRequest
) -> None:
    with_passkey(vera)
    sent = filled_in(veras, request_)
    refused = {
        "Say in which role.": {**sent, "role": ""},
        "Say what you decide.": {**sent, "decision": ""},
        "did not come from the page": {**sent, "ticket": "made up"},
    }
    for says, wrong in refused.items():
        answer = asked(veras, request_, wrong)
        assert answer.status_code == 422, says
        assert says in answer.json()["refusal"]
    assert PasskeyUse.objects.get().last_used_at is None


def test_who_holds_a_second_factor_signs_with_it(
    veras: Client, vera: User, request_: PromotionRequest
) -> None:
    _, secret = with_app(vera)
    sent = filled_in(veras, request_, password=PASSWORD)
    shown = veras.get(request_.get_absolute_url()).content.decode()
    assert "Six digits from your authenticator app" in shown
    assert "Sign with a passkey" not in shown

    said = signed(veras, request_, sent)
    assert "Enter a one-time code or a recovery code too" in said
    assert not SignOff.objects.filter(request=request_).exists()
    again = filled_in(veras, request_, password=PASSWORD, code=code_now(secret, 1))
    assert "Signed as" in signed(veras, request_, again)

    assert SignOff.objects.get(request=request_).method == "password+code"
    assert "webauthn" not in entries("request.sign_off")[-1]["sign"]


def test_who_cannot_see_a_request_is_asked_for_no_passkey(
    veras: Client, vera: User, request_: PromotionRequest
) -> None:
    stranger = signed_in(Client(SERVER_NAME=HOST), scenarios.stranger())

    assert asked(stranger, request_, {}).status_code == 404
