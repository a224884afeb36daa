"""Pages of findings: the lists, one, the raise form and the answers."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.core.clock import database_now
from apps.risk.models import Finding
from apps.risk.operations import finding_answers
from tests import scenarios
from tests.factories import actor, signed_in
from tests.risk.found import WHY, accepted, closed, incident, planned, raised, ready

pytestmark = pytest.mark.django_db

LIST = "/findings/"


def page(client: Client, url: str, status: int = HTTPStatus.OK) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def answer_url(finding: Finding, act: str) -> str:
    return reverse("risk:answer_finding", args=[finding.pk, act])


def test_the_list_says_first_where_findings_come_from(client: Client) -> None:
    assert "Nothing was found" in page(signed_in(client, scenarios.auditor()), LIST)


def test_a_finding_nobody_may_see_is_not_there(client: Client) -> None:
    finding = raised()
    stranger = signed_in(client, scenarios.stranger())

    assert finding.title not in page(stranger, LIST)
    for url in (
        finding.get_absolute_url(),
        reverse("risk:model_findings", args=[finding.model.name]),
        reverse("risk:raise_finding", args=[finding.model.name]),
    ):
        page(stranger, url, 404)
    assert stranger.post(answer_url(finding, "plan"), {"plan-plan": "x"}).status_code == 404


def test_the_list_is_filtered_by_severity_state_due_and_owner(client: Client) -> None:
    model = scenarios.registered_model()
    mine, grave = raised(model, title="One"), raised(model, title="Two", severity="critical")
    done, borne = closed(model, title="Three"), accepted(model, title="Four")
    finding_answers.assign_finding(
        grave, by=actor(scenarios.validator()), reason=WHY, owner=scenarios.developer()
    )
    shown = {
        "": [mine, grave, done, borne],
        "?severity=critical": [grave],
        "?state=closed": [done],
        "?state=standing": [mine, grave, borne],
        "?state=accepted": [borne],
        "?due=overdue": [],
        "?owner=me": [mine, done, borne],
        "?severity=odd&state=%00&page=bad": [mine, grave, done, borne],
    }
    reader = signed_in(client, scenarios.owner())
    for query, expected in shown.items():
        html = page(reader, LIST + query)
        for finding in (mine, grave, done, borne):
            link = f'href="{finding.get_absolute_url()}"'
            assert (link in html) is (finding in expected), query
    assert "No finding matches" in page(reader, f"{LIST}?due=overdue")
    of_model = page(reader, reverse("risk:model_findings", args=[model.name]))
    assert "Raise a finding" in of_model


def test_the_lists_cost_the_same_for_two_and_twenty(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    version = scenarios.registered_version()
    raised(version.model, version=version)
    raised()
    reader = signed_in(client, scenarios.auditor())
    page(reader, LIST)
    with django_assert_max_num_queries(30) as few:
        page(reader, LIST)
    for number in range(18):
        raised(version.model, title=f"Finding {number}", version=version)

    with django_assert_max_num_queries(len(few)):
        assert page(reader, LIST).count("<tr>") == 21


def test_a_finding_offers_each_reader_what_is_theirs_and_says_whose_the_rest_is(
    client: Client,
) -> None:
    finding = planned()

    html = page(signed_in(client, scenarios.owner()), finding.get_absolute_url())
    assert answer_url(finding, "ready") in html
    assert answer_url(finding, "extend") not in html
    assert "Train on nights, too" in html
    assert "days left" in html

    html = page(signed_in(client, scenarios.validator()), finding.get_absolute_url())
    assert answer_url(finding, "extend") in html
    assert answer_url(finding, "ready") not in html
    assert "Only its owner does this: Olivia Owner." in html
    assert "accept risks" in html

    html = page(signed_in(client, scenarios.auditor()), finding.get_absolute_url())
    assert "Nothing here waits for you." in html


def test_answers_are_given_on_the_page(client: Client) -> None:
    finding = raised()
    owner = signed_in(client, scenarios.owner())
    for act, sent in (
        ("plan", {"plan-plan": "Train"}),
        ("ready", {"ready-remedy": "Trained"}),
    ):
        answer = owner.post(answer_url(finding, act), sent)
        assert (answer.status_code, answer.headers["Location"]) == (
            302,
            finding.get_absolute_url(),
        )
    validator = signed_in(client, scenarios.validator())
    answer = validator.post(answer_url(finding, "close"), {"close-reason": WHY})
    assert answer.status_code == 302
    finding.refresh_from_db()
    assert finding.state == Finding.State.CLOSED
    assert WHY in page(validator, finding.get_absolute_url())


def test_a_refused_answer_stays_as_it_was_typed(client: Client) -> None:
    finding = ready()
    reader = signed_in(client, scenarios.validator())
    past = database_now().date() - timedelta(days=3)

    answer = reader.post(
        answer_url(finding, "extend"), {"extend-due": str(past), "extend-reason": "So typed"}
    )

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "ends on a day to come" in html
    assert "So typed" in html
    assert reader.post(answer_url(finding, "close"), {}).status_code == 422
    assert reader.post(answer_url(finding, "odd"), {}).status_code == 404
    assert reader.get(answer_url(finding, "close")).status_code == 405
    assert reader.post(answer_url(finding, "plan"), {"plan-plan": "Mine"}).status_code == 422
    unnamed = {"assign-owner": "nobody-there", "assign-reason": WHY}
    assert "bears this name" in reader.post(answer_url(finding, "assign"), unnamed).content.decode()


def test_a_finding_is_raised_on_its_form(client: Client) -> None:
    version = scenarios.registered_version()
    about = incident(version.model)
    reader = signed_in(client, scenarios.validator())
    url = reverse("risk:raise_finding", args=[version.model.name])
    sent = {
        "title": "Odd",
        "description": "It is odd.",
        "kind": "issue",
        "severity": "low",
        "version": version.pk,
        "owner": "dev",
    }

    refused = reader.post(url, sent | {"severity": "", "title": "Kept as typed"})
    assert refused.status_code == 422
    assert "Kept as typed" in refused.content.decode()
    answer = reader.post(f"{url}?incident={about.pk}", sent)

    finding = Finding.objects.get()
    assert answer.headers["Location"] == finding.get_absolute_url()
    assert (finding.version, finding.owner) == (version, scenarios.developer())
    assert finding.incident == about
    for odd in ("x", str(about.pk + 1)):
        page(reader, f"{url}?incident={odd}", 404)
    html = page(signed_in(client, scenarios.auditor()), url)
    assert "takes a duty on this model" in html
