"""The questions examiners ask, as ``docs/exam-requests.md`` keeps them."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString

from apps.core.markdown import rendered


@cache
def table() -> SafeString:
    """Return the table of exam requests as markup, without the heading of the document."""
    text = (Path(settings.BASE_DIR) / "docs" / "exam-requests.md").read_text()
    _heading, _, rest = text.partition("\n")
    return rendered(rest, level=2 + 1)
