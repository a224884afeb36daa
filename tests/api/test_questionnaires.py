"""Questionnaires at the API: read whole, compared in words, uploaded as drafts, never signed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.scopes import Scope
from apps.audit.models import AuditEvent
from apps.risk.models import QuestionnaireVersion
from apps.risk.questionnaires import SHIPPED, shipped
from tests import scenarios
from tests.api.caller import Caller, content_of, refusal, said, token_of
from tests.factories import person
from tests.risk.assessed import TIERING, started
from tests.risk.questionnaire_texts import SMALL
from tests.risk.questionnaire_walk import WHY, drafted, published, writer

pytestmark = pytest.mark.django_db

HOUSE = "/questionnaires/house-check"
NEXT = SMALL.replace("version: 1.0.0", "version: 1.0.1").replace("Choose the wider", "The wider")


@pytest.fixture
def reader(db: None) -> Caller:
    """A program of somebody who may see no model."""
    return Caller(token_of(scenarios.stranger()))


@pytest.fixture
def wilma(db: None) -> Caller:
    """A program of somebody who writes questionnaires."""
    return Caller(token_of(writer()))


def test_what_is_asked_now_is_listed_first_what_comes_with_signet(reader: Caller) -> None:
    published()

    listed = said(reader.get("/questionnaires"))["questionnaires"]

    assert [one["id"] for one in listed] == [*SHIPPED, "house-check"]
    assert (listed[-1]["version"], listed[-1]["about"]) == ("1.0.0", "model")
    assert listed[-1]["answered_by"] == ["model_owner"]


def test_a_questionnaire_says_each_question_with_when_and_by_which_source(reader: Caller) -> None:
    published()

    told = said(reader.get(HOUSE))

    start, more = told["sections"]
    reach, uses, people = start["questions"]
    assert more["visible_when"] == {
        "code": "answers.reach == 'high'",
        "words": more["visible_when"]["words"],
    }
    assert "How far does it reach" in more["visible_when"]["words"]
    assert (reach["type"], reach["scored"], reach["cites"]) == ("choice", True, ["House rule 1"])
    assert [(one["value"], one["score"]) for one in reach["options"]][:2] == [
        ("low", "1"),
        ("high", "3"),
    ]
    assert reach["options"][2]["not_applicable"]
    assert uses["options"][2]["exclusive"]
    assert (people["min"], people["max"], people["step"]) == ("0", "1000", "0.5")
    assert (people["required"], reach["required"]) == (False, True)
    assert told["applies_when"]["code"] == "subject.is_ai == true"
    assert told["outcomes"]


def test_every_shipped_questionnaire_is_told_whole_with_its_text(reader: Caller) -> None:
    for name in SHIPPED:
        told = said(reader.get(f"/questionnaires/{name}"))
        keys = [one["key"] for section in told["sections"] for one in section["questions"]]

        assert keys == list(shipped(name).question_keys)
        assert len(told["obligations"]) == len(shipped(name).obligations)
        answer = reader.get(f"/questionnaires/{name}/text")
        assert content_of(answer).decode() == shipped(name).text
        assert answer.headers["Content-Type"] == "application/yaml; charset=utf-8"
    refusal(reader.get("/questionnaires/poem"), 404)
    refusal(reader.get("/questionnaires/poem/text"), 404)
    refusal(reader.get("/questionnaires/poem/versions"), 404)


def test_versions_are_listed_the_newest_first_and_drafts_only_to_who_writes(
    reader: Caller, wilma: Caller
) -> None:
    first = published()
    second = published(NEXT)
    draft = drafted(SMALL.replace("version: 1.0.0", "version: 2.0.0"))

    def listed(program: Caller) -> list[tuple[int, str]]:
        lines = said(program.get(f"{HOUSE}/versions"))["versions"]
        return [(one["number"], one["state"]) for one in lines]

    asked = [(second.pk, "published"), (first.pk, "replaced")]
    assert listed(reader) == asked
    assert listed(wilma) == [(draft.pk, "draft"), *asked]
    page = said(reader.get(f"{HOUSE}/versions?limit=1"))
    [line] = said(reader.get(f"{HOUSE}/versions?limit=1&page={page['next']}"))["versions"]
    assert line["number"] == first.pk
    for number in (draft.pk, 999_999, 10**30):
        for more in ("", "/text", "/comparison"):
            refusal(reader.get(f"{HOUSE}/versions/{number}{more}"), 404)
    refusal(wilma.get(f"/questionnaires/poem/versions/{draft.pk}"), 404)
    assert said(wilma.get(f"{HOUSE}/versions/{draft.pk}"))["state"] == "draft"


def test_a_version_comes_with_its_text_and_who_signed_it(reader: Caller) -> None:
    version = published()

    told = said(reader.get(f"{HOUSE}/versions/{version.pk}"))

    assert told["says"]["digest"] == told["digest"] == version.digest
    assert [(one["role"], one["signer"]) for one in told["signatures"]] == [
        ("risk_officer", "Rita Risk"),
        ("governance_committee", "Gina Governance"),
    ]
    text = content_of(reader.get(f"{HOUSE}/versions/{version.pk}/text"))
    assert text.decode() == SMALL


def test_what_comes_with_signet_has_a_version_once_it_was_assessed_by(reader: Caller) -> None:
    address = f"/questionnaires/{TIERING}/versions"
    assert said(reader.get(address))["versions"] == []
    started()

    [line] = said(reader.get(address))["versions"]

    assert (line["shipped"], line["author"], line["state"]) == (True, None, "published")


def test_a_draft_is_uploaded_and_compared_in_words_with_the_last(wilma: Caller) -> None:
    first = published()

    draft = said(wilma.post("/questionnaires", {"text": NEXT, "reason": WHY}), 201)

    assert (draft["state"], draft["author"], draft["version"]) == ("draft", "wilma", "1.0.1")
    told = said(wilma.get(f"{HOUSE}/versions/{draft['number']}/comparison"))
    assert told["before"]["number"] == first.pk
    [difference] = told["differences"]
    assert difference["step"] == "patch"
    assert "The wider" in difference["words"]
    assert AuditEvent.objects.filter(action="questionnaire.draft", outcome="done").count() == 2
    nothing = said(wilma.get(f"{HOUSE}/versions/{first.pk}/comparison"))
    assert (nothing["before"], nothing["differences"]) == (None, [])


def test_a_text_that_cannot_be_asked_is_refused_with_all_that_is_wrong(wilma: Caller) -> None:
    wrong = SMALL.replace("type: choice", "type: poem").replace(
        "answers.reach ==", "answers.far =="
    )

    problem = refusal(wilma.post("/questionnaires", {"text": wrong, "reason": WHY}), 400)

    assert problem["code"] == "questionnaire_refused"
    assert problem["faults"]
    assert all(fault["place"] == "text" for fault in problem["faults"])
    for text in ("", "a: [", "just words", shipped(TIERING).text):
        refusal(wilma.post("/questionnaires", {"text": text, "reason": WHY}), 400)
    refusal(wilma.post("/questionnaires", {"text": SMALL, "reason": " "}), 409)
    refusal(wilma.post("/questionnaires", {"text": SMALL}), 400)
    assert not QuestionnaireVersion.objects.exists()


def test_only_a_person_who_writes_questionnaires_uploads_one(db: None) -> None:
    body = {"text": SMALL, "reason": WHY}
    robot = person(
        "robot", service=True, manager=scenarios.owner(), everywhere=("compliance_officer",)
    )

    for program, words in (
        (Caller(token_of(scenarios.owner())), "Only a risk or compliance officer"),
        (Caller(token_of(writer(), Scope.READ)), "Only a risk or compliance officer"),
        (Caller(token_of(robot)), "written by a person"),
    ):
        assert words in refusal(program.post("/questionnaires", body), 403)["detail"]
    assert not QuestionnaireVersion.objects.exists()


def test_what_is_read_costs_the_same_for_two_and_twenty_versions(
    wilma: Caller,
) -> None:
    for number in range(20):
        drafted(SMALL.replace("version: 1.0.0", f"version: 1.0.{number}"))
    said(wilma.get(f"{HOUSE}/versions"))
    costs = set()
    for limit in (2, 20):
        with CaptureQueriesContext(connection) as asked:
            said(wilma.get(f"{HOUSE}/versions?limit={limit}"))
        costs.add(len(asked))
    assert len(costs) == 1
