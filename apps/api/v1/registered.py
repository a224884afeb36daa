"""Models: listed, shown, registered."""

from django.http import Http404
from ninja import Router

from apps.accounts.models import Team, User
from apps.api.callers import Call
from apps.api.v1.answers import Model, ModelPage
from apps.api.v1.asked import Limit, NewModel
from apps.catalog import operations, queries
from apps.core.inputs import InputRefused
from apps.core.paging import Order

router = Router(tags=["models"])
NEWEST_FIRST = Order(("touched_at", "id"))


@router.get("/models", url_name="models", response=ModelPage)
def list_models(request: Call, limit: Limit = 100, page: str = "") -> ModelPage:
    """List the models the caller may see, the one touched last first."""
    visible = queries.models_visible_to(request.actor).select_related("owner", "team")
    found = NEWEST_FIRST.page(
        visible, size=limit, mark=page, bound_to=f"models of {request.actor.id}"
    )
    models = [Model.of(summary) for summary in queries.summaries(found.rows)]
    return ModelPage(models=models, next=found.older or None)


@router.get("/models/{name}", url_name="model", response=Model)
def show_model(request: Call, name: str) -> Model:
    """Show one model."""
    model = queries.model_or_none(request.actor, name)
    if model is None:
        raise Http404
    return Model.of(*queries.summaries([model]))


@router.post("/models", url_name="models", response={201: Model})
def register_model(request: Call, asked: NewModel) -> Model:
    """Register a model without versions."""
    model = operations.register_model(
        by=request.actor,
        owner=_person(asked.owner),
        team=_team(asked.team),
        **asked.model_dump(exclude={"owner", "team"}),
    )
    return Model.of(*queries.summaries([model]))


def _person(username: str | None) -> User | None:
    if username is None:
        return None
    person: User | None = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise InputRefused(f"Nobody has the sign-in name {username!a:.160}.")
    return person


def _team(name: str | None) -> Team | None:
    if name is None:
        return None
    team: Team | None = Team.objects.filter(name=name).first()
    if team is None:
        raise InputRefused(f"There is no team {name!a:.160}.")
    return team
