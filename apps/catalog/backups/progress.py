"""How far a long step is, told while it goes on."""

from collections.abc import Callable

Tell = Callable[[str, int, int], None]
"""Takes what is being done, how many bytes of it are done, and how many there are."""


def silent(_doing: str, _done: int, _total: int) -> None:
    """Tell nobody."""
