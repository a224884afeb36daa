"""The facts policies may read: every variable with its kind, default and meaning."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from apps.core import strict_yaml
from apps.core.errors import DomainError
from apps.core.expressions import Kind, Variables

CONTENT = Path(__file__).parent / "content"
SIGNER_FACTS = frozenset({"actor", "approval"})
"""Facts that exist only while one person is held against one slot."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_KEYED = "map_by_"


class VocabularyError(DomainError):
    """The context file does not declare its variables properly."""

    code = "vocabulary_error"


@dataclass(frozen=True)
class Field:
    """One fact: its kind, an example value and what it means."""

    kind: Kind
    default: object
    description: str


@dataclass(frozen=True)
class Root:
    """A variable: one fact, a group of facts, or a group repeated for each of some names."""

    name: str
    field: Field | None
    fields: Mapping[str, Field]
    keyed_by: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """All facts of one context file."""

    roots: tuple[Root, ...]

    def variables(
        self,
        *,
        settings: Mapping[str, Kind],
        names: Mapping[str, Sequence[str]] | None = None,
        for_signers: bool = False,
    ) -> Variables:
        """Return what expressions may name under a policy's settings and named entries.

        Facts about the signer are included only for separation of duties.
        """
        kinds = {f"settings.{name}": kind for name, kind in settings.items()}
        for root in self.roots:
            if for_signers or root.name not in SIGNER_FACTS:
                kinds |= _paths(root, names or {})
        return Variables.of(kinds)


def parse(text: str) -> Vocabulary:
    """Return the vocabulary a context file declares.

    Raises:
        VocabularyError: when a variable has no known type or a name no expression could use.
    """
    document = strict_yaml.load(text)
    variables = document.get("variables") if isinstance(document, dict) else None
    if not isinstance(variables, dict):
        raise VocabularyError("The context file declares no variables.")
    return Vocabulary(tuple(_root(name, declared) for name, declared in variables.items()))


@cache
def built_in() -> Vocabulary:
    """Return the vocabulary this release offers to policies."""
    return parse((CONTENT / "context.yaml").read_text(encoding="utf-8"))


def _paths(root: Root, names: Mapping[str, Sequence[str]]) -> dict[str, Kind]:
    if root.field:
        return {root.name: root.field.kind}
    if not root.keyed_by:
        return {f"{root.name}.{name}": field.kind for name, field in root.fields.items()}
    return {
        f"{root.name}.{key}.{name}": field.kind
        for key in (*root.names, *names.get(root.keyed_by, ()))
        for name, field in root.fields.items()
    }


def _root(name: str, declared: object) -> Root:
    if not isinstance(declared, dict) or not isinstance(kind := declared.get("type"), str):
        raise VocabularyError(f"The variable {name} has no type.")
    _require_name(name)
    keyed_by = kind.removeprefix(_KEYED) if kind.startswith(_KEYED) else ""
    if kind != Kind.MAP and not keyed_by:
        return Root(name, _field(name, declared), {}, "", ())
    fields = declared.get("fields", {})
    if not isinstance(fields, dict):
        raise VocabularyError(f"The fields of {name} are not a map.")
    for part in fields:
        _require_name(part)
    known = {part: _field(f"{name}.{part}", inner) for part, inner in fields.items()}
    return Root(name, None, known, keyed_by, tuple(declared.get("names", ())))


def _field(path: str, declared: object) -> Field:
    if not isinstance(declared, dict) or declared.get("type") not in set(Kind):
        raise VocabularyError(f"The variable {path} has no known type.")
    return Field(
        Kind(declared["type"]), declared.get("default"), str(declared.get("description", ""))
    )


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise VocabularyError(f"No expression can name a variable {name!r}.")
