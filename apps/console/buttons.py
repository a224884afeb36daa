"""A button that leads on, or says what would enable it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Button:
    """What a button says and where it leads; with ``why`` it is disabled, and says why."""

    label: str
    href: str
    why: str = ""

    @property
    def is_disabled(self) -> bool:
        return bool(self.why)
