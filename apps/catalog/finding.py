"""Finds models by what a person types, and counts them by facet: never more than may be seen.

A word is found in a model's text by how it begins, in its name and title by any part, and in its
owner's names by any part. Every word has to be found. One word that looks like a digest or the id
of a run also finds the models with a version that has it.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from apps.accounts.models import User
from apps.catalog import queries
from apps.catalog.models import ModelVersion, RegisteredModel, SearchText
from apps.catalog.search_words import folded, token, words_of
from apps.core.actors import Actor

MOST_WORDS = 12
MOST_NAMED = 100
"""Up to how many versions a digest or run leads to; the newest are kept."""
FACETS = ("stage", "kind", "domain", "team", "owner", "framework", "flag")
"""What models are chosen and counted by; people and teams by their ids."""
EXACT, BEGINS, NAMED, FOUND = 3, 2, 1, 0
"""How close a model is to what was typed: its name, how that begins, all in its names, or not."""
_IDENTIFIER = re.compile(r"(?:sha256:)?([0-9a-f]{8,64})")
_AFTER_HEX = "g"  # sorts after every hexadecimal digit


class HasWord(Func):
    """The condition that a model's text has a word that begins like the given one.

    The word holds letters and digits only, so it cannot end its quotes; it is bound all the same.
    """

    output_field = BooleanField()

    def __init__(self, model: str, word: str) -> None:
        super().__init__(F(model), Value(word))

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._asking(
            compiler,
            connection,
            '"{}"*',
            " IN (SELECT rowid FROM catalog_search_index WHERE catalog_search_index MATCH ",
            "%(expressions)s)",
        )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._asking(
            compiler,
            connection,
            "'{}':*",
            " IN (SELECT model_id FROM catalog_search_text WHERE lexemes @@ ",
            "%(expressions)s::tsquery)",
        )

    def _asking(
        self, compiler: Any, connection: Any, quoted: str, joiner: str, template: str
    ) -> Any:
        asking = self.copy()
        model, word = asking.get_source_expressions()
        asking.set_source_expressions([model, Value(quoted.format(word.value))])
        return Func.as_sql(asking, compiler, connection, template=template, arg_joiner=joiner)


@dataclass(frozen=True)
class Sought:
    """What somebody types, resolved: a condition on models and on their search texts alike."""

    text: str
    condition: Q
    found: frozenset[int] | None = None
    """The ids of the models that match, seen or not; nothing when every model does."""
    named: tuple[ModelVersion, ...] = ()
    """The versions whose digest, file or run was typed."""


EVERYTHING = Sought("", Q())


def sought(actor: Actor, text: str) -> Sought:
    """Resolve what somebody types into what it finds for them."""
    plain, words = folded(text).strip(), words_of(text)[:MOST_WORDS]
    if not plain:
        return EVERYTHING
    named = tuple(versions_named(actor, text))
    condition = _matching(words) if words else Q(pk__in=_with_part(plain))
    if named:
        condition |= Q(pk__in={version.model_id for version in named})
    found = frozenset(SearchText.objects.filter(condition).values_list("pk", flat=True))
    if len(found) <= queries.FEW:
        condition = Q(pk__in=found)
    return Sought(text, condition, found, named)


def versions_named(actor: Actor, text: str) -> list[ModelVersion]:
    """Return the versions whose content, file or run has an id that begins so, newest first."""
    match = _IDENTIFIER.fullmatch(text.strip().lower())
    if match is None:
        return []
    begins = match[1]
    visible = queries.versions_visible_to(actor).order_by().values_list("pk", flat=True)
    asked = [
        visible.filter(**_range("content_digest", f"sha256:{begins}")),
        visible.filter(**_range("files__artifact__sha256", begins)),
    ]
    if "sha256:" not in text.lower():
        asked += [
            visible.filter(**_range("run_uid", begins)),
            visible.filter(**_range("run__uid", begins)),
        ]
    newest = asked[0].union(*asked[1:]).order_by("-pk")[:MOST_NAMED]
    versions = ModelVersion.objects.filter(pk__in=list(newest)).select_related("model")
    return list(versions.order_by("-pk"))


def having(facet: str, values: Collection[str]) -> Q:
    """Return the condition that a model has one of some values of a facet."""
    there = Q()
    for value in values:
        place = StrIndex(F("facets"), Value(_between_tabs(facet, value)))
        there |= Q(GreaterThan(place, 0))
    return Q(pk__in=SearchText.objects.filter(there).values("pk"))


def by_closeness(
    models: QuerySet[RegisteredModel], text: str
) -> QuerySet[RegisteredModel, RegisteredModel]:
    """Say of each model how close its names are to what was typed, as ``closeness``."""
    plain = folded(text).strip()
    named = Q()
    for word in words_of(text)[:MOST_WORDS]:
        named &= Q(search_text__names__contains=word)
    steps = (
        When(search_text__names__startswith=f"{plain}\n", then=EXACT),
        When(search_text__names__startswith=plain, then=BEGINS),
        When(named, then=NAMED) if named else None,
    )
    return models.annotate(
        closeness=Case(*filter(None, steps), default=FOUND, output_field=IntegerField())
    )


@dataclass(frozen=True)
class Counted:
    """How many models match, and how many have each value of each facet."""

    total: int
    values: Mapping[str, Mapping[str, int]]
    """Counted among what the other facets let through, so that a choice can be widened."""


def counted(actor: Actor, wanted: Sought, chosen: Mapping[str, Collection[str]]) -> Counted:
    """Count the models that match by facet, in one query and one pass over its rows."""
    asked = {
        facet: [_between_tabs(facet, value) for value in values]
        for facet, values in chosen.items()
        if values
    }
    matching: list[str] = []
    nearly: dict[str, list[str]] = {facet: [] for facet in asked}
    for facets in _facets_of(actor, wanted):
        missed = [facet for facet, tokens in asked.items() if not _has_any(facets, tokens)]
        if not missed:
            matching.append(facets)
        elif len(missed) == 1:
            nearly[missed[0]].append(facets)
    values = _by_facet(matching)
    for facet, others in nearly.items():
        values[facet].update(_by_facet(others)[facet])
    return Counted(len(matching), values)


def _facets_of(actor: Actor, wanted: Sought) -> Iterator[str]:
    """Yield the tokens of each visible model that matches; many are sifted here.

    An index holds ids and tokens, so all of them are read sooner than many rows one by one.
    """
    texts = queries.search_texts_visible_to(actor)
    if wanted.found is not None and len(wanted.found) <= queries.FEW:
        texts = texts.filter(wanted.condition)
    for pk, facets in texts.values_list("pk", "facets"):
        if wanted.found is None or pk in wanted.found:
            yield facets


def _has_any(facets: str, tokens: Iterable[str]) -> bool:
    return any(one in facets for one in tokens)


def _by_facet(texts: Iterable[str]) -> dict[str, Counter[str]]:
    """Count how often each value of each facet stands in some texts of tokens."""
    found: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
    for known, times in Counter("".join(texts).split("\t")).items():
        facet, is_token, value = known.partition("=")
        if is_token:
            found[facet][value] = times
    return found


def _between_tabs(facet: str, value: str) -> str:
    return f"\t{token(facet, value)}\t"


def _matching(words: Collection[str]) -> Q:
    """Return the condition that a model has every word somewhere."""
    owners = _owners()
    condition = Q()
    for word in words:
        condition &= _holds(word, [pk for pk, known_as in owners.items() if word in known_as])
    return condition


def _holds(word: str, owners: Collection[int]) -> Q:
    """Return the condition that a model has a word in its text, its names or its owner's names."""
    held = Q(HasWord("pk", word)) | Q(pk__in=_with_part(word))
    if owners:
        held |= Q(pk__in=RegisteredModel.objects.filter(owner__in=owners).values("pk"))
    return held


def _with_part(text: str) -> QuerySet[Any, Any]:
    return SearchText.objects.filter(names__contains=text).values("pk")


def _owners() -> dict[int, str]:
    """Return what the people who own models are known as, in folded form."""
    owning = RegisteredModel.objects.order_by().values("owner")
    people = User.objects.filter(pk__in=owning).values_list("pk", "display_name", "username")
    return {pk: f"{folded(name)}\n{folded(username)}" for pk, name, username in people}


def _range(column: str, begins: str) -> dict[str, str]:
    """Return the condition that a text begins so, as a range that an index answers."""
    return {f"{column}__gte": begins, f"{column}__lt": f"{begins}{_AFTER_HEX}"}
