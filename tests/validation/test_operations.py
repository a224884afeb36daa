"""Starting checks: who may, what is queued, what is recorded, and who is told."""

import logging

import pytest
from django.db import DatabaseError
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.audit import writing
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.audit.models import AuditEvent
from apps.catalog.lifecycle import Readiness
from apps.catalog.models import ModelVersion
from apps.core.actors import ANONYMOUS, BY_WORKER, SYSTEM, WORKER, Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.validation import operations, runner, tasks
from apps.validation.checks import UnknownCheck
from apps.validation.models import CheckRun
from tests.factories import actor, person
from tests.scenarios import developer, registered_model, uploaded
from tests.validation.conftest import Given, failing, passing
from tests.validation.records import detail, events, outcomes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_checks(given_checks: Given) -> None:
    given_checks(integrity=passing, scan=failing)


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The runs workers were told of."""
    told: list[int] = []
    monkeypatch.setattr(tasks, "ring", told.extend)
    return told


def test_every_check_is_queued_on_the_digest_of_the_version(
    version: ModelVersion, vera: Actor
) -> None:
    runs = operations.start_checks(version, by=vera)

    assert [run.check_name for run in runs] == ["integrity", "scan"]
    assert {run.state for run in runs} == {CheckRun.State.QUEUED}
    assert {run.examined_digest for run in runs} == {version.content_digest}


def test_starting_checks_is_one_event_of_the_person_with_a_history_row_for_each_run(
    version: ModelVersion, vera: Actor
) -> None:
    runs = operations.start_checks(version, by=vera)

    [event] = events("version.start_checks", version)
    assert event.actor_id == vera.id
    assert detail(event) == {"checks": ["integrity", "scan"], "examined": version.content_digest}
    assert [run.history.get().event.uid for run in runs] == [event.uid, event.uid]


def test_only_the_named_checks_start_and_each_once(version: ModelVersion, vera: Actor) -> None:
    runs = operations.start_checks(version, by=vera, names=["scan", "scan"])

    assert [run.check_name for run in runs] == ["scan"]


def test_a_check_that_waits_already_is_not_queued_twice(version: ModelVersion, vera: Actor) -> None:
    operations.start_checks(version, by=vera, names=["scan"])

    assert [run.check_name for run in operations.start_checks(version, by=vera)] == ["integrity"]


def test_starting_is_refused_when_every_check_waits(version: ModelVersion, vera: Actor) -> None:
    operations.start_checks(version, by=vera)

    with pytest.raises(RuleBroken, match="wait or run already"):
        operations.start_checks(version, by=vera)

    assert outcomes("version.start_checks") == ["done", "refused"]
    assert CheckRun.objects.count() == 2


def test_an_unknown_check_is_refused(version: ModelVersion, vera: Actor) -> None:
    with pytest.raises(UnknownCheck, match="integrity, scan"):
        operations.start_checks(version, by=vera, names=["astrology"])

    assert not CheckRun.objects.exists()


def test_a_version_without_complete_content_is_not_checked(
    version: ModelVersion, vera: Actor
) -> None:
    with change(Action("version.spoil", permission=BY_WORKER), version, by=SYSTEM):
        version.readiness = Readiness.PENDING
        version.save()

    with pytest.raises(RuleBroken, match="no complete content"):
        operations.start_checks(version, by=vera)


@pytest.mark.parametrize("role", ["auditor", "compliance_officer", "business_sponsor"])
def test_whoever_may_only_see_a_model_does_not_start_its_checks(
    version: ModelVersion, role: str
) -> None:
    with pytest.raises(NotAllowed, match="right to run checks"):
        operations.start_checks(version, by=actor(person("carl", everywhere=(role,))))

    assert outcomes("version.start_checks") == ["refused"]
    assert not CheckRun.objects.exists()


@pytest.mark.parametrize("by", [ANONYMOUS, WORKER, SYSTEM], ids=lambda by: by.id)
def test_nobody_starts_checks_but_people_and_services(version: ModelVersion, by: Actor) -> None:
    with pytest.raises(NotAllowed):
        operations.start_checks(version, by=by)


def test_a_person_without_duties_does_not_start_checks(version: ModelVersion) -> None:
    with pytest.raises(NotAllowed):
        operations.start_checks(version, by=actor(person("stranger")))


def test_when_the_record_cannot_be_written_nothing_is_queued_and_nobody_is_told(
    version: ModelVersion,
    vera: Actor,
    rung: list[int],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise DatabaseError("The disk is full.")

    monkeypatch.setattr(writing, "insert", broken)

    with (
        pytest.raises(DatabaseError),
        django_capture_on_commit_callbacks(execute=True),
    ):
        operations.start_checks(version, by=vera)

    assert not CheckRun.objects.exists()
    assert rung == []


def test_workers_are_told_after_the_commit_and_not_before(
    version: ModelVersion,
    vera: Actor,
    rung: list[int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        runs = operations.start_checks(version, by=vera)
        assert rung == []

    assert rung == [run.pk for run in runs]


def test_a_broker_that_is_away_is_logged_and_the_checks_wait(
    version: ModelVersion,
    vera: Actor,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def unreachable(*args: object, **kwargs: object) -> None:
        raise OperationalError("Connection refused")

    monkeypatch.setattr(tasks.run_check, "apply_async", unreachable)

    with caplog.at_level(logging.WARNING), django_capture_on_commit_callbacks(execute=True):
        runs = operations.start_checks(version, by=vera)

    assert "The broker did not answer" in caplog.text
    assert all(run.state == CheckRun.State.QUEUED for run in runs)


def test_a_rerun_is_a_new_run_and_leaves_the_old_one_alone(
    version: ModelVersion, vera: Actor
) -> None:
    [first] = operations.start_checks(version, by=vera, names=["scan"])
    runner.execute(first.pk, worker="w1")
    first.refresh_from_db()

    again = operations.rerun(first, by=vera)

    assert again.pk != first.pk
    assert again.check_name == "scan"
    first.refresh_from_db()
    assert first.state == CheckRun.State.FAILED


def test_a_version_is_registered_and_checked_in_one_change(given_checks: Given) -> None:
    model, by = registered_model(), actor(developer())

    version = operations.register_and_check(
        model, by=by, upload=uploaded(), description="Retrained on the third quarter."
    )

    assert version.description == "Retrained on the third quarter."
    assert {run.check_name for run in version.check_runs.waiting()} == {"integrity", "scan"}
    [outer] = events("version.register_and_check", version)
    children = AuditEvent.objects.filter(parent_uid=outer.uid).order_by("id")
    assert [child.action for child in children] == ["version.register", "version.start_checks"]


def test_when_its_checks_cannot_start_the_version_is_not_registered(given_checks: Given) -> None:
    given_checks()
    model, by = registered_model(), actor(developer())

    with pytest.raises(RuleBroken):
        operations.register_and_check(model, by=by, upload=uploaded())

    assert not ModelVersion.objects.exists()
    assert outcomes("version.register_and_check") == ["refused"]


def test_who_may_not_register_versions_does_not_by_checking_them(
    vera: Actor,
) -> None:
    model = registered_model()

    with pytest.raises(NotAllowed, match="right to register versions"):
        operations.register_and_check(model, by=vera, upload=uploaded())

    assert outcomes("version.register_and_check") == ["refused"]
