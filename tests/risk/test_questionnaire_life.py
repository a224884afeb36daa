"""The life of a questionnaire: what each step writes down, and everything it refuses."""

import json
from collections.abc import Callable

import pytest
from django.db import IntegrityError

from apps.accounts.confirmation import Confirmation
from apps.accounts.models import User
from apps.accounts.signing.statements import StaleForm
from apps.approvals import policies, risk_policy
from apps.core.actors import Actor, Auth, Door
from apps.core.clock import database_now
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from apps.risk import offered, questionnaires, tasks
from apps.risk.models import QuestionnaireVersion
from apps.risk.operations import assessment_review
from apps.risk.operations import questionnaires as operations
from apps.risk.questionnaire_standing import text_digest
from apps.risk.questionnaires import SHIPPED, QuestionnaireRefused, references
from tests import scenarios
from tests.approvals.walk import break_the_record, end_duty, entries, refusals
from tests.factories import actor, person
from tests.risk.assessed import say, sign_all, started
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
    signed,
    signed_by_both,
    ticket,
    writer,
)

pytestmark = pytest.mark.django_db
State = QuestionnaireVersion.State
TIERING = "bank-model-risk-tiering"


def numbered(number: str, *pairs: tuple[str, str]) -> str:
    return changed(("version: 1.0.0", f"version: {number}"), *pairs)


# -- drafts


def test_a_draft_begins_with_a_text_and_says_so_in_the_record() -> None:
    draft = drafted()

    [entry] = entries("questionnaire.draft")
    assert (draft.state, draft.author, draft.number) == (State.DRAFT, writer(), "1.0.0")
    assert (draft.questionnaire_id, draft.subject, draft.text) == ("house-check", "model", SMALL)
    assert entry["detail"] == {"digest": draft.digest, "number": "1.0.0"}


def test_a_copy_of_what_is_shipped_bears_an_id_of_its_own() -> None:
    by = actor(writer())
    draft = operations.draft_questionnaire(by=by, reason=WHY, shipped=TIERING, own_id="our-tiering")

    assert (draft.questionnaire_id, draft.number) == ("our-tiering", "1.0.0")
    assert len(offered.asked_of(draft).question_keys) == 28
    for own_id, words in (
        ("", "an id of its own"),
        (TIERING, "an id of its own"),
        ("Our", "small"),
    ):
        with pytest.raises(DomainError, match=words):
            operations.draft_questionnaire(by=by, reason=WHY, shipped=TIERING, own_id=own_id)
    with pytest.raises(RuleBroken, match="comes with Signet"):
        operations.draft_questionnaire(by=by, reason=WHY, shipped="absent", own_id="ours")


def test_a_draft_goes_on_from_a_version() -> None:
    version = published()
    draft = operations.draft_questionnaire(by=actor(writer()), reason=WHY, based_on=version)

    assert (draft.text, draft.based_on) == (version.text, version)


def test_a_draft_is_changed_as_long_as_nobody_else_did() -> None:
    draft = drafted()
    opened = text_digest(draft.text)
    rewritten(draft, numbered("1.0.2"), by=scenarios.risk_officer())

    with pytest.raises(StaleForm, match="Somebody changed this draft"):
        operations.change_draft(draft, by=actor(writer()), text=SMALL, edited=opened)

    assert fresh(draft).number == "1.0.2"
    assert refusals("questionnaire.change_draft") == ["stale_form"]


def test_a_text_that_cannot_be_used_is_refused_whole_and_nothing_is_saved() -> None:
    draft = drafted()
    broken = changed(("vars.share > 50.0", "vars.shore > 50.0"), ("min: 1\n", "min: 9\n"))

    with pytest.raises(QuestionnaireRefused):
        rewritten(draft, broken)

    assert fresh(draft).text == SMALL
    assert refusals("questionnaire.change_draft") == ["questionnaire_refused"]


def test_a_draft_that_is_given_up_stays_on_record_and_changes_no_more() -> None:
    draft = drafted()
    operations.drop_draft(draft, by=actor(writer()), reason="Not needed")

    assert fresh(draft).state == State.DROPPED
    for step in (
        lambda: rewritten(draft, numbered("3.0.0")),
        lambda: operations.drop_draft(draft, by=actor(writer()), reason=WHY),
        lambda: operations.propose_questionnaire(draft, by=actor(writer()), reason=WHY),
    ):
        with pytest.raises(RuleBroken, match="dropped by now"):
            step()
    assert len(entries("questionnaire.drop_draft")) == 1


# -- proposing


