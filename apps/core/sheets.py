"""CSV files for people with spreadsheets: sent row by row, and no cell of them is a formula.

Lines and quotes are those of RFC 4180. A byte order mark comes first: Excel reads UTF-8 as letters
of another alphabet without it, and whoever opens these files opens them in a spreadsheet; programs
have the API. Text that a spreadsheet would calculate gets an apostrophe in front. So does text
after a semicolon, tab or line break, where a spreadsheet set to another separator starts a cell.
"""

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

Cell = str | int | float | Decimal | date | datetime | None
"""What a cell may hold; numbers stay numbers, times are written as ISO 8601, nothing is empty."""

MARK = "\ufeff"
LINES_A_PIECE = 200
_SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20"
_BEGINS = re.compile(rf"[\t\r\n]|[{_SIGNS}]")
_UNSEEN = "\"' \u00a0\u3000\ufeff\u200b\u200e\u200f\u2060"
_BEGINS_LATER = re.compile(rf"([;\t\r\n])(?=[ \"]*[{_SIGNS}])")


def csv_response(
    filename: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> StreamingHttpResponse:
    """Answer with a CSV file to be kept, made while it is sent; rows are taken one by one."""
    response = StreamingHttpResponse(csv_pieces(header, rows))
    response.headers["Content-Type"] = "text/csv; charset=utf-8; header=present"
    return as_download(response, filename)


def as_download(response: StreamingHttpResponse, filename: str) -> StreamingHttpResponse:
    """Let a file be kept under a name, and a browser run nothing of it."""
    response.headers["Content-Disposition"] = content_disposition_header(True, _file_name(filename))
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def csv_pieces(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Return the bytes of a CSV file, some lines at a time."""
    lines = chain([header], rows)
    yield MARK.encode()
    while piece := list(islice(lines, LINES_A_PIECE)):
        text = io.StringIO(newline="")
        csv.writer(text).writerows([written(cell) for cell in line] for line in piece)
        yield text.getvalue().encode("utf-8", "replace")


def written(cell: Cell) -> str | int | float | Decimal:
    """Return a cell as it stands in the file: a number, or text that nothing calculates."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float | Decimal):
        return cell if math.isfinite(cell) else _as_text(str(cell))
    if isinstance(cell, date):
        return cell.isoformat()
    return _as_text(cell or "")


def _as_text(text: str) -> str:
    """Keep a spreadsheet from calculating a text, however it splits the line."""
    begins = _BEGINS.match(text) or _BEGINS.match(text.lstrip(_UNSEEN))
    return ("'" if begins else "") + _BEGINS_LATER.sub(r"\1'", text)


def _file_name(name: str) -> str:
    """Return a file name without what turns the letters around, ends a line or leads elsewhere."""
    seen = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C")
    return re.sub(r"[/\\]", "-", seen) or "export.csv"
