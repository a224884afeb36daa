"""What stands beside the pages of a model and its versions: waivers, emergencies, retention."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from apps.approvals.models import Emergency, LegalHold, Retention, Waiver
from apps.catalog.models import ModelVersion, RegisteredModel


def facts_of(model: RegisteredModel) -> list[dict[str, Any]]:
    """Return what a model's page says of its waivers and retention, in three queries."""
    waivers = Waiver.objects.filter(version__model=model).aggregate(
        granted=Count("pk", filter=Q(state=Waiver.State.GRANTED)),
        asked=Count("pk", filter=Q(state=Waiver.State.ASKED)),
    )
    listed = f"{reverse('approvals:waivers')}?{urlencode({'model': model.name})}"
    kept = Retention.objects.filter(model=model).first()
    holds = LegalHold.objects.filter(model=model, lifted_at=None).count()
    return [
        {"term": "Waivers", "value": _counted(**waivers), "href": listed},
        {
            "term": "Retention",
            "value": _kept(kept, holds),
            "href": reverse("approvals:retirement", args=[model.name]),
        },
    ]


def emergency_on(about: RegisteredModel | ModelVersion) -> Emergency | None:
    """Return the oldest emergency of a model, or of one version, nobody has looked back at."""
    where = (
        Q(authorization__version__model=about)
        if isinstance(about, RegisteredModel)
        else Q(authorization__version=about)
    )
    waiting = Emergency.objects.filter(where, reviewed_at=None)
    return waiting.select_related("authorization__version__model").order_by("pk").first()


def _counted(granted: int, asked: int) -> str:
    told = [f"{granted} granted" if granted else "", f"{asked} asked for" if asked else ""]
    return ", ".join(part for part in told if part) or "None"


def _kept(kept: Retention | None, holds: int) -> str:
    years = "Not set" if kept is None else f"{kept.years} year{'s' if kept.years != 1 else ''}"
    return f"{years}, on legal hold" if holds else years
