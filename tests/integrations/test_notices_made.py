"""What happened is told: each thing once, to those it concerns, to nobody who may not see it."""

import threading
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from apps.accounts import operations as accounts
from apps.accounts.models import Duty
from apps.approvals import operations as approvals
from apps.approvals.models import SignOff
from apps.audit.models import AuditEvent, Log, PendingEvent
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from apps.integrations.models import RecordPosition
from apps.integrations.notices import following, making, sources
from apps.integrations.notices.due import Due, in_one_line
from apps.integrations.notices.kinds import DECISION, KINDS, TROUBLE
from apps.integrations.notices.rows import Notice, ToldEvent
from apps.validation import runner
from apps.validation.models import CheckRun
from tests import scenarios
from tests.approvals import walk
from tests.audit.sealing.sealed import seal_events
from tests.factories import HOST, actor, person, team
from tests.integrations.told import closed, fell_due, happened, told
from tests.scenarios import developer, operator, owner, risk_officer, validator

pytestmark = pytest.mark.django_db


def due(*people: int, key: str = "a", model_id: int | None = None, line: str = "A line") -> Due:
    return Due(people, key, DECISION, line, "A text.", "/", model_id)


# -- requests --------------------------------------------------------------------------------------


def test_who_can_sign_is_told_once_and_who_asked_is_not() -> None:
    validator(), risk_officer(), operator()
    request = scenarios.requested(Stage.PRODUCTION)
    happened()
    happened()
    fell_due()

    line = f"The promotion of {request.version} to production waits for your sign-off"
    assert told(validator(), "sign_off") == told(risk_officer(), "sign_off") == [line]
    assert told(developer()) == [f"{request.version} is now in staging"]
    text = Notice.objects.get(person=validator(), kind="sign_off").text
    assert "Dev Developer asked for it" in text
    assert "You can sign as" in text


def test_nobody_is_asked_to_sign_while_a_condition_is_closed() -> None:
    version = scenarios.registered_version()
    scenarios.requested(version=version)
    happened()
    assert told(owner()) == []

    for run in CheckRun.objects.filter(version=version):
        runner.execute(run.pk, worker="tests")
    happened()
    assert told(owner(), "sign_off") == [
        f"The promotion of {version} to staging waits for your sign-off"
    ]


def test_a_void_sign_off_is_told_to_its_signer_with_what_changed() -> None:
    request = scenarios.requested()
    given = walk.sign(request, owner(), "model_owner")
    happened()
    assert told(owner(), "void") == []

    walk.run_again(request.version, "artifact-integrity")
    happened()
    happened()
    [why] = walk.why_void(request)

    [notice] = Notice.objects.filter(kind="void")
    assert notice.person == given.signer
    assert notice.line == f"Your sign-off on {request.version} does not count any more"
    assert in_one_line(why, 500) in notice.text


def test_a_sign_off_that_was_taken_back_or_given_again_is_not_told_as_void() -> None:
    request = scenarios.requested()
    walk.sign(request, owner(), "model_owner")
    walk.run_again(request.version, "artifact-integrity")
    walk.sign(request, owner(), "model_owner")
    happened()
    assert told(owner(), "void") == []

    given = SignOff.objects.latest("pk")
    approvals.withdraw_sign_off(given, by=actor(owner()), reason="Second thoughts")
    happened()
    assert told(owner(), "void") == []


def test_an_open_gate_is_told_to_operators() -> None:
    operator()
    request = scenarios.signed_off()
    happened()
    assert told(operator()) == [f"The promotion of {request.version} to staging can be carried out"]
    assert told(developer()) == []


def test_a_promotion_is_told_to_who_asked_and_to_the_owner() -> None:
    request = scenarios.promoted()
    happened()
    line = f"{request.version} is now in staging"
    assert told(developer()) == told(owner(), "decision") == [line]
    assert told(operator()) == []
    assert Notice.objects.get(person=owner(), kind="decision").text == (
        "Otis Operator carried out what was asked for."
    )


