"""What was true at a past moment, from history; people and teams bear today's names."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.api.v1.answers.authorizations import AuthorizationAnswer
from apps.api.v1.answers.base import Answer
from apps.api.v1.answers.signatures import SignatureAnswer
from apps.approvals.past.models import PastModel
from apps.approvals.past.production import Serving
from apps.approvals.past.promotions import Signed
from apps.approvals.past.versions import PastVersion
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.validation.models import CheckRun, Document


class VersionLineThen(Answer):
    """A version of a model as it was."""

    number: int
    stage: str
    readiness: str
    digest: str
    authorized_at: datetime | None

    @classmethod
    def of(cls, row: ModelVersion) -> "VersionLineThen":
        return cls(
            number=row.number,
            stage=row.stage,
            readiness=row.readiness,
            digest=row.content_digest,
            authorized_at=row.authorized_at,
        )


class RoleThen(Answer):
    """A role that was held on a model, by a person or a team."""

    role: str
    holder: str
    is_team: bool


class ModelThen(Answer):
    """A model as it was; ``name`` is the one it bore, ``url`` and ``page`` where it is found."""

    as_of: datetime
    name: str
    title: str
    kind: str
    owner: str
    team: str | None
    domain: str
    method: str
    flags: list[str]
    description: str
    intended_use: str
    out_of_scope_uses: str
    limitations: str
    tier: int
    registered_at: datetime
    champion: int | None
    aliases: dict[str, int]
    tags: dict[str, str]
    versions: list[VersionLineThen]
    in_production: list[int]
    roles: list[RoleThen]
    authorizations: list[AuthorizationAnswer]
    open_findings: int | None
    url: str
    page: str

    @classmethod
    def of(cls, model: RegisteredModel, found: PastModel, at: datetime) -> "ModelThen":
        row, numbers = found.row, found.numbers
        return cls(
            as_of=at,
            name=row.name,
            title=row.title,
            kind=row.kind,
            owner=found.names.username(row.owner_id),
            team=found.names.team(row.team_id) or None,
            domain=row.domain,
            method=row.method,
            flags=row.flags,
            description=row.description,
            intended_use=row.intended_use,
            out_of_scope_uses=row.out_of_scope_uses,
            limitations=row.limitations,
            tier=found.tier.tier,
            registered_at=row.created_at,
            champion=found.champion(),
            aliases={
                one.name: numbers[one.version_id]
                for one in found.aliases
                if one.version_id in numbers
            },
            tags={one.key: one.value for one in found.tags},
            versions=[VersionLineThen.of(one) for one in found.versions],
            in_production=[one.number for one in found.in_production],
            roles=[
                RoleThen(role=one.role, holder=found.holder(one), is_team=one.team_id is not None)
                for one in found.duties
            ],
            authorizations=[AuthorizationAnswer.of(one) for one in found.authorizations],
            open_findings=None if found.findings is None else len(found.findings),
            url=reverse("v1:model", args=[model.name]),
            page=reverse("as_of:model", args=[model.name]),
        )


class CheckThen(Answer):
    """The newest run of a check by then."""

    check: str
    state: str
    examined: str
    finished_at: datetime | None

    @classmethod
    def of(cls, run: CheckRun) -> "CheckThen":
        return cls(
            check=run.check_name,
            state=run.state,
            examined=run.examined_digest,
            finished_at=run.finished_at,
        )


class DocumentThen(Answer):
    """A document about a version as it was."""

    template: str
    status: str
    revision: int

    @classmethod
    def of(cls, row: Document) -> "DocumentThen":
        return cls(template=row.template_id, status=row.status, revision=row.revision)


class SignedThen(SignatureAnswer):
    """A sign-off that was given by then; a withdrawn one counts no more."""

    decision: str
    is_withdrawn: bool

    @classmethod
    def given(cls, one: Signed) -> "SignedThen":
        """Return a sign-off with what was decided."""
        told = SignatureAnswer.of(one.row).model_dump()
        return cls(**told, decision=one.row.decision, is_withdrawn=one.withdrawal is not None)


class PromotionThen(Answer):
    """A promotion request about a version as it was."""

    number: int
    transition: str
    target: str
    state: str
    requested_at: datetime
    closed_at: datetime | None
    sign_offs: list[SignedThen]


class VersionThen(VersionLineThen):
    """A version as it was: where it stood, what was checked, and who had approved it."""

    as_of: datetime
    model: str
    facts_digest: str
    change_class: str
    description: str
    registered_at: datetime
    registered_by: str
    aliases: list[str]
    tags: dict[str, str]
    tier: int
    checks: list[CheckThen]
    documents: list[DocumentThen] | None
    promotions: list[PromotionThen]
    authorizations: list[AuthorizationAnswer]
    url: str
    page: str

    @classmethod
    def whole(cls, version: ModelVersion, found: PastVersion, at: datetime) -> "VersionThen":
        """Return a version with its evidence and its approvals."""
        row, place = found.row, [version.model.name, version.number]
        documents = found.documents
        return cls(
            **VersionLineThen.of(row).model_dump(),
            as_of=at,
            model=found.model.name,
            facts_digest=row.facts_digest,
            change_class=row.change_class,
            description=row.description,
            registered_at=row.created_at,
            registered_by=found.names.username(row.created_by_id),
            aliases=sorted(one.name for one in found.aliases),
            tags={one.key: one.value for one in found.tags},
            tier=found.tier.tier,
            checks=[CheckThen.of(one) for one in found.checks],
            documents=None if documents is None else [DocumentThen.of(one) for one in documents],
            promotions=list(_promotions(found)),
            authorizations=[AuthorizationAnswer.of(one) for one in found.authorizations],
            url=reverse("v1:version", args=place),
            page=reverse("as_of:version", args=place),
        )


def _promotions(found: PastVersion) -> Iterable[PromotionThen]:
    for one in found.requests:
        given = [signed for signed in found.signed if signed.row.request_id == one.pk]
        yield PromotionThen(
            number=one.pk,
            transition=one.transition,
            target=one.target,
            state=one.state,
            requested_at=one.requested_at,
            closed_at=one.closed_at,
            sign_offs=[SignedThen.given(signed) for signed in given],
        )


class ServingAnswer(Answer):
    """A version in production, since when, and by what right; ``model`` is its name today."""

    model: str
    name_then: str
    version: int
    digest: str
    since: datetime | None
    owner: str
    tier: int
    authorization: AuthorizationAnswer | None
    is_emergency: bool
    signed: list[SignatureAnswer]
    policy: str
    waivers: list[int]
    open_findings: dict[str, int] | None
    url: str
    page: str

    @classmethod
    def of(cls, one: Serving) -> "ServingAnswer":
        granted: Any = one.authorization
        place = [one.known_as, one.version.number]
        return cls(
            model=one.known_as,
            name_then=one.model.name,
            version=one.version.number,
            digest=one.version.content_digest,
            since=one.entered.at if one.entered else None,
            owner=one.owner_username,
            tier=one.tier.tier,
            authorization=AuthorizationAnswer.of(granted) if granted else None,
            is_emergency=one.emergency is not None,
            signed=[SignatureAnswer.of(row) for row in (*one.sign_offs, *one.ratifications)],
            policy=one.policy.title if one.policy else "",
            waivers=granted.waiver_ids if granted else [],
            open_findings=None if one.findings is None else dict(one.findings),
            url=reverse("v1:version", args=place),
            page=reverse("as_of:version", args=place),
        )


class ProductionPage(Answer):
    """Some of what was in production, by the name of the model; ``next`` leads on, or is nothing.

    ``as_of`` is nothing where it is what is there now; ``record_begins_at`` is given when the
    moment lies before the record begins.
    """

    as_of: datetime | None
    policy: str
    record_begins_at: datetime | None
    in_production: list[ServingAnswer]
    next: str | None
