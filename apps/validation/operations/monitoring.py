"""Monitoring: series begin, change their bands and end; breaches are answered for."""

from dataclasses import dataclass

from apps.accounts.models import User
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.audit.preconditions import Stale
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused, require_text
from apps.validation.models import Breach, MonitoringSeries
from apps.validation.monitoring import breaches
from apps.validation.monitoring.bands import Bands

_MANAGE = "catalog.manage_monitoring"
_REFUSAL = "Owners, operators, validators and risk officers of this model manage its monitoring."

START = Action("monitoring.start", permission=_MANAGE, refusal=_REFUSAL)
CHANGE_BANDS = Action(
    "monitoring.change_bands", permission=_MANAGE, needs_reason=True, refusal=_REFUSAL
)
END_SERIES = Action("monitoring.end", permission=_MANAGE, needs_reason=True, refusal=_REFUSAL)
ACKNOWLEDGE = Action("breach.acknowledge", permission=_MANAGE, needs_reason=True, refusal=_REFUSAL)

MOST_SERIES = 200
"""How many series of a model are live at once."""
MOST_INTERVAL = 366


@dataclass(frozen=True)
class Watched:
    """What a series watches."""

    metric: str
    direction: str
    environment: str = ""
    unit: str = ""
    version: ModelVersion | None = None


def start_series(
    model: RegisteredModel,
    watched: Watched,
    bands: Bands,
    *,
    by: Actor,
    owner: User,
    interval_days: int,
) -> MonitoringSeries:
    """Begin to watch a metric of a model, or of one version of it.

    Raises:
        InputRefused: when a text, a threshold or the interval is not what it may be.
        RuleBroken: when the metric is watched there already.
    """
    with change(START, model, by=by) as record:
        _require_person(by)
        _require_watched(model, watched)
        _require_bands(bands, watched.direction)
        _require_expected(owner, interval_days)
        live = MonitoringSeries.objects.filter(model=model, ended_at=None)
        if live.count() >= MOST_SERIES:
            raise RuleBroken(f"A model has at most {MOST_SERIES} series at once. End one first.")
        series = MonitoringSeries(
            model=model,
            version=watched.version,
            environment=watched.environment.strip(),
            metric=watched.metric.strip(),
            unit=watched.unit.strip(),
            direction=watched.direction,
            owner=owner,
            interval_days=interval_days,
            started_at=record.time,
        )
        same = live.filter(
            version=series.version, environment=series.environment, metric=series.metric
        )
        if same.exists():
            raise RuleBroken(f"{series} is watched already. End that series first.")
        series.take(bands)
        series.save()
        record.about(series)
        record.note(metric=series.metric, environment=series.environment, **_told(bands))
    return series


def change_bands(
    series: MonitoringSeries,
    bands: Bands,
    *,
    by: Actor,
    reason: str,
    owner: User | None = None,
    interval_days: int | None = None,
    shown: str | None = None,
) -> MonitoringSeries:
    """Give a series other thresholds, which hold for points posted from then on.

    With them its owner and interval can change. ``shown`` is the digest of the series as the person
    saw it.

    Raises:
        InputRefused: when a threshold or the interval is not what it may be.
        Stale: when somebody changed it since.
    """
    with change(CHANGE_BANDS, series, by=by, reason=reason) as record:
        _require_person(by)
        series.require_live()
        if shown is not None and shown != series.state_digest():
            raise Stale("Somebody changed this series meanwhile. Open the page again, then decide.")
        _require_bands(bands, series.direction)
        owner = owner or series.owner
        interval = series.interval_days if interval_days is None else interval_days
        _require_expected(owner, interval)
        now = (series.bands, series.owner_id, series.interval_days)
        if now == (bands, owner.pk, interval):
            raise RuleBroken("Nothing would change.")
        series.take(bands)
        series.owner, series.interval_days = owner, interval
        series.save()
        record.note(metric=series.metric, **_told(bands))
    return series


def end_series(series: MonitoringSeries, *, by: Actor, reason: str) -> MonitoringSeries:
    """Watch a metric no longer; its points and breaches stay."""
    with change(END_SERIES, series, by=by, reason=reason) as record:
        _require_person(by)
        series.require_live()
        series.ended_at = record.time
        series.save()
        record.note(metric=series.metric, open_breaches=breaches.unacknowledged(series))
    return series


def acknowledge_breach(breach: Breach, *, by: Actor, reason: str) -> Breach:
    """Answer for a breach: say what it was and what was done."""
    with change(ACKNOWLEDGE, breach, by=by, reason=reason) as record:
        _require_person(by)
        breach.require_unacknowledged()
        breach.acknowledged_at, breach.acknowledged_by_id = record.time, by.user_id
        breach.remark = record.reason
        breach.save()
        record.note(band=breach.band, metric=breach.series.metric)
    return breach


# -- what the operations ask -----------------------------------------------------------------------


def _require_person(by: Actor) -> None:
    if not by.is_person:
        raise NotAllowed("A person manages monitoring, in a browser.")


def _require_watched(model: RegisteredModel, watched: Watched) -> None:
    if not watched.metric.strip():
        raise InputRefused("Name the metric.")
    require_text(watched.metric, "The metric", 120)
    require_text(watched.environment, "The environment", 120)
    require_text(watched.unit, "The unit", 30)
    if watched.direction not in MonitoringSeries.Direction.values:
        raise InputRefused(f"There is no direction {watched.direction!a:.40}.")
    if watched.version is not None:
        if watched.version.model_id != model.pk:
            raise InputRefused(f"{watched.version} is no version of {model}.")
        watched.version.require_ready()


def _require_bands(bands: Bands, direction: str) -> None:
    """Refuse thresholds on the side that is good."""
    bands.require()
    higher, lower = MonitoringSeries.Direction.HIGHER, MonitoringSeries.Direction.LOWER
    if direction == higher and (bands.amber_most or bands.red_most):
        raise InputRefused("Higher is better here, so it has a least and no most.")
    if direction == lower and (bands.amber_least or bands.red_least):
        raise InputRefused("Lower is better here, so it has a most and no least.")


def _require_expected(owner: User, interval_days: int) -> None:
    if not owner.is_active:
        raise RuleBroken(f"The account of {owner} is closed. Choose another owner.")
    if not 1 <= interval_days <= MOST_INTERVAL:
        raise InputRefused(f"A point is expected at least every 1 to {MOST_INTERVAL} days.")


def _told(bands: Bands) -> dict[str, str]:
    return {
        "amber_least": bands.amber_least,
        "amber_most": bands.amber_most,
        "red_least": bands.red_least,
        "red_most": bands.red_most,
    }
