"""A check that takes longer to import than a worker waits for one answer."""

import time
from typing import Any

from apps.validation.checks.contract import Outcome
from apps.validation.confined.parent import BETWEEN_LOOKS

time.sleep(BETWEEN_LOOKS * 1.5)


def measure(version: Any, progress: Any, parameters: Any) -> Outcome:
    return Outcome(str(len(version.input_example)))
