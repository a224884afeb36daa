"""Reads the record for pages: who may see which entries."""

from typing import Any

from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from apps.approvals.models import PromotionRequest, SignOff
from apps.audit import timeline
from apps.audit.governed import RecordKind
from apps.audit.models import AuditEvent
from apps.catalog import lineage
from apps.catalog import queries as catalog
from apps.catalog.models import (
    Alias,
    Asset,
    ExamRoom,
    LineageEdge,
    ModelVersion,
    RegisteredModel,
)
from apps.console.queries.telling import Line, folded, lines
from apps.core.actors import Actor
from apps.core.paging import Order
from apps.validation.models import CheckRun

VIEW_RECORD = "audit.view_record"
ORDER = Order(("id",))
BY_TIME = Order(("uid",))
"""Ids of events begin with their moment, so that this order leaves out what a time does not ask."""


def events_visible_to(actor: Actor) -> QuerySet[AuditEvent]:
    """Return the events an actor may see: all with the right to the record, else those of models
    they see, and what they did themselves."""
    if actor.may(VIEW_RECORD):
        return timeline.events(Q())
    own = timeline.by_actor(actor.id) | Q(chain_root=f"user:{actor.id}")
    seen = own | timeline.about_roots(_model_refs(actor))
    if lineage.sees_assets(actor):
        seen |= Q(chain_root__startswith=f"{Asset.RECORD.word}:")
    return timeline.events(seen)


def _model_refs(actor: Actor) -> QuerySet[Any, Any]:
    kind = RegisteredModel.RECORD
    ref = Concat(Value(f"{kind.word}:{kind.prefix}_"), Cast("pk", CharField()))
    return (
        catalog.models_visible_to(actor, part=ExamRoom.Part.RECORD)
        .order_by()
        .annotate(ref=ref)
        .values_list("ref", flat=True)
    )


def newest_on(root: RegisteredModel | Asset, count: int) -> list[Line]:
    """Return the newest entries of a chain, in words; saves in a row stand as one."""
    events = timeline.events(timeline.about_roots([root.record_ref])).filter(_TELLING)
    return folded(lines(events.order_by("-chain_rev")[:count]))


def events_of_version(version: ModelVersion, actor: Actor) -> QuerySet[AuditEvent]:
    """Return what happened to a version, its aliases, checks, requests and sign-offs."""
    moved = ModelVersion.history.filter(id=version.pk).values("event_id")
    named = Alias.history.filter(version_id=version.pk).values("event_id")
    about = timeline.about_subject(version) | Q(uid__in=moved) | Q(uid__in=named)
    for kind, rows in (
        (CheckRun.RECORD, CheckRun.objects.filter(version=version)),
        (PromotionRequest.RECORD, PromotionRequest.objects.filter(version=version)),
        (SignOff.RECORD, SignOff.objects.filter(request__version=version)),
        (LineageEdge.RECORD, LineageEdge.objects.filter(target_version=version)),
        (LineageEdge.RECORD, LineageEdge.objects.filter(origin_version=version)),
    ):
        about |= Q(subject_type=kind.word, subject_id__in=_ids(rows, kind))
    return events_visible_to(actor).filter(about, _TELLING)


def _ids(rows: QuerySet[Any], kind: RecordKind) -> QuerySet[Any, Any]:
    named = Concat(Value(f"{kind.prefix}_"), Cast("pk", CharField()))
    ids: QuerySet[Any, Any] = rows.order_by().annotate(record_ids=named).values("record_ids")
    return ids


_TELLING = Q(parent_uid=None) & ~Q(action__in=("check_run.claim", "rollout.claim"))
"""Leaves out parts of other entries and workers taking up work, which tell a reader nothing."""


def neighbors(event: AuditEvent) -> tuple[AuditEvent | None, AuditEvent | None]:
    """Return the entries before and after one in its chain."""
    if event.chain_root is None or event.chain_rev is None:
        return None, None
    beside = AuditEvent.objects.filter(
        chain_root=event.chain_root, chain_rev__in=(event.chain_rev - 1, event.chain_rev + 1)
    )
    by_rev = {found.chain_rev: found for found in beside}
    return by_rev.get(event.chain_rev - 1), by_rev.get(event.chain_rev + 1)
