"""The worker's side of the runner: another process, of another account, that runs models' code."""

import socket
from dataclasses import replace

from apps.core.errors import DomainError
from apps.validation.checks.contract import (
    Check,
    ExaminedVersion,
    Outcome,
    Parameters,
    Progress,
)
from apps.validation.confined.parent import converse
from apps.validation.confined.wire import Broken, Gone

SECONDS_TO_REACH = 5
ENDED = "the runner, or the model in it, ended the examination"


class RunnerAway(DomainError):
    """The runner cannot be reached, so nothing can be said about the model."""

    code = "runner_away"


def carry_out_apart(
    address: str,
    check: Check,
    version: ExaminedVersion,
    progress: Progress,
    parameters: Parameters,
) -> Outcome:
    """Examine a version in the runner that listens at an address, a socket in the file system.

    Raises:
        RunnerAway: when nobody listens there.
        CheckCrashed: when the check itself is at fault.
    """
    progress("waiting for the runner")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(SECONDS_TO_REACH)
        try:
            line.connect(address)
        except OSError as away:
            raise RunnerAway(
                "The runner for models that can run code does not answer. The operator starts it."
            ) from away
        here = replace(check, examine=check.in_runner)
        return converse(line, here, version, progress, parameters, ending=_ending)


def _ending(broken: Broken) -> str:
    return ENDED if isinstance(broken, Gone) else str(broken)
