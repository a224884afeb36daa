"""How each transition is said on pages, and what carries it out."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from apps.approvals import operations
from apps.approvals.models import (
    RENEWAL,
    ROLLBACK,
    TARGETS,
    TO_ARCHIVED,
    TO_DECOMMISSIONED,
    TO_PRODUCTION,
    TO_STAGING,
    PromotionRequest,
    transition_between,
)
from apps.audit.actions import Action
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor

TO = "to"
"""The part of an address that says which stage is asked for."""


def _go_back(request: PromotionRequest, *, by: Actor, reason: str) -> ModelVersion:
    return operations.roll_back(request.root, by=by, reason=reason, to=request.version)


@dataclass(frozen=True)
class Words:
    """One transition in words; each takes the version."""

    title: str
    asking: str
    """The title of the page that asks for it."""
    ask: str
    """The button that asks for it."""
    asked: str
    """What the record says was done when it was asked for."""
    about: str
    """What is signed off, withdrawn, answered."""
    question: str
    to: str
    """Where it leads, in a list."""
    button: str
    icon: str
    done: str
    outcome: str
    """What became of a request that was carried out."""
    action: Action
    carry_out: Callable[..., ModelVersion]
    asks: Action = operations.REQUEST_PROMOTION


WORDS = {
    TO_STAGING: Words(
        title="Promote {} to staging",
        asking="Request promotion of {} to staging",
        ask="Request promotion",
        asked="Requested the promotion of {} to staging",
        about="{} to staging",
        question="Ready for staging?",
        to="Staging",
        button="Promote",
        icon="arrow-up",
        done="{} is now in staging.",
        outcome="Promoted",
        action=operations.PROMOTE,
        carry_out=operations.promote,
    ),
    TO_PRODUCTION: Words(
        title="Promote {} to production",
        asking="Request promotion of {} to production",
        ask="Request promotion",
        asked="Requested the promotion of {} to production",
        about="{} to production",
        question="Ready for production?",
        to="Production",
        button="Promote",
        icon="arrow-up",
        done="{} is now in production.",
        outcome="Promoted",
        action=operations.PROMOTE,
        carry_out=operations.promote,
    ),
    RENEWAL: Words(
        title="Renew {} in production",
        asking="Ask to renew {} in production",
        ask="Ask for renewal",
        asked="Asked to renew {} in production",
        about="the renewal of {}",
        question="Ready for renewal?",
        to="Production, renewed",
        button="Renew",
        icon="refresh-cw",
        done="The authorization of {} is renewed.",
        outcome="Renewed",
        action=operations.RENEW,
        carry_out=operations.renew,
    ),
    TO_ARCHIVED: Words(
        title="Archive {}",
        asking="Ask to archive {}",
        ask="Ask to archive",
        asked="Asked to archive {}",
        about="the archiving of {}",
        question="Ready to be archived?",
        to="Archived",
        button="Archive",
        icon="archive",
        done="{} is archived.",
        outcome="Archived",
        action=operations.ARCHIVE,
        carry_out=operations.archive,
    ),
    TO_DECOMMISSIONED: Words(
        title="Decommission {}",
        asking="Ask to decommission {}",
        ask="Ask to decommission",
        asked="Asked to decommission {}",
        about="the decommissioning of {}",
        question="Ready to be decommissioned?",
        to="Decommissioned",
        button="Decommission",
        icon="archive-x",
        done="{} is decommissioned.",
        outcome="Decommissioned",
        action=operations.DECOMMISSION,
        carry_out=operations.decommission,
    ),
    ROLLBACK: Words(
        title="Go back to {}",
        asking="Ask to go back to {}",
        ask="Ask to go back to it",
        asked="Asked to go back to {}",
        about="the way back to {}",
        question="Ready to return?",
        to="Production, rolled back",
        button="Roll back",
        icon="undo-2",
        done="{} is in production again.",
        outcome="Rolled back",
        action=operations.ROLL_BACK,
        carry_out=_go_back,
        asks=operations.REQUEST_ROLLBACK,
    ),
}

NEXT = {
    Stage.DEVELOPMENT: TO_STAGING,
    Stage.STAGING: TO_PRODUCTION,
    Stage.PRODUCTION: RENEWAL,
    Stage.ARCHIVED: TO_DECOMMISSIONED,
}
"""What is asked for next, by the stage a version is in."""


def of(request: PromotionRequest) -> Words:
    """Return the words of what a request asks for."""
    return WORDS[request.transition]


def title_of(request: PromotionRequest) -> str:
    """Return what a request asks for, as a title."""
    return of(request).title.format(request.version)


def state_of(request: PromotionRequest) -> str:
    """Return where a request stands; carried out, in the words of its transition."""
    if request.state == PromotionRequest.State.PROMOTED:
        return of(request).outcome
    return request.get_state_display()


def asked_by_address(version: ModelVersion, target: str) -> str | None:
    """Return the transition an address asks for, or the next one when it cannot be."""
    found = transition_between(version.stage, target) if target else None
    return found or NEXT.get(Stage(version.stage))


@dataclass(frozen=True)
class Move:
    """Something else that can be asked for, or done, with a version."""

    label: str
    href: str
    icon: str


def other_moves(version: ModelVersion, held: frozenset[str], *, is_asked: bool) -> list[Move]:
    """Return what a person with these permissions can do beside the next transition.

    While something is asked for already, nothing else can be asked for.
    """
    stage, there = Stage(version.stage), [version.model.name, version.number]
    moves = []
    if stage == Stage.STAGING and operations.SEND_BACK.permission in held:
        sent_back = reverse("approvals:send_back", args=there)
        moves.append(Move("Send back to development", sent_back, "undo-2"))
    if stage in {Stage.DEVELOPMENT, Stage.STAGING} and operations.SET_ASIDE.permission in held:
        moves.append(Move("Set aside", reverse("approvals:set_aside", args=there), "archive"))
    return moves if is_asked else [*moves, *_other_asks(version, held)]


def _other_asks(version: ModelVersion, held: frozenset[str]) -> list[Move]:
    stage = Stage(version.stage)
    if stage == Stage.PRODUCTION and operations.REQUEST_PROMOTION.permission in held:
        return [_ask(version, TO_ARCHIVED)]
    may_go_back = operations.REQUEST_ROLLBACK.permission in held
    if stage == Stage.ARCHIVED and version.authorized_at is not None and may_go_back:
        return [_ask(version, ROLLBACK)]
    return []


def asking_url(version: ModelVersion, transition: str) -> str:
    """Return where a transition of a version is asked for."""
    there = reverse("approvals:request", args=[version.model.name, version.number])
    if transition == NEXT.get(Stage(version.stage)):
        return there
    return f"{there}?{urlencode({TO: TARGETS[transition].value})}"


def _ask(version: ModelVersion, transition: str) -> Move:
    words = WORDS[transition]
    return Move(words.ask, asking_url(version, transition), words.icon)
