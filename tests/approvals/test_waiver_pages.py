"""Pages of waivers: the list, one, the ask and the signature."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.approvals import operations
from apps.approvals.models import Waiver, WaiverSignOff
from apps.catalog.models import ModelVersion
from apps.core.formats import calendar_day
from tests import scenarios
from tests.approvals.exceptions import (
    ONE_SIGNS,
    SCAN,
    TWO_SIGN,
    WHY,
    asked,
    enforce,
    granted,
    in_days,
    promoted_on_a_waiver,
    record_tier,
    sign_waiver,
    unscanned,
)
from tests.factories import PASSWORD, actor, person, signed_in

pytestmark = pytest.mark.django_db

LIST = "/waivers/"


def page(client: Client, url: str, status: int = HTTPStatus.OK) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def ask_url(version: ModelVersion, condition: str = "") -> str:
    url = reverse("approvals:ask_for_waiver", args=[version.model.name, version.number])
    return f"{url}?condition={condition}" if condition else url


def said(**other: object) -> dict[str, object]:
    return {
        "condition": SCAN,
        "reason": WHY,
        "compensating_controls": "A second person looks",
        "use_limits": "Only the pilot",
        "residual_risk": "Late answers",
        "ends_on": str(in_days(20)),
    } | other


def ticket_in(html: str) -> str:
    return html.split('name="ticket" value="')[1].split('"', maxsplit=1)[0]


# -- the list


def test_the_list_says_first_what_leads_to_a_waiver(client: Client) -> None:
    html = page(signed_in(client, scenarios.auditor()), LIST)

    assert "No waiver was asked for" in html


def test_the_list_shows_what_the_reader_may_see_with_days_left(client: Client) -> None:
    waiver = granted(ends_on=in_days(12))

    assert "12 days left" in page(signed_in(client, scenarios.auditor()), LIST)
    assert str(waiver) not in page(signed_in(client, scenarios.stranger()), LIST)


def test_a_condition_that_is_waived_names_the_waiver_on_the_gate(client: Client) -> None:
    waiver = granted(ends_on=in_days(12))
    request = scenarios.requested(version=waiver.version)

    html = page(signed_in(client, scenarios.auditor()), request.get_absolute_url())

    assert f'href="{waiver.get_absolute_url()}"' in html
    assert f"{waiver}, until {calendar_day(in_days(12))}" in html


def test_the_list_is_filtered_by_state_days_left_and_model(client: Client) -> None:
    soon = granted(ends_on=in_days(5))
    late = asked(ends_on=in_days(50))
    reader = signed_in(client, scenarios.auditor())
    shown = {
        "?state=granted": [soon],
        "?state=asked": [late],
        "?left=7": [soon],
        "?left=30": [soon],
        f"?model={late.version.model.name}": [late],
        "?state=granted&left=90": [soon],
        "?state=nonsense&left=3": [soon, late],
        "?state=%00": [soon, late],
        "?model=nobodys": [],
        "?page=bad": [soon, late],
    }
    for query, expected in shown.items():
        html = page(reader, LIST + query)
        for waiver in (soon, late):
            link = f'href="{waiver.get_absolute_url()}"'
            assert (link in html) is (waiver in expected), query
    assert "No waiver matches" in page(reader, f"{LIST}?state=revoked")


def test_the_list_costs_the_same_for_two_and_twenty(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    version = unscanned()
    conditions = (SCAN, "schema_matches_example")
    for condition in conditions:
        asked(version, condition)
    reader = signed_in(client, scenarios.auditor())
    page(reader, LIST)
    with django_assert_max_num_queries(30) as few:
        page(reader, LIST)
    for number in range(18):
        waiver = asked(version, "metrics_recorded", reason=f"{WHY} {number}")
        operations.withdraw_waiver(waiver, by=actor(scenarios.developer()), reason=WHY)

    with django_assert_max_num_queries(len(few)):
        assert page(reader, LIST).count("<tr>") == 21


# -- one


def test_a_waiver_nobody_may_see_is_not_there(client: Client) -> None:
    waiver = asked()
    stranger = signed_in(client, scenarios.stranger())

    for name in ("waiver", "renew_waiver", "withdraw_waiver", "revoke_waiver"):
        assert page(stranger, reverse(f"approvals:{name}", args=[waiver.pk]), 404)
        assert page(stranger, reverse(f"approvals:{name}", args=[waiver.pk + 1]), 404)
    page(stranger, ask_url(waiver.version), 404)


def test_a_waiver_is_shown_with_its_terms_signatures_and_what_relied_on_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiver = promoted_on_a_waiver(monkeypatch)

    html = page(signed_in(client, scenarios.auditor()), waiver.get_absolute_url())

    for words in (
        "Scan for unsafe code clean and recent",
        waiver.reason,
        waiver.compensating_controls,
        waiver.use_limits,
        waiver.residual_risk,
        "30 days left",
        "Rita Risk",
        str(waiver.version.authorizations.get()),
        "Valid",
    ):
        assert words in html
    assert "Your signature" not in html
    assert reverse("approvals:revoke_waiver", args=[waiver.pk]) not in html


def test_a_waiver_that_counts_no_longer_says_why_and_the_gate_leads_to_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    enforce(monkeypatch, (ONE_SIGNS, TWO_SIGN))
    record_tier(monkeypatch, 3)
    waiver = granted()
    request = scenarios.requested(version=waiver.version)
    signed_in(client, scenarios.developer())
    assert "Counts no longer" not in page(client, waiver.get_absolute_url())

    record_tier(monkeypatch, 1)

    html = page(client, waiver.get_absolute_url())
    assert "Counts no longer." in html
    assert "At tier 1 a waiver is signed by others too: AI and model governance committee." in html
    assert "may go on without it" not in html
    gate = page(client, request.get_absolute_url())
    assert f"{waiver} no longer counts" in gate
    assert f'href="{waiver.get_absolute_url()}"' in gate
    assert f'href="{ask_url(waiver.version, SCAN)}"' not in gate


def test_who_may_not_sign_reads_why(client: Client) -> None:
    both = person("max", everywhere=("risk_officer", "model_developer"))
    waiver = asked(by=both)

    html = page(signed_in(client, scenarios.risk_officer()), waiver.get_absolute_url())
    assert "Your signature" in html

    html = page(signed_in(client, both), waiver.get_absolute_url())
    assert "Your signature" not in html
    assert "You asked for this waiver, so somebody else signs it." in html


# -- asking


def test_the_form_comes_with_the_condition_and_nothing_else_filled_in(client: Client) -> None:
    version = unscanned()

    html = page(signed_in(client, scenarios.developer()), ask_url(version, SCAN))

    assert f'<option value="{SCAN}" selected>' in html
    assert html.count("selected") == 1
    assert html.count("</textarea>") == html.count(">\n</textarea>") == 4
    assert "Within 60 days" in html
    assert "Signed by: Model risk officer. Judged as tier 1." in html
    assert "owner_assigned" not in html


def test_a_closed_condition_that_may_be_waived_leads_to_the_form(client: Client) -> None:
    version = unscanned()
    request = scenarios.requested(version=version)

    url = f'href="{ask_url(version, SCAN)}"'
    assert url in page(signed_in(client, scenarios.developer()), request.get_absolute_url())
    assert url not in page(signed_in(client, scenarios.auditor()), request.get_absolute_url())


def test_a_waiver_is_asked_for(client: Client) -> None:
    version = unscanned()
    developer = signed_in(client, scenarios.developer())

    answer = developer.post(ask_url(version), said())

    waiver = Waiver.objects.get()
    assert answer.status_code == HTTPStatus.FOUND
    assert answer.headers["Location"] == waiver.get_absolute_url()
    assert "The waiver was asked for." in page(developer, waiver.get_absolute_url())


def test_a_refused_ask_keeps_what_was_typed(client: Client) -> None:
    version = unscanned()
    developer = signed_in(client, scenarios.developer())
    tries = [
        (said(ends_on=str(in_days(200))), "holds for 60 days at most"),
        (said(condition="owner_assigned"), "Choose one."),
        (said(use_limits=""), "Say how use is limited meanwhile."),
        (said(ends_on="soon"), "Give a day as"),
    ]
    for values, words in tries:
        answer = developer.post(ask_url(version), values)
        html = answer.content.decode()
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert words in html
        assert "A second person looks" in html
    assert not Waiver.objects.exists()


def test_who_may_not_ask_is_told_who_does(client: Client) -> None:
    version = unscanned()
    auditor = signed_in(client, scenarios.auditor())

    assert "Only the model&#x27;s developers and owner ask" in page(auditor, ask_url(version, SCAN))
    answer = auditor.post(ask_url(version), said())
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not Waiver.objects.exists()


# -- signing


def test_a_waiver_is_signed_on_its_page(client: Client) -> None:
    waiver = asked()
    officer = signed_in(client, scenarios.risk_officer())
    html = page(officer, waiver.get_absolute_url())
    values = {
        "ticket": ticket_in(html),
        "role": "risk_officer",
        "decision": "approve",
        "reason": WHY,
        "password": PASSWORD,
    }
    url = reverse("approvals:sign_waiver", args=[waiver.pk])

    wrong = officer.post(url, values | {"password": "not it"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert WHY in wrong.content.decode()
    stale = officer.post(url, values | {"ticket": "made up"})
    assert "did not come from the page" in stale.content.decode()
    missing = officer.post(url, values | {"decision": ""})
    assert "Approve or decline." in missing.content.decode()
    assert not WaiverSignOff.objects.exists()

    answer = officer.post(
        url, values | {"ticket": ticket_in(page(officer, waiver.get_absolute_url()))}
    )
    assert answer.status_code == HTTPStatus.FOUND
    waiver.refresh_from_db()
    assert waiver.state == Waiver.State.GRANTED
    assert "Signed as model risk officer." in page(officer, waiver.get_absolute_url())
    again = officer.post(url, values)
    assert again.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "was decided: granted" in again.content.decode()


def test_a_passkey_is_asked_to_sign_the_statement_or_told_why_not(client: Client) -> None:
    waiver = asked()
    officer = signed_in(client, scenarios.risk_officer())
    ticket = ticket_in(page(officer, waiver.get_absolute_url()))
    url = reverse("approvals:ask_waiver_passkey", args=[waiver.pk])
    values = {"ticket": ticket, "role": "risk_officer", "decision": "approve", "reason": WHY}

    told = officer.post(url, values | {"role": "validator"}).json()
    assert told == {"refusal": "The policy asks for no signature in this role."}
    assert officer.post(url, values | {"reason": ""}).json() == {"refusal": "Give a reason."}
    assert "refusal" in officer.post(url, values).json()  # no passkey is held
    assert not WaiverSignOff.objects.exists()


def test_a_waiver_is_withdrawn_revoked_and_renewed_on_pages(client: Client) -> None:
    waiver = asked()
    developer = signed_in(client, scenarios.developer())
    withdraw = reverse("approvals:withdraw_waiver", args=[waiver.pk])
    assert "Nobody can sign it any more" in page(developer, withdraw)
    assert developer.post(withdraw, {"reason": ""}).status_code == 422
    assert developer.post(withdraw, {"reason": WHY}).status_code == HTTPStatus.FOUND

    held = granted(waiver.version)
    renew = reverse("approvals:renew_waiver", args=[held.pk])
    assert "Renew the waiver" in page(developer, renew)
    values = said()
    del values["condition"]
    assert developer.post(renew, values | {"ends_on": ""}).status_code == 422
    assert developer.post(renew, values).status_code == HTTPStatus.FOUND
    again = Waiver.objects.get(renews=held)
    sign_waiver(again)
    assert (
        "renewed once at most"
        in developer.post(
            reverse("approvals:renew_waiver", args=[again.pk]), values
        ).content.decode()
    )

    officer = signed_in(Client(), scenarios.risk_officer())
    revoke = reverse("approvals:revoke_waiver", args=[again.pk])
    assert revoke in page(officer, again.get_absolute_url())
    assert "is suspended" in page(officer, revoke)
    assert officer.post(revoke, {"reason": WHY}).status_code == HTTPStatus.FOUND
    again.refresh_from_db()
    assert again.state == Waiver.State.REVOKED
    assert "Revoked:" in page(officer, again.get_absolute_url())


def test_the_page_of_a_model_counts_its_waivers(client: Client) -> None:
    waiver = granted()
    asked(waiver.version, "schema_matches_example")
    reader = signed_in(client, scenarios.auditor())

    html = page(reader, waiver.version.model.get_absolute_url())

    assert f'href="{LIST}?model={waiver.version.model.name}">1 granted, 1 asked for</a>' in html
