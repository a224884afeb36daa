"""What is watched while a version is in production, and what that does and does not do."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts import operations as accounts
from apps.accounts.models import User
from apps.approvals import authorizing, in_force, operations
from apps.approvals.continuous import STRICTER_TIER, broken_rules
from apps.approvals.models import Authorization, RuleBreach
from apps.approvals.operations import watching
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.core.sweeping import NotDue
from apps.integrations.notices.rows import Notice
from tests import scenarios
from tests.approvals.exceptions import (
    ONE_SIGNS,
    TWO_SIGN,
    WHY,
    enforce,
    entries,
    move_clock,
    promoted_on_a_waiver,
    record_tier,
    refusals,
)
from tests.approvals.policy_texts import Document, changed, move
from tests.approvals.walk import overwrite
from tests.factories import HOST, actor
from tests.integrations.told import happened, told

pytestmark = pytest.mark.django_db

UNOWNED = "model.owner_id == '' || !model.owner_active"


def ruled(
    monkeypatch: pytest.MonkeyPatch, action: str, when: str = UNOWNED, **other: object
) -> None:
    """Let a policy be in force that has just one continuous rule."""

    def one_rule(document: Document) -> None:
        rule = {"id": "watched", "title": "Nobody owns it", "when": when, "action": action}
        document["continuous_rules"] = [
            {**rule, "severity": "high", "tiers": [1, 2, 3, 4], **other}
        ]

    policy = changed(one_rule)
    monkeypatch.setattr(in_force, "policy", lambda: policy)


def serving() -> ModelVersion:
    version: ModelVersion = scenarios.promoted(Stage.PRODUCTION).version
    return version


def leave(owner: User) -> None:
    """Close the account of an owner, so that nobody active owns what they owned."""
    accounts.close_account(owner, by=HOST, reason="Left")


def come_back(owner: User) -> None:
    overwrite(owner, is_active=True)


def watch(at: datetime | None = None) -> int:
    return operations.watch_production(at or database_now())


def standing(version: ModelVersion) -> Authorization:
    found = version.authorizations.order_by("-pk").first()
    assert found is not None
    return found


def test_a_rule_broken_is_noted_once_and_ends_when_it_is_not_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = serving()
    ruled(monkeypatch, "open_finding")
    assert watch() == 0
    leave(scenarios.owner())

    assert [watch() for _ in range(2)] == [1, 0]

    breach = RuleBreach.objects.get()
    assert (breach.version_id, breach.rule, breach.action) == (
        version.pk,
        "watched",
        "open_finding",
    )
    assert (breach.title, breach.severity, breach.tier) == ("Nobody owns it", "high", 1)
    assert breach.policy_digest == in_force.policy().digest
    [entry] = entries("version.break_rule")
    assert entry["actor"]["id"] == "system"
    assert entry["detail"]["rule"] == "watched"
    assert standing(version).state == Authorization.State.VALID

    come_back(scenarios.owner())
    assert [watch() for _ in range(2)] == [1, 0]
    breach.refresh_from_db()
    assert breach.until is not None
    assert len(entries("rule_breach.end")) == 1

    leave(scenarios.owner())
    assert watch() == 1
    assert RuleBreach.objects.count() == 2


def test_what_escalates_is_told_to_those_in_charge_and_the_committee(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    committee = scenarios.account("conny", "Conny Committee", "governance_committee")
    version = serving()
    happened()
    Notice.objects.all().delete()
    ruled(monkeypatch, "escalate", when="version.digest != ''")

    for _ in range(2):
        watch()
        happened()

    line = f"{version}: Nobody owns it"
    for person in (scenarios.owner(), scenarios.risk_officer(), committee):
        assert told(person, "trouble") == [line], person
    assert told(scenarios.developer(), "trouble") == []


def test_what_would_raise_a_finding_is_told_to_the_owner_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = serving()
    ruled(monkeypatch, "open_finding", when="version.digest != ''")
    watch()
    happened()
    assert told(scenarios.owner(), "trouble") == [f"{version}: Nobody owns it"]
    assert told(scenarios.risk_officer(), "trouble") == []


def test_a_rule_suspends_the_authorization_and_the_version_goes_on_running(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = serving()
    ruled(monkeypatch, "suspend_authorization")
    leave(scenarios.owner())

    assert [watch() for _ in range(2)] == [2, 0]

    granted = standing(version)
    assert (granted.state, granted.why) == (Authorization.State.SUSPENDED, "Nobody owns it.")
    version.refresh_from_db()
    assert version.stage == Stage.PRODUCTION
    [entry] = entries("version.suspend_authorization")
    assert entry["detail"]["suspended"] == granted.record_id
    happened()
    line = f"The authorization of {version} for production is suspended"
    assert line in told(scenarios.risk_officer(), "trouble")

    come_back(scenarios.owner())
    assert watch() == 1
    assert standing(version).state == Authorization.State.SUSPENDED  # only a renewal ends that


def test_a_renewal_does_not_get_around_a_rule_that_suspends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = serving()
    ruled(monkeypatch, "suspend_authorization", when="version.digest != ''")
    watch()
    request = scenarios.requested(Stage.PRODUCTION, version=version)
    scenarios.sign(request, scenarios.risk_officer(), "risk_officer")
    operations.renew(request, by=actor(scenarios.operator()), reason=WHY)
    assert standing(version).state == Authorization.State.VALID

    assert [watch() for _ in range(2)] == [1, 0]

    assert standing(version).state == Authorization.State.SUSPENDED
    assert RuleBreach.objects.count() == 1


def test_what_left_production_is_not_watched_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    version = serving()
    ruled(monkeypatch, "open_finding", when="version.digest != ''")
    watch()
    scenarios.promoted(Stage.PRODUCTION, version.model)

    assert watch() == 2  # the new version breaks it, the old one is out of it

    assert RuleBreach.objects.get(version=version).until is not None
    assert RuleBreach.objects.get(until=None).version.number == 2


def test_a_rule_the_policy_has_no_more_is_broken_by_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serving()
    ruled(monkeypatch, "open_finding", when="version.digest != ''")
    watch()
    policy = changed(lambda document: document.update(continuous_rules=[]))
    monkeypatch.setattr(in_force, "policy", lambda: policy)

    assert [watch() for _ in range(2)] == [1, 0]
    assert not RuleBreach.objects.filter(until=None).exists()


def test_a_rule_is_asked_at_its_tiers_only_and_one_that_fails_counts_as_broken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = serving()
    ruled(monkeypatch, "open_finding", when="version.digest != ''", tiers=[2, 3, 4])
    assert watch() == 0
    ruled(monkeypatch, "open_finding", when="1 / findings.open_high > 0")
    assert watch() == 1
    assert RuleBreach.objects.get().version == version
    assert set(broken_rules(in_force.policy(), {})) == {"watched"}


@pytest.mark.parametrize(
    ("act", "action"),
    [
        (lambda version: watching.break_rule(version, "watched"), "version.break_rule"),
        (
            lambda version: watching.suspend_authorization(version, "watched"),
            "version.suspend_authorization",
        ),
    ],
)
def test_what_was_put_right_before_the_lock_is_left_alone(
    act: Callable[[ModelVersion], object], action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = serving()
    ruled(monkeypatch, "suspend_authorization")
    with pytest.raises(NotDue, match="not broken any more"):
        act(version)
    assert refusals(action) == ["not_due"]

    leave(scenarios.owner())
    watch()
    with pytest.raises(NotDue):
        act(version)
    breach = RuleBreach.objects.get()
    with pytest.raises(NotDue, match="broken again"):
        watching.mend_rule(breach)
    come_back(scenarios.owner())
    watching.mend_rule(breach)
    with pytest.raises(NotDue, match="over already"):
        watching.mend_rule(breach)


def test_the_starter_policy_escalates_an_authorization_that_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serving()
    late = move_clock(monkeypatch, 366)
    operations.end_authorizations(late)
    assert watch(late) == 1
    assert RuleBreach.objects.get().rule == "authorization_expired"


def asks_more_at_tier_1(document: Document) -> None:
    """Ask for nothing on renewal at other tiers."""
    for asked in move(document, "reauthorization")["conditions"]:
        asked["tiers"] |= {"2": "warn", "3": "warn", "4": "warn"}
    document["continuous_rules"] = []


def test_a_stricter_tier_suspends_what_does_not_meet_it_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    policy = changed(asks_more_at_tier_1)
    monkeypatch.setattr(in_force, "policy", lambda: policy)
    record_tier(monkeypatch, 3)
    version = serving()
    leave(scenarios.owner())
    assert watch() == 0

    record_tier(monkeypatch, 1)
    assert [watch() for _ in range(2)] == [2, 0]

    says = "Authorized at tier 3, gated at tier 1 by now, and not met there: "
    breach = RuleBreach.objects.get()
    assert (breach.rule, breach.tier, breach.until) == (STRICTER_TIER, 1, None)
    assert breach.title == f"{says}Active accountable owner"
    suspended = standing(version)
    assert (suspended.state, suspended.why) == (
        Authorization.State.SUSPENDED,
        f"{says}Active accountable owner.",
    )
    version.refresh_from_db()
    assert version.stage == Stage.PRODUCTION
    assert not authorizing.may_be_rolled_out(version, database_now())
    with pytest.raises(NotDue):
        watching.suspend_authorization(version, STRICTER_TIER)

    come_back(scenarios.owner())
    assert [watch() for _ in range(2)] == [1, 0]
    breach.refresh_from_db()
    assert breach.until is not None


def test_what_meets_a_stricter_tier_stays_authorized_and_its_renewal_is_of_that_tier(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record_tier(monkeypatch, 3)
    version = serving()
    record_tier(monkeypatch, 1)
    assert watch() == 0
    assert standing(version).state == Authorization.State.VALID
    with pytest.raises(NotDue, match="not broken any more"):
        watching.suspend_authorization(version, STRICTER_TIER)

    renewal = scenarios.requested(Stage.PRODUCTION, version=version)
    scenarios.sign(renewal, scenarios.risk_officer(), "risk_officer")
    operations.renew(renewal, by=actor(scenarios.operator()), reason=WHY)
    assert standing(version).tier == 1

    leave(scenarios.owner())
    watch()
    assert not RuleBreach.objects.filter(rule=STRICTER_TIER).exists()


def test_a_waiver_that_counts_no_longer_at_a_stricter_tier_suspends_what_relied_on_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enforce(monkeypatch, (ONE_SIGNS, TWO_SIGN))
    record_tier(monkeypatch, 3)
    version = promoted_on_a_waiver(monkeypatch).version

    record_tier(monkeypatch, 1)
    watch()

    assert standing(version).state == Authorization.State.SUSPENDED
    assert RuleBreach.objects.get().title.endswith(": Scan for unsafe code clean and recent")


def test_production_is_watched_in_a_number_of_queries_that_does_not_grow() -> None:
    serving()
    watch()
    with CaptureQueriesContext(connection) as few:
        assert watch() == 0
    for _ in range(3):
        serving()
    with CaptureQueriesContext(connection) as many:
        assert watch() == 0
    assert len(many) == len(few)
