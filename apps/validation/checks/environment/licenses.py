"""Licenses by SPDX expression, held against what the organization allows and denies."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

from boolean.boolean import ParseError
from license_expression import (
    AND,
    ExpressionError,
    LicenseExpression,
    LicenseWithExceptionSymbol,
    get_spdx_licensing,
)

# Read here, with the module: the index is a file, and a confined process opens none later.
_SPDX = get_spdx_licensing()
MOST_TEXT = 2000
MOST_DEPTH = 50


class Judged(IntEnum):
    """What the lists say of a license; the higher, the better."""

    DENIED = 0
    UNKNOWN = 1
    UNLISTED = 2
    ALLOWED = 3


class UnreadableExpression(ValueError):
    """The text is no SPDX expression."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Which licenses are allowed and which denied, by their SPDX names in small letters."""

    allowed: frozenset[str]
    denied: frozenset[str]

    @classmethod
    def of(cls, allowed: Collection[str], denied: Collection[str]) -> "Lists":
        """Return the lists, whatever the case of the names."""
        return cls(frozenset(map(str.lower, allowed)), frozenset(map(str.lower, denied)))

    def judge(self, text: str) -> Judged:
        """Judge an expression: of licenses joined by OR the best counts, by AND the worst.

        Raises:
            UnreadableExpression: when it is none.
        """
        return self._judge(_parsed(text), 0)

    def _judge(self, expression: LicenseExpression, depth: int) -> Judged:
        if depth > MOST_DEPTH:
            raise UnreadableExpression("it is nested too deeply")
        parts = [self._judge(part, depth + 1) for part in expression.args]
        if parts:
            return min(parts) if isinstance(expression, AND) else max(parts)
        return self._one(expression)

    def _one(self, symbol: LicenseExpression) -> Judged:
        """Judge one license; one with an exception by itself first, then without it."""
        names = [symbol.render().lower()]
        known = True
        if isinstance(symbol, LicenseWithExceptionSymbol):
            names.append(symbol.license_symbol.key.lower())
            known = _is_known(symbol.exception_symbol.key)
        for name in names:
            if name in self.denied:
                return Judged.DENIED
            if name in self.allowed:
                return Judged.ALLOWED if known else Judged.UNKNOWN
        own = names[-1].startswith("licenseref-")
        return Judged.UNLISTED if own or (known and _is_known(names[-1])) else Judged.UNKNOWN


_KNOWN = frozenset(key.lower() for key in _SPDX.known_symbols)


def _is_known(key: str) -> bool:
    return key.lower() in _KNOWN


def _parsed(text: str) -> LicenseExpression:
    if len(text) > MOST_TEXT:
        raise UnreadableExpression(f"it is longer than {MOST_TEXT:,} characters")
    try:
        parsed = _SPDX.parse(text)
    except (ExpressionError, ParseError, RecursionError) as error:
        raise UnreadableExpression(str(error).splitlines()[0][:200]) from None
    if parsed is None:
        raise UnreadableExpression("it is empty")
    return parsed
