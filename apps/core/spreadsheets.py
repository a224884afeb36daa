"""A list taken away as a file for spreadsheets: CSV, or a workbook for ``?format=xlsx``."""

from collections.abc import Iterable, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any, cast

from django.http import FileResponse, HttpRequest, StreamingHttpResponse

from apps.core import links, workbooks
from apps.core.errors import RuleBroken
from apps.core.sheets import Cell, as_download, csv_response

_IN_MEMORY = 1 << 20
"""How large a workbook may be before it is made on disk."""


class NoSuchForm(RuleBroken):
    """Somebody asks for a file in a form it is not given in."""

    code = "no_such_form"


def form_asked(request: HttpRequest) -> str:
    """Return the form in which the address asks for a file: CSV unless it names another.

    Raises:
        NoSuchForm: when there is none of that name.
    """
    form = links.asked(request, links.FORM) or links.CSV
    if form not in {links.CSV, links.XLSX}:
        raise NoSuchForm(f"This file is given as {links.CSV} or {links.XLSX}.")
    return form


def spreadsheet(
    form: str, name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> StreamingHttpResponse:
    """Answer with a file to be kept, called by a name and its form.

    CSV is made while it is sent; a workbook is made before, since its rows are counted.

    Raises:
        TooLarge: when there is more than a workbook takes.
    """
    if form == links.CSV:
        return csv_response(f"{name}.{form}", header, rows)
    made = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with the response
    try:
        workbooks.write(cast("Any", made), header, rows)
    except BaseException:
        made.close()
        raise
    made.seek(0)
    response = FileResponse(made, content_type=workbooks.MEDIA_TYPE)
    return as_download(response, f"{name}.{form}")
