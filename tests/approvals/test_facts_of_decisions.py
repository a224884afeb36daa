"""Facts about requests, authorizations, waivers, retention, the record and signers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from apps.accounts import operations as accounts
from apps.accounts import queries
from apps.accounts.models import User
from apps.approvals import policies
from apps.approvals.facts import context
from apps.approvals.facts.context import Evidence, of_request, of_rollback, of_signer
from apps.approvals.models import PromotionRequest
from apps.audit import tasks, verification
from apps.audit.models import AuditEvent, ChainCheck
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from apps.validation import operations as validation
from tests import scenarios
from tests.approvals.evidenced import DEFAULT, facts, given, verified
from tests.approvals.walk import WHY
from tests.factories import HOST, actor, person
from tests.unguarded import unguarded

pytestmark = pytest.mark.django_db


def asked(request: PromotionRequest, executor: str = "") -> dict[str, Any]:
    """Return what policies read about the transition of a request, under the default policy."""
    evidence = Evidence.about([request.version], DEFAULT)
    found = of_request(request, evidence, at=database_now(), executor=executor)
    transition = found["transition"]
    assert isinstance(transition, dict)
    return transition


# -- the transition


def test_a_request_says_who_asks_for_what_and_why() -> None:
    request = scenarios.requested()
    assert asked(request, "usr_9") == {
        "id": "development_to_staging",
        "mode": "standard",
        "requested_by": scenarios.developer().record_id,
        "executor_id": "usr_9",
        "justification": "Planned release",
        "evidence_changed_since_request": 0,
        "evidence_submitters": [],
    }


def test_evidence_that_comes_or_goes_after_the_request_is_counted() -> None:
    version = scenarios.checked()
    before = verified(version, "rollback_plan")
    request = scenarios.requested(version=version)
    assert asked(request)["evidence_changed_since_request"] == 0
    given(version.model, "monitoring_plan")
    validation.withdraw_evidence(before, by=actor(scenarios.developer()), reason=WHY)

    assert asked(request)["evidence_changed_since_request"] == 2


def test_submitters_are_those_of_evidence_this_gate_counts() -> None:
    version = scenarios.checked()
    request = scenarios.requested(version=version)
    risk = scenarios.risk_officer()
    due_diligence = given(version.model, "vendor_due_diligence", risk)
    verified(version, "rollback_plan")  # asked for by the next gate
    assert asked(request)["evidence_submitters"] == []

    validation.verify_evidence(due_diligence, by=actor(scenarios.validator()))

    assert asked(request)["evidence_submitters"] == [risk.record_id]


def test_who_answers_for_a_service_account_submitted_what_it_did() -> None:
    rita = scenarios.risk_officer()
    robot = person("robot", everywhere=("risk_officer",), service=True, manager=rita)
    request = scenarios.requested(version=scenarios.checked())
    item = given(request.version.model, "vendor_due_diligence", robot)

    validation.verify_evidence(item, by=actor(scenarios.validator()))

    assert asked(request)["evidence_submitters"] == [robot.record_id, rita.record_id]


def test_a_version_nobody_asks_to_move_has_no_transition() -> None:
    found = facts(scenarios.registered_version())
    assert found["transition"]["id"] == ""
    assert found["sign_offs"] == []


# -- authorizations


def test_a_version_was_authorized_once_it_was_promoted_to_production() -> None:
    request = scenarios.promoted(to=Stage.PRODUCTION)
    version = request.version
    found = facts(version)["production"]
    assert found["target_previously_authorized"] is True
    assert found["target_authorization_valid"] is True
    assert found["target_digest"] == request.content_digest != ""
    assert found["target_withdrawn_for_cause"] is False

    catalog.record_values(
        version, {"withdrawn_for_cause": True}, by=actor(scenarios.risk_officer())
    )

    back = of_rollback(version, asked_by="usr_9", reason=WHY, at=database_now())
    production, transition = back["production"], back["transition"]
    assert isinstance(production, dict)
    assert isinstance(transition, dict)
    assert production["target_withdrawn_for_cause"] is True
    assert (transition["id"], transition["requested_by"]) == ("rollback", "usr_9")


def test_a_version_that_never_was_in_production_is_not_authorized() -> None:
    found = facts(scenarios.checked())["production"]
    assert found["target_previously_authorized"] is False
    assert found["target_authorization_valid"] is False
    assert found["target_digest"] == found["replacement_version_id"] == ""


def test_another_version_in_production_is_a_replacement() -> None:
    serving = scenarios.promoted(to=Stage.PRODUCTION).version
    next_one = scenarios.registered_version(serving.model)
    assert facts(next_one)["production"]["replacement_version_id"] == serving.record_id
    assert facts(serving)["production"]["replacement_version_id"] == ""


# -- the record


def test_the_record_of_a_model_is_verified_once_somebody_looked_through_it() -> None:
    version = scenarios.registered_version()
    assert facts(version)["audit"] == {"chain_verified": False, "chain_verified_age_hours": -1}
    assert tasks.verify_due() > 0
    at = database_now() + timedelta(hours=5, minutes=30)

    assert facts(version, at)["audit"] == {"chain_verified": True, "chain_verified_age_hours": 5}
    assert verification.verify_due(now=database_now()) == 0
    assert verification.verify_due(now=database_now() + verification.EVERY) > 0


def shift(version: Any, **values: object) -> None:
    """Change an entry of a model's record past every rule, as SQL would."""
    events: QuerySet[AuditEvent] = AuditEvent.objects.filter(
        chain_root=version.model.record_ref, chain_rev=1
    )
    with unguarded():
        events.update(**values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"entry": b"{}"}, "not written by the application"),
        ({"action": "model.delete"}, "say something else"),
        ({"chain_rev": 900}, "does not follow"),
        ({"tag_key": 7}, "not written by the application"),
    ],
    ids=["bytes", "a column", "the order", "an unknown key"],
)
def test_a_record_that_was_changed_is_not_verified(values: dict[str, Any], words: str) -> None:
    version = scenarios.registered_version()
    shift(version, **values)

    found = verification.verify(version.model.record_ref, at=database_now())

    assert words in found.trouble
    assert facts(version)["audit"]["chain_verified"] is False


