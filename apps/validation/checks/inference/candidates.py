"""Which files of a version are ONNX models, told from their bytes, and which one is the model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from apps.core import strict_yaml
from apps.core.errors import DomainError
from apps.validation.checks.contract import ExaminedFile, Problem, Severity
from apps.validation.checks.unsafe_code.limits import CannotTell
from apps.validation.checks.unsafe_code.onnx import looks_like_onnx
from apps.validation.checks.unsafe_code.pieces import Piece

MOST_BYTES = 1024 * 1024 * 1024
"""The most bytes of a model that is run, the tensors in other files among them."""
MOST_DESCRIPTION = 2**20
SUFFIX = ".onnx"
USUAL = "model.onnx"
MLMODEL = "MLmodel"

EXPORT = "Export the model again and register a new version."


@dataclass(frozen=True, slots=True)
class Candidates:
    """The ONNX files of a version, and the one the example is for where that is clear."""

    files: Sequence[ExaminedFile]
    chosen: ExaminedFile | None
    problems: Sequence[Problem] = ()


def find(files: Sequence[ExaminedFile]) -> Candidates:
    """Find the ONNX models among some files; one that only bears the name is a problem."""
    models: list[ExaminedFile] = []
    problems: list[Problem] = []
    for file in files:
        try:
            is_model = _is_model(file)
        except FileNotFoundError:
            is_model = False
            if _is_named(file):
                text = "The store does not hold this file any more, so it was not run."
                problems.append(Problem("missing_file", Severity.HIGH, file.path, text, EXPORT))
        else:
            if not is_model and _is_named(file):
                text = "It is named as an ONNX model, and its bytes do not read as one."
                problems.append(Problem("unreadable_model", Severity.HIGH, file.path, text, EXPORT))
        if is_model:
            models.append(file)
    return Candidates(models, _chosen(files, models), problems)


def _is_model(file: ExaminedFile) -> bool:
    with file.open() as stream:
        if stream.read(1) != b"\x08":
            return False
        stream.seek(0)
        try:
            return looks_like_onnx(Piece.of_stream(file.path, stream))
        except CannotTell:
            return False


def _is_named(file: ExaminedFile) -> bool:
    return file.path.casefold().endswith(SUFFIX)


def _chosen(files: Sequence[ExaminedFile], models: Sequence[ExaminedFile]) -> ExaminedFile | None:
    """Return the only model; else the one MLmodel names; else the one with the usual name."""
    if len(models) == 1:
        return models[0]
    declared = set(names_in_mlmodel(files, ("onnx", "data")))
    named = [file for file in models if file.path in declared]
    usual = [file for file in models if file.path.rpartition("/")[2] == USUAL]
    return next((found[0] for found in (named, usual) if len(found) == 1), None)


def names_in_mlmodel(files: Sequence[ExaminedFile], keys: tuple[str, str]) -> Iterator[str]:
    """Yield the paths of files beside an MLmodel file that it names for a flavor."""
    for file in files:
        folder, _, name = file.path.rpartition("/")
        if name == MLMODEL and file.size <= MOST_DESCRIPTION:
            path = _named_by(file, keys)
            if path:
                yield f"{folder}/{path}" if folder else path


def _named_by(file: ExaminedFile, keys: tuple[str, str]) -> str:
    try:
        with file.open() as stream:
            described = strict_yaml.load(stream.read(MOST_DESCRIPTION).decode())
    except (DomainError, FileNotFoundError, UnicodeDecodeError):
        return ""
    for key in ("flavors", *keys):
        described = described.get(key) if isinstance(described, dict) else None
    return described if isinstance(described, str) else ""
