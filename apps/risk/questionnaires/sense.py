"""What a questionnaire of the right shape says that makes no sense, in words."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from apps.core.shapes import Path, Problem, nearest
from apps.risk.questionnaires.asked import question_problems
from apps.risk.questionnaires.limits import limit_problems

Document = dict[str, Any]
_RESERVED = frozenset(
    "as break const continue else false for function if import in let loop namespace null package"
    " return true var void while".split()
)
"""What cannot follow a point in an expression."""
_LISTS_WITH_IDS = ("sources", "sections", "outcomes", "flags", "obligations")


def sense_problems(document: Document) -> Iterator[Problem]:
    """Say everything that keeps a document of the right shape from being asked."""
    yield from limit_problems(document)
    for check in _CHECKS:
        yield from check(document)


def _repeated_names(document: Document) -> Iterator[Problem]:
    for name in _LISTS_WITH_IDS:
        paths: list[Path] = [(name, at, "id") for at in range(len(document.get(name, ())))]
        ids = [part["id"] for part in document.get(name, ())]
        yield from _twice(f"{name}: the id", ids, paths)
    keys = [(question["key"], (*path, "key")) for path, question in _questions(document)]
    yield from _twice("The key", [key for key, _ in keys], [path for _, path in keys])
    made = document.get("vars", ())
    paths = [("vars", at, "key") for at in range(len(made))]
    yield from _twice("vars: the key", [var["key"] for var in made], paths)


def _twice(what: str, names: list[str], paths: list[Path]) -> Iterator[Problem]:
    for at in _again(names):
        yield Problem(f"{what} {names[at]!r} appears twice. Give each its own.", paths[at])


def _again(names: Iterable[str]) -> Iterator[int]:
    """Yield where a name stands that stood there before."""
    seen: set[str] = set()
    for at, name in enumerate(names):
        if name in seen:
            yield at
        seen.add(name)


def _reserved_names(document: Document) -> Iterator[Problem]:
    named: list[tuple[str, Path]] = [
        (question["key"], (*path, "key")) for path, question in _questions(document)
    ]
    named += [(part["id"], ("sections", at)) for at, part in enumerate(document["sections"])]
    named += [(part["key"], ("vars", at)) for at, part in enumerate(document.get("vars", ()))]
    for name, path in named:
        if name in _RESERVED:
            words = f"{name!r} is a word of expressions and cannot be a name. Choose another."
            yield Problem(words, path)


def _questions_of(document: Document) -> Iterator[Problem]:
    sets = document.get("option_sets", {})
    for name, options in sets.items():
        values = [option["value"] for option in options]
        paths: list[Path] = [("option_sets", name, at, "value") for at in range(len(values))]
        yield from _twice(f"The option set {name}: the value", values, paths)
    for path, question in _questions(document):
        values = [option["value"] for option in question.get("options", ())]
        paths = [(*path, "options", at, "value") for at in range(len(values))]
        place = f"The question {question['key']}"
        yield from _twice(f"{place}: the value", values, paths)
        yield from question_problems(question, sets, path)


def _people(document: Document) -> Iterator[Problem]:
    for key, does in (("respondents", "answers"), ("reviewers", "reviews the answers")):
        if not document.get(key):
            yield Problem(f"{key}: say who {does}, by roles of the policy.", (key,))
        for at in _again(document.get(key, ())):
            yield Problem(f"{key} names {document[key][at]!r} twice.", (key, at))


def _age(document: Document) -> Iterator[Problem]:
    if "max_age_days" not in document.get("reassessment", {}):
        words = "reassessment: say under max_age_days how long an approved assessment counts."
        yield Problem(words, ("reassessment",))


def _dates(document: Document) -> Iterator[Problem]:
    yield from _date("law_as_of", document["law_as_of"], ("law_as_of",))
    for at, duty in enumerate(document.get("obligations", ())):
        path: Path = ("obligations", at)
        place = f"The obligation {duty['id']}"
        if "applies_from" in duty:
            yield from _date(place, duty["applies_from"], (*path, "applies_from"))
        if "applies_from_var" in duty:
            yield from _date_of_var(document, place, duty, (*path, "applies_from_var"))


def _date(place: str, written: str, path: Path) -> Iterator[Problem]:
    try:
        if len(written) == len("2026-01-01"):
            date.fromisoformat(written)
            return
    except ValueError:
        pass
    yield Problem(f"{place}: {written!r} is no day. Write one like 2026-11-23.", path)


def _date_of_var(document: Document, place: str, duty: Document, path: Path) -> Iterator[Problem]:
    kinds = {var["key"]: var["type"] for var in document.get("vars", ())}
    named = duty["applies_from_var"]
    if "applies_from" in duty:
        yield Problem(f"{place} has a day of its own and one from a variable. Keep one.", path)
    if named not in kinds:
        words = f"{place} takes its day from the undefined variable {named!r}."
        yield Problem(f"{words}{nearest(named, kinds)}", path)
    elif kinds[named] != "text":
        yield Problem(f"{place}: the variable {named} is no text that could hold a day.", path)


def _outcomes(document: Document) -> Iterator[Problem]:
    last = len(document["outcomes"]) - 1
    if document["outcomes"][last]["when"].strip() != "true":
        yield Problem(
            'The last outcome must be so whenever no other is: write when: "true".',
            ("outcomes", last, "when"),
        )
    for at, outcome in enumerate(document["outcomes"]):
        for field, value in outcome.get("sets", {}).items():
            if not _is_plain(value):
                words = f"The outcome {outcome['id']} sets {field} to what no field holds."
                yield Problem(
                    f"{words} Write text, true or false, a whole number, or a list of texts.",
                    ("outcomes", at, "sets", field),
                )


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(one, str) for one in value)
    return isinstance(value, str | bool | int)


def _questions(document: Document) -> Iterator[tuple[Path, Document]]:
    for at, section in enumerate(document["sections"]):
        for number, question in enumerate(section["questions"]):
            yield ("sections", at, "questions", number), question


_CHECKS: Iterable[Callable[[Document], Iterator[Problem]]] = (
    _repeated_names,
    _reserved_names,
    _questions_of,
    _people,
    _age,
    _dates,
    _outcomes,
)
