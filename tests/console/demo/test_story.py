"""The demo's story, told once: every page of catalog and judgment has something true to show."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from apps.accounts.models import User
from apps.approvals import cases, in_force, policies
from apps.approvals.models import PromotionRequest
from apps.audit import verification
from apps.audit.models import AuditEvent
from apps.catalog.inventory.sheets import recorded
from apps.catalog.models import Asset, LineageEdge, ModelVersion, RegisteredModel
from apps.console.demo import people, policy
from apps.console.demo.people import Part
from apps.core.clock import database_now
from apps.risk import noticing
from apps.risk.models import (
    Assessment,
    Campaign,
    CampaignEntry,
    Finding,
    Incident,
    Obligation,
    TierOverride,
)
from apps.risk.operations import assessment_aging
from apps.validation.models import Breach, EvidenceItem
from tests.factories import signed_in

pytestmark = pytest.mark.usefixtures("said")


def opened(part: Part, address: str) -> str:
    """Return what a page shows one person."""
    page = signed_in(Client(), User.objects.get(username=part.username)).get(address)
    assert page.status_code == 200
    return str(page.content.decode())


def model(name: str) -> RegisteredModel:
    return RegisteredModel.objects.get(name=name)


# -- the catalog -----------------------------------------------------------------------------------


def test_the_story_leaves_something_on_every_page(said: list[str]) -> None:
    triage = RegisteredModel.objects.get(name="tumor-triage")
    serving = ModelVersion.objects.get(model=triage, number=2)
    use, supplier = triage.use_cases.get(), triage.third_parties.get()
    for subject in (triage, serving, use, supplier):
        assert recorded(subject)
    assert "fallback" not in recorded(use)  # a gap is left to fill
    assert triage.versions.get(number=3).base_version == serving

    shared = Asset.objects.get(name="sklearn/breast_cancer/training")
    into = LineageEdge.objects.filter(origin_asset=shared).select_related("target_version__model")
    assert {str(edge.target_version) for edge in into} == {
        *(f"tumor-triage v{number}" for number in (1, 2, 3)),
        *(f"tumor-checklist v{number}" for number in (1, 2)),
    }
    assert set(LineageEdge.objects.values_list("source", flat=True)) == {
        "observed",
        "declared",
        "inferred",
    }
    assert set(Asset.objects.values_list("kind", flat=True)) == set(Asset.Kind)
    tracked = ModelVersion.objects.get(model__name="tumor-checklist", number=2).run
    assert tracked is not None
    assert tracked.metrics.filter(key="cross_validated_accuracy").count() == 8
    assert RegisteredModel.objects.get(name="visit-letter").kind == "prompt"
    assert any("Promoted tumor-triage v2" in line for line in said)

    request = PromotionRequest.objects.get(version__model=triage, state="open")
    [case] = cases.complete([request], at=database_now())
    missing = [slot.rule.role for slot in case.readiness.slots if slot.missing]
    assert (case.why_void, missing) == ({}, ["risk_officer"])

    assert EvidenceItem.objects.filter(model=triage).count() == 5
    assert Breach.objects.get().series.model == triage


# -- the points at which judgment stands -----------------------------------------------------------


def test_assessments_stand_at_different_points() -> None:
    states = {
        (one.model.name, one.kind): (one.state, one.outcome)
        for one in Assessment.objects.select_related("model")
    }

    assert states == {
        ("tumor-triage", "bank-model-risk-tiering"): ("approved", "tier_2"),
        ("tumor-triage", "eu-ai-act-classification"): ("submitted", ""),
        ("diabetes-progression", "bank-model-risk-tiering"): ("approved", "tier_3"),
        ("digit-reader", "bank-model-risk-tiering"): ("submitted", ""),
        ("wine-grade", "bank-model-risk-tiering"): ("approved", "tier_4"),
        ("visit-letter", "eu-ai-act-classification"): ("approved", "transparency"),
        ("visit-letter", "genai-risk"): ("draft", ""),
        ("instalment-plan-score", "bank-model-risk-tiering"): ("approved", "tier_1"),
        ("instalment-plan-score", "eu-ai-act-classification"): ("approved", "high_risk_annex_iii"),
    }
    stale = Assessment.objects.exclude(stale_at=None)
    assert [(one.model.name, one.stale_because) for one in stale] == [
        ("tumor-triage", "Monitoring went red: recall on read samples.")
    ]


def test_another_tier_is_in_force_until_a_day() -> None:
    override = TierOverride.objects.get()

    assert (override.model.name, override.state) == ("wine-grade", "granted")
    assert (override.assessed_tier, override.tier) == (4, 3)
    assert override.ends_on > database_now().date()


def test_obligations_are_open_bound_put_off_and_met() -> None:
    score = Obligation.objects.filter(model=model("instalment-plan-score"))
    today = database_now().date()

    assert score.get(key="supplier_documentation").state == "deferred"
    assert score.get(key="ai_literacy").owner == User.objects.get(username="l.fontaine")
    assert score.filter(state="open", applies_from__lte=today).exists()
    assert score.filter(state="open", applies_from__gt=today).exists()
    validated = Obligation.objects.get(model__name="tumor-triage", key="validated_before_use")
    assert validated.state == "met"


def test_findings_come_from_everywhere_and_stand_at_different_points() -> None:
    found = {
        (one.model.name, one.source, one.severity): one
        for one in Finding.objects.select_related("model")
    }

    assert {key: one.state for key, one in found.items()} == {
        ("tumor-triage", "breach", "high"): "closed",
        ("tumor-triage", "incident", "critical"): "planned",
        ("wine-grade", "review", "high"): "open",
        ("wine-grade", "review", "low"): "open",
        ("diabetes-progression", "person", "medium"): "accepted",
        ("digit-reader", "check", "medium"): "open",
    }
    assert found["tumor-triage", "incident", "critical"].attached.count() == 1
    closed = found["tumor-triage", "breach", "high"]
    assert closed.closed_by not in {closed.owner, closed.remedied_by}


def test_one_report_of_an_incident_is_made_and_others_run() -> None:
    serious = Incident.objects.get(severity="serious")
    duties = {duty.clock: duty.is_outstanding for duty in serious.duties.all()}

    assert serious.state == "contained"
    assert duties == {
        "ai_act_serious": True,
        "nis2_early": False,
        "nis2_notification": True,
        "nis2_final": True,
    }
    assert Incident.objects.get(severity="other").state == "closed"


def test_some_owners_answered_the_campaign() -> None:
    states = list(CampaignEntry.objects.values_list("state", flat=True))

    assert Campaign.objects.get().state == "running"
    assert (states.count("attested"), states.count("corrected")) == (2, 1)
    assert states.count("open") == len(states) - 3 > 0


# -- pages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "page", "arguments", "words"),
    [
        (people.AUDITOR, "risk:portfolio", (), ("Tier 1", "Tier 2", "Tier 3", "Tier 4")),
        (people.DEVELOPER, "risk:assessments", ("visit-letter",), ("Generative AI risk",)),
        (people.OWNER, "risk:assessments", ("tumor-triage",), ("Model risk tiering",)),
        (people.RISK_OFFICER, "risk:tier", ("wine-grade",), ("Tier 3", "Tier 4")),
        (people.COMPLIANCE, "risk:obligations", ("instalment-plan-score",), ("AI literacy",)),
        (people.OWNER, "risk:findings", (), ("Units of laboratory values are not checked",)),
        (people.OPERATOR, "risk:incidents", (), ("Worklist in reverse order for a morning",)),
        (people.VALIDATOR, "risk:reviews", ("tumor-triage",), ("Revalidation",)),
        (people.RISK_OFFICER, "risk:campaigns", (), ("Year-end attestation",)),
        (people.OWNER, "risk:due", (), ("owner attestation is due", "review is planned")),
        (people.OWNER, "approvals:calendar", (), ("finding is to be settled",)),
        (people.COMPLIANCE, "risk:register", ("eu-annex-viii-c",), ("Granting payment plans",)),
        (people.COUNSEL, "console:inbox", (), ("tumor-triage",)),
        (people.RISK_OFFICER, "console:inbox", (), ("digit-reader",)),
    ],
)
def test_a_page_of_judgment_has_rows(
    part: Part, page: str, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    shown = opened(part, reverse(page, args=arguments))

    for one in words:
        assert one in shown


@pytest.mark.parametrize("table", ["models", "findings", "assessments", "obligations"])
def test_every_table_of_the_portfolio_opens_rows(table: str) -> None:
    shown = opened(people.AUDITOR, reverse("risk:portfolio_rows", args=[table]))

    assert "instalment-plan-score" in shown or "tumor-triage" in shown


# -- the record ------------------------------------------------------------------------------------


def test_nothing_of_the_story_was_refused_and_its_record_is_whole() -> None:
    roots = set(AuditEvent.objects.order_by().values_list("chain_root", flat=True)) - {None}
    refused = (AuditEvent.Outcome.REFUSED, AuditEvent.Outcome.FAILED)
    assert not AuditEvent.objects.filter(outcome__in=refused).exists()
    assert all(verification.verify(str(root), at=database_now()).is_whole for root in roots)


def test_a_worker_finds_nothing_that_the_story_left_undone() -> None:
    assert noticing.notice_findings() == 0
    assert assessment_aging.make_overtaken_stale() == 0


def test_the_policy_asks_at_gates_what_the_starter_policy_asks() -> None:
    own, starter = in_force.policy(), policies.shipped("starter")

    assert own.text == policy.text()
    for part in ("transitions", "conditions", "separation_of_duties", "signature", "waivers"):
        assert own.document[part] == starter.document[part]


def test_the_sign_ins_that_are_kept_name_everybody(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path

    people.keep("amber-apple")

    kept = people.sign_ins().read_text()
    assert all(f"{part.username} " in kept for part in people.CAST)
    assert User.objects.count() == len(people.CAST)