def test_a_decline_is_told_without_its_reason() -> None:
    request = scenarios.requested()
    scenarios.sign(
        request, owner(), "model_owner", SignOff.Decision.DECLINE, reason="Because of Bob"
    )
    happened()
    [notice] = Notice.objects.filter(person=developer())
    assert notice.line == f"The promotion of {request.version} to staging: Olivia Owner declined"
    assert notice.text == (
        "Signed as model owner. The request is closed; the reason is on its page."
    )
    assert told(owner()) == []


def test_a_rollback_is_told_to_the_owner_and_the_risk_officers() -> None:
    first = scenarios.promoted(Stage.PRODUCTION)
    model = first.version.model
    scenarios.promoted(Stage.PRODUCTION, model)
    approvals.roll_back(model, by=actor(operator()), reason="Errors")
    happened()
    assert told(owner(), "trouble") == told(risk_officer(), "trouble")
    assert told(owner(), "trouble") == [f"{model} was rolled back to {model} v1"]


def test_a_breach_is_told_once_in_each_band() -> None:
    model = scenarios.registered_model("triage")
    scenarios.breach(model)
    happened()
    assert told(owner(), "trouble") == ["auc of triage in EU is past its red threshold"]
    assert told(operator()) == []


# -- only what one may see -------------------------------------------------------------------------


def test_who_may_not_see_a_model_is_told_nothing_of_it() -> None:
    model = scenarios.registered_model()
    made = making.make([due(scenarios.stranger().pk, model_id=model.pk)], at=database_now())
    assert made == Notice.objects.count() == 0


def test_who_lost_sight_before_the_event_was_read_is_told_nothing() -> None:
    dee = person("dee", everywhere=("model_developer",))
    version = scenarios.check(scenarios.registered_version())
    request = approvals.request_promotion(
        version, by=actor(dee), target=Stage.STAGING, reason="Ready"
    )
    scenarios.sign(request, owner(), "model_owner")
    approvals.promote(request, by=actor(operator()), reason="In the window")
    accounts.end_duty(Duty.objects.get(user=dee), by=HOST, reason="Moved on")
    happened()
    assert told(dee) == []
    assert len(told(owner(), "decision")) == 1


def test_closed_accounts_and_service_accounts_are_told_nothing() -> None:
    gone, robot = closed(person("gone")), person("robot", service=True)
    assert making.make([due(gone.pk, robot.pk)], at=database_now()) == 0


def test_what_is_about_a_deleted_model_is_not_told() -> None:
    model = scenarios.registered_model()
    approvals.delete_model(model, by=actor(owner()), reason="A mistake")
    assert making.make([due(owner().pk, model_id=model.pk)], at=database_now()) == 0


def test_members_of_a_team_are_told_as_its_roles_say() -> None:
    member = person("mia")
    team("Risk", member, everywhere=("risk_officer",))
    scenarios.requested(Stage.PRODUCTION)
    happened()
    assert len(told(member, "sign_off")) == 1


# -- once ------------------------------------------------------------------------------------------


def test_a_key_tells_a_person_once_and_each_person_apart() -> None:
    first, second = owner().pk, developer().pk
    now = database_now()
    assert making.make([due(first), due(first)], at=now) == 1
    assert making.make([due(first, second, line="Another line")], at=now) == 1
    assert told(owner()) == ["A line"]
    assert told(developer()) == ["Another line"]


def test_an_event_is_told_once_though_it_is_read_again() -> None:
    scenarios.promoted()
    assert happened() > 0
    assert happened() == 0
    Notice.objects.all().delete()
    assert happened() == 0, "the position holds, not only the key of the notice"


