"""Runs and inventory go on after a version was registered; sign-offs notice."""

import pytest
from django.db.models import F

from apps.approvals import cases
from apps.approvals.dossier import Dossier
from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion, Run, RunMetric
from apps.catalog.training import facts_digest
from apps.core.clock import database_now
from tests import scenarios
from tests.factories import actor

pytestmark = pytest.mark.django_db


def measured_later(version: ModelVersion) -> None:
    """Add a metric to a version's run, as a client does that logs after it registers."""
    assert version.run is not None
    RunMetric.objects.create(run=version.run, key="late", value=0.5, dataset="holdout")
    Run.objects.filter(pk=version.run.pk).update(revision=F("revision") + 1)


def test_a_sign_off_is_void_once_the_run_measured_more() -> None:
    request = scenarios.signed_off()

    measured_later(request.version)

    [case] = cases.complete([request], at=database_now())
    assert not any(given.valid for given in case.given)
    assert "The facts recorded with the version changed." in next(iter(case.why_void.values()))


def test_a_sign_off_given_afterwards_holds() -> None:
    request = scenarios.requested()
    measured_later(request.version)

    scenarios.sign(request, scenarios.owner(), "model_owner")

    [case] = cases.complete([request], at=database_now())
    assert all(given.valid for given in case.given)


def test_asking_for_a_promotion_covers_what_was_measured_until_then() -> None:
    version = scenarios.checked()
    before = version.facts_digest
    measured_later(version)
    version.refresh_from_db()

    request = scenarios.requested(version=version)

    version = ModelVersion.objects.get(pk=version.pk)
    assert version.facts_digest == facts_digest(version) != before
    [case] = cases.complete([request], at=database_now())
    assert case.dossier.facts == version.facts_digest


def test_a_sign_off_is_void_once_the_inventory_says_something_else() -> None:
    request = scenarios.signed_off()

    catalog.record_values(
        request.version.model,
        {"aliases": ["the old scorecard"]},
        by=actor(scenarios.owner()),
    )

    [case] = cases.complete([request], at=database_now())
    assert set(case.why_void.values()) == {"What the inventory says changed."}


def test_a_sign_off_given_on_an_inventory_binds_it() -> None:
    request = scenarios.requested()
    catalog.record_values(
        request.version.model, {"aliases": ["the old scorecard"]}, by=actor(scenarios.owner())
    )

    signed = scenarios.sign(request, scenarios.owner(), "model_owner")

    [case] = cases.complete([request], at=database_now())
    assert case.dossier.inventory is not None
    assert case.dossier.inventory in signed.dossier
    assert Dossier.from_text(signed.dossier) == case.dossier
    assert not case.why_void
