"""Workbooks: text is text, whatever it looks like, numbers are numbers and days are dates."""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpRequest, QueryDict
from hypothesis import given
from hypothesis import strategies as st

from apps.core import spreadsheets, workbooks
from apps.core.links import as_workbook
from apps.core.sheets import Cell
from apps.core.spreadsheets import NoSuchForm, form_asked, spreadsheet
from apps.core.workbooks import CUT, MOST_TEXT, TooLarge
from tests.core.test_sheets import FORMULAS
from tests.core.workbook import opened


def kept(header: tuple[str, ...], rows: list[tuple[Cell, ...]]) -> bytes:
    target = io.BytesIO()
    workbooks.write(target, header, rows)
    return target.getvalue()


def read(*cells: Cell) -> list[Any]:
    """Return cells as a reader finds them in their row."""
    header = tuple(f"Column {number}" for number in range(len(cells)))
    return opened(kept(header, [cells])).lines[1]


def test_the_heading_stays_in_sight_and_rows_follow_in_order() -> None:
    book = opened(kept(("Name", "Number"), [("a", 1), ("b", None), ("", 3)]))
    assert book.frozen == 1
    assert book.lines == [["Name", "Number"], ["a", 1], ["b", None], [None, 3]]


def test_text_that_looks_like_a_formula_is_text_and_nothing_is_put_before_it() -> None:
    header, line = opened(kept(FORMULAS, [FORMULAS])).lines
    assert header == line == list(FORMULAS)


def test_numbers_days_and_moments_are_what_they_are() -> None:
    east = timezone(timedelta(hours=2))
    at = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)
    cells = (-5, -0.25, Decimal("-1.50"), at, at.astimezone(east), date(2026, 3, 1), True, None)
    assert read(*cells) == [-5, -0.25, -1.5, at, at, date(2026, 3, 1), "yes", None]
    assert read(False, "")[0] == "no"


@pytest.mark.parametrize("day", [date(1900, 3, 1), date(2024, 2, 29), date(9999, 12, 31)])
def test_a_day_is_counted_as_spreadsheets_count(day: date) -> None:
    assert read(day) == [day]


@pytest.mark.parametrize(
    "cell",
    [
        10**15,
        -(10**15),
        Decimal("1234567890.1234567"),
        Decimal("1E+400"),
        Decimal("Infinity"),
        float("-inf"),
        float("nan"),
    ],
)
def test_a_number_a_cell_cannot_hold_exactly_stays_text(cell: Cell) -> None:
    assert read(cell) == [str(cell)]


@pytest.mark.parametrize(
    "day",
    [
        date(1900, 2, 28),
        datetime(1899, 1, 1, 12, tzinfo=UTC),
        datetime(2026, 1, 1),  # noqa: DTZ001 - nobody knows which moment it is
    ],
)
def test_a_day_that_spreadsheets_count_otherwise_stays_text(day: date) -> None:
    assert read(day) == [day.isoformat()]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_is_kept_to_the_letter(text: str) -> None:
    whole = text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    assert read(text) == [whole]


def test_text_that_looks_escaped_is_kept_and_what_is_no_letter_is_replaced() -> None:
    texts = ("_x0041_", "a_x000D_b", "__x0001__", "a\r\nb\x01", "<&>\"'", " a ", "\ud800")
    assert read(*texts) == [*texts[:-1], "\ufffd"]


@pytest.mark.parametrize("letter", ["x", "\U0001f600"])
def test_a_text_longer_than_a_cell_holds_is_cut_and_says_so(letter: str) -> None:
    letters = len(letter.encode("utf-16-le")) // 2
    fits = letter * (MOST_TEXT // letters)
    [same, cut] = read(fits, fits + "xx")
    assert same == fits
    assert cut.endswith(CUT)
    assert MOST_TEXT - 2 < len(cut.encode("utf-16-le")) // 2 <= MOST_TEXT


def test_columns_are_lettered_on_from_z() -> None:
    width = 26 + 26 * 26 + 1
    book = opened(kept(tuple(map(str, range(width))), []))
    letters = list(book.rows[0])
    assert (letters[0], letters[25], letters[26], letters[-2], letters[-1]) == (
        "A", "Z", "AA", "ZZ", "AAA",
    )  # fmt: skip


def test_many_rows_are_all_there_and_the_same_rows_make_the_same_file() -> None:
    rows: list[tuple[Cell, ...]] = [(number, f"line {number}") for number in range(3000)]
    data = kept(("n", "text"), rows)
    assert opened(data).lines[1:] == [list(row) for row in rows]
    assert kept(("n", "text"), rows) == data
    assert opened(kept((), [])).rows == [{}]


def test_more_rows_than_a_sheet_takes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert workbooks.MOST_ROWS == 1_048_576
    monkeypatch.setattr(workbooks, "MOST_ROWS", 3)
    assert len(opened(kept(("n",), [(1,), (2,)])).rows) == 3
    with pytest.raises(TooLarge, match=r"takes 3 rows, and there are more\."):
        spreadsheet("xlsx", "numbers", ["n"], [(1,), (2,), (3,)])


def test_a_sheet_that_grows_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "_MOST_BYTES", 1000)
    with pytest.raises(TooLarge, match="as large as this"):
        kept(("n",), [("x" * 1000,)])


# -- the answer ------------------------------------------------------------------------------------


def forget(response: Any) -> None:
    """Close a workbook without the end of a request, at which the database is asked."""
    response.file_to_stream.close()


def asking(query: str) -> HttpRequest:
    request = HttpRequest()
    request.GET = QueryDict(query)
    return request


def test_a_file_is_csv_unless_its_address_says_otherwise() -> None:
    assert form_asked(asking("")) == "csv"
    assert form_asked(asking("format=csv")) == "csv"
    assert form_asked(asking("of=model&format=xlsx")) == "xlsx"
    with pytest.raises(NoSuchForm, match="given as csv or xlsx"):
        form_asked(asking("format=ods"))
    assert as_workbook("/models.csv") == "/models.csv?format=xlsx"
    assert as_workbook("/models.csv?of=model") == "/models.csv?of=model&format=xlsx"


@pytest.mark.parametrize("in_memory", [1 << 20, 10])
def test_a_workbook_is_kept_under_its_name_and_never_shown_as_a_page(
    monkeypatch: pytest.MonkeyPatch, in_memory: int
) -> None:
    monkeypatch.setattr(spreadsheets, "_IN_MEMORY", in_memory)
    response = spreadsheet("xlsx", "größe/a", ["n"], [(1,)])
    body = b"".join(response)
    assert opened(body).lines == [["n"], [1]]
    assert response["Content-Type"] == workbooks.MEDIA_TYPE
    assert response["Content-Length"] == str(len(body))
    assert "gr%C3%B6%C3%9Fe-a.xlsx" in response["Content-Disposition"]
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert response["Cache-Control"] == "private, no-store"
    forget(response)


def test_csv_is_made_while_it_is_sent_and_a_workbook_before() -> None:
    taken: list[int] = []

    def rows() -> Iterator[tuple[int]]:
        taken.append(1)
        yield (1,)

    assert spreadsheet("csv", "n", ["n"], rows())["Content-Disposition"].endswith('"n.csv"')
    assert not taken
    forget(spreadsheet("xlsx", "n", ["n"], rows()))
    assert taken
