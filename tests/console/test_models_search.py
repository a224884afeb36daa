"""The list of models as a place to look in: search, facets, columns, saved views, and its file."""

import csv
import html
import io
import re
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.catalog import operations as catalog
from apps.catalog import saved_views
from apps.catalog.models import RegisteredModel, SavedView
from tests import scenarios
from tests.catalog.test_search import HOSTILE
from tests.console import walk
from tests.console.conftest import Answer, Reads
from tests.factories import actor, person, signed_in, team

MODELS = "/models/"
FILE = "/models.csv"
SAVE = "/saved-views/"

pytestmark = pytest.mark.django_db


def names(answer: Answer) -> list[str]:
    return [row.model.name for row in answer.response.context["rows"]]


def shown_to(user: User, model: RegisteredModel) -> None:
    """Let somebody see one model."""
    owner = actor(scenarios.owner())
    catalog.grant_model_duty(model, user, "peer_reviewer", by=owner, reason="Asked")


# -- search ----------------------------------------------------------------------------------------


def test_what_is_closest_to_the_words_comes_first_unless_another_order_is_asked(
    opens: Reads,
) -> None:
    for name in ("risk", "risk-limit", "credit-risk"):
        scenarios.registered_model(name)
    scenarios.registered_model("fraud", intended_use="Ranks risk.")
    reader = scenarios.auditor()

    assert names(opens(reader, f"{MODELS}?q=risk")) == [
        "risk", "risk-limit", "credit-risk", "fraud",
    ]  # fmt: skip
    assert names(opens(reader, f"{MODELS}?q=risk&sort=name")) == [
        "credit-risk", "fraud", "risk", "risk-limit",
    ]  # fmt: skip
    assert names(opens(reader, f"{MODELS}?sort=registered"))[0] == "fraud"
    assert "4 models, closest to the words first" in opens(reader, f"{MODELS}?q=risk").words


@pytest.mark.parametrize("text", HOSTILE)
def test_no_search_makes_the_page_fail(client: Client, text: str) -> None:
    scenarios.registered_model("credit")
    signed_in(client, scenarios.auditor())
    asked = {"q": text, "kind": text, "sort": text, "columns": text, "page": text, "owner": text}

    for path in (MODELS, FILE):
        for query in (asked, {"q": text, "go": "1"}, {"owner": text}, {"team": f"{text}\0"}):
            answer: Any = client.get(path, query)
            assert answer.status_code == 200
            if answer.streaming:
                b"".join(answer.streaming_content)


