"""Pages of assessments: the list, the sheet, the review, the result, and what leaves Signet."""

import html
import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import User
from apps.core.errors import NotAllowed
from apps.risk import offered
from apps.risk.answering import Sheet
from apps.risk.models import Assessment
from apps.risk.operations import (
    answers,
    assessment_aging,
    assessment_exports,
    assessment_review,
    attachments,
)
from apps.risk.pages.asking import Asked
from apps.risk.questionnaires import parsed, shipped
from apps.validation.documents.exports import typesetting
from tests import scenarios
from tests.approvals.exceptions import entries, today
from tests.factories import PASSWORD, actor, signed_in
from tests.risk.assessed import (
    EU,
    HEAVY,
    LIGHT,
    PURPOSE,
    SEND_BACK,
    TIERING,
    WHY,
    answered,
    approved,
    as_text,
    described_use,
    example,
    in_eu,
    item,
    reviewer,
    say,
    sign,
    sign_all,
    started,
    submitted,
    use,
)

pytestmark = pytest.mark.django_db


def page(client: Client, url: str, status: int = HTTPStatus.OK) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def section_url(assessment: Assessment, section: str = "determination") -> str:
    return reverse("risk:assessment_section", args=[assessment.pk, section])


def list_url(assessment: Assessment) -> str:
    return reverse("risk:assessments", args=[assessment.model.name])


def at(name: str, assessment: Assessment, *more: object) -> str:
    return reverse(f"risk:{name}", args=[assessment.pk, *more])


def form_in(text: str) -> dict[str, Any]:
    [shown] = re.findall(r'name="shown" value="([^"]*)"', text)
    return {"shown": html.unescape(shown)}


def words(text: str) -> str:
    """Return the words of a page, as somebody reads them."""
    plain = re.sub(r"<[^>]+>", " ", text)
    return re.sub(r"\s+", " ", html.unescape(plain))


# -- the list


def test_the_list_offers_what_applies_and_says_what_does_not(client: Client) -> None:
    model = scenarios.registered_model()

    text = words(
        page(signed_in(client, scenarios.owner()), reverse("risk:assessments", args=[model.name]))
    )

    assert "Model risk tiering" in text
    assert "Not started" in text
    assert "Start" in text
    assert "Do not apply" in text


def test_a_questionnaire_about_uses_says_first_that_one_is_to_be_added(client: Client) -> None:
    model = in_eu(scenarios.registered_model())
    reader = signed_in(client, scenarios.owner())
    address = reverse("risk:assessments", args=[model.name])
    assert "No use is recorded" in page(reader, address)

    use(model, "Lending")

    text = page(reader, address)
    assert "No use is recorded" not in text
    assert "Lending" in text


def test_only_respondents_are_offered_to_start(client: Client) -> None:
    model = scenarios.registered_model()
    address = reverse("risk:assessments", args=[model.name])
    start = reverse("risk:start_assessment", args=[model.name])

    assert start in page(signed_in(client, scenarios.owner()), address)
    assert start not in page(signed_in(client, scenarios.auditor()), address)


def test_one_is_started_from_the_list_and_leads_to_its_first_section(client: Client) -> None:
    model = scenarios.registered_model()
    reader = signed_in(client, scenarios.owner())

    answer = reader.post(
        reverse("risk:start_assessment", args=[model.name]), {"kind": TIERING, "about": "model"}
    )

    started_one = Assessment.objects.get()
    assert answer.headers["Location"] == section_url(started_one)


def test_a_use_is_started_by_its_own_row(client: Client) -> None:
    lending = described_use()
    reader = signed_in(client, scenarios.owner())
    start = reverse("risk:start_assessment", args=[lending.model.name])

    reader.post(start, {"kind": EU, "about": f"use-{lending.pk}"})

    assert Assessment.objects.get().use_case == lending


