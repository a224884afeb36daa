"""MLmodel files: which module MLflow imports to load a model, and what code lies beside it."""

import re
import sys
from collections.abc import Collection, Iterator
from typing import Any

from apps.core import strict_yaml
from apps.validation.checks.contract import Severity
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import REPACK, SAVE_SAFELY, Scan, shown

NAME = "MLmodel"
READ_CODE = "Read the code before the model is used; it runs when the model is loaded."
_MLFLOW = re.compile(r"mlflow(?:\.[a-z][a-z0-9_]*)+")
_CODE = ("code", "code_path", "code_paths")
_SCRIPTS = ("model_code_path", "model_code")
_LIBRARIES = frozenset(
    "catboost cloudpickle joblib keras lightgbm mlflow numpy onnx onnxruntime pandas pyarrow "
    "pydantic requests scipy sklearn skops statsmodels tensorflow torch transformers xgboost "
    "yaml".split()
)


def examine(scan: Scan, piece: Piece, siblings: Collection[str]) -> None:
    """Report a model whose loading imports or carries out code that comes with it."""
    piece.rewind()
    data = piece.stream.read(strict_yaml.MOST_BYTES + 1)
    try:
        document = strict_yaml.load(data.decode("utf-8", "replace"))
    except strict_yaml.YamlRefused as refusal:
        text = f"Cannot tell how the model is loaded: {shown(str(refusal))}"
        scan.report("unclear_mlmodel", piece.place, text, REPACK)
        return
    for node in _maps(document):
        _examine_loader(scan, piece.place, node)
        for key in _SCRIPTS:
            if node.get(key):
                text = f"Loading the model carries out {shown(str(node[key]))}, a script beside it."
                scan.report("model_script", piece.place, text, READ_CODE)
        for key in _CODE:
            if isinstance(node.get(key), str):
                _examine_code(scan, piece.place, node[key], siblings)


def _maps(document: Any) -> Iterator[dict[str, Any]]:
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _examine_loader(scan: Scan, place: str, node: dict[str, Any]) -> None:
    module = node.get("loader_module")
    if module is None or _MLFLOW.fullmatch(str(module)):
        return
    if scan.allowed.trust(str(module), "Loader") is None:
        text = f"Loading the model imports {shown(str(module))} and carries it out."
        scan.report("loader_module", place, text, READ_CODE)


def _examine_code(scan: Scan, place: str, folder: str, siblings: Collection[str]) -> None:
    """Judge a folder of code that is put before all others when the model is loaded."""
    start = f"{place.rpartition('/')[0]}/{folder}/".lstrip("/")
    modules = {
        path[len(start) :].partition("/")[0].partition(".")[0]
        for path in siblings
        if path.startswith(start)
    }
    text = f"The model brings code along, in {shown(folder)}, which can be imported with it."
    scan.report("shipped_code", place, text, READ_CODE, Severity.MEDIUM)
    for module in sorted(modules & (_LIBRARIES | sys.stdlib_module_names)):
        text = f"The model brings its own {module}, which takes the place of the library's."
        scan.report("replaced_library", place, text, SAVE_SAFELY)
