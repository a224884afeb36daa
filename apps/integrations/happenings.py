"""What an event of the record means to a webhook, in MLflow's words.

It is read from the rows an event names, not from its action: however an alias came to move, by hand
or by a promotion, it is the same to whoever listens.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.audit.models import AuditEvent

EVENTS = (
    "registered_model.created",
    "model_version.created",
    "model_version_tag.set",
    "model_version_tag.deleted",
    "model_version_alias.created",
    "model_version_alias.deleted",
    "prompt.created",
    "prompt_version.created",
    "prompt_tag.set",
    "prompt_tag.deleted",
    "prompt_version_tag.set",
    "prompt_version_tag.deleted",
    "prompt_alias.created",
    "prompt_alias.deleted",
)
"""What a webhook can ask for: MLflow's events about models and prompts."""

READY = "model_version.ready"
CONCLUDED = "check_run.concluded"
ASKED = "promotion_request.changed"
SIGNED = "sign_off.changed"
ABOUT_STANDING = frozenset({READY, CONCLUDED, ASKED, SIGNED})
"""What a webhook for statuses of commits is told: that a version may stand otherwise now."""

_CREATED = frozenset({"model", "version"})
_TAGS = frozenset({"model_tag", "version_tag"})
_MEANINGS: Mapping[str, tuple[str, str]] = {
    "model": ("registered_model", "prompt"),
    "version": ("model_version", "prompt_version"),
    "model_tag": ("", "prompt_tag"),
    "version_tag": ("model_version_tag", "prompt_version_tag"),
    "alias": ("model_version_alias", "prompt_alias"),
}
"""What each kind of row is called when it belongs to a model, and when to a prompt."""


@dataclass(frozen=True)
class Happening:
    """One thing that happened: what, to which row, and at which place of the event."""

    name: str
    place: int
    row_id: int
    version_id: int | None = None
    """The version whose standing it is about."""


def happenings(event: AuditEvent, *, is_prompt: bool) -> list[Happening]:
    """Return what an event means; tags given while something is created are part of that."""
    rows = rows_of(event)
    creates = any(word_of(row) in _CREATED and row["before"] is None for row in rows)
    return [
        Happening(f"{entity}.{action}", place, row_id_of(row))
        for place, row in enumerate(rows)
        if (entity := _entity(row, is_prompt=is_prompt))
        and (action := _action(row))
        and not (creates and word_of(row) in _TAGS)
    ]


def named_row(event: AuditEvent, place: int) -> int:
    """Return the id of the row at a place of an event."""
    return row_id_of(rows_of(event)[place])


def rows_of(event: AuditEvent) -> Sequence[Mapping[str, Any]]:
    """Return the rows an event names, each with its digests before and after."""
    rows: Sequence[Mapping[str, Any]] = json.loads(bytes(event.entry))["rows"]
    return rows


def _entity(row: Mapping[str, Any], *, is_prompt: bool) -> str:
    of_a_model, of_a_prompt = _MEANINGS.get(word_of(row), ("", ""))
    return of_a_prompt if is_prompt else of_a_model


def _action(row: Mapping[str, Any]) -> str:
    word = word_of(row)
    if word in _CREATED:
        return "created" if row["before"] is None else ""
    if row["after"] is None:
        return "deleted"
    return "created" if word == "alias" else "set"


def word_of(row: Mapping[str, Any]) -> str:
    """Return the kind of a row an event names: ``version``."""
    return str(row["row"]).partition(":")[0]


def row_id_of(row: Mapping[str, Any]) -> int:
    """Return the id of a row an event names: 12 of ``version:ver_12``."""
    return int(str(row["row"]).rpartition("_")[2])
