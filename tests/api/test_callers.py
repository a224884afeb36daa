"""Who may call: owners of tokens, within the token's scopes, and nobody by a cookie."""

import base64
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts import operations as accounts
from apps.accounts.models import ApiToken, Duty
from apps.accounts.scopes import SCOPE_OF, Scope
from apps.catalog.models import ModelVersion
from tests import scenarios
from tests.api.caller import ROOT, Caller, content_of, refusal, said, token_of
from tests.api.world import ROUTES, SCHEMA, World
from tests.factories import HOST, PASSWORD, actor, signed_in

pytestmark = pytest.mark.django_db

Call = Callable[[Caller, ModelVersion], int]


def start(caller: Caller, version: ModelVersion) -> int:
    return caller.post("/uploads").status_code


def register_model(caller: Caller, version: ModelVersion) -> int:
    return caller.post("/models", {"name": "another"}).status_code


def register_version(caller: Caller, version: ModelVersion) -> int:
    upload = scenarios.uploaded({"a": b"1"})
    return caller.post(
        f"/models/{version.model.name}/versions", {"upload": str(upload.pk)}
    ).status_code


def send_file(caller: Caller, version: ModelVersion) -> int:
    upload = scenarios.uploaded({})
    return caller.put(f"/uploads/{upload.pk}/files/a", b"1").status_code


def see(path: str) -> Call:
    def look(caller: Caller, version: ModelVersion) -> int:
        answer = caller.get(path.format(version.model.name))
        content_of(answer)
        return answer.status_code

    return look


READS = {
    "model": see("/models/{}"),
    "versions": see("/models/{}/versions"),
    "version": see("/models/{}/versions/1"),
    "download": see("/models/{}/versions/1/files/README.md"),
}
WRITES: dict[str, Call] = {
    "upload": start,
    "model": register_model,
    "version": register_version,
}


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("what", READS)
def test_only_a_token_for_reading_reads(version: ModelVersion, scope: Scope, what: str) -> None:
    program = Caller(token_of(scenarios.developer(), scope))

    assert READS[what](program, version) == (200 if scope is Scope.READ else 404)


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("what", WRITES)
def test_only_a_token_for_registering_registers(
    version: ModelVersion, scope: Scope, what: str
) -> None:
    program = Caller(token_of(scenarios.developer(), scope))
    hidden = 404 if what == "version" and scope is not Scope.READ else 403

    assert WRITES[what](program, version) == (201 if scope is Scope.REGISTER else hidden)


def test_the_list_is_empty_without_the_scope_to_read(version: ModelVersion) -> None:
    program = Caller(token_of(scenarios.developer(), Scope.REGISTER))

    assert said(program.get("/models"))["models"] == []


def test_a_token_for_one_model_registers_no_version_of_another(version: ModelVersion) -> None:
    other = scenarios.registered_model("other")
    text = token_of(scenarios.developer(), roots=[version.model.record_ref])
    body = {"upload": str(scenarios.uploaded().pk)}

    refusal(Caller(text).post(f"/models/{other.name}/versions", body), 404)
    said(Caller(text).post(f"/models/{version.model.name}/versions", body), 201)


@pytest.mark.parametrize("ask", [*READS.values(), *WRITES.values()])
def test_a_revoked_token_opens_nothing(version: ModelVersion, ask: Call) -> None:
    text = token_of(scenarios.developer())
    accounts.revoke_token(ApiToken.objects.get(), by=actor(scenarios.developer()))

    assert ask(Caller(text), version) == 401


