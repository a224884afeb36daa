"""What was true at a past moment, by today's rights: what was in production, models, versions."""

from datetime import datetime

from ninja import Router

from apps.api.callers import Call
from apps.api.v1.answers.as_of import ModelThen, ProductionPage, ServingAnswer, VersionThen
from apps.api.v1.asked.common import Limit, Words
from apps.approvals.past import production
from apps.approvals.past.models import model_at
from apps.approvals.past.policies import in_force_at
from apps.approvals.past.versions import version_at
from apps.audit import past
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core import moments
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import NotFound

router = Router(tags=["as of"])


@router.get("/as-of/production", url_name="as_of_production", response=ProductionPage)
def list_production(
    request: Call, at: Words = "", limit: Limit = 100, page: str = ""
) -> ProductionPage:
    """List what was in production at a moment, under which approvals, by the name of the model.

    ``at`` is a day, which means its end in UTC, or a moment; without it, what is there now.
    """
    moment = asked(at) if at else database_now()
    first = past.first_moment()
    bound_to = f"in production {at} for {request.actor.id}"
    states = production.in_production(request.actor, moment)
    found = production.BY_NAME.page(states, size=limit, mark=page, bound_to=bound_to)
    return ProductionPage(
        as_of=moment if at else None,
        policy=str(in_force_at(moment).policy),
        record_begins_at=first if first is not None and moment < first else None,
        in_production=[
            ServingAnswer.of(one) for one in production.serving(found.rows, moment, request.actor)
        ],
        next=found.older or None,
    )


def asked(text: str) -> datetime:
    """Return the moment a parameter names."""
    return moments.moment(text, now=database_now())


def model_then(model: RegisteredModel, text: str, reader: Actor) -> ModelThen:
    """Return a model as it was.

    Raises:
        NotFound: when it was not registered yet.
    """
    at = asked(text)
    found = model_at(model, at, reader)
    if found is None:
        raise NotFound(f"{model.name} was not registered yet.")
    return ModelThen.of(model, found, at)


def version_then(version: ModelVersion, text: str, reader: Actor) -> VersionThen:
    """Return a version as it was.

    Raises:
        NotFound: when it was not registered yet.
    """
    at = asked(text)
    found = version_at(version, at, reader)
    if found is None:
        raise NotFound(f"{version} was not registered yet.")
    return VersionThen.whole(version, found, at)
