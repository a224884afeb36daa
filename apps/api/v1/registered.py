"""Models: listed, shown, registered, described, renamed, deleted, rolled back."""

from ninja import Router

from apps.api.callers import Call
from apps.api.conditional import unless_changed
from apps.api.v1 import as_of as past
from apps.api.v1 import found
from apps.api.v1.answers.as_of import ModelThen
from apps.api.v1.answers.models import Model, ModelLine, ModelPage
from apps.api.v1.answers.versions import VersionLine
from apps.api.v1.asked.common import Limit, Reason, Words
from apps.api.v1.asked.models import DescribedModel, NewModel, Renamed
from apps.api.v1.seeking import Sort, Wanted
from apps.approvals import operations as approvals
from apps.catalog import operations, queries
from apps.catalog.models import RegisteredModel

router = Router(tags=["models"])
_MODEL = "/models/{name}"


@router.get("/models", url_name="models", response=ModelPage)
def list_models(
    request: Call,
    *,
    q: Words = "",
    stage: Words = "",
    kind: Words = "",
    domain: Words = "",
    owner: Words = "",
    team: Words = "",
    framework: Words = "",
    flag: Words = "",
    sort: Sort = "touched",
    limit: Limit = 100,
    page: str = "",
) -> ModelPage:
    """List the models the caller may see, the one touched last first unless told otherwise.

    ``q`` is what one would type into the search of the pages: words, a digest, the id of a run.
    """
    wanted = Wanted(
        q,
        {
            "stage": stage,
            "kind": kind,
            "domain": domain,
            "owner": owner,
            "team": team,
            "framework": framework,
            "flag": flag,
        },
        sort,
    )
    rows = wanted.page(request.actor, size=limit, mark=page)
    models = [ModelLine.of(summary) for summary in queries.summaries(rows.rows)]
    return ModelPage(models=models, next=rows.older or None)


@router.post("/models", url_name="models", response={201: Model})
def register_model(request: Call, asked: NewModel) -> Model:
    """Register a model without versions."""
    model = operations.register_model(
        by=request.actor,
        owner=found.person(asked.owner),
        team=found.team(asked.team),
        **asked.model_dump(exclude={"owner", "team"}),
    )
    return _whole(model)


@router.get(_MODEL, url_name="model", response=Model | ModelThen)
def show_model(request: Call, name: str, as_of: Words = "") -> Model | ModelThen:
    """Show one model, or with ``as_of`` how it was at a moment: a day means its end in UTC."""
    model = found.model(request.actor, name)
    return past.model_then(model, as_of, request.actor) if as_of else _whole(model)


@router.patch(_MODEL, url_name="model", response=Model)
def describe_model(request: Call, name: str, asked: DescribedModel) -> Model:
    """Change what a model says about itself."""
    model = found.model(request.actor, name, to=operations.DESCRIBE_MODEL)
    with unless_changed(request, lambda: show_model(request, name)):
        operations.describe_model(model, by=request.actor, **asked.model_dump(exclude_unset=True))
    return _whole(model)


@router.delete(_MODEL, url_name="model", response={204: None})
def delete_model(request: Call, name: str, asked: Reason) -> None:
    """Delete a model that nothing refers to; its name is free then, the record stays."""
    model = found.model(request.actor, name, to=approvals.DELETE_MODEL)
    with unless_changed(request, lambda: show_model(request, name)):
        approvals.delete_model(model, by=request.actor, reason=asked.reason)


@router.post(f"{_MODEL}/rename", url_name="rename", response=Model)
def rename_model(request: Call, name: str, asked: Renamed) -> Model:
    """Give a model another name; everything it has comes with it."""
    model = found.model(request.actor, name, to=operations.RENAME_MODEL)
    return _whole(operations.rename_model(model, asked.name, by=request.actor))


@router.post(f"{_MODEL}/roll-back", url_name="roll_back", response=VersionLine)
def roll_back(request: Call, name: str, asked: Reason) -> VersionLine:
    """Put the version back that the one in production replaced, provided its gate is open."""
    model = found.model(request.actor, name, to=approvals.ROLL_BACK)
    return VersionLine.of(approvals.roll_back(model, by=request.actor, reason=asked.reason))


def _whole(model: RegisteredModel) -> Model:
    return Model.whole(*queries.summaries([model]))
