"""Attestations of a version: attached as they come, listed, sent, withdrawn."""

from collections.abc import Iterator
from typing import Annotated

from django.http import Http404, HttpResponseBase
from ninja import Query, Router

from apps.api.bodies import announced_size, pieces
from apps.api.callers import Call
from apps.api.describing import BYTES, FILE
from apps.api.v1 import found
from apps.api.v1.answers.attestations import AttestationLine, Attestations
from apps.api.v1.asked.common import Reason
from apps.audit.actions import Action
from apps.catalog.sending import file_response
from apps.core.inputs import MOST_INTEGER, InputRefused
from apps.validation import operations, queries
from apps.validation.models import Attestation

router = Router(tags=["attestations"])
files = Router(tags=["attestations"])
"""What takes bytes as they come and no JSON, at an address that also lists them."""
_ATTESTATIONS = "/models/{name}/versions/{int:number}/attestations"
_ATTESTATION = f"{_ATTESTATIONS}/{{int:attestation}}"


@files.get(_ATTESTATIONS, url_name="attestations", response=Attestations)
def list_attestations(request: Call, name: str, number: int) -> Attestations:
    """Show what is attached to a version, the newest first, and what of it was withdrawn."""
    version = found.version(request.actor, name, number)
    attached = queries.attestations_of(version)
    return Attestations.of(attached, signature=queries.signature_status(version))


@files.post(
    _ATTESTATIONS, url_name="attestations", response={201: AttestationLine}, openapi_extra=BYTES
)
def attach_attestation(
    request: Call,
    name: str,
    number: int,
    kind: Annotated[str, Query(max_length=20)],
    file: Annotated[str, Query(max_length=255)],
) -> AttestationLine:
    """Attach the body as a file of this name: a signature, a signed statement or another kind.

    A token with the scope ``evidence`` is enough.
    """
    version = found.version(request.actor, name, number, to=operations.ATTACH_ATTESTATION)
    attached = operations.attach_attestation(version, kind, file, _body(request), by=request.actor)
    return AttestationLine.of(attached)


@router.get(f"{_ATTESTATION}/file", url_name="attestation_file", openapi_extra=FILE)
def send_attestation(request: Call, name: str, number: int, attestation: int) -> HttpResponseBase:
    """Send the file of an attestation, or a range of it, once it is recorded who takes it."""
    known = _attestation(request, name, number, attestation)
    return file_response(operations.take_attestation(known, by=request.actor), request.headers)


@router.delete(_ATTESTATION, url_name="attestation", response={204: None})
def withdraw_attestation(
    request: Call, name: str, number: int, attestation: int, asked: Reason
) -> None:
    """Withdraw an attestation; it stays on record and counts no more."""
    to = operations.WITHDRAW_ATTESTATION
    known = _attestation(request, name, number, attestation, to=to)
    operations.withdraw_attestation(known, by=request.actor, reason=asked.reason)


def _body(request: Call) -> Iterator[bytes]:
    """Yield a body of announced length, once somebody who may send it asks for its bytes."""
    left = announced_size(request)
    if left is None:
        raise InputRefused("Announce the file with Content-Length.")
    for piece in pieces(request, left):
        left -= len(piece)
        yield piece
    if left:
        raise InputRefused("The file ended before the announced length. Send it again.")


def _attestation(
    request: Call, name: str, number: int, pk: int, *, to: Action | None = None
) -> Attestation:
    version = found.version(request.actor, name, number, to=to)
    if pk > MOST_INTEGER:
        raise Http404
    known: Attestation | None = version.attestations.filter(pk=pk).first()
    if known is None:
        raise Http404
    known.version = version
    return known