@pytest.mark.parametrize("about", ["", "use-x", "use-9999", "version-1", "use-\u0663", "planet-1"])
def test_nothing_is_started_about_what_is_not_there(client: Client, about: str) -> None:
    model = scenarios.registered_model()
    start = reverse("risk:start_assessment", args=[model.name])

    answer = signed_in(client, scenarios.owner()).post(start, {"kind": TIERING, "about": about})

    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_a_refused_start_is_said_on_the_list(client: Client) -> None:
    assessment = started()
    start = reverse("risk:start_assessment", args=[assessment.model.name])
    reader = signed_in(client, scenarios.owner())

    answer = reader.post(start, {"kind": TIERING, "about": "model"})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Somebody started this already" in answer.content.decode()
    unknown = reader.post(start, {"kind": "horoscope", "about": "model"})
    assert unknown.status_code == HTTPStatus.NOT_FOUND


def test_the_list_shows_what_was_approved_and_until_when(client: Client) -> None:
    held = approved(example_id=HEAVY)

    text = page(signed_in(client, scenarios.auditor()), list_url(held))

    assert "Approved" in text
    assert "Tier 1" in text
    assert held.get_absolute_url() in text


def test_the_list_says_why_something_counts_no_longer(client: Client) -> None:
    held = assessment_aging.make_stale(approved(), why="A serious incident.")

    text = page(signed_in(client, scenarios.auditor()), list_url(held))

    assert "Expired" in text
    assert "A serious incident." in text


