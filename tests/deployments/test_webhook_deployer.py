"""Orders by webhook: what is sent, what each answer means, and what may be asked."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from apps.deployments.deployers.contract import CannotLook, Ending, Order, Part, Seen
from apps.deployments.deployers.webhook import DEPLOYER
from tests.deployments.twins import SECRET, WebhookTwin, is_signed, webhook_twin
from tests.integrations.receiver import Receiver

DIGEST = "sha256:" + "1" * 64
ORDER = Order("rol_7", 3, "production", "fraud", (Part("fraud/eu", 12, DIGEST, "champion", 100),))


@pytest.fixture
def twin(settings: Settings) -> Iterator[WebhookTwin]:
    with webhook_twin(settings) as running:
        yield running


@pytest.fixture
def there(twin: WebhookTwin) -> Receiver:
    """The receiver, which answers as a test says."""
    twin.there.script = None
    return twin.there


def test_an_order_is_posted_as_json_signed_and_named_alike_each_time(
    twin: WebhookTwin, there: Receiver
) -> None:
    for _ in range(2):
        DEPLOYER.carry_out(ORDER, twin.target)

    first, second = there.requests
    assert (first.method, first.path) == ("POST", "/hook")
    assert json.loads(first.body) == {
        "kind": "rollout",
        "key": "rol_7",
        "number": 3,
        "environment": "production",
        "service": "fraud",
        "parts": [
            {
                "model": "fraud/eu",
                "version": 12,
                "digest": DIGEST,
                "role": "champion",
                "share": 100,
            }
        ],
    }
    assert first.body == second.body
    assert {one.headers["X-MLflow-Delivery-Id"] for one in there.requests} == {"rol_7"}
    assert is_signed(first)
    assert SECRET.encode() not in first.body


@pytest.mark.parametrize(
    ("status", "ending"),
    [
        (200, Ending.DONE),
        (201, Ending.DONE),
        (204, Ending.DONE),
        (202, Ending.ACCEPTED),
        (301, Ending.FAILED),
        (400, Ending.REFUSED),
        (404, Ending.REFUSED),
        (409, Ending.REFUSED),
        (422, Ending.REFUSED),
        (408, Ending.FAILED),
        (425, Ending.FAILED),
        (429, Ending.FAILED),
        (500, Ending.FAILED),
        (503, Ending.FAILED),
    ],
)
def test_each_status_means_one_ending(
    twin: WebhookTwin, there: Receiver, status: int, ending: Ending
) -> None:
    there.status = status

    outcome = DEPLOYER.carry_out(ORDER, twin.target)

    assert outcome.ending is ending
    assert outcome.told == f"The address answered with status {status}."


def test_an_address_that_is_not_reached_has_failed(twin: WebhookTwin, settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = []

    assert DEPLOYER.carry_out(ORDER, twin.target).ending is Ending.REFUSED

    settings.OUTBOUND_ALLOW = twin.there.trust

    def hang_up(sent: object, handler: Any) -> None:
        handler.close_connection = True

    twin.there.script = hang_up
    outcome = DEPLOYER.carry_out(ORDER, twin.target)
    assert outcome.ending is Ending.FAILED
    assert outcome.told == "The server did not answer in time, or its answer broke off."


@pytest.mark.parametrize(
    "target",
    [{}, {"url": 7, "secret": "hook"}, {"url": "https://evil.example/", "secret": "hook"}],
    ids=["nothing", "a number", "another host"],
)
def test_settings_that_are_wrong_when_it_is_sent_send_nothing(
    twin: WebhookTwin, there: Receiver, target: dict[str, object]
) -> None:
    assert DEPLOYER.carry_out(ORDER, target).ending is Ending.REFUSED
    assert there.requests == []


# -- settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"url": "gopher://x.example/"}, "The address: An address begins with"),
        ({"url": "http://169.254.169.254/"}, "The address: This address leads to a place"),
        ({"look": "http://10.0.0.1/look"}, "The address to look: This address leads to a place"),
        ({"secret": "other"}, "There is no secret named 'other' for 127.0.0.1:"),
        ({"look": "https://elsewhere.example/"}, "no secret named 'hook' for elsewhere.example."),
        ({"token": "x"}, "Object contains unknown field `token`. It knows: url, secret, look."),
        ({"url": None}, "The settings are refused: Expected `str`, got `null`"),
    ],
)
def test_wrong_settings_are_told_in_sentences(
    twin: WebhookTwin, changed: dict[str, object], said: str
) -> None:
    [sentence] = DEPLOYER.problems({**twin.target, **changed})

    assert said in sentence


def test_an_address_to_look_is_not_needed(twin: WebhookTwin) -> None:
    target = {name: value for name, value in twin.target.items() if name != "look"}

    assert DEPLOYER.problems(target) == []
    assert not DEPLOYER.looks(target)
    with pytest.raises(CannotLook, match="no address to look"):
        DEPLOYER.look("production", target)


# -- looking ---------------------------------------------------------------------------------------


def serving(**told: object) -> bytes:
    return json.dumps({"serving": [{"endpoint": "fraud", **told}]}).encode()


def test_what_runs_is_asked_for_with_a_signature(twin: WebhookTwin, there: Receiver) -> None:
    there.body = serving(digest=DIGEST, called="fraud/3", share=10, requests=1234)

    seen = DEPLOYER.look("production", twin.target)

    assert list(seen) == [Seen("fraud", DIGEST, "fraud/3", 10, 1234)]
    [asked] = there.requests
    assert (asked.method, asked.path) == ("GET", "/hook/look")
    assert is_signed(asked)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>", "This is not JSON"),
        (b"[]", "cannot be read"),
        (serving(digest="md5:1"), "cannot be read"),
        (serving(called="x" * 301), "cannot be read"),
        (serving(called="fraud/3", share=101), "cannot be read"),
        (serving(called="fraud/3", requests=-1), "cannot be read"),
        (serving(called="fraud/3", color="red"), "cannot be read"),
        (serving(), "neither digest nor name"),
        (b'{"serving": [' + b"1," * 2**19 + b"1]}", "more than"),
    ],
)
def test_an_answer_that_is_none_tells_nothing(
    twin: WebhookTwin, there: Receiver, body: bytes, said: str
) -> None:
    there.body = body

    with pytest.raises(CannotLook, match=said):
        DEPLOYER.look("production", twin.target)


def test_a_place_that_does_not_answer_cannot_be_looked_at(
    twin: WebhookTwin, there: Receiver
) -> None:
    there.status, there.body = 404, b"nothing to be shown"

    with pytest.raises(CannotLook, match=r"answered with status 404\.$"):
        DEPLOYER.look("production", twin.target)
