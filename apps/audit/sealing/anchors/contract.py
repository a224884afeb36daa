"""What every place that keeps checkpoints can do, and how it says that it cannot."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from apps.audit.log.notes import Checkpoint

LOCAL = "local"
"""The name of the folder beside the data: whoever can change the data can change it too."""
MOST_NOTE = 16 * 1024
"""How many bytes are read of what should be a note."""


class AnchorAway(Exception):
    """A place cannot be reached or written to now."""


class GoesOnFromElsewhere(Exception):
    """A place holds the log at another size than it was shown, and takes it on from there alone."""

    def __init__(self, size: int) -> None:
        super().__init__(f"It holds the log at {size}.")
        self.size = size


@dataclass(frozen=True)
class Growth:
    """What shows that a checkpoint goes on from an older one: its size, and the proof."""

    old: int = 0
    proof: Sequence[bytes] = ()


FROM_NOTHING = Growth()


class Anchor(ABC):
    """A place that keeps checkpoints."""

    reads_back: ClassVar[bool] = True
    """Whether a sealer that starts learns from it how large the log was."""
    is_shown_growth: ClassVar[bool] = False
    """Whether it looks at ``growth`` at all."""

    def __init__(self, name: str, *, is_required: bool) -> None:
        self.name = name
        self.is_required = is_required

    @property
    def is_outside(self) -> bool:
        """Whether whoever can change the data may not be able to change it."""
        return self.name != LOCAL

    @abstractmethod
    def keep(self, checkpoint: Checkpoint, note: str, growth: Growth = FROM_NOTHING) -> str:
        """Take a checkpoint into keeping; return what tells where it is, or a cosignature.

        It runs in a thread of its own, and so reads no row.

        Raises:
            AnchorAway: when that cannot be done now.
            GoesOnFromElsewhere: when ``growth`` begins at another size than it holds.
            LogBroken: when it holds another checkpoint of that log and size.
        """

    def kept(self, origin: str) -> Iterator[str]:
        """Yield the notes of a log that are kept there, the largest first.

        Raises:
            AnchorAway: when it cannot be read now.
        """
        return iter(())

    def size_known(self, checkpoint: Checkpoint, note: str) -> int | None:
        """Return how large it knows the log to be, asked by a checkpoint; None when it never tells.

        Raises:
            AnchorAway: when it cannot be asked now.
            LogBroken: when it holds another checkpoint of that log and size.
        """
        return None
