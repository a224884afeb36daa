"""Deliveries go out signed, in order, until they are taken; a lost worker loses none."""

import base64
import hashlib
import hmac
import json
import re
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from kombu.exceptions import OperationalError
from mlflow.webhooks.delivery import _generate_hmac_signature

from apps.accounts import operations as accounts
from apps.catalog import operations as catalog
from apps.core import outbound
from apps.core.clock import database_now
from apps.integrations import operations, payloads, queries, runner, tasks
from apps.integrations.models import BACK_OFF, MOST_TRIES, Webhook, WebhookDelivery
from tests.audit.sealing.sealed import seal_events
from tests.factories import HOST, actor, person
from tests.integrations.receiver import Receiver, Sent
from tests.integrations.record import followed, webhook
from tests.scenarios import developer, owner, registered_model, registered_version

pytestmark = pytest.mark.django_db

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "webhooks.md"
SECRET = "a long random text"
NAMES = ("one", "two", "three")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = database_now()

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hook(there: Receiver) -> Webhook:
    """A signed webhook for models at the receiver, with three deliveries that wait."""
    made = webhook(url=there.url, secret=SECRET, events=["registered_model.created"])
    for name in NAMES:
        registered_model(name)
    followed()
    return made


def told(there: Receiver) -> list[str]:
    return [json.loads(sent.body)["data"]["name"] for sent in there.requests]


def states(hook: Webhook) -> list[str]:
    return [delivery.state for delivery in hook.deliveries.order_by("event")]


# -- what goes over the line -----------------------------------------------------------------------


def test_a_delivery_is_signed_as_mlflow_signs(hook: Webhook, there: Receiver) -> None:
    runner.deliver_waiting(hook.pk)

    first, delivery = there.requests[0], hook.deliveries.order_by("event").first()
    assert delivery is not None
    headers = {key.lower(): value for key, value in first.headers.items()}
    stamp = headers["x-mlflow-timestamp"]
    assert headers["content-type"] == "application/json"
    assert headers["x-mlflow-delivery-id"] == str(delivery.uid)
    assert abs(int(stamp) - database_now().timestamp()) < 60
    assert headers["x-mlflow-signature"] == _generate_hmac_signature(
        SECRET, str(delivery.uid), stamp, first.body.decode()
    )
    assert json.loads(first.body) == {
        "entity": "registered_model",
        "action": "created",
        "timestamp": delivery.event.written_at.isoformat(),
        "data": {"name": "one", "tags": {}, "description": ""},
    }


def test_without_a_secret_nothing_is_signed(hook: Webhook, there: Receiver) -> None:
    operations.change_webhook(hook, by=actor(developer()), secret="")
    runner.deliver_waiting(hook.pk)
    assert not any(key.lower() == "x-mlflow-signature" for key in there.requests[0].headers)


def test_deliveries_go_out_in_order_and_each_once(hook: Webhook, there: Receiver) -> None:
    assert runner.deliver_waiting(hook.pk) == 3
    assert runner.deliver_waiting(hook.pk) == 0
    assert told(there) == list(NAMES)
    assert states(hook) == ["delivered"] * 3
    first = hook.deliveries.order_by("event")[0]
    assert (first.attempts, first.answered, first.note) == (1, 200, "")
    assert first.finished_at is not None
    assert str(first) == "registered_model.created to hook"


