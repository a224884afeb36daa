"""What falls due on models somebody may see: each kind read in one bounded query."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import now

from apps.approvals import cases, in_force
from apps.approvals.models import (
    Authorization,
    Emergency,
    PromotionRequest,
    SignOff,
    SignOffCondition,
    Waiver,
)
from apps.approvals.pages import transitions, waivers
from apps.catalog.lifecycle import Stage
from apps.risk.spans import Entry, Span
from apps.validation.models import EvidenceItem


def _authorizations(span: Span) -> QuerySet[Authorization]:
    return (
        Authorization.objects.filter(
            span.whose("version__model__owner"),
            state=Authorization.State.VALID,
            version__stage=Stage.PRODUCTION,
            version__model__in=span.visible(),
            valid_until__gte=_start(span.since),
            valid_until__lt=_start(span.last + timedelta(days=1)),
        )
        .select_related("version__model__owner")
        .order_by("valid_until", "pk")
    )


def _waivers(span: Span) -> QuerySet[Waiver]:
    return (
        Waiver.objects.filter(
            span.whose("version__model__owner", "asked_by"),
            state=Waiver.State.GRANTED,
            version__model__in=span.visible(),
            ends_on__gte=span.since,
            ends_on__lte=span.last,
        )
        .select_related("version__model", "asked_by")
        .order_by("ends_on", "pk")
    )


def _sign_offs(span: Span) -> QuerySet[SignOff]:
    return (
        SignOff.objects.filter(
            span.whose("signer"),
            decision__in=sorted(SignOff.YES),
            withdrawal=None,
            request__state=PromotionRequest.State.OPEN,
            request__version__model__in=span.visible(),
            expires_at__gte=_start(span.from_now),
            expires_at__lt=_start(span.last + timedelta(days=1)),
        )
        .select_related("request__version__model")
        .order_by("expires_at", "pk")
    )


def _conditions(span: Span) -> QuerySet[SignOffCondition]:
    standing = [PromotionRequest.State.OPEN, PromotionRequest.State.PROMOTED]
    return (
        SignOffCondition.objects.filter(
            span.whose("owner"),
            met_at=None,
            missed_at=None,
            sign_off__withdrawal=None,
            sign_off__request__state__in=standing,
            sign_off__request__version__model__in=span.visible(),
            due__gte=span.since,
            due__lte=span.last,
        )
        .select_related("owner", "sign_off__request__version__model")
        .order_by("due", "pk")
    )


def _emergencies(span: Span) -> QuerySet[Emergency]:
    return (
        Emergency.objects.filter(
            span.whose("acted_by", "authorization__version__model__owner"),
            state=Emergency.State.OPEN,
            authorization__version__model__in=span.visible(),
            ratify_until__gte=_start(span.since),
            ratify_until__lt=_start(span.last + timedelta(days=1)),
        )
        .select_related("authorization__version__model", "acted_by")
        .order_by("ratify_until", "pk")
    )


def _evidence(span: Span) -> QuerySet[EvidenceItem]:
    return (
        EvidenceItem.objects.filter(
            span.whose("submitted_by", "model__owner"),
            withdrawn_at=None,
            declined_at=None,
            model__in=span.visible(),
            valid_until__gte=span.from_now,
            valid_until__lte=span.last,
        )
        .select_related("model", "submitted_by")
        .order_by("valid_until", "pk")
    )


def _tell_authorizations(found: Iterable[Authorization]) -> list[Entry]:
    return [
        Entry(
            one.valid_until.date(),
            f"{one.version}: authorization ends",
            f"Ask for its renewal before. Owner {one.version.model.owner}.",
            one.version.get_absolute_url(),
            "shield-check",
            key=one.record_id,
        )
        for one in found
        if one.valid_until is not None
    ]


def _tell_waivers(found: Iterable[Waiver]) -> list[Entry]:
    policy = in_force.policy()
    return [
        Entry(
            one.ends_on,
            f"{one.version}: waiver ends",
            f"{waivers.condition_title(policy, one.condition)}. Asked for by {one.asked_by}.",
            one.get_absolute_url(),
            "file-clock",
            key=one.record_id,
        )
        for one in found
    ]


def _tell_sign_offs(found: Sequence[SignOff]) -> list[Entry]:
    """Tell of those that count: one that is void lapses no more."""
    void = _void(found)
    return [
        Entry(
            one.expires_at.date(),
            f"{transitions.title_of(one.request)}: sign-off lapses",
            f"Given by {one.signer_name} as {one.get_role_display()}.",
            one.request.get_absolute_url(),
            "pen-line",
            key=one.record_id,
        )
        for one in found
        if one.pk not in void
    ]


def _void(found: Sequence[SignOff]) -> frozenset[int]:
    """Return which of some sign-offs do not count, as their requests are judged now."""
    requests = {one.request_id: one.request for one in found}
    if not requests:
        return frozenset()
    judged = cases.complete(list(requests.values()), at=now())
    return frozenset(pk for case in judged for pk in case.why_void)


def _tell_conditions(found: Iterable[SignOffCondition]) -> list[Entry]:
    return [
        Entry(
            one.due,
            f"{one.sign_off.request.version}: condition of a sign-off is due",
            f"{one.text} {one.owner} meets it.",
            one.sign_off.request.get_absolute_url(),
            "list-checks",
            key=one.record_id,
        )
        for one in found
    ]


def _tell_emergencies(found: Iterable[Emergency]) -> list[Entry]:
    return [
        Entry(
            one.ratify_until.date(),
            f"{one.authorization.version}: emergency to confirm",
            f"Put back by {one.acted_by}.",
            one.get_absolute_url(),
            "siren",
            key=one.record_id,
        )
        for one in found
    ]


def _tell_evidence(found: Iterable[EvidenceItem]) -> list[Entry]:
    return [
        Entry(
            one.valid_until,
            f"{one.model.name}: evidence lapses",
            f"{one}. Submitted by {one.submitted_by}.",
            one.get_absolute_url(),
            "file-text",
            key=one.record_id,
        )
        for one in found
        if one.valid_until is not None
    ]


KINDS: tuple[tuple[Callable[[Span], Any], Callable[[Any], list[Entry]]], ...] = (
    (_authorizations, _tell_authorizations),
    (_waivers, _tell_waivers),
    (_sign_offs, _tell_sign_offs),
    (_conditions, _tell_conditions),
    (_emergencies, _tell_emergencies),
    (_evidence, _tell_evidence),
)


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
