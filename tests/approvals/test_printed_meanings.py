"""21 CFR 11.50: every form of the record prints who signed, when, and what it stands for."""

import json
import re
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.api.v1.answers.promotions import Promotion
from apps.approvals.models import (
    PolicySignOff,
    Ratification,
    SignOff,
    WaiverSignOff,
)
from apps.approvals.models import Signature as AnySignature
from apps.catalog.lifecycle import Stage
from apps.core.digests import digest_of_bytes
from apps.core.formats import moment
from tests import scenarios
from tests.approvals import deciding, policy_walk
from tests.approvals.exceptions import asked, enforce_emergency, ratify, roll_back_at_once
from tests.approvals.exceptions import sign_waiver as sign_waiver_as
from tests.approvals.walk import case_of, entries
from tests.console.conftest import Reads
from tests.factories import person, signed_in

pytestmark = pytest.mark.django_db


def sign_offs() -> dict[str, SignOff]:
    """Return a sign-off of each kind by the meaning that must be printed with it."""
    ask, decline = SignOff.Decision.ASK_FOR_CHANGES, SignOff.Decision.DECLINE
    request, other = scenarios.requested(Stage.PRODUCTION), scenarios.requested(Stage.PRODUCTION)
    vera = scenarios.validator()
    return {
        "request for changes": scenarios.sign(request, vera, "validator", ask),
        "review, with conditions": deciding.signed_with_conditions(request, vera, "validator"),
        "decline": scenarios.sign(request, scenarios.risk_officer(), "risk_officer", decline),
        "review": scenarios.sign(other, vera, "validator"),
    }


def printed(signed: AnySignature, meaning: str) -> str:
    """Return what stands under a signature."""
    return f"Signed {moment(signed.signed_at, 'full')} . Meaning: {meaning}."


def words_of(opens: Reads, path: str) -> str:
    return re.sub(r" ([.,])", r" \1", opens(scenarios.auditor(), path).words)


def test_the_page_of_a_request_prints_each_decision_for_what_it_is(opens: Reads) -> None:
    for meaning, signed in sign_offs().items():
        shown = words_of(opens, signed.request.get_absolute_url())

        assert signed.signer_name in shown
        assert printed(signed, meaning) in shown, meaning
        assert "Meaning: approval" not in shown


def test_waivers_emergencies_and_policies_print_theirs(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    yes, no = asked(), asked()
    granted = sign_waiver_as(yes)
    declined = sign_waiver_as(no, decision=WaiverSignOff.Decision.DECLINE)
    proposed = policy_walk.proposed()
    policy = policy_walk.signed(proposed, scenarios.risk_officer(), policy_walk.OFFICER)
    enforce_emergency(monkeypatch)
    emergency = roll_back_at_once()
    confirmed = ratify(emergency, scenarios.owner(), "model_owner")
    shown: tuple[tuple[Any, AnySignature, str], ...] = (
        (yes, granted, "approval"),
        (no, declined, "decline"),
        (proposed, policy, "approval"),
        (emergency, confirmed, "responsibility"),
    )
    for about, signed, meaning in shown:
        words = words_of(opens, about.get_absolute_url())
        assert signed.signer_name in words
        assert printed(signed, meaning) in words, (about, words)


def test_a_file_beside_the_dossier_prints_every_signature_and_who_takes_it_is_recorded(
    client: Client,
) -> None:
    given = sign_offs()
    request = given["decline"].request
    path = reverse("approvals:signatures", args=[request.pk])
    signed_in(client, scenarios.auditor())
    assert path in client.get(request.get_absolute_url()).content.decode()

    answer = client.get(path)

    told = {one["meaning"]: one for one in json.loads(answer.content)["signatures"]}
    assert list(told) == [meaning for meaning, one in given.items() if one.request == request]
    for meaning, one in told.items():
        signed = given[meaning]
        assert one["printed_name"] == signed.signer_name
        assert datetime.fromisoformat(one["signed_at_utc"]) == signed.signed_at
        assert one["record_digest"] == signed.dossier_digest
        assert digest_of_bytes(one["statement"].encode()) == one["statement_digest"]
        assert one["policy_version"] == "Starter policy 1.0.0"
    assert {"validator", "risk_officer"} == {one["role"] for one in told.values()}
    assert entries("request.take_dossier")[-1]["actor"]["id"] == scenarios.auditor().record_id


def test_the_api_says_name_time_and_meaning() -> None:
    for meaning, signed in sign_offs().items():
        told = Promotion.whole(case_of(signed.request)).sign_offs

        [one] = [answer for answer in told if answer.number == signed.pk]
        assert (one.signer_name, one.meaning) == (signed.signer_name, meaning)
        assert one.signed_at.tzinfo is not None


def test_the_admin_shows_name_time_with_zone_and_meaning(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[str, AnySignature]] = [*sign_offs().items()]
    declined = sign_waiver_as(asked(), decision=WaiverSignOff.Decision.DECLINE)
    policy = policy_walk.signed(
        policy_walk.proposed(), scenarios.risk_officer(), policy_walk.OFFICER
    )
    enforce_emergency(monkeypatch)
    confirmed = ratify(roll_back_at_once(), scenarios.owner(), "model_owner")
    given += [("decline", declined), ("approval", policy), ("responsibility", confirmed)]
    signed_in(client, person("root", administrator=True))

    assert {type(signed) for _, signed in given} == {
        SignOff,
        WaiverSignOff,
        PolicySignOff,
        Ratification,
    }
    for meaning, signed in given:
        place = f"admin:approvals_{signed._meta.model_name}"
        listed = client.get(reverse(f"{place}_changelist")).content.decode()
        one = client.get(reverse(f"{place}_change", args=[signed.pk])).content.decode()
        for page in (listed, one):
            assert signed.signer_name in page
            assert moment(signed.signed_at, "full") in page
            assert re.search(rf">\s*{re.escape(meaning)}\s*<", page), (meaning, page)
