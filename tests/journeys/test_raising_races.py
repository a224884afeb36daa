"""Many beats of the clock at the same moment: one cause opens one finding.

THREATS hazard 1. Each thread has a connection of its own, on SQLite and on PostgreSQL.
"""

import random
from functools import partial

import pytest

from apps.approvals import in_force
from apps.approvals import operations as approvals
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from apps.risk import noticing
from apps.risk.models import Finding
from apps.validation import tasks
from tests import scenarios
from tests.approvals.policy_texts import Document, changed
from tests.journeys import record
from tests.journeys.test_race import LONG, at_once

BEATS = 20 if LONG else 3
MODELS = 5 if LONG else 2

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.long,
    pytest.mark.timeout(3 * 3600 if LONG else 300),
]


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ring for nobody: the tests are the workers."""
    monkeypatch.setattr(tasks, "ring", lambda *run_ids: None)


@pytest.fixture
def chance() -> random.Random:
    """Who gets a head start, and how long: the same in every run of the tests."""
    return random.Random(20261126)


def test_a_breach_is_one_finding_however_many_beats_notice_it(chance: random.Random) -> None:
    for _ in range(MODELS):
        scenarios.breach(scenarios.registered_model())

    done = at_once([noticing.notice_breaches] * BEATS, chance)

    assert sum(one for one in done if isinstance(one, int)) == MODELS
    assert Finding.objects.count() == MODELS
    record.require_whole_record()


def test_a_broken_rule_is_one_finding_however_many_beats_watch(
    chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    def always(document: Document) -> None:
        rule = {"id": "watched", "title": "Watched", "when": "version.digest != ''"}
        more = {"action": "open_finding", "severity": "high", "tiers": [1, 2, 3, 4]}
        document["continuous_rules"] = [rule | more]

    for _ in range(MODELS):
        scenarios.promoted(Stage.PRODUCTION)
    policy = changed(always)
    monkeypatch.setattr(in_force, "policy", lambda: policy)

    done = at_once([partial(approvals.watch_production, database_now())] * BEATS, chance)

    assert sum(one for one in done if isinstance(one, int)) == MODELS
    assert Finding.objects.count() == MODELS
    record.require_whole_record()
