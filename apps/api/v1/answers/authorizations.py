"""Authorizations of a version: whether it may be put into service now, and why."""

from collections.abc import Iterable
from datetime import datetime

from apps.api.v1.answers.base import Answer
from apps.approvals import authorizing
from apps.approvals.models import Authorization
from apps.catalog.models import ModelVersion


class AuthorizationAnswer(Answer):
    """One authorization: by which request, from when to when, and what became of it."""

    number: int
    state: str
    promotion: int | None
    content_digest: str
    policy_digest: str
    tier: int
    granted_at: datetime
    valid_until: datetime | None
    changed_at: datetime
    why: str

    @classmethod
    def of(cls, granted: Authorization) -> "AuthorizationAnswer":
        return cls(
            number=granted.pk,
            state=granted.state,
            promotion=granted.request_id,
            content_digest=granted.content_digest,
            policy_digest=granted.policy_digest,
            tier=granted.tier,
            granted_at=granted.granted_at,
            valid_until=granted.valid_until,
            changed_at=granted.changed_at,
            why=granted.why,
        )


class VersionAuthorizations(Answer):
    """Whether a version may be put into service now, for exactly this content.

    What runs goes on running when ``authorized`` turns false; it may not be rolled out anew.
    """

    model: str
    version: int
    stage: str
    content_digest: str
    authorized: bool
    authorizations: list[AuthorizationAnswer]

    @classmethod
    def of(
        cls, version: ModelVersion, granted: Iterable[Authorization], *, at: datetime
    ) -> "VersionAuthorizations":
        return cls(
            model=version.model.name,
            version=version.number,
            stage=version.stage,
            content_digest=version.content_digest,
            authorized=authorizing.may_be_rolled_out(version, at),
            authorizations=[AuthorizationAnswer.of(one) for one in granted],
        )
