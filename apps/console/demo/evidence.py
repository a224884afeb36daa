"""What the demo's people gave to show that the serving model may be used, and how it is watched."""

from datetime import UTC, datetime, timedelta

from apps.catalog.models import ModelVersion
from apps.console.demo.people import DEVELOPER, OPERATOR, VALIDATOR
from apps.console.demo.walk import Walk
from apps.validation import operations as validation
from apps.validation.operations.measurements import Measured

_PERFORMANCE = b"""Performance of tumor-triage on the holdout set

The measurements are those recorded with the version; they were made on samples
that no version was trained on. Weakest slice: samples of small area.
"""
_PLAN = b"""Monitoring plan for tumor-triage

Recall on read samples, each week. Below 0.95: look at the samples that were
missed. Below 0.92: stop, and use the checklist on paper.
"""
_READ_SAMPLES = (0.98, 0.97, 0.98, 0.96, 0.95, 0.93, 0.91, 0.94, 0.96, 0.97, 0.98, 0.98)
"""Recall of twelve weeks, of which three went past a threshold."""


def give(walk: Walk, version: ModelVersion) -> None:
    """Give a report and a plan, both verified, and one report that waits to be."""
    for about, type_id, part, title, name, text in (
        (version, "performance_test_report", DEVELOPER, "Holdout report", "report", _PERFORMANCE),
        (version.model, "monitoring_plan", OPERATOR, "Monitoring plan", "plan", _PLAN),
    ):
        file = validation.SentFile(f"{name}.txt", [text])
        item = walk.give(about, type_id, part, title=title, file=file)
        walk.verify(item, VALIDATOR)
    walk.give(
        version,
        "explainability_report",
        DEVELOPER,
        title="Which measurements matter",
        link="https://reports.clinic.example/tumor-triage/explained",
        note="Page 3 shows the ten samples on which pathologists and model disagree.",
    )


def watch(walk: Walk, version: ModelVersion) -> None:
    """Watch recall for twelve weeks; it fell past its thresholds once and came back."""
    series = walk.watch(
        version.model,
        metric="recall on read samples",
        direction="higher",
        environment="clinic-production",
        amber_least="0.95",
        red_least="0.92",
        interval_days="7",
    )
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(weeks=len(_READ_SAMPLES))
    walk.measure(
        series,
        [
            Measured(first + timedelta(weeks=week), recall, 180 + 7 * week % 40, version)
            for week, recall in enumerate(_READ_SAMPLES, 1)
        ],
    )
    walk.notice()
    walk.answer_for(
        series.breaches.get(),
        "A new stain from another supplier. The laboratory went back to the old one.",
    )
