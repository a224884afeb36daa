"""Evidence that soon stops counting."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.catalog.lifecycle import Stage
from apps.core.formats import moment
from apps.integrations.notices.due import Due, days_before
from apps.integrations.notices.kinds import REMINDER
from apps.validation.evidence.types import types
from apps.validation.models import EvidenceItem

LAPSES_WITHIN = (7, 30)
_LATEST = timedelta(days=max(LAPSES_WITHIN))


def lapsing(at: datetime) -> Iterator[Due]:
    """Tell who submitted evidence, and who owns the model, that it soon stops counting."""
    for item in _about_to_end(at).select_related("model", "version__model", "use_case"):
        span = days_before(item.expires_at, at, LAPSES_WITHIN) if item.expires_at else None
        if span and item.expires_at:
            yield Due(
                {item.submitted_by_id, item.model.owner_id},
                f"evidence:{item.record_id}:{span}",
                REMINDER,
                f"Evidence about {item.subject} soon stops counting: {item.type_title}",
                f"“{item.title}” counts until {moment(item.expires_at, 'full')}. "
                "Add newer evidence before then, where a gate asks for it.",
                item.get_absolute_url(),
                item.model_id,
            )


def _about_to_end(at: datetime) -> QuerySet[EvidenceItem]:
    """Return the items that count and may end soon, without those that newer ones replace."""
    latest = at + _LATEST
    by_age = Q(pk__in=())
    for kind in types().values():
        if kind.max_age is not None:
            by_age |= Q(
                type=kind.id,
                submitted_at__gt=at - kind.max_age,
                submitted_at__lte=latest - kind.max_age,
            )
    by_day = Q(valid_until__gte=at.date(), valid_until__lte=latest.date())
    there = Q(version=None) | Q(version__deleted_at=None) & ~Q(
        version__stage__in=[Stage.ARCHIVED, Stage.DECOMMISSIONED]
    )
    there &= Q(use_case=None) | Q(use_case__ended_at=None)
    standing = {"verified_at__isnull": False, "withdrawn_at": None}
    items: QuerySet[EvidenceItem] = EvidenceItem.objects.filter(by_age | by_day, there, **standing)
    return items.filter(~_newer(), model__deleted_at=None).order_by("pk")


def _newer() -> Exists:
    """Return whether the same thing has a newer item of the same type that was verified."""
    same_thing = Q(version=OuterRef("version")) | Q(use_case=OuterRef("use_case"))
    same_thing |= Q(version=None, use_case=None)  # a type that binds to models binds to them alone
    newer = EvidenceItem.objects.filter(
        same_thing,
        pk__gt=OuterRef("pk"),
        model=OuterRef("model"),
        type=OuterRef("type"),
        verified_at__isnull=False,
        withdrawn_at=None,
    )
    return Exists(newer)
