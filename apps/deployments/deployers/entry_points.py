"""Deployers that other installed packages add, by entry points of the group ``signet.deployers``.

One that cannot be had never stops Signet: what is wrong with it is kept in words instead.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from apps.deployments.deployers.contract import Deployer

GROUP = "signet.deployers"
NAME = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
MOST_NAME = 60
MOST_TITLE = 200
_METHODS = ("problems", "carry_out", "look")


class NotADeployer(Exception):
    """What an entry point leads to is no deployer that can be taken."""


@dataclass(frozen=True, slots=True)
class Added:
    """A deployer another package adds."""

    deployer: Deployer
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
            deployer = _deployer(point, names)
        except NotADeployer as why:
            refused.append(Refused(point.name, _package(point), str(why)))
        else:
            names.add(deployer.name)
            added.append(Added(deployer, _package(point)))
    return tuple(added), tuple(refused)


def _deployer(point: EntryPoint, taken: Collection[str]) -> Deployer:
    """Return the deployer behind an entry point."""
    try:
        loaded: Any = point.load()
        problem = _problem(loaded, taken)
    except (Exception, SystemExit) as error:
        why = f"Loading {point.value} ended with {type(error).__name__}: {error}"
        raise NotADeployer(why[:500]) from error
    if problem:
        raise NotADeployer(problem)
    deployer: Deployer = loaded
    return deployer


def _problem(deployer: Any, taken: Collection[str]) -> str:
    missing = [name for name in _METHODS if not callable(getattr(deployer, name, None))]
    if isinstance(deployer, type) or missing:
        return f"It leads to a {type(deployer).__name__}, where an object that deploys is wanted."
    name, title = getattr(deployer, "name", None), getattr(deployer, "title", None)
    if not isinstance(name, str) or not NAME.fullmatch(name) or len(name) > MOST_NAME:
        return (
            "A name is of small letters, digits and single hyphens or underscores, begins with a "
            f"letter and holds at most {MOST_NAME} characters."
        )
    if name in taken:
        return f"There is a deployer named {name} already."
    if not isinstance(title, str) or not title or len(title) > MOST_TITLE:
        return f"A title is a text of at most {MOST_TITLE} characters."
    if not isinstance(getattr(deployer, "can_look", None), bool):
        return "Whether it can look is either yes or no."
    return ""


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "unknown"
