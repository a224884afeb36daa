"""Admission: whether a digest may run in an environment now, for CI, gateways and clusters."""

from typing import Annotated

from django.http import HttpResponse
from ninja import Router
from pydantic import Field

from apps.api.callers import Call
from apps.api.describing import ADMISSION, SIGNING
from apps.api.v1.answers.admission import AdmissionKeys, SignedAnswer
from apps.approvals.serving import asking, signed_answers
from apps.core.clock import database_now

router = Router(tags=["admission"])

Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
Environment = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", max_length=63)]


@router.get("/admission", url_name="admission", response=SignedAnswer, openapi_extra=ADMISSION)
def ask_admission(request: Call, digest: Digest, environment: Environment) -> HttpResponse:
    """Say whether a model's content, or a container image, may run in an environment now.

    The answer is signed and says until when it may be relied on; it is 200 for no as for yes. It
    takes a token of the scope ``admit``. What may not be asked about is answered like what nobody
    registered.
    """
    answer = asking.answer_to(digest, environment, by=request.actor, at=database_now())
    return HttpResponse(
        signed_answers.signed(answer),
        content_type="application/json",
        headers={"Cache-Control": f"private, max-age={answer.seconds}"},
    )


@router.get(
    "/admission/key", url_name="admission_key", response=AdmissionKeys, openapi_extra=SIGNING
)
def show_keys(request: Call) -> AdmissionKeys:  # noqa: ARG001 - any token may have them
    """Give the public keys that answers are checked by, for every token."""
    return AdmissionKeys(keys=[signer.public.text for signer in signed_answers.signers()])
