"""Duties held everywhere in the organization: granted and ended, never rewritten."""

from apps.accounts import rules
from apps.accounts.models import Duty, Team, User
from apps.accounts.rights import MANAGE_DUTIES
from apps.accounts.roles import Role, role_named
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.core.actors import Actor
from apps.core.errors import RuleBroken

GRANT_DUTY = Action(
    "duty.grant", permission=MANAGE_DUTIES, needs_reason=True, sealing=Sealing.FIRST
)
END_DUTY = Action("duty.end", permission=MANAGE_DUTIES, needs_reason=True, sealing=Sealing.AWAITED)


def grant_duty(holder: User | Team, role: str, *, by: Actor, reason: str) -> Duty:
    """Let a person or a team hold a role on every model."""
    with change(GRANT_DUTY, holder, by=by, reason=reason) as record:
        granted = _require_role(role)
        held: dict[str, User | Team] = {"team" if isinstance(holder, Team) else "user": holder}
        if isinstance(holder, User):
            rules.require_open(holder)
            rules.require_colleague(holder)
        if Duty.objects.filter(**held, role=role, until=None).exists():
            raise RuleBroken(f"{holder} is {granted.title} everywhere already.")
        duty = Duty(**held, role=role, since=record.time)
        duty.save()
        record.about(duty)
        record.note(role=role, holder=holder.record_id)
    return duty


def end_duty(duty: Duty, *, by: Actor, reason: str) -> Duty:
    """Take a role from whoever holds it everywhere; what was signed under it stays."""
    with change(END_DUTY, duty, by=by, reason=reason) as record:
        if duty.until is not None:
            raise RuleBroken("The duty has ended already.")
        duty.end(record.time)
        record.note(role=duty.role, holder=duty.holder.record_id)
    return duty


def _require_role(role: str) -> Role:
    try:
        return role_named(role)
    except KeyError:
        raise RuleBroken(f"There is no role “{role}”.") from None
