"""The tables of the portfolio: numbers, each with the address of the rows it counts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from apps.catalog.inventory.shown import choice_in_words
from apps.core.actors import Actor
from apps.core.sheets import Cell
from apps.risk.models import Severity
from apps.risk.portfolio import due
from apps.risk.portfolio.columns import NO_VERSION, live
from apps.risk.portfolio.taken import Taken, Trait
from apps.risk.registers import reading
from apps.risk.registers.world import STAGES

TIERS = {"1": "Tier 1", "2": "Tier 2", "3": "Tier 3", "4": "Tier 4", "0": "Not tiered"}
STAGE_WORDS = {one.value: str(one.label) for one in STAGES} | {NO_VERSION: "No version"}
BAND_WORDS = {"high": "High", "medium": "Medium", "low": "Low"}
AGE_WORDS = {
    "0-30": "0–30 days",
    "31-90": "31–90 days",
    "91-180": "91–180 days",
    "over-180": "Over 180 days",
}
SPAN_WORDS = {
    "overdue": "Now or overdue",
    "30": "In 30 days",
    "60": "In 31–60 days",
    "90": "In 61–90 days",
}
_DUE = {
    "assessments": "Assessments that expire",
    "findings": "Findings to settle",
    "obligations": "Obligations that bind",
}
_BY_QUESTIONNAIRE = ("asked", "approved", "open")
Counts = Counter[frozenset[Trait]]


@dataclass(frozen=True)
class Number:
    """How many rows there are, and where they are listed."""

    count: int
    url: str
    heat: int | None = None
    """From 0 to 4 where color shows how much it weighs; the headings say it in words."""


@dataclass(frozen=True)
class Line:
    """One line of a table."""

    label: str
    numbers: Sequence[Number]


@dataclass(frozen=True)
class Table:
    """One table of numbers."""

    id: str
    title: str
    aside: str
    corner: str
    columns: Sequence[str]
    lines: Sequence[Line]

    @property
    def header(self) -> list[str]:
        return [self.corner, *self.columns]

    @property
    def cells(self) -> list[list[Cell]]:
        return [[line.label, *(one.count for one in line.numbers)] for line in self.lines]


IDS = ("tiers", "heat", "ageing", "due", "eu-classes", "coverage")


def tables(actor: Actor, on: date) -> tuple[Table, ...]:
    """Return every table, of the models an actor may see, in a fixed number of queries."""
    found, findings = Taken.of(actor, on), due.open_findings(actor, on)
    return (
        _tiers(found.counted("tier", "stage")),
        _heat(found.by_scores()),
        _ageing(findings),
        _due(actor, findings, on),
        _classes(found.classes()),
        _coverage(found),
    )


def _tiers(counts: Counts) -> Table:
    lines = [
        Line(words, [_models(counts, tier=tier, stage=stage) for stage in STAGE_WORDS])
        for tier, words in TIERS.items()
    ]
    aside = "models, by the most advanced stage of their versions"
    return Table("tiers", "Tier by stage", aside, "Tier", list(STAGE_WORDS.values()), lines)


def _heat(counts: Counts) -> Table:
    across = list(reversed(BAND_WORDS))
    lines = [
        Line(
            f"{words} materiality",
            [
                replace(
                    _models(counts, materiality=row, complexity=column),
                    heat=across.index(row) + step,
                )
                for step, column in enumerate(across)
            ],
        )
        for row, words in BAND_WORDS.items()
    ]
    columns = [f"{BAND_WORDS[one]} complexity" for one in across]
    aside = "models, by the scores of their approved tiering"
    return Table("heat", "Materiality by complexity", aside, "Materiality", columns, lines)


def _ageing(findings: due.Findings) -> Table:
    lines = [
        Line(
            str(one.label),
            [
                Number(findings[one.value, "age", age], _url("findings", severity=one, age=age))
                for age in due.AGES
            ],
        )
        for one in Severity
    ]
    aside = "open findings, by the days since they were raised"
    columns = list(AGE_WORDS.values())
    return Table("ageing", "Age of open findings", aside, "Severity", columns, lines)


def _due(actor: Actor, findings: due.Findings, on: date) -> Table:
    to_settle = {
        span: sum(findings[one.value, "due", span] for one in Severity) for span in due.SPANS
    }
    counted: Mapping[str, Mapping[str, int]] = {
        "assessments": due.counts(due.assessments(actor), due.expiring, on),
        "findings": to_settle,
        "obligations": due.counts(due.obligations(actor), due.binding, on),
    }
    lines = [
        Line(_DUE[name], [Number(counts.get(one, 0), _url(name, due=one)) for one in due.SPANS])
        for name, counts in counted.items()
    ]
    aside = "each counted once, in the first column that fits"
    return Table("due", "What falls due", aside, "What", list(SPAN_WORDS.values()), lines)


def _classes(counts: Mapping[str, int]) -> Table:
    classes = reading.fields()["use_case.eu_ai_act_class"].choices
    lines = [
        Line(choice_in_words(one), [Number(counts.get(one, 0), _url("models", eu=one))])
        for one in classes
    ]
    aside = "models with a use of that class"
    return Table("eu-classes", "EU AI Act classes", aside, "Class", ["Models"], lines)


def _coverage(found: Taken) -> Table:
    serving = live(found.visible)
    counts = found.counted("tiered", "attested", "asked", "approved", "open", of=serving)
    lines = [
        Line(one.title, [_serving(counts, **{name: one.id}) for name in _BY_QUESTIONNAIRE])
        for one in found.questionnaires
    ]
    for name, words in (("tiered", "Has a tier"), ("attested", "Attested by its owner in time")):
        numbers = [_serving(counts), *(_serving(counts, **{name: one}) for one in ("yes", "no"))]
        lines.append(Line(words, numbers))
    columns = ["Applies to", "In force", "Not in force"]
    aside = "models with a version in staging or production"
    return Table("coverage", "Coverage", aside, "What is asked", columns, lines)


def _models(counts: Counts, **asked: str) -> Number:
    return Number(_sum(counts, asked), _url("models", **asked))


def _serving(counts: Counts, **asked: str) -> Number:
    """Return a number of models that are known to be in staging or production."""
    return Number(_sum(counts, asked), _url("models", live="yes", **asked))


def _sum(counts: Counts, asked: Mapping[str, str]) -> int:
    wanted = asked.items()
    return sum(number for traits, number in counts.items() if wanted <= traits)


def _url(kind: str, **asked: str) -> str:
    return f"{reverse('risk:portfolio_rows', args=[kind])}?{urlencode(asked)}"
