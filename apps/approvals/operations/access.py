"""Reads that are worth recording."""

from apps.approvals.models import PromotionRequest
from apps.audit.actions import Action, Sealing
from apps.audit.changes import record_access
from apps.core.actors import Actor

TAKE_DOSSIER = Action(
    "request.take_dossier", permission="catalog.view_registeredmodel", sealing=Sealing.FIRST
)


def take_dossier(request: PromotionRequest, *, by: Actor) -> None:
    """Record that somebody takes the dossier away, before they get it."""
    record_access(TAKE_DOSSIER, request, by=by)
