"""The process that loads one version and answers for it, line by line, until it is told nothing.

    python -m apps.deployments.serving.scoring /path/of/contents

It loads formats that cannot run code when loaded, and no other: ONNX and skops. Its first line says
whether it is ready; then it reads a JSON list of rows a line, and writes the predictions of each.
"""

import importlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Rows = list[list[float]]
Predict = Callable[[Rows], list[Any]]
MOST_BYTES = 512 * 2**20
"""How large a model file is loaded."""


class CannotServe(Exception):
    """The version is none this server can load; the message says why."""


@dataclass(frozen=True)
class Loaded:
    """A version ready to answer, and what it calls the columns it takes."""

    columns: tuple[str, ...]
    predict: Predict


def load(contents: Path) -> Loaded:
    """Return the model that lies in a folder.

    Raises:
        CannotServe: when it has not one file of a format that is loaded here, or that is broken.
    """
    files = [file for file in sorted(contents.rglob("*")) if file.suffix in _LOADERS]
    if len(files) != 1:
        raise CannotServe("This server loads one ONNX or skops file, and no other format.")
    if files[0].stat().st_size > MOST_BYTES:
        raise CannotServe(f"The model file is larger than {MOST_BYTES:,} bytes.")
    try:
        predict = _LOADERS[files[0].suffix](files[0])
    except ImportError as missing:
        raise CannotServe(f"A package is not installed here: {missing.name}.") from None
    except CannotServe:
        raise
    except Exception as broken:
        raise CannotServe(f"It cannot be loaded: {type(broken).__name__}.") from broken
    return Loaded(_columns(contents / "MLmodel"), predict)


def _onnx(file: Path) -> Predict:
    runtime, numpy = importlib.import_module("onnxruntime"), importlib.import_module("numpy")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = runtime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    [taken] = session.get_inputs()
    names = [output.name for output in session.get_outputs()]
    kind = numpy.float64 if taken.type == "tensor(double)" else numpy.float32

    def predict(rows: Rows) -> list[Any]:
        answers = session.run(names, {taken.name: numpy.asarray(rows, dtype=kind)})
        columns = [numpy.asarray(answer).reshape(len(rows), -1).tolist() for answer in answers]
        if len(names) == 1:
            return [_one(row) for row in columns[0]]
        return [
            {name: _one(column[row]) for name, column in zip(names, columns, strict=True)}
            for row in range(len(rows))
        ]

    return predict


def _skops(file: Path) -> Predict:
    io, numpy = importlib.import_module("skops.io"), importlib.import_module("numpy")
    if unknown := io.get_untrusted_types(file=file):
        raise CannotServe(f"It holds a type that is not trusted: {min(unknown)}.")
    estimator = io.load(file)

    def predict(rows: Rows) -> list[Any]:
        answers: list[Any] = numpy.asarray(estimator.predict(numpy.asarray(rows))).tolist()
        return answers

    return predict


_LOADERS: dict[str, Callable[[Path], Predict]] = {".onnx": _onnx, ".skops": _skops}


def _columns(described: Path) -> tuple[str, ...]:
    """Return what the MLmodel file calls the columns a model takes; nothing without one."""
    if not described.is_file():
        return ()
    told = yaml.safe_load(described.read_bytes())
    signature = told.get("signature") if isinstance(told, dict) else None
    inputs = json.loads(signature["inputs"]) if isinstance(signature, dict) else []
    return tuple(str(column["name"]) for column in inputs if "name" in column)


def _one(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def main(arguments: list[str]) -> None:
    """Load what lies in the folder named, say so, and answer until the input ends."""
    [contents] = arguments
    try:
        loaded = load(Path(contents))
    except CannotServe as refusal:
        _say({"trouble": str(refusal)})
        return
    _say({"columns": loaded.columns})
    for line in sys.stdin:
        try:
            _say({"predictions": loaded.predict(json.loads(line))})
        except Exception as failed:  # whatever a model does with what it was sent, it goes on
            _say({"trouble": f"The model could not answer: {type(failed).__name__}."})


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
