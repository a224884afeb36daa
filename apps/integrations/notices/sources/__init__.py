"""Everything people are told of. A new source is a function here: by an action, by the clock."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from apps.audit.models import AuditEvent
from apps.integrations.notices.due import Due
from apps.integrations.notices.sources import (
    authorizations,
    by_itself,
    conditions,
    conversation,
    decisions,
    emergencies,
    evidence,
    findings,
    following,
    monitoring,
    policies,
    requests,
    reviews,
    rollouts,
    scheduled,
    tiers,
    waivers,
)

Source = Callable[[datetime], Iterable[Due]]

HAPPENED: Mapping[str, Callable[[AuditEvent], Iterable[Due]]] = {
    "version.promote": following.carried_out,
    "version.renew": following.carried_out,
    "version.archive": following.carried_out,
    "version.decommission": following.carried_out,
    "request.sign_off": decisions.signed,
    "model.roll_back": following.rolled_back,
    decisions.EMERGENCY_ROLLBACK: following.rolled_back,
    "emergency.lapse": rollouts.and_failed(emergencies.lapsed),
    "request.comment": conversation.commented,
    "sign_off.answer": conversation.answered,
    "condition.meet": conversation.met,
    "user.delegate": conversation.delegated,
    "waiver.sign": waivers.decided,
    "waiver.revoke": rollouts.and_failed(waivers.over),
    "waiver.end": rollouts.and_failed(waivers.over),
    "policy.propose": policies.proposed,
    "version.break_rule": by_itself.broken,
    "version.suspend_authorization": rollouts.and_failed(by_itself.suspended),
    "condition.miss": rollouts.and_failed(by_itself.missed),
    "request.lapse": by_itself.lapsed,
    "campaign_entry.escalate": reviews.escalated,
    "model.raise_finding": findings.assigned,
    "incident.raise_finding": findings.assigned,
    "model.open_finding": findings.assigned,
    "finding.assign": findings.assigned,
    **dict.fromkeys(tiers.FOLLOWED, tiers.would_be_another),
    "breach.open": monitoring.breached,
    "breach.change": monitoring.breached,
    "rollout.conclude": rollouts.failed,
    "rollout.take_back": rollouts.failed,
    "rollout.expire": rollouts.failed,
    "rollout.record": rollouts.failed,
}
"""What people are told once after an event, by its action."""

ON_MODELS: tuple[Callable[[Collection[int], datetime], Iterable[Due]], ...] = (
    requests.on_models,
    conditions.on_models,
    emergencies.on_models,
    waivers.on_models,
)
"""What waits for people on some models; asked within seconds of anything that happened to them."""

FALLS_DUE: tuple[Source, ...] = (
    requests.all_open,
    conditions.all_open,
    findings.all_standing,
    findings.accepted_ending,
    findings.reports_due,
    emergencies.all_open,
    authorizations.ending,
    scheduled.ahead,
    waivers.all_standing,
    evidence.lapsing,
    policies.all_waiting,
    reviews.attestations_due,
    reviews.reviews_due,
    reviews.campaigns_ask,
)
"""What people are told because of how things stand at a moment; asked every hour."""
