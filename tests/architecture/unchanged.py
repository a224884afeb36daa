"""All that is kept, to hold it against what is kept after somebody asked for what they may not."""

from functools import cache

from django.apps import apps

from apps.accounts.models import TokenUse
from apps.audit.models import AuditEvent, AuditText, PendingEvent
from tests import kept_rows

NEVER_SAME = (AuditEvent, AuditText, PendingEvent, TokenUse)
"""Rows that say who asked, which is written down even when it is refused."""


def everything_kept() -> kept_rows.Tables:
    """Return all rows of all apps, but for those that note who asked."""
    return kept_rows.read(_tables())


@cache
def _tables() -> tuple[str, ...]:
    ours = (rows for rows in apps.get_models() if rows.__module__.startswith("apps."))
    return tuple(rows._meta.db_table for rows in ours if rows not in NEVER_SAME)