def test_nothing_is_sent_inside_a_transaction(
    hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    depth = len(connection.savepoint_ids)
    seen: list[int] = []

    def post(url: str, body: bytes, **named: object) -> int:
        seen.append(len(connection.savepoint_ids) - depth)
        return 200

    monkeypatch.setattr(outbound, "post", post)
    runner.deliver_waiting(hook.pk)
    assert seen == [0, 0, 0]


# -- a receiver that is down -----------------------------------------------------------------------


def test_a_receiver_down_and_then_up_gets_each_event_once_and_in_order(
    hook: Webhook, there: Receiver, clock: Clock
) -> None:
    there.status = 503
    assert runner.deliver_waiting(hook.pk, clock=clock) == 1
    assert runner.deliver_waiting(hook.pk, clock=clock) == 0  # it rests
    clock.forward(BACK_OFF[0] - timedelta(seconds=1))
    assert runner.deliver_waiting(hook.pk, clock=clock) == 0
    clock.forward(timedelta(seconds=1))
    assert runner.deliver_waiting(hook.pk, clock=clock) == 1
    assert states(hook) == ["waiting"] * 3

    there.status = 200
    clock.forward(BACK_OFF[1])
    runner.deliver_waiting(hook.pk, clock=clock)

    assert told(there) == ["one", "one", "one", "two", "three"]
    assert states(hook) == ["delivered"] * 3
    ids = [sent.headers["X-MLflow-Delivery-Id"] for sent in there.requests]
    assert len(set(ids)) == 3
    assert ids[0] == ids[1] == ids[2]


def test_a_receiver_that_stays_down_is_given_up_and_the_next_follows(
    hook: Webhook, there: Receiver, clock: Clock
) -> None:
    there.status = 500
    for rest in BACK_OFF:
        assert runner.deliver_waiting(hook.pk, clock=clock) == 1
        clock.forward(rest)
    there.script = answer_by_name
    runner.deliver_waiting(hook.pk, clock=clock)

    first = hook.deliveries.order_by("event")[0]
    assert states(hook) == ["failed", "delivered", "delivered"]
    assert (first.attempts, first.answered) == (MOST_TRIES, 500)
    assert first.note == "The address answered with status 500."
    assert told(there) == ["one"] * MOST_TRIES + ["two", "three"]
    assert sum(BACK_OFF, timedelta()) == timedelta(minutes=123)


def answer_by_name(sent: Sent, handler: Any) -> None:
    """Refuse the first model and take all others."""
    is_first = json.loads(sent.body)["data"]["name"] == "one"
    handler.send_response(500 if is_first else 204)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 410, 429, 500])
def test_only_a_status_of_success_counts(hook: Webhook, there: Receiver, status: int) -> None:
    there.status, there.headers = status, {"Location": "http://127.0.0.1:1/"}
    runner.deliver_waiting(hook.pk)
    first = hook.deliveries.order_by("event")[0]
    assert (first.state, first.answered) == ("waiting", status)
    assert "nobody may read" not in first.note


def test_nobody_there_is_noted_in_words(hook: Webhook, settings: Any) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.1:1"]
    Webhook._base_manager.filter(pk=hook.pk).update(url="http://127.0.0.1:1/")
    runner.deliver_waiting(hook.pk)
    first = hook.deliveries.order_by("event")[0]
    assert (first.state, first.answered) == ("waiting", None)
    assert first.note == "The server did not answer in time, or its answer broke off."


def test_k1_what_was_saved_when_it_was_trusted_is_refused_when_it_is_sent(
    hook: Webhook, there: Receiver, settings: Any
) -> None:
    settings.OUTBOUND_ALLOW = []
    runner.deliver_waiting(hook.pk)
    first = hook.deliveries.order_by("event")[0]
    assert first.state == "waiting"
    assert "does not send" in first.note
    assert there.requests == []


def test_a_changed_webhook_is_tried_again_at_once(hook: Webhook, there: Receiver) -> None:
    there.status = 500
    runner.deliver_waiting(hook.pk)
    there.status = 200
    assert queries.webhooks_with_work(database_now()) == []

    operations.change_webhook(hook, by=actor(developer()), url=there.url + "/new")

    assert queries.webhooks_with_work(database_now()) == [hook.pk]
    runner.deliver_waiting(hook.pk)
    assert [sent.path for sent in there.requests] == ["/hook"] + ["/hook/new"] * 3


def test_one_webhook_does_not_wait_for_another(hook: Webhook, there: Receiver) -> None:
    other = webhook(owner(), url=there.url, events=["model_version.created"])
    registered_version(by=None)
    followed()
    there.status = 500
    runner.deliver_waiting(hook.pk)
    there.status = 200
    assert queries.webhooks_with_work(database_now()) == [other.pk]


# -- who may know ----------------------------------------------------------------------------------


