"""Two people answer the same section at once: no text is lost, and none is overwritten."""

import html
import json
import re
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.risk.answering import NOTHING, Sheet, stamp
from apps.risk.models import Assessment
from apps.risk.operations import answers
from apps.risk.operations.answers import NoneKept, NotAllKept
from tests import scenarios
from tests.factories import actor, signed_in
from tests.risk.assessed import EU, described_use, say, started

pytestmark = pytest.mark.django_db

SECTION = "determination"


def seen(assessment: Assessment, *keys: str) -> dict[str, str]:
    """Return what a form opened now says it showed."""
    return Sheet.of(assessment).shown(keys)


def save(
    assessment: Assessment,
    shown: dict[str, str],
    values: dict[str, object],
    by: User | None = None,
    notes: dict[str, str] | None = None,
) -> list[str]:
    who = actor(by or scenarios.owner())
    return answers.answer(assessment, values, by=who, shown=shown, notes=notes)


def test_what_somebody_else_changed_is_not_overwritten_and_the_rest_is_kept() -> None:
    assessment = started()
    shown = seen(assessment, "method_type", "model_origin")
    say(assessment, scenarios.developer(), method_type="machine_learning")

    with pytest.raises(NotAllKept, match="Dev Developer answered one question") as refusal:
        save(assessment, shown, {"method_type": "generative", "model_origin": "internal"})

    [conflict] = refusal.value.conflicts
    assert (conflict.theirs.value, conflict.mine.value) == ("machine_learning", "generative")
    assert conflict.who == "Dev Developer"
    kept = Sheet.of(assessment).answers
    assert kept == {"method_type": "machine_learning", "model_origin": "internal"}


def test_what_was_left_as_it_was_shown_does_not_undo_what_somebody_else_wrote() -> None:
    assessment = started()
    shown = seen(assessment, "method_type", "model_origin")
    say(assessment, scenarios.developer(), method_type="machine_learning")

    changed = save(assessment, shown, {"method_type": "", "model_origin": "internal"})

    assert changed == ["model_origin"]
    assert Sheet.of(assessment).answers["method_type"] == "machine_learning"


def test_the_same_answer_twice_is_no_conflict() -> None:
    assessment = started()
    shown = seen(assessment, "method_type")
    say(assessment, scenarios.developer(), method_type="generative")

    assert save(assessment, shown, {"method_type": "generative"}) == []


def test_a_note_is_part_of_what_is_not_overwritten() -> None:
    assessment = started()
    say(assessment, method_type="generative")
    shown = seen(assessment, "method_type")
    by = actor(scenarios.developer())
    answers.answer(assessment, {}, notes={"method_type": "A hosted model"}, by=by)

    with pytest.raises(NotAllKept) as refusal:
        save(assessment, shown, {}, notes={"method_type": "Our own"})

    [conflict] = refusal.value.conflicts
    assert (conflict.theirs.note, conflict.mine.note) == ("A hosted model", "Our own")


def test_what_was_seen_is_overwritten_on_purpose() -> None:
    assessment = started()
    say(assessment, scenarios.developer(), method_type="machine_learning")

    save(assessment, seen(assessment, "method_type"), {"method_type": "generative"})

    assert Sheet.of(assessment).answers["method_type"] == "generative"


def test_a_confirmed_answer_that_was_changed_meanwhile_stays_changed() -> None:
    assessment = started(described_use(), EU)
    say(assessment, intended_purpose="Something else")

    answers.answer(assessment, {}, confirmed=["intended_purpose"], by=actor(scenarios.owner()))

    assert Sheet.of(assessment).answers["intended_purpose"] == "Something else"


def test_no_answer_has_one_stamp_however_it_is_written() -> None:
    assert {stamp(None), stamp(""), stamp([])} == {NOTHING}
    assert len({stamp(False), stamp("0"), stamp(None, "note"), NOTHING}) == 4


# -- on the page


def url(assessment: Assessment) -> str:
    return reverse("risk:assessment_section", args=[assessment.pk, SECTION])


def form_in(text: str) -> dict[str, Any]:
    """Return what a browser would send back of the form of a section."""
    [shown] = re.findall(r'name="shown" value="([^"]*)"', text)
    notes = re.findall(r'<textarea name="(n-\w+)"', text)
    return {"shown": html.unescape(shown), **dict.fromkeys(notes, "")}


