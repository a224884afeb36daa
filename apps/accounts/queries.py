"""What the pages show a person about themselves."""

from collections.abc import Collection, Mapping

from django.db.models import QuerySet

from apps.accounts.models import ApiToken, Duty, TeamMembership, User
from apps.accounts.rights import held_by


def duties_of(user: User) -> QuerySet[Duty]:
    """Return the duties a person holds everywhere, alone or through a team."""
    held: QuerySet[Duty] = Duty.objects.filter(held_by(user.pk), until=None)
    return held.select_related("team", "user").order_by("since", "pk")


def memberships_of(user: User) -> QuerySet[TeamMembership]:
    """Return the teams a person is in, with since when."""
    memberships: QuerySet[TeamMembership] = TeamMembership.objects.filter(user=user, until=None)
    return memberships.select_related("team").order_by("team__name")


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Return a person's tokens that are not revoked, the newest first, with their last use."""
    tokens: QuerySet[ApiToken] = ApiToken.objects.filter(user=user, revoked_at=None)
    return tokens.select_related("use").order_by("-created_at", "-pk")


def names_of(actor_ids: Collection[str]) -> Mapping[str, str]:
    """Return the names of the people among some actors (``usr_7``), by their ids."""
    prefix = f"{User.RECORD.prefix}_"
    ids = [int(found.removeprefix(prefix)) for found in actor_ids if found.startswith(prefix)]
    return {user.record_id: str(user) for user in User.objects.filter(pk__in=ids)}
