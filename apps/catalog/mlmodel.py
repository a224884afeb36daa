"""What an MLflow model folder says about itself: signature, example, flavors, Python, packages.

Everything in it was written by whoever logged the model, so it is read as text, within limits, and
what cannot be read is left out: the checks then say what is missing.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.catalog import store
from apps.catalog.models.content import NamedFile
from apps.catalog.training import require_declared
from apps.core import strict_yaml
from apps.core.errors import DomainError
from apps.core.inputs import InputRefused, read_json, require_text

MLMODEL = "MLmodel"
MOST_BYTES = 2**20
MOST_PACKAGES = 1000
MOST_WORDS = 500

_SIDES = ("inputs", "outputs", "params")
_ANY = "python_function"
_NO_PACKAGE = re.compile(r"\s*(#|-|$)")
_VERSION_KEY = re.compile(r"\w+_version")


@dataclass(frozen=True)
class Declared:
    """What a version takes from its model folder."""

    signature: dict[str, Any] | None = None
    input_example: Any = None
    framework: str = ""
    flavors: list[str] = field(default_factory=list)
    python_version: str = ""
    packages: list[str] = field(default_factory=list)


def read(files: Collection[NamedFile]) -> Declared:
    """Return what the MLmodel file among some files declares; nothing when there is none."""
    if not files:
        return Declared()
    by_path = {file.path: file for file in files}
    described = _mapping(_yaml(by_path, MLMODEL))
    flavors = _mapping(described.get("flavors"))
    return Declared(
        signature=_signature(described.get("signature")),
        input_example=_example(by_path, _mapping(described.get("saved_input_example_info"))),
        framework=_framework(flavors),
        flavors=sorted(name for name in flavors if _is_short(name, MOST_WORDS))[:MOST_PACKAGES],
        python_version=_word(_mapping(flavors.get(_ANY)).get("python_version"), 20),
        packages=_packages(by_path),
    )


def _signature(declared: object) -> dict[str, Any] | None:
    """Return a signature whose sides are lists; MLflow writes each as a JSON text."""
    given = _mapping(declared)
    try:
        sides = {
            side: read_json(text) for side in _SIDES if isinstance(text := given.get(side), str)
        }
        require_declared(sides, "The signature")
    except InputRefused:
        return None
    return {side: value for side, value in sides.items() if value is not None} or None


def _example(files: Mapping[str, NamedFile], info: Mapping[str, object]) -> object:
    text = _text(files, str(info.get("artifact_path", "")))
    if not text:
        return None
    try:
        example: object = read_json(text)
        require_declared(example, "The input example")
    except InputRefused:
        return None
    return example


def _framework(flavors: Mapping[str, object]) -> str:
    """Return the first flavor that is more than any Python function, with its version."""
    for name in sorted(flavors):
        if name != _ANY and _is_short(name, 80):
            facts = _mapping(flavors[name])
            versions = (_word(facts[key], 30) for key in facts if _VERSION_KEY.fullmatch(key))
            return f"{name} {next(versions, '')}".strip()
    return ""


def _packages(files: Mapping[str, NamedFile]) -> list[str]:
    lines = _text(files, "requirements.txt").splitlines() or _pip_lines(files)
    packages = [line.strip() for line in lines if not _NO_PACKAGE.match(line)]
    return [line for line in packages if _is_short(line, MOST_WORDS)][:MOST_PACKAGES]


def _pip_lines(files: Mapping[str, NamedFile]) -> list[str]:
    """Return what the environment for conda has pip install."""
    listed = _mapping(_yaml(files, "conda.yaml")).get("dependencies")
    parts = listed if isinstance(listed, list) else []
    lines = (_mapping(part).get("pip") for part in parts)
    return [str(line) for found in lines if isinstance(found, list) for line in found]


def _yaml(files: Mapping[str, NamedFile], path: str) -> object:
    try:
        return strict_yaml.load(_text(files, path))
    except DomainError:
        return None


def _text(files: Mapping[str, NamedFile], path: str) -> str:
    """Return the text of a small file, or nothing when it is not there or no text."""
    file = files.get(path)
    if file is None or file.artifact.size > MOST_BYTES:
        return ""
    try:
        with store.open(file.artifact.sha256) as stored:
            return stored.read(MOST_BYTES).decode("utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _word(value: object, most: int) -> str:
    word = str(value) if isinstance(value, str | int | float) else ""
    return word if _is_short(word, most) else ""


def _is_short(word: str, most: int) -> bool:
    try:
        require_text(word, "This", most)
    except InputRefused:
        return False
    return True
