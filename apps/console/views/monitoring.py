"""Monitoring of a model: what is watched, how it stands, and who answered for its breaches."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals.forms import ReasonForm
from apps.catalog.models import RegisteredModel
from apps.console.monitoring.forms import ChangeBandsForm, StartSeriesForm
from apps.console.monitoring.shown import shown
from apps.console.views.inventory import find_model, model_crumbs
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.core.spreadsheets import form_asked, spreadsheet
from apps.validation import operations
from apps.validation.models import Breach, MonitoringSeries
from apps.validation.monitoring import queries
from apps.validation.operations import monitoring as rules

WAYS = ["GET", "HEAD", "POST"]
_WHO = rules.START.refusal


@signed_in
@require_safe
def monitoring(request: ActorRequest, name: str) -> HttpResponse:
    """Show every series of a model: its newest value, its line, its bands and its breaches."""
    model = find_model(request, name)
    series = shown(model, now())
    page = {
        "model": model,
        "live": [one for one in series if one.series.ended_at is None],
        "ended": [one for one in series if one.series.ended_at is not None],
        "waiting": sum(breach.waits for one in series for breach in one.breaches),
        "may_manage": _may_manage(request, model),
        "who": _WHO,
        "example": _example(request, model, series[0].series.pk if series else None),
    }
    return render(request, "console/monitoring.html", page)


@signed_in
@require_http_methods(WAYS)
def start_series(request: ActorRequest, name: str) -> HttpResponse:
    """Begin to watch a metric."""
    model = find_model(request, name)
    form = StartSeriesForm(model, sent_values(request), initial={"owner": model.owner_id})
    if form.is_valid():
        try:
            series = operations.start_series(
                model,
                form.watched(),
                form.bands(),
                by=request.actor,
                owner=form.cleaned_data["owner"],
                interval_days=form.cleaned_data["interval_days"],
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{series.metric} is watched. Its values come by the API.")
            return redirect(series)
    lead = (
        "Programs post its values. One past a threshold opens a breach that somebody answers for."
    )
    return _form(request, model, form, title="Watch a metric", lead=lead, button="Watch")


@signed_in
@require_http_methods(WAYS)
def change_bands(request: ActorRequest, name: str, pk: int) -> HttpResponse:
    """Give a series other thresholds, another owner or another interval."""
    model = find_model(request, name)
    series = _series(request, model, pk)
    form = ChangeBandsForm(sent_values(request), initial=_as_shown(series))
    if form.is_valid():
        told = form.cleaned_data
        try:
            operations.change_bands(
                series,
                form.bands(),
                by=request.actor,
                reason=told["reason"],
                owner=told["owner"],
                interval_days=told["interval_days"],
                shown=told["shown"] or None,
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "It holds for the values that come from now on.")
            return redirect(series)
    lead = "Values that came before stay as they were judged."
    return _form(request, model, form, title=f"Bands of {series.metric}", lead=lead, button="Save")


@signed_in
@require_http_methods(WAYS)
def end_series(request: ActorRequest, name: str, pk: int) -> HttpResponse:
    """Watch a metric no longer."""
    model = find_model(request, name)
    series = _series(request, model, pk)
    form = ReasonForm(sent_values(request))
    if form.is_valid():
        try:
            operations.end_series(series, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{series.metric} is watched no longer.")
            return redirect("models:monitoring", name)
    page = {
        "place": {"title": str(series), "home": series.get_absolute_url()},
        "form": form,
        "words": "End this series",
        "crumbs": _crumbs(model),
    }
    return render(request, "console/end_record.html", page, status=422 if form.errors else 200)


@signed_in
@require_http_methods(WAYS)
def acknowledge_breach(request: ActorRequest, name: str, pk: int) -> HttpResponse:
    """Show a breach, and let somebody say what it was."""
    model = find_model(request, name)
    breach: Breach = get_object_or_404(
        queries.breaches_visible_to(request.actor), pk=pk, series__model=model
    )
    form = ReasonForm(sent_values(request))
    if form.is_valid():
        try:
            operations.acknowledge_breach(breach, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "You answered for this breach.")
            return redirect(breach.series)
    page = {
        "breach": breach,
        "form": form,
        "facts": _facts(breach),
        "crumbs": _crumbs(model),
        "back": breach.series.get_absolute_url(),
        "is_waiting": breach.acknowledged_at is None,
        "why_not": "" if _may_manage(request, model) else _WHO,
    }
    status = 422 if form.errors else 200
    return render(request, "console/acknowledge_breach.html", page, status=status)


@signed_in
@require_safe
def points_csv(request: ActorRequest, name: str, pk: int) -> StreamingHttpResponse:
    """Send the points of a series as a file for spreadsheets, once it is recorded who takes it."""
    series = _series(request, find_model(request, name), pk)
    form = form_asked(request)
    operations.export_points(series, by=request.actor)
    points = series.points.select_related("version").order_by("measured_at")
    header = ("Measured", "Value", "Sample size", "Version", "Posted")
    rows = (
        (
            point.measured_at,
            point.value,
            point.sample_size,
            point.version.number if point.version else None,
            point.posted_at,
        )
        for point in points.iterator(chunk_size=1000)
    )
    return spreadsheet(form, f"{name}-{series.metric}", header, rows)


_KEPT = ("amber_least", "amber_most", "red_least", "red_most", "interval_days")


def _as_shown(series: MonitoringSeries) -> dict[str, Any]:
    kept = {key: getattr(series, key) for key in _KEPT}
    return {**kept, "owner": series.owner_id, "shown": series.state_digest()}


def _series(request: ActorRequest, model: RegisteredModel, pk: int) -> MonitoringSeries:
    found: MonitoringSeries = get_object_or_404(
        queries.series_visible_to(request.actor), pk=pk, model=model
    )
    return found


def _may_manage(request: ActorRequest, model: RegisteredModel) -> bool:
    return request.actor.may(rules.START.permission, model)


def _form(
    request: ActorRequest,
    model: RegisteredModel,
    form: ChangeBandsForm | StartSeriesForm,
    **words: str,
) -> HttpResponse:
    page: dict[str, Any] = {
        "form": form,
        "crumbs": _crumbs(model),
        "back": reverse("models:monitoring", args=[model.name]),
        "may": _may_manage(request, model),
        "who": _WHO,
        **words,
    }
    status = 422 if form.errors else 200
    return render(request, "console/monitoring_form.html", page, status=status)


def _crumbs(model: RegisteredModel) -> list[tuple[str, str]]:
    here = ("Monitoring", reverse("models:monitoring", args=[model.name]))
    return [*model_crumbs(model), here]


def _facts(breach: Breach) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {"term": "Series", "value": str(breach.series), "href": breach.series.get_absolute_url()},
        {"term": "Worst band", "value": breach.get_band_display()},
        {"term": "Value", "value": f"{breach.value:.6g}"},
        {"term": "Since", "at": breach.started_at},
        {"term": "Ended", "at": breach.ended_at},
        {"term": "Answered by", "person": str(breach.acknowledged_by or "")},
        {"term": "Answered", "at": breach.acknowledged_at},
    ]
    return [fact for fact in facts if any(fact[key] for key in fact if key not in {"term", "href"})]


def _example(request: ActorRequest, model: RegisteredModel, pk: int | None) -> str:
    path = reverse("v1:points", args=[model.name, pk or 1])
    return (
        f"curl -X POST {request.build_absolute_uri(path)} \\\n"
        '  -H "Authorization: Bearer $SIGNET_TOKEN" -H "Content-Type: application/json" \\\n'
        """  -d '{"points": [{"at": "2026-11-01T00:00:00Z", "value": 0.91, "sample_size": 99}]}'"""
    )