def test_entries_taken_from_the_end_are_missed_and_stay_so() -> None:
    version = scenarios.registered_version()
    root = version.model.record_ref
    assert verification.verify(root, at=database_now()).is_whole
    last = AuditEvent.objects.filter(chain_root=root).order_by("-chain_rev").first()
    assert last is not None
    with unguarded():
        AuditEvent.objects.filter(pk=last.pk).update(chain_root=None, chain_rev=None)

    for _ in range(2):
        assert "entries and had" in verification.verify(root, at=database_now()).trouble


def test_a_rewritten_entry_is_known_by_what_was_there_before() -> None:
    version = scenarios.registered_version()
    root = version.model.record_ref
    verification.verify(root, at=database_now())
    check = ChainCheck.objects.get(chain_root=root)
    check.leaf = "0" * 64
    check.tag = verification.tag_of(check)
    check.save()

    found = verification.verify(root, at=database_now())

    assert "not the one that was there" in found.trouble


def test_a_result_written_by_hand_counts_for_nothing() -> None:
    version = scenarios.registered_version()
    root = version.model.record_ref
    verification.verify(root, at=database_now())
    for values in ({"trouble": "x"}, {"at": database_now() + timedelta(days=9)}, {"tag_key": 9}):
        verification.verify(root, at=database_now())
        ChainCheck.objects.filter(chain_root=root).update(**values)
        assert facts(version)["audit"]["chain_verified"] is False
        assert verification.standings([root]) == {}


# -- people


def below(manager: User | None, username: str) -> User:
    return accounts.create_user(
        by=HOST,
        username=username,
        display_name=username,
        password=None,
        org_unit="desk",
        manager=manager,
    )


def test_a_signer_has_a_unit_and_everyone_above_in_one_query() -> None:
    chief = below(None, "chief")
    head = below(chief, "head")
    clerk, other = below(head, "clerk"), below(head, "other")

    with CaptureQueriesContext(connection) as captured:
        lines = queries.managers_of([clerk.pk, other.pk, chief.pk])

    assert len(captured) == 1
    found = of_signer(clerk, {"validator", "operator"}, lines)
    assert found == of_signer(clerk, {"validator", "operator"})
    assert found["managers"] == [head.record_id, chief.record_id]
    assert (found["org_unit"], found["roles"]) == ("desk", ["operator", "validator"])
    assert of_signer(chief, (), lines)["managers"] == []
    assert queries.managers_of([]) == {}


def test_a_reporting_line_in_a_circle_has_an_end() -> None:
    one = below(None, "one")
    two = below(one, "two")
    rows: QuerySet[User] = QuerySet(User)
    rows.filter(pk=one.pk).update(manager=two)

    assert queries.managers_of([two.pk])[two.pk] == (one.record_id, two.record_id)


def test_administrators_and_service_accounts_are_told_apart() -> None:
    admin, service = person("admin", administrator=True), person("robot", service=True)
    assert of_signer(admin, (), {})["is_platform_admin"] is True
    assert of_signer(service, (), {})["is_service_account"] is True
    assert of_signer(service, (), {})["is_platform_admin"] is False


def test_the_policy_in_force_is_the_one_facts_are_read_under() -> None:
    version = scenarios.registered_version()
    assert context.Evidence.about([version]).policy == policies.shipped("starter")
