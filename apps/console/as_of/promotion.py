"""The page of a promotion request as it was."""

from typing import Any

from django.urls import reverse

from apps.approvals.models import PromotionRequest
from apps.approvals.past.promotions import Decision, PastPromotion, promotion_at
from apps.approvals.readiness import VerdictState
from apps.console.as_of import entries, facts, signed
from apps.console.as_of.asking import Asked, at_query
from apps.console.as_of.production import authorization_in_words
from apps.core.actors import Actor

TONES = {
    PromotionRequest.State.OPEN: "info",
    PromotionRequest.State.PROMOTED: "good",
    PromotionRequest.State.DECLINED: "bad",
}
_STATES = {
    VerdictState.BLOCKED.value: ("unmet", ""),
    VerdictState.WARNED.value: ("warned", ""),
    VerdictState.WAIVED.value: ("waived", ""),
    VerdictState.PASSED.value: ("met", ""),
    VerdictState.NOT_APPLICABLE.value: ("met", "Did not apply."),
}


def page(request: PromotionRequest, asked: Asked, actor: Actor) -> dict[str, Any]:
    """Return what was true of a request, or that nobody had made it yet."""
    assert asked.at is not None
    found = promotion_at(request, asked.at)
    if found is None:
        return {"found": None}
    row, query = found.row, at_query(asked.at)
    visible = entries.seen(actor, [found.closed_event])
    return {
        "found": found,
        "status": row.get_state_display(),
        "tone": TONES.get(PromotionRequest.State(row.state), "idle"),
        "rows": [signed.row(one, found.names) for one in found.signed],
        "verdicts": _verdicts(found.decision),
        "facts": _facts(found),
        "authorizations": [
            {
                "at": one.granted_at,
                "words": one.why if _is_over(one) else authorization_in_words(one, asked.at)[0],
                "status": one.get_state_display(),
            }
            for one in found.authorizations
        ],
        "entry": reverse("audit:entry", args=[found.closed_event]) if visible else "",
        "version_url": _version_url(request, query),
    }


def _is_over(one: Any) -> bool:
    return one.state in {one.State.REVOKED, one.State.ENDED}


def _version_url(request: PromotionRequest, query: str) -> str:
    version = request.version
    return f"{reverse('as_of:version', args=[version.model.name, version.number])}?{query}"


def _verdicts(decision: Decision | None) -> list[dict[str, str]]:
    if decision is None:
        return []
    return [
        {
            "title": one.title,
            "state": _STATES.get(one.state, ("unknown", ""))[0],
            "reason": _STATES.get(one.state, ("", ""))[1],
        }
        for one in decision.verdicts
    ]


def _facts(found: PastPromotion) -> list[dict[str, Any]]:
    row, names = found.row, found.names
    replaced = found.replaced_number
    tier = found.decision.tier if found.decision else None
    return facts.told(
        {"term": "Asks for", "value": row.get_target_display()},
        {"term": "Manner", "value": row.get_mode_display()},
        {"term": "Requested by", "person": names.person(row.requested_by_id)},
        {"term": "Requested", "at": row.requested_at},
        {"term": "Policy", "value": found.policy.title, "href": found.policy.url},
        {"term": "Tier judged at", "value": f"Tier {tier}" if tier else ""},
        {"term": "Replaced", "value": f"Version {replaced}" if replaced else ""},
        {"term": "Decided", "at": row.closed_at},
        {"term": "Decided by", "person": names.person(row.closed_by_id)},
        {"term": "Digest", "digest": row.content_digest},
    )
