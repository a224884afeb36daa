"""Evidence: listed, added as a link or from an upload, taken away, and withdrawn."""

from django.http import Http404, HttpResponseBase
from ninja import Router

from apps.api.callers import Call
from apps.api.describing import FILE
from apps.api.v1 import found
from apps.api.v1.answers.evidence import EvidenceAnswer, EvidencePage
from apps.api.v1.asked.common import Limit, Reason
from apps.api.v1.asked.evidence import NewEvidence
from apps.audit.actions import Action
from apps.catalog import queries as catalog
from apps.catalog.models import ModelVersion, UseCase
from apps.catalog.sending import file_response
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.inputs import MOST_INTEGER, InputRefused
from apps.core.paging import Order
from apps.validation import operations
from apps.validation.evidence import queries
from apps.validation.evidence.types import Binding, type_named
from apps.validation.models import EvidenceItem
from apps.validation.operations import evidence as rules

router = Router(tags=["evidence"])
NEWEST_FIRST = Order(("pk",))
_EVIDENCE = "/models/{name}/versions/{int:number}/evidence"
_ITEM = "/models/{name}/evidence/{int:item}"


@router.get(_EVIDENCE, url_name="evidence", response=EvidencePage)
def list_evidence(
    request: Call, name: str, number: int, limit: Limit = 100, page: str = ""
) -> EvidencePage:
    """List the evidence about a version, its model and its uses, the newest first."""
    version = found.version(request.actor, name, number)
    bound_to = f"evidence of {version.record_id} for {request.actor.id}"
    items = queries.evidence_about(version).select_related("version", "model").order_by()
    rows = NEWEST_FIRST.page(items, size=limit, mark=page, bound_to=bound_to)
    at = database_now()
    shown = [EvidenceAnswer.of(item, at=at) for item in rows.rows]
    return EvidencePage(evidence=shown, next=rows.older or None)


@router.post(_EVIDENCE, url_name="evidence", response={201: EvidenceAnswer})
def add_evidence(request: Call, name: str, number: int, asked: NewEvidence) -> EvidenceAnswer:
    """Add evidence about a version, its model or one of its uses, as the type says.

    A token with the scope ``evidence`` is enough. Verifying needs a person in a browser.
    """
    version = found.version(request.actor, name, number, to=rules.ADD)
    item = operations.add_evidence(
        _subject(version, asked),
        asked.type,
        by=request.actor,
        title=asked.title,
        file=_file(request.actor, asked),
        link=asked.link,
        note=asked.note,
        valid_until=asked.valid_until,
    )
    return EvidenceAnswer.of(item, at=database_now())


@router.get(_ITEM, url_name="evidence_item", response=EvidenceAnswer)
def show_evidence(request: Call, name: str, item: int) -> EvidenceAnswer:
    """Show one item of evidence."""
    return EvidenceAnswer.of(_found(request.actor, name, item), at=database_now())


@router.get(f"{_ITEM}/file", url_name="evidence_file", openapi_extra=FILE)
def download_evidence(request: Call, name: str, item: int) -> HttpResponseBase:
    """Send the file of an item, once it is recorded who takes it."""
    shown = _found(request.actor, name, item)
    return file_response(operations.take_evidence(shown, by=request.actor), request.headers)


@router.post(f"{_ITEM}/withdraw", url_name="withdraw_evidence", response=EvidenceAnswer)
def withdraw_evidence(request: Call, name: str, item: int, asked: Reason) -> EvidenceAnswer:
    """Let an item count no more; it stays on record."""
    withdrawn = operations.withdraw_evidence(
        _found(request.actor, name, item, to=rules.WITHDRAW),
        by=request.actor,
        reason=asked.reason,
    )
    return EvidenceAnswer.of(withdrawn, at=database_now())


def _found(actor: Actor, name: str, pk: int, *, to: Action | None = None) -> EvidenceItem:
    """Return an item on a model the actor may see, or do something to."""
    if pk > MOST_INTEGER:
        raise Http404
    items = queries.evidence_visible_to(actor)
    if to is not None:
        items = items | queries.evidence_on(catalog.models_where(actor, to.permission))
    related = ("model", "version__model", "use_case", "artifact", "submitted_by", "verified_by")
    found_item = items.select_related(*related).filter(model__name=name, pk=pk).first()
    if found_item is None:
        raise Http404
    return found_item


def _subject(version: ModelVersion, asked: NewEvidence) -> rules.Subject:
    """Return what the type of the evidence binds to, as seen from a version."""
    binding = type_named(asked.type).binds_to
    if (asked.use is not None) != (binding is Binding.USE_CASE):
        raise InputRefused("Name the use for evidence about a use, and for no other.")
    if binding is not Binding.USE_CASE:
        return version if binding is Binding.VERSION else version.model
    use: UseCase | None = version.model.use_cases.filter(key=asked.use).first()
    if use is None:
        raise InputRefused(f"{version.model} has no use {asked.use!a:.80}.")
    return use


def _file(actor: Actor, asked: NewEvidence) -> rules.UploadedFile | None:
    if asked.upload is None:
        return None
    upload = catalog.upload_or_none(actor, asked.upload)
    if upload is None:
        raise InputRefused("There is no such upload.")
    return rules.UploadedFile(upload, asked.path)
