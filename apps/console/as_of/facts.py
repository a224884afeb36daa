"""Facts and recorded values of past rows, as pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.catalog.inventory import fields
from apps.catalog.inventory.shown import Shown, in_words, people
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelTag, VersionTag
from apps.console.queries.labels import SHOWN

TONES = {Stage.PRODUCTION: "good", Stage.STAGING: "info"}
HIDDEN = ("mlflow.", "_mlflow")


@dataclass(frozen=True)
class Answer:
    """A field of the inventory with what was recorded in it."""

    label: str
    value: Shown


def answers(entity: str, values: Mapping[str, object]) -> list[Answer]:
    """Return recorded values in the order of today's fields, those of no field today last."""
    if not values:
        return []
    known = fields.in_force().fields_of([entity])
    named = people([(known, values)])
    told = [
        Answer(known[key].label, in_words(known[key], values[key], named))
        for key in known
        if key in values
    ]
    old = [Answer(key, Shown(str(values[key]))) for key in sorted(values) if key not in known]
    return [one for one in (*told, *old) if not one.value.is_empty]


def stage_status(stage: str) -> dict[str, str]:
    """Return a stage as a status."""
    known = Stage(stage)
    return {"label": str(known.label), "tone": TONES.get(known, "idle")}


def tags(rows: Sequence[ModelTag] | Sequence[VersionTag]) -> str:
    """Return the tags people gave, without those clients keep for themselves."""
    given = sorted((one for one in rows if not one.key.startswith(HIDDEN)), key=lambda one: one.key)
    return ", ".join(str(one) if one.value else one.key for one in given[:SHOWN])


def told(*facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Keep the facts that were known."""
    return [fact for fact in facts if any(fact[key] for key in fact if key not in {"term", "href"})]
