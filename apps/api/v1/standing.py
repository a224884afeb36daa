"""Where versions stand after they were promoted: authorized until when, and how records retire."""

from ninja import Router

from apps.api.callers import Call
from apps.api.v1 import found
from apps.api.v1.answers.authorizations import VersionAuthorizations
from apps.api.v1.answers.retirement import RetirementAnswer
from apps.approvals import queries
from apps.approvals.models import Retention
from apps.core.clock import database_now

router = Router(tags=["standing"])
MOST = 100
"""How many authorizations, holds or retired versions are shown, the newest first."""


@router.get(
    "/models/{name}/versions/{int:number}/authorizations",
    url_name="authorizations",
    response=VersionAuthorizations,
)
def list_authorizations(request: Call, name: str, number: int) -> VersionAuthorizations:
    """Say whether a version may be put into service now, and by which authorizations."""
    version = found.version(request.actor, name, number)
    granted = version.authorizations.order_by("-pk")[:MOST]
    return VersionAuthorizations.of(version, granted, at=database_now())


@router.get("/models/{name}/retirement", url_name="retirement", response=RetirementAnswer)
def show_retirement(request: Call, name: str) -> RetirementAnswer:
    """Show how long the records of a model are kept, what holds them, and what is retired."""
    model = found.model(request.actor, name)
    retention = Retention.objects.filter(model=model).select_related("set_by").first()
    holds = queries.holds_visible_to(request.actor).filter(model=model).order_by("-pk")
    retired = queries.retirements_visible_to(request.actor).filter(version__model=model)
    return RetirementAnswer.of(model.name, retention, holds[:MOST], retired.order_by("-pk")[:MOST])