def test_what_the_owner_may_not_see_is_not_sent(there: Receiver) -> None:
    outsider = person("outsider", everywhere=("model_developer",))
    made = webhook(outsider, url=there.url, events=["registered_model.created"])
    registered_model("secret-model")
    followed()
    [duty] = outsider.duty_set.filter(until=None)
    accounts.end_duty(duty, by=HOST, reason="Moved on")

    runner.deliver_waiting(made.pk)

    delivery = made.deliveries.get()
    assert there.requests == []
    assert (delivery.state, delivery.note) == ("dropped", runner.HIDDEN)


def test_nothing_is_sent_for_an_account_that_was_closed(hook: Webhook, there: Receiver) -> None:
    accounts.close_account(developer(), by=HOST, reason="Left")
    runner.deliver_waiting(hook.pk)
    assert there.requests == []
    assert states(hook) == ["dropped"] * 3


def test_a_disabled_webhook_keeps_what_waits(hook: Webhook, there: Receiver) -> None:
    by = actor(developer())
    operations.change_webhook(hook, by=by, status="DISABLED")
    assert queries.webhooks_with_work(database_now()) == []
    assert runner.deliver_waiting(hook.pk) == 0
    operations.change_webhook(hook, by=by, status="ACTIVE")
    assert runner.deliver_waiting(hook.pk) == 3
    assert told(there) == list(NAMES)


def test_a_deleted_webhook_is_sent_nothing(hook: Webhook, there: Receiver) -> None:
    operations.delete_webhook(hook, by=actor(developer()))
    assert runner.deliver_waiting(hook.pk) == 0
    assert states(hook) == ["dropped"] * 3
    assert there.requests == []


# -- several workers -------------------------------------------------------------------------------


def test_a_delivery_under_way_holds_its_webhook(hook: Webhook, clock: Clock) -> None:
    claimed = runner.claim(hook.pk, now=clock())
    assert claimed is not None
    assert runner.claim(hook.pk, now=clock()) is None
    assert queries.webhooks_with_work(clock()) == []


