"""Running a model on the same tensors again and again: how long it takes, and whether it varies."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from apps.validation.checks.contract import Json, Progress
from apps.validation.checks.inference.arrays import Array

MOST_SECONDS = 240
"""After this no further repetition is begun; how many there were is said."""
LEAST = 2
PERCENTILES = (50, 90, 99)

Answers = Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Repeats:
    """What a number of runs on the same tensors brought."""

    first: Answers
    microseconds: Sequence[int]
    """How long each run took, the first among them, which also warms the model up."""
    differing: Sequence[int]
    """Which runs answered otherwise than the first, counted from one."""
    where: Sequence[str]
    """The outputs that differed."""

    @property
    def is_deterministic(self) -> bool:
        """Say whether every run answered the same to the last bit."""
        return not self.differing

    @property
    def sha256(self) -> str:
        """The digest of the first answers; two runs with the same digest answered the same."""
        digest = hashlib.sha256()
        for name in sorted(self.first):
            digest.update(f"{name}\0".encode())
            digest.update(_bits(self.first[name]))
        return digest.hexdigest()

    def latency(self) -> dict[str, Json]:
        """Return percentiles over all runs but the first, by nearest rank."""
        later = sorted(self.microseconds[1:])
        found: dict[str, Json] = {
            f"p{percent}": later[-(-percent * len(later) // 100) - 1] for percent in PERCENTILES
        }
        return {**found, "first": self.microseconds[0]}


def repeat(run: Callable[[], Answers], times: int, progress: Progress, place: str) -> Repeats:
    """Run so often, or as often as there is time for, but at least twice."""
    began = time.monotonic()
    first: Answers | None = None
    took: list[int] = []
    differing: list[int] = []
    where: dict[str, None] = {}
    while len(took) < times:
        if len(took) >= LEAST and time.monotonic() - began > MOST_SECONDS:
            break
        progress(f"{place}, run {len(took) + 1} of {times}")
        start = time.perf_counter_ns()
        answers = run()
        took.append((time.perf_counter_ns() - start) // 1000)
        if first is None:
            first = answers
        elif others := _differing(first, answers):
            differing.append(len(took))
            where.update(dict.fromkeys(others))
    return Repeats(first or {}, took, differing, list(where))


def _differing(one: Answers, other: Answers) -> list[str]:
    """Return the outputs that are not the same in both."""
    names = dict.fromkeys([*one, *other])
    return [name for name in names if _bits(one.get(name)) != _bits(other.get(name))]


def _bits(array: Array | None) -> bytes:
    """Return what an array is, bit by bit; nothing for one that is not there."""
    if array is None:
        return b""
    kind = f"{array.dtype.str}{array.shape}".encode()
    if array.dtype == np.object_:
        return kind + repr(array.tolist()).encode("utf-8", "surrogatepass")
    return kind + array.tobytes()
