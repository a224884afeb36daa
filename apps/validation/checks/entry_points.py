"""Checks that other installed packages add, by entry points of the group ``signet.checks``.

One that cannot be had never stops Signet: what is wrong with it is kept in words instead.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import msgspec

from apps.validation.checks.contract import Check, Parameters, Source, Weight

GROUP = "signet.checks"
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MOST_NAME = 60
_PLACE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


class NotACheck(Exception):
    """What an entry point leads to is no check that can be taken."""


@dataclass(frozen=True, slots=True)
class Added:
    """A check another package adds."""

    check: Check
    package: str


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry point that adds nothing, and why."""

    name: str
    package: str
    why: str


def load(
    taken: Collection[str], found: Iterable[EntryPoint] | None = None
) -> tuple[tuple[Added, ...], tuple[Refused, ...]]:
    """Load what other packages add beside the names taken already, in a stable order."""
    points = entry_points(group=GROUP) if found is None else found
    added: list[Added] = []
    refused: list[Refused] = []
    names = set(taken)
    for point in sorted(points, key=lambda point: (_package(point), point.name, point.value)):
        try:
            check = _check(point, names)
        except NotACheck as why:
            refused.append(Refused(point.name, _package(point), str(why)))
        else:
            names.add(check.name)
            added.append(Added(check, _package(point)))
    return tuple(added), tuple(refused)


def _check(point: EntryPoint, taken: Collection[str]) -> Check:
    """Return the check behind an entry point; it is always confined."""
    try:
        check: Any = point.load()
        problem = _problem(check, taken)
    except (Exception, SystemExit) as error:
        why = f"Loading {point.value} ended with {type(error).__name__}: {error}"
        raise NotACheck(why[:500]) from error
    if problem:
        raise NotACheck(problem)
    confined: Check = replace(check, is_confined=True)
    return confined


def _problem(check: Any, taken: Collection[str]) -> str:
    if not isinstance(check, Check):
        return f"It leads to a {type(check).__name__}, where a Check is wanted."
    return _problem_with_name(check.name, taken) or _problem_with_parts(check)


def _problem_with_name(name: Any, taken: Collection[str]) -> str:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        return "A name is of small letters, digits and single hyphens, and begins with a letter."
    if len(name) > MOST_NAME:
        return f"A name holds at most {MOST_NAME} characters."
    if name in taken:
        return f"There is a check named {name} already."
    return ""


def _problem_with_parts(check: Any) -> str:
    if not all(isinstance(t, str) and t for t in (check.title, check.sentence, check.version)):
        return "Title, sentence and version are texts, and none is empty."
    if not _PLACE.fullmatch(check.function):
        return "The confined process cannot find the function: name it as module:name."
    if not isinstance(check.weight, Weight) or not all(
        isinstance(s, Source) for s in check.sources
    ):
        return "Weight and sources are of those in apps.validation.checks.contract."
    if not (0 < check.seconds <= 3600 and 0 < check.memory <= 8192):
        return "A check may take up to 3,600 seconds and 8,192 MiB of memory."
    return _problem_with_parameters(check.parameters)


def _problem_with_parameters(kind: Any) -> str:
    if not (isinstance(kind, type) and issubclass(kind, Parameters)):
        return "Its parameters are no subclass of Parameters."
    msgspec.json.schema(kind)
    kind()
    return ""


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "unknown"
