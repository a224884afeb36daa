"""What a file is, told from its content; and what its name says it should be."""

import re
from collections.abc import Callable
from enum import StrEnum

from apps.validation.checks.contract import silent
from apps.validation.checks.format_validity import lightgbm, openvino, xgboost
from apps.validation.checks.unsafe_code import structured
from apps.validation.checks.unsafe_code.formats import Kind, kinds_of
from apps.validation.checks.unsafe_code.limits import Limits
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import Scan


class Format(StrEnum):
    """What a file is, as far as this check has to know."""

    SAFETENSORS = "safetensors"
    ONNX = "ONNX"
    SKOPS = "skops"
    XGBOOST_JSON = "XGBoost JSON"
    XGBOOST_BINARY = "XGBoost binary JSON"
    XGBOOST_OLD = "XGBoost before 1.0"
    LIGHTGBM = "LightGBM text"
    CATBOOST = "CatBoost"
    KERAS = "Keras"
    HDF5 = "HDF5"
    MSGPACK = "MessagePack"
    GGUF = "GGUF"
    TENSORFLOW = "TensorFlow graph or variables"
    TFLITE = "TensorFlow Lite"
    OPENVINO = "OpenVINO"
    NUMPY = "NumPy array"
    NUMPY_ARCHIVE = "NumPy archive"
    TORCH = "PyTorch archive"
    PICKLE = "pickle"
    PACKED = "packed file"
    ARCHIVE = "zip archive"
    MLMODEL = "MLmodel"
    JSON = "JSON"
    TEXT = "text"
    DATA = "data"
    POINTER = "pointer of Git LFS"
    EMPTY = "empty"
    BROKEN = "damaged"
    UNKNOWN = "unknown"


MODELS = frozenset(
    {
        Format.SAFETENSORS,
        Format.ONNX,
        Format.SKOPS,
        Format.XGBOOST_JSON,
        Format.XGBOOST_BINARY,
        Format.XGBOOST_OLD,
        Format.LIGHTGBM,
        Format.CATBOOST,
        Format.KERAS,
        Format.HDF5,
        Format.MSGPACK,
        Format.GGUF,
        Format.TENSORFLOW,
        Format.TFLITE,
        Format.OPENVINO,
        Format.NUMPY,
        Format.NUMPY_ARCHIVE,
        Format.TORCH,
        Format.PICKLE,
        Format.PACKED,
    }
)
"""What can hold the numbers of a model."""

_NAMED: dict[str, frozenset[Format]] = {
    ".safetensors": frozenset({Format.SAFETENSORS}),
    ".onnx": frozenset({Format.ONNX}),
    ".skops": frozenset({Format.SKOPS}),
    ".ubj": frozenset({Format.XGBOOST_BINARY}),
    ".keras": frozenset({Format.KERAS}),
    ".h5": frozenset({Format.HDF5}),
    ".hdf5": frozenset({Format.HDF5}),
    ".gguf": frozenset({Format.GGUF}),
    ".tflite": frozenset({Format.TFLITE}),
    ".cbm": frozenset({Format.CATBOOST}),
    ".npy": frozenset({Format.NUMPY}),
    ".npz": frozenset({Format.NUMPY_ARCHIVE, Format.ARCHIVE}),
    ".pt": frozenset({Format.TORCH, Format.PICKLE, Format.ARCHIVE}),
    ".pth": frozenset({Format.TORCH, Format.PICKLE, Format.ARCHIVE}),
    ".pkl": frozenset({Format.PICKLE, Format.PACKED, Format.TORCH}),
    ".pickle": frozenset({Format.PICKLE, Format.PACKED}),
    ".joblib": frozenset({Format.PICKLE, Format.PACKED}),
    ".json": frozenset({Format.JSON, Format.XGBOOST_JSON}),
    ".txt": frozenset({Format.TEXT, Format.LIGHTGBM, Format.JSON}),
    ".md": frozenset({Format.TEXT}),
    ".csv": frozenset({Format.TEXT}),
    ".yaml": frozenset({Format.TEXT, Format.JSON}),
    ".yml": frozenset({Format.TEXT, Format.JSON}),
    ".py": frozenset({Format.TEXT}),
    ".png": frozenset({Format.DATA}),
    ".jpg": frozenset({Format.DATA}),
    ".pdf": frozenset({Format.DATA}),
    ".parquet": frozenset({Format.DATA}),
}
WEIGHTS = frozenset(
    """.safetensors .onnx .skops .ubj .keras .h5 .hdf5 .gguf .tflite .cbm .npy .npz .pt .pth .pkl
    .pickle .joblib .bin .ckpt .model .xgb .lgb .pb .dat .weights .mlmodel .pmml""".split()
)
"""Endings under which the numbers of a model are kept."""

