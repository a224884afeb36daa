"""Policies are read by program, those that are or were in force; drafts are not there."""

import pytest

from apps.accounts.models import User
from apps.approvals.models import PolicyVersion
from tests import scenarios
from tests.api.caller import Caller, said, token_of
from tests.approvals.policy_texts import Document, use
from tests.approvals.policy_walk import drafted, published, writer

pytestmark = pytest.mark.django_db


def warns(document: Document) -> None:
    use(document, "metrics_recorded")["tiers"] = dict.fromkeys("1234", "warn")


def caller(user: User) -> Caller:
    return Caller(token_of(user))


def test_every_policy_that_was_in_force_is_listed_the_newest_first_and_drafts_are_not() -> None:
    first, second = published(warns, number="1.0.1"), published(number="1.0.2")
    drafted(number="1.0.3")

    for reader in (scenarios.stranger(), writer()):
        listed = said(caller(reader).get("/policies"))["policies"]
        assert [(one["number"], one["version"], one["state"]) for one in listed] == [
            (second.pk, "1.0.2", "published"),
            (first.pk, "1.0.1", "replaced"),
        ]
        assert listed[1]["replaced_at"] == listed[0]["published_at"]


def test_a_policy_comes_with_its_text_and_who_signed_it() -> None:
    version = published(warns)

    told = said(caller(scenarios.stranger()).get(f"/policies/{version.pk}"))

    assert (told["text"], told["digest"]) == (version.text, version.digest)
    assert [(one["role"], one["signer"]) for one in told["signatures"]] == [
        ("risk_officer", "Rita Risk"),
        ("governance_committee", "Gina Governance"),
    ]


def test_a_draft_is_not_there_whoever_asks() -> None:
    draft = drafted()

    for number in (draft.pk, 999_999, 10**30):
        assert caller(writer()).get(f"/policies/{number}").status_code == 404
    assert PolicyVersion.objects.count() == 1
