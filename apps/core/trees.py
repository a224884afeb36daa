"""What a compiled expression reads, calls and may cost, from its checked syntax tree.

The tree is the standard ``cel.expr.CheckedExpr`` message. Only a few of its fields are needed, so
they are decoded here by number instead of bringing in a whole schema.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

MOST_ITEMS = 1000
"""How many items a list among the facts may have; what a loop over one is charged for."""

ANY = "any"
"""The kind of a fact that may be compared with a constant of any kind."""

_TEXT_COST = 50
_WIDE_COST = 40
_FUNCTIONS = {
    **dict.fromkeys("_&&_ _||_ !_ _?_:_ -_ _-_ _*_ _/_ _%_ _<_ _<=_ _>_ _>=_ _[_]".split(), 1),
    **dict.fromkeys("@not_strictly_false size int double string timestamp duration".split(), 1),
    **dict.fromkeys("contains startsWith endsWith matches _+_".split(), _TEXT_COST),
    **dict.fromkeys("_==_ _!=_ @in".split(), _WIDE_COST),
}
_COMPARISONS = frozenset("_==_ _!=_ _<_ _<=_ _>_ _>=_".split())

# Field numbers of cel.expr.Expr and the messages inside it.
_CONST, _IDENT, _SELECT, _CALL, _LIST, _STRUCT, _COMPREHENSION = range(3, 10)
_CONST_KINDS = {2: "bool", 3: "int", 5: "double", 6: "string"}

Fields: TypeAlias = dict[int, list[bytes | int]]


class TreeRefused(ValueError):
    """The expression does what none may do; the message says what."""


@dataclass(frozen=True)
class Survey:
    """The declared paths an expression reads, in order, and an upper estimate of its steps."""

    paths: tuple[str, ...]
    cost: int


def survey(serialized: bytes, kinds: Mapping[str, str]) -> Survey:
    """Return what a serialized, checked expression reads and may cost.

    Raises:
        TreeRefused: when it calls an unlisted function, reads an undeclared path, or compares a
            fact with a constant of another kind.
    """
    checked = _fields(_message(_fields(serialized), 2))
    surveyor = _Surveyor(kinds)
    cost = surveyor.cost(_fields(_message(checked, 4)), frozenset())
    return Survey(tuple(surveyor.paths), cost)


@dataclass
class _Surveyor:
    kinds: Mapping[str, str]
    paths: dict[str, None] = field(default_factory=dict)

    def cost(self, node: Fields, scope: frozenset[str]) -> int:
        """Return what evaluating a node may cost, noting the paths it reads."""
        chain = _chain(node)
        if chain and chain[0] not in scope:
            return self._declared(chain)[1]
        if _CALL in node:
            return self._call(_fields(_message(node, _CALL)), scope)
        if _COMPREHENSION in node:
            return self._loop(_fields(_message(node, _COMPREHENSION)), scope)
        return 1 + sum(self.cost(inner, scope) for inner in _parts(node))

    def _declared(self, chain: tuple[str, ...]) -> tuple[str, int]:
        """Return the declared path a chain begins with and what reading it costs."""
        for length in range(1, len(chain) + 1):
            path = ".".join(chain[:length])
            if path in self.kinds:
                self.paths[path] = None
                return path, len(chain)
        raise TreeRefused(f"There is no fact {'.'.join(chain)}; a fact is named by its full path.")

    def _call(self, call: Fields, scope: frozenset[str]) -> int:
        name = _text(call, 2)
        if name not in _FUNCTIONS:
            raise TreeRefused(f"The function {name} is not available.")
        arguments = [_fields(part) for part in _messages(call, 1) + _messages(call, 3)]
        inner = sum(self.cost(argument, scope) for argument in arguments)
        if name in _COMPARISONS:
            self._require_comparable(arguments, scope)
        is_narrow = name in _COMPARISONS and any(_CONST in argument for argument in arguments)
        return inner + (1 if is_narrow else _FUNCTIONS[name])

    def _loop(self, loop: Fields, scope: frozenset[str]) -> int:
        over = _fields(_message(loop, 2))
        inside = scope | {_text(loop, number) for number in (1, 3, 8) if number in loop}
        step = sum(self.cost(_fields(_message(loop, number)), inside) for number in (5, 6))
        ends = sum(self.cost(_fields(_message(loop, number)), inside) for number in (4, 7))
        return self.cost(over, scope) + ends + _length(over) * step

    def _require_comparable(self, arguments: list[Fields], scope: frozenset[str]) -> None:
        """Refuse to compare a fact with a constant it can never equal; the engine lets it pass."""
        for fact, other in (arguments, arguments[::-1]):
            chain = _chain(fact)
            if not chain or chain[0] in scope or _CONST not in other:
                continue
            path, _ = self._declared(chain)
            constant = _CONST_KINDS.get(next(iter(_fields(_message(other, _CONST))), 0))
            if path == ".".join(chain) and self.kinds[path] not in (constant, ANY):
                raise TreeRefused(f"The fact {path} is compared with a value of another kind.")


def _chain(node: Fields) -> tuple[str, ...]:
    """Return the names of ``a.b['c']``, outermost first, as far as they are fixed; else nothing."""
    if _IDENT in node:
        return tuple(_text(_fields(_message(node, _IDENT)), 1).split("."))
    if _SELECT in node:
        select = _fields(_message(node, _SELECT))
        before = _chain(_fields(_message(select, 1)))
        return (*before, _text(select, 2)) if before else ()
    if _CALL in node:
        call = _fields(_message(node, _CALL))
        arguments = [_fields(part) for part in _messages(call, 3)]
        if _text(call, 2) == "_[_]" and _CONST in arguments[1]:
            constant = _fields(_message(arguments[1], _CONST))
            before = _chain(arguments[0])
            return (*before, _text(constant, 6)) if before and 6 in constant else ()
    return ()


def _parts(node: Fields) -> Iterator[Fields]:
    """Yield the nodes inside a selection, list or map."""
    for part in _messages(node, _SELECT) + _messages(node, _LIST):
        yield from map(_fields, _messages(_fields(part), 1))
    for struct in _messages(node, _STRUCT):
        for entry in map(_fields, _messages(_fields(struct), 2)):
            yield from (_fields(part) for part in _messages(entry, 3) + _messages(entry, 4))


def _length(over: Fields) -> int:
    """Return how many items a loop may go through: those written out, or the most there may be."""
    if _LIST in over:
        return len(_messages(_fields(_message(over, _LIST)), 1))
    return MOST_ITEMS


def _message(fields: Fields, number: int) -> bytes:
    return next(iter(_messages(fields, number)), b"")


def _messages(fields: Fields, number: int) -> list[bytes]:
    return [value for value in fields.get(number, []) if isinstance(value, bytes)]


def _text(fields: Fields, number: int) -> str:
    return _message(fields, number).decode("utf-8")


def _fields(data: bytes) -> Fields:
    """Return the fields of one protocol-buffer message by number; fixed-width values as bytes."""
    fields: Fields = {}
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        number, width = key >> 3, key & 7
        if width == 0:
            value, position = _varint(data, position)
            fields.setdefault(number, []).append(value)
            continue
        length, position = (
            (8 if width == 1 else 4, position) if width != 2 else _varint(data, position)
        )
        fields.setdefault(number, []).append(data[position : position + length])
        position += length
    return fields


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, position
