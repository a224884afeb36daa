"""The list of models: those that match, in the order asked for, with rows and facets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from apps.accounts.models import Team, User
from apps.catalog import finding
from apps.catalog import queries as catalog
from apps.catalog.finding import Counted, Sought
from apps.catalog.lifecycle import Stage
from apps.catalog.models import RegisteredModel
from apps.console.queries import standing
from apps.console.queries.columns import Row
from apps.console.queries.seeking import Search
from apps.core.actors import Actor
from apps.core.paging import Order, Page
from apps.core.patience import patience
from apps.validation import queries as validation

ORDERS: Mapping[str, Order] = {
    "closest": Order(("closeness", "touched_at", "id")),
    "touched": Order(("touched_at", "id")),
    "name": Order(("name", "id"), least_first=True),
    "registered": Order(("id",)),
}
TITLES: Mapping[str, str] = {
    "stage": "Stage",
    "kind": "Kind",
    "domain": "Domain",
    "team": "Team",
    "owner": "Owner",
    "framework": "Framework",
    "flag": "What it does",
}
MOST_OPTIONS = 8
BATCH = 200
MOST_ID_DIGITS = 18
_KEYS = ("id", "name", "touched_at")
_LONG = ("description", "intended_use", "out_of_scope_uses", "limitations")


@dataclass(frozen=True)
class Option:
    """One value of a facet, in words, with how many models have it."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    """One thing to choose models by, with its commonest values; ``more`` says how many are left."""

    key: str
    title: str
    options: Sequence[Option]
    more: int


class Portfolio:
    """The models one reader looks for; what was typed is resolved once."""

    def __init__(self, actor: Actor, search: Search) -> None:
        self._actor, self.search = actor, search
        self.sought: Sought = finding.sought(actor, search.text)

    def page(self, *, size: int, mark: str = "") -> Page[RegisteredModel]:
        """Return one page of the models that match, in the order asked for.

        Raises:
            BadMark: when the mark belongs to another search or person.
            TookTooLong: when the database is at it for seconds.
        """
        bound_to = f"{self._actor.id} {self.search.query}"
        order = ORDERS[self.search.order]
        with patience():
            keys = order.page(self._matching(), size=size, mark=mark, bound_to=bound_to)
        shown = RegisteredModel.objects.select_related("owner", "team").defer(*_LONG)
        models = shown.in_bulk([key.pk for key in keys.rows])
        return replace(keys, rows=[models[key.pk] for key in keys.rows])

    def all_rows(self) -> Iterator[Row]:
        """Return the rows of all models that match, some at a time."""
        page = self.page(size=BATCH)
        yield from rows(page.rows)
        while page.older:
            page = self.page(size=BATCH, mark=page.older)
            yield from rows(page.rows)

    def names(self, most: int) -> list[str]:
        """Return the names of the models that match, by name, up to a number of them."""
        with patience():
            named = self._matching().order_by("name", "id").values_list("name", flat=True)
            return list(named[:most])

    def count(self) -> Counted:
        """Count the models that match, as a whole and by facet."""
        with patience():
            return finding.counted(self._actor, self.sought, self.search.chosen)

    def _matching(self) -> QuerySet[RegisteredModel]:
        """Return what the models are ordered by, and no more: sorting whole rows costs most."""
        models = catalog.models_visible_to(self._actor).filter(self.sought.condition)
        for facet, values in self.search.chosen.items():
            models = models.filter(finding.having(facet, values))
        if self.search.order == "closest":
            models = finding.by_closeness(models, self.search.text)
        return models.only(*_KEYS)


def rows(models: Sequence[RegisteredModel]) -> list[Row]:
    """Return the rows of some models, in a fixed number of queries."""
    summaries = catalog.summaries(models)
    latest = [summary.latest for summary in summaries if summary.latest]
    counts = validation.counts_by_version(latest)
    return [
        Row(
            summary.model,
            summary.champion,
            summary.latest,
            standing.of_checks(counts.get(summary.latest.pk)) if summary.latest else None,
        )
        for summary in summaries
    ]


# -- facets ----------------------------------------------------------------------------------------


def facets(search: Search, counts: Counted) -> list[Facet]:
    """Return the facets that have anything to choose, the commonest values first."""
    ranked = {key: _ranked(key, search, counts.values.get(key, {})) for key in finding.FACETS}
    shown = {key: values[: _most(key, search)] for key, values in ranked.items() if values}
    labels = _labels(shown)
    return [
        Facet(
            key=key,
            title=TITLES[key],
            options=[
                Option(
                    value=value,
                    label=labels[key].get(value, value),
                    count=counts.values.get(key, {}).get(value, 0),
                    is_chosen=value in search.chosen.get(key, ()),
                )
                for value in values
            ],
            more=len(ranked[key]) - len(values),
        )
        for key, values in shown.items()
    ]


def _ranked(key: str, search: Search, there: Mapping[str, int]) -> list[str]:
    """Return the values of a facet: those chosen first, even when no model has them."""
    chosen = search.chosen.get(key, ())
    if key == "stage":
        return [stage.value for stage in Stage if stage.value in {*there, *chosen}]
    left = sorted(there.keys() - set(chosen), key=lambda value: (-there[value], value))
    return [*chosen, *left]


def _most(key: str, search: Search) -> int:
    return max(MOST_OPTIONS, len(search.chosen.get(key, ())))


def _labels(shown: Mapping[str, Iterable[str]]) -> dict[str, dict[str, str]]:
    """Return what the shown values are called, where it is not the value itself."""
    empty: dict[str, dict[str, str]] = {key: {} for key in finding.FACETS}
    return empty | {
        "stage": dict(Stage.choices),
        "kind": dict(RegisteredModel.Kind.choices),
        "flag": dict(RegisteredModel.Flag.choices),
        "owner": _names_of(User, shown.get("owner", ())),
        "team": _names_of(Team, shown.get("team", ())),
    }


def _names_of(rows: Any, values: Iterable[str]) -> dict[str, str]:
    ids = [int(value) for value in values if value.isdecimal() and len(value) <= MOST_ID_DIGITS]
    return {str(pk): str(row) for pk, row in rows.objects.in_bulk(ids).items()} if ids else {}
