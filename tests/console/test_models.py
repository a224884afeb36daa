"""The list of models and the page of one."""

from typing import Any

import pytest
from django.urls import reverse

from apps.catalog import operations as catalog
from apps.catalog.models import RegisteredModel
from tests import scenarios
from tests.console import walk
from tests.console.conftest import Reads
from tests.factories import actor, person

MODELS = "/models/"

pytestmark = pytest.mark.django_db


def developer() -> Any:
    return actor(scenarios.developer())


# -- the list


def test_a_model_is_listed_with_champion_latest_version_and_checks(opens: Reads) -> None:
    version = walk.in_production(scenarios.registered_model("credit", title="Default risk"))
    newer = scenarios.registered_version(version.model)

    answer = opens(scenarios.auditor(), MODELS)

    assert "credit Default risk 1 Version 2 Development Not checked Olivia Owner" in answer.words
    assert answer.has_link(version.get_absolute_url())
    assert answer.has_link(newer.get_absolute_url())


def test_the_search_box_of_every_page_leads_here(opens: Reads) -> None:
    assert (
        '<form class="search" role="search" action="/models/">'
        in opens(scenarios.auditor(), "/").source
    )


def test_a_model_is_listed_only_for_those_who_see_it(opens: Reads) -> None:
    scenarios.registered_model("credit")
    named = scenarios.registered_model("fraud")
    catalog.grant_model_duty(
        named, scenarios.stranger(), "peer_reviewer", by=actor(scenarios.owner()), reason="Asked"
    )

    words = opens(scenarios.stranger(), MODELS).words

    assert "fraud" in words
    assert "credit" not in words


@pytest.mark.parametrize("text", ["redit", "DEFAULT", "olivia", "loans", "segment"])
def test_search_looks_at_name_title_owner_and_tags(opens: Reads, text: str) -> None:
    found = scenarios.registered_model("credit", title="Default risk")
    catalog.set_model_tag(found, "segment", "loans", by=developer())
    scenarios.registered_model("fraud", owner=person("finn"))

    words = opens(scenarios.auditor(), f"{MODELS}?q={text}").words

    assert "credit" in words
    assert "fraud" not in words


def test_a_digest_finds_the_version_that_has_it(opens: Reads) -> None:
    version = scenarios.registered_version()
    file = version.files.select_related("artifact").first()
    assert file is not None

    by_content = opens(scenarios.auditor(), f"{MODELS}?q={version.content_digest[:20]}")
    by_file = opens(scenarios.auditor(), f"{MODELS}?q={file.artifact.sha256}")
    hidden = opens(scenarios.stranger(), f"{MODELS}?q={file.artifact.sha256}")

    assert by_content.has_link(version.get_absolute_url())
    assert by_file.has_link(version.get_absolute_url())
    assert str(version) not in hidden.source


def test_facets_count_and_narrow_and_take_themselves_back(opens: Reads) -> None:
    walk.staged(scenarios.registered_version(scenarios.registered_model("credit")))
    scenarios.registered_model("fraud", kind="vendor")

    everything = opens(scenarios.auditor(), MODELS)
    staged = opens(scenarios.auditor(), f"{MODELS}?stage=staging")

    assert "Stage Staging 1 Kind In-house 1 Vendor 1 Owner Olivia Owner 2" in everything.words
    assert everything.has_link(f"{MODELS}?stage=staging")
    assert "fraud" not in staged.words
    assert staged.has_link(MODELS)
    assert staged.has_link(f"{MODELS}?stage=staging&kind=in_house")


def test_a_chosen_facet_stays_when_words_are_searched(opens: Reads) -> None:
    scenarios.registered_model("credit")

    answer = opens(scenarios.auditor(), f"{MODELS}?kind=in_house&q=cre")

    assert '<input type="hidden" name="kind" value="in_house">' in answer.source
    assert 'name="q" value="cre"' in answer.source


@pytest.mark.parametrize("query", ["?q=zebra", "?stage=archived", "?kind=%00&q=%00x"])
def test_nothing_found_says_so_and_leads_back(opens: Reads, query: str) -> None:
    scenarios.registered_model("credit")

    answer = opens(scenarios.auditor(), MODELS + query)

    assert "No model matches" in answer.words
    assert answer.has_link(MODELS)


def test_an_empty_list_says_what_comes_first(opens: Reads) -> None:
    assert opens(scenarios.developer(), MODELS).has_link(reverse("models:register_model"))
    assert "No model is visible to you yet" in opens(scenarios.stranger(), MODELS).words


