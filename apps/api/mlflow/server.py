"""What clients ask of the server itself, and the answer for calls it does not know."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from apps.accounts.access import by_token, public
from apps.accounts.tokens import actor_of_bearer
from apps.api.addresses import REST
from apps.api.mlflow import errors
from apps.api.mlflow.calls import Call, Json, Nothing, endpoint

SPOKEN = "3.3.2"
"""The last MLflow whose clients keep traces to themselves: from 3.4 on they would be sent here."""


@endpoint("GET", "api/3.0/mlflow/server-info")
def server_info(call: Call[Nothing]) -> Json:  # noqa: ARG001 - the same for everybody
    """Say what this server does not do, so that clients need not try."""
    return {
        "store_type": "SqlStore",
        "workspaces_enabled": False,
        "trace_archival_enabled": False,
        "multipart_uploads_enabled": False,
        "multipart_downloads_enabled": False,
    }


@public
def version(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Answer which version of MLflow's calls is spoken here."""
    return HttpResponse(SPOKEN, content_type="text/plain")


@csrf_exempt
@by_token
def unknown(request: HttpRequest, rest: str) -> HttpResponse:  # noqa: ARG001 - none is known
    """Answer a call that is not known here as MLflow would."""
    if actor_of_bearer(request) is None:
        return errors.not_signed_in()
    return errors.said("ENDPOINT_NOT_FOUND", "Signet does not know this call.", 404)


ENDPOINTS = (server_info,)
OPEN: list[URLPattern] = [path("version", version, name="version")]
LAST: list[URLPattern] = [
    path(f"api/2.0/mlflow/<{REST}:rest>", unknown, name="unknown"),
    path(f"api/3.0/mlflow/<{REST}:rest>", unknown, name="unknown_3"),
]
"""Routes for what no other route answers."""
