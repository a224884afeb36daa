"""Assessments at the API: started, answered, handed in and read; reviewing needs a person."""

import json
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.accounts.scopes import Scope
from apps.approvals import operations as approvals
from apps.audit.models import AuditEvent
from apps.catalog.models import RegisteredModel
from apps.risk import offered
from apps.risk.models import Answer, AnswerEvidence, Assessment
from apps.risk.questionnaires import Questionnaire, parse, shipped
from tests import scenarios
from tests.api.caller import Caller, content_of, refusal, said, token_of
from tests.factories import actor, person
from tests.risk.assessed import (
    EU,
    HEAVY,
    LIGHT,
    NIST,
    PURPOSE,
    SEND_BACK,
    TIERING,
    answered,
    approved,
    as_text,
    described_use,
    example,
    item,
    reviewer,
    say,
    sign,
    started,
    submitted,
    use,
)

pytestmark = pytest.mark.django_db

REASON = {"reason": "Not needed any more"}
METHOD, ORIGIN = "method_type", "model_origin"


@pytest.fixture
def owner(db: None) -> Caller:
    """A program of the owner's, with a token of every scope."""
    return Caller(token_of(scenarios.owner()))


def at(assessment: Assessment, more: str = "") -> str:
    return f"/assessments/{assessment.pk}{more}"


def patch(program: Caller, draft: Assessment, tag: str = "", **body: Any) -> HttpResponse:
    """Answer questions, only as the assessment was last seen when a tag is given."""
    headers = {"If-Match": tag} if tag else {}
    return program.send("PATCH", at(draft), json.dumps(body).encode(), headers=headers)


def question(told: dict[str, Any], key: str) -> dict[str, Any]:
    """Return one question of an assessment, wherever it stands."""
    [found] = [
        one
        for section in told["sections"]
        for one in section["questions"]
        if one["question"] == key
    ]
    return dict(found)


def recorded(action: str, outcome: str = "done") -> int:
    return AuditEvent.objects.filter(action=action, outcome=outcome).count()


# -- started and listed


def test_one_is_started_and_shows_what_is_asked_first(
    owner: Caller, model: RegisteredModel
) -> None:
    begun = said(owner.post("/models/tumor-triage/assessments", {"questionnaire": TIERING}), 201)

    assert (begun["state"], begun["status"], begun["outcome"]) == ("draft", "draft", "")
    assert (begun["questionnaire"], begun["answered"]) == (TIERING, 0)
    assert (begun["version"], begun["use"], begun["started_by"]) == (None, None, "olivia")
    assert begun["missing"][:1] == [METHOD]
    assert begun["not_ready"].startswith("Answer first: ")
    assert [one["decision"] for one in begun["reviews"]] == [None] * len(begun["reviews"])
    assert said(owner.get(f"/assessments/{begun['number']}")) == begun
    assert recorded("assessment.start") == 1
    again = refusal(owner.post("/models/tumor-triage/assessments", {"questionnaire": TIERING}), 409)
    assert "started this already" in again["detail"]


def test_what_the_inventory_knows_is_filled_in_until_a_person_confirms_it(owner: Caller) -> None:
    lending = described_use()
    body = {"questionnaire": EU, "use": lending.key}

    begun = said(owner.post(f"/models/{lending.model.name}/assessments", body), 201)

    [key] = begun["unconfirmed"]
    shown = question(begun, key)
    assert (shown["value"], shown["prefilled"], shown["confirmed"]) == (PURPOSE, True, False)
    draft = Assessment.objects.get()
    after = said(patch(owner, draft, confirmed=[key]))
    shown = question(after, key)
    assert (after["unconfirmed"], shown["prefilled"], shown["confirmed"]) == ([], False, True)


def test_what_was_filled_in_is_changed_without_having_been_seen(owner: Caller) -> None:
    draft = started(described_use(), EU)
    [key] = said(owner.get(at(draft)))["unconfirmed"]

    after = said(patch(owner, draft, answers={key: "Something else"}))

    assert question(after, key)["value"] == "Something else"
    assert question(after, key)["confirmed"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"questionnaire": "poem"}, 404, "No questionnaire"),
        ({"questionnaire": TIERING, "version": 1}, 409, "is about models"),
        ({"questionnaire": TIERING, "version": 9}, 400, "has no version 9"),
        ({"questionnaire": TIERING, "use": "poem"}, 400, "has no use"),
        ({"questionnaire": TIERING, "use": "x", "version": 1}, 400, "not about both"),
        ({"questionnaire": "genai-risk", "use": "lending"}, 409, "does not apply"),
        ({"questionnaire": TIERING, "poem": 1}, 400, "not known here"),
    ],
)
def test_what_cannot_be_started_is_refused(
    owner: Caller, model: RegisteredModel, body: dict[str, Any], status: int, words: str
) -> None:
    scenarios.registered_version(model)
    use(model)

    assert words in refusal(owner.post("/models/tumor-triage/assessments", body), status)["detail"]
    assert not Assessment.objects.exists()


