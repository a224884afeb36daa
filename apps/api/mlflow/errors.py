"""Refusals in the form MLflow clients know: an error code and a message.

Never with a status of 408, 429 or 500 and more: clients repeat those for minutes.
"""

from dataclasses import dataclass
from typing import ClassVar

import msgspec
from django.http import HttpResponse

from apps.approvals.readiness import GatesClosed
from apps.audit.sealing.pressure import SealingStalled
from apps.catalog.operations import NameTaken
from apps.catalog.tracking.experiments import ExperimentExists
from apps.core.errors import DomainError, NotAllowed, NotFound
from apps.core.inputs import InputRefused

JSON = "application/json"


class Refusal(DomainError):
    """A refusal this door alone gives, with MLflow's own code and status."""

    code: ClassVar[str] = "refused"

    def __init__(self, message: str, error_code: str, status: int) -> None:
        super().__init__(message)
        self.error_code, self.status = error_code, status


def invalid(message: str) -> Refusal:
    """Return the refusal of a value that is not what it may be."""
    return Refusal(message, "INVALID_PARAMETER_VALUE", 400)


def missing(parameter: str) -> Refusal:
    """Return the refusal of a call that lacks a parameter, in MLflow's own words."""
    return invalid(f"Missing value for required parameter '{parameter}'.")


def exists(message: str) -> Refusal:
    """Return the refusal to make what is there already."""
    return Refusal(message, "RESOURCE_ALREADY_EXISTS", 400)


def absent(message: str) -> Refusal:
    """Return the answer for what is not there, or what the caller may not see."""
    return Refusal(message, "RESOURCE_DOES_NOT_EXIST", 404)


def forbidden(message: str) -> Refusal:
    """Return the refusal of what nobody with these rights, or nobody now, may do."""
    return Refusal(message, "PERMISSION_DENIED", 403)


@dataclass(frozen=True)
class _Meaning:
    error_code: str
    status: int


_MEANINGS: tuple[tuple[type[DomainError], _Meaning], ...] = (
    (NotAllowed, _Meaning("PERMISSION_DENIED", 403)),
    (GatesClosed, _Meaning("PERMISSION_DENIED", 403)),
    (SealingStalled, _Meaning("TEMPORARILY_UNAVAILABLE", 403)),
    (NotFound, _Meaning("RESOURCE_DOES_NOT_EXIST", 404)),
    (NameTaken, _Meaning("RESOURCE_ALREADY_EXISTS", 400)),
    (ExperimentExists, _Meaning("RESOURCE_ALREADY_EXISTS", 400)),
    (InputRefused, _Meaning("INVALID_PARAMETER_VALUE", 400)),
    (DomainError, _Meaning("BAD_REQUEST", 400)),
)


def answer(refusal: DomainError) -> HttpResponse:
    """Answer a refusal of this door, an operation, or a reader of input."""
    if isinstance(refusal, Refusal):
        return said(refusal.error_code, str(refusal), refusal.status)
    meaning = next(meaning for kind, meaning in _MEANINGS if isinstance(refusal, kind))
    return said(meaning.error_code, str(refusal), meaning.status)


def not_signed_in() -> HttpResponse:
    """Answer a caller without a token that holds."""
    response = said(
        "UNAUTHENTICATED",
        "Send an API token of Signet: as MLFLOW_TRACKING_TOKEN, or as the "
        "password of MLFLOW_TRACKING_PASSWORD.",
        401,
    )
    response.headers["WWW-Authenticate"] = 'Basic realm="Signet", Bearer realm="Signet"'
    return response


def said(error_code: str, message: str, status: int) -> HttpResponse:
    body = msgspec.json.encode({"error_code": error_code, "message": message})
    return HttpResponse(body, status=status, content_type=JSON)
