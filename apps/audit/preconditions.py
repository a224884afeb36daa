"""What has to be true still when a change begins: asked once its root is locked and read afresh."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from apps.core.errors import RuleBroken

Check = Callable[[], None]

_ASKED: ContextVar[Check | None] = ContextVar("precondition", default=None)


class Stale(RuleBroken):
    """The thing is no longer as whoever asks for the change last saw it."""

    code = "stale"


@contextmanager
def only_if(check: Check) -> Iterator[None]:
    """Let the next outermost change in this block begin only if a check does not raise."""
    token = _ASKED.set(check)
    try:
        yield
    finally:
        _ASKED.reset(token)


def require() -> None:
    """Ask what was set for this change, once: what follows it is another change."""
    check = _ASKED.get()
    if check is not None:
        _ASKED.set(None)
        check()