def test_the_list_is_narrowed_and_comes_in_pages(owner: Caller, model: RegisteredModel) -> None:
    dropped = started(model)
    said(owner.post(at(dropped, "/withdraw"), REASON))
    tiering = started(model)
    other = started(scenarios.registered_model("other"))

    def listed(query: str = "") -> list[int]:
        return [one["number"] for one in said(owner.get(f"/assessments{query}"))["assessments"]]

    assert listed() == [other.pk, tiering.pk, dropped.pk]
    assert listed("?model=tumor-triage") == [tiering.pk, dropped.pk]
    assert listed("?state=dropped") == [dropped.pk]
    assert listed(f"?questionnaire={TIERING}&state=draft&model=other") == [other.pk]
    first = said(owner.get("/assessments?limit=2"))
    second = said(owner.get(f"/assessments?limit=2&page={first['next']}"))
    assert [one["number"] for one in second["assessments"]] == [dropped.pk]
    assert second["next"] is None
    refusal(owner.get("/assessments?state=poem"), 400)
    refusal(owner.get(f"/assessments?model=other&page={first['next']}"), 400)


def test_the_list_costs_the_same_for_two_and_twenty(owner: Caller, model: RegisteredModel) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            said(owner.get(path))
        return len(asked)

    for number in range(20):
        started(scenarios.registered_model(f"other-{number}"))
    said(owner.get("/assessments"))
    assert queries("/assessments?limit=2") == queries("/assessments?limit=20")


def test_one_costs_the_same_however_much_was_answered(
    owner: Caller, model: RegisteredModel
) -> None:
    def queries(draft: Assessment, more: str = "") -> int:
        with CaptureQueriesContext(connection) as asked:
            said(owner.get(at(draft, more)))
        return len(asked)

    little, much = answered(model), answered(scenarios.registered_model("other"), HEAVY)
    for draft, keys in ((little, [METHOD]), (much, [METHOD, ORIGIN, "purpose"])):
        for key in keys:
            body = {"question": key, "evidence": item(draft.model).pk}
            said(owner.post(at(draft, "/evidence"), body), 201)

    assert queries(little) == queries(much)
    assert queries(little, "/outcome") == queries(much, "/outcome")


def test_how_everything_stands_that_is_asked_of_a_model(owner: Caller) -> None:
    model = scenarios.registered_model("tumor-triage", flags=["is_ai"])
    held = approved(model)
    draft = started(model)

    asked = said(owner.get("/models/tumor-triage/assessments"))["asked"]

    by_id = {one["questionnaire"]: one for one in asked}
    tiering, nist = by_id[TIERING], by_id[NIST]
    assert (tiering["status"], tiering["approved"], tiering["open"]) == (
        "approved",
        held.pk,
        draft.pk,
    )
    assert (tiering["outcome"], tiering["age_days"]) == (held.outcome, 0)
    assert (nist["status"], nist["approved"], nist["age_days"]) == ("none", None, None)


# -- answered


def test_answers_of_several_sections_are_kept_with_who_and_when(
    owner: Caller, model: RegisteredModel
) -> None:
    draft = started(model)

    after = said(
        patch(
            owner,
            draft,
            answers={METHOD: "generative", ORIGIN: "internal"},
            notes={METHOD: "A transformer"},
        )
    )

    shown = question(after, METHOD)
    assert (shown["value"], shown["words"], shown["note"]) == (
        "generative",
        "Generative AI",
        "A transformer",
    )
    assert (shown["answered_by"], shown["confirmed"], shown["missing"]) == ("olivia", True, False)
    assert Answer.objects.get(key=ORIGIN).answered_by == scenarios.owner()
    assert recorded("assessment.answer") == 1
    seen = {METHOD: shown["stamp"]}
    emptied = said(patch(owner, draft, answers={METHOD: None}, seen=seen))
    assert question(emptied, METHOD)["missing"]


