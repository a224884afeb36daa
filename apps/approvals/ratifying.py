"""Who confirms an emergency, and what they sign."""

from apps.accounts.signing.seats import RoleSeat
from apps.accounts.signing.terms import Terms
from apps.approvals.models import ROLLBACK, Emergency, Ratification
from apps.approvals.policies import Policy
from apps.catalog.duties import roles_held, roles_on
from apps.core.actors import Actor
from apps.core.digests import digest_of, utc_text
from apps.core.errors import NotAllowed, RuleBroken

MEANING = "responsibility"
ESCALATED_TO = "the model's owner, its risk officers and the committee"
"""Whom it is told that nobody confirmed an emergency, in words."""


def is_critical(policy: Policy) -> bool:
    """Say whether an emergency nobody confirms is a critical finding by a policy."""
    rollback = policy.transition_or_none(ROLLBACK)
    return bool(rollback and rollback.emergency and rollback.emergency.is_critical)


def terms_of(emergency: Emergency) -> Terms:
    """Return what a confirmation binds: what was put back, by whom, when and why."""
    authorization = emergency.authorization
    version = authorization.version
    named = {
        "emergency": emergency.record_id,
        "authorization": authorization.record_id,
        "model": version.model.record_id,
        "version": version.record_id,
        "content": authorization.content_digest,
        "policy": authorization.policy_digest,
    }
    said = {
        "acted_by": emergency.acted_by.record_id,
        "acted_at": utc_text(emergency.acted_at),
        "reason": digest_of({"value": emergency.reason}),
        "ratify_until": utc_text(emergency.ratify_until),
        "roles": list(emergency.roles),
    }
    return Terms("ratification", named, said)


def seats_of(emergency: Emergency, by: Actor) -> list[RoleSeat[Ratification]]:
    """Return every role that must confirm, with what a person can do in it."""
    given = {one.role: one for one in emergency.ratifications.order_by("pk")}
    model = emergency.authorization.version.model_id
    held = roles_on(by.user_id, model) if by.user_id is not None else frozenset()
    signed = {one.signer_id for one in given.values()}
    return [
        RoleSeat(
            role,
            given.get(role),
            role in held,
            _why_not(emergency, by, signed) if role in held and role not in given else "",
        )
        for role in emergency.roles
    ]


def require_seat(emergency: Emergency, role: str, by: Actor) -> None:
    """Refuse a person who may not confirm in a role."""
    seat = next((seat for seat in seats_of(emergency, by) if seat.role == role), None)
    if seat is None:
        raise RuleBroken("The policy asks for no confirmation in this role.")
    if seat.given is not None:
        raise NotAllowed(f"{seat.given.signer_name} confirmed in this role already.")
    if not seat.is_held:
        raise NotAllowed(f"You do not hold the role {seat.title} on this model.")
    if seat.why_not:
        raise NotAllowed(seat.why_not)


def no_longer_by_right(emergency: Emergency) -> list[Ratification]:
    """Return the confirmations of people who left, or lost the role since."""
    given = list(emergency.ratifications.select_related("signer").order_by("pk"))
    model = emergency.authorization.version.model_id
    held = roles_held({one.signer_id for one in given}, [model])
    return [
        one
        for one in given
        if not one.signer.is_active or one.role not in held.get((one.signer_id, model), frozenset())
    ]


def _why_not(emergency: Emergency, by: Actor, signed: set[int]) -> str:
    if by.user_id == emergency.acted_by_id:
        return "You acted in this emergency, so somebody else confirms it."
    if by.user_id in signed:
        return "You confirmed it already, in another role."
    return ""
