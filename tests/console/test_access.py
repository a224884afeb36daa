"""Roles on one model: shown to all who see it, granted and ended by those who may."""

from typing import Any

import pytest
from django.urls import reverse

from apps.catalog.models import ModelDuty, RegisteredModel
from tests import scenarios
from tests.console.conftest import Reads
from tests.factories import person, team

pytestmark = pytest.mark.django_db

WHY = "Joins the team"


def access(model: RegisteredModel) -> str:
    return reverse("models:access", args=[model.name])


def end(duty: ModelDuty) -> str:
    return reverse("models:end_duty", args=[duty.model.name, duty.pk])


def test_everybody_who_sees_a_model_sees_who_holds_a_role(opens: Reads) -> None:
    model = scenarios.registered_model()

    words = opens(scenarios.auditor(), access(model)).words

    assert "Dev Developer Model developer" in words
    assert "Audrey Auditor Auditor" in words
    assert "Owners of this model grant roles of the first line" in words
    assert opens(scenarios.stranger(), access(model)).status == 404


@pytest.mark.parametrize("named", ["sam", "Sam Stranger", "The night shift"])
def test_an_owner_grants_a_role_to_a_person_or_a_team(opens: Reads, named: str) -> None:
    model = scenarios.registered_model()
    scenarios.stranger()
    team("The night shift")

    answer = opens(
        scenarios.owner(), access(model), {"holder": named, "role": "operator", "reason": WHY}
    )

    assert (answer.status, answer.response.headers["Location"]) == (302, access(model))
    duty = ModelDuty.objects.get(model=model, role="operator", until=None)
    assert str(duty.holder) in {"Sam Stranger", "The night shift"}


@pytest.mark.parametrize(
    ("sent", "field", "told"),
    [
        ({"holder": "nobody"}, "holder", "Nobody and no team bears this name."),
        ({"holder": "Twin"}, "holder", "Several bear this name."),
        ({"holder": "sam", "role": "validator"}, "role", "Select a valid choice."),
        ({"holder": "sam", "reason": ""}, "reason", "Give a reason."),
        ({"holder": "olivia"}, None, "is Model owner of"),
    ],
)
def test_a_grant_that_cannot_be_keeps_what_was_typed(
    opens: Reads, sent: dict[str, str], field: str | None, told: str
) -> None:
    model = scenarios.registered_model()
    scenarios.stranger()
    person("twin1", name="Twin")
    person("twin2", name="Twin")

    answer = opens(scenarios.owner(), access(model), {"role": "model_owner", "reason": WHY, **sent})

    errors: Any = answer.response.context["form"].errors
    assert answer.status == 422
    assert told in str(errors[field or "__all__"])
    assert f'value="{sent["holder"]}"' in answer.source


def test_a_reader_without_the_right_grants_nothing(opens: Reads) -> None:
    model = scenarios.registered_model()

    answer = opens(
        scenarios.auditor(), access(model), {"holder": "audrey", "role": "operator", "reason": WHY}
    )

    assert answer.status == 422
    assert not ModelDuty.objects.filter(role="operator").exists()


def test_a_role_is_ended_with_a_reason(opens: Reads) -> None:
    model = scenarios.registered_model()
    duty = ModelDuty.objects.get(model=model, role="model_developer")

    asked = opens(scenarios.owner(), end(duty))
    missing = opens(scenarios.owner(), end(duty), {"reason": " "})
    answer = opens(scenarios.owner(), end(duty), {"reason": "Moved on"})

    assert "Dev Developer is Model developer" in asked.words
    assert "Give a reason." in missing.words
    assert answer.status == 302
    duty.refresh_from_db()
    assert duty.until is not None
    assert opens(scenarios.owner(), end(duty)).status == 404


def test_the_owner_who_answers_for_a_model_stays(opens: Reads) -> None:
    model = scenarios.registered_model()
    duty = ModelDuty.objects.get(model=model, role="model_owner")

    listed = opens(scenarios.owner(), access(model))
    answer = opens(scenarios.owner(), end(duty), {"reason": "Enough"})

    assert "answers for the model" in listed.words
    assert not listed.has_link(end(duty))
    assert answer.status == 422
    assert "so this duty stays" in answer.words
    assert "Enough" in answer.source


def test_a_developer_ends_no_role(opens: Reads) -> None:
    model = scenarios.registered_model()
    duty = ModelDuty.objects.get(model=model, role="model_developer")

    listed = opens(scenarios.developer(), access(model))
    answer = opens(scenarios.developer(), end(duty), {"reason": "Tired"})

    assert not listed.has_link(end(duty))
    assert answer.status == 422
    assert "Owners and risk officers" in answer.words
