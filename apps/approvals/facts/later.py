"""What no part of the registry records yet, as honest as it can be: nothing there.

Each group names the part that will supply it, so that its reader takes this one's place. What is
judged of models, such as tiers, assessments and findings, is read by ``apps.risk.facts``.
"""

Facts = dict[str, object]


def facts() -> dict[str, Facts]:
    """Return every fact that is not recorded yet, by group."""
    return {
        # with the sealed export of a model's records
        "retention": {"sealed": False, "export_verified": False},
    }
