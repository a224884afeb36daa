"""The front page of a pack: one page of HTML that needs nothing else, and the same on paper.

What people wrote is only ever shown. The same told gives the same bytes.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from apps.approvals.packs.laid_out import laid_out
from apps.approvals.packs.parts import for_paper
from apps.approvals.packs.told import Told
from apps.validation.documents.exports import typesetting

PAPER = Path(__file__).with_name("front.typ")
NOT_PRINTED = (
    "The PDF of the front page could not be made in time. Make the pack again when the machine has "
    "less to do, or order several smaller ones."
)
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What changes how text reads without being seen: controls, and marks that turn its direction."""
_IN_NO_FONT = re.compile(
    "[^\n\x20-\x7e\xa0-\xac\xae-\u02ff\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u0482\u048a-\u04ff"
    "\u1e00-\u1eff\u2010-\u2027\u202f-\u2040\u2044-\u2052\u20a0-\u20c0\u2190-\u23ff\ufffd]"
)
"""What the typefaces that come with the typesetter cannot draw; PDF/A allows nothing undrawn."""


def front_page(told: Told) -> bytes:
    """Return the page: readable in any browser, printable, without a script or an address."""
    front = _mapped(asdict(laid_out(told)), _shown)
    return render_to_string("approvals/packs/front.html", {"front": front}).encode()


def front_pdf(told: Told) -> bytes:
    """Return the same as PDF/A-2b, without the details of packs too large to print.

    Raises:
        NotTypeset: when it takes too long or too much.
    """
    day = told.as_of.astimezone(UTC)
    front = _mapped(asdict(for_paper(laid_out(told))), _printed)
    paper = {**front, "pack": _printed(told.id), "day": [day.year, day.month, day.day]}
    try:
        return typesetting.as_pdf(paper, source=PAPER, standard=typesetting.ARCHIVAL)
    except typesetting.NotTypeset:
        raise typesetting.NotTypeset(NOT_PRINTED) from None


def _mapped(value: Any, shown: Callable[[str], str]) -> Any:
    """Return plain data with each of its texts as it is to be shown."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        return {key: _mapped(one, shown) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_mapped(one, shown) for one in value]
    return value


def _shown(text: str) -> str:
    return _HIDDEN.sub("\ufffd", text)


def _printed(text: str) -> str:
    """Spell out what cannot be drawn by its number: ``[U+540D]``."""
    composed = unicodedata.normalize("NFC", _shown(text))
    return _IN_NO_FONT.sub(lambda found: f"[U+{ord(found[0]):04X}]", composed)
