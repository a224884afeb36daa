"""The record as people read it: the list of entries, and one entry whole."""

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from apps.accounts import operations as accounts
from apps.accounts.models import User
from apps.approvals import operations as approvals
from apps.audit.changes import record_access
from apps.audit.exporting import EXPORT
from apps.audit.governed import REGISTRY
from apps.audit.models import AsideEvent, AuditEvent
from apps.audit.timeline import TimelineEntry
from apps.catalog import operations as catalog
from apps.console.queries import entry_files, record, telling
from apps.console.queries.names import Names
from apps.console.queries.telling import Line
from apps.console.record_form import RecordFilterForm
from apps.core.actors import SYSTEM, Door
from apps.core.digests import utc_text
from apps.core.errors import DomainError
from apps.core.identifiers import uuid7
from apps.core.patience import TookTooLong
from apps.validation import checks
from apps.validation import operations as validation
from tests import scenarios
from tests.audit.sealing.sealed import seal_all
from tests.console import walk
from tests.console.conftest import Reads
from tests.factories import actor, person
from tests.unguarded import unguarded

AUDIT = "/audit/"

pytestmark = pytest.mark.django_db


def newest(action: str, **where: Any) -> AuditEvent:
    event = AuditEvent.objects.filter(action=action, **where).order_by("-id").first()
    assert event is not None
    return event


def page(event: AuditEvent) -> str:
    return reverse("audit:entry", args=[event.uid])


# -- the list


def test_an_entry_is_one_line_with_who_why_and_when(opens: Reads) -> None:
    version = walk.in_production()

    answer = opens(scenarios.auditor(), AUDIT)

    assert f"Promoted {version} to production Otto Operator" in answer.words
    assert "staging → production · “Agreed.”" in answer.words
    assert answer.has_link(page(newest("version.promote")))


def test_an_auditor_sees_everything_others_their_models_and_themselves(opens: Reads) -> None:
    hidden, shown = scenarios.registered_model("hidden"), scenarios.registered_model("shown")
    sam = scenarios.stranger()
    catalog.grant_model_duty(
        shown, sam, "peer_reviewer", by=actor(scenarios.owner()), reason="Asked for"
    )

    everything = opens(scenarios.auditor(), AUDIT).words
    own = opens(sam, AUDIT).words

    assert f"Registered the model {hidden.name}" in everything
    assert f"Registered the model {shown.name}" in own
    assert f"Appointed Sam Stranger as Peer reviewer of {shown.name}" in own
    assert "Opened the account of Sam Stranger" in own
    assert hidden.name not in own


def test_an_administrator_sees_no_more_of_models_than_anybody(opens: Reads) -> None:
    model = scenarios.registered_model()
    administrator = person("ada", administrator=True)

    assert model.name not in opens(administrator, AUDIT).source


def test_a_refusal_is_shown_to_who_was_refused_and_to_auditors(opens: Reads) -> None:
    request = walk.requested(walk.checked())
    with pytest.raises(DomainError):
        approvals.promote(request, by=actor(walk.operator()), reason="Hurry")
    line = f"Refused: promote {request.version} to staging Otto Operator · gates closed · “Hurry”"

    assert line in opens(scenarios.auditor(), AUDIT).words
    assert line in opens(walk.operator(), AUDIT).words
    assert "Hurry" not in opens(scenarios.developer(), AUDIT).words


def test_a_refused_registration_names_no_row(opens: Reads) -> None:
    with pytest.raises(DomainError):
        scenarios.registered_model(by=actor(scenarios.stranger()))

    assert "Refused: register a model Sam Stranger" in opens(scenarios.auditor(), AUDIT).words


