"""The inventory in a browser: what is missing first, forms for what is theirs, nothing lost."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.catalog import operations
from apps.catalog.inventory.values import digest_of_value
from apps.catalog.models import RegisteredModel
from tests import scenarios
from tests.catalog.inventory.walk import (
    WHY,
    by_developer,
    by_owner,
    officer,
    on_sheet,
    third_party,
    use_case,
)
from tests.catalog.record import entries
from tests.console.conftest import Answer, Reads
from tests.factories import actor, person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def model() -> RegisteredModel:
    return scenarios.registered_model("credit", title="Credit risk")


def page(model: RegisteredModel) -> str:
    return reverse("models:inventory", args=[model.name])


def form(model: RegisteredModel, group: str = "identity") -> str:
    return reverse("models:edit_inventory", args=[model.name, group])


def shown(answer: Answer) -> str:
    """Return the digests of what a form showed."""
    return str(answer.response.context["form"].initial["shown"])


def typed(answer: Answer, **changes: Any) -> dict[str, Any]:
    """Return what a form would send after some fields were changed."""
    opened = answer.response.context["form"]
    sent = {name: opened.initial.get(name, "") for name in opened.fields}
    return {key: value for key, value in {**sent, **changes}.items() if value is not None}


def compliance() -> User:
    return scenarios.account("cora", "Cora Compliance", "compliance_officer")


# -- what is shown ---------------------------------------------------------------------------------


def test_the_page_says_first_what_is_missing_and_leads_to_its_form(
    opens: Reads, model: RegisteredModel
) -> None:
    answer = opens(scenarios.owner(), page(model))

    words = answer.words
    assert words.index("What is missing") < words.index("Uses") < words.index("Model ID")
    assert "at tier 1" in words
    assert answer.has_link("#identity")
    assert answer.has_link(form(model))
    assert "Required when the model's output affects people" in words
    assert "US: SR 26-2 · UK: PRA SS1/23" in words
    assert "for you to supply" in words
    assert "Model risk officer: " in words
    assert "Supplied by Signet itself" in words
    assert "Not yet" in words


def test_values_of_every_kind_are_shown_in_words(opens: Reads, model: RegisteredModel) -> None:
    rita = officer()
    operations.record_values(
        model,
        {
            "stakeholders": ["Collections", "Audit"],
            "developer": {"supplier": "Scores Inc."},
            "business_sponsor": scenarios.auditor().record_id,
        },
        by=by_owner(),
    )
    operations.record_values(
        model, {"assumptions": [["Incomes are true", "Checked"]], "is_ai": False}, by=by_developer()
    )
    operations.record_values(model, {"provisional_tier": 2}, by=actor(rita))

    answer = opens(rita, page(model))

    for words in ("Collections", "Scores Inc.", "Audrey Auditor", "Incomes are true"):
        assert words in answer.words
    assert '<th scope="col">Justification</th>' in answer.source
    assert "AI or machine learning Drives AI-specific checks. No" in answer.words


def test_a_recorded_text_is_never_markup(opens: Reads, model: RegisteredModel) -> None:
    operations.record_values(model, {"business_line": "<b>x</b>"}, by=by_owner())

    assert "<b>x</b>" not in opens(scenarios.owner(), page(model)).source


@pytest.mark.parametrize("name", ["inventory", "edit_inventory", "use_case", "third_party"])
def test_who_may_not_see_a_model_meets_no_page_of_its_inventory(
    opens: Reads, model: RegisteredModel, name: str
) -> None:
    arguments: dict[str, list[object]] = {
        "inventory": [],
        "edit_inventory": ["identity"],
        "use_case": [use_case(model).key],
        "third_party": [third_party(model).pk],
    }
    path = reverse(f"models:{name}", args=[model.name, *arguments[name]])

    assert opens(scenarios.stranger(), path).status == 404
    assert opens(scenarios.owner(), path).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/models/credit/inventory/nothing/edit/",
        "/models/credit/uses/nothing/",
        "/models/credit/uses/nothing/end/",
        "/models/credit/third-parties/77/",
        "/models/credit/versions/1/inventory/",
        "/models/absent/inventory/",
        "/models/inventory.csv?of=nothing",
    ],
)
def test_what_is_not_there_is_not_found(opens: Reads, model: RegisteredModel, path: str) -> None:
    assert opens(scenarios.owner(), path).status == 404


def test_empty_lists_say_what_comes_first(opens: Reads, model: RegisteredModel) -> None:
    owner = opens(scenarios.owner(), page(model))
    reader = opens(scenarios.auditor(), page(model))

    assert "No use is recorded" in owner.words
    assert "fields are missing until one use is recorded" in owner.words
    assert owner.has_link(reverse("models:add_use_case", args=["credit"]))
    assert not reader.has_link(reverse("models:add_use_case", args=["credit"]))
    assert "No supplier is recorded" in reader.words


def test_the_model_and_its_version_lead_to_their_inventory(opens: Reads) -> None:
    version = scenarios.registered_version()
    of_version = reverse("models:version_inventory", args=[version.model.name, version.number])

    assert opens(scenarios.owner(), version.model.get_absolute_url()).has_link(page(version.model))
    assert opens(scenarios.owner(), version.get_absolute_url()).has_link(of_version)
    assert opens(scenarios.owner(), page(version.model)).has_link(of_version)


@pytest.mark.parametrize("count", [2, 20])
def test_the_page_needs_a_fixed_number_of_queries(
    opens: Reads, count: int, django_assert_max_num_queries: Any
) -> None:
    version = scenarios.registered_version()
    for number in range(count):
        use_case(version.model, f"Use {number}")
        third_party(version.model, f"Supplier {number}")
    reader = scenarios.owner()
    opens(reader, page(version.model))

    with django_assert_max_num_queries(34):
        opens(reader, page(version.model))


def test_a_field_without_a_value_is_folded_and_a_missing_one_comes_before_what_is_recorded(
    opens: Reads, model: RegisteredModel
) -> None:
    operations.record_values(model, {"business_line": "Cards"}, by=by_owner())

    words = opens(scenarios.owner(), page(model)).words

    places = [words.index(text) for text in ("Inventory class Result", "Business line Line of")]
    folded = words.index(" without a value", places[1])
    assert places == sorted(places)
    assert folded < words.index("Former and other names So that")


# -- forms -----------------------------------------------------------------------------------------


def test_a_form_offers_what_the_roles_of_its_reader_supply(
    opens: Reads, model: RegisteredModel
) -> None:
    owner = opens(scenarios.owner(), form(model))
    rita = opens(officer(), form(model))
    audrey = opens(scenarios.auditor(), form(model))

    assert set(owner.response.context["form"].fields) == {
        "shown", "description", "aliases", "legal_entities", "business_line",
    }  # fmt: skip
    assert set(rita.response.context["form"].fields) == {"shown", "determination_rationale"}
    assert "None of these fields is supplied by a role you hold" in audrey.words
    assert "Origin an approved assessment" in owner.words


def test_what_is_typed_is_recorded_and_the_page_shows_it(
    opens: Reads, model: RegisteredModel
) -> None:
    opened = opens(scenarios.owner(), form(model))
    sent = typed(opened, legal_entities="Bank plc\n\nBank AG\n", business_line="Cards")

    answer = opens(scenarios.owner(), form(model), sent)

    assert answer.response.headers["Location"] == f"{page(model)}#identity"
    assert on_sheet(model) == {"legal_entities": ["Bank plc", "Bank AG"], "business_line": "Cards"}
    assert [entry["detail"]["changed"] for entry in entries("inventory.record")] == [
        ["business_line", "legal_entities"]
    ]


TYPED: list[tuple[str, str, Callable[[], User], str, object]] = [
    ("purpose", "assumptions", scenarios.developer, "a | b\\|c\nd\te", [["a", "b|c"], ["d", "e"]]),
    ("characteristics", "is_ai", scenarios.developer, "no", False),
    ("risk", "provisional_tier", officer, "2", 2),
    ("people", "reviewer", officer, "audrey", "audrey"),
    ("people", "reviewer", officer, "Audrey Auditor", "audrey"),
    ("people", "developer", scenarios.owner, "audrey", {"person": "audrey"}),
    ("people", "developer", scenarios.owner, "Scores", {"supplier": "Scores"}),
    ("record", "market_status", compliance, "recalled", "recalled"),
]


@pytest.mark.parametrize("case", TYPED, ids=lambda case: f"{case[1]}: {case[3]}")
def test_each_control_is_read_as_its_type(
    opens: Reads, model: RegisteredModel, case: tuple[str, str, Callable[[], User], str, object]
) -> None:
    group, key, who, text, kept = case
    audrey, user = scenarios.auditor(), who()
    opened = opens(user, form(model, group))

    answer = opens(user, form(model, group), typed(opened, **{key: text}))

    assert answer.status == 302, answer.words
    expected = json.loads(json.dumps(kept).replace("audrey", audrey.record_id))
    assert on_sheet(model)[key] == expected
    again = opens(user, form(model, group))
    assert opens(user, form(model, group), typed(again)).status == 302
    assert on_sheet(model)[key] == expected


@pytest.mark.parametrize(
    "case",
    [
        ("people", "reviewer", "Nobody Atall", "Nobody bears the name"),
        ("people", "reviewer", "Twin Twin", "Several people bear the name"),
        ("risk", "provisional_tier", "two", "Enter a whole number"),
        ("identity", "determination_rationale", "x" * 5001, "at most 5000"),
    ],
    ids=lambda case: case[3],
)
def test_what_cannot_be_read_is_said_beside_the_field_and_stays_typed(
    opens: Reads, model: RegisteredModel, case: tuple[str, str, str, str]
) -> None:
    group, key, text, words = case
    person("twin.a", name="Twin Twin")
    person("twin.b", name="Twin Twin")
    opened = opens(officer(), form(model, group))

    answer = opens(officer(), form(model, group), typed(opened, **{key: text}))

    assert answer.status == 422
    assert words in answer.words
    assert text in answer.source
    assert on_sheet(model) == {}


def test_a_form_opened_before_a_change_is_refused_and_keeps_what_was_typed(
    opens: Reads, model: RegisteredModel
) -> None:
    opened = opens(scenarios.owner(), form(model))
    operations.record_values(model, {"business_line": "Loans", "aliases": ["old"]}, by=by_owner())

    answer = opens(scenarios.owner(), form(model), typed(opened, business_line="Cards", aliases=""))

    assert answer.status == 422
    assert "Somebody else recorded this meanwhile: Business line." in answer.words
    assert "Recorded meanwhile: Loans" in answer.words
    assert 'value="Cards"' in answer.source
    assert on_sheet(model)["business_line"] == "Loans"

    bound = answer.response.context["form"]
    again = {name: bound[name].value() or "" for name in bound.fields}
    assert opens(scenarios.owner(), form(model), again).status == 302
    assert on_sheet(model) == {"business_line": "Cards", "aliases": ["old"]}


@pytest.mark.parametrize("sent", ["", "nonsense", "[]", '{"business_line": 1}', "[" * 9000])
def test_a_form_without_what_was_shown_saves_nothing(
    opens: Reads, model: RegisteredModel, sent: str
) -> None:
    answer = opens(scenarios.owner(), form(model), {"business_line": "Cards", "shown": sent})

    assert answer.status == 422
    assert "Open the form again" in answer.words
    assert on_sheet(model) == {}


def test_a_field_somebody_else_supplies_is_not_taken_from_a_form(
    opens: Reads, model: RegisteredModel
) -> None:
    digests = {"origin": digest_of_value(None), "business_line": digest_of_value(None)}
    sent = {"origin": "internal", "business_line": "Cards", "shown": json.dumps(digests)}

    assert opens(scenarios.owner(), form(model), sent).status == 302

    assert on_sheet(model) == {"business_line": "Cards"}


def test_a_right_lost_meanwhile_is_refused_in_words(
    opens: Reads, model: RegisteredModel, client: Client
) -> None:
    vic = person("vic")
    duty = operations.grant_model_duty(model, vic, "validator", by=actor(officer()), reason=WHY)
    operations.grant_model_duty(model, vic, "auditor", by=actor(officer()), reason=WHY)
    opened = opens(vic, form(model, "purpose"))
    operations.end_model_duty(duty, by=actor(officer()), reason=WHY)

    answer = opens(vic, form(model, "purpose"), typed(opened, limitations="a|b|c"))

    assert answer.status == 422
    assert on_sheet(model) == {}


# -- versions --------------------------------------------------------------------------------------


def test_a_version_shows_what_came_with_it_and_takes_the_rest(opens: Reads) -> None:
    version = scenarios.registered_version(framework="scikit-learn 1.7")
    path = reverse("models:version_inventory", args=[version.model.name, 1])
    edit = reverse("models:edit_version_inventory", args=[version.model.name, 1, "integrity"])

    answer = opens(scenarios.developer(), path)
    assert "scikit-learn 1.7" in answer.words
    assert "Metrics of its run" in answer.words
    assert answer.has_link(edit)

    sent = typed(opens(scenarios.developer(), edit), license="Apache-2.0")
    assert opens(scenarios.developer(), edit, sent).status == 302
    assert on_sheet(version) == {"license": "Apache-2.0"}
    assert opens(scenarios.stranger(), path).status == opens(scenarios.stranger(), edit).status
    assert opens(scenarios.stranger(), path).status == 404


# -- uses and suppliers ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["use_case", "third_party"])
def test_a_record_is_added_filled_and_ended(
    opens: Reads, model: RegisteredModel, kind: str
) -> None:
    owner = scenarios.owner()
    add = reverse(f"models:add_{kind}", args=[model.name])
    assert opens(owner, add, {"title": ""}).status == 422

    added = opens(owner, add, {"title": "Card limits"})
    home = added.response.headers["Location"]
    answer = opens(owner, home)
    assert "Card limits" in answer.words
    assert "What is missing" in answer.words
    group = "use" if kind == "use_case" else "supplier"
    assert answer.has_link(f"{home}{group}/edit/")
    key = "intended_purpose" if kind == "use_case" else "service"
    opened = opens(owner, f"{home}{group}/edit/")
    assert opens(owner, f"{home}{group}/edit/", typed(opened, **{key: "Sets it"})).status == 302
    assert "Sets it" in opens(owner, home).words
    assert "Card limits" in opens(owner, page(model)).words

    assert opens(owner, f"{home}end/", {"reason": ""}).status == 422
    assert opens(owner, f"{home}end/", {"reason": WHY}).status == 302
    ended = opens(owner, home)
    assert "Ended" in ended.words
    assert "missing" not in ended.words
    assert not ended.has_link(f"{home}{group}/edit/")
    assert "has ended" in opens(owner, f"{home}end/", {"reason": WHY}).words


@pytest.mark.parametrize("kind", ["use_case", "third_party"])
def test_who_may_not_add_a_record_is_told_who_may(
    opens: Reads, model: RegisteredModel, kind: str
) -> None:
    add = reverse(f"models:add_{kind}", args=[model.name])

    assert "of this model add" in opens(scenarios.validator(), add).words
    answer = opens(scenarios.validator(), add, {"title": "Mine"})
    assert answer.status == 422
    assert "add and end" in answer.words


def test_generative_fields_are_shown_once_the_model_is(
    opens: Reads, model: RegisteredModel
) -> None:
    use = use_case(model)
    assert "Modalities" not in opens(scenarios.owner(), use.get_absolute_url()).words

    operations.describe_model(model, by=by_owner(), flags=["is_generative"])

    assert "Modalities" in opens(scenarios.owner(), use.get_absolute_url()).words


# -- taking it away --------------------------------------------------------------------------------


def table(client: Client, user: User, of: str) -> list[list[str]]:
    signed_in(client, user)
    answer: Any = client.get(reverse("models:inventory_csv"), {"of": of})
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return [line.split(",") for line in text.splitlines()]


@pytest.mark.parametrize("of", ["model", "version", "use_case", "third_party"])
def test_a_sheet_has_a_line_for_each_record_the_person_sees(client: Client, of: str) -> None:
    version = scenarios.registered_version()
    use_case(version.model)
    third_party(version.model)

    header, *lines = table(client, scenarios.auditor(), of)

    assert header[:4] == ["Model", "Record", "Tier", "Missing"]
    assert [line[0] for line in lines] == [version.model.name]
    assert table(client, scenarios.stranger(), of) == [header]
    assert [entry["detail"] for entry in entries("inventory.export")] == [{"entity": of}] * 2


def test_a_cell_of_a_sheet_is_never_a_formula(client: Client, model: RegisteredModel) -> None:
    operations.record_values(model, {"business_line": "=1+1"}, by=by_owner())

    assert "'=1+1" in str(table(client, scenarios.auditor(), "model"))


@pytest.mark.parametrize("of", ["model", "version", "use_case"])
def test_a_sheet_needs_as_many_queries_for_many_records_as_for_few(
    client: Client, of: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(4):
        use_case(scenarios.registered_version().model)
    signed_in(client, scenarios.auditor())

    with django_assert_max_num_queries(34):
        answer: Any = client.get(reverse("models:inventory_csv"), {"of": of})
        b"".join(answer.streaming_content)


# -- the record ------------------------------------------------------------------------------------


def test_the_record_shows_each_value_that_changed(opens: Reads, model: RegisteredModel) -> None:
    operations.record_values(model, {"business_line": "Cards"}, by=by_owner())
    operations.record_values(model, {"business_line": "Loans"}, by=by_owner())
    [*_, last] = entries("inventory.record")

    listed = opens(scenarios.auditor(), reverse("audit:list"))
    entry = opens(scenarios.auditor(), reverse("audit:entry", args=[last["id"]]))

    assert "Recorded in the inventory of credit" in listed.words
    assert "business line" in entry.words
    assert "Cards" in entry.words
    assert "Loans" in entry.words
