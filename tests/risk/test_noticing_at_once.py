"""Twenty workers that notice the same at the same moment raise one finding between them."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from apps.approvals import in_force
from apps.approvals import operations as approvals
from apps.approvals.models import RuleBreach
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from apps.risk import noticing
from apps.risk.models import Finding
from tests import scenarios
from tests.approvals.exceptions import entries
from tests.approvals.policy_texts import Document, changed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

BEATS = 20


def at_once(beat: Callable[[], int]) -> list[int]:
    """Let many workers carry out one beat at the same moment; return how much each did."""
    start, done = threading.Barrier(BEATS), list[int]()

    def stepped() -> None:
        start.wait()
        try:
            done.append(beat())
        finally:
            connection.close()

    threads = [threading.Thread(target=stepped) for _ in range(BEATS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def test_a_breach_noticed_by_twenty_is_one_finding() -> None:
    scenarios.breach(scenarios.registered_model())

    done = at_once(noticing.notice_findings)

    assert sorted(done) == [*[0] * (BEATS - 1), 1]
    assert Finding.objects.count() == 1
    assert len(entries("model.open_finding")) == 1


def test_a_rule_that_fires_for_twenty_acts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scenarios.promoted(Stage.PRODUCTION)

    def one_rule(document: Document) -> None:
        rule = {"id": "watched", "title": "Watched", "when": "true", "action": "open_finding"}
        document["continuous_rules"] = [{**rule, "severity": "high", "tiers": [1, 2, 3, 4]}]

    policy = changed(one_rule)
    monkeypatch.setattr(in_force, "policy", lambda: policy)

    done = at_once(lambda: approvals.watch_production(database_now()))

    assert sorted(done) == [*[0] * (BEATS - 1), 1]
    assert RuleBreach.objects.count() == Finding.objects.count() == 1
    assert len(entries("version.break_rule")) == 1
