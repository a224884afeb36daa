"""The tier of a model, to be read: assessing, and signing another one, is for people."""

from ninja import Router

from apps.api.callers import Call
from apps.api.v1 import found
from apps.api.v1.answers.tiers import TierAnswer
from apps.core.clock import database_now
from apps.risk.models import Assessment
from apps.risk.pages.tiers import current_of
from apps.risk.tier_previews import preview
from apps.risk.tiers import history

router = Router(tags=["tiers"])
MOST = 100
"""How many assessments and other tiers are looked at for the history, the newest."""


@router.get("/models/{name}/tier", url_name="tier", response=TierAnswer)
def show_tier(request: Call, name: str) -> TierAnswer:
    """Show at which tier a model is and why, what it was before, and what it would be today."""
    model, at = found.model(request.actor, name), database_now()
    current = current_of(model, at)
    states = [Assessment.State.APPROVED, Assessment.State.SUPERSEDED]
    assessments = Assessment.objects.filter(model=model, state__in=states)
    overrides = model.tier_overrides.select_related("asked_by", "decided_by")
    overrides = overrides.prefetch_related("sign_offs__signer").order_by("-pk")[:MOST]
    newest = assessments.select_related("questionnaire").order_by("-pk")[:MOST]
    return TierAnswer.of(
        model,
        current,
        would_be=preview(model, current, at),
        steps=history(list(newest), list(overrides)),
        overrides=overrides,
        at=at,
    )