def test_the_page_shows_both_texts_and_keeps_what_was_typed(client: Client) -> None:
    assessment = started()
    reader = signed_in(client, scenarios.owner())
    sent = form_in(reader.get(url(assessment)).content.decode())
    say(assessment, scenarios.developer(), method_type="machine_learning")

    answer = reader.post(
        url(assessment), {**sent, "a-method_type": "generative", "a-model_origin": "internal"}
    )

    text = answer.content.decode()
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Dev Developer saved" in text
    assert "You wrote, and it is not saved" in text
    assert text.count("Machine learning, not generative") >= 2
    assert re.search(r'value="generative"[^>]*checked', text)
    assert Sheet.of(assessment).answers["model_origin"] == "internal"


def test_saving_again_after_both_were_shown_overwrites_on_purpose(client: Client) -> None:
    assessment = started()
    reader = signed_in(client, scenarios.owner())
    sent = form_in(reader.get(url(assessment)).content.decode())
    say(assessment, scenarios.developer(), method_type="machine_learning")
    mine = {"a-method_type": "generative"}
    refused = reader.post(url(assessment), {**sent, **mine}).content.decode()

    again = reader.post(url(assessment), {**form_in(refused), **mine})

    assert again.status_code == HTTPStatus.FOUND
    assert Sheet.of(assessment).answers["method_type"] == "generative"


def test_what_was_left_alone_shows_what_somebody_else_wrote(client: Client) -> None:
    assessment = started()
    reader = signed_in(client, scenarios.owner())
    sent = form_in(reader.get(url(assessment)).content.decode())
    say(assessment, scenarios.developer(), method_type="generative", model_origin="group")

    refused = reader.post(url(assessment), {**sent, "a-method_type": "quantitative"})

    text = refused.content.decode()
    assert re.search(r'value="group"[^>]*checked', text)
    assert re.search(r'value="quantitative"[^>]*checked', text)


def test_nothing_is_saved_by_a_form_that_does_not_say_what_it_showed(client: Client) -> None:
    assessment = started()
    reader = signed_in(client, scenarios.owner())

    for shown in ("", "nonsense", "[]", json.dumps({"method_type": 1})):
        answer = reader.post(url(assessment), {"shown": shown, "a-method_type": "generative"})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "Open the section again" in answer.content.decode()
    assert Sheet.of(assessment).answers == {}


def test_an_answer_to_what_is_no_longer_asked_is_kept_all_the_same(client: Client) -> None:
    assessment = started()
    say(assessment, method_type="arithmetic")
    reader = signed_in(client, scenarios.owner())
    sent = form_in(reader.get(url(assessment)).content.decode())
    assert "n-rules_material" in sent
    say(assessment, scenarios.developer(), method_type="generative")

    reader.post(url(assessment), {**sent, "a-method_type": "arithmetic", "a-rules_material": "yes"})

    assert Sheet.of(assessment).rows["rules_material"].value is True


# -- as a program sends them


def send(assessment: Assessment, values: dict[str, object], **seen: str) -> list[str]:
    """Answer all at once, as somebody who says what they saw."""
    by = actor(scenarios.owner())
    return answers.answer_at_once(assessment, values, by=by, notes={}, seen=seen)


def test_answers_sent_at_once_are_kept_all_or_none() -> None:
    assessment = started()
    say(assessment, scenarios.developer(), method_type="machine_learning")

    with pytest.raises(NoneKept, match="nothing you sent is kept") as refusal:
        send(assessment, {"method_type": "generative", "model_origin": "internal", "purpose": 7})

    [conflict] = refusal.value.conflicts
    assert (conflict.theirs.value, conflict.mine.value) == ("machine_learning", "generative")
    assert set(refusal.value.problems) == {"purpose"}
    assert Sheet.of(assessment).answers == {"method_type": "machine_learning"}
    seen_by_now = seen(assessment, "method_type")
    assert send(assessment, {"method_type": "generative"}, **seen_by_now) == ["method_type"]


def test_what_is_sent_is_meant_though_it_is_what_was_seen_before() -> None:
    """A form leaves alone what nobody touched; a program sends only what it wants there."""
    assessment = started()
    say(assessment, method_type="generative")
    old = seen(assessment, "method_type")
    say(assessment, scenarios.developer(), method_type="machine_learning")

    with pytest.raises(NoneKept):
        send(assessment, {"method_type": "generative"}, **old)
    assert send(assessment, {"method_type": "machine_learning"}) == []


def test_what_was_filled_in_is_answered_by_saying_the_same_or_something_else() -> None:
    assessment = started(described_use(), EU)
    [key] = [row.key for row in Sheet.of(assessment).rows.values() if row.is_prefilled]
    known = Sheet.of(assessment).rows[key].value

    assert send(assessment, {key: known}) == [key]

    assert not Sheet.of(assessment).rows[key].is_prefilled
    with pytest.raises(NoneKept):
        send(assessment, {key: "Something else"})
