"""What must hold of decisions, whatever people, policies and the clock did to them."""

from typing import Any

from apps.accounts.models import Duty
from apps.approvals import policies
from apps.approvals.dossier import Dossier
from apps.approvals.models import (
    Authorization,
    PolicyVersion,
    PromotionRequest,
    RuleBreach,
    SignOff,
    SignOffCondition,
    SignOffWithdrawal,
    Waiver,
)
from apps.approvals.policies import Gate, Mode
from apps.audit.governed import GovernedRow
from apps.audit.models import AuditEvent
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.validation.models import CheckRun
from tests.journeys import record

STANDING = (Authorization.State.VALID, Authorization.State.SUSPENDED)
INTO_PRODUCTION = ("version.promote", "model.roll_back", "model.roll_back_at_once")


def require_gated_production() -> None:
    """Fail when a version came to production by anything but a move whose gate was open."""
    moved = {
        _version_of(event)
        for action in INTO_PRODUCTION
        for event in record.kept(action=action, outcome=AuditEvent.Outcome.DONE)
        if event.detail["target"] == Stage.PRODUCTION or action != "version.promote"
    }
    entered = ModelVersion.history.filter(stage=Stage.PRODUCTION).values_list("id", flat=True)
    assert set(entered) == moved
    for action in (*INTO_PRODUCTION, "version.renew", "version.archive", "version.decommission"):
        for event in record.kept(action=action, outcome=AuditEvent.Outcome.DONE):
            readiness = event.detail["readiness"]
            assert readiness["is_open"] is True, event.entry
            assert all(slot["missing"] == 0 for slot in readiness["slots"]), event.entry
            assert "blocked" not in readiness["conditions"], event.entry


def require_consistent_authorizations() -> None:
    """Fail unless what stands is in production, each but once, for the content it was given for."""
    for version in ModelVersion.objects.all():
        granted = list(version.authorizations.order_by("pk"))
        standing = [one for one in granted if one.state in STANDING]
        assert len(standing) <= 1, version
        assert not standing or standing == granted[-1:], f"{version}: an old one stands"
        assert not standing or version.stage == Stage.PRODUCTION, f"{version} left production"
        assert version.stage != Stage.PRODUCTION or granted, f"{version} has no authorization"
        assert {one.content_digest for one in granted} <= {version.content_digest}
        for one in granted:
            assert (one.why == "") == (one.state == Authorization.State.VALID)


def require_consistent_requests() -> None:
    """Fail unless what is closed says when, and what was missed was never met."""
    for request in PromotionRequest.objects.exclude(state=PromotionRequest.State.OPEN):
        assert request.closed_at is not None
        if request.state == PromotionRequest.State.LAPSED:
            assert request.closed_by is None
    assert not SignOffCondition.objects.filter(met_at__isnull=False, missed_at__isnull=False)
    for breach in RuleBreach.objects.exclude(until=None):
        assert breach.until >= breach.since


def _version_of(event: record.Kept) -> int:
    """Return the key of the version a move was about; a rollback names it as its target."""
    named = event.detail["version"] if "version" in event.detail else event.detail["target"]
    return int(str(named).rpartition("_")[2])


# -- the ground a promotion stood on


def require_fresh_ground(promotion: record.Kept) -> None:
    """Fail unless a promotion went by what stood when it was recorded, rebuilt from the record.

    Its gate was open, by the policy then in force; every sign-off it counts covers the very dossier
    it went by and was given by somebody who still had the right to; the dossier names the newest
    run of each check; and each waiver it relied on was granted.
    """
    readiness = promotion.detail["readiness"]
    assert readiness["is_open"] is True
    signed = record.counted(promotion)
    assert signed
    for sign_off in signed:
        dossier = Dossier.from_text(sign_off.dossier)
        assert dossier.digest == sign_off.dossier_digest == promotion.detail["dossier"]
        _require_right(sign_off, promotion)
        _require_newest_runs(dossier, promotion)
        assert dossier.policy == readiness["gate_digest"] == _gate_then(promotion).digest
    for waiver in as_of(promotion, Waiver, id__in=_waived(promotion)):
        assert waiver.state == Waiver.State.GRANTED


def as_of(event: record.Kept, model: type[GovernedRow], **found_by: Any) -> list[Any]:
    """Return rows as the events before this one left them."""
    history = model.history  # type: ignore[attr-defined]
    found = list(history.filter(**found_by).order_by("history_id"))
    events = AuditEvent.objects.filter(uid__in={one.event_id for one in found}, pk__lt=event.pk)
    before = set(events.values_list("uid", flat=True))
    states = [one for one in found if one.event_id in before]
    return [
        state for state in {one.id: one for one in states}.values() if state.history_type != "-"
    ]


def _require_right(sign_off: SignOff, promotion: record.Kept) -> None:
    assert not as_of(promotion, SignOffWithdrawal, sign_off=sign_off)
    held = as_of(promotion, Duty, user=sign_off.signer_id, role=sign_off.role)
    assert any(duty.until is None for duty in held), f"{sign_off.signer} had the role no more"


def _require_newest_runs(dossier: Dossier, promotion: record.Kept) -> None:
    version = int(dossier.version.rpartition("_")[2])
    runs = as_of(promotion, CheckRun, version=version)
    newest = {run.check_name: run for run in sorted(runs, key=lambda run: run.id)}
    then = {name: (CheckRun.RECORD.id_of(run.id), run.state) for name, run in newest.items()}
    assert {check.check: (check.run, check.outcome) for check in dossier.checks} == then


def _gate_then(promotion: record.Kept) -> Gate:
    """Return the gate of a promotion under the policy that was in force before it was recorded."""
    readiness = promotion.detail["readiness"]
    in_force = [
        policy.id
        for policy in as_of(promotion, PolicyVersion)
        if policy.state == PolicyVersion.State.PUBLISHED
    ]
    policy = policies.shipped("starter")
    if in_force:
        [newest] = in_force
        policy = policies.parsed(PolicyVersion.objects.get(pk=newest).text)
    return policies.gate_of(
        policy, readiness["transition"], readiness["tier"], Mode(readiness["mode"])
    )


def _waived(promotion: record.Kept) -> list[int]:
    """Return the waivers of the version that its authorization, or its gate, relied on."""
    conditions = promotion.detail["readiness"]["conditions"].get("waived", [])
    found = Waiver.objects.filter(version=_version_of(promotion), condition__in=conditions)
    waivers = list(found.values_list("pk", flat=True))
    assert len(waivers) >= len(conditions)
    return waivers
