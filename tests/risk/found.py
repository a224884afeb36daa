"""Findings and incidents in tests, by the real operations."""

from datetime import timedelta
from typing import Any

from apps.accounts.models import User
from apps.accounts.signing.terms import TermsTicket
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.risk.accepting import Offer
from apps.risk.models import Finding, Incident, RiskAcceptance
from apps.risk.operations import finding_answers, findings, incidents, risk_acceptances
from apps.risk.operations.findings import Said
from apps.risk.operations.incidents import Told
from tests import scenarios
from tests.factories import actor
from tests.risk.reviewed import confirmed, moment

WHY = "A reason long enough to be kept"


def said(**other: Any) -> Said:
    words = {"title": "Drifts at night", "description": "Wrong after dark.", "severity": "high"}
    return Said(**words | other)


def raised(model: RegisteredModel | None = None, **other: Any) -> Finding:
    """Return a finding the validator raised; the model's owner answers for it."""
    model = model or scenarios.registered_model()
    return findings.raise_finding(model, said(**other), by=actor(scenarios.validator()))


def planned(model: RegisteredModel | None = None, **other: Any) -> Finding:
    finding = raised(model, **other)
    finding_answers.plan_finding(finding, by=actor(scenarios.owner()), plan="Train on nights, too")
    return finding


def ready(model: RegisteredModel | None = None, **other: Any) -> Finding:
    finding = planned(model, **other)
    finding_answers.report_ready(finding, by=actor(scenarios.owner()), remedy="Trained anew")
    return finding


def closed(model: RegisteredModel | None = None, **other: Any) -> Finding:
    finding = ready(model, **other)
    finding_answers.close_finding(finding, by=actor(scenarios.validator()), reason=WHY)
    return finding


def accepted(model: RegisteredModel | None = None, days: int = 30, **other: Any) -> Finding:
    finding = raised(model, **other)
    accept(finding, days=days)
    return finding


def acceptance_ticket(finding: Finding, by: Actor) -> TermsTicket:
    """Open the page on which somebody bears the risk of a finding, as it stands now."""
    return TermsTicket.issue(Offer.of(finding, moment()).terms, to=by)


def accept(
    finding: Finding, who: User | None = None, *, days: int = 30, **other: Any
) -> RiskAcceptance:
    """Bear the risk of a finding as its page shows it; the risk officer, unless somebody does."""
    by = actor(who or scenarios.risk_officer())
    given: dict[str, Any] = {
        "role": "risk_officer",
        "ends_on": moment().date() + timedelta(days=days),
        "confirmed": confirmed(by),
        "reason": WHY,
    } | other
    given.setdefault("ticket", acceptance_ticket(finding, by))
    return risk_acceptances.accept_risk(finding, by=by, **given)


def told(**other: Any) -> Told:
    words: dict[str, Any] = {
        "title": "Loans were refused",
        "description": "All of a night.",
        "harm": "Forty people",
        "severity": "serious",
        "discovered_at": database_now() - timedelta(hours=1),
    }
    return Told(**words | other)


def incident(
    model: RegisteredModel | None = None, by: User | None = None, **other: Any
) -> Incident:
    """Return an incident the developer reported."""
    model = model or scenarios.registered_model()
    return incidents.report_incident(model, told(**other), by=actor(by or scenarios.developer()))


def contained(model: RegisteredModel | None = None, **other: Any) -> Incident:
    """Return an incident an operator contained."""
    found = incident(model, **other)
    incidents.contain_incident(
        found, by=actor(scenarios.operator()), containment="Went back a version"
    )
    return found
