"""The demo's story, told once: every page of the catalog has something true to show."""

import pytest

from apps.approvals import cases
from apps.approvals.models import PromotionRequest
from apps.catalog.inventory.sheets import recorded
from apps.catalog.models import Asset, LineageEdge, ModelVersion, RegisteredModel
from apps.console.demo import people, story
from apps.console.demo.walk import Walk
from apps.core.clock import database_now
from apps.validation.models import Breach, EvidenceItem
from tests.console.demo.conftest import Training


@pytest.mark.django_db
def test_the_story_leaves_something_on_every_page(training: Training) -> None:
    password = people.new_password()
    said: list[str] = []

    story.tell(Walk(people.create(password), password, said.append), training.models)

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

    assert EvidenceItem.objects.filter(model=triage).count() == 3
    assert Breach.objects.get().series.model == triage
