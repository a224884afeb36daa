"""THREATS section 6, hazards 1 to 5: what is true when a promotion is carried out is what counts.

Races of real threads are in ``tests/journeys/test_race.py``.
"""

import pytest

from apps.accounts import operations as accounts
from apps.approvals import cases, gates, operations
from apps.approvals.models import PromotionRequest
from apps.approvals.readiness import GatesClosed
from apps.catalog import champion
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.core.errors import NotAllowed
from apps.validation import operations as validation
from apps.validation import runner
from apps.validation.models import CheckRun
from tests import scenarios
from tests.approvals.walk import (
    change_the_policy,
    end_duty,
    entries,
    overwrite,
    promote,
    refusals,
)
from tests.factories import HOST, actor

pytestmark = pytest.mark.django_db

PROMOTE = "version.promote"


def refusal_of(request: PromotionRequest) -> str:
    with pytest.raises(GatesClosed) as refusal:
        promote(request)
    assert refusals(PROMOTE) == ["gates_closed"]
    return str(refusal.value)


# -- hazard 1: two promotions at once


def test_hazard_1_of_two_signed_versions_the_later_one_is_refused_and_hears_who_won() -> None:
    serving = scenarios.promoted(Stage.PRODUCTION).version
    winner, loser = (scenarios.signed_off(Stage.PRODUCTION, serving.model) for _ in range(2))

    promote(winner)
    said = refusal_of(loser)

    assert "Version 2 is in production by now instead of version 1." in said
    production = ModelVersion.objects.filter(model=serving.model, stage=Stage.PRODUCTION)
    assert list(production) == [winner.version]
    assert champion.of(serving.model) == winner.version


def test_hazard_1_the_database_holds_one_version_in_production_whatever_the_code_does() -> None:
    serving = scenarios.promoted(Stage.PRODUCTION).version
    other = scenarios.checked(model=serving.model)

    with pytest.raises(Exception, match=r"(?i)unique"):
        overwrite(other, stage=Stage.PRODUCTION)


# -- hazard 2: artifact, policy, evidence or card changes after sign-off


def other_bytes(request: PromotionRequest) -> None:
    overwrite(request.version, content_digest="sha256:" + "1" * 64)


def other_facts(request: PromotionRequest) -> None:
    overwrite(request.version, facts_digest="sha256:" + "1" * 64)


def other_evidence(request: PromotionRequest) -> None:
    scenarios.check(request.version)


def other_card(request: PromotionRequest) -> None:
    catalog.describe_model(request.root, by=actor(scenarios.developer()), limitations="None at all")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (other_bytes, "The version's content changed."),
        (other_facts, "The facts recorded with the version changed."),
        (other_evidence, "The check Unsafe code was run again."),
        (other_card, "The model's limitations changed."),
    ],
)
def test_hazard_2_what_changed_after_it_was_signed_is_not_promoted(change, words: str) -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    change(request)

    assert words in refusal_of(request)


def test_hazard_2_nothing_is_promoted_under_another_policy_than_was_signed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    change_the_policy(monkeypatch)

    assert "What the policy asks here changed" in refusal_of(request)


def test_hazard_2_production_holds_exactly_what_was_signed() -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)

    version = promote(request)

    [case] = cases.complete([request], at=database_now())
    signed = {signed.dossier_digest for signed in request.sign_offs.all()}
    [entry] = [entry for entry in entries(PROMOTE) if entry["detail"]["target"] == "production"]
    assert signed == {entry["detail"]["dossier"]}
    assert version.content_digest in request.sign_offs.latest("pk").dossier
    assert case.request.content_digest == version.content_digest


# -- hazard 3: the right is held at sign-off and at promotion


def test_hazard_3_a_signer_who_lost_the_role_before_submitting_signs_nothing() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    end_duty(scenarios.validator(), "validator")

    with pytest.raises(NotAllowed, match="You hold no role on this model that signs"):
        scenarios.sign(request, scenarios.validator(), "validator")

    assert refusals("request.sign_off") == ["not_allowed"]


@pytest.mark.parametrize("role", ["validator", "risk_officer"])
def test_hazard_3_a_signer_who_lost_the_role_before_promotion_counts_no_more(role: str) -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    end_duty(scenarios.SIGNERS[Stage.PRODUCTION][role](), role)

    assert "The signer no longer holds this role." in refusal_of(request)


def test_hazard_3_a_role_given_back_counts_again() -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    end_duty(scenarios.validator(), "validator")
    accounts.grant_duty(scenarios.validator(), "validator", by=HOST, reason="Back again")

    assert promote(request).stage == Stage.PRODUCTION


def test_hazard_3_an_operator_who_lost_the_duty_promotes_nothing() -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    otis = actor(scenarios.operator())
    end_duty(scenarios.operator(), "operator")

    with pytest.raises(NotAllowed, match="Only an operator of this model"):
        operations.promote(request, by=otis, reason="Quick")


# -- hazard 4: a check result counts only for the bytes it examined


def test_hazard_4_a_result_for_replaced_bytes_is_recorded_and_does_not_count() -> None:
    version = scenarios.registered_version()
    examined = version.content_digest
    runs = validation.start_checks(version, by=actor(scenarios.developer()))
    overwrite(version, content_digest="sha256:" + "2" * 64)
    for run in runs:
        runner.execute(run.pk, worker="late")

    readiness = gates.foresee(version, Stage.STAGING, asked_by="usr_0", at=database_now())

    kept = CheckRun.objects.filter(version=version)
    assert {run.examined_digest for run in kept} == {examined}
    assert all(run.is_final for run in kept)
    assert {closed.gate for closed in readiness.closed} >= {
        "artifact_integrity_passed",
        "artifact_scan_clean",
        "schema_matches_example",
    }


def test_hazard_4_a_pass_on_other_bytes_opens_no_gate() -> None:
    version = scenarios.checked()
    overwrite(version, content_digest="sha256:" + "3" * 64)

    readiness = gates.foresee(version, Stage.STAGING, asked_by="usr_0", at=database_now())

    assert "artifact_scan_clean" in {closed.gate for closed in readiness.closed}


# -- hazard 5: the gate opens, then closes before promotion


def test_hazard_5_a_gate_seen_open_is_judged_again_when_it_is_carried_out() -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    assert gates.evaluate(request, at=database_now()).is_open
    signed = request.sign_offs.get(role="risk_officer")
    operations.withdraw_sign_off(
        signed, by=actor(scenarios.risk_officer()), reason="New complaint from the branch"
    )

    said = refusal_of(request)

    assert "Model risk officer: A sign-off is missing." in said
    assert "Withdrawn by the signer." in said


def test_hazard_5_no_verdict_is_stored_anywhere() -> None:
    fields = {field.name for field in PromotionRequest._meta.get_fields()}

    assert not fields & {"readiness", "verdicts", "is_ready", "gate"}
