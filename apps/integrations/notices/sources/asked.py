"""What a request asks for, and what came of it, in words."""

from collections.abc import Mapping

from apps.approvals.models import (
    RENEWAL,
    ROLLBACK,
    TO_ARCHIVED,
    TO_DECOMMISSIONED,
    TO_PRODUCTION,
    TO_STAGING,
    PromotionRequest,
)

_ASKED: Mapping[str, tuple[str, str]] = {
    TO_STAGING: ("The promotion of", "to staging"),
    TO_PRODUCTION: ("The promotion of", "to production"),
    RENEWAL: ("The renewal of", "in production"),
    ROLLBACK: ("Going back to", ""),
    TO_ARCHIVED: ("Archiving", ""),
    TO_DECOMMISSIONED: ("Decommissioning", ""),
}
_DONE: Mapping[str, str] = {
    TO_STAGING: "is now in staging",
    TO_PRODUCTION: "is now in production",
    RENEWAL: "may stay in production",
    ROLLBACK: "is in production again",
    TO_ARCHIVED: "is now archived",
    TO_DECOMMISSIONED: "is now decommissioned",
}


def asked_for(request: PromotionRequest) -> str:
    """Return what a request asks for: "The promotion of fraud v3 to production"."""
    before, after = _ASKED[request.transition]
    return f"{before} {request.version} {after}".rstrip()


def done(request: PromotionRequest) -> str:
    """Return what it means that a request was carried out: "fraud v3 is now in production"."""
    return f"{request.version} {_DONE[request.transition]}"