def test_a_kill_between_the_position_and_the_notices_moves_neither(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scenarios.promoted()

    def killed(*args: object, **kwargs: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(making, "make", killed)
        with pytest.raises(KeyboardInterrupt):
            happened()
    happened()
    assert len(told(developer())) == 1


def test_the_position_moves_over_what_was_told() -> None:
    scenarios.promoted()
    happened()
    newest = Log.objects.get().size - 1
    for follower in (following.FOLLOWER, following.LOOKER):
        assert RecordPosition.objects.get(pk=follower).seq == newest
    assert happened() == 0


def test_a_sweep_leaves_to_the_next_what_it_has_no_time_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "MOST_AT_ONCE", 1)
    scenarios.promoted(Stage.PRODUCTION)
    for _ in range(6):
        happened()
    assert len(told(developer(), "decision")) == 2


def test_nobody_is_told_what_is_not_sealed() -> None:
    request = scenarios.signed_off()
    happened()
    Notice.objects.all().delete()
    approvals.promote(request, by=actor(operator()), reason="In the window")
    following.follow(database_now())
    following.tell_what_is_due(database_now())
    assert Notice.objects.count() == 0
    happened()
    assert len(told(developer(), "decision")) == 1


def test_an_event_that_appears_behind_others_is_told() -> None:
    scenarios.promoted()
    late = AuditEvent.objects.get(action="version.promote").pk
    PendingEvent.objects.filter(pk=late).delete()  # stands for a commit still to come
    scenarios.registered_model()
    happened()
    assert told(developer(), "decision") == []
    PendingEvent.objects.create(pk=late)
    happened()
    assert len(told(developer(), "decision")) == 1


def test_an_event_told_before_it_was_sealed_is_not_told_again() -> None:
    scenarios.promoted()
    ToldEvent.objects.create(event=AuditEvent.objects.get(action="version.promote"))
    happened()
    assert told(developer(), "decision") == []


def test_an_event_that_cannot_be_told_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(event: AuditEvent) -> list[Due]:
        raise LookupError(event.action)

    monkeypatch.setattr(sources, "HAPPENED", {**sources.HAPPENED, "request.sign_off": broken})
    scenarios.promoted()
    happened()
    happened()

    assert len(told(developer())) == 1
    [stays] = ToldEvent.objects.all()
    assert stays.trouble == "It could not be told: LookupError."
    assert "Nobody could be told" in caplog.text


def test_a_source_that_fails_silences_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(at: object) -> list[Due]:
        raise LookupError

    def working(at: object) -> list[Due]:
        return [due(owner().pk)]

    monkeypatch.setattr(sources, "FALLS_DUE", (broken, working))
    fell_due()
    assert told(owner()) == ["A line"]
    assert "A source of notices failed." in caplog.text


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_everything_once() -> None:
    scenarios.promoted()
    seal_events()
    expected = len(told(developer())) + 1
    start = threading.Barrier(2)
    troubles: list[Exception] = []

    def work() -> None:
        try:
            start.wait(30)
            happened()
            fell_due()
        except Exception as trouble:
            troubles.append(trouble)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert troubles == []
    assert len(told(developer())) == expected
    keys = list(Notice.objects.values_list("person", "key"))
    assert len(keys) == len(set(keys))


def test_a_registry_in_use_begins_at_its_present() -> None:
    scenarios.promoted()
    RecordPosition.objects.all().delete()
    begin = import_module("apps.integrations.migrations.0003_notices").begin_at_present
    begin(apps, SimpleNamespace(connection=connection))
    assert happened() == 0
    assert Notice.objects.count() == 0
    scenarios.promoted()
    assert happened() > 0


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\nBcc: all@bank.example", "a Bcc: all@bank.example"),
        ("a\0b\x1b[31m\u2028c", "a b [31m c"),
        ("abc\u202egnp.exe", "abc gnp.exe"),
        ("  much \t room ", "much room"),
        ("x" * 400, "x" * 299 + "…"),
        ("模型 ✓ é", "模型 ✓ é"),
    ],
)
def test_a_notice_is_one_line_whatever_names_it_holds(text: str, line: str) -> None:
    making.make([due(owner().pk, line=text)], at=database_now())
    assert told(owner()) == [line]


def test_every_source_tells_kinds_that_can_be_chosen() -> None:
    assert {DECISION.id, TROUBLE.id} <= set(KINDS)
    assert all(len(one.id) <= 40 for one in KINDS.values())


# -- how much it asks ------------------------------------------------------------------------------


def test_an_idle_sweep_hardly_asks(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    scenarios.promoted()
    happened()
    with django_assert_max_num_queries(9):
        following.follow(database_now())


def test_a_registration_of_many_versions_asks_for_no_case(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    version = scenarios.registered_version()
    happened()
    for number in range(20):
        catalog.set_version_tag(version, f"k{number}", "v", by=actor(developer()))
    seal_events()
    with django_assert_max_num_queries(17):
        following.follow(database_now() + timedelta(hours=1))
