"""What a front page is made of, and how much of it is set on paper."""

from dataclasses import dataclass, replace

from apps.core.formats import grouped

MOST_ROWS, MOST_CELLS = 300, 4000
"""How many rows of a table, and how many cells in all, are set on paper."""
LEFT_OUT = (
    "This pack tells more than is printed. What is left out here stands on its page, index.html, "
    "and in its files."
)


@dataclass(frozen=True)
class Cell:
    """A piece of text, the file of the pack it leads to, and whether it is to be read exactly."""

    text: str
    path: str = ""
    is_exact: bool = False


Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Part:
    """A heading with what stands below it: words, facts, a table, a line to type, files."""

    title: str
    level: int = 2
    state: str = ""
    is_good: bool = False
    paragraphs: tuple[str, ...] = ()
    facts: tuple[tuple[str, Cell], ...] = ()
    command: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    nothing: str = ""
    """What is said where the table has no row."""
    files: tuple[str, ...] = ()
    anchor: str = ""
    is_detail: bool = False
    """Whether it is about one model, and may be left out on paper when there are many."""


@dataclass(frozen=True)
class Front:
    """A front page: its title, one sentence, and its parts."""

    title: str
    lead: str
    parts: tuple[Part, ...]


def for_paper(front: Front) -> Front:
    """Keep what fits on paper: the answer and the check whole, long tables and details in part.

    What is left out is said, and stands on the page and in the files.
    """
    parts = [_shortened(part) for part in front.parts]
    for level in (4, 3):
        if sum(map(_cells, parts)) > MOST_CELLS:
            parts = [one for one in parts if not (one.is_detail and one.level >= level)]
    if len(parts) < len(front.parts):
        parts.insert(1, Part("On paper", paragraphs=(LEFT_OUT,)))
    return replace(front, parts=tuple(parts))


def _shortened(part: Part) -> Part:
    rest = len(part.rows) - MOST_ROWS
    if rest <= 0:
        return part
    words = f"{grouped(rest)} more rows stand on the page of the pack, index.html."
    paragraphs = (*part.paragraphs, words)
    return replace(part, rows=part.rows[:MOST_ROWS], paragraphs=paragraphs)


def _cells(part: Part) -> int:
    return len(part.facts) * 2 + len(part.rows) * len(part.columns) + 1
