"""Waivers: asked for, renewed, withdrawn, revoked, and ended when their last day is over."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from apps.accounts.rules import require_answered_for
from apps.approvals import authorizing, covering, in_force, waiver_facts, waiving
from apps.approvals.models import Authorization, Waiver
from apps.approvals.waiver_rules import Rules
from apps.approvals.waiving import RISK_OFFICER
from apps.audit.actions import Action, Sealing
from apps.audit.changes import Record, change
from apps.catalog.duties import roles_on
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.actors import BY_WORKER, SYSTEM, Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.hidden import require_in_order
from apps.core.inputs import require_text
from apps.core.sweeping import sweeping
from apps.risk.models import Finding, Severity
from apps.risk.operations import findings
from apps.risk.operations.findings import Found

MOST_TEXT = 10_000

ASK_FOR_WAIVER = Action(
    "version.ask_for_waiver",
    permission="catalog.request_waiver",
    needs_reason=True,
    refusal="Only the model's developers and owner ask for a waiver.",
)
RENEW_WAIVER = Action(
    "waiver.renew",
    permission="catalog.request_waiver",
    needs_reason=True,
    refusal="Only the model's developers and owner ask for a waiver.",
)
WITHDRAW_WAIVER = Action(
    "waiver.withdraw",
    permission="catalog.request_waiver",
    needs_reason=True,
    refusal="Only the model's developers and owner withdraw a waiver they asked for.",
    sealing=Sealing.AWAITED,
)
REVOKE_WAIVER = Action(
    "waiver.revoke",
    permission="catalog.sign_off",
    needs_reason=True,
    refusal="Only a model risk officer revokes a waiver.",
    sealing=Sealing.AWAITED,
)
END_WAIVER = Action("waiver.end", permission=BY_WORKER)


class NotOver(RuleBroken):
    """Its last day is not over, or it ended already."""

    code = "not_over"


@dataclass(frozen=True)
class WaiverTerms:
    """On what terms somebody asks for a waiver: each of them must be said."""

    compensating_controls: str
    use_limits: str
    residual_risk: str
    ends_on: date


_SAYINGS = {
    "compensating_controls": "what is done instead",
    "use_limits": "how use is limited meanwhile",
    "residual_risk": "what risk remains",
}


def ask_for_waiver(
    version: ModelVersion,
    *,
    by: Actor,
    condition: str,
    reason: str,
    terms: WaiverTerms,
    obligations: Collection[str] = (),
) -> Waiver:
    """Ask that a version may go on without one condition until a day.

    One to closing ``obligations`` names those it covers by their ids, and extends to no others.

    Raises:
        RuleBroken: when nobody can waive the condition, or the policy allows it on no such terms.
    """
    with change(ASK_FOR_WAIVER, version, by=by, reason=reason) as record:
        _require_alive(version)
        rules = waiving.rules_for(version, record.time)
        asked = rules.condition(condition)
        _require_none_asked(version, condition)
        covered = covering.named(version, asked, obligations, rules, record.time)
        _require_no_other(version, condition, covered)
        return _asked(version, condition, covered, rules, terms, by=by, record=record)


def renew_waiver(waiver: Waiver, *, by: Actor, reason: str, terms: WaiverTerms) -> Waiver:
    """Ask for a waiver anew, on terms of its own; it is signed like the first.

    Raises:
        RuleBroken: when it was renewed as often as the policy allows.
    """
    with change(RENEW_WAIVER, waiver, by=by, reason=reason) as record:
        if waiver.state not in {Waiver.State.GRANTED, Waiver.State.ENDED}:
            state = waiver.get_state_display().lower()
            raise RuleBroken(f"Only what was granted is renewed; this is: {state}.")
        version = waiver.version
        _require_alive(version)
        rules = waiving.rules_for(version, record.time)
        condition = rules.condition(waiver.condition)
        _require_none_asked(version, waiver.condition)
        covered = covering.carried(waiver, condition, rules, record.time)
        return _asked(
            version, waiver.condition, covered, rules, terms, by=by, record=record, renews=waiver
        )


def withdraw_waiver(waiver: Waiver, *, by: Actor, reason: str) -> None:
    """Take a waiver back that waits for signatures."""
    with change(WITHDRAW_WAIVER, waiver, by=by, reason=reason) as record:
        require_asked(waiver)
        decide(waiver, Waiver.State.WITHDRAWN, by=by, at=record.time, why=record.reason)


def revoke_waiver(waiver: Waiver, *, by: Actor, reason: str) -> None:
    """End a granted waiver at once; the authorization that relied on it is suspended."""
    with change(REVOKE_WAIVER, waiver, by=by, reason=reason) as record:
        held = roles_on(by.user_id, waiver.version.model_id) if by.user_id else frozenset()
        if not by.is_person or RISK_OFFICER not in held:
            raise NotAllowed(REVOKE_WAIVER.refusal)
        if waiver.state != Waiver.State.GRANTED:
            raise RuleBroken(f"There is nothing to revoke: {waiver.get_state_display().lower()}.")
        decide(waiver, Waiver.State.REVOKED, by=by, at=record.time, why=record.reason)
        _suspend_what_relied_on(waiver, "was revoked", record)


def end_waivers(now: datetime) -> int:
    """End every waiver whose last day is over; return how many this ended."""
    over = Waiver.objects.filter(state=Waiver.State.GRANTED, ends_on__lt=now.date())
    with sweeping() as sweep:
        sweep.each(list(over.order_by("ends_on", "pk")), end_waiver)
    return sweep.done


def end_waiver(waiver: Waiver) -> None:
    """End a waiver whose last day is over; the authorization that relied on it is suspended."""
    with change(END_WAIVER, waiver, by=SYSTEM) as record:
        is_over = waiver.ends_on < record.time.date()
        if waiver.state != Waiver.State.GRANTED or not is_over:
            raise NotOver("Somebody ended it meanwhile, or its last day is still to come.")
        waiver.state = Waiver.State.ENDED
        waiver.save()
        record.note(condition=waiver.condition, ended_on=str(waiver.ends_on))
        standing = _relying(waiver, record)
        if standing is None:
            return
        record.note(finding=findings.find(waiver.version, _found(waiver)).record_id)
        policy = in_force.policy()
        if policy.waivers is None or policy.waivers.suspends:
            _suspend(waiver, standing, "has ended", record)


def decide(waiver: Waiver, state: Waiver.State, *, by: Actor, at: datetime, why: str = "") -> None:
    """Set what becomes of a waiver, inside the change that decides so."""
    waiver.state, waiver.decided_by_id, waiver.decided_at, waiver.why = state, by.user_id, at, why
    waiver.save()


def require_asked(waiver: Waiver) -> None:
    """Refuse a waiver that was decided already."""
    if waiver.state != Waiver.State.ASKED:
        raise RuleBroken(f"This waiver was decided: {waiver.get_state_display().lower()}.")


def _asked(
    version: ModelVersion,
    condition: str,
    covered: Collection[str],
    rules: Rules,
    terms: WaiverTerms,
    *,
    by: Actor,
    record: Record,
    renews: Waiver | None = None,
) -> Waiver:
    if by.user_id is None:
        raise NotAllowed("Only a person or a service account asks for a waiver.")
    require_answered_for(by)
    _require_terms(terms, rules, on=record.time.date())
    _require_renewals_left(version, condition, covered, rules)
    waiver = Waiver(
        version=version,
        condition=condition,
        reason=record.reason,
        compensating_controls=terms.compensating_controls.strip(),
        use_limits=terms.use_limits.strip(),
        residual_risk=terms.residual_risk.strip(),
        ends_on=terms.ends_on,
        renews=renews,
        asked_by_id=by.user_id,
        asked_at=record.time,
        policy_digest=rules.policy.digest,
        tier=rules.tier,
        roles=list(rules.roles),
    )
    waiver.save()
    covering.cover(waiver, covered)
    record.about(waiver)
    record.note(
        version=version.record_id,
        condition=condition,
        tier=rules.tier,
        ends_on=str(terms.ends_on),
        renews=renews.record_id if renews else None,
        policy=rules.policy.digest,
        obligations=sorted(covered),
    )
    return waiver


def _require_alive(version: ModelVersion) -> None:
    version.require_ready()
    if version.stage == Stage.DECOMMISSIONED:
        raise RuleBroken(f"{version} is decommissioned; nothing of it is waived any more.")


def _require_no_other(version: ModelVersion, condition: str, covered: Collection[str]) -> None:
    earlier = waiver_facts.standing_for(condition, covered, _granted(version))
    if earlier is not None:
        raise RuleBroken(
            f"{earlier} was granted for this already, until {earlier.ends_on}. Renew that one."
        )


def _require_none_asked(version: ModelVersion, condition: str) -> None:
    asked = version.waivers.filter(condition=condition, state=Waiver.State.ASKED).first()
    if asked is not None:
        raise RuleBroken(f"{asked} already asks for this. Sign it, or withdraw it.")


def _granted(version: ModelVersion) -> Sequence[Waiver]:
    return waiver_facts.granted_to([version.pk]).get(version.pk, ())


def _require_renewals_left(
    version: ModelVersion, condition: str, covered: Collection[str], rules: Rules
) -> None:
    """Count what was ever granted, so that asking afresh is no way around the limit."""
    granted = waiver_facts.times_granted(condition, covered, _granted(version))
    if granted > rules.renewals:
        times = "once" if rules.renewals == 1 else f"{rules.renewals} times"
        raise RuleBroken(
            f"A waiver is renewed {times} at most at tier {rules.tier}, and this one was. "
            "Meet the condition."
            if rules.renewals
            else f"At tier {rules.tier} no waiver is renewed. Meet the condition."
        )


def _require_terms(terms: WaiverTerms, rules: Rules, *, on: date) -> None:
    for field in fields(terms):
        if (saying := _SAYINGS.get(field.name)) is None:
            continue
        text: str = getattr(terms, field.name)
        if not text.strip():
            raise RuleBroken(f"Say {saying}. Signers decide on it.")
        require_text(text, f"The text on {saying}", MOST_TEXT, lines=True)
        require_in_order(text, f"The text on {saying}")
    if terms.ends_on <= on:
        raise RuleBroken("A waiver ends on a day to come.")
    if terms.ends_on > (last := rules.last_day(on)):
        raise RuleBroken(
            f"At tier {rules.tier} a waiver holds for {rules.days} days at most: until {last}."
        )


def _relying(waiver: Waiver, record: Record) -> Authorization | None:
    """Return the authorization that relied on a waiver, unless another stands in for it."""
    standing = authorizing.of(waiver.version)
    if standing is None or not _is_relied_on(waiver, standing):
        return None
    return None if waiving.is_stood_in_for(waiver, record.time) else standing


def _suspend_what_relied_on(waiver: Waiver, what_happened: str, record: Record) -> None:
    standing = _relying(waiver, record)
    if standing is not None:
        _suspend(waiver, standing, what_happened, record)


def _suspend(waiver: Waiver, standing: Authorization, what_happened: str, record: Record) -> None:
    why = f"{waiver}, which it relied on, {what_happened}."
    authorizing.end(waiver.version, at=record.time, why=why, state=Authorization.State.SUSPENDED)
    record.note(suspended=standing.record_id)


def _found(waiver: Waiver) -> Found:
    known = in_force.policy().condition_or_none(waiver.condition)
    title = known.title if known else waiver.condition
    return Found(
        f"waiver:{waiver.record_id}",
        Finding.Source.WAIVER,
        Severity.HIGH,
        f"The waiver of “{title}” for {waiver.version} has ended",
        "Production was authorized on it, and nothing else stands in for the condition. Meet it, "
        "or ask for the waiver anew.",
    )


def _is_relied_on(waiver: Waiver, authorization: Authorization) -> bool:
    """Say whether production was authorized on a waiver, or on one that it stands in for."""
    relied = Waiver.objects.filter(pk__in=authorization.waiver_ids, condition=waiver.condition)
    return any(waiver_facts.is_for_the_same(waiver, one) for one in relied)
