"""Addresses of the same list with one thing changed, so that a view can be sent to somebody."""

from typing import TypeVar
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from apps.core.paging import BadMark, Order, Page

Row = TypeVar("Row", bound=Model)

MOST_ASKED = 256
FORM, CSV, XLSX = "format", "csv", "xlsx"
"""The part of an address that says in which form a file is given, and the forms there are."""
MARK = "page"
"""The part of an address that says which page of a list is shown."""


def asked(request: HttpRequest, name: str) -> str:
    """Return what the address asks for under a name, without what no database compares."""
    return request.GET.get(name, "").replace("\0", "").strip()[:MOST_ASKED]


def with_query(request: HttpRequest, **changes: str) -> str:
    """Return the address of this page with parts of its query changed, or taken out when empty."""
    asked = {key: value for key, value in request.GET.items() if key != MARK} | changes
    kept = {key: value for key, value in asked.items() if value}
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def as_workbook(address: str) -> str:
    """Return the address at which a file for spreadsheets is a workbook and not CSV."""
    return f"{address}{'&' if '?' in address else '?'}{FORM}={XLSX}"


def page_of(request: HttpRequest, rows: QuerySet[Row, Row], order: Order, size: int) -> Page[Row]:
    """Return the page of a list that the address asks for, or the first one when that cannot be."""
    try:
        return order.page(rows, size=size, mark=request.GET.get(MARK, ""))
    except BadMark as refusal:
        messages.warning(request, f"{refusal} It is shown here.")
        return order.page(rows, size=size)


def to_page(request: HttpRequest, mark: str) -> str:
    """Return the address of the page of the list that a mark leads to; nothing without one."""
    return with_query(request, **{MARK: mark}) if mark else ""
