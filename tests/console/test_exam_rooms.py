"""Exam rooms as pages: what an examiner opens, what hosts see, and that every look is on record."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.approvals import operations as approvals
from apps.approvals.operations.packs import order_pack
from apps.catalog import exams
from apps.catalog import operations as catalog
from apps.catalog.models import ExamRoom, RegisteredModel
from apps.core.clock import database_now
from apps.core.errors import NotAllowed
from apps.core.markdown import rendered
from tests import scenarios
from tests.catalog.record import entries
from tests.console.conftest import Reads
from tests.examining import WHY, examiner, looks, looks_counted, opened
from tests.factories import PASSWORD, actor, person, signed_in

pytestmark = pytest.mark.django_db

HOME, ROOMS, QUESTIONS = "/exam/", "/exams/", "/exam/requests/"
CREDIT = "/models/credit/"
Part = ExamRoom.Part


@pytest.fixture
def credit() -> RegisteredModel:
    return scenarios.registered_version(scenarios.registered_model("credit", title="Default")).model


def host() -> User:
    return scenarios.risk_officer()


def sent(**changed: Any) -> dict[str, Any]:
    """Return a form that opens an exam room."""
    at = database_now()
    form = {
        "examiner": examiner().pk,
        "title": "On-site exam",
        "authority": "The supervisor",
        "begins_at": f"{at - timedelta(minutes=5):%Y-%m-%dT%H:%M}",
        "until": f"{at + timedelta(days=3):%Y-%m-%dT%H:%M}",
        "names": "credit",
        "parts": [Part.RECORD, Part.FILES],
        "reason": WHY,
    }
    return form | changed


# -- the examiner


def test_an_examiner_finds_what_was_granted_and_a_banner_on_each_page(
    opens: Reads, credit: RegisteredModel
) -> None:
    scenarios.registered_model("fraud")
    room = opened(credit)

    home, page = opens(room.examiner, HOME), opens(room.examiner, CREDIT)

    assert home.has_link(CREDIT)
    assert "fraud" not in home.source
    for answer in (home, page):
        assert answer.status == 200
        assert "On-site exam Read-only for The supervisor, until" in answer.words
        assert "is recorded" in answer.words
        assert 'role="search"' not in answer.source
        assert not answer.has_link("/assets/")
    assert "Register version" not in page.words
    assert opens(room.examiner, "/fraud/").status == 404


def test_what_leads_to_the_inbox_and_the_models_leads_an_examiner_to_the_exam(
    client: Client, credit: RegisteredModel
) -> None:
    signed_in(client, opened(credit).examiner)
    for path in ("/", "/models/", "/sign-in/"):
        assert client.get(path).headers["Location"] == HOME


def test_the_exam_ends_at_its_minute_without_anybody(
    opens: Reads, credit: RegisteredModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = opened(credit, until=database_now() + timedelta(minutes=10))
    moment = room.until - timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    assert opens(room.examiner, CREDIT).status == 200

    monkeypatch.setattr(timezone, "now", lambda: room.until)

    assert opens(room.examiner, CREDIT).status == 404
    home = opens(room.examiner, HOME)
    assert home.status == 403
    assert "The exam is over" in home.words
    assert "credit" not in home.source


def test_a_closed_room_and_one_to_come_show_nothing(opens: Reads, credit: RegisteredModel) -> None:
    room = opened(credit, begins_at=database_now() + timedelta(days=1))
    assert "The exam has not begun" in opens(room.examiner, HOME).words
    assert opens(room.examiner, CREDIT).status == 404

    catalog.close_exam(room, by=actor(host()), reason="Called off")

    assert "The exam is over" in opens(room.examiner, HOME).words
    assert opens(room.examiner, CREDIT).status == 404
    assert "No exam room was opened for you yet" in opens(examiner("early"), HOME).words


def test_a_model_appears_and_disappears_with_its_grant(
    opens: Reads, credit: RegisteredModel
) -> None:
    scenarios.registered_model("fraud")
    room = opened(credit)
    assert opens(room.examiner, "/models/fraud/").status == 404

    catalog.add_models(room, ["fraud"], by=actor(host()), reason="Asked for")
    assert opens(room.examiner, "/models/fraud/").status == 200
    catalog.withdraw_model(room, credit, by=actor(host()), reason="Not in scope")

    assert opens(room.examiner, CREDIT).status == 404
    assert not opens(room.examiner, HOME).has_link(CREDIT)


def test_parts_that_were_left_out_are_not_shown(opens: Reads, credit: RegisteredModel) -> None:
    room = opened(credit, parts=())
    version = f"{CREDIT}versions/1/"

    page = opens(room.examiner, CREDIT)

    assert "Activity" not in page.words
    for left_out in ("Assessments", "Findings", "Reviews"):
        assert left_out not in page.words
    assert not opens(room.examiner, version).has_link(f"{version}documents/")
    closed = ("documents/", "evidence/", "history/", "files/README.md")
    for path in (*(f"{version}{part}" for part in closed), f"{CREDIT}findings/", "/audit/"):
        assert opens(room.examiner, path).status == 404, path
    assert opens(room.examiner, f"{version}files/").status == 200
    assert opens(room.examiner, f"{version}checks/").status == 200


def test_a_file_is_taken_where_files_are_granted(client: Client, credit: RegisteredModel) -> None:
    signed_in(client, opened(credit, parts=[Part.FILES]).examiner)

    answer = client.get(f"{CREDIT}versions/1/files/README.md")

    assert answer.status_code == 200
    assert answer.getvalue().startswith(b"# A model")
    assert looks() == [("exam_room.look", "models:download", 200)]
    assert len(entries("version.download")) == 1


def test_a_model_outside_the_exam_bears_no_name_anywhere(
    opens: Reads, credit: RegisteredModel
) -> None:
    base = scenarios.registered_version(scenarios.registered_model("quiet-base"))
    built = scenarios.registered_version(credit, base_version=base)
    room = opened(credit)
    place = built.get_absolute_url()

    pages = [CREDIT, place, f"{CREDIT}inventory/", f"{CREDIT}compare/?version=1&version=2"]
    pages += [f"{place}{part}/" for part in ("lineage", "inventory", "history", "metrics")]
    pages += [f"{place}export/{form}/" for form in ("bill-of-materials", "model-card")]
    pages += [f"{place}lineage/edges.csv", "/audit/", HOME, "/promotions/", "/waivers/"]
    today = f"as-of/?at={database_now().date()}"
    pages += ["/emergencies/", f"/{today}", f"{CREDIT}{today}", f"{place}{today}"]
    pages += [f"/audit/{entry['id']}/" for entry in entries("version.register")[-1:]]

    for page in pages:
        answer = opens(room.examiner, page)
        assert answer.status == 200, page
        assert "quiet-base" not in answer.source, page
    assert "Built on a model outside this exam v1" in opens(room.examiner, place).words
    lineage = opens(room.examiner, f"{place}lineage/").words
    assert "leads to a model outside this exam." in lineage or "lead to a model" in lineage


# -- looks


def test_every_look_is_on_record_also_what_was_refused(
    client: Client, credit: RegisteredModel
) -> None:
    scenarios.registered_model("fraud")
    signed_in(client, opened(credit).examiner)

    client.get(f"{CREDIT}?page=2")
    client.get("/models/fraud/")
    client.get("/no/such/page/")
    client.get("/api/v1/models")
    client.post(f"{CREDIT}describe/", {"title": "Mine"})
    client.get("/admin/")

    assert looks() == [
        ("exam_room.look", "models:model", 200),
        ("exam_room.turn_away", "models:model", 404),
        ("exam_room.turn_away", "", 404),
        ("exam_room.turn_away", "v1:models", 404),
        ("exam_room.turn_away", "models:describe", 404),
        ("exam_room.turn_away", "admin:index", 404),
    ]
    [first] = entries("exam_room.look")
    assert first["detail"]["address"] == f"{CREDIT}?page=2"


def test_no_look_without_its_entry(
    client: Client, credit: RegisteredModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*about: object, **more: object) -> None:
        raise DatabaseError("The disk is full")

    signed_in(client, opened(credit).examiner)
    monkeypatch.setattr("apps.console.exams.middleware.catalog.record_look", fails)
    client.raise_request_exception = False

    answer = client.get(CREDIT)

    assert answer.status_code == 500
    assert b"Default" not in answer.content


def test_others_leave_no_looks(client: Client, credit: RegisteredModel) -> None:
    client.get(CREDIT)
    signed_in(client, scenarios.owner())
    client.get(CREDIT)
    assert looks_counted() == 0


def test_an_examiner_signs_in_changes_the_own_password_and_signs_out(
    client: Client, credit: RegisteredModel
) -> None:
    eve = opened(credit).examiner
    signed = client.post("/sign-in/", {"username": "eve", "password": PASSWORD})
    assert signed.status_code == 302
    change = dict.fromkeys(("new", "again"), "unrelated walnut carousel") | {"current": PASSWORD}

    assert client.post(reverse("accounts:password"), change).status_code == 302
    assert client.post(reverse("accounts:sign_out")).status_code == 302

    eve.refresh_from_db()
    assert eve.check_password("unrelated walnut carousel")
    assert [len(entries(f"session.sign_{way}")) for way in ("in", "out")] == [1, 1]


def test_no_operation_is_an_examiners_whatever_a_right_to_see_lets_others_do(
    credit: RegisteredModel,
) -> None:
    request = scenarios.requested(model=credit)
    eve = opened(credit).examiner
    looking = exams.as_examiner(actor(eve), exams.newest_of(eve), database_now())
    assert looking.may("catalog.view_registeredmodel", credit)

    with pytest.raises(NotAllowed, match="Examiners look, and change nothing"):
        approvals.comment(request, by=looking, text="Why was this signed?")
    with pytest.raises(NotAllowed, match="Examiners look, and change nothing"):
        order_pack(credit, by=looking, reason="To take it home")

    assert not request.comments.exists()


# -- the host


def test_a_host_opens_a_room_and_reads_what_was_looked_at(
    opens: Reads, credit: RegisteredModel
) -> None:
    assert "No examiner has an account" in opens(host(), "/exams/new/").words
    assert opens(host(), "/exams/new/", sent()).status == 302
    room = ExamRoom.objects.get()
    opens(room.examiner, CREDIT)
    opens(room.examiner, "/models/fraud/")

    page = opens(host(), room.get_absolute_url())

    assert "A model /models/credit/ Shown" in page.words
    assert "A model /models/fraud/ Refused (404)" in page.words
    assert page.has_link(CREDIT)
    assert "On-site exam" in opens(scenarios.auditor(), ROOMS).words
    assert opens(scenarios.auditor(), room.get_absolute_url()).status == 200
    assert "Close the room" not in opens(scenarios.auditor(), room.get_absolute_url()).words


def test_what_is_refused_stays_as_it_was_typed(opens: Reads, credit: RegisteredModel) -> None:
    answer = opens(host(), "/exams/new/", sent(names="credit\nabsent", title="Kept title"))
    assert answer.status == 422
    assert "absent" in answer.words
    assert "Kept title" in answer.source
    assert opens(host(), "/exams/new/", {"title": ""}).status == 422
    assert not ExamRoom.objects.exists()


def test_a_filter_of_the_list_of_models_names_the_models(
    opens: Reads, credit: RegisteredModel
) -> None:
    scenarios.registered_model("fraud")
    listed = opens(host(), "/models/?q=credit")
    assert listed.has_link("/exams/new/?q=credit")
    assert not opens(scenarios.owner(), "/models/?q=credit").has_link("/exams/new/?q=credit")

    form = opens(host(), "/exams/new/?q=credit").source

    assert ">\ncredit</textarea>" in form
    assert "fraud" not in form


def test_a_room_is_changed_and_closed_by_its_pages(opens: Reads, credit: RegisteredModel) -> None:
    fraud, room = scenarios.registered_model("fraud"), opened(credit)
    place = room.get_absolute_url()

    added = opens(host(), f"{place}models/", {"names": "fraud", "reason": "Asked for"})
    refused = opens(host(), f"{place}models/", {"names": "fraud", "reason": "Again"})
    withdrawn = opens(host(), f"{place}models/{fraud.pk}/withdraw/", {"reason": "Not needed"})
    closed = opens(host(), f"{place}close/", {"reason": "Done"})

    assert [one.status for one in (added, refused, withdrawn, closed)] == [302, 422, 302, 302]
    assert "grants these models already" in refused.words
    assert opens(host(), f"{place}close/", {"reason": "Twice"}).status == 422
    assert "Closed the exam room On-site exam" in opens(host(), place).words


def test_rooms_are_there_for_hosts_and_auditors_alone(
    opens: Reads, credit: RegisteredModel
) -> None:
    place = opened(credit).get_absolute_url()
    others = [scenarios.owner(), scenarios.stranger(), examiner()]
    for who in (*others, person("root", administrator=True)):
        for path in (ROOMS, place, "/exams/new/", f"{place}models/", f"{place}close/"):
            assert opens(who, path).status == 404, (who, path)
    for path in ("/exams/new/", f"{place}close/"):
        assert opens(scenarios.auditor(), path).status == 404
    assert opens(host(), HOME).status == 404
    assert opens(scenarios.owner(), QUESTIONS).status == 404


def test_the_questions_are_there_for_examiners_hosts_and_auditors(opens: Reads) -> None:
    for who in (examiner(), host(), scenarios.auditor()):
        answer = opens(who, QUESTIONS)
        assert answer.status == 200
        assert "Which models were in production on a given day" in answer.words
    assert "| 34 |" not in rendered("| a | b |\n|---|---|\n| 34 | b |")


def test_a_room_asks_as_many_queries_for_many_looks_as_for_few(
    opens: Reads, client: Client, credit: RegisteredModel, django_assert_max_num_queries: Any
) -> None:
    room = opened(credit)
    for _ in range(2):
        opens(room.examiner, "/nothing/")
    place = room.get_absolute_url()
    signed_in(client, host())
    with django_assert_max_num_queries(40) as few:
        client.get(place)
        asked = len(few)
    signed_in(client, room.examiner)
    for _ in range(18):
        client.get("/nothing/")
    signed_in(client, host())
    with django_assert_max_num_queries(asked):
        client.get(place)
    with django_assert_max_num_queries(20):
        client.get(ROOMS)
