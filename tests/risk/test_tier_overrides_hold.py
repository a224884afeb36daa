"""Another tier comes in force only on signatures that cover what is, by people who still may."""

import pytest

from apps.core.errors import RuleBroken
from apps.risk.models import TierOverride
from apps.risk.operations import assessment_aging
from tests.risk import owing

pytestmark = pytest.mark.django_db


def half_signed() -> TierOverride:
    """Return a lighter tier that a second risk officer signed, and the committee did not yet."""
    override = owing.asked(owing.tiered(), 2)
    owing.sign(override, owing.officer(), "risk_officer")
    return override


def test_a_tiering_that_went_stale_between_two_signatures_carries_no_other_tier() -> None:
    override = half_signed()
    assessment_aging.make_stale(override.assessment, why="An incident was reported.")

    with pytest.raises(RuleBroken, match="changed since Rupert Risk signed"):
        owing.sign(override, owing.committee(), "governance_committee")
    owing.sign(override, owing.committee(), "governance_committee", owing.DECLINE)

    override.refresh_from_db()
    assert override.state == TierOverride.State.DECLINED
