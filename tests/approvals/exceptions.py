"""Waivers, emergencies and retirement in tests, by the real operations."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from apps.accounts.confirmation import Confirmation
from apps.accounts.models import User
from apps.accounts.signing.terms import TermsTicket
from apps.approvals import in_force, operations, policies, ratifying
from apps.approvals.models import (
    Emergency,
    LegalHold,
    PromotionRequest,
    Ratification,
    Retention,
    Retirement,
    Waiver,
    WaiverSignOff,
)
from apps.approvals.operations import WaiverTerms
from apps.approvals.policies import Policy
from apps.approvals.waiving import Offer
from apps.audit import changes
from apps.audit.models import AuditEvent
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.risk.facts import Judged
from apps.risk.tiers import CurrentTier
from apps.validation import checks, runner
from apps.validation import operations as validation
from tests import scenarios
from tests.factories import actor
from tests.remembered import remembered

WHY = "A reason long enough to be kept"
SCAN = "artifact_scan_clean"
APPROVE, DECLINE = WaiverSignOff.Decision.APPROVE, WaiverSignOff.Decision.DECLINE

ONE_SIGNS = "{1: [risk_officer], 2: [risk_officer], 3: [risk_officer], 4: [risk_officer]}"
TWO_SIGN = ONE_SIGNS.replace("1: [risk_officer]", "1: [risk_officer, governance_committee]")
NOBODY_SIGNS = "    distinct_approvers: {1: 0, 2: 0, 3: 0, 4: 0}\n"
EMERGENCY = f"""{NOBODY_SIGNS}    modes: [standard, emergency]
    emergency:
      distinct_approvers: {{1: 0, 2: 0, 3: 0, 4: 0}}
      sod_exempt: []
      ratification:
        1: [model_owner, risk_officer]
        2: [model_owner]
        3: [model_owner]
        4: [model_owner]
      ratify_within_hours: settings.emergency_ratification_hours
      if_not_ratified: escalate_and_open_critical_finding
