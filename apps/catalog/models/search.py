"""What the list of models is searched by, and the views people saved of it.

These are ordinary rows: everything in a search text is said elsewhere and can be written afresh.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models

from apps.catalog.models.registered import RegisteredModel
from apps.core.written import OftenWritten


class SearchText(OftenWritten):
    """What one model is found by; whoever changes the model writes it afresh.

    The database keeps an index of the words beside it (migration 0007): a table of FTS5 that
    triggers follow, or a column of lexemes under GIN.
    """

    model = models.OneToOneField(
        RegisteredModel, on_delete=models.CASCADE, primary_key=True, related_name="search_text"
    )
    names = models.TextField()
    """Name and title in folded form, a line each: found by any part."""
    facets = models.TextField()
    """What the model has of each facet, as tokens between tabs: ``kind=vendor``."""
    words = models.TextField()
    """Every word the model is found by, once, in folded form: found by how it begins."""

    class Meta:
        db_table = "catalog_search_text"

    def __str__(self) -> str:
        return self.names.partition("\n")[0]


class SavedView(models.Model):
    """A search of models that a person keeps under a name; only they see it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000, blank=True)
    """The part of the address after the question mark."""

    class Meta:
        db_table = "catalog_saved_view"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "name"], name="saved_view_once")
        ]

    def __str__(self) -> str:
        return self.name
