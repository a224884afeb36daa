"""Tells what bytes are by their content; a file's name never clears anything."""

import re
import zlib
from enum import StrEnum

from apps.validation.checks.unsafe_code.pickles.opcodes import looks_like_pickle
from apps.validation.checks.unsafe_code.pieces import Piece

LONGEST_SAFETENSORS_HEADER = 2**32


class Kind(StrEnum):
    """What a piece is, as far as this check has to know."""

    EMPTY = "empty"
    PICKLE = "pickle"
    ZIP = "zip"
    TAR = "tar"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    LZMA = "lzma"
    ZLIB = "zlib"
    OTHER_ARCHIVE = "other_archive"
    NUMPY = "numpy"
    HDF5 = "hdf5"
    SAFETENSORS = "safetensors"
    ONNX = "onnx"
    GGUF = "gguf"
    SAVED_MODEL = "saved_model"
    GRAPH = "tensorflow_graph"
    KERAS_METADATA = "keras_metadata"
    FINGERPRINT = "fingerprint"
    VOCABULARY = "vocabulary"
    CHECKPOINT_INDEX = "checkpoint_index"
    MSGPACK = "msgpack"
    PROGRAM = "program"
    DATA = "data"
    TEXT = "text"
    UNKNOWN = "unknown"


CONTAINERS = frozenset({Kind.ZIP, Kind.TAR, Kind.GZIP, Kind.BZIP2, Kind.XZ, Kind.LZMA, Kind.ZLIB})

_BEGINNINGS: tuple[tuple[Kind, tuple[bytes, ...]], ...] = (
    (Kind.ZIP, (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")),
    (Kind.GZIP, (b"\x1f\x8b",)),
    (Kind.XZ, (b"\xfd7zXZ\x00",)),
    (Kind.NUMPY, (b"\x93NUMPY",)),
    (Kind.GGUF, (b"GGUF",)),
    (
        Kind.PROGRAM,
        (
            b"\x7fELF",
            b"\xfe\xed\xfa\xce",
            b"\xfe\xed\xfa\xcf",
            b"\xce\xfa\xed\xfe",
            b"\xcf\xfa\xed\xfe",
            b"\xca\xfe\xba\xbe",
            b"\x00asm",
            b"dex\n",
        ),
    ),
    (
        Kind.OTHER_ARCHIVE,
        (
            b"\x04\x22\x4d\x18",  # lz4
            b"\x28\xb5\x2f\xfd",  # zstandard
            b"7z\xbc\xaf\x27\x1c",
            b"Rar!\x1a\x07",
            b"\xff\x06\x00\x00sNaPpY",
            b"ZF0x",  # joblib before 0.10
            b"\x1f\x9d",  # compress
        ),
    ),
    (
        Kind.DATA,
        (
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff",
            b"GIF87a",
            b"GIF89a",
            b"%PDF-",
            b"PAR1",
            b"ARROW1\x00\x00",
            b"FEA1",  # Feather, first version
            b"binf",  # XGBoost before JSON
            b"\xba\x16\x4f\x2f",  # fastText
            b"SQLite format 3\x00",
            b"Obj\x01",  # Avro
            b"ORC",
            b"CBM1",  # CatBoost
            b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner",  # XGBoost, binary JSON
        ),
    ),
)
_PYTHON_CODE = re.compile(rb"[\x00-\xff][\x0b-\x0e]\r\n", re.DOTALL)
_HDF5 = b"\x89HDF\r\n\x1a\n"


def kinds_of(piece: Piece) -> tuple[Kind, ...]:
    """Return every kind whose marks a piece bears, the most telling first; none for plain bytes."""
    head = piece.head()
    if not head:
        return (Kind.EMPTY,)
    found = [Kind.PICKLE] if looks_like_pickle(head) else []
    found += [kind for kind, begins in _BEGINNINGS if head.startswith(begins)]
    found += [kind for kind, test in _TESTS if test(head)]
    if has_hdf5(piece, head):
        found.append(Kind.HDF5)
    if Kind.ZIP not in found and ends_as_zip(piece):
        found.append(Kind.ZIP)
    return tuple(found)


def has_hdf5(piece: Piece, head: bytes) -> bool:
    """Say whether HDF5's mark is at the beginning or, after anything else, at 512, 1024, 2048, …"""
    if head.startswith(_HDF5):
        return True
    size = piece.size or len(head)
    offset = 512
    while offset < size:
        found = head[offset : offset + 8] if piece.size is None else piece.at(offset, 8)
        if found == _HDF5:
            return True
        offset *= 2
    return False


def ends_as_zip(piece: Piece) -> bool:
    """Say whether an unzipper, which begins at the end, would find a directory."""
    if piece.size is None:
        return False
    start = max(0, piece.size - 65_557)
    tail = piece.at(start, piece.size - start)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        return False
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    directory = piece.at(max(0, start + at - size), 4)
    return size == 0xFFFFFFFF or (size > 0 and directory == b"PK\x01\x02")


def _is_bzip2(head: bytes) -> bool:
    return head[:3] == b"BZh" and head[3:4] in b"123456789" and head[4:10] in _BZIP2_BLOCKS


def _is_zlib(head: bytes) -> bool:
    if len(head) < 3 or head[0] != 0x78 or int.from_bytes(head[:2], "big") % 31:
        return False
    try:
        zlib.decompressobj().decompress(head, 1024)
    except zlib.error:
        return False
    return True


def _is_lzma(head: bytes) -> bool:
    size = int.from_bytes(head[5:13], "little")
    return head[:2] == b"\x5d\x00" and len(head) > 13 and (size < 2**40 or size == 2**64 - 1)


def _is_safetensors(head: bytes) -> bool:
    size = int.from_bytes(head[:8], "little")
    return head[8:9] == b"{" and 2 <= size < LONGEST_SAFETENSORS_HEADER


def _is_tar(head: bytes) -> bool:
    block = head[:512]
    if len(block) < 512 or not block[0]:
        return False
    try:
        said = int(block[148:156].split(b"\0")[0].strip() or b"x", 8)
    except ValueError:
        return False
    return said == sum(block[:148]) + 8 * 32 + sum(block[156:])


def _is_windows_program(head: bytes) -> bool:
    return head[:2] == b"MZ" and b"\x00" in head[:64]


def _is_python_code(head: bytes) -> bool:
    return len(head) >= 16 and _PYTHON_CODE.match(head) is not None


def _is_arrow_stream(head: bytes) -> bool:
    size = int.from_bytes(head[4:8], "little")
    return head[:4] == b"\xff\xff\xff\xff" and 0 < size < 2**26 and size % 8 == 0


def _is_tflite(head: bytes) -> bool:
    return head[4:8] == b"TFL3"


_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")
_TESTS = (
    (Kind.BZIP2, _is_bzip2),
    (Kind.ZLIB, _is_zlib),
    (Kind.LZMA, _is_lzma),
    (Kind.TAR, _is_tar),
    (Kind.SAFETENSORS, _is_safetensors),
    (Kind.PROGRAM, _is_windows_program),
    (Kind.PROGRAM, _is_python_code),
    (Kind.DATA, _is_arrow_stream),
    (Kind.DATA, _is_tflite),
)
