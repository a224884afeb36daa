"""Common Expression Language: checked when compiled, bounded, and closed on every error.

The only module that knows the engine. An expression names its facts with fixed paths, such as
``model.tier`` or ``checks['schema'].status``. Each of them must be there and of its declared kind
when it is evaluated, even where ``||`` would pass it over: a gate never opens on a guess.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property, lru_cache

from cel_expr_python import cel  # type: ignore[import-untyped]  # stubs, but no py.typed marker

from apps.core import trees
from apps.core.digests import MOST_INTEGER
from apps.core.errors import DomainError
from apps.core.refusals import in_plain_words, with_nearest

MOST_SOURCE_BYTES = 4096
MOST_COST = 100_000
MOST_ITEMS = trees.MOST_ITEMS
MOST_CHARACTERS = 20_000
_MOST_ITEM_DEPTH = 4


class ExpressionError(DomainError):
    """An expression that cannot be compiled or evaluated; the message says why."""

    code = "expression_error"


class Kind(StrEnum):
    """What a fact is, in the words of the context file."""

    BOOL = "bool"
    INT = "int"
    DOUBLE = "double"
    STRING = "string"
    TIMESTAMP = "timestamp"
    LIST = "list"
    MAP = "map"
    ANY = "any"
    """True or false, a number or text, or nothing: an answer that may not be given yet."""


_IN_WORDS = {
    Kind.BOOL: "true or false",
    Kind.INT: "a whole number",
    Kind.DOUBLE: "a number",
    Kind.STRING: "text",
    Kind.TIMESTAMP: "a moment with a time zone",
    Kind.LIST: "a list",
    Kind.MAP: "a map",
    Kind.ANY: "one value",
}

_ENGINE_TYPES = {
    Kind.BOOL: cel.Type.BOOL,
    Kind.INT: cel.Type.INT,
    Kind.DOUBLE: cel.Type.DOUBLE,
    Kind.STRING: cel.Type.STRING,
    Kind.TIMESTAMP: cel.Type.TIMESTAMP,
    Kind.LIST: cel.Type.List(cel.Type.DYN),
    Kind.MAP: cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
    Kind.ANY: cel.Type.DYN,
}
_PYTHON_TYPES: dict[Kind, type | tuple[type, ...]] = {
    Kind.INT: int,
    Kind.DOUBLE: float,
    Kind.STRING: str,
    Kind.TIMESTAMP: datetime,
    Kind.LIST: (list, tuple),
    Kind.MAP: Mapping,
    Kind.ANY: (bool, int, float, str, type(None)),
}


@dataclass(frozen=True)
class Variables:
    """The facts an expression may name: each path with its kind.

    A path of one or two names is one variable of the engine, so that its kind is checked when an
    expression is compiled; one of three names (``checks.schema.status``) is read from nested maps.
    """

    kinds: tuple[tuple[str, Kind], ...]

    @classmethod
    def of(cls, kinds: Mapping[str, Kind]) -> "Variables":
        """Return variables for a mapping of path to kind."""
        return cls(tuple(sorted(kinds.items())))

    @cached_property
    def by_path(self) -> dict[str, Kind]:
        """Every path with its kind."""
        return dict(self.kinds)

    @cached_property
    def environment(self) -> cel.Env:
        """The engine's view of these variables."""
        plain = {path: _ENGINE_TYPES[kind] for path, kind in self.kinds if path.count(".") < 2}
        keyed = {path.partition(".")[0] for path, _ in self.kinds if path.count(".") == 2}
        entries = cel.Type.Map(cel.Type.STRING, cel.Type.Map(cel.Type.STRING, cel.Type.DYN))
        return cel.NewEnv(variables=plain | dict.fromkeys(keyed, entries))


@dataclass(frozen=True)
class Input:
    """A fact an expression read; ``value`` is None when it was missing or unusable."""

    name: str
    value: object


@dataclass(frozen=True)
class Expression:
    """A compiled expression that gives a value of its kind or an error, never anything else."""

    source: str
    reads: tuple[tuple[str, Kind], ...]
    gives: Kind
    _program: cel.Expression

    def evaluate(self, context: Mapping[str, object]) -> bool:
        """Say whether the expression is true of these facts.

        Raises:
            ExpressionError: when a fact is missing, of another kind or too large, or the engine
                fails.
        """
        value = self.value(context)
        if not isinstance(value, bool):
            raise ExpressionError(_missed(Kind.BOOL))
        return value

    def value(self, context: Mapping[str, object]) -> object:
        """Return what the expression gives of these facts, a value of the kind it is to give.

        Raises:
            ExpressionError: when a fact is missing, of another kind or too large, or the engine
                fails.
        """
        data = _nested(
            {path: _usable(path, _found(path, context), kind) for path, kind in self.reads}
        )
        try:
            answer = self._program.eval(data=data)
        except RuntimeError as error:
            raise ExpressionError(in_plain_words(str(error))) from error
        value = answer.plain_value()
        if answer.type() == cel.Type.ERROR:
            raise ExpressionError(in_plain_words(str(value)))
        if not _is_of_kind(value, self.gives):
            raise ExpressionError(_missed(self.gives))
        return value

    def inputs(self, context: Mapping[str, object]) -> tuple[Input, ...]:
        """Return the facts the expression reads, with the values it would see."""
        return tuple(Input(path, _usable_or_none(path, context, kind)) for path, kind in self.reads)


