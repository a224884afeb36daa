"""skops: a zip archive whose schema says how each part of an estimator is built up again."""

from collections.abc import Iterator
from typing import Any

from apps.validation.checks.contract import Severity
from apps.validation.checks.format_validity.bounded import Archive, mapping
from apps.validation.checks.format_validity.findings import Broken, Findings, damaged, too_large

SCHEMA = "schema.json"
MOST_NODES = 1_000_000
MOST_NAMED = 20
TRUSTED = frozenset(
    """builtins collections datetime decimal functools numpy operator pathlib re scipy sklearn
    """.split()
)
"""Packages whose types skops knows itself, or that come with every model of scikit-learn."""
ASK = "Look at these types: whoever loads the model has to name them as trusted."


def read(archive: Archive, place: str, findings: Findings) -> dict[str, Any]:
    """Walk through the schema; hold the files it names against those of the archive.

    Raises:
        Broken: when the schema is damaged or names a file that is missing.
    """
    schema = mapping(archive.read_json(SCHEMA), "The schema")
    protocol = schema.get("protocol")
    is_known = type(protocol) is int and 0 <= protocol < 1000
    if not is_known or "_skops_version" not in schema:
        raise damaged("The schema does not say which version of skops wrote it.")
    types: set[str] = set()
    for number, node in enumerate(_nodes(schema)):
        if number > MOST_NODES:
            raise too_large("its schema has more parts than are read.")
        types.add(_type(node))
        _require_file(node, archive)
    unknown = sorted(kind for kind in types if kind.split(".")[0] not in TRUSTED)
    if unknown:
        named = ", ".join(name[:100] for name in unknown[:MOST_NAMED])
        text = f"It holds types that skops loads only when told to: {named}."
        findings.report("untrusted_types", place, text, ASK, Severity.MEDIUM)
    return {"protocol": protocol, "types": len(types), "untrusted": unknown[:MOST_NAMED]}


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield everything in a schema that is to be built, from the outside in."""
    waiting = [schema]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if "__loader__" in value:
                yield value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _type(node: dict[str, Any]) -> str:
    module, name = node.get("__module__"), node.get("__class__")
    if not isinstance(module, str) or not isinstance(name, str):
        raise damaged("A part of the schema does not say its type.")
    content = node.get("content")
    if node["__loader__"] == "FunctionNode" and isinstance(content, dict):
        module, name = content.get("module_path"), content.get("function")
    return f"{module}.{name}"


def _require_file(node: dict[str, Any], archive: Archive) -> None:
    file = node.get("file")
    if file is not None and str(file) not in archive.sizes:
        raise Broken("missing_member", f"The schema names {file!a:.100}, which is missing.")
