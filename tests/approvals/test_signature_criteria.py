"""Criteria of 21 CFR Part 11 about signatures that no other test holds, on real pages and rows."""

import pytest
from django.test import Client

from apps.accounts import operations as accounts
from apps.approvals.models import SignOff
from apps.catalog.lifecycle import Stage
from apps.core.digests import digest_of_bytes
from apps.core.errors import RuleBroken
from tests import scenarios
from tests.approvals.test_promotion_page import filled_in, sheet, shown, sign_url, ticket_on
from tests.approvals.walk import entries, overwrite
from tests.console.conftest import Reads
from tests.factories import HOST, PASSWORD, actor, signed_in

pytestmark = pytest.mark.django_db


def test_11_70_the_event_binds_the_words_and_the_row_so_that_others_are_found_out() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    signed = scenarios.sign(request, scenarios.validator(), "validator")
    event = entries("request.sign_off")[-1]
    [row] = [one for one in event["rows"] if one["row"] == signed.record_ref]
    assert event["sign"]["statement"] == digest_of_bytes(signed.statement.encode("utf-8"))
    assert row["after"] == SignOff.objects.get(pk=signed.pk).state_digest()

    other = scenarios.requested(Stage.PRODUCTION)
    for column, value in (
        ("statement", signed.statement.replace('"approve"', '"decline"')),
        ("decision", "decline"),
        ("meaning", "authorship"),
        ("signer_id", scenarios.risk_officer().pk),
        ("request_id", other.pk),
    ):
        kept = getattr(signed, column)
        overwrite(signed, **{column: value})
        assert row["after"] != signed.state_digest(), column
        overwrite(signed, **{column: kept})
    assert row["after"] == signed.state_digest()


def test_11_100_a_the_name_of_a_closed_account_is_given_to_nobody_else(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    vera = scenarios.validator()
    signed = scenarios.sign(request, vera, "validator")
    accounts.close_account(vera, by=HOST, reason="She left")

    with pytest.raises(RuleBroken, match="is taken"):
        accounts.create_user(
            by=HOST, username=vera.username, display_name="Other", password=PASSWORD
        )

    told = sheet(shown(opens, request, scenarios.auditor()), "Sign-offs")
    assert signed.signer_name == "Vera Validator"
    assert "Vera Validator" in told
    assert "account is closed." in told


def test_11_200_each_signing_of_a_series_takes_the_password_again(
    client: Client, opens: Reads
) -> None:
    requests = [scenarios.requested(Stage.PRODUCTION), scenarios.requested(Stage.PRODUCTION)]
    vera = scenarios.validator()
    tickets = [ticket_on(shown(opens, request, vera)) for request in requests]
    signed_in(client, vera)
    first = client.post(sign_url(requests[0]), filled_in(tickets[0]))
    assert (first.status_code, requests[0].sign_offs.count()) == (302, 1)

    second = client.post(sign_url(requests[1]), filled_in(tickets[1], password=""))

    assert second.status_code == 422
    assert not requests[1].sign_offs.exists()
    third = client.post(sign_url(requests[1]), filled_in(tickets[1]))
    assert (third.status_code, requests[1].sign_offs.count()) == (302, 1)


def test_11_200_a_form_opened_by_one_person_is_not_signed_by_another(
    client: Client,
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    vera, rita = scenarios.validator(), scenarios.risk_officer()
    sealed = scenarios.ticket(request, actor(vera)).sealed()
    signed_in(client, rita)

    answer = client.post(sign_url(request), filled_in(sealed, role="risk_officer"))

    assert answer.status_code == 422
    assert "This form was made for somebody else." in answer.content.decode()
    assert not request.sign_offs.exists()


def test_a_wrong_password_at_a_signature_is_in_the_record(client: Client, opens: Reads) -> None:
    request, vera = scenarios.requested(Stage.PRODUCTION), scenarios.validator()
    ticket = ticket_on(shown(opens, request, vera))
    signed_in(client, vera)

    answer = client.post(sign_url(request), filled_in(ticket, password="a wrong password"))

    assert answer.status_code == 422
    assert not request.sign_offs.exists()
    [event] = entries("confirmation.refuse")
    assert event["subject"] == {"type": "user", "id": vera.record_id}
    assert (event["actor"]["id"], event["actor"]["door"]) == (vera.record_id, "web")
    assert event["detail"] == {"refused": "wrong_password"}
    assert "a wrong password" not in str(event)
