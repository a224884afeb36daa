"""Reading a policy text: shape, references and expressions are checked before anything is used."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import chain, islice
from operator import itemgetter
from typing import NamedTuple, cast

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from apps.approvals import vocabulary
from apps.approvals.policies import building
from apps.approvals.policies.building import Document, Scope
from apps.approvals.policies.fixed import fixed_problems
from apps.approvals.policies.parts import ASSESSMENTS, Policy
from apps.approvals.policies.references import reference_problems, setting_kinds
from apps.core import shapes, strict_yaml
from apps.core.errors import DomainError
from apps.core.expressions import ExpressionError, Variables, compile_expression
from apps.core.hidden import hidden_problems
from apps.core.shapes import Path, Problem

MOST_TEXT = 512 * 1024
_NAMES = re.compile(rf"\b{ASSESSMENTS}\s*\[\s*['\"]([a-z0-9-]{{1,64}})['\"]")
_MOST_PROBLEMS = 200
_MOST_PROBLEMS_TOLD = 10
SHIPPED = ("starter", "default")
"""The policies that come with the registry, by the name of their file."""


class PolicyRefused(DomainError):
    """A policy text that cannot be used; ``problems`` says why, in 200 sentences at most."""

    code = "policy_refused"

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        told = self.problems[:_MOST_PROBLEMS_TOLD]
        more = len(self.problems) - len(told)
        super().__init__(" ".join((*told, f"And {more} more." if more else "")).strip())


class _Source(NamedTuple):
    """An expression as written, with its place in the document."""

    place: str
    text: str
    variables: Variables
    path: Path


def parse(
    text: str, *, known: vocabulary.Vocabulary | None = None, own: Collection[str] = ()
) -> Policy:
    """Return the policy a text describes, checked whole.

    ``own`` are the ids of questionnaires that an organization published, which it may name beside
    those that come with Signet.

    Raises:
        PolicyRefused: when it has another shape, refers to something it does not define, asks for
            what Signet would not do, or holds an expression that does not compile.
    """
    return _read(text, known or vocabulary.built_in(), lambda _: own)


def _read(
    text: str, facts: vocabulary.Vocabulary, own: Callable[[Document], Collection[str]]
) -> Policy:
    if len(text) > MOST_TEXT:
        raise PolicyRefused([f"A policy holds at most {MOST_TEXT:,} characters."])
    try:
        document = cast(Document, strict_yaml.load(text))
    except strict_yaml.YamlRefused as refusal:
        raise PolicyRefused([str(refusal)]) from refusal
    if hidden := tuple(islice(hidden_problems(document, text), _MOST_PROBLEMS)):
        raise PolicyRefused(hidden)
    _require_none(shapes.problems(_validator(), document), text)
    _require_none(chain(reference_problems(document), fixed_problems(document)), text)
    scope = _scope(document, facts, own(document))
    _require_none(_expression_problems(_sources(document, scope)), text)
    read = building.policy(document, text, scope)
    _require_none(_floor_problems(read, facts), text)
    return read


@lru_cache(maxsize=16)
def parsed(text: str) -> Policy:
    """Return the policy of a text that was read before, without reading it again.

    The questionnaires it names were known then, so they are not asked about again.
    """
    return _read(text, vocabulary.built_in(), _named)


@lru_cache(maxsize=16)
def canonical_form(text: str) -> bytes:
    """Return what a text says in the one form whose digest its policy goes by.

    It asks nothing of what is said, so that whatever was once published has its form for good.
    """
    return building.canonical(cast(Document, strict_yaml.load(text)))


@cache
def shipped(name: str) -> Policy:
    """Return a policy that comes with the registry: "starter", or "default"."""
    return parse((vocabulary.CONTENT / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def _validator() -> Validator:
    schema = (vocabulary.CONTENT / "policy.schema.json").read_text(encoding="utf-8")
    whole = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole)
    kind = extend(Draft202012Validator, type_checker=whole)  # type: ignore[no-untyped-call]
    made: Validator = kind(json.loads(schema))
    return made


def _is_whole(_: object, value: object) -> bool:
    """Say whether a value is a whole number; 60.0 is one to JSON Schema, and counts no days."""
    return type(value) is int


def _require_none(problems: Iterable[Problem], text: str) -> None:
    """Refuse what has a problem, in the order of its lines.

    A text that is wrong throughout is read no further than told.
    """
    if found := tuple(islice(problems, _MOST_PROBLEMS)):
        lines = strict_yaml.Lines(text)
        placed = sorted(((lines.of(one.path), one.words) for one in found), key=itemgetter(0))
        raise PolicyRefused(f"Line {line}: {words}" for line, words in placed)


def _named(document: Document) -> list[str]:
    """Return the questionnaires that something in a policy may name."""
    found = (match[1] for text in _texts(document) for match in _NAMES.finditer(text))
    return list(dict.fromkeys(found))


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping | list):
        for inner in part.values() if isinstance(part, Mapping) else part:
            yield from _texts(inner)


def _scope(document: Document, known: vocabulary.Vocabulary, own: Collection[str] = ()) -> Scope:
    settings = setting_kinds(document["tiers"][0])
    names = {
        "evidence_type": [kind["id"] for kind in document["evidence_types"]],
        "questionnaire": list(own),
    }
    return Scope(
        tier=known.variables(settings={}, names=names),
        gate=known.variables(settings=settings, names=names),
        signer=known.variables(settings=settings, names=names, for_signers=True),
    )


_EXPRESSIONS = (
    ("tier_floors", "The tier floor", "when", "tier"),
    ("conditions", "The condition", "expr", "gate"),
    ("separation_of_duties", "The rule", "expr", "signer"),
    ("continuous_rules", "The continuous rule", "when", "gate"),
)
"""The lists whose entries hold an expression: what each is called, under which key, over what."""


def _sources(document: Document, scope: Scope) -> Iterator[_Source]:
    for name, kind, key, over in _EXPRESSIONS:
        for number, part in enumerate(document.get(name, ())):
            path: Path = (name, number, key)
            yield _Source(f"{kind} {part['id']}", part[key], getattr(scope, over), path)
    for number, transition in enumerate(document["transitions"]):
        yield from _sources_at(transition, scope, ("transitions", number))


def _sources_at(transition: Document, scope: Scope, path: Path) -> Iterator[_Source]:
    place = f"The transition {transition['id']}"
    groups: list[tuple[Path, list[Document]]] = [((*path, "conditions"), transition["conditions"])]
    slots = transition["sign_offs"]
    groups += [((*path, "sign_offs", tier), slots[tier]) for tier in slots]
    for where, parts in groups:
        for at, part in enumerate(parts):
            if "when" in part:
                yield _Source(place, part["when"], scope.gate, (*where, at, "when"))


def _floor_problems(policy: Policy, known: vocabulary.Vocabulary) -> Iterator[Problem]:
    """Say which floors read what is found only once the tier is, and so would go in a circle."""
    for number, floor in enumerate(policy.floors):
        for path in (path for path, _ in floor.when.reads if known.follows_tier(path)):
            yield Problem(
                f"The tier floor {floor.id} reads {path}, which is found only once the tier is. "
                "Let it read what is so at any tier.",
                ("tier_floors", number, "when"),
            )


def _expression_problems(sources: Iterable[_Source]) -> Iterator[Problem]:
    for source in sources:
        try:
            compile_expression(source.text, variables=source.variables)
        except ExpressionError as error:
            yield Problem(f"{source.place}: {error}", source.path)
