"""What an assessment came to, or would: the rule that fired, scores, flags, duties, values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.catalog.inventory import fields
from apps.risk.models import Assessment
from apps.risk.policy_says import PolicySays
from apps.risk.questionnaires import Outcome, Questionnaire

_KINDS = {
    "evidence": "Evidence",
    "document": "Document",
    "condition": "Condition",
    "sign_off": "Sign-off",
    "restriction": "Restriction",
}
_MIDDLE, _HIGH = 0.34, 0.67


@dataclass(frozen=True)
class ScoreShown:
    """How much of what a section can score was scored."""

    title: str
    score: str
    most: str
    percent: str

    @property
    def share(self) -> int:
        """The percentage as a whole number, for a meter."""
        return round(float(self.percent))

    @property
    def words(self) -> str:
        return f"{self.title}: {self.score} of {self.most}, {self.percent} %"


@dataclass(frozen=True)
class DutyShown:
    """One obligation in words."""

    id: str
    title: str
    detail: str
    kind: str
    gates: str
    since: date | None
    cites: str

    @property
    def terms(self) -> str:
        """What it is, and where it stands in the way."""
        return " · ".join(part for part in (self.kind, self.gates, self.cites) if part)


@dataclass(frozen=True)
class OutcomeShown:
    """A whole result as a page shows it."""

    outcome: Outcome
    tone: str
    rule: str
    because: Sequence[tuple[str, str]]
    scores: Sequence[ScoreShown]
    total: ScoreShown | None
    variables: Sequence[tuple[str, str]]
    flags: Sequence[tuple[str, str]]
    duties: Sequence[DutyShown]
    values: Sequence[tuple[str, str]]

    @property
    def is_fallback(self) -> bool:
        """Whether it is the outcome that is left when none before it fits."""
        return self.rule == "true"


def shown(
    questionnaire: Questionnaire, told: Mapping[str, Any], policy: PolicySays
) -> OutcomeShown:
    """Return the outcome of a result in its stored form."""
    outcome = questionnaire.outcome(told["outcome"])
    scores = [
        _score(section.title, told["sections"][section.id])
        for section in questionnaire.sections
        if told["sections"][section.id]["visible"]
    ]
    counted = [one for one in scores if one.most != "0"]
    return OutcomeShown(
        outcome=outcome,
        tone=tone_of(questionnaire, outcome),
        rule=outcome.when.source,
        because=[(one["words"], one["value"]) for one in told["because"]],
        scores=counted,
        total=_score("All sections", told["total"]) if len(counted) > 1 else None,
        variables=[(_name(key), _value(value)) for key, value in told["vars"].items()],
        flags=[_flag(questionnaire, flag) for flag in told["flags"]],
        duties=[_duty(questionnaire, one, policy) for one in told["obligations"]],
        values=values_in_words({one["field"]: one["value"] for one in told["sets"]}),
    )


def shown_of(
    assessment: Assessment, questionnaire: Questionnaire, policy: PolicySays
) -> OutcomeShown | None:
    """Return what an approved assessment came to, as it was stored; nothing of one that is not."""
    if not assessment.outcome:
        return None
    return shown(questionnaire, assessment.result, policy)


def tone_of(questionnaire: Questionnaire, outcome: Outcome) -> str:
    """Return how severe an outcome looks among those of its questionnaire."""
    ranks = sorted({one.rank for one in questionnaire.outcomes})
    share = ranks.index(outcome.rank) / (len(ranks) - 1) if len(ranks) > 1 else 0
    return "bad" if share >= _HIGH else "warn" if share >= _MIDDLE else "good"


def outcome_label(questionnaire: Questionnaire, outcome_id: str) -> str:
    """Return what an outcome is called."""
    return questionnaire.outcome(outcome_id).label if outcome_id else ""


def values_in_words(sets: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return inventory values by the label of their field."""
    labels = {
        field.path: field.label for entity in fields.in_force().entities for field in entity.fields
    }
    return [
        (labels.get(path, _name(path.partition(".")[2])), _value(value))
        for path, value in sets.items()
    ]


def _score(title: str, told: Mapping[str, Any]) -> ScoreShown:
    score, most = _rounded(told["score"]), _rounded(told["max"])
    return ScoreShown(title, score, most, _rounded(told["pct"]))


def _rounded(text: str) -> str:
    return f"{float(text):.1f}".removesuffix(".0")


def _flag(questionnaire: Questionnaire, flag_id: str) -> tuple[str, str]:
    flag = questionnaire.flag(flag_id)
    return flag.label, "; ".join(flag.cites)


def _duty(questionnaire: Questionnaire, told: Mapping[str, Any], policy: PolicySays) -> DutyShown:
    rule, since = questionnaire.obligation(told["id"]), told["applies_from"]
    gates = ", ".join(policy.transitions.get(gate, _name(gate)) for gate in rule.gates)
    return DutyShown(
        id=rule.id,
        title=rule.title,
        detail=rule.detail,
        kind=_KINDS.get(str(rule.kind.value), str(rule.kind.value)),
        gates=f"before: {gates}" if gates else "",
        since=date.fromisoformat(since) if since else None,
        cites="; ".join(rule.cites),
    )


def _name(key: str) -> str:
    return key.strip("_").replace("_", " ").capitalize()


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list | tuple):
        return ", ".join(_name(str(one)) for one in value) or "None"
    text = str(value)
    return _name(text) if text.replace("_", "").isalpha() and text.islower() else text
