"""Which facts each kind of expression in a questionnaire may name (section 2 of its README)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from apps.core.expressions import Kind, Variables
from apps.risk.questionnaires.parts import LISTS, QuestionType

Document = Mapping[str, Any]

SUBJECT: Mapping[str, Kind] = {
    "eu_in_scope": Kind.BOOL,
    "tiering_required": Kind.BOOL,
    "is_ai": Kind.BOOL,
    "is_generative": Kind.BOOL,
    "is_agentic": Kind.BOOL,
    "is_third_party": Kind.BOOL,
    "tier": Kind.INT,
}
"""What the registry says of the subject of every assessment."""
VAR_KINDS: Mapping[str, Kind] = {
    "boolean": Kind.BOOL,
    "number": Kind.DOUBLE,
    "text": Kind.STRING,
    "list": Kind.LIST,
}
_SCORE = ("score", "max", "pct")


class Scopes(NamedTuple):
    """The facts of each kind of expression, the narrower first."""

    subject: Variables
    """Whether the questionnaire applies."""
    asking: Variables
    """Whether something is asked."""
    outcome: Variables
    """What is worked out, and the outcome."""
    flag: Variables
    obligation: Variables


def of(document: Document) -> Scopes:
    """Return the facts a questionnaire's expressions may name; its shape was checked."""
    questions = [question for section in document["sections"] for question in section["questions"]]
    subject = {f"subject.{name}": kind for name, kind in SUBJECT.items()}
    asking = subject | {"today": Kind.TIMESTAMP} | dict(_answers(questions))
    outcome = asking | dict(_scores(questions, document["sections"])) | _vars(document)
    flag = outcome | {"outcome": Kind.STRING}
    obligation = flag | {"flags": Kind.LIST}
    return Scopes(*map(Variables.of, (subject, asking, outcome, flag, obligation)))


def _answers(questions: Iterable[Document]) -> Iterator[tuple[str, Kind]]:
    for question in questions:
        kind = Kind.LIST if question["type"] in LISTS else Kind.ANY
        is_text = question["type"] == QuestionType.TEXT
        yield f"answers.{question['key']}", Kind.STRING if is_text else kind


def _scores(
    questions: Iterable[Document], sections: Iterable[Document]
) -> Iterator[tuple[str, Kind]]:
    for question in questions:
        yield f"scores.{question['key']}", Kind.DOUBLE
    for section in sections:
        yield f"sections.{section['id']}.visible", Kind.BOOL
        yield from ((f"sections.{section['id']}.{name}", Kind.DOUBLE) for name in _SCORE)
    yield from ((f"total.{name}", Kind.DOUBLE) for name in _SCORE)


def _vars(document: Document) -> dict[str, Kind]:
    return {f"vars.{var['key']}": VAR_KINDS[var["type"]] for var in document.get("vars", ())}
