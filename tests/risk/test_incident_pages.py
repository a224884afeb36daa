"""Pages of incidents: the lists, one with its clocks, the report form and the answers."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.core.clock import database_now
from apps.risk.models import Incident
from tests import scenarios
from tests.factories import signed_in
from tests.risk.found import WHY, contained, incident

pytestmark = pytest.mark.django_db

LIST = "/incidents/"
HOUR = timedelta(hours=1)


def page(client: Client, url: str, status: int = HTTPStatus.OK) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def test_the_list_says_first_how_an_incident_is_reported(client: Client) -> None:
    assert "No incident was reported" in page(signed_in(client, scenarios.auditor()), LIST)


def test_an_incident_nobody_may_see_is_not_there(client: Client) -> None:
    found = incident(traits=["personal_data_breach"])
    stranger = signed_in(client, scenarios.stranger())

    assert found.title not in page(stranger, LIST)
    page(stranger, found.get_absolute_url(), 404)
    for name in ("model_incidents", "report_incident"):
        page(stranger, reverse(f"risk:{name}", args=[found.model.name]), 404)
    for url in (
        reverse("risk:answer_incident", args=[found.pk, "contain"]),
        reverse("risk:answer_report", args=[found.duties.get().pk, "report"]),
    ):
        assert stranger.post(url, {}).status_code == 404


def test_the_list_is_filtered_and_costs_the_same_for_two_and_twenty(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    version = scenarios.registered_version()
    first, second = incident(version.model, version=version), contained(severity="other")
    reader = signed_in(client, scenarios.auditor())
    for query, expected in {
        "": [first, second],
        "?state=contained": [second],
        "?severity=serious": [first],
        "?state=odd": [first, second],
    }.items():
        html = page(reader, LIST + query)
        for one in (first, second):
            assert (f'href="{one.get_absolute_url()}"' in html) is (one in expected), query
    assert "No incident matches" in page(reader, f"{LIST}?state=closed")
    with django_assert_max_num_queries(30) as few:
        page(reader, LIST)
    for _ in range(18):
        incident(version.model, version=version)
    with django_assert_max_num_queries(len(few)):
        assert page(reader, LIST).count("<tr>") == 21


def test_an_incident_shows_its_clocks_in_words(client: Client) -> None:
    found = incident(
        traits=["personal_data_breach", "major_ict"], discovered_at=database_now() - 80 * HOUR
    )

    html = page(signed_in(client, scenarios.auditor()), found.get_absolute_url())

    assert 'data-state="overdue"' in html
    assert 'data-state="running"' in html
    assert "Overdue by 8" in html
    assert "Regulation (EU) 2016/679 Art. 33(1)" in html
    assert "Forty people" in html
    assert "follow incidents" in html
    assert reverse("risk:answer_report", args=[found.duties.all()[0].pk, "report"]) not in html


def test_an_incident_is_answered_on_its_page(client: Client) -> None:
    found = incident(traits=["personal_data_breach"])
    duty = found.duties.get()
    operator = signed_in(client, scenarios.operator())
    contain = reverse("risk:answer_incident", args=[found.pk, "contain"])
    report = reverse("risk:answer_report", args=[duty.pk, "report"])

    assert operator.post(contain, {}).status_code == 422
    assert operator.post(contain, {"contain-containment": "Stopped"}).status_code == 302
    ahead = operator.post(report, {f"report-{duty.pk}-reported_at": "2199-01-01T10:00"})
    assert ahead.status_code == 422
    assert "and not ahead" in ahead.content.decode()
    moment = f"{database_now():%Y-%m-%dT%H:%M}"
    sent = {f"report-{duty.pk}-reported_at": moment, f"report-{duty.pk}-reference": "17/b"}
    assert operator.post(report, sent).status_code == 302
    assert operator.post(report.replace("report/", "odd/"), {}).status_code == 404

    close = reverse("risk:answer_incident", args=[found.pk, "close"])
    refused = operator.post(close, {"close-reason": "Over, I say"})
    assert refused.status_code == 422
    assert "Over, I say" in refused.content.decode()
    officer = signed_in(client, scenarios.risk_officer())
    assert officer.post(close, {"close-reason": WHY}).status_code == 302
    html = page(officer, found.get_absolute_url())
    assert "17/b" in html
    assert "Closed" in html


def test_an_incident_is_reported_on_its_form(client: Client) -> None:
    model = scenarios.registered_model()
    url = reverse("risk:report_incident", args=[model.name])
    reader = signed_in(client, scenarios.developer())
    sent = {
        "title": "Loans refused",
        "description": "All night.",
        "harm": "Forty people",
        "severity": "serious",
        "traits": ["personal_data_breach"],
        "discovered_at": f"{database_now() - HOUR:%Y-%m-%dT%H:%M}",
    }

    refused = reader.post(url, sent | {"severity": "other"})
    assert refused.status_code == 422
    assert "Loans refused" in refused.content.decode()
    answer = reader.post(url, sent)

    found = Incident.objects.get()
    assert answer.headers["Location"] == found.get_absolute_url()
    assert found.duties.count() == 1
    html = page(signed_in(client, scenarios.auditor()), url)
    assert "takes a duty on this model" in html
