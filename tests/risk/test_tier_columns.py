"""Previews, schedules and campaigns go by the tier that gates go by."""

from datetime import date, timedelta

import pytest

from apps.catalog.models import RegisteredModel
from apps.core.clock import database_now
from apps.risk import campaign_queries, policy_says, schedule_queries
from apps.risk.facts import Judged
from apps.risk.schedules import What
from apps.risk.tier_columns import with_tier
from tests import scenarios
from tests.risk import assessed, owing
from tests.risk.reviewed import running, schedule_by_default

pytestmark = pytest.mark.django_db


def tier_of(model: RegisteredModel, days: int = 0) -> int:
    """Return the tier of a model in some days, once it is sure that gates find the same."""
    at = database_now() + timedelta(days=days)
    column: int = with_tier(RegisteredModel.objects.filter(pk=model.pk), at.date()).get().tier
    assert column == Judged.of([model.pk]).tier(model.pk, at).tier
    return column


def test_the_column_is_what_is_judged_before_and_after_a_tiering() -> None:
    assert tier_of(scenarios.registered_model()) == 0
    model = owing.tiered()
    assert tier_of(model) == 4
    assessed.approved(model, assessed.HEAVY)
    assert tier_of(model) == 1


def test_another_tier_counts_until_its_last_day_whether_or_not_a_worker_ended_it() -> None:
    model = owing.tiered()
    override = owing.asked(model, 2)
    assert tier_of(model) == 4

    owing.sign(override, owing.officer(), "risk_officer")
    owing.sign(override, owing.committee(), "governance_committee")

    assert tier_of(model) == 2
    assert tier_of(model, days=90) == 2
    assert tier_of(model, days=91) == 4


def test_a_newer_tiering_ends_another_tier_for_the_column_too() -> None:
    model = owing.tiered()
    owing.granted(model, 2)
    assessed.approved(model, assessed.HEAVY)
    assert tier_of(model) == 1


def test_the_preview_of_a_campaign_counts_whom_the_worker_asks() -> None:
    overridden, light = owing.tiered(), owing.tiered()
    owing.granted(overridden, 2)
    today = database_now().date()
    assert campaign_queries.counts(today) == {2: 1, 4: 1}
    assert [campaign_queries.count([tier], today) for tier in (2, 3, 4)] == [1, 0, 1]
    later = today + timedelta(days=91)
    assert campaign_queries.counts(later) == {4: 2}

    campaign = running(2)

    entry = campaign.entries.get()
    assert (entry.model, entry.tier) == (overridden, 2)
    assert light not in {one.model for one in campaign.entries.all()}


def test_a_schedule_goes_by_the_tier_that_was_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    model = owing.tiered()
    owing.granted(model, 2)
    schedule_by_default(monkeypatch)
    says, first = policy_says.policy(), date(2020, 1, 1)

    [coming] = schedule_queries.falling_due(
        What.ATTESTATION, RegisteredModel.objects.all(), says, first, date(2040, 1, 1), most=10
    )

    assert (coming.tier, coming.scheduled.months) == (2, 12)
