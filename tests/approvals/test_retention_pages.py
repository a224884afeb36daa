"""The page of a model's retirement, and the forms it leads to."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.approvals import operations
from apps.approvals.models import LegalHold, Retention, Retirement
from apps.catalog.models import DisposedVersion, RegisteredModel
from apps.core.formats import moment
from tests import scenarios
from tests.approvals.exceptions import (
    WHY,
    archived,
    counsel,
    hold,
    other_records_manager,
    records_manager,
    retain,
    retired,
)
from tests.approvals.test_retention import OWN, long_ago
from tests.factories import actor, signed_in

pytestmark = pytest.mark.django_db


def page(client: Client, url: str, status: int = HTTPStatus.OK) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def address(model: RegisteredModel, name: str = "retirement") -> str:
    return reverse(f"approvals:{name}", args=[model.name])


def act(name: str, retirement: Retirement | LegalHold) -> str:
    return reverse(f"approvals:{name}", args=[retirement.pk])


def test_a_model_without_anything_says_what_comes_first(client: Client) -> None:
    model = scenarios.registered_model()

    html = page(signed_in(client, scenarios.auditor()), address(model))

    assert "No version is decommissioned" in html
    assert "It is not recorded how long" in html
    assert "No legal hold was ever placed" in html
    assert address(model, "set_retention") not in html
    assert address(model, "place_hold") not in html


def test_what_nobody_may_see_is_not_there(client: Client) -> None:
    retirement = retired()
    placed = hold(retirement.root)
    stranger = signed_in(client, scenarios.stranger())

    for name in ("retirement", "set_retention", "place_hold"):
        page(stranger, address(retirement.root, name), HTTPStatus.NOT_FOUND)
    for name in ("ask_disposal", "call_off_disposal", "dispose"):
        page(stranger, act(name, retirement), HTTPStatus.NOT_FOUND)
    page(stranger, act("lift_hold", placed), HTTPStatus.NOT_FOUND)


def test_the_model_page_leads_there(client: Client) -> None:
    model = scenarios.registered_model()
    reader = signed_in(client, scenarios.auditor())
    there = f'href="{address(model)}">'
    assert f"{there}Not set</a>" in page(reader, model.get_absolute_url())

    retain(model, 7)
    hold(model)

    assert f"{there}7 years, on legal hold</a>" in page(reader, model.get_absolute_url())


def test_retention_is_set_on_a_form_that_shows_what_holds(client: Client) -> None:
    model = scenarios.registered_model()
    manager = signed_in(client, records_manager())
    url = address(model, "set_retention")
    values = {"name": "Credit models", "years": "7", "basis": "SEC 17a-4"}
    tries: list[tuple[dict[str, str], str]] = [
        ({"name": ""}, "Name the retention class."),
        ({"years": "0"}, "greater than or equal to 1"),
        ({"years": "many"}, "Enter a whole number"),
        ({"basis": " "}, "Say what it follows from."),
    ]
    for other, words in tries:
        answer = manager.post(url, values | other)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert words in answer.content.decode()
    assert not Retention.objects.exists()

    answer = manager.post(url, values)
    assert answer.headers["Location"] == address(model)
    html = page(manager, address(model))
    assert "<strong>7 years</strong> after decommissioning, as Credit models" in html
    assert 'value="Credit models"' in page(manager, url)

    owner = signed_in(Client(), scenarios.owner())
    refused = owner.post(url, values)
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Only a records manager" in refused.content.decode()


def test_a_hold_is_placed_and_lifted(client: Client) -> None:
    model = scenarios.registered_model()
    lawyer = signed_in(client, counsel())
    assert "nothing of the model is decommissioned" in page(lawyer, address(model, "place_hold"))

    assert lawyer.post(address(model, "place_hold"), {"reason": ""}).status_code == 422
    lawyer.post(address(model, "place_hold"), {"reason": "A court asks"})

    placed = LegalHold.objects.get()
    html = page(lawyer, address(model))
    assert "A legal hold is in force: nothing of this model" in html
    assert act("lift_hold", placed) in html
    assert "A court asks" in page(lawyer, act("lift_hold", placed))
    lawyer.post(act("lift_hold", placed), {"reason": "Closed"})
    html = page(lawyer, address(model))
    assert "Lifted" in html
    assert "A legal hold is in force" not in html
    again = lawyer.post(act("lift_hold", placed), {"reason": WHY})
    assert "lifted already" in again.content.decode()


def test_a_disposal_is_asked_for_by_one_and_carried_out_by_another(client: Client) -> None:
    retirement = retired(archived(own=OWN), years=5)
    model = retirement.root
    remy, rosa = signed_in(client, records_manager()), signed_in(Client(), other_records_manager())
    html = page(remy, address(model))
    assert ">Kept<" in html
    assert act("ask_disposal", retirement) not in html
    early = remy.post(act("ask_disposal", retirement), {"reason": WHY})
    assert "are kept until" in early.content.decode()
    long_ago(retirement)

    assert "May be disposed of" in page(remy, address(model))
    assert act("ask_disposal", retirement) not in page(
        signed_in(Client(), scenarios.auditor()), address(model)
    )
    assert "Somebody else with the right" in page(remy, act("ask_disposal", retirement))
    remy.post(act("ask_disposal", retirement), {"reason": "Its time is over"})
    html = page(remy, address(model))
    assert "Remy Records asks for it: Its time is over" in html
    assert act("dispose", retirement) not in html
    own = remy.post(act("dispose", retirement), {"reason": WHY})
    assert "You asked for this disposal" in own.content.decode()
    assert "Its files stay" in page(remy, act("call_off_disposal", retirement))
    remy.post(act("call_off_disposal", retirement), {"reason": WHY})
    remy.post(act("ask_disposal", retirement), {"reason": WHY})

    assert act("dispose", retirement) in page(rosa, address(model))
    assert "a day later their bytes are gone" in page(rosa, act("dispose", retirement))
    rosa.post(act("dispose", retirement), {"reason": WHY})

    html = page(rosa, address(model))
    retirement.refresh_from_db()
    asked, done = (
        moment(at, "full")
        for at in (retirement.disposal_asked_at, retirement.disposed_at)
        if at is not None
    )
    assert (
        f"Asked for by Remy Records on {asked}, carried out by Rosa Records on {done}. "
        "Meaning: responsibility. 4 files"
    ) in html
    assert DisposedVersion.objects.filter(version=retirement.version).exists()


def test_a_disposed_file_answers_410_in_words_on_pages(client: Client) -> None:
    retirement = long_ago(retired(archived(own=OWN), years=5))
    version = retirement.version
    for who, name in ((records_manager(), "ask_disposal"), (other_records_manager(), "dispose")):
        signed_in(Client(), who).post(act(name, retirement), {"reason": WHY})
    owner = signed_in(client, scenarios.owner())

    files = page(owner, f"{version.get_absolute_url()}files/")
    assert files.count("Disposed of") == 4
    for kind in ("download", "preview"):
        url = reverse(f"models:{kind}", args=[version.model.name, version.number, "own.txt"])
        assert "This file was disposed of on" in page(owner, url, HTTPStatus.GONE)


def test_the_page_costs_the_same_for_two_and_twenty(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    model = scenarios.registered_model()
    for _ in range(2):
        retired(archived(model))
        hold_and_lift(model)
    reader = signed_in(client, records_manager())
    page(reader, address(model))
    with django_assert_max_num_queries(40) as few:
        page(reader, address(model))
    for _ in range(3):
        retired(archived(model))
        hold_and_lift(model)

    with django_assert_max_num_queries(len(few)):
        assert page(reader, address(model)).count("<tr>") == 6


def hold_and_lift(model: RegisteredModel) -> None:
    operations.lift_hold(hold(model), by=actor(counsel()), reason=WHY)
