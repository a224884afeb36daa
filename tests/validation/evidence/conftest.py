"""A version that evidence is given for, and the people who give and verify it."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion, UseCase
from apps.core.actors import Actor
from apps.validation import operations
from apps.validation.models import EvidenceItem
from tests import scenarios
from tests.factories import actor

Gives = Callable[..., EvidenceItem]


def quarantine(item: EvidenceItem) -> None:
    """Note that the store holds other bytes than it was given, as a scrub does."""
    artifact = item.artifact
    assert artifact is not None
    artifact.quarantined_at = item.submitted_at
    artifact.save()


@pytest.fixture
def version(db: None) -> ModelVersion:
    return scenarios.registered_version(scenarios.registered_model("tumor-triage"))


@pytest.fixture
def use(version: ModelVersion) -> UseCase:
    by = actor(scenarios.owner())
    return catalog.add_use_case(version.model, by=by, title="Second reading")


@pytest.fixture
def dev(db: None) -> Actor:
    """The developer, who gives evidence and verifies none."""
    return actor(scenarios.developer())


@pytest.fixture
def vera(db: None) -> Actor:
    """The validator, who gives evidence and verifies that of others."""
    return actor(scenarios.validator())


@pytest.fixture
def gives(version: ModelVersion, dev: Actor) -> Gives:
    """Return what adds evidence, of the developer about the version unless said otherwise."""

    def give(
        type_id: str = "performance_test_report",
        content: bytes | None = b"%PDF-1.7 report",
        *,
        about: Any = None,
        by: Actor = dev,
        **said: Any,
    ) -> EvidenceItem:
        file = None if content is None else operations.SentFile("report.pdf", [content])
        link = "https://docs.example/report" if content is None else ""
        told = {"title": "Holdout report", "file": file, "link": link, **said}
        return operations.add_evidence(about or version, type_id, by=by, **told)

    return give


@pytest.fixture
def verified(gives: Gives, vera: Actor) -> Gives:
    """Return what adds evidence that the validator stands by."""

    def give(*asked: Any, **said: Any) -> EvidenceItem:
        return operations.verify_evidence(gives(*asked, **said), by=vera)

    return give
