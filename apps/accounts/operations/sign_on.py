"""Who people are at the identity provider, and the duties that follow from its groups."""

from collections.abc import Collection

from apps.accounts import naming, rules
from apps.accounts.models import Duty, SignOnIdentity, User
from apps.accounts.operations.duties import end_duty, grant_duty
from apps.accounts.operations.people import create_user
from apps.accounts.rights import MANAGE_DUTIES, MANAGE_PEOPLE
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.audit.governed import REGISTRY
from apps.core.actors import Actor
from apps.core.errors import RuleBroken

ADMIT = Action("sign_on.admit", permission=MANAGE_PEOPLE, sealing=Sealing.FIRST)
LINK = Action("sign_on.link", permission=MANAGE_PEOPLE, needs_reason=True, sealing=Sealing.FIRST)
UNLINK = Action(
    "sign_on.unlink", permission=MANAGE_PEOPLE, needs_reason=True, sealing=Sealing.AWAITED
)
FOLLOW_GROUPS = Action(
    "sign_on.follow_groups", permission=MANAGE_DUTIES, needs_reason=True, sealing=Sealing.FIRST
)


def admit_by_sign_on(
    *, by: Actor, issuer: str, subject: str, username: str, display_name: str, email: str
) -> User:
    """Open an account of its own for somebody who comes from the identity provider first.

    Whoever else has the same mail is somebody else; the event says that there is such a person.
    """
    with change(ADMIT, REGISTRY, by=by) as record:
        is_mail_known = bool(email) and User.objects.filter(email__iexact=email).exists()
        user = create_user(
            by=by,
            username=naming.free_username(username),
            display_name=display_name,
            email=email,
        )
        link_sign_on(
            user, by=by, issuer=issuer, subject=subject, reason="First came from the provider"
        )
        record.about(user)
        record.note(issuer=issuer, mail_known=is_mail_known)
    return user


def link_sign_on(
    user: User, *, by: Actor, issuer: str, subject: str, reason: str
) -> SignOnIdentity:
    """Let a person sign in as a subject at an identity provider."""
    with change(LINK, user, by=by, reason=reason) as record:
        rules.require_open(user)
        rules.require_person(user)
        live = SignOnIdentity.objects.filter(issuer=issuer, until=None)
        if live.filter(subject=subject).exists():
            raise RuleBroken("Somebody signs in as this subject already. End that first.")
        if live.filter(user=user).exists():
            raise RuleBroken(f"{user} signs in there as another subject. End that first.")
        identity = SignOnIdentity(user=user, issuer=issuer, subject=subject, since=record.time)
        rules.require_valid(identity)
        identity.save()
        record.note(identity=identity.record_id, issuer=issuer)
    return identity


def unlink_sign_on(identity: SignOnIdentity, *, by: Actor, reason: str) -> SignOnIdentity:
    """Let a person no longer sign in as a subject at an identity provider."""
    with change(UNLINK, identity, by=by, reason=reason) as record:
        if identity.until is not None:
            raise RuleBroken("It has ended already.")
        identity.end(record.time)
        record.note(issuer=identity.issuer)
    return identity


def follow_groups(
    user: User, *, by: Actor, roles: Collection[str], followed: Collection[str], reason: str
) -> None:
    """Let a person hold, of the roles that follow groups, those that their groups give now.

    Roles that follow no group stay as people granted them.
    """
    if user.is_examiner or not _differences(user, roles, followed):
        return
    with change(FOLLOW_GROUPS, user, by=by, reason=reason) as record:
        for role in _differences(user, roles, followed):
            held = Duty.objects.filter(user=user, role=role, until=None).first()
            if isinstance(held, Duty):
                end_duty(held, by=by, reason=reason)
            else:
                grant_duty(user, role, by=by, reason=reason)
        record.note(roles=sorted(roles))


def _differences(user: User, roles: Collection[str], followed: Collection[str]) -> list[str]:
    """Return the roles that are held and should not be, or the other way around."""
    held = Duty.objects.filter(user=user, role__in=followed, until=None)
    return sorted(set(held.values_list("role", flat=True)) ^ set(roles))
