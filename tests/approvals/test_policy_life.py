"""The life of a policy: what each step writes down, and everything it refuses."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from apps.accounts import operations as accounts
from apps.accounts.models import User
from apps.accounts.signing.statements import StaleForm
from apps.approvals import in_force, operations, policies
from apps.approvals.models import PolicySignOff, PolicyVersion
from apps.approvals.policies import Policy, PolicyRefused, lineage
from apps.approvals.policy_statements import text_digest
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from apps.core.digests import digest_of_bytes
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from tests import scenarios
from tests.approvals.policy_texts import Document, changed, move, part, text_of, use
from tests.approvals.policy_walk import (
    COMMITTEE,
    OFFICER,
    WHY,
    chair,
    drafted,
    fresh,
    old_confirmation,
    proposed,
    published,
    rewritten,
    signed,
    signed_by_both,
    ticket,
    tried,
    writer,
)
from tests.approvals.walk import (
    break_the_record,
    end_duty,
    entries,
    is_open,
    overwrite,
    refusals,
    sign,
    why_void,
)
from tests.factories import HOST, actor

pytestmark = pytest.mark.django_db
State = PolicyVersion.State


def warns(document: Document) -> None:
    """Let a condition of the production gate only warn."""
    use(document, "metrics_recorded")["tiers"] = dict.fromkeys("1234", "warn")


# -- drafts


def test_a_draft_begins_with_a_shipped_text_and_says_so_in_the_record() -> None:
    draft = operations.draft_policy(by=actor(writer()), reason="We start here", shipped="default")

    [entry] = entries("policy.draft")
    assert draft.text == policies.shipped("default").text
    assert (draft.state, draft.author, draft.number) == (State.DRAFT, writer(), "1.0.0")
    assert entry["detail"] == {"digest": draft.digest, "number": "1.0.0"}
    assert in_force.policy() is policies.shipped("starter")


def test_a_draft_begins_with_the_policy_in_force_or_any_version() -> None:
    current = published(warns)
    first = operations.draft_policy(by=actor(writer()), reason=WHY)
    second = operations.draft_policy(by=actor(writer()), reason=WHY, based_on=first)

    assert (first.text, first.based_on) == (current.text, current)
    assert (second.text, second.based_on) == (first.text, first)


def test_a_draft_of_no_policy_is_refused() -> None:
    with pytest.raises(RuleBroken, match="comes with Signet"):
        operations.draft_policy(by=actor(writer()), reason=WHY, shipped="absent")


def test_a_draft_is_changed_as_long_as_nobody_else_did() -> None:
    draft = drafted()
    opened = text_digest(draft.text)
    rewritten(draft, text_of(warns, number="1.0.2"), by=scenarios.risk_officer())

    with pytest.raises(StaleForm, match="Somebody changed this draft"):
        operations.change_draft(draft, by=actor(writer()), text=text_of(), edited=opened)

    assert fresh(draft).number == "1.0.2"
    assert refusals("policy.change_draft") == ["stale_form"]
    assert [entry["detail"]["number"] for entry in entries("policy.change_draft")] == [
        "1.0.1",
        "1.0.2",
    ]


def test_a_text_that_cannot_be_used_is_refused_with_all_that_is_wrong_and_nothing_is_saved() -> (
    None
):
    draft = drafted()

    def break_it(document: Document) -> None:
        part(document, "conditions", "owner_assigned")["expr"] = "model.absent == 1"
        part(document, "conditions", "no_legal_hold")["expr"] = "retention.years +"

    with pytest.raises(PolicyRefused) as refusal:
        rewritten(draft, text_of(break_it))

    assert len(refusal.value.problems) == 2
    assert "owner_assigned" in refusal.value.problems[0]
    assert fresh(draft).number == "1.0.1"
    assert refusals("policy.change_draft") == ["policy_refused"]


def test_a_draft_that_is_given_up_stays_on_record_and_changes_no_more() -> None:
    draft = drafted()
    operations.drop_draft(draft, by=actor(writer()), reason="Not needed")

    assert fresh(draft).state == State.DROPPED
    for step in (
        lambda: rewritten(draft, text_of(number="3.0.0")),
        lambda: operations.drop_draft(draft, by=actor(writer()), reason=WHY),
        lambda: operations.propose_policy(draft, by=actor(writer()), reason=WHY),
    ):
        with pytest.raises(RuleBroken, match="dropped by now"):
            step()
    assert len(entries("policy.drop_draft")) == 1


# -- proposing


def test_a_proposed_policy_stands_still() -> None:
    version = proposed(warns)

    assert (version.state, entries("policy.propose")[0]["detail"]["number"]) == (
        State.PROPOSED,
        "1.0.1",
    )
    with pytest.raises(RuleBroken, match="waits for signatures"):
        rewritten(version, text_of(number="3.0.0"))
    with pytest.raises(RuleBroken, match="waits for signatures"):
        operations.drop_draft(version, by=actor(writer()), reason=WHY)


def test_only_one_policy_waits_for_signatures() -> None:
    proposed()
    with pytest.raises(RuleBroken, match="Another policy waits"):
        proposed(warns, number="1.0.2")


def test_a_number_must_be_higher_than_any_published_one() -> None:
    published(warns, number="1.2.0")

    for number in ("1.2.0", "1.1.9"):
        with pytest.raises(PolicyRefused, match=r"not higher than 1\.2\.0"):
            proposed(number=number)
    assert proposed(number="1.10.0").state == State.PROPOSED


def test_the_number_of_a_shipped_policy_stands_for_its_text_alone() -> None:
    with pytest.raises(PolicyRefused, match="comes with Signet and says something else"):
        proposed(warns, number="1.0.0")
    assert proposed(number="1.0.0").state == State.PROPOSED


def test_what_the_policy_in_force_says_is_not_proposed_again() -> None:
    published(warns)
    draft = operations.draft_policy(by=actor(writer()), reason=WHY)

    with pytest.raises(RuleBroken, match="Change it first"):
        operations.propose_policy(draft, by=actor(writer()), reason=WHY)


def without_metrics(document: Document) -> None:
    document["conditions"].remove(part(document, "conditions", "metrics_recorded"))
    move(document)["conditions"].remove(use(document, "metrics_recorded"))


def other_metrics(document: Document) -> None:
    part(document, "conditions", "metrics_recorded")["expr"] = "version.metrics_with_dataset >= 9"


def test_an_id_that_was_gone_does_not_come_back_with_another_meaning() -> None:
    published(number="1.0.1")
    published(without_metrics, number="1.0.2")

    with pytest.raises(PolicyRefused, match="condition metrics_recorded was in an earlier"):
        proposed(other_metrics, number="1.0.3")
    assert proposed(number="1.0.3").state == State.PROPOSED


def test_an_id_that_never_went_may_ask_something_else() -> None:
    published(number="1.0.1")

    assert published(other_metrics, number="1.0.2").state == State.PUBLISHED


def test_earlier_policies_are_read_again_only_where_an_id_is_new() -> None:
    read: list[str] = []

    def read_all() -> list[Policy]:
        read.append("all")
        return []

    def problems(proposed: Policy) -> list[str]:
        earlier = lineage.Earlier((), changed(without_metrics), read_all)
        return list(lineage.problems(proposed, earlier, ()))

    assert problems(changed(without_metrics)) == read == []
    assert problems(changed()) == []
    assert read == ["all"]


# -- signing


def test_a_signature_binds_the_text_and_the_list_of_what_is_not_only_stricter() -> None:
    version = proposed(warns)
    given = signed(version, scenarios.risk_officer(), OFFICER)

    said = json.loads(given.statement)
    assert (said["kind"], said["role"]) == ("policy", OFFICER)
    assert said["digest"] == version.digest
    assert said["text"] == text_digest(version.text)
    assert said["replaces"] == policies.shipped("starter").digest
    assert given.statement_digest == digest_of_bytes(given.statement.encode())
    entry = entries("policy.sign")[0]
    assert entry["sign"]["statement"] == given.statement_digest
    assert entry["sign"]["meaning"] == "approval"


def test_the_list_that_is_bound_is_another_when_something_is_loosened() -> None:
    loose = proposed(warns)
    bound = json.loads(signed(loose, scenarios.risk_officer(), OFFICER).statement)["review"]
    draft = operations.decline_policy(loose, by=actor(chair()), reason=WHY)
    rewritten(draft, text_of(number="1.0.1"))
    strict = operations.propose_policy(draft, by=actor(writer()), reason=WHY)

    assert (
        json.loads(signed(strict, scenarios.risk_officer(), OFFICER).statement)["review"] != bound
    )


def author_signs(version: PolicyVersion) -> None:
    signed(version, writer(), OFFICER)


def signer_signs_twice(version: PolicyVersion) -> None:
    both = scenarios.account("bo", "Bo Both", OFFICER, COMMITTEE)
    signed(version, both, OFFICER)
    signed(version, both, COMMITTEE)


def role_not_held(version: PolicyVersion) -> None:
    signed(version, scenarios.risk_officer(), COMMITTEE)


def role_signed_already(version: PolicyVersion) -> None:
    signed(version, scenarios.risk_officer(), OFFICER)
    signed(version, scenarios.account("roy", "Roy Risk", OFFICER), OFFICER)


def another_role(version: PolicyVersion) -> None:
    signed(version, scenarios.risk_officer(), "validator")


def validator_signs(version: PolicyVersion) -> None:
    signed(version, scenarios.validator(), OFFICER)


def old_password(version: PolicyVersion) -> None:
    rita = scenarios.risk_officer()
    signed(version, rita, OFFICER, confirmed=old_confirmation(rita))


def page_of_another(version: PolicyVersion) -> None:
    opened = ticket(version, actor(chair()))
    signed(version, scenarios.risk_officer(), OFFICER, opened=opened)


def form_sent_twice(version: PolicyVersion) -> None:
    opened = ticket(version, actor(scenarios.risk_officer()))
    signed(version, scenarios.risk_officer(), OFFICER, opened=opened)
    overwrite(PolicySignOff.objects.get(), role="auditor", signer_id=writer().pk)
    signed(version, scenarios.risk_officer(), OFFICER, opened=opened)


def no_reason(version: PolicyVersion) -> None:
    signed(version, scenarios.risk_officer(), OFFICER, reason="")


REFUSED: dict[str, tuple[Callable[[PolicyVersion], None], str]] = {
    "the author signs": (author_signs, "Nobody who wrote the policy"),
    "one person signs in both roles": (signer_signs_twice, "signed in the other role"),
    "the role is not held": (role_not_held, "You do not hold the role"),
    "the role was signed for": (role_signed_already, "given already"),
    "the role signs no policy": (another_role, "signed by a risk officer and by the committee"),
    "the signer may not sign at all": (validator_signs, "Only a risk officer or the committee"),
    "the password is old": (old_password, "Enter your password again"),
    "the page was somebody else's": (page_of_another, "made for somebody else"),
    "the form was sent before": (form_sent_twice, "sent already"),
    "no reason is given": (no_reason, "Give a reason"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_signature_is_refused_when(case: str) -> None:
    version = proposed(warns)
    step, words = REFUSED[case]

    with pytest.raises(DomainError, match=words):
        step(version)

    assert len(refusals("policy.sign")) == 1


def test_whoever_changed_a_draft_is_one_of_its_writers_even_after_it_was_declined() -> None:
    draft = drafted(warns)
    rewritten(draft, text_of(warns, number="1.0.2"), by=scenarios.risk_officer())
    version = operations.propose_policy(draft, by=actor(writer()), reason=WHY)
    with pytest.raises(NotAllowed, match="Nobody who wrote"):
        signed(version, scenarios.risk_officer(), OFFICER)

    again = operations.decline_policy(version, by=actor(chair()), reason=WHY)
    again = operations.propose_policy(again, by=actor(writer()), reason=WHY)

    with pytest.raises(NotAllowed, match="Nobody who wrote"):
        signed(again, scenarios.risk_officer(), OFFICER)
    assert signed(again, chair(), COMMITTEE).pk  # to decline is not to write


def test_declining_leaves_what_was_signed_with_what_was_signed() -> None:
    version = proposed(warns)
    signed(version, chair(), COMMITTEE)

    draft = operations.decline_policy(
        version, by=actor(scenarios.risk_officer()), reason="Metrics matter"
    )

    assert fresh(version).state == State.DROPPED
    assert (draft.state, draft.text, draft.author) == (State.DRAFT, version.text, writer())
    assert version.sign_offs.count() == 1
    assert draft.sign_offs.count() == 0
    assert entries("policy.decline")[0]["detail"] == {"draft": draft.record_id}


# -- publishing


def test_publishing_puts_the_policy_in_force_and_the_earlier_one_is_replaced() -> None:
    first = published(warns, number="1.0.1")
    between = database_now()
    second = published(number="1.0.2")

    assert in_force.policy().digest == second.digest
    assert in_force.policy_at(between).digest == first.digest
    assert in_force.policy_at(between - timedelta(days=1)) is policies.shipped("starter")
    replaced = fresh(first)
    assert (replaced.state, replaced.replaced_at) == (State.REPLACED, second.published_at)
    assert entries("policy.publish")[1]["detail"]["replaces"] == first.record_id


def unsigned(version: PolicyVersion) -> None:
    tried(version)


def signed_once(version: PolicyVersion) -> None:
    tried(version)
    signed(version, chair(), COMMITTEE)


def not_tried(version: PolicyVersion) -> None:
    signed_by_both(version)


def officer_left(version: PolicyVersion) -> None:
    tried(version)
    signed_by_both(version)
    end_duty(scenarios.risk_officer(), OFFICER)


def account_closed(version: PolicyVersion) -> None:
    tried(version)
    signed_by_both(version)
    accounts.close_account(chair(), by=HOST, reason=WHY)


def run_of_another_text(version: PolicyVersion) -> None:
    run = tried(version)
    overwrite(run, digest="sha256:" + "0" * 64)
    signed_by_both(version)


def text_was_exchanged(version: PolicyVersion) -> None:
    tried(version)
    signed_by_both(version)
    overwrite(version, text=text_of(number="1.0.1"))


NOT_PUBLISHED: dict[str, tuple[Callable[[PolicyVersion], None], str]] = {
    "nobody signed": (unsigned, "Model risk officer and AI and model governance committee"),
    "one signature is missing": (signed_once, "signature of: Model risk officer"),
    "there was no dry run": (not_tried, "dry run of this text first"),
    "a signer lost the role": (officer_left, "signature of: Model risk officer"),
    "the account of a signer was closed": (account_closed, "governance committee"),
    "the dry run was of another text": (run_of_another_text, "dry run of this text first"),
    "the text is not the one that was signed": (text_was_exchanged, "reads the text otherwise"),
}


@pytest.mark.parametrize("case", NOT_PUBLISHED)
def test_a_policy_is_not_published_when(case: str) -> None:
    version = proposed(warns)
    step, words = NOT_PUBLISHED[case]
    step(version)

    with pytest.raises(RuleBroken, match=words):
        operations.publish_policy(version, by=actor(writer()), reason=WHY)

    assert fresh(version).state == State.PROPOSED
    assert len(refusals("policy.publish")) == 1


def test_a_published_policy_never_changes() -> None:
    version = published(warns)
    by = actor(writer())
    steps: list[Callable[[], object]] = [
        lambda: rewritten(version, text_of(number="9.0.0")),
        lambda: operations.drop_draft(version, by=by, reason=WHY),
        lambda: operations.propose_policy(version, by=by, reason=WHY),
        lambda: operations.decline_policy(version, by=actor(chair()), reason=WHY),
        lambda: operations.publish_policy(version, by=by, reason=WHY),
        lambda: signed(version, scenarios.risk_officer(), OFFICER),
    ]
    for step in steps:
        with pytest.raises(RuleBroken, match="in force by now"):
            step()
    assert fresh(version).text == version.text


def test_a_sign_off_given_before_is_void_where_the_gate_changed_and_stands_where_it_did_not() -> (
    None
):
    to_production = scenarios.signed_off(Stage.PRODUCTION)
    to_staging = scenarios.signed_off(Stage.STAGING)
    published(warns)

    assert why_void(to_production) == ["What the policy asks here changed."] * 2
    assert not is_open(to_production)
    assert why_void(to_staging) == []
    assert is_open(to_staging)


def test_a_form_opened_before_a_policy_was_published_is_refused_where_its_gate_changed() -> None:
    to_production, to_staging = (
        scenarios.requested(Stage.PRODUCTION),
        scenarios.requested(Stage.STAGING),
    )
    vera, olivia = scenarios.validator(), scenarios.owner()
    opened = scenarios.ticket(to_production, actor(vera))
    still_good = scenarios.ticket(to_staging, actor(olivia))
    published(warns)

    with pytest.raises(StaleForm, match="What the policy asks here changed"):
        sign(to_production, vera, "validator", ticket=opened)
    assert sign(to_staging, olivia, "model_owner", ticket=still_good).pk


# -- who may


WRITING: dict[str, Callable[[User], object]] = {
    "policy.draft": lambda who: operations.draft_policy(by=actor(who), reason=WHY),
    "policy.change_draft": lambda who: rewritten(drafted(), text_of(), by=who),
    "policy.drop_draft": lambda who: operations.drop_draft(drafted(), by=actor(who), reason=WHY),
    "policy.propose": lambda who: operations.propose_policy(drafted(), by=actor(who), reason=WHY),
    "policy.publish": lambda who: operations.publish_policy(proposed(), by=actor(who), reason=WHY),
    "policy.decline": lambda who: operations.decline_policy(proposed(), by=actor(who), reason=WHY),
}


@pytest.mark.parametrize("action", WRITING)
def test_nobody_without_the_role_writes_or_decides_on_policies(action: str) -> None:
    people = [scenarios.owner(), scenarios.auditor(), scenarios.validator(), scenarios.stranger()]
    writer()
    for who in people:
        with pytest.raises(NotAllowed):
            WRITING[action](who)
        for waiting in PolicyVersion.objects.filter(state=State.PROPOSED):
            operations.decline_policy(waiting, by=actor(chair()), reason=WHY)

    assert refusals(action) == ["not_allowed"] * len(people)


def test_the_committee_signs_and_does_not_write() -> None:
    with pytest.raises(NotAllowed, match="Only a risk officer"):
        operations.draft_policy(by=actor(chair()), reason=WHY)


def test_a_broken_record_publishes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    version = proposed(warns)
    tried(version)
    signed_by_both(version)
    break_the_record(monkeypatch)

    with pytest.raises(Exception, match="read-only"):
        operations.publish_policy(version, by=actor(writer()), reason=WHY)

    assert fresh(version).state == State.PROPOSED
    assert in_force.policy() is policies.shipped("starter")
