"""What a version declares of its inputs, outputs and parameters, as far as it can be read."""

from collections.abc import Mapping

from apps.catalog.models import ModelVersion
from apps.validation.checks.schema_declared import Declared, Malformed, read_side

SIDES = ("inputs", "outputs", "params")
UNREADABLE = "cannot be read"


def declared_by(version: ModelVersion) -> Mapping[str, Declared | Malformed]:
    """Return each side that a version declares, or why it cannot be read."""
    sent = version.signature if isinstance(version.signature, dict) else {}
    return {side: _read(sent[side]) for side in SIDES if sent.get(side)}


def told_by(version: ModelVersion) -> Mapping[str, str]:
    """Return the type of every declared field by its name, as in ``inputs: age``."""
    told: dict[str, str] = {}
    for side, read in declared_by(version).items():
        if isinstance(read, Malformed):
            told[side] = UNREADABLE
        else:
            told |= {f"{side}: {field.name}": field.told for field in read.fields}
    return told


def _read(side: object) -> Declared | Malformed:
    try:
        return read_side(side)
    except Malformed as trouble:
        return trouble
