"""Reads filters and orders by recursive descent: one pass, no regular expression."""

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from apps.api.mlflow.filters.cursor import Cursor
from apps.api.mlflow.filters.grammars import PREFIXES, Grammar, Kind, Takes, Type
from apps.core.inputs import MOST_DIGITS, MOST_INTEGER

MOST_COMPARISONS = 100
MOST_VALUES = 1000
MOST_PATTERN = 500
"""How long a pattern may be: a database compares every place of a text with all of it."""
MOST_ORDERS = 10

Value = str | int | float | tuple[str, ...] | None

_QUOTES = "'\""
_NAME_QUOTES = '`"'
_SYMBOLS = "<>=!~"
_CONTROLS = frozenset({"Cc", "Cs"})


@dataclass(frozen=True)
class Comparison:
    """One condition of a filter: what is looked at, how it is compared, and with what."""

    kind: Kind
    key: str
    operator: str
    value: Value


@dataclass(frozen=True)
class Ordering:
    """One thing that rows are ordered by."""

    kind: Kind
    key: str
    is_ascending: bool


def read_filter(text: str | None, grammar: Grammar) -> tuple[Comparison, ...]:
    """Return the comparisons of a filter, all of which a row must meet.

    Raises:
        FilterRefused: when it is not one; the refusal points at the place.
    """
    cursor = Cursor(text or "", "The filter")
    if cursor.is_at_end():
        return ()
    found = [_comparison(cursor, grammar)]
    while not cursor.is_at_end():
        if len(found) == MOST_COMPARISONS:
            raise cursor.refusal(f"at most {MOST_COMPARISONS} comparisons")
        _require_word(cursor, "AND", "AND or the end")
        found.append(_comparison(cursor, grammar))
    return tuple(found)


def read_orders(clauses: Iterable[str], grammar: Grammar) -> tuple[Ordering, ...]:
    """Return what rows are ordered by, the first thing first, each at most once.

    Raises:
        FilterRefused: when a clause is none; the refusal points at the place.
    """
    found: dict[tuple[Kind, str], Ordering] = {}
    for clause in clauses:
        cursor = Cursor(clause, "The order")
        ordering = _ordering(cursor, grammar)
        if (ordering.kind, ordering.key) in found:
            raise cursor.refusal("something that is not ordered by already", at=0)
        if len(found) == MOST_ORDERS:
            raise cursor.refusal(f"at most {MOST_ORDERS} orders", at=0)
        found[ordering.kind, ordering.key] = ordering
    return tuple(found.values())


def _comparison(cursor: Cursor, grammar: Grammar) -> Comparison:
    kind, key, takes = _subject(cursor, grammar)
    operator = _operator(cursor, takes)
    if operator.startswith("IS "):
        return Comparison(kind, key, operator, None)
    cursor.skip_space()
    if operator.endswith("IN"):
        return Comparison(kind, key, operator, _list(cursor))
    if operator.endswith("LIKE"):
        return Comparison(kind, key, operator, _pattern(cursor, grammar))
    if takes.type is Type.TEXT:
        return Comparison(kind, key, operator, _text(cursor, grammar))
    if takes.type is Type.WHOLE:
        return Comparison(kind, key, operator, _whole(cursor))
    return Comparison(kind, key, operator, float(_number(cursor)))


def _ordering(cursor: Cursor, grammar: Grammar) -> Ordering:
    cursor.skip_space()
    start = cursor.place
    kind, key = _name(cursor, grammar)
    key = _known(key, grammar) if kind is Kind.ATTRIBUTE else key
    if kind is Kind.ATTRIBUTE and key not in grammar.orders:
        raise cursor.refusal(f"one of {_words(grammar.orders)}", at=start)
    if kind is not Kind.ATTRIBUTE and kind not in grammar.ordered_kinds:
        raise cursor.refusal("something these rows can be ordered by", at=start)
    is_ascending = cursor.is_at_end() or _direction(cursor) == "ASC"
    if not cursor.is_at_end():
        raise cursor.refusal("the end")
    return Ordering(kind, key, is_ascending)


def _direction(cursor: Cursor) -> str:
    start = cursor.place
    word = cursor.word().upper()
    if word not in {"ASC", "DESC"}:
        raise cursor.refusal("ASC, DESC or the end", at=start)
    return word


# -- what is compared ------------------------------------------------------------------------------


def _subject(cursor: Cursor, grammar: Grammar) -> tuple[Kind, str, Takes]:
    """Read a name, and return it with what it can be compared with."""
    cursor.skip_space()
    start = cursor.place
    kind, key = _name(cursor, grammar)
    if kind in grammar.keyed:
        return kind, key, grammar.keyed[kind]
    names = grammar.named(kind)
    if not names:
        kinds = ", ".join(f"{known}s" for known in grammar.kinds())
        raise cursor.refusal(f"one of {kinds}", at=start)
    key = _known(key, grammar) if kind is Kind.ATTRIBUTE else key
    if key not in names:
        raise cursor.refusal(f"one of {_words(names)}", at=start)
    return kind, key, names[key]


