"""A register on paper: one block per row, since no sheet of paper is as wide as its columns."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from apps.core.actors import Actor
from apps.core.errors import RuleBroken
from apps.risk.registers import rows
from apps.risk.registers.reading import Register, Registers
from apps.risk.registers.rows import RowShown
from apps.validation.documents.exports import typesetting

MOST_ROWS = 200


class TooLong(RuleBroken):
    """The register has more rows than a PDF takes; the file for spreadsheets takes them all."""

    code = "register_too_long"


def as_pdf(
    registers: Registers, register: Register, actor: Actor, *, now: datetime, at: datetime | None
) -> bytes:
    """Return a register as a PDF, as things are or as they were at a moment.

    Raises:
        TooLong: when it has more rows than a PDF takes.
        NotTypeset: when the PDF cannot be made.
    """
    found = list(islice(rows.all_rows(register, actor, at), MOST_ROWS + 1))
    if len(found) > MOST_ROWS:
        raise TooLong(f"A PDF takes {MOST_ROWS} rows at most. Take the register away as CSV.")
    return typesetting.as_pdf(_told(registers, register, found, now=now, at=at))


def _told(
    registers: Registers,
    register: Register,
    found: Sequence[RowShown],
    *,
    now: datetime,
    at: datetime | None,
) -> dict[str, Any]:
    gaps, asked = sum(row.gaps for row in found), len(found) * register.asked
    then = at or now
    return {
        "title": register.title,
        "summary": f"{register.summary} {'; '.join(register.cites)}. {registers.disclaimer}",
        "counted": "registers file",
        "number": registers.version,
        "status": "as it was then" if at else "as it is now",
        "completeness": f"{gaps} of {asked} values not recorded",
        "day": [then.year, then.month, then.day],
        "sections": [
            {
                "title": row.title,
                "fields": [
                    {
                        "label": f"{cell.column.heading} ({cell.column.cite})",
                        "kind": "nothing" if cell.gaps == cell.column.asked else "text",
                        "text": cell.text,
                    }
                    for cell in row.cells
                ],
            }
            for row in found
        ],
        "signed": [],
        "manifest": [
            ["Rows", str(len(found))],
            ["As of", then.isoformat(timespec="seconds")],
            ["Law as of", registers.law_as_of],
        ],
    }
