"""Pages of questionnaires: read by everybody, drafts by those who write, sign and audit them."""

import html
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.risk.models import QuestionnaireSignOff, QuestionnaireVersion
from apps.risk.operations import questionnaires as operations
from apps.risk.pages.conditions import in_words
from apps.risk.questionnaire_forms import ANSWER
from apps.risk.questionnaire_standing import text_digest
from apps.risk.questionnaires import SHIPPED, parsed, shipped
from tests import scenarios
from tests.console.conftest import Answer, Reads
from tests.factories import PASSWORD, actor, person, signed_in
from tests.risk.questionnaire_texts import SMALL, changed
from tests.risk.questionnaire_walk import (
    COMMITTEE,
    OFFICER,
    WHY,
    chair,
    drafted,
    fresh,
    proposed,
    published,
    rewritten,
    signed_by_both,
    writer,
)

pytestmark = pytest.mark.django_db
State = QuestionnaireVersion.State
LIST = "/questionnaires/"
BEGIN = "/questionnaires/draft/"
ALL_OF_IT = {
    "reach": "high",
    "uses": ["hiring"],
    "reason": "It is used everywhere.",
    "grade": "4",
    "agreed": "yes",
}


def url(name: str, version: QuestionnaireVersion) -> str:
    return reverse(f"risk:{name}", args=[version.pk])


def numbered(number: str, *pairs: tuple[str, str]) -> str:
    return changed(("version: 1.0.0", f"version: {number}"), *pairs)


def hidden(page: Answer, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page.source)
    assert found is not None
    return html.unescape(found[1])


# -- who sees what


def test_the_list_shows_what_is_asked_and_says_what_to_do_first(opens: Reads) -> None:
    page = opens(scenarios.stranger(), LIST)

    for name in SHIPPED:
        assert shipped(name).title in page.words
        assert page.has_link(f"/questionnaires/shipped/{name}/")
    assert "No version was used yet" in page.words
    assert "Write a questionnaire" not in page.words
    page = opens(writer(), LIST)
    assert "Begin with a copy of a questionnaire" in page.words
    assert page.has_link(BEGIN)


def test_everybody_reads_what_is_asked_and_drafts_are_not_for_everybody(opens: Reads) -> None:
    old = published()
    new = published(numbered("2.0.0", ("weight: 2", "weight: 3")))
    draft = drafted(numbered("3.0.0"))
    readers = {
        scenarios.stranger(): False,
        scenarios.owner(): False,
        scenarios.auditor(): True,
        chair(): True,
        writer(): True,
    }
    for reader, sees_drafts in readers.items():
        listed = opens(reader, LIST)
        assert "House check 2.0.0" in listed.words
        assert ("House check 3.0.0" in listed.words) is sees_drafts
        assert "Replaced" in opens(reader, old.get_absolute_url()).words
        assert "In use" in opens(reader, new.get_absolute_url()).words
        for name in (
            "questionnaire",
            "questionnaire_text",
            "compare_questionnaire",
            "preview_questionnaire",
        ):
            assert opens(reader, url(name, draft)).status == (200 if sees_drafts else 404), name


def test_what_is_shipped_reads_from_top_to_bottom(opens: Reads) -> None:
    for name in SHIPPED:
        page = opens(scenarios.stranger(), f"/questionnaires/shipped/{name}/")
        read = shipped(name)
        assert page.status == 200
        for question in read.questions:
            assert html.escape(question.text) in page.source
        for words in (read.sources[0].title, read.outcomes[0].label, read.obligations[0].title):
            assert html.escape(words) in page.source
        assert read.disclaimer.split(".")[0] in page.words
    assert opens(scenarios.stranger(), "/questionnaires/shipped/absent/").status == 404
    assert opens(scenarios.stranger(), "/questionnaires/shipped/absent/preview/").status == 404


def test_a_questionnaire_says_its_conditions_in_words_and_as_written(opens: Reads) -> None:
    page = opens(writer(), drafted().get_absolute_url())

    assert "Asked when “How far does it reach” is “High”." in page.words
    assert "answers.reach == 'high'" in page.words
    assert "When “Used in hiring” is flagged." in page.words
    assert "Low (1 point)" in page.words
    assert "Document: Model card" in page.words
    assert "Binds from" in page.words


