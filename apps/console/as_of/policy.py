"""The page of a version of the policy as it was, beside the one that was in force."""

from typing import Any

from apps.approvals import policy_queries
from apps.approvals.models import PolicyVersion
from apps.approvals.pages.policies import readable
from apps.approvals.past.policies import in_force_at, policy_at
from apps.console.as_of import facts
from apps.console.as_of.asking import Asked
from apps.console.as_of.production import policy_url
from apps.core.actors import Actor

TONES = {
    PolicyVersion.State.PUBLISHED: "good",
    PolicyVersion.State.PROPOSED: "info",
    PolicyVersion.State.DROPPED: "bad",
}


def page(version: PolicyVersion, asked: Asked, actor: Actor) -> dict[str, Any]:
    """Return what a version said and who had signed it.

    What was a draft then stays with those who may read drafts today.
    """
    assert asked.at is not None
    found, applied = policy_at(version, asked.at), in_force_at(asked.at)
    shown: dict[str, Any] = {
        "applied": applied,
        "applied_url": policy_url(applied.row, asked.at),
        "is_applied": applied.row is not None and applied.row.pk == version.pk,
        "found": None,
    }
    if found is None:
        return shown
    was_in_force = found.row.state in policy_queries.WAS_IN_FORCE
    if not was_in_force and not policy_queries.may_see_drafts(actor):
        return shown
    row = found.row
    return {
        **shown,
        **readable(found.policy),
        "found": found,
        "status": row.get_state_display(),
        "tone": TONES.get(PolicyVersion.State(row.state), "idle"),
        "facts": facts.told(
            {"term": "Version", "value": row.number},
            {"term": "Written by", "person": found.names.person(row.author_id)},
            {"term": "Drafted", "at": row.drafted_at},
            {"term": "Proposed", "at": row.proposed_at},
            {"term": "In force from", "at": row.published_at},
            {"term": "Until", "at": row.replaced_at},
            {"term": "Digest", "digest": row.digest},
        ),
    }