def test_what_somebody_else_answered_is_refused_with_both_texts_and_nothing_is_kept(
    owner: Caller, model: RegisteredModel
) -> None:
    draft = started(model)
    seen = {METHOD: question(said(owner.get(at(draft))), METHOD)["stamp"]}
    say(draft, scenarios.developer(), method_type="machine_learning")
    mine = {METHOD: "generative", ORIGIN: "internal"}

    problem = refusal(patch(owner, draft, answers=mine, seen=seen), 409)

    assert problem["code"] == "none_kept"
    assert "Dev Developer answered one question while you did" in problem["detail"]
    assert "nothing you sent is kept" in problem["detail"]
    [conflict] = problem["conflicts"]
    assert (conflict["question"], conflict["by"]) == (METHOD, "Dev Developer")
    assert (conflict["theirs"]["value"], conflict["yours"]["value"]) == (
        "machine_learning",
        "generative",
    )
    assert not Answer.objects.filter(key=ORIGIN).exists()
    after = said(patch(owner, draft, answers=mine, seen={METHOD: conflict["theirs"]["stamp"]}))
    assert question(after, METHOD)["value"] == "generative"


def test_an_answer_is_not_replaced_by_who_never_saw_it(
    owner: Caller, model: RegisteredModel
) -> None:
    draft = started(model)
    say(draft, method_type="machine_learning")

    for answer in ("generative", None):
        refusal(patch(owner, draft, answers={METHOD: answer}), 409)
    said(patch(owner, draft, answers={METHOD: "machine_learning"}))

    assert Answer.objects.get(key=METHOD).value == "machine_learning"


def test_a_change_waits_for_what_was_last_seen(owner: Caller, model: RegisteredModel) -> None:
    draft = started(model)
    tag = owner.get(at(draft)).headers["ETag"]
    say(draft, scenarios.developer(), model_origin="internal")

    assert patch(owner, draft, tag, answers={METHOD: "generative"}).status_code == 412
    tag = owner.get(at(draft)).headers["ETag"]
    said(patch(owner, draft, tag, answers={METHOD: "generative"}))


@pytest.mark.parametrize(
    ("body", "place", "words"),
    [
        ({"answers": {METHOD: "poem", ORIGIN: "internal"}}, METHOD, "has no option"),
        ({"answers": {"poem": "x"}}, "poem", "no question"),
        ({"answers": {"jurisdictions": "uk_pra"}}, "jurisdictions", "list"),
        ({"notes": {METHOD: "\x07"}}, METHOD, "cannot be shown"),
        ({"answers": {"p" * 300: "x"}}, "p" * 200, "no question"),
    ],
)
def test_what_a_question_does_not_take_is_refused_where_it_stands(
    owner: Caller, model: RegisteredModel, body: dict[str, Any], place: str, words: str
) -> None:
    draft = started(model)

    [fault] = refusal(patch(owner, draft, **body), 400)["faults"]

    assert fault["place"] == place
    assert words in fault["says"]
    assert not Answer.objects.exists()


def test_a_whole_file_is_taken_over_or_nothing_of_it(owner: Caller, model: RegisteredModel) -> None:
    draft = started(model)
    say(draft, method_type="generative")
    told = example(LIGHT)

    for text, words in (
        ("just words", "A set of answers names its questionnaire"),
        ("a: [", "line 1"),
        (as_text(told, questionnaire="poem"), "It is for 'poem'"),
        (as_text(told, answers=told["answers"] | {METHOD: "poem"}), "has no option"),
    ):
        assert words in refusal(owner.post(at(draft, "/import"), {"text": text}), 400)["detail"]
    assert Answer.objects.count() == 1
    after = said(owner.post(at(draft, "/import"), {"text": as_text(told)}))

    assert (after["missing"], after["not_ready"]) == ([], "")
    assert question(after, METHOD)["value"] == told["answers"][METHOD]
    assert recorded("assessment.import_answers") == 1


def test_evidence_is_attached_and_taken_off(owner: Caller, model: RegisteredModel) -> None:
    draft, memo = started(model), item(model)
    foreign = item(scenarios.registered_model("other"))

    attached = said(
        owner.post(at(draft, "/evidence"), {"question": METHOD, "evidence": memo.pk}), 201
    )

    assert (attached["evidence"], attached["attached_by"]) == (memo.pk, "olivia")
    assert question(said(owner.get(at(draft))), METHOD)["evidence"] == [attached]
    for body, status in (
        ({"question": METHOD, "evidence": memo.pk}, 409),
        ({"question": "poem", "evidence": memo.pk}, 400),
        ({"question": METHOD, "evidence": foreign.pk}, 400),
        ({"question": METHOD, "evidence": 2**70}, 400),
    ):
        refusal(owner.post(at(draft, "/evidence"), body), status)
    number = f"/evidence/{attached['number']}"
    other = started(scenarios.registered_model("another"))
    refusal(owner.send("DELETE", at(other, number)), 404)
    refusal(owner.send("DELETE", at(draft, f"/evidence/{2**70}")), 404)
    said(owner.send("DELETE", at(draft, number)), 204)
    refusal(owner.send("DELETE", at(draft, number)), 409)
    assert AnswerEvidence.objects.get().removed_at is not None
    assert question(said(owner.get(at(draft))), METHOD)["evidence"] == []