def test_conditions_are_said_in_words_as_far_as_there_are_any() -> None:
    small = parsed(SMALL)
    said = {
        "answers.reach in ['low', 'high']": "“How far does it reach” is “Low” or “High”",
        "!(answers.reach == 'high') && subject.is_ai == true": (
            "not (“How far does it reach” is “High”) and it is an AI system"
        ),
        "'hiring' in answers.uses || answers.agreed != true": (
            "“What is it used for” includes “Hiring” or “Has the owner agreed” is not yes"
        ),
        "outcome == 'closer'": "the outcome is “Look closer”",
        "vars.wide && answers.reach == 'high'": "",
        "answers.uses.exists(u, u != 'nothing')": (
            "“What is it used for” includes anything but “Nothing”"
        ),
        "answers.uses.exists(u, u in ['credit', 'hiring'])": (
            "“What is it used for” includes “Credit” or “Hiring”"
        ),
        "size(answers.uses) > 1": "",
    }
    assert {source: in_words(small, source) for source in said} == said


def test_the_text_is_given_as_it_was_written(client: Client) -> None:
    answer = signed_in(client, writer()).get(url("questionnaire_text", drafted()))

    assert answer.content.decode() == SMALL
    assert "house-check-1.0.0.yaml" in answer["Content-Disposition"]


