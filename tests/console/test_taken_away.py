"""Every list that is given as CSV is given as a workbook, too, with the same in its cells."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from apps.audit.models import AuditEvent
from apps.catalog import operations as catalog
from apps.core import links, workbooks
from apps.risk.portfolio import tables
from tests import scenarios
from tests.approvals.exceptions import entries
from tests.console.as_of.moment import latest
from tests.console.conftest import Reads
from tests.core.workbook import opened
from tests.factories import actor, signed_in
from tests.risk.reviewed import running

pytestmark = pytest.mark.django_db

REGISTER = "pra-ss1-23"


def same(cell: Any, text: str) -> bool:
    """Say whether a cell of a workbook says what stands in a CSV file."""
    if cell is None:
        return text == ""
    if isinstance(cell, int | float):
        return cell == float(text)
    if isinstance(cell, datetime):
        return abs((cell - datetime.fromisoformat(text)).total_seconds()) < 0.001
    if isinstance(cell, date):
        return cell.isoformat() == text
    return text in {cell, f"'{cell}"}


def both(client: Client, place: str) -> Sequence[list[Any]]:
    """Return the rows of a workbook, which hold what the CSV of the same address does."""
    answer: Any = client.get(place)
    assert answer.status_code == 200, place
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    taken: Any = client.get(links.as_workbook(place))
    assert taken["Content-Type"] == workbooks.MEDIA_TYPE, place
    assert '.xlsx"' in taken["Content-Disposition"], place
    lines = opened(b"".join(taken.streaming_content)).lines
    told = list(csv.reader(io.StringIO(text, newline="")))
    assert len(lines) == len(told), place
    for line, texts in zip(lines, told, strict=True):
        pairs = zip(line, texts, strict=True)
        assert all(same(cell, text) for cell, text in pairs), (place, line, texts)
    return lines


def test_every_list_that_is_csv_is_a_workbook_too(client: Client) -> None:
    model = scenarios.registered_model("credit", title="=1+1")
    version = scenarios.registered_version(model)
    series = scenarios.breach(model).series
    catalog.rename_model(model, "lending", by=actor(scenarios.owner()))
    campaign = running()
    at = urlencode({"at": latest()})
    places = {
        "models:export_list": reverse("models:export_list"),
        "models:inventory_csv": f"{reverse('models:inventory_csv')}?of=model",
        "models:points_csv": reverse("models:points_csv", args=["lending", series.pk]),
        "models:export_lineage": reverse("models:export_lineage", args=["lending", 1, "nodes"]),
        "audit:export_csv": f"{reverse('audit:export_csv')}?action=model.register",
        "as_of:production_csv": f"{reverse('as_of:production_csv')}?{at}",
        "risk:register_csv": reverse("risk:register_csv", args=[REGISTER]),
        "risk:portfolio_csv": reverse("risk:portfolio_csv", args=[tables.IDS[0]]),
        "risk:campaign_snapshot": reverse("risk:campaign_snapshot", args=[campaign.pk, "before"]),
    }
    signed_in(client, scenarios.risk_officer())

    found = {name: both(client, place) for name, place in places.items()}

    assert all(len(lines) > 1 for name, lines in found.items() if "production" not in name)
    models = dict(zip(*found["models:export_list"][:2], strict=True))
    assert models["Title"] == "=1+1"
    assert isinstance(models["Updated"], datetime)
    assert [line[0] for line in found["models:export_lineage"][1:]] == [version.record_id]
    assert isinstance(found["models:points_csv"][1][1], float)
    forms = ["csv", "xlsx"]
    for action in ("user.export_register", "user.export_portfolio", "user.export_entries"):
        assert [entry["detail"]["form"] for entry in entries(action)] == forms, action


def test_no_other_address_ends_as_csv() -> None:
    """Whoever adds one adds it above, and gives it in both forms."""
    found = {
        f"{space}:{name}"
        for space, (_, resolver) in get_resolver().namespace_dict.items()
        for name, ways in resolver.reverse_dict.lists()
        if isinstance(name, str)
        and any(path.endswith(".csv") for way in ways for path, _ in way[0])
    }
    assert found == {
        "as_of:production_csv",
        "assets:export",
        "audit:export_csv",
        "models:export_lineage",
        "models:export_list",
        "models:inventory_csv",
        "models:points_csv",
        "risk:campaign_snapshot",
        "risk:portfolio_csv",
        "risk:register_csv",
    }


def test_another_form_is_not_there_and_nobody_took_it(client: Client) -> None:
    signed_in(client, scenarios.risk_officer())
    before = AuditEvent.objects.count()
    for place in (
        reverse("models:export_list"),
        reverse("models:inventory_csv"),
        reverse("audit:export_csv"),
        reverse("risk:register_csv", args=[REGISTER]),
    ):
        answer = client.get(place, {"format": "ods"})
        assert answer.status_code == 409, place
        assert "This file is given as csv or xlsx." in answer.content.decode()
    assert AuditEvent.objects.count() == before


def test_what_no_workbook_takes_is_refused_with_what_to_do(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenarios.registered_model()
    monkeypatch.setattr(workbooks, "MOST_ROWS", 1)
    signed_in(client, scenarios.risk_officer())
    for name, arguments, status in (
        ("models:export_list", [], 409),
        ("models:inventory_csv", [], 409),
        ("risk:register_csv", [REGISTER], 422),
    ):
        answer = client.get(links.as_workbook(reverse(name, args=arguments)))
        assert answer.status_code == status, name
        assert "Take it away as CSV, or ask for less." in answer.content.decode(), name
    answer = client.get(links.as_workbook(reverse("audit:export_csv")), follow=True)
    assert "Take it away as CSV, or ask for less." in answer.content.decode()


def test_pages_lead_to_both_forms_with_what_they_show(opens: Reads) -> None:
    model = scenarios.registered_version(scenarios.registered_model("credit")).model
    series = scenarios.breach(model).series
    campaign, reader = running(), scenarios.risk_officer()
    points = reverse("models:points_csv", args=["credit", series.pk])
    at = latest()
    for page, file in (
        (
            f"{reverse('models:list')}?q=cre&sort=name",
            f"{reverse('models:export_list')}?q=cre&sort=name",
        ),
        (
            reverse("models:inventory", args=["credit"]),
            f"{reverse('models:inventory_csv')}?of=model",
        ),
        (reverse("models:monitoring", args=["credit"]), points),
        (
            f"{reverse('audit:list')}?action=model.register",
            f"{reverse('audit:export_csv')}?action=model.register",
        ),
        (
            f"{reverse('as_of:production')}?{urlencode({'at': at})}",
            f"{reverse('as_of:production_csv')}?{urlencode({'at': at})}",
        ),
        (reverse("risk:portfolio"), reverse("risk:portfolio_csv", args=[tables.IDS[0]])),
        (campaign.get_absolute_url(), f"{campaign.get_absolute_url()}before.csv"),
    ):
        shown = opens(reader, page)
        assert shown.has_link(file), page
        assert shown.has_link(links.as_workbook(file)), page
    register = opens(reader, reverse("risk:register", args=[REGISTER])).source
    assert 'name="format" value="xlsx"' in register
