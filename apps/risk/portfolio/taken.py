"""What the portfolio counts about models: one reading for a number and for the rows behind it.

Models of which the same is true are counted by the database, so a number costs as many rows as
there are differences, not as there are models. A list reads the same columns, model by model.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, QuerySet

from apps.catalog import queries as catalog
from apps.catalog.inventory.facts import FLAGS, is_third_party
from apps.catalog.models import RegisteredModel, UseCase
from apps.core.actors import Actor
from apps.risk import offered, questionnaires, subjects
from apps.risk.policy_says import PolicySays, policy
from apps.risk.portfolio import columns, scores
from apps.risk.portfolio.columns import APPROVED, EU_CLASS, Row
from apps.risk.portfolio.scores import AXES
from apps.risk.questionnaires import Questionnaire

EU = "eu"
Trait = tuple[str, str]
"""What can be asked of a model, and a value that is true of it."""


@dataclass(frozen=True)
class Taken:
    """The models one reader may see, as they stand on a day."""

    visible: QuerySet[RegisteredModel]
    on: date
    says: PolicySays
    questionnaires: tuple[Questionnaire, ...]
    applying: dict[tuple[tuple[str, bool | int], ...], frozenset[str]] = field(default_factory=dict)
    """Which questionnaires apply, by what is known of a model: many models are alike."""

    @classmethod
    def of(cls, actor: Actor, on: date) -> "Taken":
        """Look at every model an actor may see, as it stands on a day."""
        return cls(catalog.models_visible_to(actor), on, policy(), offered.offered())

    def counted(
        self, *names: str, of: QuerySet[RegisteredModel] | None = None
    ) -> Counter[frozenset[Trait]]:
        """Count models, all of them or some, by what is true of them, in one query."""
        read = columns.read_for(names, self.on, self.says, self.questionnaires)
        models = self.visible if of is None else of
        found = models.order_by().annotate(**read).values_list(*read).annotate(models=Count("pk"))
        counted: Counter[frozenset[Trait]] = Counter()
        for *row, number in found:
            told = dict(zip(read, row, strict=True))
            counted[frozenset(self._traits(told, names))] += number
        return counted

    def by_scores(self) -> Counter[frozenset[Trait]]:
        """Count models by the bands of the scores of their tiering, in two queries at most."""
        found = Counter(scores.bands(self.visible).values())
        return Counter(
            {frozenset(zip(AXES, held, strict=True)): number for held, number in found.items()}
        )

    def classes(self) -> Mapping[str, int]:
        """Count models by the classes of their uses under the EU AI Act, in one query."""
        uses = UseCase.objects.filter(ended_at=None, model__in=self.visible.order_by().values("pk"))
        by_class = uses.order_by().values_list(EU_CLASS)
        return dict(by_class.annotate(models=Count("model", distinct=True)))

    def matching(self, asked: Mapping[str, str]) -> list[int]:
        """Return the models that all that is asked is true of, by their ids, in one query."""
        rows = self.visible.order_by("pk")
        if EU in asked:
            uses = UseCase.objects.filter(ended_at=None, values__eu_ai_act_class=asked[EU])
            rows = rows.filter(pk__in=uses.values("model"))
        if asked.keys() & set(AXES):
            rows = rows.filter(pk__in=self._in_bands(asked))
        names = sorted(asked.keys() - {EU, *AXES})
        wanted = {(name, asked[name]) for name in names}
        return [pk for pk, traits in self._each(rows, names) if wanted <= traits]

    def _in_bands(self, asked: Mapping[str, str]) -> list[int]:
        wanted = asked.items() & {(axis, asked.get(axis, "")) for axis in AXES}
        found = scores.bands(self.visible)
        return [pk for pk, held in found.items() if wanted <= set(zip(AXES, held, strict=True))]

    def told(self, ids: Collection[int], *names: str) -> Mapping[int, Mapping[str, str]]:
        """Return what is true of some models under some names, by their ids, in one query."""
        return {
            pk: dict(traits) for pk, traits in self._each(self.visible.filter(pk__in=ids), names)
        }

    def _each(
        self, models: QuerySet[RegisteredModel], names: Collection[str]
    ) -> Iterator[tuple[int, frozenset[Trait]]]:
        read = columns.read_for(names, self.on, self.says, self.questionnaires)
        known: dict[tuple[object, ...], frozenset[Trait]] = {}
        for pk, *row in models.annotate(**read).values_list("pk", *read):
            same = tuple(row)
            if same not in known:
                told = dict(zip(read, row, strict=True))
                known[same] = frozenset(self._traits(told, names))
            yield pk, known[same]

    def _traits(self, row: Row, names: Iterable[str]) -> Iterator[Trait]:
        """Yield everything that is true of a model under some names."""
        for name in names:
            if name in _PLAIN:
                yield name, _PLAIN[name](row)
            else:
                yield from ((name, one) for one in self._of_questionnaires(row, name))

    def _of_questionnaires(self, row: Row, name: str) -> Iterable[str]:
        """Return which questionnaires apply, and of those which are approved, or are not."""
        asked = self._applying(row)
        if name == "asked":
            return asked
        approved = {
            one.id for at, one in enumerate(self.questionnaires) if row[APPROVED.format(at)]
        }
        return asked & approved if name == "approved" else asked - approved

    def _applying(self, row: Row) -> frozenset[str]:
        facts = _facts(row)
        same = tuple(facts.items())
        if same not in self.applying:
            found = (one.id for one in self.questionnaires if questionnaires.applies(one, facts))
            self.applying[same] = frozenset(found)
        return self.applying[same]


def _facts(row: Row) -> Mapping[str, bool | int]:
    flags = FLAGS.intersection(json.loads(row["told_flags"]))
    answers: dict[str, object] = {
        name: row[f"told_{name}"] in {True, "1", "true"} or name in flags
        for name in subjects.TRAITS
    }
    model, told = RegisteredModel(kind=row["told_kind"]), {"origin": row["told_origin"]}
    answers["is_third_party"] = row["told_supplied"] or is_third_party(model, told, ())
    return subjects.from_answers(answers, tier=_tier(row))


def _tier(row: Row) -> int:
    told = str(row["told_tier"] or "")
    return int(told) if told.isdigit() else 0


def _yes_no(is_so: object) -> str:
    return "yes" if is_so else "no"


_PLAIN: Mapping[str, Callable[[Row], str]] = {
    "tier": lambda row: str(_tier(row)),
    "tiered": lambda row: _yes_no(_tier(row)),
    "stage": lambda row: str(row["told_stage"]),
    "live": lambda row: _yes_no(row["told_live"]),
    "attested": lambda row: _yes_no(row["told_attested"]),
}
"""What one column says of a model, in the words a list is asked by."""
