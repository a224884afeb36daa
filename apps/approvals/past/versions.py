"""A version as it was: where it stood, what was known, what was checked, and who approved it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from apps.approvals.models import Authorization, PromotionRequest, Waiver
from apps.approvals.past.named import Names, sees_documents, sees_findings
from apps.approvals.past.promotions import Signed, signed_at
from apps.audit import past
from apps.catalog.models import Alias, ModelVersion, RegisteredModel, VersionSheet, VersionTag
from apps.core.actors import Actor
from apps.risk.models import Finding
from apps.risk.past import open_findings_at, tiers_at
from apps.risk.tiers import CurrentTier
from apps.validation.models import CheckRun, Document, DocumentRevision, DocumentSignature


@dataclass(frozen=True)
class PastVersion:
    """A version at a moment; rows are of that moment, people bear today's names."""

    row: ModelVersion
    model: RegisteredModel
    tier: CurrentTier
    sheet: VersionSheet | None
    aliases: Sequence[Alias]
    tags: Sequence[VersionTag]
    checks: Sequence[CheckRun]
    """The newest run of each check by then."""
    documents: Sequence[Document] | None
    """Nothing where the reader is shown none."""
    document_signatures: Sequence[tuple[Document, DocumentRevision, DocumentSignature]]
    requests: Sequence[PromotionRequest]
    signed: Sequence[Signed]
    authorizations: Sequence[Authorization]
    """All that were granted by then, the newest first."""
    waivers: Sequence[Waiver]
    findings: Sequence[Finding] | None
    """Open ones of the model; nothing where the reader is shown none."""
    names: Names

    @property
    def standing(self) -> Authorization | None:
        """The authorization that stood, valid or suspended, if one did."""
        states = (Authorization.State.VALID, Authorization.State.SUSPENDED)
        return next((one for one in self.authorizations if one.state in states), None)


def version_at(version: ModelVersion, at: datetime, reader: Actor) -> PastVersion | None:
    """Return a version as it was at a moment, or nothing when it was not there."""
    row = past.as_it_was(ModelVersion, version.pk, at)
    model = past.as_it_was(RegisteredModel, version.model_id, at)
    if row is None or model is None or row.deleted_at is not None:
        return None
    row.model = model
    within = Q(version_id=version.pk)
    sheets = past.as_they_were(VersionSheet, at, within)
    documents = past.as_they_were(Document, at, within) if sees_documents(reader) else None
    requests = past.as_they_were(PromotionRequest, at, within)
    signed = signed_at(requests, at)
    return PastVersion(
        row=row,
        model=model,
        tier=tiers_at([model.pk], at)[model.pk],
        sheet=sheets[0] if sheets else None,
        aliases=past.as_they_were(Alias, at, Q(model_id=model.pk), within),
        tags=past.as_they_were(VersionTag, at, within),
        checks=_newest(past.as_they_were(CheckRun, at, within)),
        documents=documents,
        document_signatures=_of_documents(documents or (), at),
        requests=sorted(requests, key=lambda one: -one.pk),
        signed=signed,
        authorizations=past.as_they_were(Authorization, at, within)[::-1],
        waivers=past.as_they_were(Waiver, at, within, Q(state=Waiver.State.GRANTED)),
        findings=_findings(model, at) if sees_findings(reader) else None,
        names=Names.of([row.created_by_id, model.owner_id, *_people(requests, signed)]),
    )


def _newest(runs: Sequence[CheckRun]) -> list[CheckRun]:
    """Keep the newest run of each check, by the name of the check."""
    newest = {one.check_name: one for one in runs}  # in the order of their ids
    return [newest[name] for name in sorted(newest)]


def _of_documents(
    documents: Sequence[Document], at: datetime
) -> list[tuple[Document, DocumentRevision, DocumentSignature]]:
    by_pk = {one.pk: one for one in documents}
    found = past.as_they_were(DocumentRevision, at, Q(document_id__in=by_pk))
    revisions = {one.pk: one for one in found}
    signatures = past.as_they_were(DocumentSignature, at, Q(revision_id__in=revisions))
    told = []
    for one in signatures:
        revision = revisions[one.revision_id]
        told.append((by_pk[revision.document_id], revision, one))
    return told


def _people(requests: Sequence[PromotionRequest], signed: Sequence[Signed]) -> list[int | None]:
    return [
        *(pk for one in requests for pk in (one.requested_by_id, one.closed_by_id)),
        *(one.row.on_behalf_of_id for one in signed),
    ]


def _findings(model: RegisteredModel, at: datetime) -> Sequence[Finding]:
    return open_findings_at([model.pk], at).get(model.pk, ())
