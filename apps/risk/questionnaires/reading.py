"""Reading a questionnaire: shape, sense and expressions are checked before anything is used."""

import json
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import cast

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from apps.core import shapes, strict_yaml
from apps.core.errors import DomainError
from apps.core.hidden import hidden_problems
from apps.core.shapes import Problem
from apps.risk.questionnaires import building, expressions, scopes
from apps.risk.questionnaires.building import Document
from apps.risk.questionnaires.parts import Questionnaire
from apps.risk.questionnaires.sense import sense_problems

CONTENT = Path(__file__).resolve().parent.parent / "content"
SHIPPED = (
    "bank-model-risk-tiering",
    "eu-ai-act-classification",
    "genai-risk",
    "nist-ai-rmf",
)
"""The questionnaires that come with the registry, by their id."""
_MOST_PROBLEMS = 200
_MOST_PROBLEMS_TOLD = 10


class QuestionnaireRefused(DomainError):
    """A text that cannot be asked; ``problems`` says why, in 200 sentences at most."""

    code = "questionnaire_refused"

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        told = self.problems[:_MOST_PROBLEMS_TOLD]
        more = len(self.problems) - len(told)
        super().__init__(" ".join((*told, f"And {more} more." if more else "")).strip())


def parse(text: str) -> Questionnaire:
    """Return the questionnaire a text describes, checked whole but for what the policy defines.

    Raises:
        QuestionnaireRefused: when it has another shape, makes no sense, or holds an expression that
            does not compile or reads what is not known yet.
    """
    try:
        document = cast(Document, strict_yaml.load(text))
    except strict_yaml.YamlRefused as refusal:
        raise QuestionnaireRefused([str(refusal)]) from refusal
    if hidden := tuple(islice(hidden_problems(document, text), _MOST_PROBLEMS)):
        raise QuestionnaireRefused(hidden)
    require_none(shapes.problems(_validator(), document), text)
    require_none(sense_problems(document), text)
    known = scopes.of(document)
    sources = tuple(expressions.sources(document, known))
    require_none(chain.from_iterable(map(expressions.problems, sources)), text)
    return building.questionnaire(document, text, known)


@lru_cache(maxsize=32)
def parsed(text: str) -> Questionnaire:
    """Return the questionnaire of a text that was read before, without reading it again."""
    return parse(text)


@cache
def shipped(questionnaire_id: str) -> Questionnaire:
    """Return a questionnaire that comes with the registry."""
    path = CONTENT / "questionnaires" / f"{questionnaire_id}.yaml"
    return parse(path.read_text(encoding="utf-8"))


def require_none(problems: Iterable[Problem], text: str) -> None:
    """Refuse what has a problem, in the order of its lines."""
    if found := tuple(islice(problems, _MOST_PROBLEMS)):
        raise QuestionnaireRefused(with_lines(found, text))


def with_lines(problems: Iterable[Problem], text: str) -> list[str]:
    """Return problems of a text as sentences that begin with the line, in their order."""
    lines = strict_yaml.Lines(text)
    placed = sorted(((lines.of(one.path), one.words) for one in problems), key=itemgetter(0))
    return [f"Line {line}: {words}" for line, words in placed]


@cache
def _validator() -> Validator:
    schema = (CONTENT / "questionnaire.schema.json").read_text(encoding="utf-8")
    whole = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole)
    kind = extend(Draft202012Validator, type_checker=whole)  # type: ignore[no-untyped-call]
    made: Validator = kind(json.loads(schema))
    return made


def _is_whole(_: object, value: object) -> bool:
    """Say whether a value is a whole number; 60.0 is one to JSON Schema, and counts no days."""
    return type(value) is int
