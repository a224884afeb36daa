"""What a version of the policy says otherwise than another, for its page."""

from typing import Any

from django.http import Http404

from apps.approvals import in_force, policies, policy_queries
from apps.approvals.models import PolicyVersion
from apps.approvals.policies import Policy, differences
from apps.approvals.policies.differences import Effect, Stretch
from apps.core.actors import Actor

MOST_LINES = 3000
BASE = "base"
HEADINGS = {
    Effect.LOOSENS: ("Looser", "bad", "Asks less than before."),
    Effect.CHANGES: ("Other", "warn", "Nobody can tell whether it asks less: read these closely."),
    Effect.TIGHTENS: ("Stricter", "good", "Asks more than before."),
}


def page(version: PolicyVersion, reader: Actor, other: str) -> dict[str, Any]:
    """Return the comparison of a version with the one in force, its base, or another by its id."""
    before, after = _other(version, reader, other), policies.parsed(version.text)
    found = differences.between(before, after)
    stretches = differences.of_texts(before.text, after.text)
    return {
        "version": version,
        "before": before,
        "groups": [
            {"heading": HEADINGS[effect], "rows": rows}
            for effect in Effect
            if (rows := [one for one in found if one.effect is effect])
        ],
        "stretches": _bounded(stretches),
        "is_cut": sum(len(one.lines) for one in stretches) > MOST_LINES,
        "changed": sum(line.kind != "same" for one in stretches for line in one.lines),
        "base": version.based_on,
        "is_with_base": other == BASE,
    }


def _other(version: PolicyVersion, reader: Actor, other: str) -> Policy:
    if not other:
        return _before(version)
    if other == BASE and version.based_on is not None:
        return policies.parsed(version.based_on.text)
    if other in policies.SHIPPED:
        return policies.shipped(other)
    if not other.isdecimal() or len(other) > 12:
        raise Http404
    asked = policy_queries.policies_visible_to(reader).filter(pk=int(other)).first()
    if asked is None:
        raise Http404
    return policies.parsed(asked.text)


def _before(version: PolicyVersion) -> Policy:
    """Return the policy in force; for one that was in force itself, the one before it."""
    if version.published_at is None:
        return in_force.policy()
    earlier = policy_queries.that_were_in_force().filter(published_at__lt=version.published_at)
    before = earlier.first()
    return policies.parsed(before.text) if before else policies.shipped(in_force.STARTER)


def _bounded(stretches: tuple[Stretch, ...]) -> list[Stretch]:
    shown, lines = [], 0
    for stretch in stretches:
        left = MOST_LINES - lines
        if left <= 0:
            break
        shown.append(Stretch(stretch.lines[:left]))
        lines += len(stretch.lines)
    return shown
