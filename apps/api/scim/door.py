"""The door of the directory: SCIM 2.0 (RFC 7643, 7644), by a token that opens nothing else."""

import json
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from scim2_models import Error, Group, InvalidValueException, SCIMException
from scim2_server.conditions import Conditions
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import SCIM_MEDIA_TYPE, ScimResponse
from scim2_server.service import ScimService

from apps.accounts.access import by_token
from apps.accounts.operations import Taken
from apps.accounts.rights import MANAGE_PEOPLE
from apps.accounts.tokens import actor_of_bearer, directory_keeper
from apps.api.scim import bounds, members
from apps.api.scim.describing import provider
from apps.api.scim.storage import DirectoryStorage
from apps.audit.preconditions import Stale
from apps.audit.sealing.pressure import SealingStalled
from apps.core.errors import DomainError, NotAllowed, NotFound

MOST_QUERY = 4096
TRIES = 3
_STATUS: tuple[tuple[type[DomainError], HTTPStatus, str | None], ...] = (
    (Taken, HTTPStatus.CONFLICT, "uniqueness"),
    (NotAllowed, HTTPStatus.FORBIDDEN, None),
    (NotFound, HTTPStatus.NOT_FOUND, None),
    (SealingStalled, HTTPStatus.CONFLICT, None),
    (Stale, HTTPStatus.CONFLICT, None),
    (DomainError, HTTPStatus.BAD_REQUEST, "invalidValue"),
)


class Service(ScimService):
    """Answers a PATCH with what came of it, which every directory reads."""

    def apply_patch(self, current: Any, patch_op: Any, conditions: Conditions) -> Any:
        gathered = members.gathered(current, patch_op) if isinstance(current, Group) else patch_op
        return super().apply_patch(current, gathered, conditions)

    def patch_response(self, base_url: str, resource: Any, response_parameters: Any) -> Any:
        return self.replacement_response(base_url, resource, response_parameters)


@csrf_exempt  # no cookie opens anything here
@by_token
def answer(request: HttpRequest, path: str) -> HttpResponse:
    """Answer one request of the directory."""
    actor = directory_keeper(request)
    if actor is None or not actor.may(MANAGE_PEOPLE):
        return _not_opened(request)
    service = Service(provider())
    try:
        handler = ScimHandler(service, DirectoryStorage(actor))
        return _sent(_handled(handler, _asked(request, path)))
    except SCIMException as refusal:
        return _sent(service.error_response(refusal))
    except RequestDataTooBig:
        return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too long.")
    except DomainError as refusal:
        return _of(refusal)


def _handled(handler: ScimHandler, asked: ScimRequest) -> ScimResponse:
    """Carry a request out; what something else changed under its hands is read again first."""
    for _ in range(TRIES - 1):
        try:
            return handler.handle(asked)
        except Stale:
            continue
    return handler.handle(asked)


def _not_opened(request: HttpRequest) -> HttpResponse:
    """Say that a token is missing, or that the one that came keeps no directory."""
    if actor_of_bearer(request) is not None:
        why = "This takes a token of the scope “directory” whose owner is an administrator."
        return _refused(HTTPStatus.FORBIDDEN, why)
    response = _refused(HTTPStatus.UNAUTHORIZED, "This takes a token of the directory.")
    response.headers["WWW-Authenticate"] = 'Bearer realm="SCIM"'
    return response


def _asked(request: HttpRequest, path: str) -> ScimRequest:
    given = request.META.get("QUERY_STRING", "")
    texts = [
        path,
        *request.GET.keys(),
        *(value for _, values in request.GET.lists() for value in values),
    ]
    is_plain = len(given) <= MOST_QUERY and not any(set(text) & {"\0", "\ufffd"} for text in texts)
    if not is_plain or any(len(values) > 1 for _, values in request.GET.lists()):
        raise InvalidValueException(detail="The address cannot be read.")
    bounds.require_bounded(request.body)
    return ScimRequest(
        method=request.method or "GET",
        base_url=request.build_absolute_uri("/scim/v2"),
        path=f"/{path}",
        query=request.GET.dict(),
        headers=dict(request.headers),
        body=request.body,
    )


def _of(refusal: DomainError) -> HttpResponse:
    status, kind = next(
        (status, kind) for refused, status, kind in _STATUS if isinstance(refusal, refused)
    )
    return _refused(status, str(refusal), kind)


def _refused(status: HTTPStatus, why: str, kind: str | None = None) -> HttpResponse:
    error = Error(status=int(status), scim_type=kind, detail=why)
    return _sent(ScimResponse(status, error.model_dump()))


def _sent(found: ScimResponse) -> HttpResponse:
    body = json.dumps(found.body) if found.body is not None else ""
    response = HttpResponse(body, status=int(found.status), content_type=SCIM_MEDIA_TYPE)
    for name, value in found.headers.items():
        if name.lower() != "content-type":
            response.headers[name] = value
    response.headers["Cache-Control"] = "no-store"
    return response
