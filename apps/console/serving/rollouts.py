"""How a rollout is told: who asked for it and why, what it places, and how it went."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from apps.approvals.serving.operations.rollouts import BY_HAND
from apps.console.serving import words
from apps.console.serving.words import Mark
from apps.core.formats import duration
from apps.deployments import deployers
from apps.deployments.models import Rollout


@dataclass(frozen=True)
class Told:
    """A rollout as its page tells it."""

    rollout: Rollout
    mark: Mark
    title: str
    who: str
    parts: Sequence[str]
    details: Sequence[str]
    said: Sequence[tuple[str, str]]
    """What was said of each version when it was asked for: a tone and a sentence."""
    record_url: str
    """Where its end is recorded by hand; nothing where it is not, or not by the reader."""


def told_of(rollout: Rollout, *, may_record: bool) -> Told:
    """Tell a rollout whose placements were read with it."""
    is_by_hand = rollout.deployer == BY_HAND and rollout.state == Rollout.State.AWAITED
    address = [rollout.deployment_id, rollout.number]
    return Told(
        rollout,
        words.of_rollout(rollout),
        f"Rollout {rollout.number}: {rollout.get_kind_display().lower()}",
        str(rollout.asked_by or "Signet"),
        [words.of_part(one) for one in rollout.placements.all()] or ["Nothing"],
        _details(rollout),
        [_said(note) for note in rollout.admission],
        reverse("deployments:record_by_hand", args=address) if is_by_hand and may_record else "",
    )


def carried_out_by(rollout: Rollout) -> str:
    """Return who brings a rollout about, as people call it."""
    known = deployers.named_or_none(rollout.deployer)
    return known.title if known else rollout.deployer


def _details(rollout: Rollout) -> list[str]:
    told = [f"{carried_out_by(rollout)}: {rollout.told}"] if rollout.told else []
    if rollout.restores is not None:
        told.append(f"Brings back rollout {rollout.restores.number}.")
    if rollout.attempt > 1:
        told.append(f"Attempt {rollout.attempt}.")
    if rollout.finished_at is not None:
        told.append(f"Took {duration(rollout.finished_at - rollout.asked_at)}.")
    return told


def _said(note: dict[str, Any]) -> tuple[str, str]:
    """Say whether a version was admissible when it was asked for, and why not."""
    name = f"Version {note['version']}" if note["version"] else "What nobody registered"
    if note["admissible"]:
        return "good", f"{name} was admissible."
    return "warn", f"{name} was not admissible: {' '.join(one['text'] for one in note['reasons'])}"
