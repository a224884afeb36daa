"""What a reader of the list of models looks for, as the address says it, and back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from urllib.parse import urlencode

from django.http import QueryDict

from apps.catalog.finding import FACETS
from apps.catalog.search_words import folded
from apps.console.queries.columns import COLUMNS, USUAL

MOST_TEXT = 256
MOST_VALUES = 20
SORTS: Mapping[str, str] = {
    "touched": "Changed last",
    "name": "Name",
    "registered": "Registered last",
}
NOTHING_CHOSEN: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True)
class Search:
    """Words, chosen values of facets, an order and columns; empty parts let everything through."""

    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOTHING_CHOSEN)
    sort: str = ""
    columns: tuple[str, ...] = USUAL

    @classmethod
    def of(cls, asked: QueryDict) -> "Search":
        """Read an address; what it does not know is left out."""
        columns = {name for part in asked.getlist("columns") for name in part.split(",")}
        sort = asked.get("sort", "")
        return cls(
            text=_plain(asked.get("q", "")),
            chosen={facet: values for facet in FACETS if (values := _values(asked, facet))},
            sort=sort if sort in SORTS else "",
            columns=tuple(key for key in COLUMNS if key in columns) or USUAL,
        )

    @property
    def is_narrow(self) -> bool:
        """Whether anything is asked for but the order and the columns."""
        return bool(self.text or self.chosen)

    @property
    def order(self) -> str:
        """The order asked for; without one, words put what is closest to them first."""
        return self.sort or ("closest" if folded(self.text).strip() else "touched")

    @property
    def query(self) -> str:
        """The search as the part of an address after the question mark, always written alike."""
        return urlencode(list(self.pairs()))

    def pairs(self, *besides: str) -> Iterator[tuple[str, str]]:
        """Yield the search as names and values of an address, besides some names."""
        columns = "" if self.columns == USUAL else ",".join(self.columns)
        one = (("q", self.text), ("sort", self.sort), ("columns", columns))
        many = ((facet, value) for facet, values in self.chosen.items() for value in values)
        yield from ((key, value) for key, value in (*one, *many) if value and key not in besides)

    def toggled(self, facet: str, value: str) -> "Search":
        """Return the search with one value chosen, or no longer chosen."""
        before = self.chosen.get(facet, ())
        after = tuple(kept for kept in before if kept != value)
        values = after if value in before else (*before, value)
        chosen = {key: self.chosen.get(key, ()) for key in FACETS} | {facet: values}
        return replace(self, chosen={key: kept for key, kept in chosen.items() if kept})

    def wide(self) -> "Search":
        """Return the search without words and chosen values: the order and columns stay."""
        return replace(self, text="", chosen=NOTHING_CHOSEN)


def _values(asked: QueryDict, facet: str) -> tuple[str, ...]:
    values = (_plain(value) for value in asked.getlist(facet)[:MOST_VALUES])
    return tuple(dict.fromkeys(value for value in values if value))


def _plain(text: str) -> str:
    """Return a text without what no database compares, in its limits."""
    return " ".join(text.replace("\0", "").split())[:MOST_TEXT]


def address(path: str, pairs: Sequence[tuple[str, str]] | str) -> str:
    """Return an address with a query, or without when there is none."""
    query = pairs if isinstance(pairs, str) else urlencode(pairs)
    return f"{path}?{query}" if query else path
