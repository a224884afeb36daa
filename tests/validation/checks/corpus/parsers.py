"""Seeds for fuzzing: for each parser the samples, from the corpus, that reach it."""

from collections.abc import Callable

import numpy as np

from tests.validation.checks.corpus.samples import SAMPLES
from tests.validation.checks.hostile import joblib_bytes

Seed = tuple[str, bytes]
LONGEST = 11_000


def _begins(*marks: bytes) -> Callable[[str, bytes], bool]:
    return lambda path, data: data.startswith(marks)


def _ends(*endings: str) -> Callable[[str, bytes], bool]:
    return lambda path, data: path.endswith(endings)


_REACHES: dict[str, Callable[[str, bytes], bool]] = {
    "pickle operations": _ends(".pkl"),
    "joblib": _ends(".joblib"),
    "zip directory": _begins(b"PK"),
    "tar": lambda path, data: data[257:262] == b"ustar",
    "gzip, bzip2, xz, lzma, zlib": _begins(b"\x1f\x8b", b"BZ", b"\xfd7zXZ", b"\x5d\0", b"x\x9c"),
    "NumPy": _begins(b"\x93NUMPY"),
    "safetensors": _ends(".safetensors"),
    "GGUF": _begins(b"GGUF"),
    "ONNX": _ends(".onnx"),
    "TensorFlow": _ends(".pb"),
    "Keras": _ends(".keras", "config.json"),
    "HDF5": _ends(".h5"),
    "PyTorch": _ends(".pt", ".pth"),
    "templates": _ends(".jinja", "tokenizer_config.json"),
    "MLmodel": _ends("MLmodel"),
    "MessagePack and SentencePiece": _ends(".msgpack", ".model"),
}


def _seeds(reaches: Callable[[str, bytes], bool]) -> list[Seed]:
    found = (seed for sample in SAMPLES for seed in sample.files.items())
    kept = [(path, data) for path, data in found if 0 < len(data) < LONGEST]
    return [seed for seed in kept if reaches(*seed)]


_ARRAYS = {"a": np.arange(5), "b": np.array([None, "x"], dtype=object)}
PARSERS: dict[str, list[Seed]] = {name: _seeds(reaches) for name, reaches in _REACHES.items()}
PARSERS["joblib"] += [
    ("arrays.joblib", joblib_bytes(_ARRAYS)),
    ("arrays.joblib", joblib_bytes(_ARRAYS, compress=3)),
]
