"""Questionnaires as data: read, checked, and worked out the same way years later."""

from apps.risk.questionnaires.answers import AnswerRefused, all_checked, checked
from apps.risk.questionnaires.carrying import Carried, carried
from apps.risk.questionnaires.evaluation import EvaluationFailed, applies, evaluate
from apps.risk.questionnaires.parts import (
    Flag,
    Obligation,
    ObligationKind,
    ObligationRule,
    Option,
    Outcome,
    Question,
    Questionnaire,
    QuestionType,
    Section,
    Setting,
    Source,
    Value,
)
from apps.risk.questionnaires.reading import (
    SHIPPED,
    QuestionnaireRefused,
    parse,
    parsed,
    shipped,
)
from apps.risk.questionnaires.results import Duty, Result, number_text
from apps.risk.questionnaires.scoring import Score

__all__ = [
    "SHIPPED",
    "AnswerRefused",
    "Carried",
    "Duty",
    "EvaluationFailed",
    "Flag",
    "Obligation",
    "ObligationKind",
    "ObligationRule",
    "Option",
    "Outcome",
    "Question",
    "QuestionType",
    "Questionnaire",
    "QuestionnaireRefused",
    "Result",
    "Score",
    "Section",
    "Setting",
    "Source",
    "Value",
    "all_checked",
    "applies",
    "carried",
    "checked",
    "evaluate",
    "number_text",
    "parse",
    "parsed",
    "shipped",
]
