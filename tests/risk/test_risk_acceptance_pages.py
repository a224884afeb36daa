"""The page on which somebody signs that they bear the risk of a finding."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from apps.risk.models import Finding, RiskAcceptance
from apps.risk.operations import finding_answers, risk_acceptances
from tests import scenarios
from tests.approvals.exceptions import move_clock
from tests.console.conftest import Reads
from tests.factories import PASSWORD, actor, signed_in
from tests.risk.found import WHY, accept, accepted, closed, planned, raised
from tests.risk.reviewed import moment, schedule_by_default
from tests.risk.test_review_pages import queries_of, ticket_in

pytestmark = pytest.mark.django_db


def url(finding: Finding, name: str = "accept_risk") -> str:
    return reverse(f"risk:{name}", args=[finding.pk])


def sent(html: str, days: int = 3, **other: str) -> dict[str, str]:
    """Fill in the form a page shows."""
    day = str(moment().date() + timedelta(days=days))
    told = {"ticket": ticket_in(html), "role": "risk_officer", "ends_on": day, "reason": WHY}
    return told | {"password": PASSWORD} | other


def test_the_page_shows_what_would_be_borne_and_until_when_the_policy_allows(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule_by_default(monkeypatch)
    finding = planned()

    page = opens(scenarios.risk_officer(), url(finding))

    assert "Wrong after dark." in page.words
    assert "Train on nights, too" in page.words
    assert "lets a risk of this model be borne for 90 days at most" in page.words
    assert "binds the finding as it stands here" in page.words


def test_who_may_not_bear_it_is_told_why_and_has_no_form(opens: Reads) -> None:
    finding = raised()

    for reader, words in (
        (scenarios.validator(), "accept risks"),
        (scenarios.owner(), "accept risks"),
    ):
        page = opens(reader, url(finding))
        assert words in page.words
        assert "Your signature" not in page.words
    done = opens(scenarios.risk_officer(), url(closed(finding.model, title="Done")))
    assert "This finding is closed by now." in done.words
    assert opens(scenarios.stranger(), url(finding)).status == HTTPStatus.NOT_FOUND


def test_the_page_of_a_finding_leads_there_whoever_may(opens: Reads) -> None:
    finding = raised()

    assert opens(scenarios.risk_officer(), finding.get_absolute_url()).has_link(url(finding))
    assert not opens(scenarios.validator(), finding.get_absolute_url()).has_link(url(finding))


def test_a_risk_is_borne_on_the_page_and_shown_with_its_signature(client: Client) -> None:
    finding = raised()
    reader = signed_in(client, scenarios.risk_officer())
    html = reader.get(url(finding)).content.decode()

    answer = reader.post(url(finding), sent(html))

    assert (answer.status_code, answer.headers["Location"]) == (302, finding.get_absolute_url())
    acceptance = RiskAcceptance.objects.get()
    shown = reader.get(finding.get_absolute_url()).content.decode()
    assert "Meaning: risk acceptance, as model risk officer." in " ".join(shown.split())
    assert str(acceptance) in shown
    assert "signed digest" in shown


def test_a_refused_signature_keeps_what_was_typed(client: Client) -> None:
    finding = raised()
    reader = signed_in(client, scenarios.risk_officer())
    html = reader.get(url(finding)).content.decode()

    for wrong, words in (
        ({"password": "not the password"}, "password"),
        ({"ends_on": str(moment().date())}, "ends on a day to come"),
        ({"ends_on": ""}, "Say until when."),
        ({"ticket": "forged"}, "did not come from the page"),
    ):
        answer = reader.post(url(finding), sent(html, reason="So typed") | wrong)
        refused = answer.content.decode()
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert words in refused
        assert "So typed" in refused
    assert not RiskAcceptance.objects.exists()


def test_a_form_shown_before_the_finding_changed_is_shown_again_with_what_is_so_now(
    client: Client,
) -> None:
    finding = raised()
    reader = signed_in(client, scenarios.risk_officer())
    html = reader.get(url(finding)).content.decode()
    finding_answers.plan_finding(finding, by=actor(scenarios.owner()), plan="Something else")

    answer = reader.post(url(finding), sent(html))

    fresh = answer.content.decode()
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "What you were shown has changed" in fresh
    assert "Something else" in fresh
    assert reader.post(url(finding), sent(fresh)).status_code == HTTPStatus.FOUND


def test_a_passkey_is_asked_only_for_what_could_be_signed(client: Client) -> None:
    finding = raised()
    reader = signed_in(client, scenarios.risk_officer())
    html = reader.get(url(finding)).content.decode()
    ask = url(finding, "ask_risk_passkey")

    for told, words in (
        ({"role": "risk_officer"}, "Say until when."),
        (sent(html, ticket="forged"), "did not come from the page"),
        (sent(html, days=999), "at most"),
        (sent(html), "passkey"),
    ):
        answer = reader.post(ask, told)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert words in answer.json()["refusal"]
    assert reader.get(ask).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_a_risk_that_is_over_says_so(opens: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    finding = accepted(days=1)
    risk_acceptances.end_acceptances(move_clock(monkeypatch, 3))

    page = opens(scenarios.auditor(), finding.get_absolute_url())

    assert "It is over, and the finding was opened again." in page.words


def test_the_page_of_a_finding_costs_the_same_however_often_its_risk_was_borne(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = accepted(days=1)
    reader = signed_in(client, scenarios.auditor())
    few = queries_of(reader, finding.get_absolute_url())

    with monkeypatch.context() as later:
        for number in range(1, 4):
            risk_acceptances.end_acceptances(move_clock(later, 3 * number))
            finding.refresh_from_db()
            accept(finding, days=1)

    assert queries_of(reader, finding.get_absolute_url()) == few
