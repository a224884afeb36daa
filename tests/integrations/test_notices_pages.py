"""The bell, the list, what is marked as read, and what comes by mail."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from apps.accounts.models import User
from apps.approvals import operations as approvals
from apps.core.clock import database_now
from apps.integrations.notices import making
from apps.integrations.notices.due import Due
from apps.integrations.notices.kinds import DECISION, KINDS
from apps.integrations.notices.queries import NOT_TOLD
from apps.integrations.notices.rows import MailChoice, Notice
from tests import scenarios
from tests.factories import actor, person, signed_in
from tests.integrations.told import reachable
from tests.scenarios import owner, stranger

pytestmark = pytest.mark.django_db
LIST, MAIL, READ_ALL = reverse("notices:list"), reverse("notices:mail"), reverse("notices:read_all")


def tell(to: User, count: int = 1, *, model_id: int | None = None, path: str = "/models/") -> None:
    start = Notice.objects.count()
    dues = [
        Due([to.pk], f"key-{number}", DECISION, f"Line {number}.", "A text.", path, model_id)
        for number in range(start, start + count)
    ]
    making.make(dues, at=database_now())


@pytest.fixture
def pages() -> Client:
    return signed_in(Client(), owner())


def text_of(pages: Client, path: str = LIST) -> str:
    return pages.get(path).content.decode()


# -- the list --------------------------------------------------------------------------------------


def test_an_empty_list_says_what_will_be_here(pages: Client) -> None:
    text = text_of(pages)
    assert "Nothing to tell you yet" in text
    assert "Mark all as read" not in text
    assert "Notices, none unread" in text


def test_unread_notices_come_first_then_the_newest(pages: Client) -> None:
    tell(owner(), 4)
    for line in ("Line 1.", "Line 3."):
        pages.post(reverse("notices:read", args=[Notice.objects.get(line=line).pk]))
    text = text_of(pages)
    places = [text.index(f">Line {number}.<") for number in (2, 0, 3, 1)]
    assert places == sorted(places)
    assert text.count(">Unread<") == 2


def test_every_kind_of_notice_can_be_drawn(pages: Client) -> None:
    dues = [Due([owner().pk], kind.id, kind, kind.title, "", "/") for kind in KINDS.values()]
    making.make(dues, at=database_now())
    text = text_of(pages)
    assert all(f">{kind.title}<" in text for kind in KINDS.values())


def test_a_long_list_has_pages_that_hold_each_notice_once(pages: Client) -> None:
    tell(owner(), 60)
    for notice in Notice.objects.order_by("pk")[10:40]:
        pages.post(reverse("notices:read", args=[notice.pk]))
    seen: list[str] = []
    path = LIST
    for _ in range(3):
        answer = pages.get(path)
        seen += [line.notice.line for line in answer.context["lines"]]
        path = answer.context["older"]
    assert path == ""
    assert sorted(seen) == sorted(f"Line {number}." for number in range(60))


def test_nobody_sees_or_marks_the_notices_of_others(pages: Client) -> None:
    tell(stranger())
    notice = Notice.objects.get()
    assert "Line 0" not in text_of(pages)
    assert pages.post(reverse("notices:read", args=[notice.pk])).status_code == 404
    assert pages.post(READ_ALL, {"up_to": notice.pk}).status_code == 302
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_notice_about_a_model_one_may_not_see_any_more_says_nothing(pages: Client) -> None:
    model = scenarios.registered_model("secret-plan")
    tell(owner(), model_id=model.pk, path=model.get_absolute_url())
    assert "Line 0" in text_of(pages)
    approvals.delete_model(model, by=actor(owner()), reason="A mistake")
    text = text_of(pages)
    assert NOT_TOLD in text
    assert "Line 0" not in text
    assert "secret-plan" not in text
    notice = Notice.objects.get()
    answer = pages.post(reverse("notices:read", args=[notice.pk]), {"then": "open"})
    assert answer["Location"] == LIST
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_hostile_names_are_text(pages: Client) -> None:
    making.make(
        [Due([owner().pk], "k", DECISION, "<script>a</script>", "<img src=x onerror=a>", "/")],
        at=database_now(),
    )
    text = text_of(pages)
    assert "<script>a" not in text
    assert "&lt;script&gt;a&lt;/script&gt;" in text
    assert "<img" not in text


# -- reading ---------------------------------------------------------------------------------------


def test_opening_a_notice_marks_it_and_leads_to_its_page(pages: Client) -> None:
    tell(owner(), path="/promotions/")
    notice = Notice.objects.get()
    answer = pages.post(reverse("notices:read", args=[notice.pk]), {"then": "open"})
    assert answer["Location"] == "/promotions/"
    notice.refresh_from_db()
    first = notice.read_at
    assert first is not None
    pages.post(reverse("notices:read", args=[notice.pk]))
    notice.refresh_from_db()
    assert notice.read_at == first


def test_marking_all_spares_what_came_since_the_list_was_shown(pages: Client) -> None:
    tell(owner(), 3)
    shown = pages.get(LIST).context["form"].initial["up_to"]
    tell(owner())
    answer = pages.post(READ_ALL, {"up_to": shown}, follow=True)
    assert "Marked 3 notices as read." in answer.content.decode()
    assert list(Notice.objects.unread().values_list("line", flat=True)) == ["Line 3."]


@pytest.mark.parametrize("sent", ["", "0", "x", "9" * 40, "-1"])
def test_marking_up_to_nothing_marks_nothing(pages: Client, sent: str) -> None:
    tell(owner())
    answer = pages.post(READ_ALL, {"up_to": sent})
    assert answer.status_code == 422
    assert "Open your notices again" in answer.content.decode()
    assert Notice.objects.unread().count() == 1


# -- the bell --------------------------------------------------------------------------------------


def test_the_bell_counts_on_every_page_up_to_a_hundred(pages: Client) -> None:
    tell(owner(), 2)
    assert "Notices, 2 unread" in text_of(pages, "/models/")
    tell(owner(), 110)
    assert "Notices, 99+ unread" in text_of(pages, "/models/")
    assert "Notices," not in Client().get("/sign-in/").content.decode()


def test_the_bell_costs_one_query_and_the_list_the_same_for_2_and_20(
    pages: Client,
) -> None:
    model = scenarios.registered_model()
    tell(owner(), 2, model_id=model.pk)
    pages.get(LIST)
    counts = []
    for more in (0, 18):
        tell(owner(), more, model_id=model.pk)
        with CaptureQueriesContext(connection) as asked:
            text_of(pages)
        counts.append(len(asked))
        ours = [
            one for one in asked.captured_queries if "integrations_notice" in (one["sql"] or "")
        ]
        assert len(ours) == 3, "the page, the newest, and the bell"
    assert counts[0] == counts[1]


# -- what comes by mail ----------------------------------------------------------------------------


def choices(**changed: str) -> dict[str, str]:
    return {kind.id: kind.usual.value for kind in KINDS.values()} | changed


def test_a_person_chooses_for_each_kind(pages: Client) -> None:
    text = text_of(pages, MAIL)
    assert all(kind.title in text for kind in KINDS.values())
    answer = pages.post(MAIL, choices(decision="never", reminder="at_once"), follow=True)
    assert "Your choice holds" in answer.content.decode()
    chosen = dict(MailChoice.objects.filter(person=owner()).values_list("kind", "how"))
    assert (chosen["decision"], chosen["reminder"]) == ("never", "at_once")
    pages.post(MAIL, choices(decision="daily"))
    assert MailChoice.objects.get(person=owner(), kind="decision").how == "daily"
    assert pages.get(MAIL).context["form"]["decision"].value() == "daily"


@pytest.mark.parametrize("sent", [{}, choices(decision="hourly")])
def test_a_choice_there_is_not_is_refused(pages: Client, sent: dict[str, str]) -> None:
    answer = pages.post(MAIL, sent)
    assert answer.status_code == 422
    assert MailChoice.objects.count() == 0


def test_the_page_says_where_mail_goes(settings: Settings) -> None:
    settings.EMAIL_HOST = ""
    pages = signed_in(Client(), person("nora"))
    assert "No mail is sent here" in text_of(pages, MAIL)
    settings.EMAIL_HOST = "mail.bank.example"
    assert "your account has no mail address" in text_of(pages, MAIL)
    reachable(User.objects.get(username="nora"))
    assert "nora@bank.example" in text_of(pages, MAIL)


# -- operators -------------------------------------------------------------------------------------


def test_operators_see_failures_counted_and_never_what_a_notice_says(settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.bank.example"
    reachable(owner())
    tell(owner(), 3)
    failed = Notice.objects.order_by("pk").first()
    assert failed is not None
    Notice.objects.filter(pk=failed.pk).update(mail="failed", note="The mail server answered 550.")
    admin = signed_in(Client(), person("root", administrator=True))
    listed = text_of(admin, reverse("admin:integrations_notice_changelist"))
    shown = text_of(admin, reverse("admin:integrations_notice_change", args=[failed.pk]))
    assert "Given up (1)" in listed
    assert "Waiting (2)" in listed
    assert "The mail server answered 550." in shown
    assert "Line 0" not in listed + shown
    assert "A text." not in listed + shown
