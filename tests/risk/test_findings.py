"""Findings begin: by people, by themselves once per cause, and what policies read of them."""

from datetime import timedelta

import pytest

from apps.audit.models import AuditEvent
from apps.core.clock import database_now
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from apps.core.sweeping import NotDue
from apps.risk import finding_queries, policy_says
from apps.risk.facts import Judged
from apps.risk.models import Finding
from apps.risk.operations import findings
from apps.risk.operations.findings import Found
from tests import scenarios
from tests.approvals.exceptions import refusals
from tests.factories import actor, person
from tests.risk.found import accepted, incident, raised, ready, said

pytestmark = pytest.mark.django_db


def found(cause: str = "rule:late", **other: str) -> Found:
    return Found(
        cause, Finding.Source.RULE, other.get("severity", "high"), "Late", "It is too late."
    )


def done(action: str) -> int:
    return AuditEvent.objects.filter(action=action, outcome=AuditEvent.Outcome.DONE).count()


def test_a_finding_belongs_to_the_owner_and_is_due_by_the_policy() -> None:
    finding = raised()

    days = policy_says.policy().at(0).days_for("high")
    assert finding.owner == scenarios.owner()
    assert finding.due == finding.raised_at.date() + timedelta(days=days)
    assert (finding.state, finding.source) == ("open", "person")
    assert done("model.raise_finding") == 1


def test_who_holds_no_duty_raises_nothing() -> None:
    model = scenarios.registered_model()

    for nobody in (scenarios.stranger(), scenarios.auditor()):
        with pytest.raises(NotAllowed):
            findings.raise_finding(model, said(), by=actor(nobody))
    assert refusals("model.raise_finding") == ["not_allowed", "not_allowed"]


def test_a_finding_says_what_it_is_and_about_which_version() -> None:
    model, by = scenarios.registered_model(), actor(scenarios.validator())
    strange = scenarios.registered_version()

    for wrong in (
        said(title=" "),
        said(title="Not \u202eapproved"),
        said(description=""),
        said(severity="grave"),
        said(kind="wish"),
        said(version=strange),
    ):
        with pytest.raises(InputRefused):
            findings.raise_finding(model, wrong, by=by)
    with pytest.raises(RuleBroken, match="holds no duty"):
        findings.raise_finding(model, said(), by=by, owner=scenarios.stranger())
    assert not Finding.objects.exists()


def test_a_finding_follows_from_an_incident_until_that_is_closed() -> None:
    about = incident()

    finding = findings.raise_finding_from_incident(
        about, said(), by=actor(scenarios.risk_officer())
    )

    assert (finding.incident, finding.source) == (about, "incident")
    with pytest.raises(NotAllowed):
        findings.raise_finding_from_incident(about, said(), by=actor(scenarios.stranger()))
    assert refusals("incident.raise_finding") == ["not_allowed"]


def test_one_cause_opens_one_finding_while_it_stands() -> None:
    version = scenarios.registered_version()
    first = findings.raise_automatically(version, found())

    with pytest.raises(NotDue):
        findings.raise_automatically(version, found())
    assert findings.find.__name__ == "find"
    assert (first.raised_by, first.owner) == (None, version.model.owner)
    assert done("model.open_finding") == 1
    findings.raise_automatically(scenarios.registered_version(), found())
    assert Finding.objects.count() == 2


def test_what_is_not_so_any_more_raises_nothing() -> None:
    with pytest.raises(NotDue):
        findings.raise_automatically(scenarios.registered_version(), found(), still=lambda: False)
    assert refusals("model.open_finding") == ["not_due"]


def test_a_cause_found_on_an_earlier_version_is_traced_back_to_it() -> None:
    first = scenarios.registered_version()
    second = scenarios.registered_version(first.model)
    finding = findings.raise_automatically(second, found())

    assert findings.raise_automatically(first, found()) == finding

    finding.refresh_from_db()
    assert finding.version == first
    assert done("finding.trace_back") == 1


def test_nobody_but_the_worker_opens_a_finding_by_itself() -> None:
    assert not actor(scenarios.risk_officer()).may(findings.OPEN_BY_ITSELF.permission)
    assert not actor(scenarios.risk_officer()).may(findings.TRACE_BACK.permission)


def test_a_finding_is_carried_to_later_versions_and_not_to_earlier_ones() -> None:
    first = scenarios.registered_version()
    second = scenarios.registered_version(first.model)
    third = scenarios.registered_version(first.model)
    raised(first.model, version=second, severity="critical")
    raised(first.model, severity="medium")
    accepted(first.model, severity="critical")
    ready(first.model)

    read = Judged.of([first.model_id])
    at = database_now() + timedelta(days=900)
    for version, critical in ((first, 0), (second, 1), (third, 1)):
        told = read.unsettled(version.model_id, version, at)
        assert told["findings"] == {
            "open_critical": critical,
            "open_high": 1,
            "open_medium": 1,
            "overdue": 2 + critical,
        }
        assert told["production"] == {"target_open_critical_findings": critical}
    assert finding_queries.of_version(first).count() == 3


def test_only_what_somebody_may_see_is_read() -> None:
    raised()
    everybody = finding_queries.findings_visible_to

    assert everybody(actor(scenarios.auditor())).count() == 1
    assert everybody(actor(scenarios.stranger())).count() == 0


def test_a_service_account_may_raise_and_not_own() -> None:
    model = scenarios.registered_model()
    robot = person("robot", service=True, manager=scenarios.owner(), everywhere=("validator",))

    with pytest.raises(DomainError, match="cannot own"):
        findings.raise_finding(model, said(), by=actor(scenarios.validator()), owner=robot)
