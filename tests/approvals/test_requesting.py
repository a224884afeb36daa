"""Asking for a promotion, and taking the ask back."""

import pytest
from django.db import IntegrityError

from apps.approvals import operations, policies
from apps.approvals.models import PromotionRequest
from apps.audit.models import AuditEvent
from apps.catalog.lifecycle import Readiness, Stage
from apps.core.errors import RuleBroken
from tests import scenarios
from tests.approvals.walk import break_the_record, entries, overwrite, refusals
from tests.factories import actor

pytestmark = pytest.mark.django_db

State = PromotionRequest.State
ASK, WITHDRAW = "version.request_promotion", "request.withdraw"
NOTE = "request.note_warnings"


# -- request_promotion


def test_a_request_names_the_policy_in_force_and_the_content_asked_for() -> None:
    version = scenarios.checked()
    developer = actor(scenarios.developer())

    request = operations.request_promotion(
        version, by=developer, target=Stage.STAGING, reason="  Frozen for examination  "
    )

    policy = policies.shipped("starter")
    assert (request.state, request.target) == (State.OPEN, Stage.STAGING)
    assert request.justification == "Frozen for examination"
    assert request.requested_by == scenarios.developer()
    assert request.policy_digest == policy.digest
    assert request.content_digest == version.content_digest
    assert request.replaced is None


def test_a_request_is_one_event_on_the_models_chain_about_the_request() -> None:
    request = scenarios.requested()

    [entry] = entries(ASK)
    assert entry["subject"] == {"type": "request", "id": request.record_id}
    assert entry["chain"]["root"] == request.root.record_ref
    assert entry["detail"]["target"] == "staging"
    assert entry["detail"]["policy"] == request.policy_digest
    assert [row["row"] for row in entry["rows"]] == [request.record_ref]
    assert request.history.get().event.uid == AuditEvent.objects.get(action=ASK).uid


def test_a_request_to_production_says_which_version_it_would_replace() -> None:
    serving = scenarios.promoted(Stage.PRODUCTION).version

    request = scenarios.requested(Stage.PRODUCTION, serving.model)

    assert request.replaced == serving


def test_a_request_needs_a_reason() -> None:
    version = scenarios.checked()

    with pytest.raises(RuleBroken, match="Give a reason"):
        operations.request_promotion(
            version, by=actor(scenarios.developer()), target=Stage.STAGING, reason="  "
        )

    assert not PromotionRequest.objects.exists()
    assert refusals(ASK) == ["rule_broken"]


@pytest.mark.parametrize("target", [Stage.PRODUCTION, Stage.ARCHIVED, Stage.DEVELOPMENT])
def test_only_the_next_stage_can_be_asked_for(target: Stage) -> None:
    version = scenarios.checked()

    with pytest.raises(RuleBroken, match=rf"v1 is in Development; .* to {target.label}"):
        scenarios.requested(target, version=version)

    assert refusals(ASK) == ["rule_broken"]


def test_nothing_leads_from_production_to_staging() -> None:
    version = scenarios.promoted(Stage.PRODUCTION).version

    with pytest.raises(RuleBroken, match="v1 is in Production"):
        scenarios.requested(Stage.STAGING, version=version)


def test_a_version_without_complete_content_cannot_be_asked_for() -> None:
    version = scenarios.registered_version()
    overwrite(version, readiness=Readiness.PENDING)

    with pytest.raises(RuleBroken, match="no complete content"):
        scenarios.requested(version=version)


def test_a_second_request_for_the_same_version_waits_for_the_first() -> None:
    first = scenarios.requested()

    with pytest.raises(RuleBroken, match=f"Promotion {first.pk} already asks for this"):
        scenarios.requested(version=first.version)

    operations.withdraw_request(first, by=actor(scenarios.developer()), reason="Once more")
    assert scenarios.requested(version=first.version).is_open


def test_versions_of_one_model_can_be_asked_for_side_by_side() -> None:
    first = scenarios.requested()

    assert scenarios.requested(model=first.version.model).is_open


# -- note_warnings


def test_an_answer_to_warnings_is_one_event_and_the_last_one_stands() -> None:
    request = scenarios.requested()

    for words in ("Only a pilot", "  Only a pilot of ten  "):
        operations.note_warnings(request, by=actor(scenarios.developer()), reason=words)

    request.refresh_from_db()
    assert request.note == "Only a pilot of ten"
    entry, _ = entries(NOTE)
    assert entry["subject"] == {"type": "request", "id": request.record_id}
    assert entry["actor"]["id"] == scenarios.developer().record_id
    assert [row["row"] for row in entry["rows"]] == [request.record_ref]
    assert request.history.count() == 3


def test_an_answer_to_warnings_is_refused_without_words_or_once_decided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request, decided = scenarios.requested(), scenarios.promoted()
    by = actor(scenarios.developer())
    with pytest.raises(RuleBroken, match="Give a reason"):
        operations.note_warnings(request, by=by, reason=" ")
    with pytest.raises(RuleBroken, match="This request is closed: promoted"):
        operations.note_warnings(decided, by=by, reason="Late")
    assert refusals(NOTE) == ["rule_broken"] * 2
    break_the_record(monkeypatch)
    with pytest.raises(IntegrityError):
        operations.note_warnings(request, by=by, reason="Unrecorded")

    for each in (request, decided):
        each.refresh_from_db()
        assert each.note == ""


# -- withdraw_request


def test_a_withdrawn_request_is_closed_with_who_and_when() -> None:
    request = scenarios.signed_off()

    operations.withdraw_request(request, by=actor(scenarios.owner()), reason="A bug was found")

    assert request.state == State.WITHDRAWN
    assert request.closed_by == scenarios.owner()
    assert request.closed_at is not None
    [entry] = entries(WITHDRAW)
    assert entry["subject"]["id"] == request.record_id
    assert request.sign_offs.count() == 1


def test_withdrawing_needs_a_reason() -> None:
    request = scenarios.requested()

    with pytest.raises(RuleBroken, match="Give a reason"):
        operations.withdraw_request(request, by=actor(scenarios.owner()), reason="")

    request.refresh_from_db()
    assert request.is_open


def test_a_decided_request_cannot_be_withdrawn() -> None:
    request = scenarios.promoted()

    with pytest.raises(RuleBroken, match="This request is closed: promoted"):
        operations.withdraw_request(request, by=actor(scenarios.owner()), reason="Too late")

    request.refresh_from_db()
    assert request.state == State.PROMOTED
    assert refusals(WITHDRAW) == ["rule_broken"]


def test_a_request_starts_the_checks_its_gate_reads_and_that_have_no_result() -> None:
    version = scenarios.registered_version()

    request = operations.request_promotion(
        version, by=actor(scenarios.developer()), target=Stage.STAGING, reason="Frozen"
    )

    waiting = set(version.check_runs.waiting().values_list("check_name", flat=True))
    assert waiting == {"artifact-integrity", "unsafe-code", "schema"}
    assert request.is_open


def test_a_request_starts_nothing_that_has_a_result_on_this_content() -> None:
    request = scenarios.requested()

    assert not request.version.check_runs.waiting().exists()
