"""Format validity: every file is what it seems, whole, and agrees with the others about the model.

Structure is read from the bytes alone, within bounds; nothing is ever loaded. The code behind it is
in ``examination``, which only the process that carries it out imports.
"""

from apps.validation.checks.contract import Check

CHECK = Check(
    name="format-validity",
    title="Format validity",
    sentence="Reads the structure of every file, and what files say about each other.",
    examine="apps.validation.checks.format_validity.examination:examine",
    version="1",
    formats=(
        "safetensors, with the index of its parts",
        "ONNX, with external data",
        "skops",
        "XGBoost as JSON and binary JSON",
        "LightGBM as text",
        "Keras",
        "HDF5",
        "GGUF",
        "OpenVINO",
        "NumPy arrays and archives of arrays",
        "MLmodel",
        "JSON",
    ),
    cites=(
        "safetensors format, Hugging Face",
        "Open Neural Network Exchange: ONNX IR specification",
        "GGUF specification, ggml",
        "NumPy Enhancement Proposal 1: a simple file format for arrays",
        "MLflow Model storage format",
    ),
    is_confined=True,
    at_registration=True,
    seconds=1800,
)
