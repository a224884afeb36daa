"""What an import took over, what was here already, and what it left, each with the reason."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_LEFT = 10_000
"""How many things not taken are listed one by one; beyond that they are only counted."""

MOST_WORDS = 500


@dataclass(frozen=True)
class Left:
    """One thing that was not taken."""

    model: str
    version: int | None
    what: str
    why: str

    def __str__(self) -> str:
        where = shown(self.model) + (f" v{self.version}" if self.version else "")
        return f"{where + ': ' if where else ''}{shown(self.what)}: {shown(self.why)}"


@dataclass
class Report:
    """Counts of one import, and what it left."""

    taken: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    left: list[Left] = field(default_factory=list)
    left_beyond: int = 0
    is_whole: bool = False

    def leave(self, model: str, version: int | None, what: str, why: str) -> None:
        """Note something that is not taken, and why."""
        if len(self.left) >= MOST_LEFT:
            self.left_beyond += 1
            return
        self.left.append(Left(model, version, what[:MOST_WORDS], why[:MOST_WORDS]))

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return {
            "whole": self.is_whole,
            "taken": dict(sorted(self.taken.items())),
            "already_here": dict(sorted(self.there.items())),
            "not_taken": [asdict(left) for left in self.left],
            "not_taken_beyond": self.left_beyond,
        }


@dataclass(frozen=True)
class Notes:
    """Where notes about one version of one model go."""

    report: Report
    model: str = ""
    version: int | None = None

    def leave(self, what: str, why: str) -> None:
        """Note something of the version that is not taken, and why."""
        self.report.leave(self.model, self.version, what, why)

    def took(self, what: str, count: int = 1) -> None:
        """Count something that was taken."""
        self.report.taken[what] += count

    def was_there(self, what: str) -> None:
        """Count something that was here already."""
        self.report.there[what] += 1


def shown(text: str) -> str:
    """Return a text from elsewhere as a terminal may show it: no control characters, one line."""
    return text if text.isprintable() else ascii(text)[1:-1]
