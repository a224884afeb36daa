"""Admission at the API: signed answers, for tokens that do nothing else."""

import base64
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection
from pytest_django.fixtures import Settings

from apps.accounts import operations as accounts
from apps.accounts.models import ApiToken
from apps.accounts.scopes import Scope
from apps.api.v1 import admission
from apps.approvals import authorizing
from apps.approvals import operations as approvals
from apps.approvals.models import Authorization
from apps.approvals.serving import signed_answers
from apps.audit.log.keys import VerifierKey
from apps.audit.models import AuditEvent
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.core.digests import canonical
from apps.deployments import operations as deployments
from apps.deployments.models import Environment
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.approvals.walk import overwrite
from tests.deployments import places
from tests.factories import actor, person, team

pytestmark = pytest.mark.django_db

ABSENT = f"sha256:{'0' * 64}"
IMAGE = f"sha256:{'c' * 64}"


@pytest.fixture
def promoted() -> ModelVersion:
    """A version in production, beside an environment for it."""
    version: ModelVersion = scenarios.promoted(to=Stage.PRODUCTION).version
    version.refresh_from_db()
    places.environment("production-eu", admits=["production"])
    return version


@pytest.fixture
def program() -> Caller:
    """A cluster, with a token of the one scope."""
    return Caller(token_of(scenarios.operator(), Scope.ADMIT))


def path(digest: str, environment: str = "production-eu") -> str:
    return f"/admission?digest={digest}&environment={environment}"


def answer(program: Caller, digest: str, environment: str = "production-eu") -> dict[str, Any]:
    """Return what is answered, provided it is signed by a key that the API gives."""
    told = said(program.get(path(digest, environment)))
    [text] = said(program.get("/admission/key"))["keys"]
    key, message = VerifierKey.read(text), canonical(told["answer"]).decode()
    assert text.startswith(told["key"])
    assert key.is_signed(
        signed_answers.DOMAIN.decode() + message, base64.b64decode(told["signature"])
    )
    found: dict[str, Any] = told["answer"]
    return found


def codes(told: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in told["reasons"]]


def note(statements: list[str], execute: Any, sql: Any, *rest: Any) -> Any:
    """Take note of a statement, and carry it out."""
    statements.append(str(sql))
    return execute(sql, *rest)


