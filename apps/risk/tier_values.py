"""Which inventory values go with a tier: what the questionnaire that found it sets there."""

from collections.abc import Mapping

from apps.risk import offered
from apps.risk.models import Assessment

_TIER = "tier"


def of_tiering(tiering: Assessment, tier: int) -> Mapping[str, object]:
    """Return what a tiering's questionnaire sets at a tier, by the key of the model's field."""
    outcomes = offered.asked_of(tiering.questionnaire).outcomes
    found = [one.sets for one in outcomes if one.sets.get(_TIER) == tier]
    return {**(found[0] if found else {}), _TIER: tier}