def test_the_list_costs_the_same_for_two_and_twenty_uses(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    lending = described_use()
    started(lending, EU)
    started(use(lending.model, "Use 2"), EU)
    address = reverse("risk:assessments", args=[lending.model.name])
    reader = signed_in(client, scenarios.owner())
    page(reader, address)
    count = queries_of(reader, address)

    for number in range(3, 21):
        started(use(lending.model, f"Use {number}"), EU)

    with django_assert_max_num_queries(count):
        assert "Use 20" in page(reader, address)


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        page(client, address)
    return len(captured)


def test_what_a_reader_may_not_see_is_not_there(client: Client) -> None:
    held = approved()
    reader = signed_in(client, scenarios.stranger())
    seen = [
        list_url(held),
        held.get_absolute_url(),
        section_url(held),
        at("import_answers", held),
        at("move_assessment", held),
        at("attach_evidence", held, "purpose"),
        at("take_back_assessment", held),
        at("drop_assessment", held),
        at("export_assessment", held, "json"),
    ]
    for address in seen:
        assert reader.get(address).status_code == HTTPStatus.NOT_FOUND, address
    sent = [
        at("submit_assessment", held),
        at("sign_assessment", held),
        at("ask_assessment_passkey", held),
        at("remove_evidence", held, 1),
        reverse("risk:start_assessment", args=[held.model.name]),
    ]
    for address in sent:
        assert reader.post(address).status_code == HTTPStatus.NOT_FOUND, address


# -- the sheet


def test_a_section_asks_each_question_with_its_help_and_what_it_cites(client: Client) -> None:
    assessment = started()

    text = words(page(signed_in(client, scenarios.owner()), section_url(assessment)))

    assert "Which description fits best?" in text
    assert "Choose the most advanced method that contributes to the output." in text
    assert "PRA SS1/23 Principle 1.1" in text
    assert "nothing saved yet" in text
    assert "Section 1 of" in text
    assert re.search(r"0 of \d+ required answers given", text)


def test_a_question_says_because_of_which_answer_it_is_asked(client: Client) -> None:
    assessment = started()
    reader = signed_in(client, scenarios.owner())
    assert "Do these rules drive decisions" not in page(reader, section_url(assessment))

    say(assessment, method_type="arithmetic")

    text = words(page(reader, section_url(assessment)))
    assert "Do these rules drive decisions" in text
    assert (
        "Asked because “Which description fits best?” is "
        "Simple arithmetic, look-ups or aggregation" in text
    )


def test_a_section_says_because_of_which_answers_it_is_asked(client: Client) -> None:
    assessment = started()
    say(assessment, method_type="quantitative")

    text = words(page(signed_in(client, scenarios.owner()), section_url(assessment, "materiality")))

    assert (
        "This section is asked because “Which description fits best?” is "
        "Statistical, econometric, actuarial or financial method" in text
    )


def test_what_counts_no_longer_says_why_and_leads_to_the_next(client: Client) -> None:
    held = assessment_aging.make_stale(approved(), why="A serious incident.")

    text = page(signed_in(client, scenarios.owner()), held.get_absolute_url())

    assert "A serious incident." in text
    assert f'href="{list_url(held)}">Reassess it' in text


def test_saving_keeps_the_section_and_shows_when_and_by_whom(client: Client) -> None:
    assessment = started()
    reader = signed_in(client, scenarios.owner())
    sent = form_in(page(reader, section_url(assessment)))

    answer = reader.post(
        section_url(assessment),
        {
            **sent,
            "a-method_type": "arithmetic",
            "n-method_type": "A spreadsheet",
            "a-jurisdictions": ["us_banking", "uk_pra"],
        },
    )

    assert answer.headers["Location"] == section_url(assessment)
    assert Sheet.of(assessment).answers == {
        "method_type": "arithmetic",
        "jurisdictions": ["us_banking", "uk_pra"],
    }
    text = page(reader, section_url(assessment))
    assert "A spreadsheet" in text
    assert re.search(r"saved <time", text)
    assert "by Olivia Owner" in text


def test_going_on_leads_to_the_next_section_with_something_to_do(client: Client) -> None:
    assessment = started()
    reader = signed_in(client, scenarios.owner())
    sent = form_in(page(reader, section_url(assessment)))
    given = {
        "a-method_type": "quantitative",
        "a-jurisdictions": ["us_banking"],
        "a-model_origin": "internal",
        "go_on": "1",
    }

    answer = reader.post(section_url(assessment), {**sent, **given})

    assert answer.headers["Location"] == section_url(assessment, "materiality")


def test_a_refused_answer_stays_as_it_was_typed(client: Client) -> None:
    assessment = started(described_use(), EU)
    reader = signed_in(client, scenarios.owner())
    address = next(one.url for one in sections_of(assessment))
    sent = form_in(page(reader, address))

    answer = reader.post(address, {**sent, "a-object_type": "horoscope"})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "field error" in answer.content.decode()


def sections_of(assessment: Assessment) -> Iterator[Any]:
    yield from Asked.of(assessment, today()).sections


def test_what_was_filled_in_is_marked_until_it_is_confirmed(client: Client) -> None:
    assessment = started(described_use(), EU)
    reader = signed_in(client, scenarios.owner())
    address = next(
        one.url
        for one in sections_of(assessment)
        if any(shown.key == "intended_purpose" for shown in one.questions)
    )
    text = page(reader, address)
    assert PURPOSE in text
    assert "From the inventory: use_case.intended_purpose" in text
    sent = {**form_in(text), "a-intended_purpose": PURPOSE}

    reader.post(address, sent)
    assert assessment.answers.get(key="intended_purpose").is_prefilled
    reader.post(address, {**sent, "ok-intended_purpose": "on"})

    assert not assessment.answers.get(key="intended_purpose").is_prefilled
    assert "From the inventory" not in page(reader, address)


def test_everything_that_was_filled_in_on_a_page_is_confirmed_at_once(client: Client) -> None:
    held = approved()
    anew = started(held.model)
    reader = signed_in(client, scenarios.owner())
    text = page(reader, section_url(anew))
    assert "confirm what was filled in" in text
    kept = held.result["values"]
    sent = {
        **form_in(text),
        "a-method_type": kept["method_type"],
        "a-jurisdictions": kept["jurisdictions"],
        "a-model_origin": kept["model_origin"],
    }

    reader.post(section_url(anew), {**sent, "confirm_all": "1"})

    confirmed = {row.key for row in anew.answers.filter(is_prefilled=False)}
    assert confirmed == {"method_type", "jurisdictions", "model_origin"}
    assert "confirm what was filled in" not in page(reader, section_url(anew))


def test_a_section_is_for_those_who_answer_it(client: Client) -> None:
    assessment = started()
    reader = signed_in(client, scenarios.auditor())

    assert reader.get(section_url(assessment)).headers["Location"] == assessment.get_absolute_url()
    refused = reader.post(section_url(assessment), {"a-method_type": "generative"})

    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Nothing was saved" in refused.content.decode()
    assert reader.get(section_url(assessment, "horoscope")).status_code == HTTPStatus.NOT_FOUND


def test_evidence_is_attached_after_what_was_typed_is_saved(client: Client) -> None:
    assessment = started()
    memo = item(assessment.model)
    reader = signed_in(client, scenarios.owner())
    sent = form_in(page(reader, section_url(assessment)))

    away = reader.post(
        section_url(assessment), {**sent, "a-model_origin": "group", "attach": "model_origin"}
    )
    attach = at("attach_evidence", assessment, "model_origin")
    assert away.headers["Location"] == attach
    assert Sheet.of(assessment).answers == {"model_origin": "group"}
    assert "Nothing is attached" in page(reader, attach)
    reader.post(attach, {"item": memo.pk})
    assert str(memo) in page(reader, section_url(assessment))
    assert reader.post(attach, {"item": memo.pk}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert reader.post(attach, {"item": "x"}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY

    held = assessment.attached.get()
    reader.post(at("remove_evidence", assessment, held.pk))

    assert "Nothing is attached" in page(reader, attach)
    nowhere = reader.get(at("attach_evidence", assessment, "horoscope"))
    assert nowhere.status_code == HTTPStatus.NOT_FOUND


def test_a_whole_set_is_taken_over_from_a_page(client: Client) -> None:
    assessment = started()
    reader = signed_in(client, scenarios.owner())
    address = at("import_answers", assessment)
    assert "A whole set for" in page(reader, address)

    refused = reader.post(address, {"text": "just words"})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "just words" in refused.content.decode()
    done = reader.post(address, {"text": as_text(example(LIGHT))})

    assert done.headers["Location"] == assessment.get_absolute_url()


def test_a_newer_questionnaire_is_looked_at_before_a_draft_moves(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assessment = started()
    say(assessment, method_type="generative")
    reader = signed_in(client, scenarios.owner())
    address = at("move_assessment", assessment)
    assert "newest version already" in page(reader, address)
    newer = parsed(shipped(TIERING).text.replace("version: 1.0.0", "version: 1.1.0", 1))
    monkeypatch.setattr(
        offered, "shipped", lambda name: newer if name == TIERING else shipped(name)
    )

    assert address in page(reader, assessment.get_absolute_url())
    assert "1 answer stays" in words(page(reader, address))
    refused = reader.post(address, {"to": "sha256:other"})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    reader.post(address, {"to": newer.digest})

    assessment.refresh_from_db()
    assert assessment.questionnaire.number == "1.1.0"


# -- a draft as a whole


def test_a_draft_shows_no_outcome_however_far_it_is(client: Client) -> None:
    draft = answered(example_id=HEAVY)
    text = words(page(signed_in(client, scenarios.owner()), draft.get_absolute_url()))

    assert "How far it is" in text
    assert "Tier 1" not in text
    assert "Obligations" not in text


def test_a_draft_says_what_keeps_it_from_review(client: Client) -> None:
    draft = answered()
    say(draft, judgment="")
    reader = signed_in(client, scenarios.owner())

    text = words(page(reader, draft.get_absolute_url()))
    assert "Answer first: “How much do results depend" in text
    assert "Go on answering" in text
    refused = reader.post(at("submit_assessment", draft))

    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Nothing was changed." in refused.content.decode()


def test_a_complete_draft_is_submitted_taken_back_and_dropped(client: Client) -> None:
    draft = answered()
    reader = signed_in(client, scenarios.owner())

    reader.post(at("submit_assessment", draft))
    assert Assessment.objects.get(pk=draft.pk).state == "submitted"
    take_back = at("take_back_assessment", draft)
    assert reader.post(take_back, {"reason": ""}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    reader.post(take_back, {"reason": WHY})
    assert Assessment.objects.get(pk=draft.pk).state == "draft"
    assert "It is a draft again" in page(reader, draft.get_absolute_url())
    reader.post(at("drop_assessment", draft), {"reason": WHY})

    assert "Dropped" in page(reader, draft.get_absolute_url())


# -- the review


def review(client: Client, assessment: Assessment, **other: str) -> HttpResponse:
    """Open the page as a reviewer, and sign what it shows."""
    text = client.get(assessment.get_absolute_url()).content.decode()
    found = re.search(r'name="ticket" value="([^"]*)"', text)
    given = {
        "ticket": found[1] if found else "",
        "role": "validator",
        "decision": "approve",
        "reason": WHY,
        "password": PASSWORD,
    }
    answer: Any = client.post(at("sign_assessment", assessment), given | other)
    return answer


def test_a_reviewer_sees_what_would_follow_and_signs_it(client: Client) -> None:
    waiting = submitted(example_id=HEAVY)
    reader = signed_in(client, reviewer("validator"))
    text = words(page(reader, waiting.get_absolute_url()))
    assert "What would follow" in text
    assert "Tier 1" in text
    assert "Until then it is no outcome" in text
    assert "Written to the inventory" in text

    answer = review(reader, waiting)

    assert answer.headers["Location"] == waiting.get_absolute_url()
    after = words(page(reader, waiting.get_absolute_url()))
    assert "Meaning: review." in after
    assert "Your review" not in after


def test_the_result_says_which_rule_fired_with_which_answers(client: Client) -> None:
    held = approved(example_id=HEAVY)

    text = page(signed_in(client, scenarios.auditor()), held.get_absolute_url())

    plain = words(text)
    rule = Sheet.of(held).questionnaire.outcome("tier_1").when.source
    assert rule in html.unescape(text)
    assert "Final tier" in plain
    assert "Materiality" in plain
    assert "Obligations" in plain
    for signed in held.sign_offs.all():
        assert signed.signer_name in plain
        assert signed.statement_digest in re.sub(r"<[^>]+>", "", text)


def test_a_refused_signature_keeps_what_was_typed(client: Client) -> None:
    waiting = submitted()
    reader = signed_in(client, reviewer("validator"))

    for changed in ({"password": "wrong"}, {"reason": ""}, {"decision": ""}, {"ticket": "forged"}):
        answer = review(reader, waiting, **changed)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, changed
    assert WHY in review(reader, waiting, password="wrong").content.decode()
    assert not waiting.sign_offs.exists()


def test_who_answered_is_told_that_somebody_else_reviews(client: Client) -> None:
    waiting = submitted()
    text = words(page(signed_in(client, scenarios.owner()), waiting.get_absolute_url()))

    assert "Your review" not in text
    assert "What would follow" in text


def test_what_was_sent_back_says_by_whom_and_why(client: Client) -> None:
    waiting = submitted()
    sign(waiting, reviewer("validator"), "validator", SEND_BACK, reason="Judge the data anew")

    text = words(page(signed_in(client, scenarios.owner()), waiting.get_absolute_url()))

    assert "Rev validator sent it back." in text
    assert "Judge the data anew" in text


def test_the_difference_to_the_last_approved_one_is_shown(client: Client) -> None:
    first = approved(example_id=LIGHT)
    second = answered(first.model, HEAVY)
    answers.confirm_prefilled(second, list(Sheet.of(second).rows), by=actor(scenarios.owner()))
    assessment_review.submit_assessment(second, by=actor(scenarios.owner()))

    text = words(page(signed_in(client, reviewer("validator")), second.get_absolute_url()))

    assert "Since the last approved assessment" in text
    assert "What is the most important purpose?" in text
    sign_all(second)
    replaced = page(signed_in(client, scenarios.owner()), first.get_absolute_url())
    assert "Superseded" in replaced
    assert f'href="{second.get_absolute_url()}">Open it' in replaced


def test_a_passkey_is_asked_for_a_complete_form_only(client: Client) -> None:
    waiting = submitted()
    reader = signed_in(client, reviewer("validator"))

    answer = reader.post(at("ask_assessment_passkey", waiting), {"role": "validator"})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Approve it or send it back." in answer.json()["refusal"]


def test_the_page_costs_the_same_however_much_evidence_is_attached(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    draft = answered()
    by = actor(scenarios.owner())
    for _ in range(2):
        attachments.attach_evidence(draft, "purpose", item(draft.model), by=by)
    reader = signed_in(client, scenarios.auditor())
    page(reader, draft.get_absolute_url())
    count = queries_of(reader, draft.get_absolute_url())
    for number in range(18):
        key = ("judgment", "reliance")[number % 2]
        attachments.attach_evidence(draft, key, item(draft.model), by=by)

    with django_assert_max_num_queries(count):
        page(reader, draft.get_absolute_url())


# -- what leaves Signet


def test_an_assessment_leaves_as_json_with_its_digests_and_signatures(client: Client) -> None:
    held = approved(example_id=HEAVY)
    reader = signed_in(client, scenarios.auditor())

    answer = reader.get(at("export_assessment", held, "json"))

    told = json.loads(answer.content)
    assert told["outcome"] == "tier_1"
    assert told["answers"] == Sheet.of(held).answers
    assert told["result"]["today"] == held.result["today"]
    assert told["result_digest"] in told["signatures"][0]["statement"]
    assert {one["role"] for one in told["signatures"]} == {"risk_officer", "validator"}
    assert "attachment" in answer.headers["Content-Disposition"]
    assert [one["detail"]["form"] for one in entries("assessment.export")] == ["json"]


def test_an_assessment_leaves_as_a_pdf(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    held = approved(example_id=HEAVY)
    printed: list[dict[str, Any]] = []

    def set_in_type(told: dict[str, Any]) -> bytes:
        printed.append(told)
        return b"%PDF-"

    monkeypatch.setattr(typesetting, "as_pdf", set_in_type)
    answer = signed_in(client, scenarios.auditor()).get(at("export_assessment", held, "pdf"))

    assert answer.content == b"%PDF-"
    [told] = printed
    text = json.dumps(told)
    signed = held.sign_offs.order_by("pk")[0]
    assert signed.signer_name in text
    assert signed.statement_digest in text
    assert signed.signed_at.isoformat(timespec="seconds") in text
    assert "review" in text
    assert told["sections"][0]["title"] == "Outcome"


def test_the_export_of_a_draft_tells_no_outcome(client: Client) -> None:
    draft = answered(example_id=HEAVY)

    answer = signed_in(client, scenarios.owner()).get(at("export_assessment", draft, "json"))

    told = json.loads(answer.content)
    assert (told["outcome"], told["result"]) == (None, None)


def test_who_does_not_see_the_model_takes_nothing_away() -> None:
    with pytest.raises(NotAllowed):
        assessment_exports.export_assessment(approved(), "json", by=actor(scenarios.stranger()))


def test_there_is_no_other_form(client: Client) -> None:
    reader = signed_in(client, scenarios.owner())

    answer = reader.get(at("export_assessment", started(), "docx"))

    assert answer.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("who", [scenarios.auditor, scenarios.owner])
def test_pages_are_read_by_whoever_sees_the_model(client: Client, who: Any) -> None:
    someone: User = who()
    assert "Model risk tiering" in page(signed_in(client, someone), approved().get_absolute_url())
