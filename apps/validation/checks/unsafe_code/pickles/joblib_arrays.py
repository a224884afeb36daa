"""Follows pickles as joblib reads them: arrays lie as raw bytes between the operations.

The same file may be read by joblib, which steps over those bytes, or by :mod:`pickle`, which takes
them for operations. Both ways are followed.
"""

from apps.validation.checks.unsafe_code.limits import KIB
from apps.validation.checks.unsafe_code.pickles.array_types import array_type, count, unclear
from apps.validation.checks.unsafe_code.pickles.judge import Judge, is_wrapper
from apps.validation.checks.unsafe_code.pickles.machine import Machine
from apps.validation.checks.unsafe_code.pickles.opcodes import (
    Broken,
    Operation,
    OperationReader,
    Truncated,
)
from apps.validation.checks.unsafe_code.pickles.symbols import UNKNOWN, Made, Mapping
from apps.validation.checks.unsafe_code.pieces import Piece

READ_TWICE = 64 * KIB


class JoblibMachine(Machine):
    """A machine that steps over the arrays after joblib's wrappers."""

    def build(self) -> None:
        """Give the value on top a state; an array wrapper is then replaced by its array."""
        super().build()
        wrapper = self.top()
        if isinstance(wrapper, Made) and is_wrapper(wrapper):
            if self.reader.position < self.frame_end:
                raise unclear("an array begins in the middle of a frame")
            self._step_over(wrapper)
            self.pop()
            self.push(UNKNOWN)

    def _step_over(self, wrapper: Made) -> None:
        state = wrapper.state.items if isinstance(wrapper.state, Mapping) else None
        if state is None:
            raise unclear("an array's wrapper has a state that is not known")
        item = array_type(state.get("dtype"))
        if item.has_object:
            self._follow_inner_pickle()
            return
        size = count(state.get("shape")) * item.size
        if state.get("numpy_array_alignment_bytes") is None:
            begin = self.reader.array_bytes(min(size, READ_TWICE))
            self.reader.skip_array(size - len(begin))
        else:
            begin = self.reader.array_bytes(1)
            self.reader.skip_array(size + begin[0])
        self._read_as_operations(begin)
        self.scan.announce(size, self.judge.place)

    def _follow_inner_pickle(self) -> None:
        """Follow the pickle that stands for an array of objects; joblib reads it right here."""
        place = self.judge.place
        inner = Machine(Judge(self.scan, place), self.reader, self.on_bytes)
        second = Judge(self.scan, f"{place}, array", is_second_reading=True)
        plain = Machine(second, self.reader, _not_again)
        plain.take_over(self)
        goes_on = True
        try:
            for operation in self.reader.operations():
                self.scan.spend_operations(2)
                inner.step(*operation)
                goes_on = goes_on and _steps_on(plain, operation)
        finally:
            self.judge.adopt(inner.judge)
            if goes_on or plain.judge.has_called_forbidden:
                self.judge.adopt(plain.judge)

    def _read_as_operations(self, data: bytes) -> None:
        """Follow an array's bytes as operations, since plain pickle would do so."""
        reader = OperationReader(Piece.of_bytes(self.judge.place, 0, data), self.scan.limits)
        if not reader.begins_with_operation():
            return
        plain = Machine(Judge(self.scan, f"{self.judge.place}, array"), reader, self.on_bytes)
        plain.take_over(self)
        try:
            plain.run()
        except Truncated as error:
            raise unclear("an array's bytes can also be read as operations") from error
        except Broken:
            if not plain.judge.has_called_forbidden:
                return
        self.judge.adopt(plain.judge)


def _steps_on(machine: Machine, operation: Operation) -> bool:
    try:
        machine.step(*operation)
    except Broken:
        return False
    return True


def _not_again(judge: Judge, data: bytes, position: int) -> None:
    """Leave bytes alone that another machine looks into."""
