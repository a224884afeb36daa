"""A check that takes longer than anybody waits."""

import time

from apps.validation.checks.contract import Outcome


def examine(version: object, progress: object = None, parameters: object = None) -> Outcome:
    """Do nothing for ten minutes, without a word."""
    time.sleep(600)
    return Outcome("Too late.")
