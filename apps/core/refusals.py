"""What an engine says of an expression it cannot read or evaluate, in words people can act on."""

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches

_UNKNOWN_NAME = re.compile(r"undeclared reference to '([^']*)'")
_UNKNOWN_FACT = re.compile(r"There is no fact ([^;]+);")
_OVERLOAD = re.compile(
    r":1:(\d+): found no matching overload for '_?([^']*?)_?' applied to '(.*?)'"
)
_UNREADABLE = re.compile(r":1:(\d+): Syntax error: ([^\n[]*)")
_CODES = re.compile(r"^[A-Z_]+: |ERROR: <input>:| \[[A-Z_]+\]$")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_ENGINE_WORDS = (
    ("budget exceeded", "It took too many steps."),
    ("recursion", "It is nested too deeply."),
    ("divide by zero", "It divides by zero."),
    ("modulus by zero", "It divides by zero."),
    ("overflow", "A number in it grows too large."),
    ("No matching overloads", "It combines values that do not go together."),
    ("Key not found", "It reads a key that is missing."),
    ("Index error", "It reads past the end of a list."),
)
_HINTS = (
    (re.compile(r"(?<![=!<>])=(?!=)|==="), "Write == to compare."),
    (re.compile(r"\b(?:and|or|not)\b"), "Write && for and, || for or, ! for not."),
)
_KINDS = {"int": "a whole number", "double": "a number with a point", "string": "text",
          "bool": "true or false", "timestamp": "a moment"}  # fmt: skip


def in_plain_words(message: str, *, source: str = "", known: Collection[str] = ()) -> str:
    """Return an engine's message without its codes; the well-known ones as a sentence.

    With the names that are known, one that is not comes with the nearest of them.
    """
    for sign, sentence in _ENGINE_WORDS:
        if sign in message:
            return sentence
    if unknown := _UNKNOWN_NAME.search(message):
        return f"There is no fact or function {unknown[1]}.{_nearest(unknown[1], known)}"
    if misfit := _OVERLOAD.search(message):
        return f"The expression fails: {_misfit(*misfit.groups())}"
    if unreadable := _UNREADABLE.search(message):
        return f"The expression fails: {_unreadable(unreadable[1], unreadable[2], source)}"
    problem = _CODES.sub("", next(iter(message.splitlines()), ""))
    return f"The expression fails: {problem.strip().rstrip('.')}."


def with_nearest(sentence: str, known: Collection[str]) -> str:
    """Return a sentence about a fact there is not, with the nearest there is."""
    unknown = _UNKNOWN_FACT.search(sentence)
    return f"{sentence}{_nearest(unknown[1], known)}" if unknown else sentence


def closest_or_none(word: str, known: Iterable[str]) -> str | None:
    """Return the one of some words that a word nobody knows is likely meant to be."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.7)), None)


def _nearest(name: str, known: Collection[str]) -> str:
    found = closest_or_none(name, known)
    return f" Did you mean {_as_written(found)}?" if found else ""


def _as_written(path: str) -> str:
    """Return the path of a fact as an expression names it: a name with hyphens in brackets."""
    root, _, rest = path.partition(".")
    key, _, field = rest.partition(".")
    return f"{root}['{key}'].{field}" if "-" in key else path


def _misfit(place: str, sign: str, kinds: str) -> str:
    """Say which kinds of values do not go together, and where."""
    sides = [_KINDS.get(kind, kind) for kind in kinds.strip("()").split(", ")]
    if len(sides) == 2:
        return f"at character {place}, {sides[0]} and {sides[1]} do not go together with {sign}."
    return f"at character {place}, {sign} does not take {', '.join(sides) or 'nothing'}."


def _unreadable(place: str, problem: str, source: str) -> str:
    """Say where reading stopped, and what was likely meant."""
    bare = _QUOTED.sub("", source)
    told = [f"Syntax error at character {place}{_cause(problem)}."]
    told += [hint for sign, hint in _HINTS if sign.search(bare)]
    return " ".join(told)


def _cause(problem: str) -> str:
    if missing := re.search(r"missing '(.)'", problem):
        return f", where {missing[1]} is missing"
    if "'<EOF>' expecting" in problem:
        return ", where it ends too early"
    if "token recognition error at: ''" in problem or "at: '\"" in problem:
        return ", where a quoted text does not end"
    if unexpected := re.search(r"input '([^']*)'", problem):
        return f", before {unexpected[1]!r}"
    return ""