@lru_cache(maxsize=1024)
def compile_expression(source: str, *, variables: Variables, gives: Kind = Kind.BOOL) -> Expression:
    """Return a checked, bounded expression that gives true or false, or a value of another kind.

    Raises:
        ExpressionError: when the source is too long, too deep, too costly, ill-typed, or names an
            unknown fact or function.
    """
    if len(source.encode("utf-8", "replace")) > MOST_SOURCE_BYTES:
        raise ExpressionError(f"An expression may hold at most {MOST_SOURCE_BYTES} bytes.")
    try:
        program = variables.environment.compile(source)
    except RuntimeError as error:
        told = in_plain_words(str(error), source=source, known=variables.by_path)
        raise ExpressionError(told) from error
    except TypeError as error:
        raise ExpressionError("The expression is not text that can be stored.") from error
    if not _may_give(program.return_type(), gives):
        raise ExpressionError(f"The expression must give {_IN_WORDS[gives]}.")
    try:
        survey = trees.survey(program.serialize(), variables.by_path)
    except trees.TreeRefused as refusal:
        raise ExpressionError(with_nearest(str(refusal), variables.by_path)) from refusal
    if survey.cost > MOST_COST:
        raise ExpressionError("The expression could take too long: it loops too much.")
    reads = tuple((path, variables.by_path[path]) for path in survey.paths)
    return Expression(source, reads, gives, program)


def _missed(kind: Kind) -> str:
    if kind is Kind.BOOL:
        return "The expression gave neither true nor false."
    return f"The expression gave something else than {_IN_WORDS[kind]}."


def _may_give(found: cel.Type, kind: Kind) -> bool:
    if found == cel.Type.DYN:
        return True
    is_list = kind is Kind.LIST and found.name().startswith("LIST")
    return is_list or bool(found == _ENGINE_TYPES[kind])


def _found(path: str, context: Mapping[str, object]) -> object:
    value: object = context
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            raise ExpressionError(f"The fact {path} is missing.")
        value = value[name]
    return value


def _nested(values: Mapping[str, object]) -> dict[str, object]:
    """Return values by path as the engine takes them: the longest paths as maps of maps."""
    plain = {path: value for path, value in values.items() if path.count(".") < 2}
    keyed: dict[str, dict[str, dict[str, object]]] = {}
    for path, value in values.items():
        if path not in plain:
            root, key, field = path.split(".")
            keyed.setdefault(root, {}).setdefault(key, {})[field] = value
    return plain | keyed


def _usable_or_none(path: str, context: Mapping[str, object], kind: Kind) -> object:
    try:
        return _usable(path, _found(path, context), kind)
    except ExpressionError:
        return None


def _usable(path: str, value: object, kind: Kind) -> object:
    """Return a fact as the engine takes it, or refuse one that is not what it is declared to be."""
    if kind is Kind.DOUBLE and isinstance(value, int) and not isinstance(value, bool):
        value = float(value) if abs(value) <= MOST_INTEGER else value
    if not _is_of_kind(value, kind):
        raise ExpressionError(f"The fact {path} is not {_IN_WORDS[kind]}.")
    return None if value is None else _Reader(path).plain(value)


def _is_of_kind(value: object, kind: Kind) -> bool:
    if isinstance(value, bool) or kind is Kind.BOOL:
        return isinstance(value, bool) and kind in (Kind.BOOL, Kind.ANY)
    if isinstance(value, datetime) and value.utcoffset() is None:
        return False
    return isinstance(value, _PYTHON_TYPES[kind])


@dataclass
class _Reader:
    """Copies one fact into what the engine takes, against the room a fact may fill."""

    path: str
    items: int = MOST_ITEMS
    characters: int = MOST_CHARACTERS

    def plain(self, value: object, *, depth: int = 0) -> object:
        """Return a copy made of plain values only."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, int) and abs(value) > MOST_INTEGER:
            raise ExpressionError(f"The fact {self.path} holds a number beyond 53 bits.")
        if isinstance(value, bool | int | float | datetime):
            return value
        if depth < _MOST_ITEM_DEPTH and isinstance(value, list | tuple | Mapping):
            return self._items(value, depth + 1)
        raise ExpressionError(f"The fact {self.path} holds something an expression cannot read.")

    def _items(self, value: Sequence[object] | Mapping[object, object], depth: int) -> object:
        self.items -= len(value)
        if self.items < 0:
            raise ExpressionError(f"The fact {self.path} has more than {MOST_ITEMS:,} items.")
        if isinstance(value, Mapping):
            return {
                self._text(str(key)): self.plain(inner, depth=depth) for key, inner in value.items()
            }
        return [self.plain(inner, depth=depth) for inner in value]

    def _text(self, value: str) -> str:
        self.characters -= len(value)
        if self.characters < 0:
            raise ExpressionError(
                f"The fact {self.path} is longer than {MOST_CHARACTERS:,} characters."
            )
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise ExpressionError(
                f"The fact {self.path} is not text that can be stored."
            ) from error
        return value
