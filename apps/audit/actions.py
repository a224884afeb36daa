"""What can be done to governed rows, declared as data beside the operation that does it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Action:
    """A verb of one operation: its name in the record (``subject.verb``) and what it needs."""

    name: str
    permission: str
    needs_reason: bool = False
    refusal: str = "You do not have the right to do this here."
    rules_everywhere: bool = False
    """It changes what holds for every model: it waits for changes under way, and they for it."""
