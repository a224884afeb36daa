"""Keras: descriptions of models, in JSON, and what in them makes Keras run code or read files."""

import builtins
import re
from typing import Any

from apps.validation.checks.contract import Severity
from apps.validation.checks.unsafe_code.scan import SAVE_SAFELY, Scan, shown

_OWN = re.compile(r"(?:keras|keras_hub|keras_cv|keras_nlp|tf_keras|tensorflow)(?:\..+)?")
_FUNCTIONS = re.compile(
    r"(?:tf_)?keras(?:\.src)?\."
    r"(?:activations|constraints|initializers|losses|metrics|ops|regularizers)(?:\..+)?"
)
"""Where the functions come from that a model may name; others of Keras fetch and load things."""
_CLASS = re.compile(r"[A-Z]\w*")
_LAMBDAS = frozenset({"Lambda", "TFOpLambda", "__lambda__"})
_LOADERS = frozenset({"FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"})
"""Layers that load a program of another kind from their configuration or a path in it."""
_FILES = frozenset({"vocabulary", "idf_weights", "filepath", "file_path", "merges"})
"""Parts of a configuration that Keras takes for the name of a file, when they are a text."""


def report_lambda(scan: Scan, place: str) -> None:
    """Report a Keras layer that is a Python function in disguise."""
    text = "A Keras Lambda layer holds Python code, which runs when the model is loaded."
    scan.report("lambda_layer", place, text, SAVE_SAFELY)


def examine(scan: Scan, place: str, node: dict[str, Any]) -> None:
    """Judge one object that Keras is asked to make."""
    name, module = node["class_name"], node.get("module")
    if name in _LAMBDAS:
        report_lambda(scan, place)
    if name in _LOADERS:
        text = f"The Keras layer {name} loads a program of another kind with the model."
        scan.report("loading_layer", place, text, SAVE_SAFELY)
    _examine_paths(scan, place, node)
    if isinstance(module, str) and "config" in node:
        _examine_module(scan, place, node, str(name), module)
    elif _is_registered(node):
        text = f"Keras needs the class {shown(str(name))}, which is code that is not in the file."
        scan.report("custom_class", place, text, SAVE_SAFELY, Severity.MEDIUM)


def _examine_paths(scan: Scan, place: str, node: dict[str, Any]) -> None:
    config = node.get("config")
    if not isinstance(config, dict):
        return
    for key in sorted(_FILES & config.keys()):
        if isinstance(config[key], str):
            text = f"A Keras layer is to read the file {shown(config[key])!r}."
            scan.report("outside_reference", place, text, SAVE_SAFELY)


def _examine_module(scan: Scan, place: str, node: dict[str, Any], name: str, module: str) -> None:
    is_function = name == "function"
    wanted = str(node["config"]) if is_function else name
    if is_function and _FUNCTIONS.fullmatch(module):
        return
    if not is_function and _OWN.fullmatch(module) and _CLASS.fullmatch(name):
        return
    if module == "builtins" and not hasattr(builtins, wanted):
        return
    scan.globals.add(shown(f"{module}.{wanted}"))
    if scan.allowed.trust(module, wanted) is None:
        text = f"Keras is to load {shown(f'{module}.{wanted}')}, which is not its own."
        scan.report("forbidden_type", place, text, SAVE_SAFELY)


def _is_registered(node: dict[str, Any]) -> bool:
    """Say whether a class is one that its author registered with Keras."""
    registered = node.get("registered_name")
    return isinstance(registered, str) and ">" in registered