@pytest.mark.parametrize("sort", ["", "name", "registered", "touched"])
def test_pages_of_a_search_lead_through_all_of_it_once_and_back(
    opens: Reads, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr("apps.console.views.portfolio.PAGE_SIZE", 2)
    for number in range(5):
        scenarios.registered_model(f"risk-{number}", title="Risk" if number % 2 else "")
    reader, seen = scenarios.auditor(), []
    path, last = f"{MODELS}?q=risk&sort={sort}&kind=in_house&kind=vendor", ""
    while path:
        answer = opens(reader, path)
        seen += names(answer)
        path, last = answer.response.context["older"], path

    assert sorted(seen) == [f"risk-{number}" for number in range(5)]
    assert names(opens(reader, opens(reader, last).response.context["newer"])) == seen[2:4]


def test_a_page_mark_is_good_for_its_search_and_reader_alone(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.console.views.portfolio.PAGE_SIZE", 1)
    for number in range(3):
        scenarios.registered_model(f"risk-{number}")
    mark = opens(scenarios.auditor(), f"{MODELS}?q=risk").response.context["older"]

    other_search = opens(scenarios.auditor(), mark.replace("q=risk", "q=ris"))
    other_reader = opens(scenarios.risk_officer(), mark)

    assert "another list" in other_search.words
    assert "another list" in other_reader.words


# -- digests and runs ------------------------------------------------------------------------------


def test_the_search_box_of_every_page_opens_the_one_version_found(opens: Reads) -> None:
    version = scenarios.registered_version()
    run = version.run_uid

    for text in (version.content_digest, version.content_digest[7:20], run):
        answer = opens(scenarios.auditor(), f"{MODELS}?go=1&q={text}")
        assert (answer.status, answer.response.url) == (302, version.get_absolute_url()), text
    assert opens(scenarios.auditor(), f"{MODELS}?q={run}").has_link(version.get_absolute_url())
    assert '<input type="hidden" name="go" value="1">' in opens(scenarios.auditor(), "/").source


def test_several_versions_or_none_lead_to_the_list(opens: Reads) -> None:
    first, second = scenarios.registered_version(), scenarios.registered_version()
    path = f"{MODELS}?go=1&q={first.content_digest}"

    several, hidden = opens(scenarios.auditor(), path), opens(scenarios.stranger(), path)

    assert several.has_link(first.get_absolute_url())
    assert several.has_link(second.get_absolute_url())
    assert (hidden.status, first.model.name in hidden.source) == (200, False)


# -- facets ----------------------------------------------------------------------------------------


def test_several_values_of_one_facet_widen_and_several_facets_narrow(opens: Reads) -> None:
    lending = team("Lending")
    scenarios.registered_model("a", kind="vendor", domain="Retail", team=lending)
    scenarios.registered_model("b", kind="prompt", domain="Retail", flags=["is_ai"])
    scenarios.registered_model("c", kind="rules", domain="Health")
    reader = scenarios.auditor()

    both = opens(reader, f"{MODELS}?kind=vendor&kind=prompt&sort=name")
    narrowed = opens(reader, f"{MODELS}?kind=vendor&kind=prompt&domain=Retail&flag=is_ai")

    assert names(both) == ["a", "b"]
    assert "Kind Vendor 1 Prompt 1 Rule set 1 Domain Retail 2 Team Lending 1" in both.words
    assert both.has_link(f"{MODELS}?sort=name&kind=prompt")
    assert names(narrowed) == ["b"]
    assert "Uses AI or machine learning 1" in narrowed.words


def test_facets_say_stage_framework_owner_and_how_many_are_left(opens: Reads) -> None:
    version = walk.staged(
        scenarios.registered_version(
            scenarios.registered_model("credit", domain="D0"), framework="scikit-learn"
        )
    )
    for number in range(1, 11):
        scenarios.registered_model(f"m{number}", domain=f"D{number}")

    answer = opens(scenarios.auditor(), MODELS)

    for told in ("Stage Staging 1", "Framework scikit-learn 1", "Olivia Owner 11"):
        assert told in answer.words
    assert "3 more, found by searching" in answer.words
    assert names(opens(scenarios.auditor(), f"{MODELS}?owner={version.model.owner_id}&q=cre")) == [
        "credit"
    ]


def test_a_chosen_value_that_nothing_has_can_be_taken_back(opens: Reads) -> None:
    scenarios.registered_model("credit")

    answer = opens(scenarios.auditor(), f"{MODELS}?domain=Nowhere&kind=in_house&owner=x&team=99")

    assert "No model matches" in answer.words
    assert "Nowhere 0" in answer.words
    assert answer.has_link(f"{MODELS}?kind=in_house&team=99&owner=x")
    assert answer.has_link(MODELS)


def test_neither_rows_nor_counts_nor_facets_tell_of_what_is_invisible(opens: Reads) -> None:
    scenarios.registered_model(
        "concealed",
        domain="Secret",
        kind="vendor",
        owner=person("finn", everywhere=["model_owner"]),
    )
    shown_to(scenarios.stranger(), scenarios.registered_model("shown", domain="Open"))

    for query in ("", "?q=concealed", "?q=secret", "?q=finn", "?domain=Secret", "?q=vendor"):
        source = opens(scenarios.stranger(), MODELS + query).source
        told = re.sub(r'value="[^"]*"|href="[^"]*"', "", source)
        assert "concealed" not in told
        assert "Finn" not in told
        if "domain" not in query:
            assert "Secret" not in told
    assert "1 model, changed last first" in opens(scenarios.stranger(), MODELS).words


# -- columns ---------------------------------------------------------------------------------------


def test_columns_are_chosen_in_the_address(opens: Reads) -> None:
    version = scenarios.registered_version(
        scenarios.registered_model("credit", domain="Retail", kind="vendor", team=team("Lending")),
        framework="xgboost",
    )
    every = "champion,latest,checks,owner,team,kind,domain,framework,registered,updated"

    usual = opens(scenarios.auditor(), MODELS)
    chosen = opens(scenarios.auditor(), f"{MODELS}?columns=framework&columns=kind,nonsense")
    whole = opens(scenarios.auditor(), f"{MODELS}?columns={every}")

    assert headings(usual) == ["Model", "Champion", "Latest", "Its checks", "Owner", "Updated"]
    assert headings(chosen) == ["Model", "Kind", "Framework"]
    assert "credit Vendor xgboost" in chosen.words
    assert len(headings(whole)) == 11
    assert "Lending Vendor Retail xgboost" in whole.words
    assert whole.has_link(version.get_absolute_url())


def headings(answer: Answer) -> list[str]:
    return re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', answer.source)


# -- the file --------------------------------------------------------------------------------------


def taken(client: Client, user: User, query: str = "") -> list[list[str]]:
    answer: Any = signed_in(client, user).get(f"{FILE}{query}")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="models.csv"'
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_the_file_holds_what_all_pages_show(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.console.queries.portfolio.BATCH", 2)
    version = walk.in_production(scenarios.registered_model("m0", title="=1+1"))
    for number in range(1, 5):
        scenarios.registered_model(f"m{number}")
    scenarios.registered_model("other", kind="vendor")

    lines = taken(client, scenarios.auditor(), "?kind=in_house&sort=name&columns=champion,latest")

    assert lines[0] == ["Model", "Title", "Champion", "Latest", "Latest stage"]
    assert lines[1] == ["m0", "'=1+1", str(version.number), "1", "Production"]
    assert [line[0] for line in lines[1:]] == [f"m{number}" for number in range(5)]


def test_the_page_leads_to_the_file_of_the_same_search(opens: Reads) -> None:
    scenarios.registered_model("credit")
    query = "?q=cre&sort=name&columns=kind&kind=in_house"
    assert opens(scenarios.auditor(), MODELS + query).has_link(FILE + query)


def test_the_file_of_a_member_holds_exactly_what_the_pages_show(client: Client) -> None:
    scenarios.registered_model("hidden")
    shown_to(scenarios.stranger(), scenarios.registered_model("shown"))

    assert [line[0] for line in taken(client, scenarios.stranger())] == ["Model", "shown"]


def test_taking_the_file_is_on_record_with_who_and_how_many(client: Client) -> None:
    scenarios.registered_model("credit")
    taken(client, scenarios.auditor(), "?q=credit")

    event = AuditEvent.objects.get(action="user.export_models")
    assert event.outcome == AuditEvent.Outcome.DONE
    signed_in(client, scenarios.auditor())
    assert "Exported the list of models" in html.unescape(client.get("/audit/").content.decode())


# -- saved views -----------------------------------------------------------------------------------


def test_a_view_is_kept_found_renamed_and_deleted(opens: Reads) -> None:
    scenarios.registered_model("credit")
    reader = scenarios.auditor()
    query = "q=cre&kind=in_house&kind=vendor&columns=owner"

    saved = opens(reader, SAVE, {"name": "Mine", "query": query})
    view = SavedView.objects.get()
    page = opens(reader, saved.response.url)
    renamed = opens(reader, f"{SAVE}{view.pk}/rename/", {"name": "Ours", "query": query})
    after = opens(reader, MODELS)
    opens(reader, f"{SAVE}{view.pk}/delete/", {"query": query})

    assert view.query == "q=cre&columns=owner&kind=in_house&kind=vendor"
    assert saved.response.url == f"{MODELS}?{view.query}"
    assert "The view “Mine” is kept." in page.words
    assert renamed.status == 302
    assert after.has_link(f"{MODELS}?{view.query}")
    assert "Ours" in after.words
    assert not SavedView.objects.exists()


def test_a_view_kept_again_under_its_name_is_replaced(opens: Reads) -> None:
    for query in ("q=a", "q=b"):
        opens(scenarios.auditor(), SAVE, {"name": "Mine", "query": query})

    assert [view.query for view in SavedView.objects.all()] == ["q=b"]


def test_a_view_belongs_to_who_kept_it(opens: Reads) -> None:
    view = saved_views.save("Private words", "q=a", by=actor(scenarios.auditor()))
    scenarios.registered_model("credit")
    other = scenarios.risk_officer()

    assert "Private words" not in opens(other, MODELS).source
    for deed in ("rename", "delete"):
        path = f"{SAVE}{view.pk}/{deed}/"
        assert opens(other, path, {"name": "Taken"}).status == 404
        assert opens(other, f"{SAVE}999999/{deed}/", {"name": "Taken"}).status == 404
    assert SavedView.objects.get().name == "Private words"


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\0b", "line\nbreak"])
def test_a_view_without_a_fit_name_is_refused_and_the_list_stays(opens: Reads, name: str) -> None:
    scenarios.registered_model("credit")

    answer = opens(scenarios.auditor(), SAVE, {"name": name, "query": "q=cre"})

    assert answer.status == 422
    assert names(answer) == ["credit"]
    assert 'class="message"' in answer.source
    assert not SavedView.objects.exists()


def test_a_name_of_another_view_is_refused_when_one_is_renamed(opens: Reads) -> None:
    by = actor(scenarios.auditor())
    saved_views.save("First", "q=a", by=by)
    second = saved_views.save("Second", "q=b", by=by)

    answer = opens(scenarios.auditor(), f"{SAVE}{second.pk}/rename/", {"name": "First"})

    assert answer.status == 422
    assert "You keep another view under the name “First”." in answer.words


def test_views_have_a_limit(opens: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.catalog.saved_views.MOST_VIEWS", 1)
    saved_views.save("First", "q=a", by=actor(scenarios.auditor()))

    answer = opens(scenarios.auditor(), SAVE, {"name": "Second", "query": "q=b"})

    assert (answer.status, SavedView.objects.count()) == (422, 1)
    assert "You keep 1 views already. Delete one first." in answer.words


def test_a_forged_view_leads_nowhere_but_the_list(opens: Reads) -> None:
    sent = {"name": "Mine", "query": "https://example.org/?q=x&next=//evil.example"}
    answer = opens(scenarios.auditor(), SAVE, sent)
    assert answer.response.url.startswith(MODELS)
    assert "example" not in answer.response.url


# -- cost ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query", ["?q=model", "?kind=in_house&q=olivia&sort=name", "?stage=staging"]
)
def test_a_search_needs_as_many_queries_for_twenty_models_as_for_two(
    opens: Reads, django_assert_max_num_queries: Any, query: str
) -> None:
    reader = scenarios.auditor()
    for _ in range(2):
        scenarios.registered_version()
    opens(reader, MODELS + query)
    with django_assert_max_num_queries(40) as few:
        opens(reader, MODELS + query)
    for _ in range(18):
        scenarios.registered_version()
    with django_assert_max_num_queries(len(few)):
        opens(reader, MODELS + query)
