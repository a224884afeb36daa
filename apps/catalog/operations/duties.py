"""Duties on one model: granted and ended, with the object permissions that follow from them."""

from apps.accounts import rules
from apps.accounts.models import Team, User
from apps.accounts.roles import Line, Role, role_named
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.catalog import permissions
from apps.catalog.models import ModelDuty, RegisteredModel
from apps.core.actors import Actor
from apps.core.errors import RuleBroken
from apps.core.inputs import InputRefused

_FIRST_LINE = "Owners and risk officers of this model grant and end duties of the first line."
_OVERSIGHT = "Only a risk officer grants and ends duties of the second and third line."

GRANT_DUTY = Action(
    "model.grant_duty",
    permission="catalog.manage_access",
    needs_reason=True,
    refusal=_FIRST_LINE,
    sealing=Sealing.FIRST,
)
END_DUTY = Action(
    "model.end_duty",
    permission="catalog.manage_access",
    needs_reason=True,
    refusal=_FIRST_LINE,
    sealing=Sealing.AWAITED,
)
GRANT_OVERSIGHT_DUTY = Action(
    "model.grant_oversight_duty",
    permission="catalog.manage_oversight",
    needs_reason=True,
    refusal=_OVERSIGHT,
    sealing=Sealing.FIRST,
)
END_OVERSIGHT_DUTY = Action(
    "model.end_oversight_duty",
    permission="catalog.manage_oversight",
    needs_reason=True,
    refusal=_OVERSIGHT,
    sealing=Sealing.AWAITED,
)


def grant_model_duty(
    model: RegisteredModel, holder: User | Team, role: str, *, by: Actor, reason: str
) -> ModelDuty:
    """Let a person or a team hold a role on one model."""
    granted = _role(role)
    granting = (
        change(GRANT_DUTY, model, by=by, reason=reason)
        if granted.line is Line.FIRST
        else change(GRANT_OVERSIGHT_DUTY, model, by=by, reason=reason)
    )
    with granting as record:
        if isinstance(holder, User):
            rules.require_open(holder)
            rules.require_colleague(holder)
        held = {"team" if isinstance(holder, Team) else "user": holder}
        if model.duties.filter(**held, role=role, until=None).exists():
            raise RuleBroken(f"{holder} is {granted.title} of {model} already.")
        duty = ModelDuty(model=model, **held, role=role, since=record.time)
        duty.save()
        permissions.follow_duties(model, holder)
        record.about(duty)
        record.note(role=role, holder=holder.record_id)
    return duty


def end_model_duty(duty: ModelDuty, *, by: Actor, reason: str) -> ModelDuty:
    """Take a role on one model from whoever holds it; what was signed under it stays."""
    ending = (
        change(END_DUTY, duty, by=by, reason=reason)
        if _role(duty.role).line is Line.FIRST
        else change(END_OVERSIGHT_DUTY, duty, by=by, reason=reason)
    )
    with ending as record:
        if duty.until is not None:
            raise RuleBroken("The duty has ended already.")
        if duty.role == "model_owner" and duty.user_id == duty.model.owner_id:
            raise RuleBroken(f"{duty.holder} answers for {duty.model}, so this duty stays.")
        duty.end(record.time)
        permissions.follow_duties(duty.model, duty.holder)
        record.note(role=duty.role, holder=duty.holder.record_id)
    return duty


def _role(role: str) -> Role:
    try:
        return role_named(role)
    except KeyError:
        raise InputRefused(f"There is no role {role!a:.60}.") from None
