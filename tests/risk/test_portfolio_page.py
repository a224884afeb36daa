"""The page of the portfolio, the rows behind its numbers, and both as files."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.risk.portfolio import tables
from apps.risk.views import portfolio
from apps.validation.documents.exports import typesetting
from tests import scenarios
from tests.catalog.record import entries
from tests.factories import signed_in
from tests.risk import assessed

pytestmark = pytest.mark.django_db

PAGE = "risk:portfolio"


def opened(client: Client, url: str, user: User | None = None, **asked: str) -> Any:
    return signed_in(client, user or scenarios.auditor()).get(url, asked)


def test_the_page_shows_every_table_with_headings_on_both_sides(client: Client) -> None:
    assessed.approved(None, assessed.HEAVY)

    text = opened(client, reverse(PAGE)).content.decode()

    for title in ("Tier by stage", "Materiality by complexity", "Age of open findings"):
        assert title in text
    assert '<th scope="row">Tier 1</th>' in text
    assert f"{reverse('risk:portfolio_rows', args=['models'])}?tier=1&amp;stage=none" in text


def test_a_number_opens_its_rows(client: Client) -> None:
    model = assessed.approved(None, assessed.HEAVY).model

    page = opened(client, reverse("risk:portfolio_rows", args=["models"]), tier="1")

    assert model.get_absolute_url() in page.content.decode()
    assert "1 model · Tier: Tier 1" in page.content.decode()


@pytest.mark.parametrize("kind", ["models", "findings", "assessments", "obligations"])
def test_a_list_without_rows_leads_back(client: Client, kind: str) -> None:
    page = opened(client, reverse("risk:portfolio_rows", args=[kind]))

    assert page.status_code == 200
    assert "Nothing is here now" in page.content.decode()


def test_lists_show_no_rows_of_models_the_reader_may_not_see(client: Client) -> None:
    held = assessed.approved(None, assessed.HEAVY)

    for kind in ("models", "assessments", "obligations"):
        url = reverse("risk:portfolio_rows", args=[kind])
        assert held.model.name in opened(client, url).content.decode()
        assert held.model.name not in opened(client, url, scenarios.stranger()).content.decode()


@pytest.mark.parametrize("asked", [{"tier": "9"}, {"color": "red"}])
def test_a_list_asked_by_what_it_does_not_know_is_not_there(
    client: Client, asked: dict[str, Any]
) -> None:
    url = reverse("risk:portfolio_rows", args=["models"])
    assert opened(client, url, **asked).status_code == 404
    assert opened(client, reverse("risk:portfolio_rows", args=["teams"])).status_code == 404


def test_a_long_list_has_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portfolio, "PAGE_SIZE", 1)
    first, second = scenarios.registered_model(), scenarios.registered_model()
    url = reverse("risk:portfolio_rows", args=["models"])

    page = opened(client, url, tier="0")
    following = opened(client, page.context["older"])

    assert first.name in page.content.decode()
    assert second.name in following.content.decode()
    assert following.context["older"] == ""
    assert opened(client, url, page="nonsense").status_code == 200


@pytest.mark.parametrize("table", tables.IDS)
def test_each_table_is_a_file_too_and_taking_it_is_on_record(client: Client, table: str) -> None:
    assessed.approved(None, assessed.HEAVY)

    answer = opened(client, reverse("risk:portfolio_csv", args=[table]))

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    header, *lines = csv.reader(io.StringIO(text))
    assert lines
    assert all(len(line) == len(header) for line in lines)
    [event] = entries("user.export_portfolio")
    assert event["detail"] == {"table": table, "form": "csv"}


def test_there_is_no_file_of_another_table(client: Client) -> None:
    assert opened(client, reverse("risk:portfolio_csv", args=["mine"])).status_code == 404


def test_the_page_is_set_as_a_pdf(client: Client) -> None:
    answer = opened(client, reverse("risk:portfolio_pdf"))

    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["Content-Type"] == "application/pdf"
    [event] = entries("user.export_portfolio")
    assert event["detail"] == {"table": "all", "form": "pdf"}


def test_a_pdf_that_cannot_be_made_is_said_on_the_page(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(told: object) -> bytes:
        raise typesetting.NotTypeset("The PDF could not be made.")

    monkeypatch.setattr(typesetting, "as_pdf", refused)

    answer = opened(client, reverse("risk:portfolio_pdf"))

    assert answer.status_code == 422
    assert "The PDF could not be made." in answer.content.decode()
