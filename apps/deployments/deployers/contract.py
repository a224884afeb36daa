"""What a deployer gets, and what it answers: plain values, so that one can live anywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol

Target = Mapping[str, object]
"""Where a deployer finds the place: the settings of an environment."""


@dataclass(frozen=True)
class Part:
    """One version to serve: ``share`` in percent of the requests, ``role`` as the placement's."""

    model: str
    number: int
    digest: str
    role: str
    share: int


@dataclass(frozen=True)
class Order:
    """What is to run as one service from now on; no parts at all when it is withdrawn.

    ``number`` is the fence: a deployer leaves alone what is older than what it did last, and does
    nothing when it did this number already. ``key`` names the order for good.
    """

    key: str
    number: int
    environment: str
    service: str
    parts: Sequence[Part]


class Ending(StrEnum):
    """How an order ended."""

    DONE = "done"
    """It runs as ordered."""
    ACCEPTED = "accepted"
    """The place took the order and brings it about; what is seen there confirms it."""
    FAILED = "failed"
    """It went wrong in a way that trying again may mend."""
    REFUSED = "refused"
    """It went wrong in a way that trying again does not mend."""


@dataclass(frozen=True)
class Outcome:
    """How an order ended, and what a person is to know of it."""

    ending: Ending
    told: str


@dataclass(frozen=True)
class Seen:
    """One content a deployer sees at an endpoint; ``called`` is what it says it is."""

    endpoint: str
    digest: str = ""
    called: str = ""
    share: int | None = None
    requests: int | None = None


class CannotLook(Exception):
    """The place could not be asked what runs there; the message says why."""


class Deployer(Protocol):
    """Brings orders about in one kind of place."""

    name: ClassVar[str]
    title: ClassVar[str]
    can_look: ClassVar[bool]
    """Whether ``look`` tells what runs; without it somebody else has to report."""

    def problems(self, target: Target) -> Sequence[str]:
        """Return what is wrong with the settings of an environment, in sentences; else nothing."""
        ...

    def carry_out(self, order: Order, target: Target) -> Outcome:
        """Bring an order about. It may be given the same one again, after a failure or a loss."""
        ...

    def look(self, environment: str, target: Target) -> Sequence[Seen]:
        """Return everything that serves there.

        Raises:
            CannotLook: when the place does not answer.
        """
        ...
