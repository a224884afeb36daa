"""Looks at every file for itself, then at what files say about each other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from apps.validation.checks.contract import (
    NONE,
    ExaminedFile,
    ExaminedVersion,
    Json,
    Outcome,
    Parameters,
    Progress,
    Severity,
    counted,
    silent,
)
from apps.validation.checks.format_validity import (
    gguf,
    hdf5,
    indexes,
    keras_files,
    lightgbm,
    mlmodel_files,
    numpy_arrays,
    onnx_models,
    openvino,
    safetensors,
    skops_files,
    xgboost,
)
from apps.validation.checks.format_validity.bounded import Archive, strict_json, whole
from apps.validation.checks.format_validity.findings import SEND_ALL, Broken, Findings
from apps.validation.checks.format_validity.kinds import (
    MODELS,
    WEIGHTS,
    Format,
    ending_of,
    is_expected,
    is_old_pickle,
    recognized,
)
from apps.validation.checks.unsafe_code.limits import CannotTell
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import shown

RENAME = "Give the file the ending of its format, or write it again in the format it is named for."
LOADED_BY_NAME = frozenset(
    """config.json tokenizer.json tokenizer_config.json special_tokens_map.json vocab.json
    generation_config.json preprocessor_config.json processor_config.json adapter_config.json
    modules.json model_index.json added_tokens.json""".split()
)
"""Files of JSON without which a model does not load."""
OTHER_FORMAT = "Save the model in a format whose structure is known, such as ONNX or safetensors."
NOT_LOOKED_INTO = frozenset(
    {
        Format.PICKLE,
        Format.PACKED,
        Format.TORCH,
        Format.MSGPACK,
        Format.TENSORFLOW,
        Format.TFLITE,
        Format.CATBOOST,
        Format.XGBOOST_OLD,
    }
)
"""Known by its beginning alone."""


@dataclass
class _Look:
    """One look at a version: what every file is, and what is to be compared."""

    sizes: dict[str, int]
    findings: Findings = field(default_factory=Findings)
    formats: dict[str, Format] = field(default_factory=dict)
    named: list[tuple[str, mlmodel_files.Named]] = field(default_factory=list)
    tensors: dict[str, frozenset[str]] = field(default_factory=dict)
    indexes: dict[str, object] = field(default_factory=dict)


def examine(
    version: ExaminedVersion, progress: Progress = silent, parameters: Parameters = NONE
) -> Outcome:
    """Read every file of a version as what its content says it is."""
    look = _Look({file.path: file.size for file in version.files})
    for file in version.files:
        progress(file.path)
        _look_at(file, look)
    findings = look.findings
    if not version.files:
        findings.report("no_files", "version", "The version holds no file.", SEND_ALL)
    _compare(look, is_prompt=version.is_prompt)
    grave = sum(problem.severity.fails for problem in findings.problems)
    read = f"{counted(len(version.files), 'file')} read"
    return Outcome(
        f"{read}: {counted(grave, 'grave problem')}."
        if grave
        else f"{read}: each is what it seems.",
        tuple(findings.problems),
        {"files": len(version.files), "formats": dict(sorted(findings.formats.items()))},
        evidence={"files": findings.files},
        tools=findings.tools,
    )


def _look_at(file: ExaminedFile, look: _Look) -> None:
    findings = look.findings
    try:
        with file.open() as stream:
            found, facts = _read(Piece.of_stream(file.path, stream), look)
    except FileNotFoundError:
        text = "The store does not hold this file any more, so it cannot be read."
        findings.report("missing_file", file.path, text, SEND_ALL, Severity.CRITICAL)
        return
    look.formats[file.path] = found
    findings.formats[found.value] += 1
    findings.files.append({"path": file.path, "format": found.value, "found": _plain(facts)})
    _judge_name(file.path, found, findings)


def _read(piece: Piece, look: _Look) -> tuple[Format, dict[str, Any]]:
    """Return what a file is and what was read in it; a broken one is reported."""
    found = Format.UNKNOWN
    try:
        found = _told_apart(piece, recognized(piece))
        return found, _READERS.get(found, _nothing)(piece, look)
    except Broken as broken:
        look.findings.report_broken(broken, piece.place)
    except CannotTell as trouble:
        look.findings.report(trouble.code, piece.place, f"Cannot tell: {trouble.text}.")
    except (ArithmeticError, LookupError, ValueError, RecursionError):
        text = "It cannot be read: its structure is damaged."
        look.findings.report("damaged", piece.place, text)
    return (Format.BROKEN if found in _SEEN_AS_BROKEN else found), {}


def _told_apart(piece: Piece, found: Format) -> Format:
    """Return which of the formats that look alike a file is."""
    name, ending = piece.place.rpartition("/")[2], ending_of(piece.place)
    if found is Format.ARCHIVE:
        return _archive_format(Archive(piece))
    if found in {Format.TEXT, Format.UNKNOWN} and is_old_pickle(piece):
        return Format.PICKLE
    if found is not Format.TEXT:
        return found
    if name == mlmodel_files.NAME:
        return Format.MLMODEL
    if ending == ".json" or piece.head()[:1] == b"{":
        return _json_format(piece, ending)
    return found


def _archive_format(archive: Archive) -> Format:
    names = archive.sizes
    if skops_files.SCHEMA in names:
        return Format.SKOPS
    if keras_files.CONFIG in names and (keras_files.METADATA in names or ".weights." in str(names)):
        return Format.KERAS
    if any(name.endswith("/data.pkl") or name == "data.pkl" for name in names):
        return Format.TORCH
    if names and all(name.endswith(".npy") for name in names):
        return Format.NUMPY_ARCHIVE
    return Format.ARCHIVE


def _json_format(piece: Piece, ending: str) -> Format:
    """Return what a text is that is named as JSON or begins like it."""
    name = piece.place.rpartition("/")[2]
    try:
        value = strict_json(whole(piece))
    except Broken:
        if name in LOADED_BY_NAME or name.endswith(".index.json") or _is_xgboost(piece):
            raise
        return Format.TEXT
    if xgboost.looks_like(value):
        return Format.XGBOOST_JSON
    return Format.JSON if ending == ".json" else Format.TEXT


def _is_xgboost(piece: Piece) -> bool:
    return b'"learner"' in piece.head()[:200]


def _judge_name(path: str, found: Format, findings: Findings) -> None:
    """Hold a file's name against its content."""
    is_weights = ending_of(path) in WEIGHTS
    if found is Format.POINTER:
        text = "It is a pointer of Git LFS to a file, and not the file itself."
        remedy = "Run git lfs pull, and register the version again."
        findings.report(
            "pointer", path, text, remedy, Severity.HIGH if is_weights else Severity.LOW
        )
    elif found is Format.EMPTY and is_weights:
        findings.report("empty_file", path, "It holds no byte.", SEND_ALL)
    elif not is_expected(path, found):
        text = f"It is named {ending_of(path)}, but its content is: {found}."
        grave = is_weights or found in MODELS
        severity = Severity.HIGH if grave else Severity.LOW
        findings.report("wrong_extension", path, text, RENAME, severity)
    elif found in NOT_LOOKED_INTO:
        text = f"Its beginning is that of: {found}. What follows is not compared with it here."
        remedy = "Nothing is to be done: other checks read it for code, and re-hash it."
        findings.report("beginning_only", path, text, remedy, Severity.INFO)


