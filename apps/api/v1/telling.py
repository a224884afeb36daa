"""What a version can tell: compared with others, as a document, and the run it came from."""

from typing import Annotated

from django.http import Http404, HttpResponse
from ninja import Query, Router
from pydantic import Field

from apps.api.callers import Call
from apps.api.describing import BILL, CARD
from apps.api.v1 import found
from apps.api.v1.answers.comparing import Comparison
from apps.api.v1.answers.runs import MetricPage, RunAnswer
from apps.api.v1.asked.common import Limit
from apps.catalog import operations
from apps.catalog.models import ModelVersion, Run
from apps.catalog.operations import Form
from apps.core.inputs import InputRefused
from apps.core.paging import Order

router = Router(tags=["versions"])
BY_STEP = Order(("step", "id"), least_first=True)
LEAST, MOST = 2, 5
_VERSION = "/models/{name}/versions/{int:number}"

Numbers = Annotated[list[int], Query(..., min_length=LEAST, max_length=MOST)]
Name = Annotated[str, Field(max_length=500)]


@router.get("/models/{name}/compare", url_name="compare", response=Comparison)
def compare(request: Call, name: str, version: Numbers) -> Comparison:
    """Lay two to five versions side by side; the parameter ``version`` comes once for each."""
    model = found.model(request.actor, name)
    if len(set(version)) != len(version):
        raise InputRefused("Name each version once.")
    versions = [found.version_of(model, number) for number in version]
    return Comparison.of(versions)


@router.get(f"{_VERSION}/bill-of-materials", url_name="bill", openapi_extra=BILL)
def bill_of_materials(request: Call, name: str, number: int) -> HttpResponse:
    """Give the bill of materials of a version (CycloneDX), once it is recorded who takes it."""
    return _exported(request, found.version(request.actor, name, number), Form.BILL)


@router.get(f"{_VERSION}/model-card", url_name="card", openapi_extra=CARD)
def model_card(request: Call, name: str, number: int) -> HttpResponse:
    """Give the card of a version as Markdown, once it is recorded who takes it."""
    return _exported(request, found.version(request.actor, name, number), Form.CARD)


@router.get(f"{_VERSION}/run", url_name="run", response=RunAnswer)
def show_run(request: Call, name: str, number: int) -> RunAnswer:
    """Show the run a version came from: its parameters, datasets and final metrics."""
    return RunAnswer.of(_run(found.version(request.actor, name, number)))


@router.get(f"{_VERSION}/run/metrics", url_name="metrics", response=MetricPage)
def list_points(
    request: Call,
    name: str,
    number: int,
    *,
    key: Name,
    dataset: Name = "",
    slice: Name = "",  # noqa: A002 - what a part of a dataset is called
    limit: Limit = 1000,
    page: str = "",
) -> MetricPage:
    """List the points of one series a run measured, in the order of their steps."""
    run = _run(found.version(request.actor, name, number))
    points = run.metrics.filter(key=key, dataset=dataset, slice=slice)
    bound_to = f"metrics of {run.uid} for {request.actor.id}: {[key, dataset, slice]}"
    rows = BY_STEP.page(points, size=limit, mark=page, bound_to=bound_to)
    return MetricPage.of(rows.rows, rows.older)


def _run(version: ModelVersion) -> Run:
    if version.run is None:
        raise Http404
    return version.run


def _exported(request: Call, version: ModelVersion, form: Form) -> HttpResponse:
    taken = operations.export_version(version, form, by=request.actor)
    return HttpResponse(taken.text, content_type=taken.media_type)
