"""JSON texts, object by object: Keras, skops, tokenizers, and whatever else describes a model."""

import json
from collections.abc import Iterator
from typing import Any

from apps.validation.checks.contract import Severity
from apps.validation.checks.unsafe_code import keras, templates
from apps.validation.checks.unsafe_code.scan import SAVE_SAFELY, Scan, shown

_SKOPS_LOADERS = frozenset(
    "BytearrayNode BytesNode CachedNode ConstructorFromReduceNode DTypeNode DefaultDictNode "
    "DictNode FunctionNode JsonNode ListNode LossNode MaskedArrayNode NdArrayNode ObjectNode "
    "RandomGeneratorNode RandomStateNode SetNode SliceNode SparseMatrixNode TreeNode TupleNode "
    "TypeNode _DictWithDeprecatedKeysNode".split()
)
_TEMPLATES = frozenset({"chat_template", "chat_templates"})


def parsed(data: bytes) -> Any:
    """Return what a JSON text says, or nothing when it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def examine(scan: Scan, place: str, document: Any) -> None:
    """Judge every object in a JSON text."""
    for node in _objects(document):
        if "__loader__" in node and "__module__" in node:
            _examine_skops(scan, place, node)
        elif "class_name" in node:
            keras.examine(scan, place, node)
        for key in sorted(_TEMPLATES & node.keys()):
            for template in _texts(node[key]):
                templates.examine(scan, place, template)
        if isinstance(node.get("auto_map"), dict):
            text = "It names classes that a program loads from code beside it, if it is told to."
            scan.report("remote_code", place, text, SAVE_SAFELY, Severity.MEDIUM)


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a value, such as templates in a list or by name."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            yield found
        elif isinstance(found, dict):
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)


def _examine_skops(scan: Scan, place: str, node: dict[str, Any]) -> None:
    """Judge one type that skops is asked to make."""
    module, name = str(node["__module__"]), str(node.get("__class__"))
    if node["__loader__"] not in _SKOPS_LOADERS:
        text = f"skops is to load something by {shown(str(node['__loader__']))}, not known here."
        scan.report("unknown_loader", place, text, SAVE_SAFELY)
    scan.globals.add(shown(f"{module}.{name}"))
    if scan.allowed.trust(module, name) is None:
        text = (
            f"skops is to load {shown(f'{module}.{name}')}, which is not on the list of what a "
            "model file may use."
        )
        scan.report("forbidden_type", place, text, SAVE_SAFELY)
