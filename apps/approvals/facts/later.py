"""What no part of the registry records yet, as honest as it can be: nothing there, nothing open.

Each group names the part that will supply it, so that its reader takes this one's place.
"""

from functools import cache

from apps.approvals import vocabulary

Facts = dict[str, object]

NOTHING_ASSESSED: Facts = {"status": "none", "outcome": "", "flags": [], "age_days": -1}


def assessments() -> dict[str, Facts]:
    """Return one empty assessment for each questionnaire; they come with risk assessments."""
    return {name: {**NOTHING_ASSESSED, "flags": []} for name in _questionnaires()}


def facts() -> dict[str, Facts]:
    """Return every fact that is not recorded yet, by group."""
    return {
        # with risk assessments; a model is unassessed until then, so it is gated at tier 1
        "model": {"tier": 0, "tier_age_days": -1, "attestation_age_days": -1},
        "uses": {"transparency_required": False},
        "assessments": dict(assessments()),
        # one that only warns from its date is not among those that block (obligation_enforcement)
        "obligations": {"open_blocking": 0, "open_total": 0},
        # with findings and incidents
        "findings": {"open_critical": 0, "open_high": 0, "open_medium": 0, "overdue": 0},
        "incidents": {"open_serious": 0, "overdue_reports": 0},
        # with deployments, and with the sealed export of a model's records
        "production": {"traffic_share": 0.0, "target_open_critical_findings": 0},
        "retention": {"sealed": False, "export_verified": False},
    }


@cache
def _questionnaires() -> tuple[str, ...]:
    [root] = [one for one in vocabulary.built_in().roots if one.name == "assessments"]
    return root.names
