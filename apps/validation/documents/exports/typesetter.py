"""The process that sets a page: takes the JSON on its input, behind walls, and gives a PDF."""

import sys
from pathlib import Path
from typing import Literal

import typst

from apps.validation.confined.walls import NO_FILES, NO_NETWORK, close, end_with_parent

Standard = Literal["", "a-2b"]
"""What a PDF is held to: nothing, or PDF/A-2b."""
SOURCE = Path(__file__).with_name("document.typ")
MOST_MEMORY = 1024
"""MiB a page may take while it is set."""


def main(seconds: int, page: Path | None = None, standard: Standard = "") -> None:
    """Set what stands on the input; where the system has walls, never without them."""
    end_with_parent()
    source = (page or SOURCE).read_bytes()
    walls = close(MOST_MEMORY, seconds)
    if sys.platform == "linux" and not {NO_NETWORK, NO_FILES} <= set(walls):
        sys.exit("The walls do not hold.")
    sys.stdout.buffer.write(typeset(source, sys.stdin.read(), standard))


def typeset(source: bytes, told: str, standard: Standard = "") -> bytes:
    """Return the PDF a Typst source makes of some JSON, held to a standard of PDF if one is named.

    What a standard does not allow, as a letter no typeface can draw, is refused.
    """
    made = typst.compile(
        source,
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"told": told},
        pdf_standards=standard or None,
        timestamp=0,
    )
    assert isinstance(made, bytes)
    return made


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), "a-2b" if sys.argv[3] else "")
