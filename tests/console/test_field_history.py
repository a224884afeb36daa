"""A field's history where it stands: each value, from when, by whom, why, with its entry."""

from typing import Any

import pytest
from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.catalog import operations
from apps.catalog.models import RegisteredModel
from tests import scenarios
from tests.catalog.inventory.walk import (
    WHY,
    by_developer,
    by_owner,
    officer,
    third_party,
    use_case,
)
from tests.console import walk
from tests.console.conftest import Reads
from tests.factories import actor

pytestmark = pytest.mark.django_db

RATIONALE = "determination_rationale"


def past(model: RegisteredModel, field: str) -> str:
    return reverse("models:past_inventory", args=[model.name, field])


def rationale(model: RegisteredModel, text: str, reason: str = "") -> None:
    model = RegisteredModel.objects.get(pk=model.pk)
    operations.record_values(model, {RATIONALE: text}, by=actor(officer()), reason=reason)


def said(answer: Any) -> list[str]:
    return [step.shown.text for step in answer.response.context["past"].steps]


def test_a_recorded_field_shows_what_it_said_who_set_it_and_why(opens: Reads) -> None:
    model = scenarios.registered_model("credit")
    rationale(model, "It scores.", WHY)
    operations.describe_model(model, by=by_developer(), title="Beside it")
    rationale(model, "It ranks.")
    rationale(model, "")

    answer = opens(scenarios.auditor(), past(model, RATIONALE))

    assert said(answer) == ["", "It ranks.", "It scores."]
    steps = answer.response.context["past"].steps
    assert [step.until is None for step in steps] == [True, False, False]
    assert steps[1].until == steps[0].since
    for told in ("Taken away Since", "It scores. From", f"by {officer()}", f"“{WHY}”"):
        assert told in answer.words
    entries = AuditEvent.objects.filter(action="inventory.record").order_by("pk")
    assert all(answer.has_link(reverse("audit:entry", args=[one.uid])) for one in entries)


def test_fields_of_the_row_itself_have_their_history_too(opens: Reads) -> None:
    model = scenarios.registered_model("credit", intended_use="Ranks loans.", title="Credit")
    operations.describe_model(model, by=by_developer(), intended_use="Ranks cards.")
    operations.describe_model(model, by=by_developer(), title="Credit risk")
    operations.describe_model(model, by=by_developer(), flags=["is_ai"])
    reader = scenarios.auditor()

    assert said(opens(reader, past(model, "intended_use"))) == ["Ranks cards.", "Ranks loans."]
    assert said(opens(reader, past(model, "title"))) == ["Credit risk", "Credit"]
    assert said(opens(reader, past(model, "is_ai"))) == ["Yes"]
    assert said(opens(reader, past(model, "owner"))) == ["Olivia Owner"]
    flags = opens(reader, past(model, "flags"))
    assert "Uses AI or machine learning" in flags.words


def test_a_version_a_use_and_a_supplier_have_theirs(opens: Reads) -> None:
    request = scenarios.promoted()
    version, reader = request.version, scenarios.auditor()
    use, party = use_case(version.model), third_party(version.model)
    operations.record_values(use, {"intended_purpose": "Sets limits."}, by=by_owner())
    name = version.model.name

    stage = opens(reader, reverse("models:past_version_inventory", args=[name, 1, "stage"]))
    assert said(stage) == ["Staging", "Development"]
    told = opens(reader, reverse("models:past_use_case", args=[name, use.key, "intended_purpose"]))
    assert said(told) == ["Sets limits."]
    title = opens(reader, reverse("models:past_third_party", args=[name, party.pk, "title"]))
    assert said(title) == ["Scores Inc."]


def test_fields_lead_to_their_history_where_they_stand(opens: Reads) -> None:
    model = scenarios.registered_model("credit", intended_use="Ranks loans.", method="Trees")
    use = use_case(model)
    version = walk.checked(scenarios.registered_version(model))
    reader = scenarios.auditor()

    inventory = opens(reader, reverse("models:inventory", args=[model.name]))
    assert inventory.has_link(past(model, RATIONALE))
    assert inventory.has_link(past(model, "intended_use"))
    assert not inventory.has_link(past(model, "id"))  # it never said anything else
    page = opens(reader, model.get_absolute_url())
    assert page.has_link(past(model, "intended_use"))
    assert page.has_link(past(model, "method"))
    of_use = opens(reader, use.get_absolute_url())
    assert of_use.has_link(
        reverse("models:past_use_case", args=[model.name, use.key, "intended_purpose"])
    )
    of_version = opens(reader, reverse("models:version_inventory", args=[model.name, 1]))
    assert of_version.has_link(
        reverse("models:past_version_inventory", args=[model.name, version.number, "stage"])
    )


def test_a_field_never_recorded_says_so_and_one_there_is_not_is_not_there(opens: Reads) -> None:
    model = scenarios.registered_model("credit")
    reader = scenarios.auditor()
    assert "Nothing was ever recorded here" in opens(reader, past(model, RATIONALE)).words
    assert opens(reader, past(model, "no_such_field")).status == 404
    assert opens(scenarios.stranger(), past(model, RATIONALE)).status == 404


def test_what_a_reader_may_not_see_of_the_record_is_left_out(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = scenarios.registered_model("credit")
    rationale(model, "It scores.", WHY)
    monkeypatch.setattr(
        "apps.console.queries.record.events_visible_to",
        lambda _: AuditEvent.objects.none(),
    )
    words = opens(scenarios.owner(), past(model, RATIONALE)).words
    assert "It scores. Since" in words
    assert WHY not in words
    assert f"by {officer()}" not in words


def test_a_history_needs_as_many_queries_for_twenty_values_as_for_two(
    opens: Reads, django_assert_max_num_queries: Any
) -> None:
    model, reader = scenarios.registered_model("credit"), scenarios.auditor()
    for number in range(2):
        rationale(model, f"Reason {number}")
    opens(reader, past(model, RATIONALE))
    with django_assert_max_num_queries(30) as few:
        opens(reader, past(model, RATIONALE))
    for number in range(2, 20):
        rationale(model, f"Reason {number}")
    with django_assert_max_num_queries(len(few)):
        assert len(said(opens(reader, past(model, RATIONALE)))) == 20


def test_a_long_history_is_cut_and_says_so(opens: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.console.queries.field_history.MOST_SHOWN", 2)
    model = scenarios.registered_model("credit")
    for number in range(4):
        rationale(model, f"Reason {number}")

    answer = opens(scenarios.auditor(), past(model, RATIONALE))

    assert said(answer) == ["Reason 3", "Reason 2"]
    assert "2 older values are in the record" in answer.words
