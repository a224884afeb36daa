"""A model loaded by ONNX Runtime on one processor core, with its errors in words."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import onnxruntime

from apps.validation.checks.contract import Problem
from apps.validation.checks.inference.answers import named
from apps.validation.checks.inference.arrays import Array
from apps.validation.checks.inference.candidates import EXPORT
from apps.validation.checks.inference.feeds import Entry, feed, rows_of
from apps.validation.checks.inference.refusals import Refused
from apps.validation.checks.inference.trial import FIT, Given
from apps.validation.checks.schema_declared import Declared

MOST_WORDS = 300
SILENT = 4
_PREFIX = re.compile(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ")
_ASKED = re.compile(r"requested buffer of size (\d+)")
_NO_MEMORY = re.compile(r"bad_alloc|allocate memory|BFCArena|out of memory", re.IGNORECASE)

LESS = "Make the model or its example smaller, or ask the operator for more memory for this check."


@dataclass(frozen=True)
class Session:
    """A loaded model: what it takes, and how it is run."""

    place: str
    inputs: Sequence[Entry]
    outputs: Sequence[str]
    load_microseconds: int
    _runtime: Any
    problems: Sequence[Problem] = ()

    @property
    def takes(self) -> dict[str, str]:
        """Its inputs by name, each with type and shape; a question mark is any size."""
        return {entry.name: _described(entry) for entry in self.inputs}

    def given(self, example: object, declared: Declared) -> Given:
        """Return the tensors the model takes from an example."""
        tensors = feed(example, declared, self.inputs)
        is_empty = not all(tensor.size for tensor in tensors.values())
        return Given(tensors, 0 if is_empty else rows_of(tensors))

    def run(self, given: Mapping[str, Array], outputs: Declared | None) -> dict[str, Array]:
        """Return what the model answers.

        Raises:
            Refused: when it answers with an error.
        """
        try:
            values = self._runtime.run(list(self.outputs), dict(given))
        except MemoryError:
            raise
        except Exception as error:
            raise _refused(error, "does_not_predict", self.place, FIT) from error
        return named(self.outputs, values)


def load(data: bytes, place: str) -> Session:
    """Load a model from its bytes.

    Raises:
        Refused: when the runtime does not take it.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = SILENT
    began = time.perf_counter_ns()
    try:
        runtime = onnxruntime.InferenceSession(
            data, options, providers=["CPUExecutionProvider"], enable_fallback=0
        )
    except MemoryError:
        raise
    except Exception as error:
        raise _refused(error, "does_not_load", place, EXPORT) from error
    return Session(
        place,
        [Entry(entry.name, entry.type, tuple(entry.shape)) for entry in runtime.get_inputs()],
        [output.name for output in runtime.get_outputs()],
        (time.perf_counter_ns() - began) // 1000,
        runtime,
    )


def _described(entry: Entry) -> str:
    return f"{entry.kind} {[size if isinstance(size, int) else '?' for size in entry.shape]}"


def _refused(error: Exception, code: str, place: str, remedy: str) -> Refused:
    said = " ".join(_PREFIX.sub("", str(error)).split())
    if _NO_MEMORY.search(said):
        asked = _ASKED.search(said)
        size = f": {int(asked[1]):,} bytes at once" if asked else ""
        text = f"It asks for more memory than it may take{size}."
        return Refused("out_of_memory", place, text, LESS)
    verb = "load" if code == "does_not_load" else "predict its example"
    words = said[:MOST_WORDS].rstrip(". ") or type(error).__name__
    return Refused(code, place, f"It does not {verb}: {words}.", remedy)
