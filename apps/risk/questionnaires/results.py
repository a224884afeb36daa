"""What came of answers: everything an assessment stores, in a form that can be digested."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TypeAlias

from apps.core.digests import digest_of
from apps.risk.questionnaires.parts import Obligation, Outcome, Setting, Value
from apps.risk.questionnaires.scoring import Score

VarValue: TypeAlias = "bool | float | str | tuple[str, ...]"
_DECIMALS = 6


@dataclass(frozen=True)
class Duty:
    """An obligation that exists, with the day from which it binds."""

    rule: Obligation
    applies_from: date | None


@dataclass(frozen=True)
class Result:
    """What a questionnaire makes of some answers.

    While a required answer is missing it is provisional, and then has no outcome, flags,
    obligations or values to write: an empty answer counts like the absence of a risk.
    """

    applies: bool
    is_provisional: bool = False
    visible: frozenset[str] = frozenset()
    """The keys of the questions that are asked."""
    visible_sections: tuple[str, ...] = ()
    values: Mapping[str, Value] = field(default_factory=dict)
    """The answers that count: empty where a question is not asked."""
    scores: Mapping[str, float] = field(default_factory=dict)
    sections: Mapping[str, Score] = field(default_factory=dict)
    total: Score = field(default_factory=Score)
    vars: Mapping[str, VarValue] = field(default_factory=dict)
    outcome: Outcome | None = None
    flags: tuple[str, ...] = ()
    obligations: tuple[Duty, ...] = ()
    missing: tuple[str, ...] = ()
    """The questions that must be answered and are not, in order."""
    answered: int = 0
    """How many of the questions that must be answered are."""
    required: int = 0
    sets: Mapping[str, Setting] = field(default_factory=dict)
    """What approval writes to the inventory, by the path of the field."""
    because: tuple[tuple[str, str], ...] = ()
    """What the outcome was found by, in words."""

    def plain(self) -> dict[str, object]:
        """Return the whole result as JSON takes it, numbers as decimal text."""
        return {
            "applies": self.applies,
            "provisional": self.is_provisional,
            "visible": sorted(self.visible),
            "values": {key: value for key, value in self.values.items() if key in self.visible},
            "scores": {key: number_text(score) for key, score in self.scores.items()},
            "sections": {key: _plain_score(score) for key, score in self.sections.items()},
            "total": _plain_score(self.total),
            "vars": {key: _plain_var(value) for key, value in self.vars.items()},
            "outcome": self.outcome.id if self.outcome else None,
            "flags": list(self.flags),
            "obligations": [
                {
                    "id": duty.rule.id,
                    "applies_from": duty.applies_from.isoformat() if duty.applies_from else None,
                }
                for duty in self.obligations
            ],
            "missing": list(self.missing),
            "sets": [{"field": path, "value": value} for path, value in self.sets.items()],
            "because": [{"words": words, "value": value} for words, value in self.because],
        }

    @cached_property
    def digest(self) -> str:
        """Stands for the whole result."""
        return digest_of(self.plain())


def number_text(number: float) -> str:
    """Return a number as decimal text, to six places and without zeros that say nothing."""
    text = f"{number:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _plain_score(score: Score) -> dict[str, object]:
    return {
        "score": number_text(score.score),
        "max": number_text(score.max),
        "pct": number_text(score.pct),
        "visible": score.is_visible,
    }


def _plain_var(value: VarValue) -> object:
    if isinstance(value, tuple):
        return list(value)
    return number_text(value) if isinstance(value, float) else value
