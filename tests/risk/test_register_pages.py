"""The pages of the registers, and a register as a file."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.catalog import operations as catalog
from apps.core.formats import grouped
from apps.risk.registers import paper, reading
from apps.validation.documents.exports import typesetting
from tests import scenarios
from tests.catalog.record import entries
from tests.factories import actor, signed_in
from tests.risk import assessed

pytestmark = pytest.mark.django_db

IDS = [one.id for one in reading.shipped().registers]
PRA = "pra-ss1-23"


def opened(client: Client, url: str, user: User | None = None, **asked: str) -> Any:
    return signed_in(client, user or scenarios.auditor()).get(url, asked)


def page_of(register_id: str) -> str:
    return reverse("risk:register", args=[register_id])


def lines(client: Client, user: User | None = None, **asked: str) -> list[list[str]]:
    answer: Any = opened(client, reverse("risk:register_csv", args=[PRA]), user, **asked)
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_list_names_every_register_with_what_it_follows(client: Client) -> None:
    text = opened(client, reverse("risk:registers")).content.decode()

    for one in reading.shipped().registers:
        assert page_of(one.id) in text
    assert "Annex VIII Section A" in text


@pytest.mark.parametrize("register_id", IDS)
def test_a_register_without_rows_says_what_belongs_there(client: Client, register_id: str) -> None:
    answer = opened(client, page_of(register_id))

    assert answer.status_code == 200
    assert "No row belongs here" in answer.content.decode()


def test_a_register_shows_its_rows_and_counts_what_is_missing(client: Client) -> None:
    model = scenarios.registered_model()

    text = opened(client, page_of(PRA)).content.decode()

    assert model.get_absolute_url() in text
    assert "not recorded" in text
    asked = reading.shipped().named(PRA)
    assert asked is not None
    assert f"of {asked.asked} values on this page" in text


def test_what_is_missing_over_all_rows_has_a_page_of_its_own(client: Client) -> None:
    scenarios.registered_model()
    scenarios.registered_model()
    path = reverse("risk:register_gaps", args=[PRA])

    page = opened(client, path)
    html = page.content.decode()
    nobody = opened(client, path, scenarios.stranger()).content.decode()

    gaps = page.context["gaps"]
    assert f"{grouped(gaps.values)} of {grouped(gaps.asked)} values not recorded, in 2 models" in (
        html
    )
    assert all(one.column.heading in html for one in gaps.columns[:3])
    assert "No row belongs here" in nobody
    assert f'href="{path}"' in opened(client, page_of(PRA)).content.decode()


def test_a_register_shows_no_model_the_reader_may_not_see(client: Client) -> None:
    model = scenarios.registered_model()

    assert model.name not in opened(client, page_of(PRA), scenarios.stranger()).content.decode()
    assert len(lines(client, scenarios.stranger())) == 1


def test_there_is_no_register_of_another_name(client: Client) -> None:
    assert opened(client, page_of("no-such")).status_code == 404


def test_a_long_register_has_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.risk.views.registers.PAGE_SIZE", 1)
    first, second = scenarios.registered_model(), scenarios.registered_model()

    answer = opened(client, page_of(PRA))
    older = answer.context["older"]
    next_one = opened(client, older).content.decode()

    assert first.name in answer.content.decode()
    assert second.name not in answer.content.decode()
    assert second.name in next_one


def test_a_mark_of_another_register_leads_to_the_first_page(client: Client) -> None:
    scenarios.registered_model()

    answer = opened(client, page_of(PRA), page="forged")

    assert "It is shown here." in answer.content.decode()


# -- files -----------------------------------------------------------------------------------------


def test_the_file_has_a_line_for_each_row_and_is_on_record(client: Client) -> None:
    model = scenarios.registered_model()

    header, line = lines(client)

    assert header[:3] == ["Model", "Not recorded", "Model ID (Principle 1.2)"]
    assert line[0] == model.name
    [event] = entries("user.export_register")
    assert event["detail"] == {"register": PRA, "form": "csv", "as_of": ""}


def test_no_cell_of_the_file_is_a_formula(client: Client) -> None:
    scenarios.registered_model(description="=1+1")

    [_, line] = lines(client)

    assert "'=1+1" in line


def test_the_file_of_a_past_day_holds_what_was_there_then(client: Client) -> None:
    scenarios.registered_model()

    assert len(lines(client, as_of="2020-01-01")) == 1


@pytest.mark.parametrize("day", ["2999-01-01", "yesterday"])
def test_a_day_that_is_none_or_still_to_come_is_refused_and_kept(client: Client, day: str) -> None:
    for name in ("risk:register_csv", "risk:register_pdf"):
        answer = opened(client, reverse(name, args=[PRA]), as_of=day)

        assert answer.status_code == 422
        assert day in answer.content.decode()
        assert "No file was made." in answer.content.decode()
    assert entries("user.export_register") == []


def test_a_register_is_set_as_a_pdf_with_a_block_for_each_row(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    make = typesetting.as_pdf

    def made(one: dict[str, Any]) -> bytes:
        told.append(one)
        return make(one)

    monkeypatch.setattr(typesetting, "as_pdf", made)
    model = scenarios.registered_model()

    answer = opened(client, reverse("risk:register_pdf", args=[PRA]))

    assert answer.headers["Content-Type"] == "application/pdf"
    assert len(answer.content) > len(b"%PDF-")
    [page] = told
    assert [one["title"] for one in page["sections"]] == [model.name]


def test_a_register_too_long_for_paper_is_refused_in_words(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "MOST_ROWS", 1)
    scenarios.registered_model()
    scenarios.registered_model()

    answer = opened(client, reverse("risk:register_pdf", args=[PRA]))

    assert answer.status_code == 422
    assert "Take the register away as CSV" in answer.content.decode()


# -- queries ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("register_id", [PRA, "eu-annex-viii-a"])
def test_a_register_takes_as_many_queries_for_many_rows_as_for_two(
    client: Client, register_id: str
) -> None:
    def made(count: int) -> None:
        for _ in range(count):
            version = scenarios.registered_version()
            catalog.add_use_case(version.model, by=actor(scenarios.owner()), title="Lending")

    made(1)
    assessed.approved(assessed.described_use(), "eu-credit-scoring-bank")
    counts = [_queries(client, register_id)]
    made(6)
    counts.append(_queries(client, register_id))

    assert counts[0] == counts[1]
    assert max(counts[0]) <= 45


def _queries(client: Client, register_id: str) -> tuple[int, int]:
    signed_in(client, scenarios.auditor())
    with CaptureQueriesContext(connection) as page:
        client.get(page_of(register_id))
    with CaptureQueriesContext(connection) as file:
        answer: Any = client.get(reverse("risk:register_csv", args=[register_id]))
        b"".join(answer.streaming_content)
    return len(page), len(file)
