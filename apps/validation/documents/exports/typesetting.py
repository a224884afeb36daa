"""Has a PDF made in a process of its own that can reach no file, no network, no other process.

The page is our own Typst file; what people wrote comes as JSON and is only ever shown, never read
as markup.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from apps.core.errors import RuleBroken

ROOT = Path(__file__).resolve().parents[4]
START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); import runpy; "
    "runpy.run_module('apps.validation.documents.exports.typesetter', run_name='__main__')"
)
MOST_SECONDS = 30


class NotTypeset(RuleBroken):
    """The PDF could not be made; the other forms of the document can."""

    code = "not_typeset"


def as_pdf(told: dict[str, Any], *, seconds: float = MOST_SECONDS) -> bytes:
    """Return the PDF of what a document says. The same document gives the same bytes.

    Raises:
        NotTypeset: when it takes too long or too much.
    """
    try:
        done = subprocess.run(
            (sys.executable, "-I", "-c", START, str(ROOT), str(MOST_SECONDS)),
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
