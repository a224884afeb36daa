"""What follows from an approved assessment: inventory values, obligations, the tier."""

from collections import defaultdict
from collections.abc import Mapping

from apps.audit.changes import Record
from apps.catalog import operations as catalog
from apps.catalog.inventory.sheets import Subject
from apps.core.actors import Actor
from apps.risk.kept import TIER
from apps.risk.models import Assessment
from apps.risk.operations.owing import settle
from apps.risk.operations.tier_ends import end_for_newer
from apps.risk.questionnaires import Result


def take_effect(assessment: Assessment, result: Result, *, record: Record, by: Actor) -> None:
    """Let an assessment take effect, inside the change that approves it.

    What it sets goes into the inventory; obligations are opened, kept or closed; a tier that was
    signed instead of an earlier tiering ends.
    """
    written = write_values(assessment, result.sets, by=by)
    opened, kept, closed = settle(assessment, result.obligations, by=by)
    record.note(
        inventory=written,
        obligations_opened=opened,
        obligations_kept=kept,
        obligations_closed=closed,
    )
    if TIER in result.sets:
        end_for_newer(assessment, by=by)


def write_values(assessment: Assessment, sets: Mapping[str, object], *, by: Actor) -> list[str]:
    """Write values to the inventory by their paths; return the paths of those that changed."""
    by_entity: dict[str, dict[str, object]] = defaultdict(dict)
    for path, value in sets.items():
        entity, _, key = path.partition(".")
        by_entity[entity][key] = value
    changed: list[str] = []
    for entity, values in by_entity.items():
        subject = _subject(assessment, entity)
        if subject is not None:
            keys = catalog.record_assessed(subject, values, by=by, assessment=assessment.record_id)
            changed += [f"{entity}.{key}" for key in keys]
    return sorted(changed)


def _subject(assessment: Assessment, entity: str) -> Subject | None:
    """Return the record of an entity that an assessment is about, if it is about one."""
    about: Mapping[str, Subject | None] = {
        "model": assessment.model,
        "version": assessment.version,
        "use_case": assessment.use_case,
    }
    return about.get(entity)
