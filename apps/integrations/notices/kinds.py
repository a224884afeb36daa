"""The kinds of notices, and how each comes by mail unless a person chose otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import TextChoices


class How(TextChoices):
    """When a notice comes by mail."""

    AT_ONCE = "at_once", "At once"
    DAILY = "daily", "Once a day, together"
    NEVER = "never", "Not by mail"


@dataclass(frozen=True)
class Kind:
    """One kind of notice; the title says when it comes."""

    id: str
    title: str
    usual: How
    icon: str
    tone: str = "idle"


SIGN_OFF = Kind("sign_off", "A request waits for your sign-off", How.AT_ONCE, "pen-line", "info")
VOID = Kind("void", "A sign-off of yours does not count any more", How.AT_ONCE, "ban", "warn")
READY = Kind("ready", "Something can be carried out by you", How.AT_ONCE, "arrow-up", "good")
DECISION = Kind(
    "decision",
    "Something you asked for, or asked for on a model you own, was decided",
    How.AT_ONCE,
    "git-pull-request",
    "info",
)
CONVERSATION = Kind(
    "conversation",
    "Somebody mentions or answers you, or comments on what you asked for",
    How.AT_ONCE,
    "message-square",
    "info",
)
DELEGATION = Kind("delegation", "Somebody lets you sign for them", How.AT_ONCE, "users", "info")
TROUBLE = Kind(
    "trouble",
    "Something is wrong with a model you answer for, it was rolled back, or the way back failed",
    How.AT_ONCE,
    "triangle-alert",
    "bad",
)
ROLLOUT = Kind(
    "rollout",
    "A rollout failed that you asked for, or that concerns a model or an environment you own",
    How.AT_ONCE,
    "rocket",
    "bad",
)
TASK = Kind("task", "A condition of a sign-off is yours to meet", How.AT_ONCE, "list-todo", "info")
FINDING = Kind("finding", "A finding is yours to settle", How.AT_ONCE, "flag", "info")
WAIVER = Kind("waiver", "A waiver waits for your signature", How.AT_ONCE, "file-pen-line", "info")
POLICY = Kind(
    "policy", "A proposed policy waits for your signature", How.AT_ONCE, "scroll-text", "info"
)
EMERGENCY = Kind(
    "emergency", "An emergency waits for your confirmation", How.AT_ONCE, "siren", "bad"
)
FOLLOW_UP = Kind(
    "follow_up",
    "The policy has you told of a move or a waiver, or asks something of you after it",
    How.AT_ONCE,
    "scroll-text",
    "info",
)
REMINDER = Kind("reminder", "Something of yours falls due", How.DAILY, "clock", "info")
ESCALATION = Kind(
    "escalation",
    "Something has waited too long and you can help",
    How.AT_ONCE,
    "clock-alert",
    "bad",
)

KINDS: Mapping[str, Kind] = {
    kind.id: kind
    for kind in (
        SIGN_OFF,
        VOID,
        READY,
        TASK,
        FINDING,
        WAIVER,
        POLICY,
        EMERGENCY,
        DECISION,
        CONVERSATION,
        DELEGATION,
        TROUBLE,
        ROLLOUT,
        FOLLOW_UP,
        REMINDER,
        ESCALATION,
    )
}
"""Every kind there is, in the order people choose from; rows name them, so none is taken away."""
