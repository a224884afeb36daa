"""Idempotency keys: what is sent again is answered again and done once, also at the same moment."""

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone

from apps.api import tasks
from apps.api.models import KeptAnswer
from apps.audit.models import AuditEvent
from apps.catalog.models import RegisteredModel
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of

pytestmark = pytest.mark.django_db

KEY = {"Idempotency-Key": "order 7"}
BODY = b'{"name": "credit"}'


def register(caller: Caller, body: bytes = BODY, headers: Mapping[str, str] = KEY) -> HttpResponse:
    return caller.send("POST", "/models", body, headers=headers)


def test_a_request_sent_again_is_answered_again_and_done_once(caller: Caller) -> None:
    first = register(caller)
    again = register(caller)

    assert said(again, 201) == said(first, 201)
    assert (again.content, again.headers["Content-Type"]) == (
        first.content,
        first.headers["Content-Type"],
    )
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert RegisteredModel.objects.count() == 1
    assert AuditEvent.objects.filter(action="model.register").count() == 1


def test_an_answer_without_a_body_is_kept_too(caller: Caller, model: RegisteredModel) -> None:
    address = f"/models/{model.name}/tags/a"
    said(caller.send("PUT", address, b'{"value": "b"}', headers={"Idempotency-Key": "1"}))

    for _ in range(2):
        said(caller.send("DELETE", address, headers={"Idempotency-Key": "2"}), 204)
    again = caller.send("PUT", address, b'{"value": "b"}', headers={"Idempotency-Key": "1"})

    assert said(again) == {"key": "a", "value": "b"}
    assert again.headers["ETag"]
    assert not model.tags.exists()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/models", b'{"name": "other"}'),
        ("POST", "/models", BODY + b" "),
        ("POST", "/uploads", b""),
        ("PATCH", "/models/credit", BODY),
    ],
)
def test_a_key_of_another_request_is_refused(
    caller: Caller, method: str, path: str, body: bytes
) -> None:
    said(register(caller), 201)

    problem = refusal(caller.send(method, path, body, headers=KEY), 422)

    assert problem["code"] == "idempotency_key_reused"
    assert RegisteredModel.objects.count() == 1


def test_a_key_belongs_to_one_person_and_one_token(caller: Caller) -> None:
    said(register(caller), 201)
    other_token = Caller(token_of(scenarios.developer()))
    other_person = Caller(token_of(scenarios.owner()))

    assert refusal(register(other_token), 422)["code"] == "idempotency_key_reused"
    said(register(other_person, b'{"name": "another"}'), 201)


def test_a_refusal_is_not_kept_since_nothing_was_done(caller: Caller) -> None:
    refusal(register(caller, b'{"name": ""}'), 400)
    refusal(register(caller, b""), 400)

    said(register(caller), 201)


def test_a_request_without_an_answer_is_not_done_again(caller: Caller) -> None:
    said(register(caller), 201)
    KeptAnswer.objects.update(status=None, answer="")

    problem = refusal(register(caller), 409)

    assert problem["code"] == "not_answered"
    assert RegisteredModel.objects.count() == 1


def test_what_broke_off_with_an_error_is_not_done_again(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**facts: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("apps.api.v1.registered.operations.register_model", fails)
        assert register(caller).status_code == 500

    assert refusal(register(caller), 409)["code"] == "not_answered"
    assert not RegisteredModel.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb", "é", "a\x7f"])
def test_a_key_that_cannot_be_one_is_refused(caller: Caller, key: str) -> None:
    problem = refusal(register(caller, headers={"Idempotency-Key": key}), 400)

    assert "1 to 200 printable characters" in problem["detail"]
    assert not RegisteredModel.objects.exists()


def test_the_longest_key_is_taken(caller: Caller) -> None:
    said(register(caller, headers={"Idempotency-Key": "~" * 200}), 201)


def test_a_body_out_of_bounds_is_refused_with_a_key_too(caller: Caller) -> None:
    assert "longer than" in refusal(register(caller, b" " * (2**20 + 1)), 400)["detail"]
    assert not KeptAnswer.objects.exists()


def test_without_a_token_no_key_is_kept(db: None) -> None:
    refusal(register(Caller()), 401)

    assert not KeptAnswer.objects.exists()


def test_what_only_reads_keeps_nothing(caller: Caller) -> None:
    for _ in range(2):
        said(caller.get("/models", headers=KEY))

    assert not KeptAnswer.objects.exists()


def test_after_a_day_a_key_is_free_again(caller: Caller) -> None:
    said(register(caller), 201)
    earlier = timezone.now() - timedelta(hours=25)
    KeptAnswer.objects.update(created_at=earlier)

    said(register(caller, b'{"name": "other"}'), 201)

    assert KeptAnswer.objects.count() == 1


def test_answers_are_cleared_after_a_day(caller: Caller) -> None:
    said(register(caller), 201)
    said(register(caller, b'{"name": "other"}', {"Idempotency-Key": "8"}), 201)
    KeptAnswer.objects.filter(key="8").update(created_at=timezone.now() - timedelta(hours=25))

    tasks.clear_kept_answers()

    assert [kept.key for kept in KeptAnswer.objects.all()] == ["order 7"]


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_the_same_moment_one_is_done() -> None:
    text = token_of(scenarios.developer())
    said(Caller(text).get("/models"))
    answers: list[HttpResponse] = []
    gate = threading.Barrier(2)

    def send() -> None:
        gate.wait(timeout=30)
        try:
            answers.append(register(Caller(text)))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    statuses = sorted(answer.status_code for answer in answers)
    replayed = [answer for answer in answers if "Idempotency-Replayed" in answer.headers]
    assert statuses in ([201, 201], [201, 409])
    assert len(replayed) == statuses.count(201) - 1
    assert RegisteredModel.objects.count() == 1
    assert said(register(Caller(text)), 201)["name"] == "credit"
