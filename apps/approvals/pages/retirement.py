"""What the page of a model's retirement shows: how long it is kept, holds, and what may go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import now

from apps.accounts.access import ActorRequest
from apps.approvals import keeping, operations, queries
from apps.approvals.models import LegalHold, Retention, Retirement
from apps.catalog.models import RegisteredModel
from apps.core import formats, links
from apps.core.actors import Actor
from apps.core.paging import Order

PAGE_SIZE = 25
NEWEST_FIRST = Order(("id",))


@dataclass(frozen=True)
class Row:
    """A decommissioned version: until when it is kept, and what may be done with its files."""

    retirement: Retirement
    kept_until: datetime
    status: str
    tone: str
    note: str = ""
    may_ask: bool = False
    may_dispose: bool = False
    may_call_off: bool = False


def of_model(request: ActorRequest, model: RegisteredModel) -> dict[str, Any]:
    """Return everything the page shows about one model."""
    kept = Retention.objects.filter(model=model).select_related("set_by").first()
    holds = list(
        LegalHold.objects.filter(model=model)
        .select_related("placed_by", "lifted_by")
        .order_by("-pk")
    )
    retired = queries.retirements_visible_to(request.actor).filter(version__model=model)
    found = links.page_of(request, retired, NEWEST_FIRST, PAGE_SIZE)
    is_held = any(hold.lifted_at is None for hold in holds)
    for one in found.rows:
        one.version.model = model
    return {
        "model": model,
        "retention": kept,
        "holds": holds,
        "is_held": is_held,
        "rows": _rows(found.rows, kept, request.actor, is_held=is_held),
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
        "may_set": request.actor.may(operations.SET_RETENTION.permission, model),
        "may_hold": request.actor.may(operations.PLACE_HOLD.permission, model),
    }


def _rows(
    retired: Sequence[Retirement], kept: Retention | None, reader: Actor, *, is_held: bool
) -> list[Row]:
    if not retired:
        return []
    may = reader.is_person and reader.may(operations.DISPOSE.permission, retired[0].root)
    at = now()
    return [_row(one, kept, reader, at, is_held=is_held, may=may) for one in retired]


def _row(
    one: Retirement,
    kept: Retention | None,
    reader: Actor,
    at: datetime,
    *,
    is_held: bool,
    may: bool,
) -> Row:
    until = keeping.kept_until(one, kept)
    if one.disposed_at is not None:
        files = f"{formats.grouped(one.disposed_files)} files, {formats.size(one.disposed_bytes)}"
        return Row(one, until, "Disposed of", "idle", f"{_disposed(one)} {files} of its own.")
    if is_held:
        return Row(one, until, "On hold", "warn", may_call_off=may and _is_asked(one))
    if at < until:
        return Row(one, until, "Kept", "info", may_call_off=may and _is_asked(one))
    if not _is_asked(one):
        return Row(one, until, "May be disposed of", "info", may_ask=may)
    note = f"{one.disposal_asked_by} asks for it: {one.disposal_reason}"
    is_other = one.disposal_asked_by_id != reader.user_id
    return Row(
        one,
        until,
        "Disposal asked for",
        "warn",
        note,
        may_dispose=may and is_other,
        may_call_off=may,
    )


def _disposed(one: Retirement) -> str:
    """Say who disposed of it, when, and what that stands for (21 CFR 11.50)."""
    asked, done = one.disposal_asked_at, one.disposed_at
    assert asked is not None
    assert done is not None
    return (
        f"Asked for by {one.disposal_asked_by} on {formats.moment(asked, 'full')}, carried out by "
        f"{one.disposed_by} on {formats.moment(done, 'full')}. Meaning: responsibility."
    )


def _is_asked(one: Retirement) -> bool:
    return one.disposal_asked_at is not None