def test_a_proposed_questionnaire_stands_still() -> None:
    version = proposed()

    assert entries("questionnaire.propose")[0]["detail"]["number"] == "1.0.0"
    with pytest.raises(RuleBroken, match="waits for signatures"):
        rewritten(version, numbered("3.0.0"))
    with pytest.raises(RuleBroken, match="Another version of it waits"):
        proposed(numbered("1.1.0"))


REFERENCES = {
    "a role": (("[model_owner]", "[modal_owner]"), "has no role 'modal_owner'. Did you mean"),
    "a reviewer": (("[risk_officer]", "[oracle]"), "has no role 'oracle'"),
    "an evidence type": (("types: [class", "types: [klass"), "no evidence type 'klass"),
    "a duty's evidence": (("ref: classification_", "ref: some_"), "no evidence type 'some_"),
    "a document": (("ref: model-card", "ref: model-cart"), "Did you mean 'model-card'?"),
    "a transition": (("[staging_to_production]", "[stage]"), "no transition 'stage'"),
    "a field set": (("sets: {tier: 2}", "sets: {tear: 2}"), "no inventory field 'model.tear'"),
    "a value set": (("sets: {tier: 2}", "sets: {tier: high}"), "The outcome closer: "),
    "a field": (("max_length: 200", "maps_to: model.nothing"), "no inventory field"),
    "another kind of field": (("max_length: 200", "maps_to: model.tier"), "cannot hold what"),
    "a field's options": (
        ("        scored: true\n        weight: 2", "        maps_to: model.origin"),
        "does not hold 'low'",
    ),
    "a condition": (
        ("kind: document\n    ref: model-card", "kind: condition\n    ref: x"),
        "no condition",
    ),
    "a restriction": (
        ("kind: document\n    ref: model-card", "kind: restriction\n    ref: block_all_transition"),
        "Did you mean 'block_all_transitions'?",
    ),
    "a role that signs": (
        ("kind: document\n    ref: model-card", "kind: sign_off\n    ref: judge"),
        "no role in the policy 'judge'",
    ),
}


