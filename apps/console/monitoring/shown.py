"""A series as its page shows it: the newest value in words, a line with its bands, its breaches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from apps.catalog.models import RegisteredModel
from apps.console.plots import LinePlot, Mark
from apps.core import formats
from apps.validation.models import Breach, MonitoringPoint, MonitoringSeries
from apps.validation.monitoring import queries
from apps.validation.monitoring.bands import GREENS_TO_END, Band
from apps.validation.monitoring.queries import Standing

MOST_SHOWN = 180
MOST_BREACHES = 10
_STATES = {
    Band.GREEN: ("In green", "good", "check"),
    Band.AMBER: ("In amber", "warn", "triangle-alert"),
    Band.RED: ("In red", "bad", "octagon-alert"),
}
_NOTHING = ("No value yet", "idle", "circle-dashed")


@dataclass(frozen=True)
class BreachShown:
    """One breach in a line."""

    breach: Breach
    title: str
    text: str
    tone: str
    waits: bool


@dataclass(frozen=True)
class SeriesShown:
    """One series with all its page shows."""

    series: MonitoringSeries
    label: str
    tone: str
    icon: str
    latest: str
    about: str
    overdue: str
    thresholds: str
    plot: LinePlot | None
    points: Sequence[tuple[str, str]]
    breaches: Sequence[BreachShown]

    @property
    def title(self) -> str:
        """What it is called on a page of its model."""
        where = f", {self.series.environment}" if self.series.environment else ""
        return f"{self.series.metric}{where}"

    @property
    def anchor(self) -> str:
        """Where it stands on the page."""
        return f"series-{self.series.pk}"


def shown(model: RegisteredModel, at: datetime) -> list[SeriesShown]:
    """Return the series of a model, live ones first, in a bounded number of queries."""
    models = RegisteredModel.objects.filter(pk=model.pk)
    found = list(queries.series_on(models).order_by("metric", "environment", "pk"))
    found.sort(key=lambda one: one.ended_at is not None)
    points = queries.newest_of_each(found, MOST_SHOWN)
    breaches = queries.breaches_of(found, MOST_BREACHES)
    return [
        _shown(one, points.get(one.series.pk, ()), breaches, at) for one in queries.standings(found)
    ]


def _shown(
    standing: Standing,
    points: Sequence[MonitoringPoint],
    breaches: Mapping[int, Sequence[Breach]],
    at: datetime,
) -> SeriesShown:
    series, newest = standing.series, standing.newest
    label, tone, icon = _STATES[standing.band] if standing.band else _NOTHING
    if series.ended_at is not None:
        label, tone, icon = "Ended", "idle", "circle-off"
    return SeriesShown(
        series=series,
        label=label,
        tone=tone,
        icon=icon,
        latest="" if newest is None else _latest(series, newest, at),
        about=_about(series),
        overdue=_overdue(standing, at),
        thresholds=_thresholds(series),
        plot=_plot(series, points) if points else None,
        points=[
            (formats.moment(point.measured_at, "full"), formats.measure(point.value))
            for point in reversed(points)
        ],
        breaches=[_breach(one) for one in breaches.get(series.pk, ())],
    )


def _latest(series: MonitoringSeries, newest: MonitoringPoint, at: datetime) -> str:
    unit = f" {series.unit}" if series.unit else ""
    sample = "" if newest.sample_size is None else f", of {formats.grouped(newest.sample_size)}"
    when = formats.since(newest.measured_at, now=at)
    return f"{formats.measure(newest.value)}{unit}, measured {when}{sample}"


def _about(series: MonitoringSeries) -> str:
    whole = f"Version {series.version.number}" if series.version else "The model as a whole"
    every = "every day" if series.interval_days == 1 else f"every {series.interval_days} days"
    direction = series.get_direction_display().lower()
    return f"{whole} · {direction} · a value at least {every} · {series.owner} answers for it"


def _overdue(standing: Standing, at: datetime) -> str:
    if not standing.is_overdue(at):
        return ""
    last = standing.newest.measured_at if standing.newest else standing.series.started_at
    due = last + timedelta(days=standing.series.interval_days)
    return f"A value was due by {formats.calendar_day(due.date())}."


def _thresholds(series: MonitoringSeries) -> str:
    parts = [
        f"{name} {words}"
        for name, least, most in (
            ("amber", series.amber_least, series.amber_most),
            ("red", series.red_least, series.red_most),
        )
        if (words := _sides(least, most))
    ]
    if not parts:
        return "No thresholds: values are kept and judged by nobody."
    return (
        f"{'; '.join(parts).capitalize()}. A breach ends once {GREENS_TO_END} values in a row are "
        "green."
    )


def _sides(least: str, most: str) -> str:
    sides = [f"below {least}" if least else "", f"above {most}" if most else ""]
    return " or ".join(side for side in sides if side)


def _plot(series: MonitoringSeries, points: Sequence[MonitoringPoint]) -> LinePlot:
    """Draw the values over time, on the stretch that is green."""
    pairs = [(int(point.measured_at.timestamp()), point.value) for point in points]
    ends = [formats.calendar_day(point.measured_at.date()) for point in (points[0], points[-1])]
    plot = LinePlot.of(pairs, _green(series, [value for _, value in pairs]))
    columns = [
        Mark(label, mark.at) for label, mark in zip(dict.fromkeys(ends), plot.columns, strict=False)
    ]
    words = plot.words.replace(" steps", " values")
    return replace(plot, columns=columns, words=f"{series.metric}: {words}")


def _green(
    series: MonitoringSeries, values: Sequence[float]
) -> list[tuple[float | None, float | None]]:
    least, most = series.amber_least or series.red_least, series.amber_most or series.red_most
    if not least and not most:
        return []
    lower = float(least) if least else min(*values, float(most))
    upper = float(most) if most else max(*values, float(least))
    return [(lower, upper)] * len(values)


def _breach(breach: Breach) -> BreachShown:
    until = f" to {formats.moment(breach.ended_at, 'full')}" if breach.ended_at else ", goes on"
    words = f"{formats.moment(breach.started_at, 'full')}{until} · {formats.measure(breach.value)}"
    if breach.acknowledged_by is not None:
        words += f" · {breach.acknowledged_by}: {breach.remark}"
    return BreachShown(
        breach=breach,
        title=f"{breach.get_band_display()} breach",
        text=words,
        tone="bad" if breach.band == Breach.Level.RED else "warn",
        waits=breach.acknowledged_at is None,
    )
