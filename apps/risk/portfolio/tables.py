"""The tables of the portfolio: numbers, each with the address of the rows it counts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from apps.catalog.inventory.shown import choice_in_words
from apps.core.actors import Actor
from apps.core.sheets import Cell
from apps.risk.models import Severity
from apps.risk.portfolio import due, taken
from apps.risk.portfolio.taken import NO_VERSION, Taken
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
    found = Taken.of(actor, on)
    return (
        _tiers(found),
        _heat(found),
        _ageing(actor, on),
        _due(actor, on),
        _classes(found),
        _coverage(found),
    )


def _tiers(found: Taken) -> Table:
    lines = [
        Line(words, [_models(found, tier=tier, stage=stage) for stage in STAGE_WORDS])
        for tier, words in TIERS.items()
    ]
    aside = "models, by the most advanced stage of their versions"
    return Table("tiers", "Tier by stage", aside, "Tier", list(STAGE_WORDS.values()), lines)


def _heat(found: Taken) -> Table:
    across = list(reversed(BAND_WORDS))
    lines = [
        Line(
            f"{words} materiality",
            [
                _models(found, across.index(row) + step, materiality=row, complexity=column)
                for step, column in enumerate(across)
            ],
        )
        for row, words in BAND_WORDS.items()
    ]
    columns = [f"{BAND_WORDS[one]} complexity" for one in across]
    aside = "models, by the scores of their approved tiering"
    return Table("heat", "Materiality by complexity", aside, "Materiality", columns, lines)


def _ageing(actor: Actor, on: date) -> Table:
    counts = due.ages(actor, on)
    lines = [
        Line(
            str(severity.label),
            [
                Number(
                    counts[f"{severity} {age}"], _url("findings", severity=severity.value, age=age)
                )
                for age in due.AGES
            ],
        )
        for severity in Severity
    ]
    aside = "open findings, by the days since they were raised"
    columns = list(AGE_WORDS.values())
    return Table("ageing", "Age of open findings", aside, "Severity", columns, lines)


def _due(actor: Actor, on: date) -> Table:
    asked: Mapping[str, tuple[Callable[..., object], Callable[..., object]]] = {
        "assessments": (due.assessments, due.expiring),
        "findings": (due.findings, due.settled_by),
        "obligations": (due.obligations, due.binding),
    }
    lines = []
    for name, (rows, condition) in asked.items():
        counts = due.counts(rows(actor), {one: condition(one, on) for one in due.SPANS})  # type: ignore[arg-type, misc]
        numbers = [Number(counts[one], _url(name, due=one)) for one in due.SPANS]
        lines.append(Line(_DUE[name], numbers))
    aside = "each counted once, in the first column that fits"
    return Table("due", "What falls due", aside, "What", list(SPAN_WORDS.values()), lines)


def _classes(found: Taken) -> Table:
    classes = reading.fields()["use_case.eu_ai_act_class"].choices
    lines = [Line(choice_in_words(one), [_models(found, eu=one)]) for one in classes]
    aside = "models with a use of that class"
    return Table("eu-classes", "EU AI Act classes", aside, "Class", ["Models"], lines)


def _coverage(found: Taken) -> Table:
    lines = [
        Line(
            one.title,
            [
                _models(found, live="yes", asked=one.id),
                _models(found, live="yes", approved=one.id),
                _models(found, live="yes", open=one.id),
            ],
        )
        for one in found.questionnaires
    ]
    for name, words in (("tiered", "Has a tier"), ("attested", "Attested by its owner in time")):
        numbers = [
            _models(found, live="yes"),
            _models(found, None, live="yes", **{name: "yes"}),
            _models(found, None, live="yes", **{name: "no"}),
        ]
        lines.append(Line(words, numbers))
    columns = ["Applies to", "In force", "Not in force"]
    aside = "models with a version in staging or production"
    return Table("coverage", "Coverage", aside, "What is asked", columns, lines)


def _models(found: Taken, heat: int | None = None, **asked: str) -> Number:
    count = sum(1 for _ in taken.matching(found, asked))
    return Number(count, _url("models", **asked), heat)


def _url(kind: str, **asked: str) -> str:
    return f"{reverse('risk:portfolio_rows', args=[kind])}?{urlencode(asked)}"
