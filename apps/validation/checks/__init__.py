"""The checks there are: those that come with the registry, and those other packages add."""

from apps.core.errors import NotFound
from apps.validation.checks import (
    artifact_integrity,
    bill_of_materials,
    champion_comparison,
    documentation_complete,
    drift,
    entry_points,
    environment,
    fairness_by_slice,
    format_validity,
    inference,
    lineage_complete,
    metric_thresholds,
    reproducibility,
    schema_champion,
    schema_example,
    signature,
    unsafe_code,
)
from apps.validation.checks.contract import Check, Weight


class UnknownCheck(NotFound):
    """No check bears this name."""

    code = "unknown_check"


SHIPPED: tuple[Check, ...] = (
    artifact_integrity.CHECK,
    unsafe_code.CHECK,
    format_validity.CHECK,
    signature.CHECK,
    schema_example.CHECK,
    schema_champion.CHECK,
    inference.CHECK,
    metric_thresholds.CHECK,
    champion_comparison.CHECK,
    fairness_by_slice.CHECK,
    drift.CHECK,
    environment.CHECK,
    lineage_complete.CHECK,
    documentation_complete.CHECK,
    reproducibility.CHECK,
    bill_of_materials.CHECK,
)
ADDED, REFUSED = entry_points.load(taken=[check.name for check in SHIPPED])
"""What other installed packages add, and what of it cannot be had."""

ALL: tuple[Check, ...] = (*SHIPPED, *(added.check for added in ADDED))
NAMES: tuple[str, ...] = tuple(check.name for check in ALL)
AT_REGISTRATION: tuple[str, ...] = tuple(check.name for check in ALL if check.at_registration)
"""What starts by itself when a version is registered."""


def named(name: str) -> Check:
    """Return the check of that name.

    Raises:
        UnknownCheck: when no check bears it.
    """
    check = named_or_none(name)
    if check is None:
        raise UnknownCheck(f"There is no check named {name!r}. There are: {', '.join(NAMES)}.")
    return check


def named_or_none(name: str) -> Check | None:
    """Return the check of that name, if one bears it."""
    return next((check for check in ALL if check.name == name), None)


def heavy() -> list[str]:
    """Return the names of the checks that few workers take."""
    return [check.name for check in ALL if check.weight is Weight.HEAVY]
