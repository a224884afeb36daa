"""Assessments in the admin: to be read, never changed there (C6)."""

import html
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from apps.core.formats import moment
from apps.risk.operations import assessment_review, attachments
from tests import scenarios
from tests.factories import actor, person, signed_in
from tests.risk import owing
from tests.risk.assessed import HEAVY, SEND_BACK, answered, item, reviewer, sign

pytestmark = pytest.mark.django_db


def test_c6_rows_are_listed_and_shown_and_nothing_is_added_changed_or_deleted(
    client: Client,
) -> None:
    by = actor(scenarios.owner())
    draft = answered()
    held = attachments.attach_evidence(draft, "purpose", item(draft.model), by=by)
    assessment_review.submit_assessment(draft, by=by)
    signed = sign(draft, reviewer("validator"), "validator", SEND_BACK)
    administrator = signed_in(client, person("root", administrator=True))
    shown = {
        "assessment": (draft.pk, draft.model.name),
        "answer": (draft.answers.get(key="purpose").pk, "purpose"),
        "answerevidence": (held.pk, "purpose"),
        "assessmentsignoff": (signed.pk, moment(signed.signed_at, "full")),
    }
    for name, (pk, words) in shown.items():
        listed = reverse(f"admin:risk_{name}_changelist")
        one = reverse(f"admin:risk_{name}_change", args=[pk])
        for page in (listed, one):
            answer = administrator.get(page)
            assert answer.status_code == HTTPStatus.OK, page
            assert words in answer.content.decode(), page
        for page in (reverse(f"admin:risk_{name}_add"), one):
            assert administrator.post(page, {}).status_code == HTTPStatus.FORBIDDEN, page
        delete = reverse(f"admin:risk_{name}_delete", args=[pk])
        assert administrator.post(delete, {"post": "yes"}).status_code == HTTPStatus.FORBIDDEN


def test_a_signature_prints_name_time_and_meaning(client: Client) -> None:
    by = actor(scenarios.owner())
    draft = assessment_review.submit_assessment(answered(), by=by)
    signed = sign(draft, reviewer("validator"), "validator", SEND_BACK)
    administrator = signed_in(client, person("root", administrator=True))

    listed = administrator.get(reverse("admin:risk_assessmentsignoff_changelist"))

    text = listed.content.decode()
    for printed in (signed.signer_name, moment(signed.signed_at, "full"), "send back"):
        assert printed in text


def test_c6_tiers_and_obligations_are_read_in_the_admin_and_nothing_more(client: Client) -> None:
    override = owing.asked(owing.tiered(), 2)
    signed = owing.sign(override, owing.officer(), "risk_officer")
    owed = owing.obligation(owing.tiered(HEAVY), "condition")
    administrator = signed_in(client, person("root", administrator=True))
    shown = {
        "tieroverride": (override.pk, override.model.name),
        "tieroverridesignoff": (signed.pk, signed.signer_name),
        "obligation": (owed.pk, owed.title),
    }
    for name, (pk, words) in shown.items():
        one = reverse(f"admin:risk_{name}_change", args=[pk])
        for page in (reverse(f"admin:risk_{name}_changelist"), one):
            answer = administrator.get(page)
            assert answer.status_code == HTTPStatus.OK, page
            assert words in html.unescape(answer.content.decode()), page
        for page in (reverse(f"admin:risk_{name}_add"), one):
            assert administrator.post(page, {}).status_code == HTTPStatus.FORBIDDEN, page
