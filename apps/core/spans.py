"""Where the way of a request is told to a tracer. Without one, which is the rule, nothing is.

Whoever calls this knows no tracer, and nothing of one is imported until the operator asks for it.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol
from uuid import UUID


class Outward(Protocol):
    """One request on its way to another server."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers that let the other server go on with the trace."""
        ...

    def answered(self, status: int) -> None:
        """Note the status of the answer."""
        ...


class Tracer(Protocol):
    """What keeps track of where the time of a request goes."""

    def outward(self, method: str, host: str, port: int) -> AbstractContextManager[Outward]:
        """Keep track of a request to another server until the block ends."""
        ...

    def event(self, uid: UUID) -> None:
        """Note an event of the record that is written meanwhile."""
        ...


class _Nothing:
    """What is told to no tracer."""

    headers: Mapping[str, str] = {}

    def answered(self, status: int) -> None:
        """Keep nothing."""

    def outward(self, method: str, host: str, port: int) -> AbstractContextManager[Outward]:
        return _IN_SILENCE

    def event(self, uid: UUID) -> None:
        """Keep nothing."""


_NOTHING = _Nothing()
_IN_SILENCE: AbstractContextManager[Outward] = nullcontext(_NOTHING)


class _Told:
    """The tracer in use."""

    tracer: Tracer = _NOTHING


def use(tracer: Tracer | None) -> None:
    """Tell a tracer from now on; with none, nobody."""
    _Told.tracer = tracer or _NOTHING


def outward(method: str, host: str, port: int) -> AbstractContextManager[Outward]:
    """Let a tracer see a request to another server, and say which headers it adds."""
    return _Told.tracer.outward(method, host, port)


def event(uid: UUID) -> None:
    """Let a tracer know an event that was written."""
    _Told.tracer.event(uid)
