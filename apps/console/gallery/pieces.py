"""What the gallery shows: pieces of the look, each with its states."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class State:
    """One way a piece can look: the template that draws it, as a page would write it."""

    title: str
    source: str
    context: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Piece:
    """One component: its name in templates and stylesheets, what it is for, and its states."""

    name: str
    purpose: str
    states: tuple[State, ...]

    @property
    def title(self) -> str:
        """Return the name as words."""
        return self.name.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Group:
    """Pieces that belong to one topic."""

    title: str
    pieces: tuple[Piece, ...]
