"""The facts policies may read: every variable with its kind, default and meaning."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

from apps.core import strict_yaml
from apps.core.errors import DomainError
from apps.core.expressions import Kind, Variables
from apps.validation import checks

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
    """One fact: its kind, an example value, what it means and where its value comes from."""

    kind: Kind
    default: object
    description: str
    source: str = ""
    follows_tier: bool = False
    """Whether its value is found only once the tier is, so that no tier follows from it."""


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

    def field_at(self, path: str) -> Field | None:
        """Return the fact at a path such as ``model.tier`` or ``checks.schema.status``."""
        first, _, rest = path.partition(".")
        root = self._by_name.get(first)
        if root is None:
            return None
        return root.field if not rest else root.fields.get(rest.rpartition(".")[2])

    def source_of(self, path: str) -> str:
        """Return where the value of a fact comes from, in words; nothing for one not declared."""
        field = self.field_at(path)
        if field is not None:
            return field.source
        return "Policy" if path.startswith("settings.") else ""

    def follows_tier(self, path: str) -> bool:
        """Say whether a fact is found only once the tier is."""
        field = self.field_at(path)
        return field is not None and field.follows_tier

    @cached_property
    def _by_name(self) -> Mapping[str, Root]:
        return {root.name: root for root in self.roots}

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
    """Return the vocabulary this release offers to policies, every installed check in it."""
    known = parse((CONTENT / "context.yaml").read_text(encoding="utf-8"))
    installed = (*checks.SHIPPED, *(added.check for added in checks.ADDED))
    names = tuple(check.name for check in installed)
    return Vocabulary(
        tuple(
            replace(root, names=names) if root.keyed_by == "check" else root for root in known.roots
        )
    )


def _paths(root: Root, names: Mapping[str, Sequence[str]]) -> dict[str, Kind]:
    if root.field:
        return {root.name: root.field.kind}
    if not root.keyed_by:
        return {f"{root.name}.{name}": field.kind for name, field in root.fields.items()}
    return {
        f"{root.name}.{key}.{name}": field.kind
        for key in dict.fromkeys((*root.names, *names.get(root.keyed_by, ())))
        for name, field in root.fields.items()
    }


def _root(name: str, declared: object) -> Root:
    if not isinstance(declared, dict) or not isinstance(kind := declared.get("type"), str):
        raise VocabularyError(f"The variable {name} has no type.")
    _require_name(name)
    keyed_by = kind.removeprefix(_KEYED) if kind.startswith(_KEYED) else ""
    if kind != Kind.MAP and not keyed_by:
        return Root(name, _field(name, declared, declared), {}, "", ())
    fields = declared.get("fields", {})
    if not isinstance(fields, dict):
        raise VocabularyError(f"The fields of {name} are not a map.")
    for part in fields:
        _require_name(part)
    known = {part: _field(f"{name}.{part}", inner, declared) for part, inner in fields.items()}
    return Root(name, None, known, keyed_by, tuple(declared.get("names", ())))


def _field(path: str, declared: object, group: Mapping[str, object]) -> Field:
    """Read one fact; what it does not say of where it comes from, its group says."""
    if not isinstance(declared, dict) or declared.get("type") not in set(Kind):
        raise VocabularyError(f"The variable {path} has no known type.")
    return Field(
        Kind(declared["type"]),
        declared.get("default"),
        str(declared.get("description", "")),
        str(declared.get("source", group.get("source", ""))),
        follows_tier=bool(declared.get("follows_tier", group.get("follows_tier", False))),
    )


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise VocabularyError(f"No expression can name a variable {name!r}.")
