"""Workbooks of one sheet (Office Open XML, ISO/IEC 29500), as spreadsheets keep them.

Text stands in its cell as it is and is never a formula: it is marked as text, in a cell that is
formatted as text. Numbers are numbers, days and moments are dates. What a cell cannot hold exactly
stays text: numbers of more than fifteen digits, and days before March 1900.
"""

import io
import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain
from typing import IO
from xml.sax.saxutils import escape

from apps.core.errors import RuleBroken
from apps.core.sheets import Cell

MOST_ROWS = 1_048_576
"""How many rows a sheet has, that of its headings included."""
MOST_TEXT = 32_767
"""How many letters a cell holds, as UTF-16 counts them."""
CUT = "… (cut here: a cell holds no more; the CSV has all of it)"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_MOST_BYTES = 2**31 - 1
"""How large a sheet may be unpacked, without a form of ZIP that not every spreadsheet reads."""
_PIECE = 1 << 16
_ZERO, _FIRST_DAY = date(1899, 12, 30), date(1900, 3, 1)
_MIDNIGHT = datetime.combine(_ZERO, time.min, UTC)
_EXACT_DIGITS, _INEXACT = 15, 1_000_000_000_000_000
_HEADING, _TEXT, _DAY, _MOMENT = 1, 2, 3, 4
"""Which of the formats below a cell has."""

_LIKE_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
_NO_LETTER = re.compile(r"[\ud800-\udfff\ufffe\uffff]")

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATED = "application/vnd.openxmlformats-package.relationships+xml"
_SHEET = "xl/worksheets/sheet1.xml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    f'<Default Extension="rels" ContentType="{_RELATED}"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/{_SHEET}" ContentType="{_KIND}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Rows" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss\\ &quot;UTC&quot;"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
    ' applyFont="1"/>'
    + "".join(
        f'<xf numFmtId="{form}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for form in (49, 164, 165)
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>'
    "</cellStyles></styleSheet>",
}
_VIEW = (
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
    ' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
)


class TooLarge(RuleBroken):
    """There is more than a sheet of a workbook takes."""

    code = "workbook_too_large"


def write(target: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a workbook whose first row stays in sight; rows are taken one by one.

    Raises:
        TooLarge: when there are more rows, or more in them, than a sheet takes.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for place, text in _PARTS.items():
            book.writestr(_part(place), _XML + text)
        with book.open(_part(_SHEET), "w") as sheet:
            size = 0
            for piece in _pieces(header, rows):
                size += len(piece)
                if size > _MOST_BYTES:
                    raise TooLarge("A workbook cannot be as large as this. Take it away as CSV.")
                sheet.write(piece)


def _part(place: str) -> zipfile.ZipInfo:
    """Return a part without a time, so that the same rows make the same file."""
    part = zipfile.ZipInfo(place)
    part.compress_type = zipfile.ZIP_DEFLATED
    return part


def _pieces(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    text = io.StringIO()
    text.write(f'{_XML}<worksheet xmlns="{_MAIN}">{_VIEW}')
    if header:
        text.write(f'<cols><col min="1" max="{len(header)}" width="24" customWidth="1"/></cols>')
    text.write("<sheetData>")
    for number, row in enumerate(chain([header], rows), 1):
        if number > MOST_ROWS:
            raise TooLarge(
                f"A sheet of a workbook takes {MOST_ROWS:,} rows, and there are more. "
                "Take it away as CSV, or ask for less."
            )
        text.write(f'<row r="{number}">')
        for at, cell in enumerate(row):
            text.write(
                _heading(at, cell) if number == 1 else _cell(f"{_letters(at)}{number}", cell)
            )
        text.write("</row>")
        if text.tell() > _PIECE:
            yield text.getvalue().encode()
            text = io.StringIO()
    text.write("</sheetData></worksheet>")
    yield text.getvalue().encode()


def _heading(at: int, cell: Cell) -> str:
    return _string(f"{_letters(at)}1", str(cell), _HEADING)


def _cell(place: str, cell: Cell) -> str:
    """Return one cell; one that holds nothing is left out."""
    if isinstance(cell, bool):
        return _string(place, "yes" if cell else "no", _TEXT)
    if isinstance(cell, int | float | Decimal) and _is_exact(cell):
        return f'<c r="{place}"><v>{cell}</v></c>'
    if isinstance(cell, date) and (days := _days(cell)) is not None:
        form = _MOMENT if isinstance(cell, datetime) else _DAY
        return f'<c r="{place}" s="{form}"><v>{days}</v></c>'
    if cell is None or cell == "":
        return ""
    return _string(place, cell.isoformat() if isinstance(cell, date) else str(cell), _TEXT)


def _is_exact(number: float | Decimal) -> bool:
    """Say whether a spreadsheet, which reckons in doubles, keeps every digit of a number."""
    if isinstance(number, int):
        return abs(number) < _INEXACT
    if isinstance(number, Decimal) and len(number.as_tuple().digits) > _EXACT_DIGITS:
        return False
    return math.isfinite(number) and math.isfinite(float(number))


def _days(day: date) -> float | None:
    """Return a day or moment as spreadsheets count them, or nothing where they do it otherwise."""
    if isinstance(day, datetime):
        if day.tzinfo is None:
            return None  # nobody knows which moment it is
        day = day.astimezone(UTC)
        return (day - _MIDNIGHT) / timedelta(days=1) if day.date() >= _FIRST_DAY else None
    return (day - _ZERO).days if day >= _FIRST_DAY else None


def _string(place: str, text: str, form: int) -> str:
    return (
        f'<c r="{place}" s="{form}" t="inlineStr"><is><t xml:space="preserve">'
        f"{_escaped(_fitting(text))}</t></is></c>"
    )


def _fitting(text: str) -> str:
    """Return a text no longer than a cell holds; one that was cut says so."""
    if len(text) <= MOST_TEXT // 2:
        return text
    units = text.encode("utf-16-le", "replace")
    if len(units) <= 2 * MOST_TEXT:
        return text
    return units[: 2 * (MOST_TEXT - len(CUT))].decode("utf-16-le", "ignore") + CUT


def _escaped(text: str) -> str:
    """Return a text as XML has it, with signs it has not written as ``_x0001_``."""
    text = _NO_LETTER.sub("\ufffd", _LIKE_ESCAPED.sub("_x005F_", text))
    return escape(_CONTROL.sub(lambda sign: f"_x{ord(sign[0]):04X}_", text))


def _letters(at: int) -> str:
    """Return what the column in some place, from 0 on, is called: A to Z, then AA."""
    found = ""
    while at >= 0:
        at, letter = divmod(at, 26)
        found, at = chr(ord("A") + letter) + found, at - 1
    return found
