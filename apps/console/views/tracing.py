"""Lineage of a version, and what its pages and those of assets have in common."""

from typing import Any, Protocol

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals.forms import ReasonForm
from apps.catalog import lineage, operations
from apps.catalog import queries as catalog
from apps.catalog.lineage import BlastRadius, End, Lineage
from apps.catalog.models import Asset, LineageEdge, ModelVersion
from apps.console.lineage import ends
from apps.console.lineage.files import PARTS
from apps.console.lineage.forms import EdgeForm
from apps.console.queries import lineage as pictures
from apps.console.queries import people, versions
from apps.core import links
from apps.core.errors import DomainError, NotAllowed
from apps.core.sent import sent_values
from apps.core.spreadsheets import form_asked, spreadsheet

WAYS = ["GET", "HEAD", "POST"]


class Recorded(Protocol):
    """Records that somebody takes a lineage as a file."""

    def __call__(self, thing: Any, /, *, by: Any, rows: int) -> None: ...


@signed_in
@require_http_methods(WAYS)
def version_lineage(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Show what a version is made from and what uses it; declare an edge."""
    found = _find(request, name, number)
    form, done = edge_form(request, found)
    if done:
        return redirect("models:version_lineage", name, number)
    held = people.permissions_on(found.model, request.actor)
    may_declare = operations.DECLARE_EDGE.permission in held
    around, below = lineage.around(found, request.actor)
    page = shown(request, around, may_declare=may_declare) | {
        "version": found,
        "title": found.heading,
        "here": f"Version {found.number}",
        "statuses": versions.statuses(found),
        "crumbs": _crumbs(found)[:-1],
        "radius": BlastRadius.of(below),
        "form": form,
        "may_declare": may_declare,
        "why_not": "" if may_declare else _who_declares(found),
        "left_out": " ".join(filter(None, (_left_out(found), _outside(request, found)))),
    }
    status = 422 if form.errors else 200
    return render(request, "console/version_lineage.html", page, status=status)


@signed_in
@require_http_methods(WAYS)
def end_version_edge(request: ActorRequest, name: str, number: int, pk: int) -> HttpResponse:
    """Take back an edge that touches a version."""
    found = _find(request, name, number)
    return end_edge(request, found, pk, crumbs=_crumbs(found))


@signed_in
@require_safe
def export_version(request: ActorRequest, name: str, number: int, part: str) -> HttpResponseBase:
    """Send the lineage of a version as a file, once it is recorded who takes it."""
    found = _find(request, name, number)
    return export(request, found, part, operations.export_version_lineage)


def _find(request: ActorRequest, name: str, number: int) -> ModelVersion:
    found = catalog.version_or_none(request.actor, name, number)
    if found is None:
        raise Http404
    return found


def _who_declares(version: ModelVersion) -> str:
    owner = version.model.owner
    return f"Ask {owner}, the model's owner, to say what it is made from, or to let you."


def _left_out(version: ModelVersion) -> str:
    """Say that the run read more than lineage takes; nothing when all of it is here."""
    if version.run is None:
        return ""
    read = version.run.datasets.values("name", "digest").distinct().count()
    if read <= operations.MOST_DATASETS:
        return ""
    return (
        f"The run read {read:,} datasets; the first {operations.MOST_DATASETS} are part of "
        "lineage. All of them are in the run."
    )


def _outside(request: ActorRequest, version: ModelVersion) -> str:
    """Say that lineage leads out of what an examiner is shown, without a name."""
    count = lineage.outside(version, request.actor)
    if not count:
        return ""
    lines = "1 line leads" if count == 1 else f"{count} lines lead"
    return f"{lines} to {catalog.OUTSIDE}."


def _crumbs(version: ModelVersion) -> list[tuple[str, str]]:
    page = reverse("models:version_lineage", args=[version.model.name, version.number])
    return [
        ("Models", reverse("models:list")),
        (version.model.name, version.model.get_absolute_url()),
        (f"Version {version.number}", page),
    ]


# -- of versions and assets alike ------------------------------------------------------------------


def shown(request: ActorRequest, found: Lineage, *, may_declare: bool) -> dict[str, Any]:
    """Return the graph and the table of a lineage, and what may be missing from them."""
    scale = links.asked(request, "scale")
    graph = None if found.is_empty else pictures.picture(found, scale)
    return {
        "graph": graph,
        "graph_label": f"Lineage of {found.start.thing}",
        "rows": [{"row": row, "end_url": _end_url(found, row)} for row in pictures.rows(found)],
        "scales": [
            {
                "label": label.capitalize(),
                "url": links.with_query(request, scale="" if label == "normal" else label),
                "current": graph is not None and label == graph.scale,
            }
            for label in pictures.SCALES
        ],
        "stopped": pictures.stop_words(found),
        "may_hide": not found.sees_every_model,
        "exports": _exports(found.start.thing),
        "suggestions": ends.suggestions(request.actor) if may_declare else (),
    }


def edge_form(request: ActorRequest, here: End) -> tuple[EdgeForm, bool]:
    """Return the form that declares an edge, and whether what was sent is declared."""
    form = EdgeForm(sent_values(request), here=here, actor=request.actor)
    if not form.is_valid():
        return form, False
    origin, target, relation = form.edge()
    try:
        operations.declare_edge(origin, target, relation, by=request.actor)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return form, False
    messages.success(request, f"Declared: {origin} {_onward(relation)} {target}.")
    return form, True


def end_edge(
    request: ActorRequest, here: End, pk: int, *, crumbs: list[tuple[str, str]]
) -> HttpResponse:
    """Ask why an edge does not hold, and take it back."""
    edge = get_object_or_404(_edges_of(request, here), pk=pk)
    form = ReasonForm(sent_values(request))
    back = crumbs[-1][1]
    if form.is_valid():
        try:
            operations.end_edge(edge, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "It is taken back. What was said stays on record.")
            return redirect(back)
    page = {
        "edge": edge,
        "sentence": f"{edge.origin} {_onward(edge.relation)} {edge.target}",
        "form": form,
        "crumbs": crumbs,
        "back": back,
    }
    return render(request, "console/end_edge.html", page, status=422 if form.errors else 200)


def export(
    request: ActorRequest, thing: Asset | ModelVersion, part: str, record: Recorded
) -> HttpResponseBase:
    """Send one part of a lineage as a file, once it is recorded who takes it."""
    if part not in PARTS:
        raise Http404
    form = form_asked(request)
    header, made = PARTS[part]
    whole, below = lineage.around(thing, request.actor)
    lines = list(made(below if part == "affected" else whole))
    try:
        record(thing, by=request.actor, rows=len(lines))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect(thing)
    return spreadsheet(form, f"{thing} {part}", header, lines)


def _edges_of(request: ActorRequest, here: End) -> Any:
    """Return the edges that touch something, both of whose ends the person may see."""
    kind = lineage.ref_of(here)[0]
    sight = lineage.Sight.of(request.actor)
    touching = Q(**{f"origin_{kind}": here}) | Q(**{f"target_{kind}": here})
    edges = LineageEdge.objects.filter(touching, ended_at=None)
    return edges.filter(sight.of_end("origin"), sight.of_end("target")).select_related(
        "origin_asset", "origin_version__model", "target_asset", "target_version__model"
    )


def _end_url(found: Lineage, row: pictures.Row) -> str:
    """Return where an edge that touches the start is taken back; nothing for the others."""
    if found.start.ref not in {row.edge.origin, row.edge.target}:
        return ""
    thing = found.start.thing
    if isinstance(thing, Asset):
        return reverse("assets:end_edge", args=[thing.uid, row.edge.pk])
    return reverse("models:end_edge", args=[thing.model.name, thing.number, row.edge.pk])


def _exports(thing: End) -> list[dict[str, str]]:
    if isinstance(thing, Asset):
        urls = {part: reverse("assets:export", args=[thing.uid, part]) for part in PARTS}
    else:
        address = [thing.model.name, thing.number]
        urls = {part: reverse("models:export_lineage", args=[*address, part]) for part in PARTS}
    return [{"label": part.capitalize(), "url": url} for part, url in urls.items()]


def _onward(relation: str) -> str:
    return lineage.WORDINGS[relation].onward