FILTERS = [
    ("who=olivia", "Signed off", "Registered"),
    ("who=worker", "Check passed", "Registered"),
    ("who=robo", "Described fraud", "Registered"),
    ("who=nobody-at-all", "No entry matches", "Registered"),
    ("who=nobody+signed+in", "No entry matches", "Registered"),
    ("action=version.request_promotion", "Requested the promotion", "Signed off"),
    ("outcome=refused", "Refused: promote", "Signed off"),
    ("about=credit", "Registered credit v1", "Registered fraud"),
    ("about=fraud", "Registered the model fraud", "credit"),
    ("about={request}", "Signed off", "Registered"),
    ("about=request:{request}", "Requested the promotion", "Registered"),
    ("about=version:{request}", "No entry matches", "Registered"),
    ("about=credit+v1", "Registered credit v1", "Registered the model"),
    ("about=credit+v2", "No entry matches", "Registered"),
    ("about=olivia+owner", "Opened the account of Olivia Owner", "Registered"),
    ("about=ver_{huge}", "No entry matches", "Registered"),
    ("about=registry&kind=registry", "Took", "Registered"),
    ("door=worker", "Check passed", "Registered"),
    ("door=api", "Described fraud", "Registered"),
    ("door=web&who=olivia", "Signed off", "Check passed"),
    ("door=admin", "No entry matches", "Registered"),
    ("kind=check_run", "Check passed", "Registered"),
    ("model=credit&kind=request", "Signed off", "Registered"),
    ("model=cred", "No entry matches", "Registered"),
    ("model=fraud&about={request}", "No entry matches", "Registered"),
    ("reason=HOLDS+evidence", "Signed off", "Refused: promote"),
    ("reason=holds+never", "No entry matches", "Registered"),
    ("reason=%25", "No entry matches", "Registered"),
    ("until=2001-01-01", "No entry matches", "Registered"),
    ("since=2001-01-01&until=9999-12-31", "Registered credit v1", "No entry matches"),
    ("since=9999-12-31", "No entry matches", "Registered"),
    ("since={now}", "Registered credit v1", "No entry matches"),
    ("until={now}", "No entry matches", "Registered"),
    ("since={now}&outcome=refused&door=web&reason=hurry", "Refused: promote", "Signed off"),
]


def test_entries_are_found_by_who_how_what_object_outcome_time_and_reason(opens: Reads) -> None:
    version = walk.checked(scenarios.registered_version(scenarios.registered_model("credit")))
    request = walk.requested(version)
    with pytest.raises(DomainError):
        approvals.promote(request, by=actor(walk.operator()), reason="Hurry")
    walk.signed_off(request, "model_owner", by=scenarios.owner())
    fraud, reader = scenarios.registered_model("fraud"), scenarios.auditor()
    robot = replace(actor(scenarios.account("robo", "Robo", "model_developer")), door=Door.API)
    catalog.describe_model(fraud, by=robot, title="Fraud")
    record_access(EXPORT, REGISTRY, by=actor(reader))
    first = AuditEvent.objects.order_by("uid")[0].uid.int >> 80
    before = datetime.fromtimestamp(first / 1000 - 1, UTC)
    known = {
        "request": request.record_id,
        "now": f"{before:%Y-%m-%dT%H:%M:%S}",
        "huge": "9" * 30,
    }

    wrong = []
    for query, shown, hidden in FILTERS:
        words = found_by(reader, query.format(**known))
        if shown not in words or hidden in words:
            wrong.append((query, words))
    assert wrong == []


def found_by(reader: User, query: str) -> str:
    """Return the titles of what an address asks for, as the page would list them."""
    form = RecordFilterForm(QueryDict(query))
    wanted = form.wanted()
    assert not form.errors, query
    seen = actor(reader)
    events = record.events_visible_to(seen).filter(wanted.condition(seen))
    lines = telling.lines(wanted.order.page(events, size=100).rows)
    return " · ".join(line.title for line in lines) or "No entry matches"


def test_the_address_is_what_was_asked(opens: Reads) -> None:
    asked = "who=olivia&since=2026-01-01T10:00&kind=version&reason=evidence"
    answer = opens(scenarios.auditor(), f"{AUDIT}?{asked}")
    form = answer.response.context["form"]
    assert form["since"].value() == "2026-01-01T10:00"
    assert 'value="2026-01-01T10:00"' in answer.source
    assert '<option value="version" selected>' in answer.source


HOSTILE = [
    "who=%27%3B+DROP+TABLE+audit_event%3B--",
    "who=%25_%5C",
    "about=ver_-1",
    "about=ver_1e9",
    "about=%3A%3A_%3A",
    "about=usr_%D9%A3",
    "about=x+v99999999999999999999",
    "model=%F0%9F%98%80",
    "reason=a+b+c+d+e+f+g+h+i+j+k+%22",
    "since=0001-01-01",
    "until=9999-12-31T23:59:59.999999",
    "who=a&who=b&nothing=known",
]


