"""The talk about a request: comments, answers to dissent, and conditions of sign-offs met."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.accounts.scopes import Scope
from apps.approvals import operations
from apps.approvals.models import (
    Comment,
    DissentAnswer,
    PromotionRequest,
    SignOff,
    SignOffCondition,
)
from apps.approvals.operations import conversation
from apps.audit.models import AuditEvent
from apps.core.actors import SYSTEM, WORKER, Actor, Auth, Door
from apps.core.errors import DomainError, NotAllowed, NotFound, RuleBroken
from apps.validation import operations as validation
from apps.validation.models import EvidenceItem
from tests import scenarios
from tests.approvals.deciding import asks_for_changes, said, signed_with_conditions
from tests.approvals.exceptions import in_days, move_clock
from tests.approvals.test_approval_wrong_actors import token_of
from tests.approvals.walk import WHY, break_the_record, entries, refusals
from tests.factories import actor, person

pytestmark = pytest.mark.django_db

Tries = list[tuple[Callable[[], object], str]]


@pytest.fixture
def request_(db: None) -> PromotionRequest:
    return scenarios.requested()


@pytest.fixture
def dissent(request_: PromotionRequest) -> SignOff:
    return asks_for_changes(request_, scenarios.owner(), "model_owner")


@pytest.fixture
def condition(request_: PromotionRequest) -> SignOffCondition:
    """What the owner asks the developer to do within ten days."""
    signed_with_conditions(request_, scenarios.owner(), "model_owner")
    found: SignOffCondition = SignOffCondition.objects.get()
    return found


def answered(signed: SignOff, by: User | Actor, reason: str = WHY) -> DissentAnswer:
    by = actor(by) if isinstance(by, User) else by
    return operations.answer_dissent(signed, by=by, reason=reason)


def met(
    asked: SignOffCondition,
    by: User | Actor | None = None,
    *,
    reason: str = WHY,
    evidence: EvidenceItem | None = None,
) -> None:
    by = by or scenarios.developer()
    by = actor(by) if isinstance(by, User) else by
    operations.meet_condition(asked, by=by, reason=reason, evidence=evidence)


def report(request: PromotionRequest) -> EvidenceItem:
    return validation.add_evidence(
        request.version,
        "red_team_report",
        by=actor(scenarios.developer()),
        title="Report",
        link="https://docs.example/report",
    )


def refused_in_words(tries: Tries, refusal: type[DomainError]) -> None:
    """Try what is refused, each with its words, and see that nothing but refusals is recorded."""
    before = AuditEvent.objects.filter(outcome="done").count()
    for attempt, words in tries:
        with pytest.raises(refusal, match=words):
            attempt()
            pytest.fail(f"not refused: {words}")
    assert AuditEvent.objects.filter(outcome="done").count() == before


def programs() -> dict[str, Actor]:
    """Return those who act without a person at a browser, by what they are."""
    return {
        "the worker": WORKER,
        "the system": SYSTEM,
        "an auditor's token": program_of(scenarios.auditor()),
    }


def program_of(user: User) -> Actor:
    """Return a program with a token of somebody that may do all a token may."""
    return token_of(user, set(Scope))


# -- comments


def test_a_comment_is_one_event_about_it_that_holds_no_words_of_it(
    request_: PromotionRequest,
) -> None:
    written = said(request_, scenarios.validator(), "  Why this dataset?  ", section="checks")

    assert (written.text, written.section) == ("Why this dataset?", "checks")
    assert (written.author, written.answers, written.resolved_at) == (
        scenarios.validator(),
        None,
        None,
    )
    [entry] = entries("request.comment")
    assert entry["subject"] == {"type": "comment", "id": written.record_id}
    assert entry["actor"]["id"] == scenarios.validator().record_id
    assert entry["detail"] == {"section": "checks", "mentioned": 0}
    assert [row["row"] for row in entry["rows"]] == [written.record_ref]
    assert "dataset" not in str(entry)


def test_who_is_named_and_may_see_the_request_is_noted_once(request_: PromotionRequest) -> None:
    for known in (scenarios.owner, scenarios.validator, scenarios.stranger):
        known()
    text = "@olivia, @vera and @olivia again; @sam and @nobody; mail@dev.example is no name"

    written = said(request_, scenarios.auditor(), text)

    assert written.mentioned == [scenarios.owner().pk, scenarios.validator().pk]
    assert entries("request.comment")[0]["detail"]["mentioned"] == 2


def test_more_names_than_allowed_are_refused_before_anybody_is_looked_up(
    request_: PromotionRequest,
) -> None:
    vera = scenarios.validator()
    names = [f"@nobody{number}" for number in range(conversation.MOST_MENTIONED + 1)]

    said(request_, vera, " ".join([*names[1:], *names[1:]]))
    with CaptureQueriesContext(connection) as asked, pytest.raises(RuleBroken) as refusal:
        said(request_, vera, " ".join(names))

    assert str(refusal.value) == "Name at most 20 people in one comment."
    assert not any("nobody" in (query["sql"] or "") for query in asked.captured_queries)
    assert request_.comments.count() == 1


def test_an_answer_stands_in_the_section_of_what_it_answers(request_: PromotionRequest) -> None:
    first = said(request_, scenarios.validator(), "Why?", section="gate")

    reply = said(request_, scenarios.developer(), "Because", answers=first, section="checks")

    assert (reply.answers, reply.section) == (first, "gate")


def test_a_comment_is_refused_in_words(
    request_: PromotionRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = said(scenarios.requested(), scenarios.developer(), "Elsewhere")
    monkeypatch.setattr(conversation, "MOST_MENTIONED", 1)
    vera = scenarios.validator()
    tries: Tries = [
        (lambda: said(request_, vera, " \n"), "Write something"),
        (lambda: said(request_, vera, "@olivia and @dev"), "Name at most 1 people"),
    ]
    refused_in_words(tries, RuleBroken)
    refused_in_words(
        [(lambda: said(request_, vera, "Yes", answers=elsewhere), "no such comment")], NotFound
    )
    monkeypatch.setattr(conversation, "MOST_COMMENTS", 0)
    refused_in_words([(lambda: said(request_, vera, "One"), "at most 0 comments")], RuleBroken)
    assert not request_.comments.exists()


def test_only_who_sees_the_model_talks_and_a_program_only_where_it_may_ask(
    request_: PromotionRequest,
) -> None:
    robot = person("robot", everywhere=("model_developer",), service=True)
    for who, by in {**programs(), "a stranger": actor(scenarios.stranger())}.items():
        with pytest.raises(NotAllowed):
            operations.comment(request_, by=by, text="Hello")
            pytest.fail(f"{who} was let through")
    assert refusals("request.comment") == ["not_allowed"] * 4
    assert not Comment.objects.exists()

    written = operations.comment(request_, by=program_of(robot), text="Hello")

    assert written.author == robot


# -- settled


@pytest.mark.parametrize("who", [scenarios.validator, scenarios.developer])
def test_its_author_or_who_asked_for_the_promotion_settles_a_comment_once(
    request_: PromotionRequest, who: Callable[[], User]
) -> None:
    first = said(request_, scenarios.validator(), "Why?")

    operations.resolve_comment(first, by=actor(who()))

    first.refresh_from_db()
    [entry] = entries("comment.resolve")
    assert (first.resolved_by, first.text) == (who(), "Why?")
    assert entry["subject"] == {"type": "comment", "id": first.record_id}
    assert entry["actor"]["id"] == who().record_id
    with pytest.raises(RuleBroken, match="marked as resolved already"):
        operations.resolve_comment(first, by=actor(who()))


def test_nobody_else_and_no_program_settles_a_comment(request_: PromotionRequest) -> None:
    first = said(request_, scenarios.validator(), "Why?")
    wrong = {
        "another reader": actor(scenarios.auditor()),
        "a stranger": actor(scenarios.stranger()),
        "a superuser": actor(person("root", administrator=True)),
        "the author's token": program_of(scenarios.validator()),
        **programs(),
    }
    for who, by in wrong.items():
        with pytest.raises(NotAllowed):
            operations.resolve_comment(first, by=by)
            pytest.fail(f"{who} was let through")

    assert refusals("comment.resolve") == ["not_allowed"] * len(wrong)
    first.refresh_from_db()
    assert first.resolved_at is None


# -- dissent


def test_dissent_is_answered_and_both_stay(request_: PromotionRequest, dissent: SignOff) -> None:
    answer = answered(dissent, scenarios.developer(), "The slices are in the report")

    assert (answer.text, answer.author) == ("The slices are in the report", scenarios.developer())
    assert (dissent.answer, dissent.reason) == (answer, "Show the slices")
    [entry] = entries("sign_off.answer")
    assert entry["subject"] == {"type": "sign_off", "id": dissent.record_id}
    assert entry["detail"] == {"request": request_.record_id, "sign_off": dissent.record_id}
    assert entry["rows"][0]["row"] == answer.record_ref


def test_an_answer_to_dissent_is_refused_in_words(dissent: SignOff) -> None:
    olivia, dev = scenarios.owner(), scenarios.developer()
    plain = scenarios.sign(scenarios.requested(), olivia, "model_owner")

    refused_in_words(
        [
            (lambda: answered(plain, dev), "Nobody dissents here"),
            (lambda: answered(dissent, dev, " "), "Give a reason"),
        ],
        RuleBroken,
    )
    refused_in_words([(lambda: answered(dissent, olivia), "Somebody else answers")], NotAllowed)
    answered(dissent, dev)
    refused_in_words([(lambda: answered(dissent, dev), "answered already")], RuleBroken)
    assert DissentAnswer.objects.count() == 1


# -- conditions of sign-offs


def test_who_was_asked_says_how_and_by_what_a_condition_is_met(
    request_: PromotionRequest, condition: SignOffCondition
) -> None:
    item = report(request_)

    met(condition, reason="The slice is watched", evidence=item)

    condition.refresh_from_db()
    assert (condition.met_by, condition.evidence) == (scenarios.developer(), item)
    assert not condition.is_open
    [entry] = entries("condition.meet")
    assert entry["subject"] == {"type": "sign_off_condition", "id": condition.record_id}
    assert entry["detail"] == {"sign_off": condition.sign_off.record_id}
    assert [row["row"] for row in entry["rows"]] == [condition.record_ref]


def test_a_condition_that_is_met_is_refused_in_words(
    condition: SignOffCondition, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = report(scenarios.requested())
    refused_in_words([(lambda: met(condition, reason=" "), "Give a reason")], RuleBroken)
    refused_in_words([(lambda: met(condition, evidence=foreign), "no such evidence")], NotFound)
    with monkeypatch.context() as later:
        move_clock(later, 11)
        refused_in_words([(lambda: met(condition), "its day is over")], RuleBroken)
    assert condition.due == in_days(10)
    met(condition)
    refused_in_words([(lambda: met(condition), "settled already")], RuleBroken)


def test_nobody_but_who_was_asked_says_that_a_condition_is_met(
    condition: SignOffCondition,
) -> None:
    wrong = {
        "who asked for it": actor(scenarios.owner()),
        "another developer": actor(person("dora", everywhere=("model_developer",))),
        "a stranger": actor(scenarios.stranger()),
        "a superuser": actor(person("root", administrator=True)),
        "a session of a program": actor(scenarios.auditor(), Door.API, Auth.TOKEN),
        **programs(),
    }
    for who, by in wrong.items():
        with pytest.raises(NotAllowed):
            met(condition, by)
            pytest.fail(f"{who} was let through")

    assert refusals("condition.meet") == ["not_allowed"] * len(wrong)
    condition.refresh_from_db()
    assert condition.is_open


# -- a record that fails


def test_what_cannot_be_recorded_is_neither_said_nor_settled_nor_met(
    request_: PromotionRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = said(request_, scenarios.validator(), "Why?")
    dissent = asks_for_changes(request_, scenarios.owner(), "model_owner")
    signed_with_conditions(request_, scenarios.owner(), "model_owner")
    condition = SignOffCondition.objects.get()
    break_the_record(monkeypatch)
    attempts: list[Callable[[], object]] = [
        lambda: said(request_, scenarios.validator(), "Another"),
        lambda: operations.resolve_comment(first, by=actor(scenarios.validator())),
        lambda: answered(dissent, scenarios.developer()),
        lambda: met(condition),
    ]

    for attempt in attempts:
        with pytest.raises(IntegrityError):
            attempt()

    for row in (first, condition):
        row.refresh_from_db()
    assert list(request_.comments.all()) == [first]
    assert first.resolved_at is None
    assert condition.is_open
    assert not DissentAnswer.objects.exists()
