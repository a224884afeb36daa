"""How assessments stand: pure judgment of rows on a day, in the words policies read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from apps.risk.models import Assessment

NEVER = -1
"""The age of what was never approved."""


class Status(StrEnum):
    """How one assessment stands, from the weakest to the strongest."""

    NONE = "none"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"

    @property
    def in_words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Status.NONE: "Not started",
    Status.SUPERSEDED: "Superseded",
    Status.EXPIRED: "Expired",
    Status.DRAFT: "Draft",
    Status.SUBMITTED: "Waits for review",
    Status.APPROVED: "Approved",
}
TONES = {
    Status.NONE: "idle",
    Status.SUPERSEDED: "idle",
    Status.EXPIRED: "warn",
    Status.DRAFT: "idle",
    Status.SUBMITTED: "info",
    Status.APPROVED: "good",
}


@dataclass(frozen=True)
class Standing:
    """How one questionnaire stands for one subject, or for several taken together."""

    status: Status = Status.NONE
    age_days: int = NEVER
    outcome: str = ""
    """The outcome that was last approved, expired or not."""
    approved: Assessment | None = None
    """The one that was last approved and not replaced since."""
    open: Assessment | None = None
    """The one that is being answered or reviewed."""


def status_of(assessment: Assessment, on: date) -> Status:
    """Return how one assessment stands by itself; a dropped one is as if it had not been."""
    state = Assessment.State(assessment.state)
    if state is Assessment.State.DROPPED:
        return Status.NONE
    if state is Assessment.State.APPROVED and is_expired(assessment, on):
        return Status.EXPIRED
    return Status(state.value)


def is_expired(assessment: Assessment, on: date) -> bool:
    """Say whether an approved assessment counts no longer: too old, or made stale."""
    is_over = assessment.valid_until is not None and assessment.valid_until < on
    return is_over or assessment.stale_at is not None


def age_of(assessment: Assessment, on: date) -> int:
    """Return the days since an assessment was approved."""
    return NEVER if assessment.approved_at is None else (on - assessment.approved_at.date()).days


def standing_of(assessments: Iterable[Assessment], on: date) -> Standing:
    """Return how one subject stands, from all its assessments by one questionnaire.

    What was approved counts while a newer one is answered; once expired, the status stays so until
    the newer one is approved.
    """
    held = list(assessments)
    approved = next((one for one in held if one.state == Assessment.State.APPROVED), None)
    opened = next((one for one in held if one.is_open), None)
    if approved is not None:
        return Standing(
            status_of(approved, on), age_of(approved, on), approved.outcome, approved, opened
        )
    return Standing(status_of(opened, on) if opened else Status.NONE, open=opened)
