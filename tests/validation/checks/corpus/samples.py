"""What a sample is, and every one of them under its name."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.validation.checks.corpus import good, hostile


@dataclass(frozen=True)
class Sample:
    """A version's files, and whether it is hostile or, at least, cannot be told."""

    group: str
    name: str
    files: Mapping[str, bytes]
    is_hostile: bool

    def __str__(self) -> str:
        return f"{self.group}: {self.name}"


def _of(groups: Mapping[str, Mapping[str, Mapping[str, bytes]]], *, hostile: bool) -> list[Sample]:
    return [
        Sample(group, name, files, hostile)
        for group, samples in groups.items()
        for name, files in samples.items()
    ]


HOSTILE = _of(hostile.GROUPS, hostile=True)
GOOD = _of(good.GROUPS, hostile=False)
SAMPLES = [*HOSTILE, *GOOD]