def test_an_expired_token_opens_nothing(
    version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = token_of(scenarios.developer())
    later = timezone.now() + timedelta(days=2)
    monkeypatch.setattr(timezone, "now", lambda: later)

    refusal(Caller(text).get("/models"), 401)


def test_a_closed_account_takes_its_tokens_with_it(caller: Caller) -> None:
    accounts.close_account(scenarios.developer(), by=HOST, reason="Left")

    refusal(caller.get("/models"), 401)


def test_a_duty_that_ended_takes_effect_at_once(caller: Caller) -> None:
    [duty] = Duty.objects.filter(user=scenarios.developer())
    accounts.end_duty(duty, by=HOST, reason="Moved on")

    refusal(caller.post("/models", {"name": "credit"}), 403)


def test_without_a_token_nothing_opens_and_the_answer_says_what_would(
    version: ModelVersion,
) -> None:
    for path in ("/models", f"/models/{version.model.name}", "/nowhere", "/openapi.json"):
        answer = Caller().get(path)
        refusal(answer, 401)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Signet"'


@pytest.mark.parametrize("text", ["x", "sgn_" + "0" * 60, "", "ÿ"])
def test_a_text_that_is_no_token_opens_nothing(text: str) -> None:
    refusal(Caller(text).get("/models"), 401)


def test_a_session_opens_nothing_and_the_password_neither(client: Client) -> None:
    signed_in(client, scenarios.developer())
    pair = base64.b64encode(f"dev:{PASSWORD}".encode()).decode()

    assert client.get(f"{ROOT}/models").status_code == 401
    body = b'{"name": "credit"}'
    sent = client.post(f"{ROOT}/models", body, content_type="application/json")
    assert sent.status_code == 401
    basic = client.get(f"{ROOT}/models", headers={"Authorization": f"Basic {pair}"})
    assert basic.status_code == 401


def test_a_cookie_beside_a_token_adds_nothing(client: Client, version: ModelVersion) -> None:
    signed_in(client, scenarios.developer())
    token = token_of(scenarios.stranger())

    answer = client.get(
        f"{ROOT}/models/{version.model.name}", headers={"Authorization": f"Bearer {token}"}
    )

    assert answer.status_code == 404


def test_a_token_as_the_password_of_basic_serves_clients_that_know_no_other(
    version: ModelVersion,
) -> None:
    pair = base64.b64encode(f"dev:{token_of(scenarios.developer())}".encode()).decode()

    answer = Client().get(f"{ROOT}/models", headers={"Authorization": f"Basic {pair}"})

    assert [model["name"] for model in answer.json()["models"]] == [version.model.name]


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@pytest.mark.parametrize("method", METHODS)
def test_no_address_answers_a_method_it_does_not_describe(method: str) -> None:
    world = World.made()
    program = Caller(token_of(scenarios.developer()))
    described = {(route.method, route.path) for route in ROUTES.values()}
    for route in ROUTES.values():
        if (method, route.path) not in described:
            answer = program.send(method, world.address(route))
            assert answer.status_code in {403, 405}, f"{method} {route.path}"


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/models/", "//models", "/Models", "/models/a/b", "/uploads/1", "/v2"]
)
def test_any_other_address_is_not_there(caller: Caller, path: str) -> None:
    answer = caller.get(path)

    assert answer.status_code == 404


def test_the_api_describes_itself_to_owners_of_tokens(caller: Caller) -> None:
    schema = said(caller.get("/openapi.json"))

    assert schema == SCHEMA
    assert "/api/v1/models/{name}/versions/{number}/files/{path}" in schema["paths"]
    body = schema["paths"]["/api/v1/models"]["post"]["requestBody"]
    assert body["content"]["application/json"]["schema"]["$ref"].endswith("NewModel")
    assert schema["components"]["schemas"]["NewModel"]["additionalProperties"] is False


def test_every_refusal_is_described_as_a_problem() -> None:
    for route in ROUTES.values():
        for status, told in route.described["responses"].items():
            if int(status) >= 400 and status != "416":
                assert list(told["content"]) == ["application/problem+json"], f"{route} {status}"


def test_no_address_of_the_api_signs_anything_off() -> None:
    """B3: signing needs a person in a browser session, so there is nothing a token could call."""
    assert not [path for path in SCHEMA["paths"] if path.rpartition("/")[2].startswith("sign")]
    views = {route.described["operationId"] for route in ROUTES.values()}
    assert not [view for view in views if "sign" in view.rpartition("v1_")[2]]
    assert "catalog.sign_off" not in SCOPE_OF


def test_every_answer_of_the_api_is_kept_by_no_cache_and_embedded_nowhere(caller: Caller) -> None:
    headers = caller.get("/models").headers

    assert headers["Cache-Control"] == "private, no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers


def test_an_address_there_is_not_is_answered_as_a_problem_whatever_stands_in_it(
    caller: Caller,
) -> None:
    for path in ("/nowhere", "/models/a\nb/versions/1.5/waivers", "/models/a%0Ab/versions/x"):
        assert refusal(caller.get(path), 404)["code"] == "not_found"