def _compare(look: _Look, *, is_prompt: bool) -> None:
    findings = look.findings
    for place, named in look.named:
        mlmodel_files.judge_content(named, look.formats, place, findings)
    for place, value in look.indexes.items():
        indexes.judge(place, value, look.sizes, look.tensors, findings)
    _judge_unknown(look)
    found = set(look.formats.values())
    if look.sizes and not is_prompt and not found & {*MODELS, Format.BROKEN, Format.UNKNOWN}:
        text = "No file of the version is known to hold a model."
        findings.report("no_model", "version", text, OTHER_FORMAT, Severity.MEDIUM)


def _judge_unknown(look: _Look) -> None:
    """Report files of unknown format: grave when the model is in them, as far as can be told."""
    has_model = bool({*MODELS, Format.BROKEN} & set(look.formats.values()))
    for path, found in look.formats.items():
        if found is not Format.UNKNOWN or path in look.findings.explained:
            continue
        is_main = any(named.covers(path) for _, named in look.named) or not has_model
        text = "Cannot tell whether it is whole: its format is not known here."
        severity = Severity.HIGH if is_main else Severity.LOW
        look.findings.report("unknown_format", path, text, OTHER_FORMAT, severity)


# -- readers of each format


def _nothing(piece: Piece, look: _Look) -> dict[str, Any]:
    """Leave a file alone of which there is nothing to compare."""
    return {}


def _safetensors(piece: Piece, look: _Look) -> dict[str, Any]:
    facts = safetensors.read(piece)
    look.tensors[piece.place] = facts.pop("names")
    return facts


def _onnx(piece: Piece, look: _Look) -> dict[str, Any]:
    return onnx_models.read(piece, look.sizes, look.findings)


def _openvino(piece: Piece, look: _Look) -> dict[str, Any]:
    return openvino.read(piece, look.sizes, look.findings)


def _skops(piece: Piece, look: _Look) -> dict[str, Any]:
    return skops_files.read(Archive(piece), piece.place, look.findings)


def _mlmodel(piece: Piece, look: _Look) -> dict[str, Any]:
    facts, named = mlmodel_files.read(piece, look.sizes, look.findings)
    look.named += [(piece.place, one) for one in named]
    return facts


def _json(piece: Piece, look: _Look) -> dict[str, Any]:
    if piece.place.endswith(indexes.ENDING):
        look.indexes[piece.place] = strict_json(whole(piece))
    return {}


_READERS: dict[Format, Callable[[Piece, _Look], dict[str, Any]]] = {
    Format.SAFETENSORS: _safetensors,
    Format.ONNX: _onnx,
    Format.OPENVINO: _openvino,
    Format.SKOPS: _skops,
    Format.XGBOOST_JSON: lambda piece, _: xgboost.read_json(piece),
    Format.XGBOOST_BINARY: lambda piece, _: xgboost.read_binary(piece),
    Format.LIGHTGBM: lambda piece, _: lightgbm.read(piece),
    Format.KERAS: lambda piece, _: keras_files.read(Archive(piece)),
    Format.HDF5: lambda piece, _: hdf5.read(piece.at(0, hdf5.BEGIN), piece.require_seekable()),
    Format.GGUF: lambda piece, _: gguf.read(piece),
    Format.NUMPY: lambda piece, _: numpy_arrays.read(piece),
    Format.NUMPY_ARCHIVE: lambda piece, _: numpy_arrays.read_archive(Archive(piece)),
    Format.MLMODEL: _mlmodel,
    Format.JSON: _json,
}
_SEEN_AS_BROKEN = frozenset({Format.UNKNOWN, Format.TEXT, *_READERS})


def _plain(value: Any) -> Json:
    """Return facts as evidence holds them: texts of files without what cannot be shown."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return shown(value) if isinstance(value, str) else value
