"""Signet's own REST API: JSON in, one operation, JSON out; tokens only, never cookies."""

from typing import Any

from django.http import Http404
from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema

from apps.api import describing, problems
from apps.api.addresses import REST
from apps.api.callers import Call, TokenOwner, token_owners_only
from apps.api.conditional import CanonicalJson, tagged
from apps.api.once import once
from apps.api.strictness import StrictParser
from apps.api.v1 import (
    admission,
    as_of,
    assessing,
    attesting,
    campaigning,
    deploying,
    documents,
    environments,
    evidencing,
    examining,
    finding,
    incidents,
    inventory,
    labels,
    measuring,
    monitoring,
    obliging,
    packing,
    policies,
    promoting,
    questionnaires,
    registered,
    reviewing,
    run_events,
    sealed_log,
    standing,
    talking,
    telling,
    tiering,
    tracing,
    uploads,
    versions,
    waiving,
)

OF_JSON = (
    registered.router,
    labels.router,
    uploads.router,
    versions.router,
    examining.router,
    attesting.router,
    evidencing.router,
    monitoring.router,
    documents.router,
    telling.router,
    promoting.router,
    talking.router,
    waiving.router,
    standing.router,
    packing.router,
    policies.router,
    inventory.router,
    tracing.router,
    run_events.router,
    questionnaires.router,
    assessing.router,
    finding.router,
    incidents.router,
    obliging.router,
    tiering.router,
    reviewing.router,
    campaigning.router,
    as_of.router,
    environments.router,
    deploying.router,
)
"""What takes JSON, and so takes idempotency keys."""
ROUTERS = (
    admission.router,
    measuring.router,
    *OF_JSON,
    uploads.files,
    attesting.files,
    sealed_log.router,
)


class Described(NinjaAPI):
    """An API whose description says how each operation refuses."""

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**where)
        describing.complete(schema)
        return schema


api = Described(
    title="Signet",
    version="1",
    description="The registry of models: versions, checks, promotions, inventory, lineage, risk.",
    urls_namespace="v1",
    auth=TokenOwner(ROUTERS),
    parser=StrictParser(),
    renderer=CanonicalJson(),
    docs_url=None,
    docs_decorator=token_owners_only,
)
problems.install(api)

elsewhere = Router()


@elsewhere.api_operation(
    ["GET", "POST", "PUT", "PATCH", "DELETE"], f"/{{{REST}:path}}", include_in_schema=False
)
def nothing_here(request: Call, path: str) -> None:  # noqa: ARG001 - both are the framework's
    """Answer for every address there is not, as for what may not be seen."""
    raise Http404


for router in OF_JSON:
    router.add_decorator(once, mode="view")
for router in ROUTERS:
    router.add_decorator(tagged, mode="view")  # around the other: what is repeated has its tag too
for router in (*ROUTERS, elsewhere):
    api.add_router("", router)
