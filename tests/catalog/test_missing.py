"""A number another registry has used and lost is used here too."""

import pytest

from apps.catalog import operations
from apps.catalog.models import ModelVersion
from apps.core.errors import NotAllowed, RuleBroken
from tests.catalog.record import entries, refusals
from tests.factories import HOST, actor
from tests.scenarios import developer, registered_model, registered_version, stranger

pytestmark = pytest.mark.django_db

DEV = "The number was lost in the old registry"


def test_a_missing_number_is_used_up_with_a_tombstone() -> None:
    model = registered_model()
    registered_version(model)

    missing = operations.note_missing_version(model, by=actor(developer()), reason=DEV)

    assert (missing.number, missing.content_digest) == (2, "")
    assert missing.deleted_at is not None
    assert missing.tombstones.count() == 1
    assert registered_version(model).number == 3
    [entry] = entries("version.note_missing")
    assert entry["detail"] == {"number": 2}
    assert not missing.is_ready


def test_a_missing_number_needs_a_reason() -> None:
    with pytest.raises(RuleBroken, match="Give a reason"):
        operations.note_missing_version(registered_model(), by=actor(developer()), reason=" ")

    assert ModelVersion.objects.count() == 0


@pytest.mark.parametrize("who", [stranger, lambda: None])
def test_only_whoever_registers_versions_notes_that_one_is_missing(who: object) -> None:
    assert callable(who)
    user = who()
    by = actor(user) if user else HOST

    with pytest.raises(NotAllowed):
        operations.note_missing_version(registered_model(), by=by, reason=DEV)

    assert ModelVersion.objects.count() == 0
    assert len(refusals("version.note_missing")) == 1
