"""What one policy says otherwise than another: in words, and line by line.

Conservative: what cannot be told to be only stricter is listed for those who sign.
"""

from collections.abc import Iterable, Iterator

from apps.approvals.policies.differences.amounts import of_tiers
from apps.approvals.policies.differences.conditions import of_catalog
from apps.approvals.policies.differences.difference import Difference, Effect, Part, rest
from apps.approvals.policies.differences.lines import Line, Stretch, of_texts
from apps.approvals.policies.differences.rules import (
    of_duties,
    of_evidence,
    of_floors,
    of_obligations,
    of_roles,
    of_signature,
    of_waivers,
    of_watched,
)
from apps.approvals.policies.differences.transitions import of_transitions
from apps.approvals.policies.parts import Policy

__all__ = ["Difference", "Effect", "Line", "Stretch", "between", "of_texts", "to_review"]

_TOLD = frozenset(
    {
        "conditions",
        "continuous_rules",
        "evidence_types",
        "obligation_enforcement",
        "roles",
        "separation_of_duties",
        "signature",
        "tier_floors",
        "tiers",
        "transitions",
        "version",
        "waivers",
    }
)
_ORDER = tuple(Effect)


def between(before: Policy, after: Policy) -> tuple[Difference, ...]:
    """Return what is different, the looser first; a number of its own is no difference."""
    old, new = before.document, after.document
    found = tuple(dict.fromkeys(_found(old, new)))
    if not found and _without_number(old) != _without_number(new):
        found = (Difference("The policy", "Its parts stand in another order.", Effect.CHANGES),)
    return tuple(sorted(found, key=lambda one: _ORDER.index(one.effect)))


def to_review(found: Iterable[Difference]) -> tuple[Difference, ...]:
    """Keep what is not only stricter: those who sign are shown it apart."""
    return tuple(one for one in found if not one.is_stricter)


def _found(old: Part, new: Part) -> Iterator[Difference]:
    titles = {role["id"]: role["title"] for role in (*old["roles"], *new["roles"])}
    yield from of_transitions(old, new)
    yield from of_catalog(old["conditions"], new["conditions"])
    yield from of_duties(old["separation_of_duties"], new["separation_of_duties"])
    yield from of_tiers(old["tiers"], new["tiers"])
    yield from of_floors(old.get("tier_floors", ()), new.get("tier_floors", ()))
    yield from of_waivers(old["waivers"], new["waivers"], titles)
    yield from of_watched(old.get("continuous_rules", ()), new.get("continuous_rules", ()))
    yield from of_obligations(old.get("obligation_enforcement"), new.get("obligation_enforcement"))
    yield from of_signature(old["signature"], new["signature"])
    yield from of_evidence(old["evidence_types"], new["evidence_types"])
    yield from of_roles(old["roles"], new["roles"])
    yield from rest("The policy", "It", old, new, _TOLD)


def _without_number(document: Part) -> Part:
    return {key: value for key, value in document.items() if key != "version"}
