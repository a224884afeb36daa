"""The number beside "Inbox" is what waits on a person, and costs every page next to nothing."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts import operations as accounts
from apps.accounts.models import User
from apps.approvals import operations
from apps.approvals import queries as approvals
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.console.queries import badge, inbox
from apps.core.clock import database_now
from apps.risk import assessment_queries
from apps.risk.models import Assessment
from apps.risk.offered import asked_of
from tests import scenarios
from tests.approvals import deciding, policy_walk
from tests.approvals.exceptions import (
    APPROVE,
    asked,
    committee,
    enforce_emergency,
    ratify,
    roll_back_at_once,
    sign_waiver,
)
from tests.approvals.policy_texts import text_of
from tests.console.conftest import Reads
from tests.factories import HOST, actor, person, team
from tests.risk.assessed import sign_all, submitted
from tests.risk.found import incident, raised, ready

pytestmark = pytest.mark.django_db

MORE_QUERIES = 2
"""How many more queries the number may take than what is to sign, and to review, alone."""


def people() -> dict[str, User]:
    return {
        "dev": scenarios.developer(),
        "olivia": scenarios.owner(),
        "vera": scenarios.validator(),
        "rita": scenarios.risk_officer(),
        "otis": scenarios.operator(),
        "audrey": scenarios.auditor(),
        "cora": committee(),
        "sam": scenarios.stranger(),
    }


def numbers() -> dict[str, int]:
    """Return the number of everybody who has one, each held against the inbox and its queries."""
    found = {}
    for name, user in people().items():
        by, at = actor(user), database_now()
        desk = inbox.desk_of(by, now=at)
        with queries() as before:
            approvals.waiting_on(by, at=at)
        with queries() as now:
            found[name] = badge.waiting_on(by, at=at)
        with queries() as to_review:
            if Assessment.objects.filter(state=Assessment.State.SUBMITTED).exists():
                assessment_queries.waiting_on(by)
        assert found[name] == len(desk.to_sign) + len(desk.beside) + len(desk.judged), name
        alone = len(before) + len(to_review) - 1
        assert len(now) <= alone + MORE_QUERIES, (name, now.captured_queries)
    return {name: count for name, count in found.items() if count}


@contextmanager
def queries() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as asked_for:
        yield asked_for


def test_nothing_waits_on_anybody_at_first(opens: Reads) -> None:
    assert numbers() == {}
    assert '<span class="count">' not in opens(scenarios.owner(), "/models/").source


def test_a_request_its_conditions_and_its_dissent_are_counted(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    assert numbers() == {"vera": 1, "rita": 1}

    deciding.signed_with_conditions(request, scenarios.validator(), "validator")
    assert numbers() == {"dev": 1, "rita": 1}

    deciding.asks_for_changes(request, scenarios.risk_officer(), "risk_officer")
    assert numbers() == {"dev": 2, "olivia": 1, "rita": 1}
    for page in ("/models/", "/"):
        shown = opens(scenarios.developer(), page).source
        assert re.search(r'>Inbox<span class="count">2</span>', shown), page


def test_a_waiver_is_counted_for_whoever_may_sign_it_by_duties_everywhere_on_it_or_in_a_team() -> (
    None
):
    waiver = asked()
    here, mate = person("hera", name="Hera"), person("mate", name="Mate")
    catalog.grant_model_duty(
        waiver.root, here, "risk_officer", by=actor(scenarios.risk_officer()), reason="Here"
    )
    team("Risk", mate, everywhere=("risk_officer",))
    builder = scenarios.developer()
    accounts.grant_duty(builder, "risk_officer", by=HOST, reason="For a test")

    assert numbers() == {"rita": 1}
    for user in (here, mate):
        assert badge.waiting_on(actor(user), at=database_now()) == 1
    sign_waiver(waiver, decision=APPROVE)
    for user in (here, mate, scenarios.risk_officer()):
        assert badge.waiting_on(actor(user), at=database_now()) == 0


def test_an_emergency_is_counted_until_it_is_confirmed_and_looked_back_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enforce_emergency(monkeypatch)
    emergency = roll_back_at_once()
    assert numbers() == {"olivia": 1, "rita": 1}

    ratify(emergency, scenarios.owner(), "model_owner")
    assert numbers() == {"rita": 1}
    ratify(emergency, scenarios.risk_officer(), "risk_officer")
    assert numbers() == {"vera": 1, "rita": 1}
    operations.review_emergency(emergency, by=actor(scenarios.validator()), reason="As it should")
    assert numbers() == {}


def test_a_proposed_policy_is_counted_and_shown_to_those_who_may_sign_it(opens: Reads) -> None:
    proposed = policy_walk.proposed()
    line = f"Policy “{proposed}”"

    assert numbers() == {"rita": 1, "cora": 1}
    shown = opens(scenarios.risk_officer(), "/")
    assert line in shown.words
    assert "Sign as Model risk officer" in shown.words
    assert shown.has_link(proposed.get_absolute_url())
    policy_walk.signed(proposed, scenarios.risk_officer(), "risk_officer")
    assert numbers() == {"cora": 1}
    assert line not in opens(policy_walk.writer(), "/").words


def test_who_wrote_a_declined_policy_is_not_asked_to_sign_what_goes_on_from_it() -> None:
    co_writer = person("cyril", name="Cyril", everywhere=("risk_officer",))
    first = policy_walk.drafted()
    policy_walk.rewritten(first, text_of(number="9.9.8"), by=co_writer)
    operations.propose_policy(first, by=actor(policy_walk.writer()), reason="Ready")
    again = operations.decline_policy(first, by=actor(committee()), reason="Once more")
    operations.propose_policy(again, by=actor(policy_walk.writer()), reason="Ready")

    assert badge.waiting_on(actor(co_writer), at=database_now()) == 0
    assert badge.waiting_on(actor(scenarios.risk_officer()), at=database_now()) == 1


def test_findings_and_reports_are_counted_for_those_who_settle_close_and_make_them() -> None:
    raised()
    assert numbers() == {"olivia": 1}
    ready(scenarios.registered_model())
    assert numbers() == {"olivia": 1, "vera": 1, "rita": 1}

    found = incident(scenarios.registered_model(), traits=["personal_data_breach"])

    reports = found.duties.count()
    assert reports
    assert numbers() == {
        "olivia": 1 + reports,
        "otis": reports,
        "rita": 1 + reports,
        "vera": 1,
    }


def test_an_assessment_is_counted_for_its_reviewers_until_they_signed() -> None:
    waiting = submitted()
    roles = {"validator": "vera", "risk_officer": "rita"}
    asked = [roles[role] for role in asked_of(waiting.questionnaire).reviewers if role in roles]
    assert asked
    assert numbers() == dict.fromkeys(asked, 1)

    sign_all(waiting)

    assert numbers() == {}


def test_the_number_takes_as_many_queries_for_many_things_as_for_one() -> None:
    asked()
    reader = actor(scenarios.risk_officer())
    with queries() as few:
        assert badge.waiting_on(reader, at=database_now()) == 1
    for _ in range(3):
        asked()
    with queries() as many:
        assert badge.waiting_on(reader, at=database_now()) == 4
    assert len(many) == len(few)


@pytest.mark.usefixtures("numbers_are_kept")
def test_the_number_is_counted_again_once_the_record_goes_on(opens: Reads) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    validator = actor(scenarios.validator())
    at = database_now()
    assert badge.number(validator, at=at) == 1

    with queries() as asked_again:
        assert badge.number(validator, at=at) == 1
    assert len(asked_again) == 1

    scenarios.sign(request, scenarios.validator(), "validator")
    assert badge.number(validator, at=database_now()) == 0


@pytest.mark.usefixtures("numbers_are_kept")
def test_the_number_is_counted_again_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    scenarios.requested(Stage.PRODUCTION)
    validator = actor(scenarios.validator())
    assert badge.number(validator, at=database_now()) == 1
    later = time.time() + badge.MOST_SECONDS + 1
    monkeypatch.setattr("django.core.cache.backends.locmem.time.time", lambda: later)

    at = database_now()
    with queries() as asked_again:
        badge.number(validator, at=at)

    assert len(asked_again) > 1