def at_a_moment(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Let all that is asked be answered at one moment."""
    now = database_now()
    monkeypatch.setattr(admission, "database_now", lambda: now)
    return now


def test_what_may_run_is_admitted_for_a_minute(program: Caller, promoted: ModelVersion) -> None:
    told = answer(program, promoted.content_digest)

    assert (told["admitted"], told["admissible"], told["reasons"]) == (True, True, [])
    assert (told["model"], told["version"]) == (promoted.model.name, promoted.number)
    assert (told["stage"], told["enforcement"]) == ("production", "prevent")
    held = datetime.fromisoformat(told["until"]) - datetime.fromisoformat(told["at"])
    assert held == configured.ADMISSION_HOLDS
    headers = program.get(path(promoted.content_digest)).headers
    assert headers["Cache-Control"] == "private, max-age=60"
    assert headers["ETag"]


def test_it_holds_no_longer_than_the_authorization(
    program: Caller, promoted: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, granted = at_a_moment(monkeypatch), authorizing.of(promoted)
    assert granted is not None
    overwrite(granted, valid_until=now + timedelta(seconds=7.5))

    found = program.get(path(promoted.content_digest))

    assert found.headers["Cache-Control"] == "private, max-age=7"
    again = program.get(
        path(promoted.content_digest), headers={"If-None-Match": found.headers["ETag"]}
    )
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "private, max-age=7")


def test_no_is_an_answer_too(program: Caller, promoted: ModelVersion) -> None:
    fresh = scenarios.registered_version(promoted.model, {"a": b"2"})
    places.environment("lab", admits=["production"], enforcement="warn")

    told, warned = (
        answer(program, fresh.content_digest, name) for name in ("production-eu", "lab")
    )

    assert (told["admitted"], codes(told)) == (False, ["stage_not_admitted"])
    assert (warned["admitted"], warned["admissible"]) == (True, False)
    assert warned["reasons"][0]["text"].endswith("lab admits Production.")


def test_an_image_counts_that_a_version_names(program: Caller, promoted: ModelVersion) -> None:
    overwrite(promoted, container_digest=IMAGE)
    claims = scenarios.registered_version(
        promoted.model, {"a": b"2"}, container_digest=promoted.content_digest
    )

    told = answer(program, IMAGE)

    assert (told["admitted"], told["digest"], told["version"]) == (True, IMAGE, promoted.number)
    assert answer(program, promoted.content_digest)["version"] == promoted.number != claims.number


def test_what_may_not_be_asked_about_is_answered_like_what_nobody_registered(
    promoted: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_moment(monkeypatch)
    other = scenarios.registered_model("other")
    for text in (
        token_of(scenarios.stranger(), Scope.ADMIT),
        token_of(scenarios.operator(), Scope.ADMIT, roots=[other.record_ref]),
        token_of(scenarios.operator(), Scope.ADMIT, roots=["environment:env_1"]),
    ):
        hidden = answer(Caller(text), promoted.content_digest)
        absent = answer(Caller(text), ABSENT)

        assert codes(hidden) == ["unknown_digest"]
        assert str(hidden).replace(promoted.content_digest, ABSENT) == str(absent)


def test_the_rights_are_those_on_the_model(promoted: ModelVersion) -> None:
    here = token_of(scenarios.operator(), Scope.ADMIT, roots=[promoted.model.record_ref])
    mia, tom = person("mia"), person("tom")
    for holder in (mia, team("Night", tom)):
        catalog.grant_model_duty(
            promoted.model, holder, "operator", by=actor(scenarios.owner()), reason="Runs it"
        )

    for text in (here, token_of(mia, Scope.ADMIT), token_of(tom, Scope.ADMIT)):
        assert answer(Caller(text), promoted.content_digest)["admitted"]


def test_of_models_with_the_same_content_each_caller_is_answered_for_theirs(
    program: Caller, promoted: ModelVersion
) -> None:
    copied = scenarios.registered_version(scenarios.registered_model("copy"))
    assert copied.content_digest == promoted.content_digest
    limited = Caller(token_of(scenarios.operator(), Scope.ADMIT, roots=[copied.model.record_ref]))

    assert answer(program, promoted.content_digest)["model"] == promoted.model.name
    assert codes(answer(limited, promoted.content_digest)) == ["stage_not_admitted"]


def test_what_was_deleted_is_known_to_nobody(program: Caller) -> None:
    version = scenarios.registered_version()
    places.environment("production-eu")
    assert answer(program, version.content_digest)["admitted"]

    approvals.delete_version(version, by=actor(scenarios.owner()), reason="Never used")

    assert codes(answer(program, version.content_digest)) == ["unknown_digest"]


def test_what_is_no_question_is_refused(program: Caller) -> None:
    places.environment("production-eu")
    for asked in (
        path("sha256:" + "A" * 64),
        path("a" * 64),
        path(ABSENT, "production_eu"),
        path(ABSENT, "e" * 64),
        f"/admission?digest={ABSENT}",
        f"{path(ABSENT)}&at=2026-01-01",
    ):
        refusal(program.get(asked), 400)
    assert "named absent" in refusal(program.get(path(ABSENT, "absent")), 404)["detail"]


def test_a_token_of_another_scope_asks_nothing(caller: Caller, promoted: ModelVersion) -> None:
    reads = Caller(token_of(scenarios.operator(), Scope.READ))

    problem = refusal(reads.get(path(promoted.content_digest)), 403)

    assert "takes the scope admit" in problem["detail"]
    assert problem == refusal(reads.get(path(ABSENT, "absent")), 403)


def test_a_token_for_admission_alone_reads_nothing_else(
    program: Caller, promoted: ModelVersion
) -> None:
    refusal(program.get(f"/models/{promoted.model.name}"), 404)
    assert said(program.get("/models"))["models"] == []


def test_what_ends_is_seen_by_the_very_next_answer(program: Caller, promoted: ModelVersion) -> None:
    granted, states = authorizing.of(promoted), Authorization.State
    place = Environment.objects.get(name="production-eu")
    token = ApiToken.objects.latest("pk")
    assert granted is not None

    def said_now() -> list[str]:
        return codes(answer(program, promoted.content_digest))

    assert said_now() == []
    overwrite(granted, state=states.SUSPENDED)
    assert said_now() == ["authorization_suspended"]
    overwrite(granted, state=states.REVOKED)
    assert said_now() == ["authorization_revoked"]
    overwrite(granted, state=states.VALID)
    assert said_now() == []
    deployments.close_environment(place, by=actor(scenarios.operator()), reason="It is sold")
    assert said_now() == ["environment_closed"]
    accounts.revoke_token(token, by=actor(token.user))
    refusal(program.get(path(promoted.content_digest)), 401)


def test_no_value_stands_in_the_way_of_the_index_on_images(
    program: Caller, promoted: ModelVersion
) -> None:
    statements: list[str] = []
    with connection.execute_wrapper(partial(note, statements)):
        answer(program, ABSENT)

    [of_images] = [sql for sql in statements if 'version"."container_digest" = ' in sql]
    assert "\"container_digest\" = ('')" in of_images


def test_an_answer_takes_few_queries_and_writes_nothing(
    program: Caller, promoted: ModelVersion
) -> None:
    answer(program, promoted.content_digest)  # notes that the token is used, once a minute
    events = AuditEvent.objects.count()
    clock = connection.vendor == "postgresql"  # its time is asked for

    for digest, most in ((promoted.content_digest, 3), (ABSENT, 4)):
        statements: list[str] = []
        with connection.execute_wrapper(partial(note, statements)):
            said(program.get(path(digest)))
        assert len(statements) == most + clock
        assert all(statement.startswith("SELECT") for statement in statements)
    assert AuditEvent.objects.count() == events


def test_without_a_key_it_says_whom_to_ask(
    program: Caller, promoted: ModelVersion, settings: Settings
) -> None:
    settings.ADMISSION_KEY_FILES = ["/nowhere"]
    for asked in (path(promoted.content_digest), "/admission/key"):
        problem = refusal(program.get(asked), 409)
        assert (problem["code"], "nowhere" in problem["detail"]) == ("no_admission_key", False)
