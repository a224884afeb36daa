"""What operators do about what runs where."""

from apps.approvals.serving.operations.drills import begin_drill
from apps.approvals.serving.operations.rollouts import (
    NotAdmissible,
    deploy,
    record_by_hand,
    roll_back,
    shift,
    withdraw,
)

__all__ = [
    "NotAdmissible",
    "begin_drill",
    "deploy",
    "record_by_hand",
    "roll_back",
    "shift",
    "withdraw",
]
