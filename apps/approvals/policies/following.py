"""What may follow a move, by the words of ``on_success``: where Signet brings it about, and how."""

from collections.abc import Iterable
from dataclasses import dataclass

REVALIDATION, PERIODIC_REVIEW = "schedule_revalidation", "schedule_periodic_review"
SEAL_RECORDS = "seal_records"
ROOT_CAUSE, INCIDENT = "schedule_root_cause_review", "open_incident_or_link"
TELL_SUBSCRIBERS, TELL_CONSUMERS = "notify_inventory_subscribers", "notify_consumers"

_INTO_PRODUCTION = ("staging_to_production", "reauthorization", "rollback")
_WITHDRAWN = ("production_to_archived", "archived_to_decommissioned")
_ROLLBACK, _ARCHIVED, _DECOMMISSIONED = ("rollback",), _WITHDRAWN[:1], _WITHDRAWN[1:]
_EVERYWHERE = ("development_to_staging", *_INTO_PRODUCTION, *_WITHDRAWN)


@dataclass(frozen=True)
class Step:
    """One thing that follows a move, after those it may follow."""

    id: str
    words: str
    after: tuple[str, ...]
    is_always: bool = False
    """Whether Signet does it after these moves, whatever the policy lists."""
    setting: str = ""
    """The setting that says after how many months it falls due."""


STEPS = {
    step.id: step
    for step in (
        Step(
            "start_authorization_clock",
            "The authorization begins, and ends after the days the policy sets",
            _INTO_PRODUCTION,
            is_always=True,
        ),
        Step("stop_authorization_clock", "The authorization ends", _ARCHIVED, is_always=True),
        Step(
            "start_retention_clock",
            "The years for which records are kept begin",
            _DECOMMISSIONED,
            is_always=True,
        ),
        Step(SEAL_RECORDS, "Records managers are asked to seal the records", _DECOMMISSIONED),
        Step(
            REVALIDATION,
            "The next validation stands in the calendar",
            _INTO_PRODUCTION,
            setting="revalidation_months",
        ),
        Step(
            PERIODIC_REVIEW,
            "The next review stands in the calendar",
            _INTO_PRODUCTION,
            setting="periodic_review_months",
        ),
        Step(ROOT_CAUSE, "Validators and risk officers are asked for the root cause", _ROLLBACK),
        Step(INCIDENT, "Owner and operators are asked to open an incident", _ROLLBACK),
        Step(TELL_SUBSCRIBERS, "Everybody with a role on the model itself is told", _EVERYWHERE),
        Step(TELL_CONSUMERS, "Owners of what is built on the version are told", _EVERYWHERE),
    )
}
"""Every step, by its word in a policy."""


def after(transition_id: str, listed: Iterable[str]) -> tuple[Step, ...]:
    """Return what follows a move: what always does, and what the policy lists."""
    named = frozenset(listed)
    steps = STEPS.values()
    return tuple(
        step
        for step in steps
        if transition_id in step.after and (step.is_always or step.id in named)
    )
