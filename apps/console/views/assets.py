"""Assets: the list, one asset whole with what lies around it, declaring, describing, retiring."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals.forms import ReasonForm
from apps.catalog import lineage, operations
from apps.catalog.lineage import BlastRadius
from apps.catalog.models import Asset
from apps.console.buttons import Button
from apps.console.lineage.forms import DeclareAssetForm, DescribeAssetForm
from apps.console.queries import record
from apps.console.queries.lineage import ICONS, SENSITIVITY_TONES
from apps.console.views import tracing
from apps.core import links
from apps.core.errors import DomainError
from apps.core.paging import Order
from apps.core.sent import sent_values

WAYS = ["GET", "HEAD", "POST"]
PAGE_SIZE = 25
ENTRIES_SHOWN = 10
NEWEST_FIRST = Order(("id",))
DECLARE = operations.DECLARE_ASSET.permission
WHO_DECLARES = "Ask an administrator for the duty of model developer or owner."


@signed_in
@require_safe
def assets(request: ActorRequest) -> HttpResponse:
    """List the assets by search and kind, the one declared last first."""
    text, kind = links.asked(request, "q"), links.asked(request, "kind")
    retired = links.asked(request, "retired")
    visible = lineage.assets_visible_to(request.actor)
    matching = _matching(visible, text, kind, retired).select_related("owner", "team")
    found = links.page_of(request, matching, NEWEST_FIRST, PAGE_SIZE)
    page = {
        "text": text,
        "kept": (("kind", kind), ("retired", retired)),
        "rows": [
            {"asset": asset, "icon": ICONS[asset.kind], **_marks(asset)} for asset in found.rows
        ],
        "facets": _facets(request, kind, retired),
        "clear": request.path if text or kind or retired else "",
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
        "sees_assets": lineage.sees_assets(request.actor),
        "declare": _declare_button(request),
    }
    return render(request, "console/assets.html", page)


def _matching(assets: QuerySet[Asset], text: str, kind: str, retired: str) -> QuerySet[Asset]:
    assets = assets.filter(ended_at__isnull=not retired)
    if kind:
        assets = assets.filter(kind=kind)
    if text:
        assets = assets.filter(
            Q(name__icontains=text)
            | Q(version__icontains=text)
            | Q(digest__startswith=text)
            | Q(location__icontains=text)
            | Q(owner__display_name__icontains=text)
        )
    return assets


def _facets(request: ActorRequest, kind: str, retired: str) -> list[dict[str, Any]]:
    """Return the filters as links; the chosen one takes itself back."""
    kinds = [
        {
            "label": label,
            "current": value == kind,
            "url": links.with_query(request, kind="" if value == kind else str(value)),
        }
        for value, label in Asset.Kind.choices
    ]
    only_retired = {
        "label": "Retired",
        "current": bool(retired),
        "url": links.with_query(request, retired="" if retired else "yes"),
    }
    return [{"title": "Kind", "options": kinds}, {"title": "Use", "options": [only_retired]}]


def _declare_button(request: ActorRequest) -> Button:
    why = "" if request.actor.may(DECLARE) else WHO_DECLARES
    return Button("Declare asset", reverse("assets:declare"), why)


@signed_in
@require_http_methods(WAYS)
def declare(request: ActorRequest) -> HttpResponse:
    """Declare an asset."""
    form = DeclareAssetForm(sent_values(request))
    if form.is_valid():
        try:
            asset = operations.declare_asset(
                by=request.actor, **form.identity(), facts=form.facts()
            )
        except operations.AssetTaken as refusal:
            form.add_error("name", str(refusal))
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{asset} is declared. Say what it flows into next.")
            return redirect(asset)
    page = {"form": form, "may_declare": request.actor.may(DECLARE)}
    return render(request, "console/declare_asset.html", page, status=422 if form.errors else 200)


@signed_in
@require_http_methods(WAYS)
def asset(request: ActorRequest, uid: UUID) -> HttpResponse:
    """Show an asset: what it is, what lies up and down, whom to tell; declare an edge."""
    found = _find(request, uid)
    form, done = tracing.edge_form(request, found)
    if done:
        return redirect(found)
    may_declare = request.actor.may(DECLARE)
    shown, below = lineage.around(found, request.actor)
    page = tracing.shown(request, shown, may_declare=may_declare) | {
        "asset": found,
        "icon": ICONS[found.kind],
        "statuses": _statuses(found),
        "facts": _facts(found),
        "radius": BlastRadius.of(below),
        "form": form,
        "may_declare": may_declare and found.is_in_use,
        "why_not": "" if may_declare else WHO_DECLARES,
        "end_url": "assets:end_edge",
        "lines": record.newest_on(found, ENTRIES_SHOWN),
        **_buttons(found, may_declare=may_declare),
    }
    return render(request, "console/asset.html", page, status=422 if form.errors else 200)


@signed_in
@require_http_methods(WAYS)
def describe(request: ActorRequest, uid: UUID) -> HttpResponse:
    """Change what an asset says about itself."""
    found = _find(request, uid)
    form = DescribeAssetForm.of(found, sent_values(request))
    if form.is_valid():
        try:
            operations.describe_asset(found, form.facts(), by=request.actor)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The description is saved.")
            return redirect(found)
    may_declare = request.actor.may(DECLARE)
    page = {
        "asset": found,
        "form": form,
        "may_declare": may_declare,
        "why_not": _why_not(found, may_declare=may_declare),
    }
    return render(request, "console/describe_asset.html", page, status=422 if form.errors else 200)


@signed_in
@require_http_methods(WAYS)
def retire(request: ActorRequest, uid: UUID) -> HttpResponse:
    """Take an asset out of use."""
    found = _find(request, uid)
    form = ReasonForm(sent_values(request))
    if form.is_valid():
        try:
            operations.retire_asset(found, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{found} is retired.")
            return redirect(found)
    page = {"asset": found, "form": form}
    return render(request, "console/retire_asset.html", page, status=422 if form.errors else 200)


@signed_in
@require_http_methods(WAYS)
def end_edge(request: ActorRequest, uid: UUID, pk: int) -> HttpResponse:
    """Take back an edge that touches an asset."""
    found = _find(request, uid)
    return tracing.end_edge(request, found, pk, crumbs=_crumbs(found))


@signed_in
@require_safe
def export(request: ActorRequest, uid: UUID, part: str) -> HttpResponseBase:
    """Send the lineage of an asset as a file, once it is recorded who takes it."""
    found = _find(request, uid)
    return tracing.export(request, found, part, operations.export_asset_lineage)


def _find(request: ActorRequest, uid: UUID) -> Asset:
    found = lineage.asset_or_none(request.actor, uid)
    if found is None:
        raise Http404
    return found


def _crumbs(asset: Asset) -> list[tuple[str, str]]:
    return [("Assets", reverse("assets:list")), (str(asset), asset.get_absolute_url())]


def _marks(asset: Asset) -> dict[str, str]:
    tone = SENSITIVITY_TONES.get(Asset.Sensitivity(asset.sensitivity)) if asset.sensitivity else ""
    return {"sensitivity": asset.get_sensitivity_display(), "tone": tone or "idle"}


def _statuses(asset: Asset) -> list[dict[str, str]]:
    marks = _marks(asset)
    said = [{"label": asset.get_kind_display(), "icon": ICONS[asset.kind]}]
    if marks["sensitivity"]:
        said.append({"label": marks["sensitivity"], "tone": marks["tone"]})
    if not asset.is_in_use:
        said.append({"label": "Retired", "tone": "idle", "icon": "archive"})
    return said


def _facts(asset: Asset) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {"term": "Name", "value": asset.name},
        {"term": "Version", "value": asset.version},
        {"term": "Digest", "digest": asset.digest},
        {"term": "Location", "value": asset.location},
        {"term": "Owner", "person": str(asset.owner or "")},
        {"term": "Team", "value": asset.team and asset.team.name},
        {"term": "License", "value": asset.license},
        {"term": "Declared", "at": asset.declared_at},
        {"term": "By", "person": str(asset.declared_by or "")},
        {"term": "Retired", "at": asset.ended_at},
        {"term": "Stable id", "value": str(asset.uid)},
    ]
    return [fact for fact in facts if any(value for key, value in fact.items() if key != "term")]


def _why_not(asset: Asset, *, may_declare: bool) -> str:
    """Say what keeps the reader from changing an asset; nothing when nothing does."""
    if not asset.is_in_use:
        return "It is retired, so nothing about it changes any more."
    return "" if may_declare else WHO_DECLARES


def _buttons(asset: Asset, *, may_declare: bool) -> dict[str, Button]:
    why = _why_not(asset, may_declare=may_declare)
    return {
        "describe": Button("Describe", reverse("assets:describe", args=[asset.uid]), why),
        "retire": Button("Retire", reverse("assets:retire", args=[asset.uid]), why),
    }
