"""Evidence packs: ordered, followed while they are made, and taken away."""

from django.http import Http404, HttpResponseBase
from ninja import Router

from apps.api.callers import Call
from apps.api.describing import FILE
from apps.api.v1 import found
from apps.api.v1.answers.packs import PackAnswer
from apps.api.v1.asked.packs import NewPack, PackSubject
from apps.approvals.models import EvidencePack
from apps.approvals.operations import packs as operations
from apps.approvals.operations.packs import Subject
from apps.approvals.packs.queries import packs_visible_to
from apps.catalog.sending import file_response
from apps.core.actors import Actor
from apps.core.inputs import MOST_INTEGER, InputRefused

router = Router(tags=["evidence packs"])


@router.post("/packs", url_name="packs", response={201: PackAnswer})
def order_pack(request: Call, asked: NewPack) -> PackAnswer:
    """Order a pack of models, versions or promotions, as of now; a worker makes it."""
    subjects = [_subject(request.actor, one) for one in asked.of]
    return PackAnswer.of(operations.order_pack(*subjects, by=request.actor, reason=asked.purpose))


@router.get("/packs/{int:pack}", url_name="pack", response=PackAnswer)
def show_pack(request: Call, pack: int) -> PackAnswer:
    """Show how far a pack is, and the digests of one that is ready."""
    return PackAnswer.of(_found(request.actor, pack))


@router.get("/packs/{int:pack}/file", url_name="pack_file", openapi_extra=FILE)
def download_pack(request: Call, pack: int) -> HttpResponseBase:
    """Send the file of a pack, or a range of it, once it is recorded who takes it."""
    taken = operations.download_pack(_found(request.actor, pack), by=request.actor)
    return file_response(taken, request.headers)


def _found(actor: Actor, number: int) -> EvidencePack:
    known = packs_visible_to(actor).filter(pk=number).first() if number <= MOST_INTEGER else None
    if known is None:
        raise Http404
    return known


def _subject(actor: Actor, asked: PackSubject) -> Subject:
    """Return what a body names; what may not be seen is refused like what is not there."""
    if (asked.model is None) == (asked.promotion is None) or (asked.version and not asked.model):
        raise InputRefused("Name a model, a version of a model, or a promotion.")
    try:
        if asked.promotion is not None:
            return found.request(actor, asked.promotion)
        name = asked.model or ""
        if asked.version is None:
            return found.model(actor, name)
        return found.version(actor, name, asked.version)
    except Http404:
        raise InputRefused(
            "There is no such model, version or promotion that you can see."
        ) from None