def test_the_list_asks_as_much_of_the_database_for_many_as_for_two(client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(LIST).status_code == 200
        return len(asked)

    signed_in(client, writer())
    drafted(), drafted(numbered("1.0.1"))
    client.get(LIST)
    few = queries()
    for number in range(18):
        drafted(numbered(f"2.0.{number}"))
    assert queries() == few


# -- writing


def test_a_draft_begins_with_a_copy_a_text_or_a_file(opens: Reads) -> None:
    sent = {"start": f"shipped:{SHIPPED[0]}", "own_id": "our-tiering", "reason": WHY}
    assert opens(writer(), BEGIN, sent).status == 302
    assert opens(writer(), BEGIN, {"start": "text", "text": SMALL, "reason": WHY}).status == 302
    file = SimpleUploadedFile("own.yaml", numbered("1.0.1").encode())
    assert opens(writer(), BEGIN, {"start": "text", "file": file, "reason": WHY}).status == 302
    version = drafted()
    assert opens(writer(), BEGIN, {"start": str(version.pk), "reason": WHY}).status == 302

    written = QuestionnaireVersion.objects.order_by("pk").values_list("questionnaire_id", "number")
    assert list(written)[:3] == [
        ("our-tiering", "1.0.0"),
        ("house-check", "1.0.0"),
        ("house-check", "1.0.1"),
    ]


def test_what_cannot_begin_a_draft_is_said_and_nothing_typed_is_lost(opens: Reads) -> None:
    for sent, words in (
        ({"start": "text"}, "Choose a file, or paste a text."),
        ({"start": "text", "text": "title: <b>"}, "&#x27;sections&#x27; is missing"),
        ({"start": f"shipped:{SHIPPED[0]}"}, "Give the copy an id of its own"),
        ({"start": f"shipped:{SHIPPED[0]}", "own_id": SHIPPED[0]}, "an id of its own"),
        ({"start": "shipped:absent", "own_id": "ours"}, "No questionnaire of this name"),
    ):
        page = opens(writer(), BEGIN, {"reason": "Kept reason", **sent})
        assert page.status == 422, sent
        assert words in page.source, sent
        assert "Kept reason" in page.source
    broken = SimpleUploadedFile("own.yaml", b"title: Kept text of a file")
    page = opens(writer(), BEGIN, {"start": "text", "file": broken, "reason": WHY})
    assert (page.status, "Kept text of a file" in page.source) == (422, True)
    page = opens(
        writer(),
        BEGIN,
        {"start": "text", "file": SimpleUploadedFile("a.yaml", b"\xff\xfe"), "reason": WHY},
    )
    assert "This is not text in UTF-8." in page.words
    assert opens(writer(), BEGIN, {"start": "999999", "reason": WHY}).status == 404
    refused = opens(chair(), BEGIN)
    assert "Only a risk or compliance officer of the whole organization" in refused.words
    assert opens(chair(), BEGIN, {"start": "text", "text": SMALL, "reason": WHY}).status == 422


@pytest.mark.parametrize("text", ["", "a: [", "- 1", "\x00", "kind: questionnaire", "&a [*a]"])
def test_whatever_is_typed_is_refused_in_words(opens: Reads, text: str) -> None:
    draft = drafted()
    sent = {"text": text, "edited": text_digest(draft.text)}

    assert opens(writer(), url("edit_questionnaire", draft), sent).status == 422
    assert fresh(draft).text == SMALL


def test_a_draft_that_somebody_changed_meanwhile_is_shown_beside_what_was_typed(
    opens: Reads,
) -> None:
    draft = drafted()
    opened = text_digest(draft.text)
    rewritten(draft, numbered("1.0.8"), by=scenarios.risk_officer())

    sent = {"text": numbered("1.0.9"), "edited": opened}
    page = opens(writer(), url("edit_questionnaire", draft), sent)

    assert page.status == 422
    assert "Somebody changed this draft since you opened it" in page.words
    assert "What somebody else saved" in page.words
    assert fresh(draft).number == "1.0.8"
    again = sent | {"edited": hidden(page, "edited")}
    assert opens(writer(), url("edit_questionnaire", draft), again).status == 302
    assert fresh(draft).number == "1.0.9"


def test_only_a_draft_is_edited_and_only_by_those_who_write(opens: Reads) -> None:
    draft = drafted()

    assert opens(writer(), url("edit_questionnaire", draft)).status == 200
    assert opens(chair(), url("edit_questionnaire", draft)).status == 404
    assert opens(writer(), url("edit_questionnaire", published())).status == 404


def test_a_draft_is_proposed_and_dropped_with_a_reason(opens: Reads) -> None:
    draft, other = drafted(), drafted(changed(("[model_owner]", "[modal_owner]")))

    empty = opens(writer(), url("propose_questionnaire", draft), {"reason": ""})
    assert (empty.status, "Give a reason." in empty.words) == (422, True)
    refused = opens(writer(), url("propose_questionnaire", other), {"reason": "So be it"})
    assert refused.status == 422
    assert "the policy has no role 'modal_owner'" in refused.words
    assert "So be it" in refused.source
    assert opens(writer(), url("propose_questionnaire", draft), {"reason": WHY}).status == 302
    assert fresh(draft).state == State.PROPOSED
    assert opens(writer(), url("drop_questionnaire", other), {"reason": WHY}).status == 302
    assert fresh(other).state == State.DROPPED


def test_a_comparison_says_what_differs_by_how_much_it_takes(opens: Reads) -> None:
    first = published()
    page = opens(writer(), url("compare_questionnaire", first))
    assert "There is no version before it" in page.words

    pairs = (
        ("weight: 2", "weight: 3"),
        ("How far does it reach?", "How far is its reach?"),
        ('label: "Credit"', 'label: "Lending"'),
    )
    page = opens(writer(), url("compare_questionnaire", drafted(numbered("2.0.0", *pairs))))
    assert "held against House check 1.0.0" in page.words
    assert "The weight was: 2. It is now: 3." in page.words
    assert page.words.index("Another meaning") < page.words.index("Wording")
    assert "The label was: Credit. It is now: Lending." in page.words
    page = opens(writer(), url("compare_questionnaire", drafted(numbered("2.0.1"))))
    assert "Nothing differs" in page.words


# -- trying


def tried(opens: Reads, version: QuestionnaireVersion, **answers: object) -> Answer:
    sent: dict[str, Any] = {"s-is_ai": "on", "s-tier": "1"}
    sent |= {f"{ANSWER}{key}": value for key, value in answers.items()}
    return opens(writer(), url("preview_questionnaire", version), sent)


def test_a_preview_asks_what_follows_and_saves_nothing(opens: Reads) -> None:
    draft = drafted()
    events = AuditEvent.objects.filter(chain_root=draft.record_ref).count()

    page = opens(writer(), url("preview_questionnaire", draft))
    assert "Nothing is saved" in page.words
    assert "Why does it reach so far?" not in page.words
    page = tried(opens, draft, reach="high")
    assert page.status == 200
    assert "Why does it reach so far?" in page.words
    assert "1 of 5 required answers given" in page.source
    assert "Look closer" not in page.source
    assert AuditEvent.objects.filter(chain_root=draft.record_ref).count() == events


def test_a_preview_shows_the_result_marked_as_one(opens: Reads) -> None:
    page = tried(opens, drafted(), **ALL_OF_IT)

    for words in ("Preview of the result", "Not saved", "Look closer", "Used in hiring"):
        assert words in page.source
    assert "Write it down" in page.source
    assert "model.tier" in page.source


def test_a_preview_keeps_what_was_answered_and_refused(opens: Reads) -> None:
    page = tried(opens, drafted(), reach="high", people="many", reason="Kept answer")

    assert page.status == 422
    assert "takes a number, not" in page.words
    assert "Kept answer" in page.source


def test_a_preview_of_what_does_not_apply_says_so(opens: Reads) -> None:
    page = opens(writer(), url("preview_questionnaire", drafted()), {"s-tier": "1"})

    assert "It is not asked about such a subject." in page.source


@pytest.mark.parametrize("name", SHIPPED)
def test_everybody_tries_what_is_shipped(opens: Reads, name: str) -> None:
    page = opens(scenarios.stranger(), f"/questionnaires/shipped/{name}/preview/")

    assert page.status == 200
    assert "Incomplete" in page.source


# -- signing and publishing


def sign_on_page(opens: Reads, who: User, version: QuestionnaireVersion, **other: Any) -> Answer:
    page = opens(who, version.get_absolute_url())
    sent = {
        "ticket": hidden(page, "ticket"),
        "role": COMMITTEE if who == chair() else OFFICER,
        "reason": WHY,
        "password": PASSWORD,
    }
    return opens(who, url("sign_questionnaire", version), sent | other)


def test_a_questionnaire_is_signed_and_published_on_its_page(opens: Reads) -> None:
    version, rita = proposed(), scenarios.risk_officer()
    assert (
        "It is the first version of this questionnaire"
        in opens(rita, version.get_absolute_url()).words
    )
    closed = opens(writer(), url("publish_questionnaire", version), {"reason": WHY})
    assert (closed.status, "It still needs the signature of" in closed.words) == (422, True)

    assert sign_on_page(opens, rita, version).status == 302
    assert sign_on_page(opens, chair(), version).status == 302
    assert QuestionnaireSignOff.objects.count() == 2
    assert "Rita Risk approved" in opens(writer(), version.get_absolute_url()).source
    assert opens(writer(), url("publish_questionnaire", version), {"reason": WHY}).status == 302
    assert fresh(version).state == State.PUBLISHED
    retired = opens(chair(), url("retire_questionnaire", version), {"reason": WHY})
    assert (retired.status, fresh(version).state) == (302, State.RETIRED)


def test_a_wrong_password_signs_nothing_and_keeps_what_was_typed(opens: Reads) -> None:
    page = sign_on_page(
        opens, scenarios.risk_officer(), proposed(), password="wrong", reason="My words"
    )

    assert page.status == 422
    assert "My words" in page.source
    assert not QuestionnaireSignOff.objects.exists()


def test_who_may_not_sign_is_told_why(opens: Reads) -> None:
    draft = drafted()
    rewritten(draft, numbered("1.0.1"), by=scenarios.risk_officer())
    version = operations.propose_questionnaire(draft, by=actor(writer()), reason=WHY)

    page = opens(scenarios.risk_officer(), version.get_absolute_url())
    assert "Nobody who wrote the questionnaire signs it." in page.source
    assert 'name="ticket"' not in page.source
    assert 'name="ticket"' not in opens(writer(), version.get_absolute_url()).source


def test_a_proposed_questionnaire_is_sent_back_with_a_reason(opens: Reads) -> None:
    version = signed_by_both(proposed())
    empty = opens(chair(), url("decline_questionnaire", version), {"reason": ""})
    assert empty.status == 422

    assert opens(chair(), url("decline_questionnaire", version), {"reason": WHY}).status == 302
    assert fresh(version).state == State.DROPPED
    assert QuestionnaireVersion.objects.get(based_on=version).state == State.DRAFT


def test_a_passkey_is_asked_only_for_what_could_be_signed(opens: Reads) -> None:
    version = proposed()
    ask = url("ask_questionnaire_passkey", version)

    assert opens(scenarios.risk_officer(), ask, {}).status == 422
    sent = {"ticket": "forged", "role": OFFICER}
    assert opens(scenarios.risk_officer(), ask, sent).status == 422


def test_the_admin_shows_versions_and_signatures(client: Client) -> None:
    version = signed_by_both(proposed())
    signed_in(client, person("adam", administrator=True))
    for name in ("questionnaireversion", "questionnairesignoff"):
        assert client.get(reverse(f"admin:risk_{name}_changelist")).status_code == 200
    path = reverse("admin:risk_questionnaireversion_change", args=[version.pk])
    assert client.get(path).status_code == 200
