"""The documents of the demo: written and signed through the real doors by its people."""

import pytest

from apps.accounts.actors import actor_for
from apps.catalog import operations as catalog
from apps.console.demo import papers, people
from apps.console.demo.people import DEVELOPER, OWNER
from apps.console.demo.walk import Walk
from apps.core.actors import Door
from apps.validation.documents import standing
from apps.validation.models import Document
from tests.scenarios import registered_version

pytestmark = pytest.mark.django_db


def test_the_serving_version_has_a_signed_card_and_the_next_one_a_copy() -> None:
    password = people.new_password()
    cast = people.create(password)
    walk = Walk(cast, password, lambda words: None)
    by = actor_for(cast[DEVELOPER], door=Door.COMMAND)
    model = catalog.register_model(by=by, name="tumor-triage", owner=cast[OWNER])
    serving, waiting = (registered_version(model, by=by) for _ in range(2))

    papers.write(walk, serving, waiting)

    signed, begun = Document.objects.order_by("pk")
    assert (signed.version, signed.status) == (serving, "approved")
    assert (begun.version, begun.status, begun.origin) == (waiting, "draft", signed)
    assert begun.values == signed.values
    [revision] = signed.revisions.all()
    assert revision.signatures.count() == 2
    card = next(one for one in standing.standings(serving) if one.document == signed)
    assert card.filled.percent > 30