def test_whatever_is_asked_is_answered(opens: Reads) -> None:
    reader = scenarios.auditor()
    assert opens(reader, f"{AUDIT}?{HOSTILE[0]}").status == 200
    assert opens(reader, f"{AUDIT}?page=made-up").status == 200
    for query in HOSTILE:
        assert found_by(reader, query)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=2026-02-01&until=2026-01-01", "until"),
        ("since=yesterday", "since"),
        ("action=none.such", "action"),
        ("who=%00", "who"),
        ("reason=%00", "reason"),
        ("about=" + "x" * 300, "about"),
        ("since=2026-02-30", "since"),
        ("until=2026-01-01T25:00", "until"),
        ("until=9999-12-31T23:59:59.999999-23:59", "until"),
        ("door=window", "door"),
        ("kind=secret", "kind"),
    ],
)
def test_a_filter_that_cannot_be_read_is_told_at_its_field(
    opens: Reads, query: str, field: str
) -> None:
    answer = opens(scenarios.auditor(), f"{AUDIT}?{query}")

    assert answer.status == 422
    assert field in answer.response.context["form"].errors


def test_pages_of_entries_keep_the_filter(opens: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.console.views.audit.PAGE_SIZE", 2)
    for number in range(5):
        scenarios.registered_model(f"model-of-{number}")

    first = opens(scenarios.auditor(), f"{AUDIT}?action=model.register")
    second = opens(scenarios.auditor(), first.response.context["older"])

    assert "model-of-4" in first.words
    assert "model-of-2 " in second.words
    assert "model-of-4" not in second.words
    assert "action=model.register" in second.response.context["older"]


def test_pages_of_a_time_go_on_where_they_ended(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.console.views.audit.PAGE_SIZE", 2)
    for number in range(5):
        scenarios.registered_model(f"model-of-{number}")
    path, reader, seen = f"{AUDIT}?since=2001-01-01&door=web", scenarios.auditor(), ""
    while path:
        answer = opens(reader, path)
        seen += answer.words.partition("Filter")[0]
        path = answer.response.context["older"]

    assert [seen.count(f"model-of-{number} ") for number in range(5)] == [1, 1, 1, 1, 1]
    assert seen.index("model-of-4") < seen.index("model-of-0")


def test_a_search_the_database_is_long_at_says_what_narrows_it(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.console.views.audit.links.page_of", _never_ends)
    answer = opens(scenarios.auditor(), f"{AUDIT}?reason=evidence")
    assert answer.status == 422
    assert "takes too long" in answer.words
    assert "Nothing was found this way" in answer.words


def _never_ends(*_: object) -> None:
    raise TookTooLong("This search takes too long.")


# -- entries as files


def test_what_is_listed_is_taken_away_as_a_sheet_and_as_lines_and_that_is_recorded(
    client: Client, opens: Reads
) -> None:
    model, reader = scenarios.registered_model("credit"), scenarios.auditor()
    catalog.grant_model_duty(
        model, scenarios.stranger(), "peer_reviewer", by=actor(scenarios.owner()), reason="=1+1"
    )
    page = opens(reader, f"{AUDIT}?model=credit&who=olivia")
    csv_path, book_path, lines_path = (href for _, href in page.response.context["files"])
    assert page.has_link(csv_path)
    assert page.has_link(book_path)
    assert page.has_link(lines_path)

    sheet = b"".join(client.get(csv_path).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    lines = b"".join(client.get(lines_path).streaming_content).decode()  # type: ignore[attr-defined]

    [row] = csv.DictReader(sheet.splitlines())
    assert row["Who"] == "Olivia Owner"
    assert row["What"] == "Appointed Sam Stranger as Peer reviewer of credit"
    assert row["Reason"] == "'=1+1"  # no spreadsheet calculates it
    [line] = map(json.loads, lines.splitlines())
    event = newest("model.grant_duty")
    assert line["entry"] == json.loads(bytes(event.entry))
    assert line["leaf_hash"] == row["Leaf hash"]
    assert line["reason"] == "=1+1"
    taken = [told(event) for event in AuditEvent.objects.filter(action="user.export_entries")]
    assert [detail["form"] for detail in taken] == ["csv", "jsonl"]
    assert taken[0]["asked"] == {"model": "credit", "and_by": ["who"]}  # names stay out of it


def told(event: AuditEvent) -> dict[str, Any]:
    detail: dict[str, Any] = json.loads(bytes(event.entry))["detail"]
    return detail


def test_a_file_holds_what_its_reader_sees_and_says_when_it_ends_early(
    client: Client, opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entry_files, "_BATCH", 2)
    monkeypatch.setattr(entry_files, "MOST", 3)
    hidden = scenarios.registered_model("hidden")
    opens(scenarios.stranger(), AUDIT)
    own = b"".join(client.get("/audit/entries.jsonl").streaming_content).decode()  # type: ignore[attr-defined]
    assert "Opened the account of Sam Stranger" in own
    assert hidden.name not in own

    opens(scenarios.auditor(), AUDIT)
    sheet = b"".join(client.get("/audit/entries.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = sheet.splitlines()
    assert len(rows) == 1 + 3 + 1
    assert "Only the newest" in rows[-1]


def test_a_file_of_what_cannot_be_asked_leads_back_to_the_list(opens: Reads) -> None:
    answer = opens(scenarios.auditor(), "/audit/entries.csv?since=yesterday")
    assert answer.response.url == "/audit/?since=yesterday"
    assert not AuditEvent.objects.filter(action="user.export_entries").exists()


def test_a_token_takes_no_entries_away() -> None:
    with pytest.raises(DomainError):
        accounts.export_entries(by=SYSTEM, form="csv", asked={}, most=1)


def test_the_list_needs_as_many_queries_for_twenty_entries_as_for_two(
    opens: Reads, django_assert_max_num_queries: Any
) -> None:
    path, reader = f"{AUDIT}?action=model.register", scenarios.auditor()
    for _ in range(2):
        scenarios.registered_model()
    opens(reader, path)
    with django_assert_max_num_queries(30) as few:
        opens(reader, path)
    for _ in range(18):
        scenarios.registered_model()
    with django_assert_max_num_queries(len(few)):
        assert opens(reader, path).words.count("Registered the model") == 20


# -- one entry


def test_an_entry_tells_who_when_how_and_what_changed(opens: Reads) -> None:
    model = scenarios.registered_model(intended_use="Ranks loans.")
    catalog.describe_model(model, by=actor(scenarios.developer()), intended_use="Ranks cards.")
    event = newest("model.describe")
    entry = json.loads(bytes(event.entry))

    answer = opens(scenarios.auditor(), page(event))

    for told in (
        f"Described {model.name} Done",
        "Who Dev Developer",
        f"Known as {actor(scenarios.developer()).id}",
        "Through Browser",
        "Identified by Signed in by password",
        "Action model.describe",
        "intended use Ranks loans. Ranks cards.",
        f"Chain of {model.name} Place in it 2",
        entry["chain"]["prev"][:4],
    ):
        assert told in answer.words
    assert utc_text(answer.response.context["entry"].time)[:10] in answer.words


def test_a_signature_is_shown_with_its_statement(opens: Reads) -> None:
    request = walk.requested(walk.checked())
    signed = walk.signed_off(request, "model_owner", by=scenarios.owner())

    words = opens(scenarios.auditor(), page(newest("request.sign_off"))).words

    assert "Signature Meaning Approved Statement" in words
    assert signed.statement_digest[-4:] in words
    assert "Reason The evidence holds." in words
    assert f"The sign-off as Model owner on {request.version} to staging" in words
    assert "signer Olivia Owner" in words


def test_entries_of_a_chain_lead_to_each_other(opens: Reads) -> None:
    model = scenarios.registered_model()
    catalog.describe_model(model, by=actor(scenarios.developer()), title="Second")
    catalog.describe_model(model, by=actor(scenarios.developer()), title="Third")
    chain = AuditEvent.objects.filter(chain_root=model.record_ref).order_by("chain_rev")

    answer = opens(scenarios.auditor(), page(chain[1]))

    assert answer.has_link(page(chain[0]))
    assert answer.has_link(page(chain[2]))


def test_a_removed_row_is_shown_as_it_was_and_whom_it_pointed_to(opens: Reads) -> None:
    version = scenarios.registered_version()
    developer = actor(scenarios.developer())
    catalog.set_alias(version.model, "challenger", version, by=developer)
    catalog.remove_alias(version.model, "challenger", by=developer)

    words = opens(scenarios.auditor(), page(newest("model.remove_alias"))).words

    assert "removed" in words
    assert "name challenger not set" in words
    assert f"version {version} not set" in words


def test_an_entry_says_whether_it_is_sealed_being_sealed_or_set_aside(opens: Reads) -> None:
    scenarios.registered_model()
    event, reader = newest("model.register"), scenarios.auditor()
    assert "Recorded, sealing" in opens(reader, page(event)).words

    AsideEvent.objects.create(event_id=event.pk, found_at=event.written_at, why="Its tag is wrong.")
    assert "Not part of the log. Its tag is wrong." in opens(reader, page(event)).words

    seal_all()
    sealed = opens(reader, page(event))
    assert "Entry of the log" in sealed.words
    assert sealed.has_link(reverse("audit:proof", args=[event.uid]))


def test_a_history_that_is_gone_is_told_in_red(opens: Reads) -> None:
    model = scenarios.registered_model()
    event = newest("model.register")
    with unguarded():
        type(model).history.filter(id=model.pk).delete()

    assert "Its history is missing." in opens(scenarios.auditor(), page(event)).words


def test_an_entry_of_many_rows_takes_as_many_queries_as_one_of_few(
    opens: Reads, django_assert_max_num_queries: Any
) -> None:
    few, many = scenarios.registered_version(), scenarios.registered_version()
    walk.checked(few)
    reader = scenarios.auditor()
    developer = actor(scenarios.developer())
    validation.start_checks(few, by=developer, names=checks.AT_REGISTRATION[:1])
    small = newest("version.start_checks")
    validation.start_checks(many, by=developer, names=checks.AT_REGISTRATION)
    large = newest("version.start_checks")
    assert len(json.loads(bytes(large.entry))["rows"]) > len(json.loads(bytes(small.entry))["rows"])
    opens(reader, page(small))
    with django_assert_max_num_queries(40) as counted:
        opens(reader, page(small))
    with django_assert_max_num_queries(len(counted)):
        opens(reader, page(large))


def test_saves_in_a_row_stand_as_one_and_can_be_opened(opens: Reads) -> None:
    model = scenarios.registered_model()
    event = newest("model.register")
    entry = TimelineEntry.of(event)
    save = replace(entry, action="assessment.answer")
    at = entry.time
    saves = [replace(save, uid=uuid7(), time=at + timedelta(minutes=n)) for n in (14, 5, 2)]
    other = replace(save, uid=uuid7(), actor={**entry.actor, "id": "usr_999"})
    found = [Line.of(one, Names({})) for one in (*saves, other, entry)]

    first, second, third = telling.folded(found)

    assert [len(line.saves) for line in (first, second, third)] == [3, 0, 0]
    assert first.first_saved == at + timedelta(minutes=2)
    shown = render_to_string("console/_timeline.html", {"lines": [first, third]})
    assert "3 saves: Answered" in shown
    assert shown.count("<details") == 1
    assert all(str(one.uid) in shown for one in saves)
    assert model.name


def test_an_entry_that_changed_nothing_says_so(opens: Reads) -> None:
    version = scenarios.registered_version()
    catalog.download(version, "README.md", by=actor(scenarios.developer())).bytes.close()

    words = opens(scenarios.auditor(), page(newest("version.download"))).words

    assert f"Downloaded a file of {version}" in words
    assert "This entry changed no row" in words
    assert "It stands outside every chain" in words


def test_a_part_leads_to_the_entry_it_belongs_to(opens: Reads) -> None:
    model = scenarios.registered_model()
    validation.register_and_check(
        model, by=actor(scenarios.developer()), upload=scenarios.uploaded()
    )

    answer = opens(scenarios.auditor(), page(newest("version.register")))

    assert "Part of another entry" in answer.words
    assert answer.has_link(page(newest("version.register_and_check")))


def test_an_entry_that_is_not_the_readers_is_not_there(opens: Reads) -> None:
    scenarios.registered_model()
    event = newest("model.register")

    assert opens(scenarios.stranger(), page(event)).status == 404
    assert opens(scenarios.developer(), page(event)).status == 200