def test_pages_lead_through_all_models_once(opens: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.console.views.portfolio.PAGE_SIZE", 2)
    for number in range(5):
        scenarios.registered_model(f"model-of-{number}")
    reader, seen, path = scenarios.auditor(), [], MODELS
    while path:
        answer = opens(reader, path)
        seen += [row.model.name for row in answer.response.context["rows"]]
        path = answer.response.context["older"]

    assert seen == [f"model-of-{number}" for number in (4, 3, 2, 1, 0)]


def test_a_page_mark_changed_by_hand_leads_to_the_first_page(opens: Reads) -> None:
    scenarios.registered_model("credit")

    answer = opens(scenarios.auditor(), f"{MODELS}?page=nonsense")

    assert (answer.status, "credit" in answer.words) == (200, True)
    assert "Start from the first page." in answer.words


def test_the_list_needs_as_many_queries_for_twenty_models_as_for_two(
    opens: Reads, django_assert_max_num_queries: Any
) -> None:
    reader = scenarios.auditor()
    for _ in range(2):
        scenarios.registered_version()
    opens(reader, MODELS)
    with django_assert_max_num_queries(40) as few:
        opens(reader, MODELS)
    for _ in range(18):
        scenarios.registered_version()
    with django_assert_max_num_queries(len(few)):
        assert opens(reader, MODELS).words.count("Version 1") == 20


# -- one model


def page_of(model: RegisteredModel) -> str:
    return model.get_absolute_url()


def test_a_model_page_says_what_it_is_for_and_who_answers(opens: Reads) -> None:
    model = scenarios.registered_model(
        title="Default risk",
        intended_use="Informs credit officers.",
        out_of_scope_uses="Pricing.",
        limitations="Weak below 21.",
        flags=["is_ai", "affects_individuals"],
    )

    words = opens(scenarios.auditor(), page_of(model)).words

    for told in (
        "Default risk Informs credit officers.",
        "Out of scope Pricing.",
        "Limitations Weak below 21.",
        "Its output affects people",
        "Olivia Owner Model owner",
        "Dev Developer Model developer",
        "Audrey Auditor Auditor",
        f"Registered the model {model.name}",
    ):
        assert told in words


def test_a_model_nobody_showed_the_reader_is_not_there(opens: Reads) -> None:
    model = scenarios.registered_model()

    assert opens(scenarios.stranger(), page_of(model)).status == 404
    assert opens(scenarios.auditor(), "/models/no-such-model/").status == 404


def test_versions_are_listed_with_stage_alias_and_checks(opens: Reads) -> None:
    version = walk.in_production()
    scenarios.registered_version(version.model)

    words = opens(scenarios.auditor(), page_of(version.model)).words

    assert "Version 2 Development Not checked" in words
    assert "Version 1 Production @champion All passed" in words


def test_open_requests_say_what_they_wait_for(opens: Reads) -> None:
    request = walk.requested(walk.checked())

    answer = opens(scenarios.auditor(), page_of(request.version.model))

    assert answer.has_link(request.get_absolute_url())
    assert "Waits for a sign-off as Model owner" in answer.words


def test_buttons_lead_on_for_those_who_may(opens: Reads) -> None:
    model = scenarios.registered_model()

    answer = opens(scenarios.developer(), page_of(model))

    assert answer.has_link(reverse("models:register_version", args=[model.name]))
    assert answer.has_link(reverse("models:describe", args=[model.name]))


def test_buttons_say_what_would_enable_them(opens: Reads) -> None:
    model = scenarios.registered_model()

    answer = opens(scenarios.auditor(), page_of(model))

    why = "Describe Register version Ask Olivia Owner, the model's owner, to make you a developer."
    assert why in answer.words
    assert "Possible once a version is in production." in answer.words
    assert not answer.has_link(reverse("models:describe", args=[model.name]))


def test_a_rollback_is_offered_to_operators_once_there_is_a_version_before(opens: Reads) -> None:
    first = walk.in_production()
    alone = opens(walk.operator(), page_of(first.model))
    walk.in_production(first.model)

    answer = opens(walk.operator(), page_of(first.model))
    denied = opens(scenarios.auditor(), page_of(first.model))

    assert "Version 1 replaced no other version" in alone.words
    assert "Roll back to version 1" in answer.words
    assert answer.has_link(reverse("approvals:roll_back", args=[first.model.name]))
    assert "Ask an operator of this model" in denied.words


def test_a_model_page_needs_as_many_queries_for_ten_versions_as_for_two(
    opens: Reads, django_assert_max_num_queries: Any
) -> None:
    model, reader = scenarios.registered_model(), scenarios.auditor()
    for _ in range(2):
        scenarios.registered_version(model)
    opens(reader, page_of(model))
    with django_assert_max_num_queries(50) as few:
        opens(reader, page_of(model))
    for _ in range(8):
        scenarios.registered_version(model)
    with django_assert_max_num_queries(len(few)):
        assert "Version 10" in opens(reader, page_of(model)).words


# -- describing


def test_a_description_is_changed_by_those_who_may(opens: Reads) -> None:
    model = scenarios.registered_model()
    path = reverse("models:describe", args=[model.name])

    answer = opens(scenarios.developer(), path, {"intended_use": "Ranks loans.", "kind": "vendor"})

    model.refresh_from_db()
    assert (answer.status, answer.response.headers["Location"]) == (302, page_of(model))
    assert (model.intended_use, model.kind) == ("Ranks loans.", "vendor")


def test_a_refused_description_keeps_what_was_typed(opens: Reads) -> None:
    model = scenarios.registered_model()
    path = reverse("models:describe", args=[model.name])

    answer = opens(scenarios.auditor(), path, {"intended_use": "Mine now.", "kind": "in_house"})

    assert answer.status == 422
    assert "Mine now." in answer.source
    assert "You do not have the right" in answer.words
    model.refresh_from_db()
    assert model.intended_use == "Decides nothing."


def test_an_unreadable_description_is_refused_at_its_field(opens: Reads) -> None:
    model = scenarios.registered_model()
    path = reverse("models:describe", args=[model.name])

    answer = opens(scenarios.developer(), path, {"kind": "toy", "title": "x" * 300})

    assert answer.status == 422
    assert answer.response.context["form"].errors.keys() == {"kind", "title"}
    assert opens(scenarios.stranger(), path).status == 404


def test_the_page_leads_with_the_description_and_shows_tags_that_people_gave(opens: Reads) -> None:
    tags = {"specialty": "pathology", "mlflow.source": "notebook"}
    model = scenarios.registered_model(description="Puts samples in order.", tags=tags)

    words = opens(scenarios.auditor(), model.get_absolute_url()).words

    assert "Puts samples in order." in words
    assert "specialty=pathology" in words
    assert "notebook" not in words
