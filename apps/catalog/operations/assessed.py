"""What an approved assessment says of a model, a version or a use goes into the inventory."""

from collections.abc import Mapping

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog.inventory import facts, fields, sheets
from apps.catalog.inventory.reading import ASSESSMENT, FieldType, InventoryField
from apps.catalog.inventory.sheets import Subject
from apps.catalog.inventory.values import Value, checked, digest_of_value, is_empty
from apps.catalog.operations.inventory import approval_lost, keep, require_live
from apps.core.actors import BY_WORKER, Actor
from apps.core.inputs import InputRefused

RECORD_ASSESSED = Action(
    "inventory.record_assessed",
    permission=BY_WORKER,
    refusal="Only an approved assessment records this.",
)


def record_assessed(
    subject: Subject, values: Mapping[str, object], *, by: Actor, assessment: str
) -> list[str]:
    """Record what an assessment says, inside the change that approves it; return what changed.

    A field that assessments supply takes the new value. One that somebody else supplies is filled
    where it is empty, and never overwritten. An approved use that changes is approved anew.
    """
    with change(RECORD_ASSESSED, subject, by=by) as record:
        sheets.read_again(subject)
        require_live(subject)
        known = fields.in_force().fields_of(sheets.entities_of(subject))
        current, fixed = facts.of_subject(subject), facts.fixed_in(subject)
        wanted: dict[str, Value] = {}
        for key, value in values.items():
            if key in known and key not in fixed:
                wanted |= _wanted(known[key], value, current.get(key))
        before = [digest_of_value(current.get(key)) for key in sorted(wanted)]
        after = [digest_of_value(wanted[key]) for key in sorted(wanted)]
        withdrawn = approval_lost(subject) if wanted else {}
        keep(subject, {**wanted, **withdrawn}, by=by)
        record.note(
            assessment=assessment,
            changed=sorted(wanted),
            before=digest_of_value(before),
            after=digest_of_value(after),
            **({"approval": "withdrawn"} if withdrawn else {}),
        )
    return sorted(wanted)


def _wanted(field: InventoryField, value: object, now: object) -> dict[str, Value]:
    """Return a value to keep by its key, or nothing where it changes nothing."""
    is_ours = ASSESSMENT in field.supplied_by
    if field.is_derived or (not is_ours and not is_empty(now)):
        return {}
    try:
        kept = checked(field, _as_kept(field, value))
    except InputRefused:
        if is_ours:
            raise
        return {}  # an answer too long for a field that is filled by the way
    return {} if digest_of_value(kept) == digest_of_value(now) else {field.key: kept}


def _as_kept(field: InventoryField, value: object) -> object:
    """Return an answer as its field takes it: numbers are answered as decimal text."""
    if field.type is FieldType.INTEGER and isinstance(value, str) and value:
        whole, _, rest = value.partition(".")
        return int(whole) if not rest.strip("0") and whole.lstrip("-").isdecimal() else value
    return value
