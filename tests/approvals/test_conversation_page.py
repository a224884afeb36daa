"""The talk on the page of a request: said by section, answered, settled; plain text, no scripts."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.approvals import operations
from apps.approvals.models import Comment, PromotionRequest
from tests import scenarios
from tests.approvals.deciding import said
from tests.approvals.test_promotion_page import queries_of, sheet, shown
from tests.console.conftest import Reads
from tests.factories import actor, person

pytestmark = pytest.mark.django_db

TYPED = "Kept <b>as typed</b>"


@pytest.fixture
def request_(db: None) -> PromotionRequest:
    return scenarios.requested(version=scenarios.registered_version())


def say_url(request: PromotionRequest) -> str:
    return reverse("approvals:comment", args=[request.pk])


def test_a_talk_begins_with_what_to_do_first_and_each_section_leads_to_it(
    opens: Reads, request_: PromotionRequest
) -> None:
    page = shown(opens, request_, scenarios.validator())

    assert "Nothing was said yet" in sheet(page, "Conversation")
    assert page.has_link("?about=gate#say")
    about = opens(scenarios.validator(), f"{request_.get_absolute_url()}?about=gate")
    assert '<option value="gate" selected>' in about.source
    forged = opens(scenarios.validator(), f"{request_.get_absolute_url()}?about=nonsense")
    assert "selected" not in forged.source.partition('id="say"')[2].partition("</select>")[0] or (
        '<option value="whole" selected>' in forged.source
    )


def test_what_is_said_stands_under_its_section_with_names_and_links_and_no_markup(
    opens: Reads, request_: PromotionRequest
) -> None:
    vera = scenarios.validator()
    text = "<script>alert(1)</script> @olivia see https://example.org/slices?a=1&b=2 and @nobody"

    answer = opens(vera, say_url(request_), {"say-section": "checks", "say-text": text})

    written = Comment.objects.get()
    there = f"{request_.get_absolute_url()}#comment-{written.pk}"
    assert answer.response.headers["Location"] == there
    page = shown(opens, request_, scenarios.developer())
    part = page.source.partition("Conversation</h2>")[2]
    assert "&lt;script&gt;alert(1)&lt;/script&gt; @Olivia Owner see" in part
    assert 'href="https://example.org/slices?a=1&amp;b=2"' in part
    assert "and @nobody" in part
    assert "Vera Validator" in part
    assert page.has_link("#checks")
    assert page.has_link("#talk-checks")
    assert 'id="talk-checks"' in part
    assert "1 comment" in sheet(page, "Checks")
    assert "1 open" in sheet(page, "Conversation")


def test_a_refused_comment_or_reply_keeps_what_was_typed(
    opens: Reads, request_: PromotionRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    vera, first = scenarios.validator(), said(request_, scenarios.developer(), "First")
    reply, text = reverse("approvals:reply", args=[first.pk]), f"reply-{first.pk}-text"
    for path, sent in (
        (say_url(request_), {"say-section": "gate", "say-text": " "}),
        (reply, {text: ""}),
    ):
        empty = opens(vera, path, sent)
        assert (empty.status, "Write something." in empty.words) == (422, True), path
    monkeypatch.setattr("apps.approvals.operations.conversation.MOST_COMMENTS", 1)

    comment = opens(vera, say_url(request_), {"say-section": "gate", "say-text": TYPED})
    answer = opens(vera, reply, {text: TYPED})

    for page in (comment, answer):
        assert page.status == 422
        assert "A request holds at most 1 comments." in page.words
        assert TYPED in page.words
    assert '<option value="gate" selected>' in comment.source
    assert '<details class="disclosure" open>' in answer.source
    assert "There is no such section" not in comment.words
    assert Comment.objects.count() == 1


def test_answers_stand_under_what_they_answer_however_deep(
    opens: Reads, request_: PromotionRequest
) -> None:
    first = said(request_, scenarios.validator(), "Why this dataset?", section="checks")
    said(request_, scenarios.auditor(), "And another thing", section="changes")
    deeper = said(request_, scenarios.developer(), "Because it is new", answers=first)
    path = reverse("approvals:reply", args=[deeper.pk])

    opens(scenarios.validator(), path, {f"reply-{deeper.pk}-text": "I see"})

    talk = sheet(shown(opens, request_, scenarios.auditor()), "Conversation")
    order = ["And another thing", "Why this dataset?", "Because it is new", "I see"]
    assert [talk.index(text) for text in order] == sorted(map(talk.index, order))


def test_who_wrote_it_or_asked_for_the_promotion_settles_it_and_nobody_else(
    opens: Reads, client: Client, request_: PromotionRequest
) -> None:
    first = said(request_, scenarios.validator(), "Why this dataset?")
    path = reverse("approvals:resolve_comment", args=[first.pk])
    offered = {
        reader.username: path in shown(opens, request_, reader).source
        for reader in (scenarios.validator(), scenarios.developer(), scenarios.auditor())
    }
    assert offered == {"vera": True, "dev": True, "audrey": False}
    refused = opens(scenarios.auditor(), path, {})
    assert refused.status == 422
    assert "Who wrote it, or who asked for the promotion, marks it as resolved." in refused.words

    opens(scenarios.developer(), path, {})

    page = shown(opens, request_, scenarios.auditor())
    talk = sheet(page, "Conversation")
    assert "1 resolved Why this dataset?" in talk.replace("Vera Validator The whole request ", "")
    assert "Marked as resolved by Dev Developer" in talk
    assert "Reply" not in talk
    again = opens(scenarios.developer(), path, {})
    assert "It is marked as resolved already." in again.words


def test_a_decided_request_is_still_talked_about(opens: Reads) -> None:
    request = scenarios.requested(version=scenarios.registered_version())
    operations.withdraw_request(request, by=actor(scenarios.developer()), reason="Too early")

    answer = opens(
        scenarios.validator(), say_url(request), {"say-section": "whole", "say-text": "A pity"}
    )

    assert answer.status == 302
    assert "A pity" in sheet(shown(opens, request, scenarios.auditor()), "Conversation")


def test_strangers_find_nothing_to_talk_about(opens: Reads, request_: PromotionRequest) -> None:
    first, sam = said(request_, scenarios.validator(), "Why?"), scenarios.stranger()

    for name, pk in (("comment", request_.pk), ("reply", first.pk), ("resolve_comment", first.pk)):
        assert opens(sam, reverse(f"approvals:{name}", args=[pk]), {"x": "y"}).status == 404, name
    assert Comment.objects.count() == 1


def test_the_page_asks_as_often_for_twenty_comments_as_for_two() -> None:
    requests = [scenarios.requested(version=scenarios.registered_version()) for _ in range(2)]
    for request, count in zip(requests, (2, 20), strict=True):
        for number in range(count):
            name = f"talker{request.pk}x{number}"
            author = person(name, everywhere=("auditor",))
            first = said(request, author, f"Number {number} for @{name}")
            if number % 2:
                operations.resolve_comment(first, by=actor(author))

    few, many = (queries_of(request, scenarios.auditor()) for request in requests)

    assert many == few
