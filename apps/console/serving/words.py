"""How states of what runs where are shown: a word, a tone, and an icon that says the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.core.formats import NO_BREAK
from apps.deployments import rolling
from apps.deployments.drift import State
from apps.deployments.models import Deployment, Environment, Placement, Rollout
from apps.deployments.rolling import ALL, Asked


@dataclass(frozen=True)
class Mark:
    """A state in a word, with its tone and the icon that stands beside it."""

    label: str
    tone: str
    icon: str


DRIFT: Mapping[State, tuple[str, str]] = {
    State.UNKNOWN: ("bad", "circle-question-mark"),
    State.UNAPPROVED: ("bad", "shield-x"),
    State.EXPIRED: ("bad", "calendar-x"),
    State.WRONG_VERSION: ("warn", "git-compare"),
    State.NOT_SEEN: ("warn", "eye-off"),
    State.UNCONFIRMED: ("info", "clock"),
    State.IN_STEP: ("good", "check"),
}
WHAT_TO_DO: Mapping[State, str] = {
    State.UNKNOWN: "Find out who put it there and take it out, or register it as a version.",
    State.UNAPPROVED: "Take it out, roll back to what may run, or see that it is authorized.",
    State.EXPIRED: "Renew its authorization, or roll back to what is authorized.",
    State.WRONG_VERSION: "Ask for the rollout again, or put in place what is seen, if it may run.",
    State.NOT_SEEN: "See whether it is up, and whether whoever looks there still does.",
    State.UNCONFIRMED: "Nothing yet. It is confirmed once somebody who looks there has seen it.",
}
"""What a person does about a state; nothing where all is as it is to be."""

ROLLOUT: Mapping[Rollout.State, tuple[str, str]] = {
    Rollout.State.QUEUED: ("info", "clock"),
    Rollout.State.RUNNING: ("info", "loader-circle"),
    Rollout.State.AWAITED: ("info", "hourglass"),
    Rollout.State.DONE: ("good", "check"),
    Rollout.State.FAILED: ("bad", "x"),
    Rollout.State.SUPERSEDED: ("idle", "circle-dashed"),
}
ENFORCEMENT: Mapping[str, str] = {
    Environment.Enforcement.PREVENT.value: "It is refused.",
    Environment.Enforcement.WARN.value: "It goes through with a reason, and is noted.",
    Environment.Enforcement.ALLOW.value: "It goes through, and a finding is raised.",
}
"""What happens to a version that is not admissible."""


def of_drift(state: State) -> Mark:
    """Return how a drift state is shown."""
    return Mark(str(state.label), *DRIFT[state])


def of_rollout(rollout: Rollout) -> Mark:
    """Return how the state of a rollout is shown."""
    return Mark(rollout.get_state_display(), *ROLLOUT[Rollout.State(rollout.state)])


def under_way(deployment: Deployment) -> str:
    """Say in a few words that a rollout waits; nothing when none does."""
    desired = deployment.desired
    if desired is None or desired.is_final:
        return ""
    return f"{desired.get_kind_display()}: {desired.get_state_display().lower()}"


def of_part(part: Placement | Asked) -> str:
    """Return a version with its part in the traffic: ``v3, canary 10 %``."""
    name, role = f"v{part.version.number}", Placement.Role(part.role)
    if role == Placement.Role.SHADOW:
        return f"{name}, shadow"
    if role == Placement.Role.CHAMPION and part.share == ALL:
        return name
    return f"{name}, {str(role.label).lower()} {part.share}{NO_BREAK}%"


def of_rollout_parts(rollout: Rollout) -> str:
    """Return what a rollout places, in one line."""
    return "; ".join(of_part(part) for part in rolling.parts_of(rollout)) or "nothing"


def stages_in_words(environment: Environment) -> str:
    """Return the stages an environment admits, as one says them."""
    return listed([str(stage.label).lower() for stage in environment.stages])


def listed(words: Sequence[str]) -> str:
    """Join words as one says them: ``staging and production``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
