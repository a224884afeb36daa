"""Has a PDF made in a process of its own that can reach no file, no network, no other process.

The page is a Typst file of ours, that of documents unless another is named; what people wrote
comes as JSON and is only ever shown, never read as markup.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, Literal

from apps.core.errors import RuleBroken

ROOT = Path(__file__).resolve().parents[4]
START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); import runpy; "
    "runpy.run_module('apps.validation.documents.exports.typesetter', run_name='__main__')"
)
MOST_SECONDS = 30
DOCUMENT = Path(__file__).with_name("document.typ")
"""The page of a document, and of whatever else is told like one."""
ARCHIVAL: Final = "a-2b"
"""PDF/A-2b, for what is kept for years: everything it shows is in it, or it is not made."""


class NotTypeset(RuleBroken):
    """The PDF could not be made; the other forms of the document can."""

    code = "not_typeset"


def as_pdf(
    told: dict[str, Any],
    *,
    source: Path = DOCUMENT,
    standard: Literal["", "a-2b"] = "",
    seconds: float = MOST_SECONDS,
) -> bytes:
    """Return the PDF a page makes of what is told. The same gives the same bytes.

    Raises:
        NotTypeset: when it takes too long or too much.
    """
    try:
        done = subprocess.run(
            (sys.executable, "-I", "-c", START, str(ROOT), str(MOST_SECONDS), source, standard),
            input=json.dumps(told).encode(),
            capture_output=True,
            env={},
            cwd="/",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotTypeset("The PDF takes too long to make. Take another form.") from None
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        raise NotTypeset("The PDF could not be made. Take another form of the document.")
    return done.stdout
