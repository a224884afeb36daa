"""A version with a model card begun, and the people who write and sign it."""

import pytest

from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.validation import operations
from apps.validation.models import Document, DocumentRevision
from tests.factories import actor
from tests.scenarios import developer, owner, registered_version, validator

USES = {
    "primary_uses": "Ranks applications for **human** review.",
    "users": ["Credit analysts"],
    "out_of_scope": "Never decides alone.",
}


@pytest.fixture
def version(db: None) -> ModelVersion:
    return registered_version()


@pytest.fixture
def dev(db: None) -> Actor:
    """Who writes."""
    return actor(developer())


@pytest.fixture
def olivia(db: None) -> Actor:
    """The model owner, who signs a model card."""
    return actor(owner())


@pytest.fixture
def vera(db: None) -> Actor:
    """The validator, who signs it too."""
    return actor(validator())


@pytest.fixture
def card(version: ModelVersion, dev: Actor) -> Document:
    """A model card that was begun."""
    return operations.start_document(version, "model-card", by=dev)


@pytest.fixture
def written(card: Document, dev: Actor) -> Document:
    """A model card with one section written."""
    operations.save_section(card, "intended_use", USES, by=dev)
    return card


@pytest.fixture
def submitted(written: Document, dev: Actor) -> DocumentRevision:
    """A model card that waits for its signatures."""
    return operations.submit_document(written, by=dev)


@pytest.fixture
def approved(submitted: DocumentRevision, olivia: Actor, vera: Actor) -> Document:
    """A model card everybody signed."""
    card = submitted.document
    operations.approve_document(card, by=olivia, role="model_owner", digest=submitted.digest)
    operations.approve_document(card, by=vera, role="validator", digest=submitted.digest)
    return card
