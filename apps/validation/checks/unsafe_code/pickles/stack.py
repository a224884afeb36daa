"""The stack and the memo of an unpickler, within bounds."""

from apps.validation.checks.unsafe_code.limits import too_large
from apps.validation.checks.unsafe_code.pickles.opcodes import Argument, Broken
from apps.validation.checks.unsafe_code.pickles.symbols import Value
from apps.validation.checks.unsafe_code.scan import Scan

SPARSE_MEMO = 100_000
"""Memo entries out of order; picklers number theirs in order, which takes little memory."""
FARTHEST = 2**63


class Stack:
    """Values with marks between them, and values remembered by number."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self._stack: list[Value] = []
        self._outer: list[list[Value]] = []
        self._memo: list[Value] = []
        self._far_memo: dict[int, Value] = {}
        self._depth = 0

    def take_over(self, other: "Stack") -> None:
        """Begin in the state in which another one is, so as to read on in another way."""
        self.scan.spend_operations(len(other._memo) + len(other._far_memo) + other._depth)
        self._stack, self._outer = list(other._stack), [list(stack) for stack in other._outer]
        self._memo, self._far_memo = list(other._memo), dict(other._far_memo)
        self._depth = other._depth

    def push(self, value: Value) -> None:
        """Put a value on the stack."""
        self._depth += 1
        if self._depth > self.scan.limits.stack:
            raise too_large("a pickle keeps more values at once than are examined")
        self._stack.append(value)

    def pop(self) -> Value:
        """Take the top value."""
        if not self._stack:
            raise Broken("an operation finds no value to work on")
        self._depth -= 1
        return self._stack.pop()

    def top(self) -> Value:
        """Look at the top value."""
        if not self._stack:
            raise Broken("an operation finds no value to work on")
        return self._stack[-1]

    def mark(self) -> None:
        """Begin a group of values."""
        self._depth += 1
        if self._depth > self.scan.limits.stack:
            raise too_large("a pickle keeps more values at once than are examined")
        self._outer.append(self._stack)
        self._stack = []

    def group(self) -> list[Value]:
        """Take all values since the last mark."""
        if not self._outer:
            raise Broken("an operation finds no mark")
        values, self._stack = self._stack, self._outer.pop()
        self._depth -= len(values) + 1
        return values

    def drop(self) -> None:
        """Take the top value or, when there is none, the mark."""
        if self._stack:
            self.pop()
        else:
            self.group()

    def remember(self, index: Argument) -> None:
        """Put the top value into the memo."""
        value = self.top()
        if not isinstance(index, int) or index < 0:
            raise Broken("the memo has no such place")
        if index < len(self._memo):
            self._memo[index] = value
        elif index == len(self._memo):
            self._memo.append(value)
            self._far_memo.pop(index, None)
        else:
            self._far_memo[index] = value
        if len(self._memo) > self.scan.limits.memo or len(self._far_memo) > SPARSE_MEMO:
            raise too_large("a pickle remembers more values than are examined")
        if index >= FARTHEST:
            raise too_large("a pickle remembers a value in a place beyond all measure")

    def remember_next(self) -> None:
        """Put the top value into the memo's next place."""
        self.remember(len(self._memo) + len(self._far_memo))

    def recall(self, index: Argument) -> None:
        """Push a value from the memo."""
        if not isinstance(index, int):
            raise Broken("the memo has no such place")
        if 0 <= index < len(self._memo):
            self.push(self._memo[index])
        elif index in self._far_memo:
            self.push(self._far_memo[index])
        else:
            raise Broken("the memo has nothing in a place that is asked for")
