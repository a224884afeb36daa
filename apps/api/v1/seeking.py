"""Models looked for by words and facets, as the page of models does it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from django.db.models import QuerySet

from apps.accounts.models import Team, User
from apps.catalog import finding, queries
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.core.digests import digest_of
from apps.core.paging import Order, Page

Sort = Literal["touched", "name", "registered", "closest"]

ORDERS: Mapping[str, Order] = {
    "touched": Order(("touched_at", "id")),
    "name": Order(("name", "id"), least_first=True),
    "registered": Order(("id",)),
    "closest": Order(("closeness", "touched_at", "id")),
}
_KEYS = ("id", "name", "touched_at")
NOBODY = "0"
"""The id of no person and no team."""


@dataclass(frozen=True)
class Wanted:
    """Words, one value for each facet asked for, and an order."""

    text: str
    facets: Mapping[str, str]
    sort: Sort

    def page(self, actor: Actor, *, size: int, mark: str) -> Page[RegisteredModel]:
        """Return one page of the models an actor may see that match.

        Raises:
            BadMark: when the mark belongs to another search or person.
        """
        asked = {"text": self.text, "facets": dict(self.facets), "sort": self.sort}
        bound_to = f"models of {actor.id} {digest_of(asked)}"
        keys = ORDERS[self.sort].page(
            self._matching(actor), size=size, mark=mark, bound_to=bound_to
        )
        shown = RegisteredModel.objects.select_related("owner", "team")
        models = shown.in_bulk([key.pk for key in keys.rows])
        return replace(keys, rows=[models[key.pk] for key in keys.rows])

    def _matching(self, actor: Actor) -> QuerySet[RegisteredModel]:
        models = queries.models_visible_to(actor).filter(finding.sought(actor, self.text).condition)
        for facet, value in self.facets.items():
            if value:
                models = models.filter(finding.having(facet, [_kept(facet, value)]))
        if self.sort == "closest":
            models = finding.by_closeness(models, self.text)
        return models.only(*_KEYS)


def _kept(facet: str, value: str) -> str:
    """Return a value as facets keep it: people and teams by their ids."""
    if facet == "owner":
        pk = User.objects.filter(username=value).values_list("pk", flat=True).first()
        return str(pk or NOBODY)
    if facet == "team":
        pk = Team.objects.filter(name=value).values_list("pk", flat=True).first()
        return str(pk or NOBODY)
    return value
