"""A sheet that saves itself: the same post as its button's, held to what changed."""

import html
import json
import re
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.core.errors import NotAllowed
from apps.risk.answering import Sheet
from apps.risk.models import Assessment
from apps.risk.operations import answers, assessments
from tests import scenarios
from tests.approvals.walk import entries, refusals
from tests.factories import actor, signed_in
from tests.risk.assessed import (
    EU,
    described_use,
    reviewer,
    say,
    started,
    submitted,
)

pytestmark = pytest.mark.django_db


def url(assessment: Assessment, section: str = "determination") -> str:
    return reverse("risk:assessment_section", args=[assessment.pk, section])


def shown(text: str) -> dict[str, str]:
    """Return the stamps a page shows its answers with."""
    [found] = re.findall(r'name="shown" value="([^"]*)"', text)
    stamps: dict[str, str] = json.loads(html.unescape(found))
    return stamps


def by_itself(client: Client, page: str, address: str, *keys: str, **typed: object) -> Any:
    """Send the whole form as the script does: it says what it showed of what changed only."""
    stamps = shown(page)
    held = json.dumps({key: stamps[key] for key in keys})
    return client.post(address, {"shown": held, **typed}, headers={"Sec-Fetch-Mode": "cors"})


def opened(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_the_page_says_what_saves_itself_and_shows_it_to_nobody_without_a_script(
    client: Client,
) -> None:
    text = opened(signed_in(client, scenarios.owner()), url(started()))

    assert '<form class="sheet" method="post" novalidate data-optional="unsaid"' in text
    assert 'data-behavior="autosave"' in text
    [status] = re.findall(r'<p class="autosave"[^>]*>', text)
    assert 'role="status"' in status
    assert 'aria-live="polite"' in status
    assert status.endswith(" hidden>")
    for part in ("header", "problems", "why", "footer", "rail"):
        assert f'data-part="{part}"' in text
    assert ">Save</button>" in re.sub(r"\s+", "", text)


def test_what_changed_at_once_is_one_event_with_its_questions(client: Client) -> None:
    assessment = started()
    reader = signed_in(client, scenarios.owner())
    page = opened(reader, url(assessment))
    typed = {"a-method_type": "generative", "a-model_origin": "group", "n-model_origin": "Ours"}

    by_itself(reader, page, url(assessment), "method_type", "model_origin", **typed)

    [entry] = entries("assessment.answer")
    assert entry["detail"] == {"answered": ["method_type", "model_origin"]}
    assert len(entry["rows"]) == 2


def test_what_the_form_does_not_say_it_changed_is_left_alone(client: Client) -> None:
    assessment = started()
    reader = signed_in(client, scenarios.owner())
    page = opened(reader, url(assessment))
    say(assessment, scenarios.developer(), model_origin="group")

    saved = by_itself(
        reader,
        page,
        url(assessment),
        "method_type",
        **{"a-method_type": "generative", "a-model_origin": "internal"},
    )

    assert saved.headers["Location"] == url(assessment)
    assert Sheet.of(assessment).answers == {"method_type": "generative", "model_origin": "group"}


def test_a_save_that_says_nothing_new_leaves_no_event(client: Client) -> None:
    assessment = started()
    reader = signed_in(client, scenarios.owner())
    say(assessment, method_type="generative")
    page = opened(reader, url(assessment))

    again = by_itself(
        reader, page, url(assessment), "method_type", **{"a-method_type": "generative"}
    )

    assert again.status_code == HTTPStatus.FOUND
    assert len(entries("assessment.answer")) == 1


def test_who_may_not_answer_is_refused_on_record_even_with_nothing_new() -> None:
    assessment = started()

    with pytest.raises(NotAllowed):
        answers.answer(assessment, {}, by=actor(reviewer("validator")))

    assert refusals("assessment.answer") == ["not_allowed"]


def test_the_record_names_what_was_confirmed() -> None:
    assessment = started(described_use(), EU)

    answers.answer(assessment, {}, confirmed=["intended_purpose"], by=actor(scenarios.owner()))

    [entry] = entries("assessment.answer")
    assert entry["detail"] == {"answered": [], "confirmed": ["intended_purpose"]}


def test_a_question_that_follows_is_on_the_page_that_comes_back(client: Client) -> None:
    assessment = started()
    reader = signed_in(client, scenarios.owner())
    page = opened(reader, url(assessment))
    assert 'id="question-rules_material"' not in page

    saved = by_itself(
        reader, page, url(assessment), "method_type", **{"a-method_type": "arithmetic"}
    )

    assert 'id="question-rules_material"' in opened(reader, saved.headers["Location"])


def test_what_cannot_be_kept_does_not_hide_what_somebody_else_wrote(client: Client) -> None:
    assessment = started(described_use(), EU)
    reader = signed_in(client, scenarios.owner())
    address = url(assessment, "scope")
    page = opened(reader, address)
    say(assessment, reviewer("compliance_officer"), intended_purpose="Their words")
    refused = by_itself(
        reader, page, address, "intended_purpose", **{"a-intended_purpose": "Mine\x07"}
    )
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert shown(refused.content.decode())["intended_purpose"] == shown(page)["intended_purpose"]

    mended = by_itself(
        reader,
        refused.content.decode(),
        address,
        "intended_purpose",
        **{"a-intended_purpose": "Mine"},
    )

    assert "Rev compliance_officer saved" in mended.content.decode()
    assert Sheet.of(assessment).answers["intended_purpose"] == "Their words"


def test_what_was_submitted_meanwhile_says_that_nothing_was_saved(client: Client) -> None:
    assessment = started()
    reader = signed_in(client, scenarios.owner())
    page = opened(reader, url(assessment))
    assessments.drop_assessment(assessment, by=actor(scenarios.owner()), reason="Not needed")

    late = by_itself(
        reader, page, url(assessment), "method_type", **{"a-method_type": "generative"}
    )

    assert late.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    text = late.content.decode()
    assert "Nothing was saved" in text
    assert 'data-behavior="autosave"' not in text


def test_a_sheet_under_review_saves_nothing_by_itself(client: Client) -> None:
    waiting = submitted()

    answer = signed_in(client, scenarios.owner()).get(url(waiting))

    assert answer.headers["Location"] == waiting.get_absolute_url()


def test_a_script_whose_session_is_over_is_led_to_sign_in(client: Client) -> None:
    assessment = started()
    page = opened(signed_in(client, scenarios.owner()), url(assessment))
    client.logout()

    late = by_itself(
        client, page, url(assessment), "method_type", **{"a-method_type": "generative"}
    )

    assert late.status_code == HTTPStatus.FOUND
    assert not Sheet.of(assessment).answers