def test_a_draft_goes_on_with_the_newer_version_it_names(
    owner: Caller, model: RegisteredModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = started(model)
    assert said(owner.get(at(draft)))["newer"] is None
    refusal(owner.post(at(draft, "/move"), {"digest": "sha256:0"}), 409)
    newer = _newer(shipped(TIERING))
    monkeypatch.setattr(
        offered, "shipped", lambda name: newer if name == TIERING else shipped(name)
    )

    named = said(owner.get(at(draft)))["newer"]
    refusal(owner.post(at(draft, "/move"), {"digest": "sha256:0"}), 409)
    after = said(owner.post(at(draft, "/move"), {"digest": named}))

    assert (named, after["questionnaire_version"]) == (newer.digest, newer.version)
    assert (after["questionnaire_digest"], after["newer"]) == (newer.digest, None)


def _newer(asked: Questionnaire) -> Questionnaire:
    return parse(asked.text.replace(f"version: {asked.version}", "version: 99.0.0", 1))


# -- handed in and reviewed


def test_it_is_submitted_once_nothing_is_left_and_taken_back(
    owner: Caller, model: RegisteredModel
) -> None:
    draft = started(model)
    problem = refusal(owner.post(at(draft, "/submit")), 409)
    assert problem["code"] == "not_ready"
    assert METHOD in {one["place"] for one in problem["faults"]}
    said(owner.post(at(draft, "/import"), {"text": as_text(example(LIGHT))}))

    waiting = said(owner.post(at(draft, "/submit")))

    assert (waiting["state"], waiting["submission"]) == ("submitted", 1)
    assert (waiting["submitted_by"], waiting["not_ready"]) == ("olivia", "")
    refusal(patch(owner, draft, answers={ORIGIN: "internal"}), 409)
    refusal(owner.post(at(draft, "/submit")), 409)
    back = said(owner.post(at(draft, "/take-back"), REASON))
    assert (back["state"], back["submitted_at"]) == ("draft", None)
    refusal(owner.post(at(draft, "/take-back"), REASON), 409)
    said(owner.post(at(draft, "/submit")))
    given_up = said(owner.post(at(draft, "/withdraw"), REASON))
    assert (given_up["state"], given_up["status"]) == ("dropped", "dropped")
    refusal(owner.post(at(draft, "/withdraw"), REASON), 409)
    refusal(owner.post(at(draft, "/withdraw"), {"reason": " "}), 409)


def test_who_signed_and_who_is_to_sign_is_shown(owner: Caller, model: RegisteredModel) -> None:
    waiting = submitted(model)
    roles = [one["role"] for one in said(owner.get(at(waiting)))["reviews"]]
    sign(waiting, reviewer(roles[0]), roles[0])
    sign(waiting, reviewer(roles[1]), roles[1], SEND_BACK)

    told = said(owner.get(at(waiting)))

    assert told["state"] == "draft"
    assert [one["decision"] for one in told["reviews"]][:2] == ["approve", "send_back"]
    assert told["reviews"][0]["signer"] == f"Rev {roles[0]}"
    assert told["reviews"][0]["digest"].startswith("sha256:")


def test_the_outcome_is_provisional_until_it_is_approved(
    owner: Caller, model: RegisteredModel
) -> None:
    draft = started(model)
    none = said(owner.get(at(draft, "/outcome")))
    assert (none["provisional"], none["outcome"], none["last"]) == (True, None, None)
    assert none["missing"][:1] == [METHOD]
    said(owner.post(at(draft, "/import"), {"text": as_text(example(LIGHT))}))

    would = said(owner.get(at(draft, "/outcome")))

    assert (would["provisional"], would["missing"]) == (True, [])
    assert would["outcome"]["id"] == example(LIGHT)["expect"]["outcome"]
    assert would["outcome"]["rule"]
    assert would["because"][0].keys() == {"what", "value"}
    assert "model.tier" in {one["field"] for one in would["sets"]}


def test_the_outcome_says_what_is_otherwise_than_in_the_last(
    owner: Caller, model: RegisteredModel
) -> None:
    before = approved(model)
    told = said(owner.get(at(before, "/outcome")))
    assert (told["provisional"], told["outcome"]["id"]) == (False, before.outcome)
    assert {one["id"] for one in told["obligations"]} == {
        one["id"] for one in before.result["obligations"]
    }
    later = answered(model)
    key = METHOD
    seen = question(said(owner.get(at(later))), key)
    said(patch(owner, later, answers={key: "machine_learning"}, seen={key: seen["stamp"]}))

    last = said(owner.get(at(later, "/outcome")))["last"]

    assert (last["number"], last["outcome"]) == (before.pk, before.outcome)
    [changed] = last["changes"]
    assert changed["before"] == seen["words"]
    assert changed["after"] == "Machine learning, not generative"
    assert said(owner.get(at(before, "/outcome")))["last"] is None


def test_the_export_is_recorded(owner: Caller, model: RegisteredModel) -> None:
    held = approved(model)

    told = json.loads(content_of(owner.get(at(held, "/export"))))

    assert (told["model"], told["outcome"]) == ("tumor-triage", held.outcome)
    assert told["result_digest"] == said(owner.get(at(held, "/outcome")))["digest"]
    assert recorded("assessment.export") == 1


# -- who may not


def test_who_may_not_see_the_model_finds_no_assessment(
    model: RegisteredModel, caller: Caller
) -> None:
    draft = started(model)
    program = Caller(token_of(scenarios.stranger()))

    assert said(program.get("/assessments")) == {"assessments": [], "next": None}
    for path in (at(draft), at(draft, "/outcome"), "/assessments/999999", f"/assessments/{2**70}"):
        refusal(program.get(path), 404)
    refusal(patch(program, draft, answers={}), 404)
    narrow = Caller(token_of(scenarios.developer(), Scope.ASSESS))
    refusal(narrow.get(at(draft)), 404)
    refusal(narrow.post(at(draft, "/submit")), 404)


@pytest.mark.parametrize("who", [scenarios.auditor, scenarios.operator, scenarios.validator])
def test_only_respondents_answer(who: Any, model: RegisteredModel) -> None:
    draft = started(model)
    reader: User = who()
    program = Caller(token_of(reader))

    said(program.get(at(draft)))
    refusal(patch(program, draft, answers={METHOD: "generative"}), 403)
    refusal(program.post("/models/tumor-triage/assessments", {"questionnaire": NIST}), 403)
    refusal(program.post(at(draft, "/withdraw"), REASON), 403)
    assert not Answer.objects.exists()


def test_a_program_nobody_answers_for_answers_nothing(model: RegisteredModel) -> None:
    robot = person("robot", service=True, everywhere=("model_developer",))
    program = Caller(token_of(robot))

    problem = refusal(patch(program, started(model), answers={METHOD: "generative"}), 409)

    assert "Nobody answers for the service account" in problem["detail"]


def test_what_a_program_answered_keeps_its_owner_from_reviewing(model: RegisteredModel) -> None:
    role = "risk_officer"
    both = person("bo", everywhere=("model_developer", role))
    draft = answered(model)
    key = question(said(Caller(token_of(both)).get(at(draft))), ORIGIN)
    body = {"notes": {ORIGIN: "As agreed"}, "seen": {ORIGIN: key["stamp"]}}
    said(Caller(token_of(both)).send("PATCH", at(draft), json.dumps(body).encode()))
    said(Caller(token_of(scenarios.owner())).post(at(draft, "/submit")))
    draft.refresh_from_db()

    with pytest.raises(Exception, match="You answered part of this assessment"):
        sign(draft, both, role)


def test_a_start_sent_again_with_its_key_is_done_once(
    owner: Caller, model: RegisteredModel
) -> None:
    body = json.dumps({"questionnaire": TIERING}).encode()
    key = {"Idempotency-Key": "tiering 2027"}
    path = "/models/tumor-triage/assessments"

    first = said(owner.send("POST", path, body, headers=key), 201)

    assert said(owner.send("POST", path, body, headers=key), 201) == first
    assert Assessment.objects.count() == 1


def test_nothing_is_assessed_of_a_version_that_was_deleted(
    owner: Caller, model: RegisteredModel
) -> None:
    version = scenarios.registered_version(model)
    approvals.delete_version(version, by=actor(scenarios.owner()), reason="Never used")

    body = {"questionnaire": TIERING, "version": version.number}
    refusal(owner.post("/models/tumor-triage/assessments", body), 400)
