"""The process that sets a document: takes the JSON on its input, behind walls, and gives a PDF."""

import sys
from pathlib import Path

import typst

from apps.validation.confined.walls import NO_FILES, NO_NETWORK, close, end_with_parent

SOURCE = Path(__file__).with_name("document.typ")
MOST_MEMORY = 1024
"""MiB a document may take while it is set."""


def main(seconds: int) -> None:
    """Set what stands on the input; where the system has walls, never without them."""
    end_with_parent()
    source = SOURCE.read_bytes()
    walls = close(MOST_MEMORY, seconds)
    if sys.platform == "linux" and not {NO_NETWORK, NO_FILES} <= set(walls):
        sys.exit("The walls do not hold.")
    sys.stdout.buffer.write(typeset(source, sys.stdin.read()))


def typeset(source: bytes, told: str) -> bytes:
    """Return the PDF a Typst source makes of some JSON."""
    made = typst.compile(
        source,
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"told": told},
        timestamp=0,
    )
    assert isinstance(made, bytes)
    return made


if __name__ == "__main__":
    main(int(sys.argv[1]))
