"""How much there is, waits and is wrong, in the text that Prometheus reads.

It is exposition format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).
Everything is a gauge read from the database, so it does not matter which process is asked.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from apps.approvals.models import PromotionRequest
from apps.audit.models import PendingEvent
from apps.audit.sealing import alarms
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.deployments import sighting_queries
from apps.deployments.models import Environment, Rollout
from apps.integrations.models import WebhookDelivery
from apps.risk.models import Finding, Severity
from apps.validation.models import CheckRun

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = Mapping[str, str]
Sample = tuple[Labels, int]


@dataclass(frozen=True)
class Gauge:
    """One number, or one for each set of labels."""

    name: str
    help: str
    samples: list[Sample]


def gathered(*, at: datetime) -> Iterator[Gauge]:
    """Yield every gauge, in a fixed number of queries."""
    models = RegisteredModel.objects.filter(deleted_at=None)
    yield _count("signet_models", "Registered models.", models)
    versions = ModelVersion.objects.filter(deleted_at=None)
    yield _by("signet_versions", "Versions by stage.", versions, "stage", Stage.values)
    runs = CheckRun.objects.waiting()
    yield _by("signet_check_runs", "Check runs that wait.", runs, "state", CheckRun.WAITING)
    requests = PromotionRequest.objects.filter(state=PromotionRequest.State.OPEN)
    yield _count("signet_promotion_requests", "Promotion requests that are open.", requests)
    findings = Finding.objects.filter(state__in=Finding.UNSETTLED)
    yield _by("signet_findings", "Findings nobody closed.", findings, "severity", Severity.values)
    rollouts = Rollout.objects.filter(state__in=Rollout.WAITING)
    yield _by("signet_rollouts", "Rollouts that wait.", rollouts, "state", Rollout.WAITING)
    yield from _coverage(at)
    waiting = WebhookDelivery.objects.filter(state=WebhookDelivery.State.WAITING)
    yield _count("signet_webhook_deliveries", "Deliveries that wait.", waiting)
    unsealed = PendingEvent.objects.all()
    yield _count("signet_events_unsealed", "Events of the record not sealed yet.", unsealed)
    named = alarms.names(now=at)
    yield Gauge(
        "signet_alarms",
        "What somebody's hand on the record left behind; none is good.",
        [({"alarm": name}, 1) for name in named] or [({"alarm": ""}, 0)],
    )


def as_text(gauges: Iterable[Gauge]) -> str:
    """Return gauges as Prometheus reads them."""
    return "".join(line + "\n" for gauge in gauges for line in _lines(gauge))


def _lines(gauge: Gauge) -> Iterator[str]:
    yield f"# HELP {gauge.name} {gauge.help}"
    yield f"# TYPE {gauge.name} gauge"
    for labels, value in gauge.samples:
        told = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        yield f"{gauge.name}{{{told}}} {value}" if told else f"{gauge.name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _count(name: str, sentence: str, rows: QuerySet[Any]) -> Gauge:
    return Gauge(name, sentence, [({}, rows.count())])


def _by(name: str, sentence: str, rows: QuerySet[Any], column: str, values: Iterable[str]) -> Gauge:
    """Count rows by a column; what there is none of is told as none."""
    found = dict(rows.order_by().values_list(column).annotate(Count("pk")))
    return Gauge(
        name, sentence, [({column: str(value)}, found.get(value, 0)) for value in sorted(values)]
    )


def _coverage(at: datetime) -> Iterator[Gauge]:
    places = list(Environment.objects.filter(closed_at=None).order_by("name"))
    found = sighting_queries.coverage_of(places, at=at)
    told = [({"environment": place.name}, found[place.pk]) for place in places]
    yield Gauge(
        "signet_placements_expected",
        "Versions that are to run.",
        [(labels, coverage.expected) for labels, coverage in told],
    )
    yield Gauge(
        "signet_placements_seen",
        "Those of them that are seen to run.",
        [(labels, coverage.seen) for labels, coverage in told],
    )
