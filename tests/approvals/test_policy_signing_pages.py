"""Signing, declining and publishing a policy on its page: every refusal is shown there."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.approvals.models import PolicySignOff, PolicyVersion
from apps.approvals.policies import PolicyRefused
from tests import scenarios
from tests.approvals.policy_texts import Document, use
from tests.approvals.policy_walk import (
    COMMITTEE,
    OFFICER,
    WHY,
    chair,
    drafted,
    fresh,
    proposed,
    ticket,
    writer,
)
from tests.console.conftest import Reads
from tests.factories import actor, signed_in

pytestmark = pytest.mark.django_db
State = PolicyVersion.State


def warns(document: Document) -> None:
    use(document, "metrics_recorded")["tiers"] = dict.fromkeys("1234", "warn")


def url(name: str, version: PolicyVersion) -> str:
    return reverse(f"approvals:{name}", args=[version.pk])


def test_a_passkey_is_asked_only_for_what_could_be_signed(client: Client) -> None:
    version, rita = proposed(warns), scenarios.risk_officer()
    signed_in(client, rita)
    opened = ticket(version, actor(rita)).sealed()

    def refusal(**sent: Any) -> str:
        answer = client.post(url("ask_policy_passkey", version), sent)
        assert answer.status_code == 422
        told: str = answer.json()["refusal"]
        return told

    assert refusal(ticket=opened) == "Say in which role."
    assert "did not come from the page" in refusal(ticket="forged", role=OFFICER)
    assert "You do not hold the role" in refusal(ticket=opened, role=COMMITTEE)
    assert "passkey" in refusal(ticket=opened, role=OFFICER)  # none is held
    assert not PolicySignOff.objects.exists()


def test_a_page_shown_to_somebody_else_signs_nothing(client: Client) -> None:
    version = proposed(warns)
    theirs = ticket(version, actor(chair())).sealed()
    signed_in(client, scenarios.risk_officer())

    answer = client.post(url("ask_policy_passkey", version), {"ticket": theirs, "role": OFFICER})

    assert "made for somebody else" in answer.json()["refusal"]


def test_a_policy_is_sent_back_only_while_it_waits_and_with_a_reason(opens: Reads) -> None:
    version, draft = proposed(warns), drafted(warns, number="1.0.2")

    empty = opens(chair(), url("decline_policy", version), {"reason": " "})
    early = opens(chair(), url("decline_policy", draft), {"reason": WHY})

    assert (empty.status, "Give a reason." in empty.words) == (422, True)
    assert (early.status, "is draft by now" in early.words) == (422, True)
    assert (fresh(version).state, fresh(draft).state) == (State.PROPOSED, State.DRAFT)


def test_a_policy_is_published_only_with_a_reason_and_once_it_is_signed(opens: Reads) -> None:
    version = proposed(warns)

    empty = opens(writer(), url("publish_policy", version), {"reason": ""})
    unsigned = opens(writer(), url("publish_policy", version), {"reason": WHY})

    assert (empty.status, "Give a reason." in empty.words) == (422, True)
    assert (unsigned.status, "It still needs the signature of" in unsigned.words) == (422, True)
    assert fresh(version).state == State.PROPOSED


def test_all_that_keeps_a_text_from_being_published_is_told(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = proposed(warns)

    def refuses(_: object) -> None:
        raise PolicyRefused(["Line 3: its number is taken.", "Line 9: its id means another."])

    monkeypatch.setattr("apps.approvals.operations.policies._require_usable", refuses)
    page = opens(writer(), url("publish_policy", version), {"reason": "Now it is time"})

    assert page.status == 422
    assert "Line 3: its number is taken." in page.words
    assert "Line 9: its id means another." in page.words
    assert "Now it is time" in page.source


def test_of_two_who_decide_at_once_the_second_is_told_why_nothing_came_of_it(opens: Reads) -> None:
    version, other = proposed(warns), scenarios.account("gus", "Gus Governance", COMMITTEE)
    assert opens(chair(), url("decline_policy", version), {"reason": WHY}).status == 302

    page = opens(other, url("decline_policy", version), {"reason": WHY})

    assert (page.status, "is dropped by now" in page.words) == (422, True)


def test_who_neither_writes_nor_signs_is_told_so(opens: Reads) -> None:
    version = proposed(warns)

    page = opens(scenarios.auditor(), url("publish_policy", version), {"reason": WHY})

    assert (page.status, "Only a risk officer of the whole" in page.words) == (422, True)
