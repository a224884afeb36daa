"""Unsafe code: what would run when a model file is loaded, told from its bytes alone.

Nothing is ever loaded, unpacked to disk or cleared by its name. What cannot be followed to its end
is a problem, never a pass.
"""

from apps.validation.checks.contract import Check
from apps.validation.checks.unsafe_code.given import AllowedGlobals

CHECK = Check(
    name="unsafe-code",
    title="Unsafe code",
    sentence="Reads every file, and archives inside files, for code that loading would run.",
    examine="apps.validation.checks.unsafe_code.examining:examine",
    version="2",
    parameters=AllowedGlobals,
    formats=(
        "pickle, joblib, NumPy, PyTorch and TorchScript",
        "zip, tar, gzip, bzip2, xz, lzma and zlib, archives inside archives",
        "Keras (.keras and HDF5), TensorFlow SavedModel and frozen graphs",
        "ONNX, GGUF, safetensors, skops, MessagePack, templates, MLmodel",
        "every other file: told by content, and a problem when its kind is not known",
    ),
    cites=(
        "OWASP Machine Learning Security Top 10 (2023), ML06: AI supply chain attacks",
        "MITRE ATLAS, AML.T0011.000: unsafe AI artifacts",
        "CWE-502: deserialization of untrusted data",
    ),
    is_confined=True,
    at_registration=True,
    seconds=3600,
)
