"""CSV files: nothing in them is a formula, whatever the text, and numbers stay numbers."""

import csv
import io
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from apps.core import sheets
from apps.core.sheets import Cell, csv_response

FORMULAS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\uff1d1+1",
    "\uff0b1+1",
    "\uff0d1+1",
    "\uff20SUM(1)",
    " =1+1",
    "\u00a0=1+1",
    "\ufeff=1+1",
    '"=1+1"',
    '=HYPERLINK("https://example.org","click")',
    "=DDE(\"cmd\";\"/C calc\";\"__DdeLink_60_870516294\")",
    "-5",
    "'=1+1",
)  # fmt: skip


def sent(header: tuple[str, ...], rows: list[tuple[Cell, ...]]) -> list[list[str]]:
    body = b"".join(sheets.csv_pieces(header, rows)).decode()
    assert body.startswith("\ufeff")
    return list(csv.reader(io.StringIO(body[1:], newline="")))


@pytest.mark.parametrize("formula", FORMULAS)
def test_text_that_looks_like_a_formula_stays_text(formula: str) -> None:
    header, line = sent((formula,), [(formula,)])
    assert line[0].startswith("'")
    assert header == line


@pytest.mark.parametrize("text", [f"a;{formula}" for formula in FORMULAS if formula[0] in "=+-@"])
def test_a_spreadsheet_that_splits_at_semicolons_finds_no_formula_either(text: str) -> None:
    body = b"".join(sheets.csv_pieces(["x"], [[text]])).decode()[1:]
    cells = [cell for line in csv.reader(io.StringIO(body), delimiter=";") for cell in line]
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@"))]


@pytest.mark.parametrize(
    "text", ["champion", "a=b", "e-mail", "1.5", "ann@example.org", "Größe", "'", "x;y", "a\nb"]
)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert sent(("x",), [(text,)])[1] == [text]


def test_numbers_stay_numbers_and_times_are_written_whole() -> None:
    at = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    row = (-5, -0.25, Decimal("-1.50"), True, None, at, date(2026, 3, 1), float("-inf"))
    assert sent(("x",), [row])[1] == [
        "-5", "-0.25", "-1.50", "yes", "", "2026-03-01T12:30:00+00:00", "2026-03-01", "'-inf",
    ]  # fmt: skip


def test_commas_quotes_and_line_breaks_follow_rfc_4180() -> None:
    body = b"".join(sheets.csv_pieces(["a", "b"], [['x,"y"', "one\r\ntwo"]]))
    assert body == b'\xef\xbb\xbfa,b\r\n"x,""y""","one\r\ntwo"\r\n'


def test_rows_are_taken_while_the_file_is_sent() -> None:
    taken: list[int] = []

    def rows() -> Iterator[tuple[int]]:
        for number in range(10 * sheets.LINES_A_PIECE):
            taken.append(number)
            yield (number,)

    pieces = iter(csv_response("numbers.csv", ["number"], rows()))
    assert not taken
    next(pieces), next(pieces)
    assert 0 < len(taken) <= sheets.LINES_A_PIECE


def test_a_file_is_kept_and_never_shown_as_a_page() -> None:
    response = csv_response("models.csv", ["name"], [])
    assert response["Content-Disposition"] == 'attachment; filename="models.csv"'
    assert response["Content-Type"].startswith("text/csv; charset=utf-8")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ('a"b.csv', 'attachment; filename="a\\"b.csv"'),
        ("größe.csv", "attachment; filename*=utf-8''gr%C3%B6%C3%9Fe.csv"),
        ("a\r\nSet-Cookie: x=1.csv", 'attachment; filename="aSet-Cookie: x=1.csv"'),
        ("../../etc/passwd", 'attachment; filename="..-..-etc-passwd"'),
        ("a\u202evsc.exe", 'attachment; filename="avsc.exe"'),
        ("", 'attachment; filename="export.csv"'),
    ],
)
def test_a_file_name_breaks_out_of_nothing(name: str, header: str) -> None:
    assert csv_response(name, [], [])["Content-Disposition"] == header


@pytest.mark.parametrize("text", ["; " * 50_000, ";" * 100_000, '" ' * 50_000, "\t" * 100_000])
def test_long_text_costs_little(text: str) -> None:
    started = time.perf_counter()
    sheets.written(text)
    assert time.perf_counter() - started < 0.5
