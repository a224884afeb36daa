"""What is kept of an approved assessment, read back from the result that is stored with it."""

from collections.abc import Mapping
from typing import Any

from apps.risk.models import Assessment

TIER = "model.tier"
"""The field a tiering sets; whichever questionnaire sets it is one."""


def sets_of(assessment: Assessment) -> Mapping[str, Any]:
    """Return the inventory fields an assessment set, by their paths."""
    sets = assessment.result.get("sets")
    return {one["field"]: one["value"] for one in sets} if isinstance(sets, list) else {}


def vars_of(assessment: Assessment) -> Mapping[str, Any]:
    """Return the intermediate values its outcome followed from; numbers are text."""
    found = assessment.result.get("vars")
    return found if isinstance(found, Mapping) else {}


def flags_of(assessment: Assessment) -> list[str]:
    """Return the flags that were set."""
    flags = assessment.result.get("flags")
    return [str(flag) for flag in flags] if isinstance(flags, list) else []


def tier_of(assessment: Assessment) -> int | None:
    """Return the tier an assessment found, or nothing of one that is no tiering."""
    tier = sets_of(assessment).get(TIER)
    return tier if isinstance(tier, int) and not isinstance(tier, bool) else None


def floor_of(assessment: Assessment) -> int | None:
    """Return the tier that a floor of the tiering keeps a model at, or nothing without one."""
    if vars_of(assessment).get("has_floor") is not True:
        return None
    try:
        return int(float(str(vars_of(assessment).get("floor_tier"))))
    except ValueError:
        return None
