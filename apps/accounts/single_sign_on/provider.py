"""The one identity provider the operator configured, or none, and what its groups mean here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings

from apps.core.errors import DomainError


class SignOnRefused(DomainError):
    """The provider's answer proves nothing; what exactly is wrong stays in the program's log."""

    code: ClassVar[str] = "sign_on_refused"


@dataclass(frozen=True)
class Provider:
    """An identity provider, and what its operator let it say."""

    issuer: str
    name: str
    client_id: str
    client_secret: str
    scopes: tuple[str, ...]
    admits: bool
    groups_claim: str
    group_roles: tuple[tuple[str, str], ...]
    directory_claim: str
    step_up_acr: tuple[str, ...]
    two_factors: frozenset[str]

    @property
    def followed(self) -> frozenset[str]:
        """The roles that follow groups; no other role is touched at sign-in."""
        return frozenset(role for _, role in self.group_roles)

    def roles_of(self, claims: Mapping[str, Any]) -> frozenset[str]:
        """Return the roles that the groups in some claims give; without groups there is none."""
        groups = _texts(claims.get(self.groups_claim))
        return frozenset(role for group, role in self.group_roles if group in groups)

    def factors_of(self, claims: Mapping[str, Any]) -> int:
        """Return by how many factors the provider says that somebody proved who they are."""
        said = _texts(claims.get("acr")) | _texts(claims.get("amr"))
        return 2 if said & self.two_factors else 1

    def has_stepped_up(self, claims: Mapping[str, Any]) -> bool:
        """Say whether the way somebody proved who they are is one asked for before a signature."""
        return not self.step_up_acr or claims.get("acr") in self.step_up_acr


def provider_or_none() -> Provider | None:
    """Return the identity provider people sign in by, if the operator named one."""
    if not settings.OIDC_ISSUER:
        return None
    return Provider(
        issuer=settings.OIDC_ISSUER,
        name=settings.OIDC_NAME,
        client_id=settings.OIDC_CLIENT_ID,
        client_secret=settings.OIDC_CLIENT_SECRET,
        scopes=tuple(settings.OIDC_SCOPES),
        admits=settings.OIDC_ADMITS,
        groups_claim=settings.OIDC_GROUPS_CLAIM,
        group_roles=tuple(settings.OIDC_GROUP_ROLES),
        directory_claim=settings.OIDC_DIRECTORY_CLAIM,
        step_up_acr=tuple(settings.OIDC_STEP_UP_ACR),
        two_factors=frozenset(settings.OIDC_TWO_FACTORS),
    )


def require_provider() -> Provider:
    """Return the identity provider.

    Raises:
        SignOnRefused: when there is none.
    """
    provider = provider_or_none()
    if provider is None:
        raise SignOnRefused("Signing in by an identity provider is not set up here.")
    return provider


def _texts(value: object) -> frozenset[str]:
    found: Collection[object] = value if isinstance(value, list) else [value]
    return frozenset(text for text in found if isinstance(text, str))
