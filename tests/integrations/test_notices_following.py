"""What the policy has people told after a move, and of waivers: whom, once, and nobody else."""

import pytest

from apps.accounts.models import User
from apps.approvals import operations as approvals
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import RegisteredModel
from apps.core.clock import database_now
from apps.integrations.notices.rows import Notice
from tests import scenarios
from tests.approvals import exceptions
from tests.approvals.deciding import enforced
from tests.approvals.policy_texts import Change, Document, move
from tests.catalog.lineage import world
from tests.factories import actor, person
from tests.integrations.told import DAY, fell_due, happened, told
from tests.scenarios import developer, operator, owner, risk_officer, validator

pytestmark = pytest.mark.django_db


def follows(*steps: str, after: str = "staging_to_production") -> Change:
    """Let the starter policy list what follows a move."""

    def change(document: Document) -> None:
        move(document, after)["on_success"] = list(steps)

    return change


def helper_on(model: RegisteredModel) -> User:
    """Return somebody who holds a role on one model only."""
    found = person("hal", name="Hal Helper")
    catalog.grant_model_duty(model, found, "model_developer", by=actor(owner()), reason="Helps")
    return found


def test_who_holds_a_role_on_the_model_is_told_of_a_move_where_the_policy_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    helper = helper_on(request.version.model)
    enforced(monkeypatch, follows("notify_inventory_subscribers"))
    happened()
    approvals.promote(request, by=actor(operator()), reason="Quarterly refresh")
    happened()
    happened()

    line = f"{request.version} is now in production"
    assert told(helper, "follow_up") == [line]
    assert told(validator(), "follow_up") == []
    assert told(operator(), "follow_up") == []
    assert told(owner(), "decision").count(line) == 1
    assert told(owner(), "follow_up") == []


def test_who_answers_for_what_is_built_on_a_version_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = scenarios.promoted(Stage.PRODUCTION).version
    other = person("ulla", name="Ulla User", everywhere=["auditor"])
    built = scenarios.registered_version(scenarios.registered_model("built-on-it", owner=other))
    world.edge(version, built, "derived_from")
    scenarios.promoted(Stage.PRODUCTION, version.model)
    happened()
    assert told(other, "follow_up") == []

    second = version.model.versions.get(number=2)
    world.edge(second, built, "derived_from")
    enforced(monkeypatch, follows("notify_consumers"))
    third = scenarios.promoted(Stage.PRODUCTION, version.model).version
    happened()
    assert told(other, "follow_up") == [f"{third} is now in production"]
    scenarios.promoted(Stage.PRODUCTION, version.model)
    happened()
    assert len(told(other, "follow_up")) == 1  # nothing is built on the third


def test_a_rollback_asks_for_its_cause_and_an_incident_where_the_policy_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = exceptions.two_in_turn()
    validator(), risk_officer()
    steps = ("schedule_root_cause_review", "open_incident_or_link")
    enforced(monkeypatch, follows(*steps, after="rollback"))
    version = approvals.roll_back(model, by=actor(operator()), reason="Worse at night")
    happened()

    back = f"{model} was rolled back to {version}"
    cause, incident = f"Look for the root cause: {back}", f"Open an incident, or link one: {back}"
    assert told(validator(), "follow_up") == [cause]
    assert told(operator(), "follow_up") == [incident]
    assert sorted(told(risk_officer(), "follow_up")) == [cause, incident]
    assert sorted(told(owner(), "follow_up")) == [cause, incident]
    assert told(developer(), "follow_up") == []
    assert exceptions.entries("model.roll_back")[-1]["detail"]["follows"] == [
        "start_authorization_clock",
        *steps,
    ]


def test_records_managers_are_asked_to_seal_the_records_of_what_was_decommissioned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exceptions.other_records_manager()
    enforced(monkeypatch, follows("seal_records", after="archived_to_decommissioned"))
    version = exceptions.retired().version
    happened()

    line = f"Seal the records of {version}"
    for somebody in (exceptions.records_manager(), exceptions.other_records_manager()):
        assert told(somebody, "follow_up") == [line]
    assert told(owner(), "follow_up") == []


