"""A slot that an obligation adds is one like any other: it is signed in, and that counts."""

from typing import Any

import pytest

from apps.approvals import judgment
from apps.approvals.models import PromotionRequest
from apps.approvals.obligations import Kind, Obligation
from apps.approvals.policies import Policy
from tests import scenarios
from tests.approvals.facts import BOTH, given, open_facts
from tests.approvals.gates import POLICY, PRODUCTION, policy_with
from tests.approvals.walk import case_of
from tests.risk import assessed


def asks(role: str, count: int = 1) -> Obligation:
    """Return an obligation that somebody in a role signs before production."""
    named = frozenset({PRODUCTION})
    return Obligation(f"obl_{count}", Kind.SIGN_OFF, "Signed", named, role=role, count=count)


def roles(*obligations: Obligation, policy: Policy = POLICY) -> list[str]:
    told = judgment.judge(policy, PRODUCTION, open_facts(), BOTH, obligations=obligations)
    return [slot.rule.role for slot in told.slots for _ in range(slot.rule.count)]


def test_a_role_that_signs_already_counts_once() -> None:
    assert roles(asks("validator")).count("validator") == 1


def test_of_two_obligations_the_one_that_asks_for_more_people_counts() -> None:
    assert roles(asks("legal_counsel", 2), asks("legal_counsel")).count("legal_counsel") == 2


def test_a_role_whose_own_slot_does_not_apply_is_added() -> None:
    def only_in_banks(document: Any, move: Any) -> None:
        for slots in move["sign_offs"].values():
            slots[0]["when"] = "model.name == 'somebody else'"

    policy = policy_with(only_in_banks)
    first = policy.transition(PRODUCTION).sign_offs[1][0].role

    assert first not in roles(policy=policy)
    assert first in roles(asks(first), policy=policy)
    filled = judgment.judge(
        policy,
        PRODUCTION,
        open_facts(),
        (*BOTH, given(first, "usr_9")),
        obligations=(asks(first),),
    )
    assert all(not slot.missing for slot in filled.slots if slot.rule.role == first)


@pytest.mark.django_db
def test_a_signature_in_an_added_slot_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    request = scenarios.requested()
    added = Obligation(
        "obl_1", Kind.SIGN_OFF, "Legal counsel signs", frozenset({request.transition}),
        role="legal_counsel",
    )  # fmt: skip
    monkeypatch.setattr(
        "apps.approvals.facts.context.Evidence.obligations", lambda *_, **__: (added,)
    )
    counsel = assessed.reviewer("legal_counsel")

    signed = scenarios.sign(request, counsel, "legal_counsel")

    case = case_of(PromotionRequest.objects.get(pk=request.pk))
    [slot] = [slot for slot in case.readiness.slots if slot.rule.role == "legal_counsel"]
    assert case.why_void == {}
    assert [one.id for one in slot.filled_by] == [signed.record_id]
