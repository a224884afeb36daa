"""Every expression of a questionnaire with the facts it may name, checked before it is used."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from apps.core.expressions import ExpressionError, Kind, Variables, compile_expression
from apps.core.shapes import Path, Problem
from apps.risk.questionnaires.meant import meant_problems
from apps.risk.questionnaires.scopes import VAR_KINDS, Document, Scopes


class Source(NamedTuple):
    """An expression as written, with its place in the document."""

    place: str
    text: str
    variables: Variables
    path: Path
    gives: Kind = Kind.BOOL
    not_yet: Collection[str] = ()
    """The facts it may not read, since they are known only after it."""
    options: "dict[str, Collection[str]]" = {}
    """What may be answered to the choices it reads, by their key."""


def sources(document: Document, scopes: Scopes) -> Iterator[Source]:
    """Yield every expression of a document whose shape was checked."""
    options = _options(document)
    if "applies_when" in document:
        yield Source("applies_when", document["applies_when"], scopes.subject, ("applies_when",))
    for source in (*_asking(document, scopes), *_deciding(document, scopes)):
        yield source._replace(options=options)


def problems(source: Source) -> Iterator[Problem]:
    """Say why an expression cannot be used."""
    try:
        compiled = compile_expression(source.text, variables=source.variables, gives=source.gives)
    except ExpressionError as error:
        yield Problem(f"{source.place}: {error}", source.path)
        return
    for path, _ in compiled.reads:
        if path in source.not_yet:
            yield Problem(
                f"{source.place} reads {path}, which is not known yet: it stands further down.",
                source.path,
            )
    yield from meant_problems(source.place, source.text, source.options, source.path)


def _asking(document: Document, scopes: Scopes) -> Iterator[Source]:
    later = [f"answers.{question['key']}" for _, question in _questions(document)]
    for at, section in enumerate(document["sections"]):
        path: Path = ("sections", at)
        if "visible_when" in section:
            place = f"The section {section['id']}"
            yield Source(
                place, section["visible_when"], scopes.asking, (*path, "visible_when"),
                not_yet=frozenset(later),
            )  # fmt: skip
        for number, question in enumerate(section["questions"]):
            if "visible_when" in question:
                yield Source(
                    f"The question {question['key']}", question["visible_when"], scopes.asking,
                    (*path, "questions", number, "visible_when"), not_yet=frozenset(later),
                )  # fmt: skip
            later.remove(f"answers.{question['key']}")


def _deciding(document: Document, scopes: Scopes) -> Iterator[Source]:
    later = [f"vars.{var['key']}" for var in document.get("vars", ())]
    for at, var in enumerate(document.get("vars", ())):
        yield Source(
            f"The variable {var['key']}", var["expr"], scopes.outcome, ("vars", at, "expr"),
            VAR_KINDS[var["type"]], frozenset(later),
        )  # fmt: skip
        later.remove(f"vars.{var['key']}")
    for name, kind, scope in (
        ("outcomes", "The outcome", scopes.outcome),
        ("flags", "The flag", scopes.flag),
        ("obligations", "The obligation", scopes.obligation),
    ):
        for at, part in enumerate(document.get(name, ())):
            yield Source(f"{kind} {part['id']}", part["when"], scope, (name, at, "when"))


def _questions(document: Document) -> Iterator[tuple[Document, Document]]:
    for section in document["sections"]:
        for question in section["questions"]:
            yield section, question


def _options(document: Document) -> dict[str, Collection[str]]:
    sets = document.get("option_sets", {})
    return {
        question["key"]: frozenset(
            option["value"] for option in question.get("options") or sets[question["option_set"]]
        )
        for _, question in _questions(document)
        if "options" in question or "option_set" in question
    }
