"""Reads workbooks with nothing of ours: what a spreadsheet would show, and what kind it is of."""

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ZERO = datetime(1899, 12, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Workbook:
    """The only sheet of a workbook: its rows, and what is frozen above them."""

    rows: list[dict[str, Any]]
    """The cells of each row, by the letters of their columns; empty ones are left out."""
    frozen: int

    @property
    def lines(self) -> list[list[Any]]:
        """The rows as a file would have them, as wide as the first of them."""
        return [[row.get(letters) for letters in self.rows[0]] for row in self.rows]


def opened(data: bytes) -> Workbook:
    """Open a workbook as a spreadsheet does: by its parts, their kinds and relations."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert book.testzip() is None
        parts = {name: ET.fromstring(book.read(name)) for name in book.namelist()}
    told = {each.get("PartName") for each in parts["[Content_Types].xml"] if each.get("PartName")}
    assert told == {f"/{name}" for name in parts if name.startswith("xl/") and "_rels" not in name}
    [start] = [each.get("Target") for each in parts["_rels/.rels"]]
    assert start == "xl/workbook.xml"
    targets = {each.get("Id"): each.get("Target") for each in parts["xl/_rels/workbook.xml.rels"]}
    [sheet] = parts[start].iter(f"{MAIN}sheet")
    [related] = [value for name, value in sheet.attrib.items() if name.endswith("}id")]
    found = parts[f"xl/{targets[related]}"]
    pane = found.find(f"{MAIN}sheetViews/{MAIN}sheetView/{MAIN}pane")
    assert pane is not None
    assert pane.get("state") == "frozen"
    forms = _forms(parts["xl/styles.xml"])
    rows = []
    for number, row in enumerate(found.iter(f"{MAIN}row"), 1):
        assert row.get("r") == str(number)
        rows.append({_letters(cell, number): _value(cell, forms) for cell in row})
    assert not list(found.iter(f"{MAIN}f"))
    return Workbook(rows, int(pane.get("ySplit", "0")))


def _forms(styles: ET.Element) -> list[str]:
    """Return how each format writes what is in a cell."""
    own = {each.get("numFmtId"): each.get("formatCode") for each in styles.iter(f"{MAIN}numFmt")}
    formats = styles.find(f"{MAIN}cellXfs")
    assert formats is not None
    known = {"0": "General", "49": "@"} | own
    return [str(known[each.get("numFmtId")]) for each in formats]


def _letters(cell: ET.Element, number: int) -> str:
    place = cell.get("r", "")
    assert place.endswith(str(number))
    return place.removesuffix(str(number))


def _value(cell: ET.Element, forms: list[str]) -> Any:
    form = forms[int(cell.get("s", "0"))]
    if cell.get("t") == "inlineStr":
        assert form == "@"  # what is edited in it stays text, too
        text = "".join(each.text or "" for each in cell.iter(f"{MAIN}t"))
        return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda sign: chr(int(sign[1], 16)), text)
    text = cell.findtext(f"{MAIN}v") or ""
    if form == "General":
        return float(text) if re.search(r"[.eE]", text) else int(text)
    at = ZERO + timedelta(days=float(text))
    return at if "UTC" in form else at.date()
