"""Signet's own REST API: JSON in, one operation, JSON out; tokens only, never cookies."""

from django.http import Http404
from ninja import NinjaAPI, Router

from apps.api import problems
from apps.api.callers import Call, TokenOwner, token_owners_only
from apps.api.strictness import StrictParser
from apps.api.v1 import registered, uploads, versions

PAGED = frozenset({"limit", "page"})

api = NinjaAPI(
    title="Signet",
    version="1",
    description="The registry of models: register versions, follow their checks, take their files.",
    urls_namespace="v1",
    auth=TokenOwner({"models": PAGED, "versions": PAGED}),
    parser=StrictParser(),
    docs_url=None,
    docs_decorator=token_owners_only,
)
problems.install(api)

elsewhere = Router()


@elsewhere.api_operation(
    ["GET", "POST", "PUT", "PATCH", "DELETE"], "/{path:path}", include_in_schema=False
)
def nothing_here(request: Call, path: str) -> None:  # noqa: ARG001 - both are the framework's
    """Answer for every address there is not, as for what may not be seen."""
    raise Http404


for router in (registered.router, uploads.router, versions.router, elsewhere):
    api.add_router("", router)