_PICKLES = frozenset({".pkl", ".pickle", ".joblib"})
_VARIABLES = re.compile(r".+\.data-[0-9]{5}-of-[0-9]{5}")
_MARKS: tuple[tuple[Format, Callable[[bytes], bool]], ...] = (
    (Format.XGBOOST_BINARY, lambda head: head.startswith(xgboost.BINARY_MARKS)),
    (Format.XGBOOST_OLD, lambda head: head[:4] in {b"binf", b"bs64"}),
    (Format.CATBOOST, lambda head: head.startswith(b"CBM1")),
    (Format.TFLITE, lambda head: head[4:8] == b"TFL3"),
)
_POINTER = b"version https://git-lfs.github.com/spec/"
_BY_KIND: dict[Kind, Format] = {
    Kind.SAFETENSORS: Format.SAFETENSORS,
    Kind.NUMPY: Format.NUMPY,
    Kind.HDF5: Format.HDF5,
    Kind.GGUF: Format.GGUF,
    Kind.PICKLE: Format.PICKLE,
    Kind.GZIP: Format.PACKED,
    Kind.BZIP2: Format.PACKED,
    Kind.XZ: Format.PACKED,
    Kind.LZMA: Format.PACKED,
    Kind.ZLIB: Format.PACKED,
    Kind.TAR: Format.PACKED,
    Kind.OTHER_ARCHIVE: Format.PACKED,
    Kind.EMPTY: Format.EMPTY,
    Kind.DATA: Format.DATA,
}
_BY_STRUCTURE: dict[Kind, Format] = {
    Kind.ONNX: Format.ONNX,
    Kind.SAVED_MODEL: Format.TENSORFLOW,
    Kind.GRAPH: Format.TENSORFLOW,
    Kind.MSGPACK: Format.MSGPACK,
}


def ending_of(path: str) -> str:
    """Return how a file's name ends, in lower case with the dot."""
    name = path.rpartition("/")[2].lower()
    return "." + name.rpartition(".")[2] if "." in name else ""


def is_expected(path: str, found: Format) -> bool:
    """Say whether a file may be what it is under the name it has."""
    expected = _NAMED.get(ending_of(path))
    return expected is None or found in expected or found in {Format.EMPTY, Format.BROKEN}


def recognized(piece: Piece) -> Format:
    """Return what a file is; zip archives and JSON are told apart further by who reads them."""
    head = piece.head()
    marked = next((found for found, test in _MARKS if test(head)), None)
    if marked is not None:
        return marked
    kinds = kinds_of(piece)
    if Kind.ZIP in kinds:
        return Format.ARCHIVE
    found = next((_BY_KIND[kind] for kind in kinds if kind in _BY_KIND), None)
    if found is None and not kinds:
        found = _of_structure(piece)
    return found or _plain(head)


def is_old_pickle(piece: Piece) -> bool:
    """Say whether a file named as a pickle ends like one: the oldest kind has no mark in front."""
    size = piece.require_seekable()
    return ending_of(piece.place) in _PICKLES and size > 1 and piece.at(size - 1, 1) == b"."


def _of_structure(piece: Piece) -> Format | None:
    """Return what a piece is that bears no mark and is told by its structure."""
    if _VARIABLES.fullmatch(piece.place.rpartition("/")[2]):
        return Format.TENSORFLOW
    told = structured.told(Scan(Limits(), silent), piece)
    return None if told is None else _BY_STRUCTURE.get(told.kind, Format.DATA)


def _plain(head: bytes) -> Format:
    if head.startswith(_POINTER):
        return Format.POINTER
    if lightgbm.looks_like(head):
        return Format.LIGHTGBM
    if openvino.looks_like(head):
        return Format.OPENVINO
    return Format.TEXT if _is_text(head) else Format.UNKNOWN


def _is_text(head: bytes) -> bool:
    """Say whether bytes read as text: UTF-8, or a byte order mark of UTF-16, and nothing else."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\0" in head:
        return False
    try:
        head[:-4].decode("utf-8") if len(head) > 4 else head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 8 or _is_latin(head)
    return True


def _is_latin(head: bytes) -> bool:
    """Say whether bytes read as text of one byte a letter: no controls but those of lines."""
    return not any(byte < 32 and byte not in b"\t\n\r\f" for byte in head)