def _name(cursor: Cursor, grammar: Grammar) -> tuple[Kind, str]:
    """Read an attribute, or a key after ``tags.``, ``params.`` and the like."""
    start = cursor.place
    first = _part(cursor, f"one of {_words(grammar.orders | set(grammar.attributes))} or a key")
    if not cursor.take("."):
        return Kind.ATTRIBUTE, first
    kind = PREFIXES.get(first)
    if kind is None:
        kinds = ", ".join(f"{known}s" for known in grammar.kinds())
        raise cursor.refusal(f"one of {kinds} before the dot", at=start)
    if cursor.next and cursor.next in _NAME_QUOTES:
        return kind, _part(cursor, "a key")
    key = [_part(cursor, "a key")]
    while cursor.take("."):
        key.append(_part(cursor, "a key"))
    return kind, ".".join(key)


def _part(cursor: Cursor, expected: str) -> str:
    """Read a word, or anything that can be shown between backticks or double quotes."""
    start = cursor.place
    part = cursor.quoted(_NAME_QUOTES)
    part = cursor.word() if part is None else part
    if not part or any(unicodedata.category(letter) in _CONTROLS for letter in part):
        raise cursor.refusal(expected, at=start)
    return part


def _known(word: str, grammar: Grammar) -> str:
    return grammar.aliases.get(word, word)


# -- how, and with what ----------------------------------------------------------------------------


def _operator(cursor: Cursor, takes: Takes) -> str:
    cursor.skip_space()
    start = cursor.place
    operator = cursor.run_of(_SYMBOLS) or _spoken(cursor)
    if operator not in takes.operators:
        raise cursor.refusal(f"one of {', '.join(takes.operators)}", at=start)
    return operator


def _spoken(cursor: Cursor) -> str:
    """Read an operator of one to three words."""
    first = cursor.word().upper()
    if first == "NOT":
        _require_word(cursor, "IN", "IN after NOT")
        return "NOT IN"
    if first != "IS":
        return first
    cursor.skip_space()
    start = cursor.place
    second = cursor.word().upper()
    if second == "NOT":
        _require_word(cursor, "NULL", "NULL after IS NOT")
        return "IS NOT NULL"
    if second != "NULL":
        raise cursor.refusal("NULL or NOT NULL after IS", at=start)
    return "IS NULL"


def _require_word(cursor: Cursor, word: str, expected: str) -> None:
    cursor.skip_space()
    start = cursor.place
    if cursor.word().upper() != word:
        raise cursor.refusal(expected, at=start)


def _text(cursor: Cursor, grammar: Grammar) -> str:
    text = cursor.quoted(_QUOTES)
    if text is None and grammar.takes_bare_numbers:
        text = cursor.number() or None
    if text is None:
        raise cursor.refusal(Type.TEXT.value)
    return text


def _pattern(cursor: Cursor, grammar: Grammar) -> str:
    start = cursor.place
    pattern = _text(cursor, grammar)
    if len(pattern) > MOST_PATTERN:
        raise cursor.refusal(f"a pattern of at most {MOST_PATTERN} characters", at=start)
    return pattern


def _list(cursor: Cursor) -> tuple[str, ...]:
    """Read texts between parentheses; a comma may follow the last one."""
    if not cursor.take("("):
        raise cursor.refusal("a list in parentheses")
    found: list[str] = []
    cursor.skip_space()
    while not found or not cursor.take(")"):
        text = cursor.quoted(_QUOTES)
        if text is None:
            raise cursor.refusal(Type.TEXT.value)
        if len(found) == MOST_VALUES:
            raise cursor.refusal(f"at most {MOST_VALUES:,} values")
        found.append(text)
        cursor.skip_space()
        if not cursor.take(",") and cursor.next != ")":
            raise cursor.refusal("a comma or a closing parenthesis")
        cursor.skip_space()
    return tuple(found)


def _whole(cursor: Cursor) -> int:
    """Read a whole number, as such or as a text."""
    start = cursor.place
    text = cursor.quoted(_QUOTES)
    if text is not None:
        digits = text.removeprefix("-")
        is_whole = digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS
        number: float = int(text) if is_whole else math.nan
    else:
        number = _number(cursor, Type.WHOLE)
    if math.isnan(number) or number != int(number) or abs(number) > MOST_INTEGER:
        raise cursor.refusal(f"a whole number of at most {MOST_DIGITS} digits", at=start)
    return int(number)


def _number(cursor: Cursor, wanted: Type = Type.NUMBER) -> float:
    start = cursor.place
    text = cursor.number()
    if not text:
        raise cursor.refusal(wanted.value)
    digits = text.removeprefix("-")
    is_short = digits.isdigit() and len(digits) <= MOST_DIGITS
    number: float = int(text) if is_short else float(text)  # exact, as long as it can be
    if not math.isfinite(number):
        raise cursor.refusal("a smaller number", at=start)
    return number


def _words(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
