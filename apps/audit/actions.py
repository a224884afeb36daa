"""What can be done to governed rows, declared as data beside the operation that does it."""

from dataclasses import dataclass
from enum import Enum, auto


class Sealing(Enum):
    """What an action has to do with the sealing of its event."""

    LATER = auto()
    """It is answered at once, and sealed in its time."""
    AWAITED = auto()
    """It is answered once it is sealed, and goes on while nothing can be: it takes away what could
    do harm, or is needed to put things right."""
    FIRST = auto()
    """It is answered once it is sealed, and refused while nothing can be."""


@dataclass(frozen=True)
class Action:
    """A verb of one operation: its name in the record (``subject.verb``) and what it needs."""

    name: str
    permission: str
    needs_reason: bool = False
    refusal: str = "You do not have the right to do this here."
    rules_everywhere: bool = False
    """It changes what holds for every model: it waits for changes under way, and they for it."""
    sealing: Sealing = Sealing.LATER
