"""How a version stands at a moment, as the status of the commit it was made of."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from apps.approvals import cases
from apps.approvals.models import TO_PRODUCTION, TO_STAGING, PromotionRequest
from apps.catalog.models import ModelVersion
from apps.integrations.notices.due import in_one_line
from apps.validation.queries import CheckCounts, counts_by_version

MOST_DESCRIPTION = 140
_NO_ASK = (PromotionRequest.State.WITHDRAWN, PromotionRequest.State.LAPSED)


class State(StrEnum):
    """The three states every host of code knows."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True)
class CommitStatus:
    """What a commit is told: a state and a line."""

    state: State
    description: str

    def __str__(self) -> str:
        return f"{self.state}: {self.description}"


@dataclass(frozen=True)
class _Part:
    """What one half of a status says."""

    state: State
    words: str


def status_of(version: ModelVersion, *, at: datetime) -> CommitStatus:
    """Return how the checks of a version stand and, once it is asked for, its gate.

    Where somebody asked for a promotion, the policy says which checks matter: an open gate is a
    success whatever they say, and a closed one waits unless one of them failed.
    """
    counts = counts_by_version([version]).get(version.pk, CheckCounts())
    checks, gate = _checks(counts), _gate(version, at)
    words = "; ".join(part.words for part in (checks, gate) if part)
    description = in_one_line(f"Version {version.number}: {words}.", MOST_DESCRIPTION)
    return CommitStatus(_together(checks.state, gate), description)


def _together(checks: State, gate: _Part | None) -> State:
    if gate is None:
        return checks
    return State.FAILURE if gate.state is State.PENDING and checks is State.FAILURE else gate.state


def _checks(counts: CheckCounts) -> _Part:
    if not counts.total:
        return _Part(State.PENDING, "no check has run yet")
    also = (
        (counts.failed, "failed"),
        (counts.errored, "could not finish"),
        (counts.waiting, "under way"),
    )
    named = [f"{counts.passed} of {counts.total} checks passed"]
    named += [f"{number} {word}" for number, word in also if number]
    if counts.failed or counts.errored:
        state = State.FAILURE
    else:
        state = State.PENDING if counts.waiting else State.SUCCESS
    return _Part(state, ", ".join(named))


def _gate(version: ModelVersion, at: datetime) -> _Part | None:
    """Return how the newest request to promote a version stands; what was taken back is none."""
    asked = version.requests.filter(transition__in=(TO_STAGING, TO_PRODUCTION))
    request = asked.exclude(state__in=_NO_ASK).order_by("-pk").first()
    if request is None:
        return None
    target = request.get_target_display().lower()
    if request.state == PromotionRequest.State.PROMOTED:
        return _Part(State.SUCCESS, f"promoted to {target}")
    if request.state == PromotionRequest.State.DECLINED:
        return _Part(State.FAILURE, f"promotion to {target} declined")
    return _open_request(request, target, at)


def _open_request(request: PromotionRequest, target: str, at: datetime) -> _Part:
    [case] = cases.complete([request], at=at)
    closed = len(case.readiness.closed)
    if not closed:
        return _Part(State.SUCCESS, f"gate to {target} open")
    things = "1 thing" if closed == 1 else f"{closed} things"
    return _Part(State.PENDING, f"gate to {target} waits for {things}")
