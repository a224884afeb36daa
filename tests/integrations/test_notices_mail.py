"""Mail: once, to who wants it and may know, through the host's own server, in plain words."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from pytest_django import Settings

from apps.accounts.models import User
from apps.approvals import operations as approvals
from apps.core.clock import database_now
from apps.integrations.notices import mailing, making, reading, sending, tasks
from apps.integrations.notices.due import Due
from apps.integrations.notices.kinds import DECISION, REMINDER, How, Kind
from apps.integrations.notices.rows import Notice
from tests import scenarios
from tests.audit.sealing.sealed import seal_events
from tests.factories import actor
from tests.integrations.postbox import Postbox, postbox
from tests.integrations.told import DAY, closed, reachable
from tests.scenarios import developer, owner

pytestmark = pytest.mark.django_db
BASE = "https://signet.bank.example"


@pytest.fixture(autouse=True)
def mail_is_set_up(settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.bank.example"
    settings.DEFAULT_FROM_EMAIL = "Signet <signet@bank.example>"
    settings.BASE_URL = BASE


@pytest.fixture
def server(settings: Settings) -> Iterator[Postbox]:
    """Run a real mail server, and let Signet use it."""
    with postbox() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = ""
        yield running


def tell(
    person: User | None = None,
    *,
    kind: Kind = DECISION,
    key: str = "",
    line: str = "It is decided",
    text: str = "Somebody decided it.",
    model_id: int | None = None,
    at: datetime | None = None,
) -> Notice:
    """Make one notice for the owner, who has an address, unless it is for somebody else."""
    person = person or reachable(owner())
    key = key or f"key-{Notice.objects.count()}"
    due = Due([person.pk], key, kind, line, text, "/promotions/7/", model_id)
    making.make([due], at=at or database_now())
    return Notice.objects.get(key=key)


def state(notice: Notice) -> tuple[str, str]:
    notice.refresh_from_db()
    return notice.mail, notice.note


def send_later(after: timedelta) -> int:
    later = database_now() + after
    return sending.send_waiting(clock=lambda: later)


# -- what a mail is --------------------------------------------------------------------------------


def test_a_mail_is_plain_text_with_one_link_from_the_configured_address() -> None:
    notice = tell()
    assert sending.send_waiting() == 1
    [sent] = mail.outbox
    assert sent.subject == "It is decided"
    assert sent.to == ["olivia@bank.example"]
    assert sent.from_email == "Signet <signet@bank.example>"
    assert sent.content_subtype == "plain"
    assert sent.body == (
        "Somebody decided it.\n\nhttps://signet.bank.example/promotions/7/\n\n-- \n"
        "Choose what Signet sends you by mail: https://signet.bank.example/notices/mail/\n"
    )
    headers = sent.message()
    assert headers["Message-ID"] == f"<{notice.uid}@signet.bank.example>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert state(notice) == ("sent", "")


@pytest.mark.parametrize(
    "name",
    [
        "x\r\nBcc: eve@evil.example",
        "x\nContent-Type: text/html\n\n<script>",
        "x\rSubject: other",
        "x\u2028Bcc: eve@evil.example\u0085y",
        "\0\x0b\x0c",
        "模" * 300,
        "{{7*7}} {% load x %} ${y}",
    ],
)
def test_i3_g11_no_name_adds_a_header_or_is_read_as_a_template(name: str) -> None:
    tell(line=f"The model {name} waits", text=f"About {name}.")
    sending.send_waiting()
    [sent] = mail.outbox
    message = sent.message()
    assert message["To"] == "olivia@bank.example"
    assert message["Bcc"] is message["Cc"] is None
    assert len(message.get_all("Subject", [])) == 1
    assert message.get_content_type() == "text/plain"
    assert sent.recipients() == ["olivia@bank.example"]
    assert len(sent.subject) <= 150
    assert len(sent.body.splitlines()) == 6
    if "{{" in name:
        assert name in sent.subject
        assert name in sent.body


def test_an_address_that_would_add_a_recipient_is_not_sent_to() -> None:
    notice = tell(reachable(owner(), "olivia@bank.example\nBcc: eve@evil.example"))
    assert sending.send_waiting() == 0
    assert state(notice) == ("dropped", sending.NO_ADDRESS)
    assert mail.outbox == []


# -- once, and only to who wants and may -----------------------------------------------------------


def test_nothing_is_sent_unless_a_host_is_named(settings: Settings) -> None:
    waiting = tell()
    settings.EMAIL_HOST = ""
    unwanted = tell()
    assert sending.send_waiting() == 0
    assert state(waiting)[0] == "waiting"
    assert state(unwanted)[0] == "none"
    settings.EMAIL_HOST = "mail.bank.example"
    assert sending.send_waiting() == 1
    assert state(unwanted)[0] == "none", "what came while there was no mail is not sent later"


def test_a_notice_is_mailed_once() -> None:
    tell()
    assert [sending.send_waiting() for _ in range(3)] == [1, 0, 0]
    assert send_later(30 * DAY) == 0
    assert len(mail.outbox) == 1


def test_no_mail_goes_to_a_closed_account() -> None:
    before = tell()
    closed(owner())
    sending.send_waiting()
    assert state(before) == ("dropped", sending.CLOSED)
    assert mail.outbox == []


def test_no_mail_goes_to_who_lost_sight_of_the_model() -> None:
    model = scenarios.registered_model()
    notice = tell(model_id=model.pk)
    approvals.delete_model(model, by=actor(owner()), reason="A mistake")
    sending.send_waiting()
    assert state(notice) == ("dropped", sending.HIDDEN)
    assert mail.outbox == []


def test_no_mail_is_queued_for_who_has_no_address() -> None:
    assert state(tell(developer()))[0] == "none"


def test_what_was_read_in_the_app_is_not_mailed() -> None:
    notice = tell()
    reading.mark_read(notice, at=database_now())
    sending.send_waiting()
    assert state(notice) == ("dropped", sending.READ)


def test_a_person_who_wants_no_mail_of_a_kind_gets_none() -> None:
    early = tell()
    reading.choose_mail({DECISION.id: How.NEVER}, by=actor(owner()))
    assert state(tell())[0] == "none"
    sending.send_waiting()
    assert state(early) == ("dropped", sending.NOT_WANTED)
    assert mail.outbox == []


def test_the_beat_that_comes_twice_does_nothing_twice() -> None:
    reachable(developer())
    scenarios.promoted()
    seal_events()
    for _ in range(2):
        for task in (tasks.notice, tasks.remind, tasks.send_mail):
            task()
    assert Notice.objects.filter(person=developer()).count() == 1
    assert [sent.to for sent in mail.outbox] == [["dev@bank.example"]]


def test_the_beat_knows_every_task_of_notices() -> None:
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    ours = {task.name for task in (tasks.notice, tasks.remind, tasks.send_mail)}
    assert ours <= planned


# -- once a day ------------------------------------------------------------------------------------


def test_the_daily_mail_holds_what_came_since_the_last() -> None:
    at = datetime(2026, 3, 2, 15, tzinfo=UTC)
    for number in range(3):
        tell(kind=REMINDER, line=f"Line {number}", at=at + timedelta(hours=number))
    assert sending.send_waiting(clock=lambda: at + timedelta(hours=14)) == 0
    morning = datetime(2026, 3, 3, 6, tzinfo=UTC)
    assert sending.send_waiting(clock=lambda: morning) == 1
    tell(kind=REMINDER, line="Line 3", at=morning)
    assert sending.send_waiting(clock=lambda: morning + timedelta(hours=1)) == 0
    assert sending.send_waiting(clock=lambda: morning + DAY) == 1

    first, second = mail.outbox
    assert first.subject == "3 notices from Signet"
    assert [f"Line {number}" in first.body for number in range(4)] == [True, True, True, False]
    assert first.body.count(f"{BASE}/promotions/7/") == 3
    assert second.subject == "Line 3"
    assert set(Notice.objects.values_list("mail", flat=True)) == {"sent"}


def test_the_daily_mails_of_two_people_are_apart_and_a_long_one_is_cut() -> None:
    at = datetime(2026, 3, 2, 15, tzinfo=UTC)
    people = [reachable(owner()), reachable(developer())]
    dues = [
        Due([one.pk for one in people], f"k{number}", REMINDER, f"Line {number}", "Text.", "/")
        for number in range(mailing.MOST_IN_DIGEST + 5)
    ]
    making.make(dues, at=at)
    assert sending.send_waiting(clock=lambda: at + DAY) == 2
    assert {tuple(sent.to) for sent in mail.outbox} == {
        ("olivia@bank.example",),
        ("dev@bank.example",),
    }
    assert all(f"5 more are listed here: {BASE}/notices/" in sent.body for sent in mail.outbox)


@pytest.mark.parametrize(
    ("hour", "next_day", "next_hour"), [(5, 2, 6), (6, 3, 6), (23, 3, 6), (0, 2, 6)]
)
def test_the_next_daily_mail_is_always_ahead(hour: int, next_day: int, next_hour: int) -> None:
    at = datetime(2026, 3, 2, hour, tzinfo=UTC)
    assert mailing.next_digest(at) == datetime(2026, 3, next_day, next_hour, tzinfo=UTC)


# -- when it fails ---------------------------------------------------------------------------------


def failing(monkeypatch: pytest.MonkeyPatch, trouble: Exception) -> None:
    def send(message: EmailMessage, fail_silently: bool = False) -> int:
        raise trouble

    monkeypatch.setattr(EmailMessage, "send", send)


def test_a_server_that_is_away_is_tried_again_later_and_later_then_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notice, now = tell(), database_now()
    failing(monkeypatch, SMTPServerDisconnected("gone"))
    waits = []
    for _ in range(sending.MOST_TRIES):
        moment = now
        sending.send_waiting(clock=lambda moment=moment: moment)  # type: ignore[misc]
        notice.refresh_from_db()
        assert notice.next_at is not None
        waits.append(notice.next_at - now)
        now = notice.next_at
    assert tuple(waits[:-1]) == sending.BACK_OFF
    assert state(notice) == ("failed", sending.AWAY)
    assert notice.attempts == sending.MOST_TRIES
    assert send_later(30 * DAY) == 0


def test_a_server_that_is_away_costs_the_others_no_try(monkeypatch: pytest.MonkeyPatch) -> None:
    tell(), tell()
    failing(monkeypatch, ConnectionRefusedError())
    sending.send_waiting()
    assert sorted(Notice.objects.values_list("attempts", flat=True)) == [0, 1]


@pytest.mark.parametrize(
    ("trouble", "ends_as"),
    [
        (SMTPRecipientsRefused({"a": (550, b"unknown")}), "failed"),
        (SMTPRecipientsRefused({"a": (450, b"later")}), "waiting"),
        (SMTPDataError(554, b"spam"), "failed"),
        (SMTPDataError(451, b"later"), "waiting"),
    ],
)
def test_what_the_server_refuses_for_good_is_given_up_at_once(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception, ends_as: str
) -> None:
    notice = tell()
    failing(monkeypatch, trouble)
    sending.send_waiting()
    assert state(notice)[0] == ends_as
    assert state(notice)[1].startswith("The mail server answered ")


def test_a_try_that_comes_too_late_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    notice, now = tell(), database_now()
    slow, held = sending.claim_next(now=now)
    later = now + sending.LEASE + timedelta(seconds=1)
    sending.send_waiting(clock=lambda: later)
    assert state(notice)[0] == "sent"
    sending.conclude(slow, held, sending.Outcome(Notice.Mail.FAILED, "late"), now=later)
    assert state(notice) == ("sent", "")
    assert "came too late" in caplog.text


def test_a_worker_lost_in_the_last_try_leaves_it_given_up() -> None:
    notice = tell()
    Notice.objects.filter(pk=notice.pk).update(attempts=sending.MOST_TRIES)
    sending.send_waiting()
    assert state(notice) == ("failed", sending.LOST)
    assert mail.outbox == []


# -- a real server ---------------------------------------------------------------------------------


def test_the_host_s_own_server_gets_the_mail(server: Postbox) -> None:
    notice = tell(line="模型 ✓ is decided", text="Line with\n.a dot")
    assert sending.send_waiting() == 1
    [(recipient, message)] = server.received
    assert recipient == "olivia@bank.example"
    assert message["Subject"] == "模型 ✓ is decided"
    assert message["From"] == "Signet <signet@bank.example>"
    assert message["Message-ID"] == f"<{notice.uid}@signet.bank.example>"
    assert "Line with .a dot" in message.get_content()


@pytest.mark.parametrize(
    ("answer", "ends_as"), [("550 No such person", "failed"), ("450 Busy", "waiting")]
)
def test_a_server_that_refuses_a_recipient_is_believed(
    server: Postbox, answer: str, ends_as: str
) -> None:
    server.recipients = answer
    notice = tell()
    assert sending.send_waiting() == 0
    assert state(notice) == (ends_as, f"The mail server answered {answer[:3]}.")


def test_a_server_that_hangs_up_is_tried_again(server: Postbox) -> None:
    notice = tell()
    server.script = lambda _, content: ""
    assert sending.send_waiting() == 0
    assert state(notice) == ("waiting", sending.AWAY)
    server.script = None
    assert send_later(timedelta(minutes=2)) == 1
    ids = {message["Message-ID"] for _, message in server.received}
    assert len(server.received) == 2
    assert len(ids) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_mail_once(server: Postbox) -> None:
    for number in range(6):
        tell(line=f"Line {number}")
    tell(kind=REMINDER, line="Daily", at=database_now() - 2 * DAY)
    tell(kind=REMINDER, line="Daily too", at=database_now() - 2 * DAY)
    start = threading.Barrier(2)
    sent: list[int] = []

    def work() -> None:
        start.wait(30)
        sent.extend(sending.send_waiting() for _ in range(5))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    expected = ["2 notices from Signet", *(f"Line {number}" for number in range(6))]
    assert sorted(server.subjects) == expected
    assert sum(sent) == 7
