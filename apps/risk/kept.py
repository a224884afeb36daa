"""What is kept of an approved assessment, read back from the result that is stored with it."""

from collections.abc import Mapping
from typing import Any

from apps.risk.models import Assessment

TIER = "model.tier"
"""The field a tiering sets; whichever questionnaire sets it is one."""
RANK = "outcome_rank"
"""Kept beside the result, which its digest leaves aside as it does what it was worked out from."""
MOST_REASONS = 8
"""How much of what an outcome followed from is said beside it."""


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


def rank_of(assessment: Assessment) -> int | None:
    """Return how severe its outcome is among those of its questionnaire, where that was kept."""
    rank = assessment.result.get(RANK)
    return rank if isinstance(rank, int) and not isinstance(rank, bool) else None


def because_of(assessment: Assessment) -> str:
    """Return what the rule that fired had read first, in words; its page says all of it."""
    told = assessment.result.get("because")
    first = told[:MOST_REASONS] if isinstance(told, list) else []
    return "; ".join(f"{one['words']} {one['value']}" for one in first)


def floor_of(assessment: Assessment) -> int | None:
    """Return the tier that a floor of the tiering keeps a model at, or nothing without one."""
    if vars_of(assessment).get("has_floor") is not True:
        return None
    try:
        return int(float(str(vars_of(assessment).get("floor_tier"))))
    except ValueError:
        return None