def reviews(document: Document) -> None:
    for tier in document["tiers"]:
        tier["settings"] |= {"revalidation_months": 2, "periodic_review_months": 12}
    move(document)["on_success"] = ["schedule_revalidation", "schedule_periodic_review"]


def test_a_scheduled_validation_is_told_before_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    enforced(monkeypatch, reviews)
    version = scenarios.promoted(Stage.PRODUCTION).version
    told_of = f"The revalidation of {version} is due on "
    for days, times in ((20, 0), (35, 1), (36, 1), (57, 2), (70, 2)):
        fell_due(days * DAY)
        for somebody in (owner(), validator(), risk_officer()):
            lines = [one for one in told(somebody, "reminder") if one.startswith(told_of)]
            assert len(lines) == times, (days, somebody)
    assert told(developer(), "reminder") == []


# -- waivers


def reported(monkeypatch: pytest.MonkeyPatch, on_expiry: str = "suspend_authorization") -> None:
    """Let the starter policy report waivers to the committee and auditors."""

    def change(document: Document) -> None:
        document["waivers"] |= {
            "report_to": ["governance_committee", "auditor"],
            "on_expiry": on_expiry,
        }

    enforced(monkeypatch, change)


def test_a_waiver_is_reported_to_whom_the_policy_names(monkeypatch: pytest.MonkeyPatch) -> None:
    committee, auditor = exceptions.committee(), scenarios.auditor()
    before = exceptions.granted()
    happened()
    assert told(committee, "follow_up") == told(auditor, "follow_up") == []

    reported(monkeypatch)
    waiver = exceptions.granted(before.version, "schema_matches_example")
    happened()
    approvals.revoke_waiver(waiver, by=actor(risk_officer()), reason="Not needed")
    happened()

    for somebody in (committee, auditor):
        first, second = told(somebody, "follow_up")
        assert first.endswith(f"for {waiver.version} was granted")
        assert second.endswith(f"for {waiver.version} was revoked")
    assert told(risk_officer(), "follow_up") == []


@pytest.mark.parametrize("on_expiry", ["suspend_authorization", "escalate"])
def test_the_end_of_a_waiver_says_what_became_of_the_authorization(
    monkeypatch: pytest.MonkeyPatch, on_expiry: str
) -> None:
    committee = exceptions.committee()
    waiver = exceptions.promoted_on_a_waiver(monkeypatch)
    reported(monkeypatch, on_expiry)
    approvals.end_waivers(exceptions.move_clock(monkeypatch, 31))
    happened()

    [notice] = Notice.objects.filter(person=developer(), kind="trouble", line__contains="has ended")
    is_suspended = on_expiry == "suspend_authorization"
    assert ("is suspended" in notice.text) is is_suspended
    assert ("No authorization for production was suspended" in notice.text) is not is_suspended
    assert len(told(committee, "trouble")) == (0 if is_suspended else 1)
    assert len(told(committee, "follow_up")) == 1
    assert waiver.version.model.owner_id == owner().pk


# -- emergencies


@pytest.mark.parametrize("is_critical", [True, False])
def test_an_emergency_nobody_confirmed_is_told_to_those_in_charge_and_the_committee(
    monkeypatch: pytest.MonkeyPatch, is_critical: bool
) -> None:
    model = exceptions.two_in_turn()
    said = "if_not_ratified: escalate"
    other = ((f"{said}_and_open_critical_finding", said),)
    exceptions.enforce_emergency(monkeypatch, *(() if is_critical else other))
    committee, officer = exceptions.committee(), risk_officer()
    emergency = exceptions.roll_back_at_once(model)
    happened()
    approvals.lapse_emergencies(exceptions.move_clock(monkeypatch, 3))
    happened()

    version = emergency.authorization.version
    line = f"The emergency rollback to {version} was not confirmed in time"
    for somebody in (owner(), officer, committee, operator()):
        assert told(somebody, "trouble")[-1] == line
    [notice] = Notice.objects.filter(person=committee, line=line)
    assert ("critical finding" in notice.text) is is_critical
    assert database_now() > emergency.acted_at
