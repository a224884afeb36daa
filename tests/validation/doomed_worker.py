"""A worker that dies as by ``kill -9`` the first time it comes to a chosen step of a run.

``DOOM_STEP`` names the step, or ``random``; ``DOOM_FOLDER`` remembers who has died for which run;
``DOOM_WHOLE`` takes the whole worker along, not only the process that works.
"""

import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

from apps.validation import leases, runner  # noqa: E402
from apps.validation.conclusions import Conclusion  # noqa: E402
from apps.validation.leases import Heartbeat  # noqa: E402
from registry_site.celery import app  # noqa: E402

__all__ = ["STEPS", "app"]

BEFORE, AFTER = "before", "after"
STEPS: dict[str, tuple[Any, str, str]] = {
    "before the claim": (runner, "claim", BEFORE),
    "inside the claim": (leases, "grant", AFTER),
    "after the claim": (runner, "claim", AFTER),
    "inside the examination": (Heartbeat, "progress", BEFORE),
    "before the conclusion": (runner, "conclude", BEFORE),
    "inside the conclusion": (Conclusion, "write_to", AFTER),
    "after the conclusion": (runner, "conclude", AFTER),
}


def die(run_id: int) -> None:
    """Die, unless somebody has died for this run before."""
    try:
        (Path(os.environ["DOOM_FOLDER"]) / str(run_id)).touch(exist_ok=False)
    except FileExistsError:
        return
    if os.environ.get("DOOM_WHOLE"):
        os.killpg(0, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def run_id_of(arguments: tuple[Any, ...]) -> int:
    """Find the run among the arguments of a step."""
    holder = next(
        each for each in arguments if hasattr(each, "check_name") or hasattr(each, "run_id")
    )
    found: int = getattr(holder, "run_id", None) or holder.pk
    return found


def doomed(step: str, original: Callable[..., Any], moment: str) -> Callable[..., Any]:
    """Wrap one step so that its process dies before or after it."""

    def stepped(*arguments: Any, **named: Any) -> Any:
        is_due = chosen(run_id_of(arguments)) == step
        if is_due and moment == BEFORE:
            die(run_id_of(arguments))
        result = original(*arguments, **named)
        if is_due and moment == AFTER:
            die(run_id_of(arguments))
        return result

    return stepped


def chosen(run_id: int) -> str:
    """Return the step a run's worker dies at."""
    step = os.environ["DOOM_STEP"]
    return random.Random(run_id).choice(list(STEPS)) if step == "random" else step


for name, (holder, attribute, moment) in STEPS.items():
    setattr(holder, attribute, doomed(name, getattr(holder, attribute), moment))
