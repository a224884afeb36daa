"""Whether some content may run in an environment now, and until when that may be relied on.

``judge`` is pure. A version is admissible when it is ready, its stage is one the environment admits
and, in production, its authorization holds for just this content, as ``authorizing`` says.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings

from apps.approvals.models import Authorization
from apps.catalog.lifecycle import Readiness, Stage
from apps.catalog.models import ModelVersion
from apps.core.digests import utc_text
from apps.deployments.models import Environment


class Code(StrEnum):
    """Why something is not admissible, for programs; a code never changes its meaning."""

    UNKNOWN_DIGEST = "unknown_digest"
    ENVIRONMENT_CLOSED = "environment_closed"
    VERSION_DELETED = "version_deleted"
    VERSION_NOT_READY = "version_not_ready"
    STAGE_NOT_ADMITTED = "stage_not_admitted"
    NOT_AUTHORIZED = "not_authorized"
    SUSPENDED = "authorization_suspended"
    REVOKED = "authorization_revoked"
    EXPIRED = "authorization_expired"
    ENDED = "authorization_ended"
    OTHER_CONTENT = "authorized_other_content"


@dataclass(frozen=True)
class Reason:
    """One thing that speaks against it, in words and as a code."""

    code: Code
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Grant:
    """The newest authorization of a version, as far as admission goes by it."""

    state: str
    valid_until: datetime | None
    content_digest: str

    @classmethod
    def of(cls, authorization: Authorization) -> "Grant":
        return cls(authorization.state, authorization.valid_until, authorization.content_digest)


@dataclass(frozen=True)
class Candidate:
    """A version, as far as admission goes by it."""

    pk: int
    model: str
    number: int
    stage: str
    readiness: str
    content_digest: str
    authorized_at: datetime | None
    newest: Grant | None = None
    is_deleted: bool = False

    @classmethod
    def of(cls, version: ModelVersion, newest: Authorization | None) -> "Candidate":
        return cls(
            pk=version.pk,
            model=version.model.name,
            number=version.number,
            stage=version.stage,
            readiness=version.readiness,
            content_digest=version.content_digest,
            authorized_at=version.authorized_at,
            newest=Grant.of(newest) if newest else None,
            is_deleted=version.deleted_at is not None,
        )

    def __str__(self) -> str:
        return f"{self.model} v{self.number}"


@dataclass(frozen=True)
class Answer:
    """What is said of one content in one environment, and until when it may be relied on.

    ``version`` is what the content is known as; nothing when nobody registered it. Whether it is
    admitted says what to do: where the environment warns or allows, also what is not admissible.
    """

    digest: str
    environment: str
    enforcement: str
    version: Candidate | None
    reasons: tuple[Reason, ...]
    at: datetime
    until: datetime
    is_closed: bool = False

    @property
    def admissible(self) -> bool:
        return not self.reasons

    @property
    def admitted(self) -> bool:
        prevents = self.enforcement == Environment.Enforcement.PREVENT
        return self.admissible or not (prevents or self.is_closed)

    @property
    def seconds(self) -> int:
        """For how many whole seconds it may be relied on."""
        return max(0, int((self.until - self.at).total_seconds()))

    def told(self) -> dict[str, object]:
        """Return all of it as plain values, which have one canonical form."""
        return self.as_note() | {
            "environment": self.environment,
            "enforcement": self.enforcement,
            "admitted": self.admitted,
            "at": utc_text(self.at),
            "until": utc_text(self.until),
        }

    def as_note(self) -> dict[str, object]:
        """Return what was said of the content as plain values, to be kept with what followed."""
        return {
            "digest": self.digest,
            "model": self.version.model if self.version else None,
            "version": self.version.number if self.version else None,
            "stage": self.version.stage if self.version else None,
            "admissible": self.admissible,
            "reasons": [{"code": one.code.value, "text": one.text} for one in self.reasons],
        }


def judge(
    candidate: Candidate | None,
    environment: Environment,
    *,
    digest: str,
    at: datetime,
    holds: timedelta,
) -> Answer:
    """Say whether a content, known as a version or not, may run in an environment at a moment.

    The answer may be relied on for as long as it ``holds`` at most, and never past the end of the
    authorization it rests on.
    """
    reasons = (*_closed(environment), *_against(candidate, environment, digest, at))
    until = at + holds
    if not reasons and candidate is not None and candidate.stage == Stage.PRODUCTION:
        end = candidate.newest.valid_until if candidate.newest else None
        until = min(until, end) if end is not None else until
    return Answer(
        digest=digest,
        environment=environment.name,
        enforcement=environment.enforcement,
        version=candidate,
        reasons=reasons,
        at=at,
        until=until,
        is_closed=not environment.is_open,
    )


def best(
    candidates: Sequence[Candidate],
    environment: Environment,
    *,
    digest: str,
    at: datetime,
    holds: timedelta,
) -> Answer:
    """Judge a content that several versions have: one that may run is enough.

    Of several that may, the one that may for longest speaks; of none, the newest.
    """
    judged: dict[str, Any] = {"digest": digest, "at": at, "holds": holds}
    if not candidates:
        return judge(None, environment, **judged)
    found = [(one.pk, judge(one, environment, **judged)) for one in candidates]
    return max(found, key=lambda one: (one[1].admissible, one[1].until, one[0]))[1]


def answers(
    versions: Sequence[ModelVersion], environment: Environment, *, at: datetime
) -> Mapping[int, Answer]:
    """Say of some versions, by id, whether each may run in an environment, in one query."""
    granted = Authorization.objects.filter(version__in=versions).order_by("pk")
    newest = {one.version_id: one for one in granted}  # the last one of each stays
    return {
        version.pk: judge(
            Candidate.of(version, newest.get(version.pk)),
            environment,
            digest=version.content_digest,
            at=at,
            holds=settings.ADMISSION_HOLDS,
        )
        for version in versions
    }


def _closed(environment: Environment) -> Iterator[Reason]:
    if not environment.is_open:
        yield Reason(
            Code.ENVIRONMENT_CLOSED,
            f"The environment {environment.name} was closed: nothing is put there any more.",
        )


def _against(
    candidate: Candidate | None, environment: Environment, digest: str, at: datetime
) -> Iterator[Reason]:
    """Yield what speaks against a content, besides the environment being closed."""
    if candidate is None:
        words = f"No version that you may ask about has the digest {digest}."
        yield Reason(Code.UNKNOWN_DIGEST, words)
    elif candidate.is_deleted:
        yield Reason(Code.VERSION_DELETED, f"{candidate} was deleted.")
    elif candidate.readiness != Readiness.READY:
        yield Reason(Code.VERSION_NOT_READY, f"{candidate} has no complete content.")
    elif candidate.stage not in environment.admits:
        yield Reason(Code.STAGE_NOT_ADMITTED, _of_other_stage(candidate, environment))
    elif candidate.stage == Stage.PRODUCTION:
        yield from _unauthorized(candidate, at)


def _of_other_stage(candidate: Candidate, environment: Environment) -> str:
    admitted = ", ".join(stage.label for stage in environment.stages)
    return (
        f"{candidate} is in the stage {Stage(candidate.stage).label}; "
        f"{environment.name} admits {admitted}."
    )


def _unauthorized(candidate: Candidate, at: datetime) -> Iterator[Reason]:
    """Yield why a version in production is not authorized to be there, if it is not.

    One that was promoted before there were authorizations is authorized without end.
    """
    newest, states = candidate.newest, Authorization.State
    if newest is None:
        if candidate.authorized_at is None:
            words = f"{candidate} was never authorized to be in production."
            yield Reason(Code.NOT_AUTHORIZED, words)
    elif newest.state == states.SUSPENDED:
        yield Reason(Code.SUSPENDED, f"The authorization of {candidate} is suspended.")
    elif newest.state == states.REVOKED:
        yield Reason(Code.REVOKED, f"The authorization of {candidate} was revoked.")
    elif newest.valid_until is not None and at >= newest.valid_until:
        day = f"{newest.valid_until:%-d %B %Y, %H:%M} UTC"
        yield Reason(Code.EXPIRED, f"The authorization of {candidate} ran out on {day}.")
    elif newest.state != states.VALID:
        yield Reason(Code.ENDED, f"The authorization of {candidate} has ended.")
    elif newest.content_digest != candidate.content_digest:
        words = f"{candidate} was authorized with other content than it has."
        yield Reason(Code.OTHER_CONTENT, words)