@pytest.mark.parametrize("case", REFERENCES)
def test_what_is_referred_to_must_be_there(case: str) -> None:
    pair, why = REFERENCES[case]
    with pytest.raises(QuestionnaireRefused) as refusal:
        proposed(changed(pair))

    assert any(why in one and one.startswith("Line ") for one in refusal.value.problems), (
        refusal.value.problems
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_shipped_refers_to_what_the_shipped_policies_know(name: str) -> None:
    for policy in policies.SHIPPED:
        says = risk_policy.of(policies.shipped(policy))
        told = references.problems(questionnaires.shipped(name), says)
        asked = [one for one in told if "condition" not in one]
        assert (asked if policy == "starter" else list(told)) == []


NEW = "      - {key: new, text: New, help: New., type: boolean, cites: [R]}\n"
ONE_MORE = ("      - key: people", f"{NEW}      - key: people")
WEIGHT = ("weight: 2", "weight: 3")
WIDER = ("share > 50.0", "share > 60.0")
NUMBER = "type: number\n        min: 0\n        max: 1000\n        step: 0.5"
SIGNED = ("kind: document\n    ref: model-card", "kind: sign_off\n    ref: risk_officer")
NUMBERS = {
    "wording is a patch": ("1.0.1", ("How far does it reach?", "How far is its reach?"), ""),
    "a question is more": ("1.0.1", ONE_MORE, "the next version is 1.1.0"),
    "a question is minor": ("1.1.0", ONE_MORE, ""),
    "scoring is more": ("1.1.0", WEIGHT, "the next version is 2.0.0"),
    "scoring is major": ("2.0.0", WEIGHT, ""),
    "an outcome is more": ("1.4.0", WIDER, "the next version is 2.0.0"),
    "an obligation is more": (
        "1.1.0",
        ("    applies_from: 2026-12-02\n", ""),
        "the next version is 2.0.0",
    ),
    "no step back": ("0.9.0", WEIGHT, "must be higher than 1.0.0"),
    "the same number": ("1.0.0", WEIGHT, "must be higher than 1.0.0"),
    "nothing but the number": ("1.0.1", ("", ""), "Nothing but the number differs"),
    "another type": ("2.0.0", (NUMBER, "type: text"), "was of the type number in 1.0.0"),
    "another kind of obligation": ("2.0.0", SIGNED, "an obligation of another kind"),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_the_number_says_how_much_changes(case: str) -> None:
    number, pair, why = NUMBERS[case]
    published()
    if not why:
        assert published(numbered(number, pair)).state == State.PUBLISHED
        return
    with pytest.raises(QuestionnaireRefused) as refusal:
        proposed(numbered(number, pair))
    assert why in str(refusal.value)


# -- signing


def test_a_signature_binds_the_text_and_what_differs() -> None:
    version = proposed()
    given = signed(version, scenarios.risk_officer(), OFFICER)

    said = json.loads(given.statement)
    assert (said["kind"], said["role"], said["digest"]) == (
        "questionnaire",
        OFFICER,
        version.digest,
    )
    entry = entries("questionnaire.sign")[0]
    assert entry["sign"]["statement"] == given.statement_digest
    assert entry["detail"]["role"] == OFFICER


def writer_signs(version: QuestionnaireVersion) -> None:
    also = scenarios.risk_officer()
    draft = operations.decline_questionnaire(version, by=actor(chair()), reason=WHY)
    rewritten(draft, numbered("1.0.1"), by=also)
    again = operations.propose_questionnaire(draft, by=actor(writer()), reason=WHY)
    signed(again, also, OFFICER)


def signs_twice(version: QuestionnaireVersion) -> None:
    both = scenarios.account("bo", "Bo Both", OFFICER, COMMITTEE)
    signed(version, both, OFFICER)
    signed(version, both, COMMITTEE)


def role_not_held(version: QuestionnaireVersion) -> None:
    signed(version, scenarios.risk_officer(), COMMITTEE)


def role_signed_already(version: QuestionnaireVersion) -> None:
    signed(version, scenarios.risk_officer(), OFFICER)
    signed(version, scenarios.account("roy", "Roy Risk", OFFICER), OFFICER)


def another_role(version: QuestionnaireVersion) -> None:
    signed(version, scenarios.risk_officer(), "validator")


def validator_signs(version: QuestionnaireVersion) -> None:
    signed(version, scenarios.validator(), OFFICER)


def old_password(version: QuestionnaireVersion) -> None:
    rita = scenarios.risk_officer()
    old = Confirmation(rita.pk, "password", database_now().replace(year=2020))
    signed(version, rita, OFFICER, confirmed=old)


def page_of_another(version: QuestionnaireVersion) -> None:
    signed(version, scenarios.risk_officer(), OFFICER, opened=ticket(version, actor(chair())))


def no_reason(version: QuestionnaireVersion) -> None:
    signed(version, scenarios.risk_officer(), OFFICER, reason="")


def a_token_signs(version: QuestionnaireVersion) -> None:
    signed(version, actor(scenarios.risk_officer(), Door.API, Auth.TOKEN), OFFICER)


def draft_is_signed(version: QuestionnaireVersion) -> None:
    draft = operations.decline_questionnaire(version, by=actor(chair()), reason=WHY)
    signed(draft, scenarios.risk_officer(), OFFICER)


REFUSED: dict[str, tuple[Callable[[QuestionnaireVersion], None], str]] = {
    "somebody who wrote it signs": (writer_signs, "Nobody who wrote"),
    "one person signs in both roles": (signs_twice, "signed in the other role"),
    "the role is not held": (role_not_held, "You do not hold the role"),
    "the role was signed for": (role_signed_already, "given already"),
    "the role signs none": (another_role, "signed by a risk officer and by the committee"),
    "the signer may not sign at all": (validator_signs, "Only a risk officer or the committee"),
    "the password is old": (old_password, "Enter your password again"),
    "the page was somebody else's": (page_of_another, "made for somebody else"),
    "no reason is given": (no_reason, "Give a reason"),
    "a program signs": (a_token_signs, "Only a person signed in through the browser"),
    "it is a draft": (draft_is_signed, "is draft by now"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_signature_is_refused_when(case: str) -> None:
    version = proposed()
    step, words = REFUSED[case]

    with pytest.raises(DomainError, match=words):
        step(version)

    assert len(refusals("questionnaire.sign")) == 1


def by_a_program() -> Actor:
    return actor(writer(), Door.API, Auth.TOKEN)


PEOPLE_ONLY: dict[str, Callable[[QuestionnaireVersion], object]] = {
    "questionnaire.change_draft": lambda draft: operations.change_draft(
        draft, by=by_a_program(), text=SMALL, edited=text_digest(draft.text)
    ),
    "questionnaire.drop_draft": lambda draft: operations.drop_draft(
        draft, by=by_a_program(), reason=WHY
    ),
    "questionnaire.propose": lambda draft: operations.propose_questionnaire(
        draft, by=by_a_program(), reason=WHY
    ),
    "questionnaire.publish": lambda draft: operations.publish_questionnaire(
        draft, by=by_a_program(), reason=WHY
    ),
}


def test_a_program_begins_a_draft_for_who_writes_and_nothing_more() -> None:
    draft = operations.draft_questionnaire(by=by_a_program(), reason=WHY, text=SMALL)
    assert draft.author == writer()

    for action, step in PEOPLE_ONLY.items():
        with pytest.raises(NotAllowed, match="Only a person signed in through the browser"):
            step(draft)
        assert len(refusals(action)) == 1
    assert fresh(draft).state == State.DRAFT


def test_a_service_account_writes_no_questionnaire() -> None:
    robot = person("robot", service=True, manager=writer(), everywhere=("compliance_officer",))

    with pytest.raises(NotAllowed, match="written by a person"):
        operations.draft_questionnaire(by=actor(robot), reason=WHY, text=SMALL)


def test_a_form_counts_once() -> None:
    version = proposed()
    opened = ticket(version, actor(scenarios.risk_officer()))
    signed(version, scenarios.risk_officer(), OFFICER, opened=opened)

    with pytest.raises(DomainError):
        signed(version, scenarios.risk_officer(), OFFICER, opened=opened)


def test_what_was_shown_is_signed_or_nothing() -> None:
    first = proposed()
    opened = ticket(first, actor(scenarios.risk_officer()))
    draft = operations.decline_questionnaire(first, by=actor(chair()), reason=WHY)
    again = operations.propose_questionnaire(draft, by=actor(writer()), reason=WHY)

    with pytest.raises(StaleForm, match="has changed"):
        signed(again, scenarios.risk_officer(), OFFICER, opened=opened)
    assert entries("questionnaire.decline")[0]["detail"]["draft"] == draft.record_id
    assert fresh(first).state == State.DROPPED


# -- publishing


def test_a_questionnaire_is_asked_once_both_have_signed_it() -> None:
    version = proposed()
    with pytest.raises(RuleBroken, match=r"still needs the signature of: .* and "):
        operations.publish_questionnaire(version, by=actor(writer()), reason=WHY)
    signed_by_both(version)
    operations.publish_questionnaire(version, by=actor(writer()), reason=WHY)

    assert fresh(version).state == State.PUBLISHED
    assert offered.newest("house-check") == offered.asked_of(version)
    assert [one.id for one in offered.offered()] == [*SHIPPED, "house-check"]
    assert entries("questionnaire.publish")[0]["detail"]["replaces"] == ""


def test_a_newer_version_takes_the_place_of_the_one_before() -> None:
    old = published()
    new = published(numbered("2.0.0", ("weight: 2", "weight: 3")))

    assert (fresh(old).state, fresh(new).state) == (State.REPLACED, State.PUBLISHED)
    assert entries("questionnaire.publish")[1]["detail"]["replaces"] == old.record_id
    newest = offered.newest("house-check")
    assert newest is not None
    assert newest.version == "2.0.0"


def test_a_signature_of_somebody_who_lost_the_role_no_longer_stands() -> None:
    version = signed_by_both(proposed())
    end_duty(scenarios.risk_officer(), OFFICER)

    with pytest.raises(RuleBroken, match="still needs the signature of: Model risk"):
        operations.publish_questionnaire(version, by=actor(writer()), reason=WHY)


def test_a_major_version_makes_stale_what_was_approved_by_one_before() -> None:
    text = changed(('applies_when: "subject.is_ai == true"\n', ""))
    published(text)
    held = started(kind="house-check")
    say(held, reach="low", uses=["credit"])
    assessment_review.submit_assessment(held, by=actor(scenarios.owner()))
    sign_all(held)

    wording = ("How far does it reach?", "How far is its reach?")
    published(changed(("1.0.0", "1.0.1"), wording, text=text))
    tasks.make_outdated_stale()
    held.refresh_from_db()
    assert (held.state, held.outcome, held.stale_at) == ("approved", "fine", None)

    published(changed(("1.0.0", "2.0.0"), ("weight: 2", "weight: 3"), text=text))
    tasks.make_outdated_stale()
    tasks.make_outdated_stale()
    held.refresh_from_db()
    assert held.stale_because == "House check 2.0.0 asks otherwise."


def test_a_questionnaire_of_an_organization_is_retired() -> None:
    version = published()
    operations.retire_questionnaire(version, by=actor(chair()), reason="Not of use")

    assert fresh(version).state == State.RETIRED
    assert entries("questionnaire.retire")[0]["detail"]["number"] == "1.0.0"
    assert offered.newest("house-check") is None
    with pytest.raises(RuleBroken, match="retired by now"):
        operations.retire_questionnaire(version, by=actor(chair()), reason=WHY)
    with pytest.raises(QuestionnaireRefused, match=r"higher than 1\.0\.0"):
        proposed()
    with pytest.raises(RuleBroken, match="two people sign it"):
        operations.offer_again(version, by=actor(chair()), reason=WHY)


def waiting() -> QuestionnaireVersion:
    """Return the questionnaire that waits for its signatures, proposed when there is none."""
    return QuestionnaireVersion.objects.filter(state=State.PROPOSED).first() or proposed()


WRITES: dict[str, Callable[[User], object]] = {
    "draft": lambda who: drafted(by=who),
    "change_draft": lambda who: rewritten(drafted(), numbered("1.1.0"), by=who),
    "drop_draft": lambda who: operations.drop_draft(drafted(), by=actor(who), reason=WHY),
    "propose": lambda who: operations.propose_questionnaire(drafted(), by=actor(who), reason=WHY),
    "publish": lambda who: operations.publish_questionnaire(waiting(), by=actor(who), reason=WHY),
}
SIGNS: dict[str, Callable[[User], object]] = {
    "decline": lambda who: operations.decline_questionnaire(proposed(), by=actor(who), reason=WHY),
    "retire": lambda who: operations.retire_questionnaire(published(), by=actor(who), reason=WHY),
    "retire_shipped": lambda who: operations.retire_shipped(TIERING, by=actor(who), reason=WHY),
    "offer_again": lambda who: operations.offer_again(published(), by=actor(who), reason=WHY),
}


@pytest.mark.parametrize("verb", WRITES)
def test_only_those_who_write_questionnaires_write(verb: str) -> None:
    for who in (scenarios.owner(), scenarios.auditor(), chair()):
        with pytest.raises(NotAllowed, match="Only a risk or compliance officer"):
            WRITES[verb](who)
    assert refusals(f"questionnaire.{verb}") == ["not_allowed"] * 3


@pytest.mark.parametrize("verb", SIGNS)
def test_only_those_who_sign_questionnaires_decide(verb: str) -> None:
    with pytest.raises(NotAllowed, match="Only a risk officer or the committee"):
        SIGNS[verb](writer())
    assert refusals(f"questionnaire.{verb}") == ["not_allowed"]


def test_nothing_is_left_of_a_draft_whose_record_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    by = writer()
    break_the_record(monkeypatch)

    with pytest.raises(IntegrityError):
        drafted(by=by)
    assert not QuestionnaireVersion.objects.exists()


# -- what comes with Signet


def test_a_shipped_text_is_taken_in_when_it_is_first_assessed_by() -> None:
    first, second = started(), started(scenarios.registered_model("other"))

    row = first.questionnaire
    assert second.questionnaire == row
    assert (row.is_shipped, row.state, row.author) == (True, State.PUBLISHED, None)
    assert offered.asked_of(row).digest == questionnaires.shipped(TIERING).digest
    [entry] = entries("questionnaire.take_in")
    assert entry["detail"] == {"digest": row.digest, "number": "1.0.0"}
    assert entry["parent"] == entries("assessment.start")[0]["id"]


def test_a_newer_release_takes_the_place_of_the_text_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = started().questionnaire
    text = questionnaires.shipped(TIERING).text.replace("version: 1.0.0", "version: 1.0.1", 1)
    newer = questionnaires.parse(text.replace("Where does it come from?", "Where is it from?"))
    monkeypatch.setattr(offered, "shipped", lambda _: newer)
    new = started(scenarios.registered_model("other")).questionnaire

    assert (fresh(old).state, new.number, new.state) == (State.REPLACED, "1.0.1", State.PUBLISHED)
    monkeypatch.undo()
    newest = offered.newest(TIERING)
    assert newest is not None
    assert newest.version == "1.0.1", "an older release asks what a newer one took in"


def test_nothing_is_taken_in_for_its_own_sake() -> None:
    shipped = questionnaires.shipped(TIERING)
    with pytest.raises(NotAllowed):
        offered.take_in(shipped, at=database_now(), by=actor(writer()))
    assert refusals("questionnaire.take_in") == ["not_allowed"]

    gone = questionnaires.parse(SMALL)
    with pytest.raises(RuleBroken, match="no longer in use"):
        offered.take_in(gone, at=database_now(), by=actor(writer()))