"""


# -- what the record says


def entries(action: str, outcome: str = "done") -> list[dict[str, Any]]:
    """Return the entries of an action, the oldest first."""
    events = AuditEvent.objects.filter(action=action, outcome=outcome).order_by("pk")
    return [json.loads(bytes(event.entry)) for event in events]


def refusals(action: str) -> list[str]:
    """Return the code of each refused try of an action."""
    return [entry["detail"]["error"] for entry in entries(action, "refused")]


# -- people


def committee() -> User:
    return scenarios.account("conny", "Conny Committee", "governance_committee")


def records_manager() -> User:
    return scenarios.account("remy", "Remy Records", "records_manager")


def other_records_manager() -> User:
    return scenarios.account("rosa", "Rosa Records", "records_manager")


def counsel() -> User:
    return scenarios.account("lea", "Lea Legal", "legal_counsel")


# -- the policy in force, and the clock


def enforce(monkeypatch: pytest.MonkeyPatch, *replaced: tuple[str, str]) -> Policy:
    """Let the starter policy be in force with some of its text replaced."""
    text = policies.shipped("starter").text
    for old, new in replaced:
        assert old in text, old
        text = text.replace(old, new)
    policy = policies.parse(text)
    monkeypatch.setattr(in_force, "policy", lambda: policy)
    return policy


def enforce_emergency(monkeypatch: pytest.MonkeyPatch, *more: tuple[str, str]) -> Policy:
    """Let a policy be in force that knows an emergency, which owner and risk officer confirm."""
    return enforce(monkeypatch, (NOBODY_SIGNS, EMERGENCY), *more)


def record_tier(monkeypatch: pytest.MonkeyPatch, tier: int) -> None:
    """Let every model have been assessed, with this tier as the outcome."""
    monkeypatch.setattr(Judged, "tier", lambda *_: _Assessed(tier))


class _Assessed(CurrentTier):
    """A tier that was assessed a day ago."""

    def age_days(self, at: datetime) -> int:
        return 1


def move_clock(monkeypatch: pytest.MonkeyPatch, days: float) -> datetime:
    """Let changes happen so many days from now; return the moment."""
    moment = database_now() + timedelta(days=days)
    monkeypatch.setattr(changes, "database_now", lambda: moment)
    return moment


def moment_of_changes() -> datetime:
    """Return when a change would happen that began now."""
    moment: datetime = vars(changes)["database_now"]()
    return moment


def today() -> date:
    return database_now().date()


def in_days(days: int) -> date:
    return today() + timedelta(days=days)


def confirmed(by: Actor) -> Confirmation:
    """Give the password at the moment changes happen."""
    return Confirmation(by.user_id or 0, "password", moment_of_changes())


# -- waivers


@remembered
def unscanned(model: RegisteredModel | None = None) -> ModelVersion:
    """Return a version that was not scanned for unsafe code, so that its gate is closed."""
    version = scenarios.registered_version(model)
    names = [name for name in checks.AT_REGISTRATION if name != "unsafe-code"]
    for run in validation.start_checks(version, by=actor(scenarios.developer()), names=names):
        runner.execute(run.pk, worker="tests")
    return version


def terms(**other: Any) -> WaiverTerms:
    said: dict[str, Any] = {
        "compensating_controls": "A second person looks at every answer",
        "use_limits": "Only in the pilot, with ten customers",
        "residual_risk": "An answer may be late",
        "ends_on": in_days(30),
    }
    return WaiverTerms(**said | other)


@remembered
def asked(
    version: ModelVersion | None = None,
    condition: str = SCAN,
    *,
    by: User | None = None,
    reason: str = WHY,
    **other: Any,
) -> Waiver:
    """Return a waiver the developer asked for."""
    return operations.ask_for_waiver(
        version or unscanned(),
        by=actor(by or scenarios.developer()),
        condition=condition,
        reason=reason,
        terms=terms(**other),
    )


def waiver_ticket(waiver: Waiver, by: Actor) -> TermsTicket:
    """Open the page of a waiver, as it stands now, to sign what it shows."""
    return TermsTicket.issue(Offer.of(waiver, moment_of_changes()).terms, to=by)


@remembered
def sign_waiver(
    waiver: Waiver,
    signer: User | Actor | None = None,
    role: str = "risk_officer",
    decision: WaiverSignOff.Decision = APPROVE,
    **other: Any,
) -> WaiverSignOff:
    """Sign a waiver, as the risk officer unless somebody else does."""
    signer = signer or scenarios.risk_officer()
    by = actor(signer) if isinstance(signer, User) else signer
    given: dict[str, Any] = {"reason": WHY, "confirmed": confirmed(by)} | other
    given.setdefault("ticket", waiver_ticket(waiver, by))
    return operations.sign_waiver(waiver, by=by, role=role, decision=decision, **given)


@remembered
def granted(version: ModelVersion | None = None, condition: str = SCAN, **other: Any) -> Waiver:
    """Return a waiver everybody signed."""
    waiver = asked(version, condition, **other)
    sign_waiver(waiver)
    return waiver


def promoted_on_a_waiver(monkeypatch: pytest.MonkeyPatch) -> Waiver:
    """Return a waiver that the authorization of a version in production relies on."""
    waiver = granted()
    version = waiver.version
    for to in (Stage.STAGING, Stage.PRODUCTION):
        request = scenarios.requested(to, version=version)
        for role, signer in scenarios.SIGNERS[to].items():
            scenarios.sign(request, signer(), role)
        version = operations.promote(request, by=actor(scenarios.operator()), reason=WHY)
    waiver.refresh_from_db()
    return waiver


# -- emergencies


@remembered
def two_in_turn() -> RegisteredModel:
    """Return a model whose second version replaced its first in production."""
    model = scenarios.promoted(Stage.PRODUCTION).version.model
    scenarios.promoted(Stage.PRODUCTION, model)
    return model


@remembered
def asked_rollback(model: RegisteredModel | None = None) -> PromotionRequest:
    """Return the open request of an operator to go back to the first version."""
    first = (model or two_in_turn()).versions.get(number=1)
    return operations.request_promotion(
        first, by=actor(scenarios.operator()), target=Stage.PRODUCTION, reason="Worse at night"
    )


def roll_back_at_once(
    model: RegisteredModel | None = None, by: User | None = None, **other: Any
) -> Emergency:
    """Go back at once, as the operator."""
    model = model or two_in_turn()
    who = actor(by or scenarios.operator())
    given: dict[str, Any] = {
        "reason": WHY,
        "confirmed": confirmed(who),
        "typed_name": model.name,
    } | other
    return operations.roll_back_at_once(model, by=who, **given)


def ratify(emergency: Emergency, signer: User, role: str, **other: Any) -> Ratification:
    """Confirm an emergency in a role."""
    by = actor(signer)
    given: dict[str, Any] = {
        "reason": WHY,
        "confirmed": confirmed(by),
        "ticket": TermsTicket.issue(ratifying.terms_of(emergency), to=by),
    } | other
    return operations.ratify(emergency, by=by, role=role, **given)


# -- retirement


def retain(model: RegisteredModel, years: int = 7) -> Retention:
    return operations.set_retention(
        model, by=actor(records_manager()), name="Credit models", years=years, basis="SEC 17a-4"
    )


def hold(model: RegisteredModel) -> LegalHold:
    return operations.place_hold(model, by=actor(counsel()), reason="A court asks for it")


def archived(model: RegisteredModel | None = None, **files: bytes) -> ModelVersion:
    """Return a version that was set aside, with files of its own."""
    content = {**scenarios.MODEL_FILES, **{f"{name}.txt": data for name, data in files.items()}}
    version = scenarios.check(scenarios.registered_version(model, files=content))
    operations.set_aside(version, by=actor(scenarios.developer()), reason=WHY)
    return version


def retired(version: ModelVersion | None = None, years: int = 7) -> Retirement:
    """Return a version that was decommissioned, whose records are kept for some years."""
    version = version or archived()
    retain(version.model, years)
    request = scenarios.requested(Stage.DECOMMISSIONED, version=version)
    scenarios.sign(request, scenarios.owner(), "model_owner")
    scenarios.sign(request, records_manager(), "records_manager")
    operations.decommission(request, by=actor(scenarios.operator()), reason=WHY)
    found: Retirement = Retirement.objects.get(version=version)
    return found