def test_two_workers_that_saw_the_same_delivery_send_it_once(
    hook: Webhook, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = queries.first_in_line(hook.pk)
    runner.claim(hook.pk, now=clock())
    monkeypatch.setattr(queries, "first_in_line", lambda pk: seen)
    assert runner.claim(hook.pk, now=clock()) is None


def test_a_try_whose_worker_is_lost_is_made_again_and_the_late_one_does_not_count(
    hook: Webhook, there: Receiver, clock: Clock
) -> None:
    lost = runner.claim(hook.pk, now=clock())
    assert lost is not None
    clock.forward(runner.LEASE + timedelta(seconds=1))
    assert queries.webhooks_with_work(clock()) == [hook.pk]
    there.status = 500
    runner.deliver_waiting(hook.pk, clock=clock)

    late = runner.Outcome(WebhookDelivery.State.DELIVERED, 200)
    assert not runner.conclude(lost, late, now=clock())

    first = hook.deliveries.order_by("event")[0]
    assert (first.state, first.attempts, first.answered) == ("waiting", 2, 500)


def test_a_delivery_that_kills_its_worker_each_time_is_given_up(
    hook: Webhook, there: Receiver, clock: Clock
) -> None:
    for _ in range(MOST_TRIES):
        assert runner.claim(hook.pk, now=clock()) is not None
        clock.forward(runner.LEASE + timedelta(seconds=1))
    runner.deliver_waiting(hook.pk, clock=clock)
    first = hook.deliveries.order_by("event")[0]
    assert (first.state, first.note) == ("failed", runner.LOST)
    assert told(there) == ["two", "three"]


def test_an_error_of_our_own_does_not_lose_the_delivery(
    hook: Webhook, there: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(payloads, "data_of", lambda *_, **__: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            runner.deliver_waiting(hook.pk, clock=clock)
    assert states(hook) == ["waiting"] * 3
    clock.forward(runner.LEASE + timedelta(seconds=1))
    runner.deliver_waiting(hook.pk, clock=clock)
    assert told(there) == list(NAMES)


def test_one_webhook_with_much_to_send_lets_others_have_their_turn(
    hook: Webhook, there: Receiver, clock: Clock
) -> None:
    def slow(sent: Sent, handler: Any) -> None:
        clock.forward(runner.AT_ONCE / 2)
        answer_by_name(Sent("", "", {}, b'{"data": {"name": ""}}'), handler)

    there.script = slow
    assert runner.deliver_waiting(hook.pk, clock=clock) == 2
    assert states(hook) == ["delivered", "delivered", "waiting"]


# -- the doorbell ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("tasks_at_once")
def test_a_sweep_follows_the_record_and_delivers(there: Receiver) -> None:
    made = webhook(url=there.url)
    model = registered_model("swept")
    catalog.set_alias(model, "candidate", registered_version(model), by=actor(developer()))

    seal_events()
    tasks.follow_record.apply().get()

    assert states(made) == ["delivered"] * 3
    assert [json.loads(sent.body)["entity"] for sent in there.requests] == [
        "registered_model",
        "model_version",
        "model_version_alias",
    ]


def test_the_sweep_comes_every_five_seconds(settings: Any) -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["follow the record"]
    assert entry == {"task": tasks.follow_record.name, "schedule": 5.0}


@pytest.mark.usefixtures("tasks_at_once")
def test_with_the_broker_away_deliveries_wait(
    hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*arguments: object, **named: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(tasks.deliver, "apply_async", away)
    tasks.follow_record.apply().get()
    assert states(hook) == ["waiting"] * 3


@pytest.mark.parametrize("forged", ["1 OR 1=1", {"pk": 1}, None, 2**62])
def test_a_forged_id_sends_nothing(hook: Webhook, there: Receiver, forged: Any) -> None:
    with suppress(TypeError, ValueError):
        tasks.deliver.apply((forged,)).get()
    assert there.requests == []


# -- the sample receiver of the documentation ------------------------------------------------------


@pytest.fixture
def sample() -> dict[str, Any]:
    """The code of the page that says how to receive, as its readers copy it."""
    blocks = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    [code] = [block for block in blocks if "class Receiver" in block]
    names: dict[str, Any] = {}
    exec(compile(code, str(DOCUMENT), "exec"), names)
    return names


def test_the_sample_receiver_takes_what_signet_sends(
    hook: Webhook, there: Receiver, sample: dict[str, Any]
) -> None:
    runner.deliver_waiting(hook.pk)
    taker = sample["Receiver"](SECRET)
    taken = [taker.receive(sent.headers, sent.body) for sent in there.requests]
    assert [happened["data"]["name"] for happened in taken] == list(NAMES)


def test_k5_the_sample_receiver_refuses_a_replayed_delivery(
    hook: Webhook, there: Receiver, sample: dict[str, Any]
) -> None:
    runner.deliver_waiting(hook.pk)
    sent, taker, refused = there.requests[0], sample["Receiver"](SECRET), sample["Refused"]
    now = database_now().timestamp()
    assert taker.receive(sent.headers, sent.body, now=now)

    assert taker.receive(sent.headers, sent.body, now=now) is None
    with pytest.raises(refused, match="too old"):
        taker.receive(sent.headers, sent.body, now=now + 301)
    fresh = {**sent.headers, "X-MLflow-Timestamp": str(int(now) + 301)}
    renamed = {**sent.headers, "X-MLflow-Delivery-Id": "another"}
    for headers, body in (
        (fresh, sent.body),
        (renamed, sent.body),
        (sent.headers, sent.body + b" "),
        ({**sent.headers, "X-MLflow-Signature": ""}, sent.body),
    ):
        with pytest.raises(refused, match="signature"):
            taker.receive(headers, body, now=now + 301)


def test_the_signature_is_the_one_the_page_describes(hook: Webhook, there: Receiver) -> None:
    runner.deliver_waiting(hook.pk)
    sent = there.requests[0]
    signed = f"{sent.headers['X-MLflow-Delivery-Id']}.{sent.headers['X-MLflow-Timestamp']}."
    code = hmac.new(SECRET.encode(), signed.encode() + sent.body, hashlib.sha256).digest()
    assert sent.headers["X-MLflow-Signature"] == "v1," + base64.b64encode(code).decode()
