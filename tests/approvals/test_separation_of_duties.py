"""Nobody signs their own work, and who may not sign is told why."""

from dataclasses import replace
from typing import Any

import pytest

from apps.approvals import judgment
from apps.approvals.policies import SlotRule
from tests.approvals.facts import (
    BOTH,
    DEVELOPER,
    OFFICER,
    OWNER,
    VALIDATOR,
    given,
    open_facts,
    signer_facts,
    without,
)
from tests.approvals.gates import POLICY, PRODUCTION, policy_with


def slot(role: str = "validator", transition: str = PRODUCTION) -> SlotRule:
    return next(rule for rule in POLICY.transition(transition).sign_offs[1] if rule.role == role)


def nobody_who(did: str) -> str:
    return f"Nobody who {did} may sign as an independent validator."


def refusals(
    signer: dict[str, object], facts: dict[str, Any] | None = None, role: str = "validator"
) -> tuple[str, ...]:
    return judgment.refusals(POLICY, PRODUCTION, facts or open_facts(), signer, slot(role))


def test_an_independent_validator_may_sign() -> None:
    assert refusals(signer_facts()) == ()


@pytest.mark.parametrize(
    ("signer", "facts", "words"),
    [
        (
            signer_facts(DEVELOPER),
            {"version__contributors": []},
            nobody_who("requested this promotion"),
        ),
        (
            signer_facts(),
            {"version__contributors": [VALIDATOR]},
            nobody_who("contributed to this version"),
        ),
        (
            signer_facts(is_service_account=True),
            {},
            nobody_who("is a service account, not a person"),
        ),
        (signer_facts(is_platform_admin=True), {}, nobody_who("administers the platform")),
        (
            signer_facts(VALIDATOR, "risk_officer"),
            {},
            nobody_who("does not hold the role that signs here"),
        ),
        (
            signer_facts(OFFICER, "validator"),
            {"sign_offs": judgment.sign_off_facts(BOTH)},
            nobody_who("has already signed in another role"),
        ),
    ],
)
def test_who_may_not_sign_is_told_why_in_words(
    signer: dict[str, object], facts: dict[str, Any], words: str
) -> None:
    assert refusals(signer, open_facts(**facts)) == (words,)


def test_every_reason_is_told_at_once() -> None:
    signer = signer_facts(DEVELOPER, "model_owner")

    assert refusals(signer) == (
        nobody_who("requested this promotion"),
        nobody_who("contributed to this version"),
        nobody_who("does not hold the role that signs here"),
    )


def test_an_owner_who_asked_or_contributed_does_not_sign_either() -> None:
    for change in ({"transition__requested_by": OWNER}, {"version__contributors": [OWNER]}):
        assert judgment.refusals(
            POLICY,
            "development_to_staging",
            open_facts(**change),
            signer_facts(OWNER, "model_owner"),
            slot("model_owner", "development_to_staging"),
        )


def test_a_withdrawn_or_declined_sign_off_does_not_keep_a_person_from_signing() -> None:
    earlier = [given("risk_officer", VALIDATOR, "decline"), replace(BOTH[0], valid=False)]

    assert refusals(signer_facts(), open_facts(sign_offs=judgment.sign_off_facts(earlier))) == ()


def test_a_slot_the_gate_does_not_have_is_refused() -> None:
    assert judgment.refusals(
        POLICY, "rollback", open_facts(), signer_facts(), slot("validator")
    ) == ("This gate asks for no sign-off by an independent validator.",)


def test_a_rule_that_does_not_concern_the_slot_is_passed_over() -> None:
    def change(document: Any, gate: Any) -> None:
        document["separation_of_duties"][0]["applies_to_roles"] = ["risk_officer"]

    policy = policy_with(change)
    facts = open_facts(version__contributors=[])

    assert (
        judgment.refusals(policy, PRODUCTION, facts, signer_facts(DEVELOPER), slot("validator"))
        == ()
    )


_READ_ABOUT_A_SIGNER = {path for rule in POLICY.duties for path, _ in rule.expression.reads}


@pytest.mark.parametrize("path", sorted(_READ_ABOUT_A_SIGNER - {"approval.role"}))
def test_a_missing_fact_about_a_signer_refuses_them(path: str) -> None:
    everything = {**open_facts(), "actor": signer_facts()}
    fewer = without(everything, tuple(path.split(".")))

    told = refusals(fewer.pop("actor"), fewer)

    assert told
    assert all(
        words.startswith("This could not be ruled out: ") and path in words for words in told
    )


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Independent validator", "an independent validator"),
        ("Model owner", "a model owner"),
        ("AI and model governance committee", "an AI and model governance committee"),
    ],
)
def test_a_role_reads_as_one_person(title: str, words: str) -> None:
    assert SlotRule("role", title, 1, "review", None).signer == words
