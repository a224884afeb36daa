"""An approved assessment writes the inventory and opens, keeps or closes obligations."""

import pytest

from apps.catalog import operations as catalog
from apps.catalog.inventory import sheets
from apps.core.errors import NotAllowed
from apps.risk.models import Obligation
from tests import scenarios
from tests.approvals.walk import entries
from tests.factories import actor
from tests.risk import assessed, owing

pytestmark = pytest.mark.django_db
LIVE, LAPSED = Obligation.LIVE, Obligation.State.LAPSED


def test_what_a_tiering_found_goes_into_the_inventory() -> None:
    model = owing.tiered(assessed.HEAVY)

    told = sheets.recorded(model)

    assert told["tier"] == 1
    assert told["revalidation_months"] == 12
    assert told["method_type"] == assessed.example(assessed.HEAVY)["answers"]["method_type"]
    [entry] = entries("inventory.record_assessed")
    assert "tier" in entry["detail"]["changed"]
    assert entry["detail"]["before"] != entry["detail"]["after"]


def test_a_field_of_an_assessment_is_written_by_nobody_else() -> None:
    model = owing.tiered()

    with pytest.raises(catalog.FieldsRefused):
        catalog.record_values(model, {"tier": 1}, by=actor(scenarios.owner()))
    with pytest.raises(NotAllowed):
        catalog.record_assessed(model, {"tier": 1}, by=actor(scenarios.owner()), assessment="x")


def test_an_answer_fills_a_field_of_the_owner_only_while_it_is_empty() -> None:
    use = assessed.described_use()
    assessed.approved(use, "eu-credit-scoring-bank")
    use.refresh_from_db()

    assert use.values["intended_purpose"] == assessed.PURPOSE
    assert use.values["eu_ai_act_class"] == "high_risk"


def test_obligations_are_opened_kept_and_closed() -> None:
    model = owing.tiered(assessed.HEAVY)
    heavy = {row.key for row in model.obligations.filter(state__in=LIVE)}

    assessed.approved(model, assessed.LIGHT)

    light = {row.key for row in model.obligations.filter(state__in=LIVE)}
    lapsed = {row.key for row in model.obligations.filter(state=LAPSED)}
    assert lapsed == heavy - light != set()
    kept = model.obligations.filter(key__in=heavy & light)
    assert kept.count() == len(heavy & light) > 0
    assert {row.assessment.outcome for row in kept} == {"tier_4"}
    assert len(entries("assessment.settle_obligations")) == 2
