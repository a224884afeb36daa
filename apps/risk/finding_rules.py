"""Who may answer a finding how, and when: asked by the operations, and said on its page."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from apps.audit.actions import Action
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.risk.models import Finding

State = Finding.State


class Who(StrEnum):
    """Who answers, beside what the permission says."""

    OWNER = "owner"
    ANOTHER = "another"
    A_THIRD = "a third"
    """Neither its owner nor who said that it can be closed."""
    A_BEARER = "a bearer"
    """Neither its owner nor who raised it."""


@dataclass(frozen=True)
class Asked:
    """What one answer asks of a finding and of who gives it."""

    states: tuple[State, ...]
    who: Who
    too_early: str = ""
    """What has to come first, where a state does not fit."""


_LIVE = (State.OPEN, State.PLANNED, State.READY)
_WORKED_ON = (State.OPEN, State.PLANNED)

ASKED: Mapping[str, Asked] = {
    "finding.plan": Asked(_WORKED_ON, Who.OWNER),
    "finding.attach_evidence": Asked((*_LIVE, State.ACCEPTED), Who.OWNER),
    "finding.report_ready": Asked((State.PLANNED,), Who.OWNER, "Say first how it will be settled."),
    "finding.assign": Asked((*_LIVE, State.ACCEPTED), Who.ANOTHER),
    "finding.change_severity": Asked((*_LIVE, State.ACCEPTED), Who.ANOTHER),
    "finding.extend": Asked(_LIVE, Who.ANOTHER),
    "finding.accept_risk": Asked(_LIVE, Who.A_BEARER),
    "finding.close": Asked(
        (State.READY,), Who.A_THIRD, "Its owner has to say first what was done about it."
    ),
    "finding.reopen": Asked((State.READY, State.CLOSED), Who.ANOTHER),
}
"""By the name of the action."""


def is_there(action: Action, finding: Finding) -> bool:
    """Say whether an answer is one that a finding in its state may get."""
    return State(finding.state) in ASKED[action.name].states


def why_not(action: Action, finding: Finding, by: Actor) -> str:
    """Say why somebody may not answer a finding so now; nothing for who may."""
    asked = ASKED[action.name]
    if not by.may(action.permission, finding.model):
        return action.refusal
    return _why_not_who(asked.who, finding, by) or _why_not_now(asked, finding)


def require(action: Action, finding: Finding, by: Actor) -> int:
    """Return who answers, once it is sure that they may.

    Raises:
        NotAllowed: when it is for somebody else to answer so.
        RuleBroken: when the finding is not in a state that takes this.
    """
    asked = ASKED[action.name]
    if words := _why_not_who(asked.who, finding, by):
        raise NotAllowed(words)
    if words := _why_not_now(asked, finding):
        raise RuleBroken(words)
    assert by.user_id is not None
    return by.user_id


def _why_not_who(who: Who, finding: Finding, by: Actor) -> str:
    if not by.is_person:
        return "A person answers for findings, in a browser."
    if who is Who.OWNER:
        is_theirs = by.user_id == finding.owner_id
        return "" if is_theirs else f"Only its owner does this: {finding.owner}."
    if by.user_id == finding.owner_id:
        return "You own this finding, so somebody else does this."
    if who is Who.A_THIRD and by.user_id == finding.remedied_by_id:
        return "You said that it can be closed, so somebody else looks at it."
    if who is Who.A_BEARER and finding.raised_by and by.id == finding.raised_by.answerable_id:
        return "You raised this finding, so somebody else bears its risk."
    return ""


def _why_not_now(asked: Asked, finding: Finding) -> str:
    if State(finding.state) in asked.states:
        return ""
    return asked.too_early or f"This finding is {finding.get_state_display().lower()} by now."
