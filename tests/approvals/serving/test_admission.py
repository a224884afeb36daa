"""Admission: what may run in an environment now, until when that holds, and who signs it."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from apps.accounts.actors import command_actor
from apps.approvals import authorizing
from apps.approvals.models import Authorization
from apps.approvals.serving import admission, admission_keys, signed_answers
from apps.approvals.serving.admission import Answer, Candidate, Code, Grant
from apps.approvals.serving.signed_answers import NoAdmissionKey
from apps.audit.models import AuditEvent
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.core.digests import canonical
from apps.core.errors import NotAllowed
from apps.deployments.models import Environment
from tests import scenarios
from tests.approvals.walk import break_the_record, entries, overwrite, refusals
from tests.deployments import places
from tests.factories import actor

AT = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOLDS = timedelta(seconds=60)
DIGEST, OTHER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
SOON, PAST = AT + timedelta(seconds=20), AT - timedelta(days=1)
VALID = Grant("valid", None, DIGEST)


def candidate(**changed: Any) -> Candidate:
    """Return a version in production, authorized without end."""
    said: dict[str, Any] = {
        "pk": 1,
        "model": "fraud",
        "number": 3,
        "stage": "production",
        "readiness": "ready",
        "content_digest": DIGEST,
        "authorized_at": PAST,
        "newest": VALID,
    }
    return Candidate(**said | changed)


def place(**changed: Any) -> Environment:
    """Return an environment that admits production alone and prevents the rest."""
    said: dict[str, Any] = {
        "name": "production-eu",
        "admits": ["production"],
        "enforcement": "prevent",
    }
    return Environment(**said | changed)


def judged(*candidates: Candidate, where: Environment | None = None) -> Answer:
    return admission.best(candidates, where or place(), digest=DIGEST, at=AT, holds=HOLDS)


def codes(answer: Answer) -> list[str]:
    return [reason.code.value for reason in answer.reasons]


# -- judging, without a database


def test_a_version_that_is_authorized_in_production_is_admitted() -> None:
    answer = judged(candidate())

    assert (answer.admissible, answer.admitted, answer.reasons) == (True, True, ())
    assert (answer.version, answer.enforcement) == (candidate(), "prevent")
    assert (answer.until, answer.seconds) == (AT + HOLDS, 60)


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({"is_deleted": True}, Code.VERSION_DELETED, "fraud v3 was deleted."),
        ({"readiness": "pending"}, Code.VERSION_NOT_READY, "no complete content"),
        ({"stage": "archived"}, Code.STAGE_NOT_ADMITTED, "Archived; production-eu admits Prod"),
        ({"stage": "development"}, Code.STAGE_NOT_ADMITTED, "Development"),
        ({"newest": None, "authorized_at": None}, Code.NOT_AUTHORIZED, "never authorized"),
        ({"newest": Grant("suspended", None, DIGEST)}, Code.SUSPENDED, "is suspended"),
        ({"newest": Grant("revoked", PAST, DIGEST)}, Code.REVOKED, "was revoked"),
        ({"newest": Grant("valid", AT, DIGEST)}, Code.EXPIRED, "27 November 2026, 12:00 UTC"),
        ({"newest": Grant("ended", PAST, DIGEST)}, Code.EXPIRED, "26 November 2026"),
        ({"newest": Grant("ended", SOON, DIGEST)}, Code.ENDED, "has ended"),
        ({"newest": Grant("valid", None, OTHER)}, Code.OTHER_CONTENT, "other content"),
    ],
)
def test_what_speaks_against_a_version_is_said_with_a_code(
    changed: dict[str, Any], code: Code, words: str
) -> None:
    answer = judged(candidate(**changed))

    assert codes(answer) == [code]
    assert words in str(answer.reasons[0])
    assert (answer.admissible, answer.admitted, answer.until) == (False, False, AT + HOLDS)


def test_an_unknown_digest_is_not_admitted() -> None:
    answer = judged()

    assert codes(answer) == [Code.UNKNOWN_DIGEST]
    assert DIGEST in answer.reasons[0].text
    assert answer.as_note()["version"] is None


def test_one_that_was_promoted_before_there_were_authorizations_is_admitted() -> None:
    assert judged(candidate(newest=None)).admitted


@pytest.mark.parametrize("stage", ["development", "staging"])
def test_below_production_the_stage_is_enough(stage: str) -> None:
    where = place(admits=["development", "staging"])

    assert judged(candidate(stage=stage, newest=None, authorized_at=None), where=where).admitted
    assert codes(judged(candidate(), where=where)) == [Code.STAGE_NOT_ADMITTED]


def test_no_answer_outlives_the_authorization_it_rests_on() -> None:
    answer = judged(candidate(newest=Grant("valid", SOON, DIGEST)))

    assert (answer.admitted, answer.until, answer.seconds) == (True, SOON, 20)


@pytest.mark.parametrize("enforcement", ["warn", "allow"])
def test_an_environment_that_does_not_prevent_admits_with_the_reasons(enforcement: str) -> None:
    where = place(enforcement=enforcement)
    for answer in (judged(where=where), judged(candidate(stage="archived"), where=where)):
        assert (answer.admissible, answer.admitted, len(answer.reasons)) == (False, True, 1)


def test_a_closed_environment_admits_nothing_whatever_it_did() -> None:
    where = place(enforcement="allow", closed_at=PAST)

    assert codes(judged(candidate(), where=where)) == [Code.ENVIRONMENT_CLOSED]
    assert not judged(candidate(), where=where).admitted


def test_of_several_versions_with_the_same_content_one_is_enough() -> None:
    short = candidate(pk=2, newest=Grant("valid", SOON, DIGEST))
    archived, development = candidate(pk=3, stage="archived"), candidate(pk=4, stage="development")

    assert judged(short, candidate(), development).version == candidate()
    assert judged(archived, short).version == short
    assert judged(development, archived).version == development  # the newest of those refused


# -- reading versions


pytest_db = pytest.mark.django_db


@pytest.fixture
def promoted(db: None) -> ModelVersion:
    """A version in production."""
    version: ModelVersion = scenarios.promoted(to=Stage.PRODUCTION).version
    version.refresh_from_db()
    return version


def test_it_says_what_a_rollout_is_held_to(promoted: ModelVersion) -> None:
    """The authorization is overwritten past every rule, since each way there takes long."""
    where, now = places.environment(admits=["production"]), database_now()
    states, day = Authorization.State, timedelta(days=1)
    granted = authorizing.of(promoted)
    assert granted is not None
    for changed in (
        {},
        {"state": states.SUSPENDED},
        {"state": states.REVOKED},
        {"state": states.ENDED},
        {"state": states.VALID, "granted_at": now - 2 * day, "valid_until": now - day},
        {"valid_until": now + day},
        {"content_digest": OTHER},
        {"content_digest": promoted.content_digest},
    ):
        overwrite(granted, **changed)
        answer = admission.answers([promoted], where, at=now)[promoted.pk]
        assert answer.admissible == authorizing.may_be_rolled_out(promoted, now), changed


def test_many_versions_are_answered_for_in_one_query(promoted: ModelVersion) -> None:
    fresh = scenarios.registered_version(promoted.model, {"a": b"2"})
    where, now = places.environment(admits=["production"], enforcement="warn"), database_now()

    with CaptureQueriesContext(connection) as queries:
        answers = admission.answers([promoted, fresh], where, at=now)

    assert len(queries) == 1
    assert [answers[one.pk].admissible for one in (promoted, fresh)] == [True, False]
    note = answers[fresh.pk].as_note()
    assert note == json.loads(canonical(note))
    assert (note["model"], note["version"], note["stage"]) == (fresh.model.name, 2, "development")


# -- signing


def test_an_answer_is_signed_under_a_domain_of_its_own() -> None:
    told = json.loads(signed_answers.signed(judged(candidate())))
    [signer] = signed_answers.signers()
    text, signature = canonical(told["answer"]).decode(), base64.b64decode(told["signature"])

    assert told["answer"] == judged(candidate()).told()
    assert told["key"] == f"registry.test/admission+{signer.public.key_id.hex()}" == signer.id
    assert signer.public.is_signed(f"signet admission answer v1\n{text}", signature)
    assert not signer.public.is_signed(text, signature)
    assert canonical(told) == signed_answers.signed(judged(candidate()))


def test_without_a_key_nothing_is_answered_and_no_path_is_told(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ADMISSION_KEY_FILES = [str(tmp_path / "none")]

    with pytest.raises(NoAdmissionKey, match=r"manage\.py admission_key$"):
        signed_answers.signed(judged())
    assert str(tmp_path) in caplog.text


def test_the_key_of_the_log_never_signs_answers(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("33" * 32)
    settings.ADMISSION_KEY_FILES = settings.LOG_KEY_FILES = [str(tmp_path / "key")]

    with pytest.raises(NoAdmissionKey):
        signed_answers.signed(judged())


# -- keys


@pytest.fixture
def files(settings: Settings, tmp_path: Path) -> list[Path]:
    """Where two keys are to lie, the first of which is in use."""
    found = [tmp_path / "first", tmp_path / "second"]
    settings.ADMISSION_KEY_FILES = [str(found[0])]
    return found


@pytest_db
def test_the_key_is_made_once_printed_and_named_in_the_record(
    files: list[Path], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("admission_key")
    [first] = capsys.readouterr().out.split()
    call_command("admission_key")
    assert capsys.readouterr().out.split() == [first]
    assert files[0].stat().st_mode & 0o777 == 0o400
    [entry] = entries("admission.publish_key")
    assert (entry["detail"], entry["actor"]["door"]) == ({"keys": [first]}, "command")

    call_command("admission_key", "--new", str(files[1]))
    assert str(files[1]) in capsys.readouterr().out
    with pytest.raises(CommandError, match="there already"):
        call_command("admission_key", "--new", str(files[1]))
    settings.ADMISSION_KEY_FILES = [str(file) for file in files]
    call_command("admission_key")

    both = capsys.readouterr().out.split()
    assert both[0] == first
    assert entries("admission.publish_key")[1]["detail"] == {"keys": both[1:]}


@pytest_db
def test_a_file_that_holds_no_key_is_refused(files: list[Path]) -> None:
    files[0].write_text("no key")

    with pytest.raises(CommandError, match="no key to sign"):
        call_command("admission_key")
    assert not AuditEvent.objects.filter(action=admission_keys.PUBLISH.name).exists()


@pytest_db
def test_only_who_runs_commands_on_the_host_names_keys() -> None:
    with pytest.raises(NotAllowed, match="on the host"):
        admission_keys.publish_keys(by=actor(scenarios.operator()))

    assert refusals("admission.publish_key") == ["not_allowed"]
    assert entries("admission.publish_key") == []


@pytest_db
def test_a_key_that_cannot_be_recorded_is_not_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    break_the_record(monkeypatch)

    with pytest.raises(Exception, match="read-only"):
        admission_keys.publish_keys(by=command_actor("tests"))
