"""How answers count: each question, each section, and the whole."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.risk.questionnaires.answers import as_number
from apps.risk.questionnaires.parts import Question, QuestionType, Scoring, Value


@dataclass(frozen=True)
class Score:
    """Points of the most there could be; of what is not asked there are none."""

    score: float = 0.0
    max: float = 0.0
    is_visible: bool = True

    @property
    def pct(self) -> float:
        """The share in percent; 0 where nothing counts."""
        return 100.0 * self.score / self.max if self.max else 0.0

    def as_facts(self) -> dict[str, object]:
        """Return the points as expressions read them."""
        return {"score": self.score, "max": self.max, "pct": self.pct, "visible": self.is_visible}


def scored(question: Question, value: Value) -> Score:
    """Return how the answer to a question that is asked counts."""
    rules = question.scoring
    if rules is None:
        return Score()
    score, most = _points(question, rules, value)
    return Score(score * rules.weight, most * rules.weight)


def total(scores: Iterable[Score], *, is_visible: bool = True) -> Score:
    """Return the sum of some scores."""
    listed = list(scores)
    return Score(sum(one.score for one in listed), sum(one.max for one in listed), is_visible)


def _points(question: Question, rules: Scoring, value: Value) -> tuple[float, float]:
    if question.type is QuestionType.BOOLEAN:
        given = {True: rules.score_true, False: rules.score_false}
        score = given[value] if isinstance(value, bool) else 0.0
        return score, max(rules.score_true, rules.score_false)
    if question.type is QuestionType.SCALE:
        return as_number(value) or 0.0, float(question.max or 0)
    chosen = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    options = [question.options_by_value[one] for one in chosen]
    if any(option.is_not_applicable for option in options):
        return 0.0, 0.0
    got = [option.score for option in options]
    most = [option.score for option in question.options]
    if rules.combine == "sum":
        points = sum(got), sum(most)
    else:
        points = max(got, default=0.0), max(most, default=0.0)
    if rules.cap is None:
        return points
    return min(points[0], rules.cap), min(points[1], rules.cap)
