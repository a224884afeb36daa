"""What is different about one model at two moments, with the event that left it so."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.approvals.models import Authorization
from apps.approvals.past import told
from apps.approvals.past.named import sees_assessments, sees_findings
from apps.approvals.past.told import OF_ROWS, Words
from apps.audit import past
from apps.audit.past import Moved
from apps.catalog.models import (
    Alias,
    ModelDuty,
    ModelSheet,
    ModelTag,
    ModelVersion,
    RegisteredModel,
    ThirdParty,
    UseCase,
)
from apps.core.actors import Actor
from apps.risk.models import Assessment, Finding, TierOverride
from apps.risk.past import tiers_at


@dataclass(frozen=True)
class Difference:
    """One thing that was another at the second moment.

    ``event`` is nothing where no event made it so: what ran out when its day was over.
    """

    about: str
    name: str
    before: str
    after: str
    event: UUID | None
    at: datetime | None


def of_model(
    model: RegisteredModel, after: datetime, until: datetime, reader: Actor
) -> list[Difference]:
    """Return what is different about a model, in a fixed number of queries."""
    within, hidden = Q(model_id=model.pk), _hidden_from(reader)
    found: list[tuple[type[Any], list[Moved[Any]]]] = []
    for rows, facts in OF_ROWS:
        if rows in hidden:
            continue
        mine = Q(id=model.pk) if rows is RegisteredModel else within
        found.append((rows, past.moved(rows, facts, after, until, mine)))
    numbers = dict(model.versions.values_list("pk", "number"))
    granted = Q(version_id__in=numbers)
    moved = past.moved(Authorization, told.of_authorization, after, until, granted)
    found.append((Authorization, moved))
    words = Words.of((one for _, rows in found for one in rows), numbers)
    return [
        *tier_differences([model.pk], after, until).get(model.pk, ()),
        *(one for rows, moved in found for one in _in_words(rows, moved, words)),
    ]


def _hidden_from(reader: Actor) -> frozenset[type[Any]]:
    """Return the kinds of rows an examiner is not shown, unless that was granted."""
    shown = {Finding: sees_findings(reader), TierOverride: sees_assessments(reader)}
    return frozenset(rows for rows, is_shown in shown.items() if not is_shown)


def tier_differences(
    model_ids: Sequence[int], after: datetime, until: datetime
) -> Mapping[int, Sequence[Difference]]:
    """Return the tiers that are not the same at two moments, by model, in six queries."""
    before, now = tiers_at(model_ids, after), tiers_at(model_ids, until)
    moved = [pk for pk in model_ids if before[pk].in_words != now[pk].in_words]
    by = _last_judged(moved, after, until)
    return {
        pk: [
            Difference(
                "Model", "Tier", before[pk].in_words, now[pk].in_words, *by.get(pk, (None, None))
            )
        ]
        for pk in moved
    }


def _last_judged(
    model_ids: Sequence[int], after: datetime, until: datetime
) -> Mapping[int, tuple[UUID, datetime]]:
    """Return the event that last changed what the tier of a model follows from."""
    judged = (Assessment.State.APPROVED, Assessment.State.SUPERSEDED)
    signed = (TierOverride.State.GRANTED, TierOverride.State.ENDED)
    found: dict[int, tuple[UUID, datetime]] = {}
    for rows, states in ((Assessment, judged), (TierOverride, signed)):
        history = rows.history.filter(
            model_id__in=model_ids,
            state__in=states,
            history_date__gt=after,
            history_date__lte=until,
        ).order_by("history_id")
        for pk, event, at in history.values_list("model_id", "event_id", "history_date"):
            if pk not in found or at >= found[pk][1]:
                found[pk] = event, at
    return found


def _in_words(rows: type[Any], moved: Iterable[Moved[Any]], words: Words) -> Iterator[Difference]:
    for one in moved:
        about = _about(rows, one, words)
        for change in one.changes:
            value = change.before if change.after is None else change.after
            yield Difference(
                about,
                words.name(change.name, value),
                words.value(change.before),
                words.value(change.after),
                change.event,
                change.at,
            )


def _about(rows: type[Any], moved: Moved[Any], words: Words) -> str:
    """Return what a row is called among the differences of its model."""
    row = moved.row
    if rows in {RegisteredModel, ModelSheet}:
        return "Model"
    if rows is ModelVersion:
        return f"Version {row.number}"
    if rows is Authorization:
        return f"Authorization of version {words.numbers[row.version_id]}"
    return _ABOUT[rows](row)


_ABOUT: Mapping[type[Any], Callable[[Any], str]] = {
    Alias: lambda row: f"Alias @{row.name}",
    ModelTag: lambda row: f"Tag {row.key}",
    ModelDuty: lambda _: "Role",
    UseCase: lambda row: f"Use: {row.title}",
    ThirdParty: lambda row: f"Supplier: {row.title}",
    TierOverride: lambda _: "Tier signed instead",
    Finding: lambda row: f"Finding: {row.title}",
}
