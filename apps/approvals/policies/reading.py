"""Reading a policy text: shape, references and expressions are checked before anything is used."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from apps.approvals import vocabulary
from apps.approvals.policies.parts import (
    TIERS,
    Condition,
    Enforcement,
    Floor,
    GateCondition,
    Policy,
    Role,
    SeparationRule,
    SlotRule,
    Tier,
    Transition,
)
from apps.core import strict_yaml
from apps.core.digests import digest_of_bytes
from apps.core.errors import DomainError
from apps.core.expressions import (
    Expression,
    ExpressionError,
    Kind,
    Variables,
    compile_expression,
)

_MOST_PROBLEMS_TOLD = 10
_LISTS_WITH_IDS = (
    "stages", "roles", "evidence_types", "tier_floors", "conditions", "separation_of_duties",
    "transitions",
)  # fmt: skip

Document = dict[str, Any]
T = TypeVar("T")


class PolicyRefused(DomainError):
    """A policy text that cannot be used; ``problems`` says everything that is wrong with it."""

    code = "policy_refused"

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        told = self.problems[:_MOST_PROBLEMS_TOLD]
        more = len(self.problems) - len(told)
        super().__init__(" ".join((*told, f"And {more} more." if more else "")).strip())


class _Scope(NamedTuple):
    """What expressions may name: to find the tier, at the gate, and about one signer in it."""

    tier: Variables
    gate: Variables
    signer: Variables


class _Source(NamedTuple):
    """An expression as written, with its place in the document."""

    place: str
    text: str
    variables: Variables


def parse(text: str, *, known: vocabulary.Vocabulary | None = None) -> Policy:
    """Return the policy a text describes, checked whole.

    Raises:
        PolicyRefused: when it has another shape, refers to something it does not define, or holds
            an expression that does not compile.
    """
    try:
        document = cast(Document, strict_yaml.load(text))
    except strict_yaml.YamlRefused as refusal:
        raise PolicyRefused([str(refusal)]) from refusal
    _require_none(map(_shape_problem, _validator().iter_errors(document)))
    _require_none(_reference_problems(document))
    scope = _scope(document, known or vocabulary.built_in())
    _require_none(_expression_problems(_sources(document, scope)))
    return _policy(document, text, scope)


@cache
def built_in() -> Policy:
    """Return the policy every model starts under."""
    return parse((vocabulary.CONTENT / "built_in.yaml").read_text(encoding="utf-8"))


@cache
def _validator() -> Draft202012Validator:
    schema = (vocabulary.CONTENT / "policy.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(schema))


def _require_none(problems: Iterable[str]) -> None:
    if found := tuple(problems):
        raise PolicyRefused(found)


def _shape_problem(error: ValidationError) -> str:
    place = ".".join(str(part) for part in error.absolute_path) or "The policy"
    return f"{place}: {error.message[:200]}."


def _reference_problems(document: Document) -> Iterator[str]:
    for name in _LISTS_WITH_IDS:
        for repeated in _repeated(part["id"] for part in document.get(name, ())):
            yield f"{name}: the id {repeated!r} appears twice."
    yield from _tier_problems(document["tiers"])
    roles = {role["id"] for role in document["roles"]}
    for rule in document["separation_of_duties"]:
        by_tier = rule.get("exempt_roles_by_tier", {}).values()
        named = (rule.get("exempt_roles", ()), rule.get("applies_to_roles", ()), *by_tier)
        for role in {role for group in named for role in group} - roles:
            yield f"The rule {rule['id']} names the undefined role {role!r}."
    stages = {stage["id"] for stage in document["stages"]}
    conditions = {condition["id"] for condition in document["conditions"]}
    for transition in document["transitions"]:
        for stage in {*transition["from"], transition["to"]} - stages:
            yield f"The transition {transition['id']} names the undefined stage {stage!r}."
        for condition in {use["condition"] for use in transition["conditions"]} - conditions:
            yield f"The transition {transition['id']} asks the undefined condition {condition!r}."
        yield from _slot_problems(transition, roles)


def _tier_problems(tiers: list[Document]) -> Iterator[str]:
    if {tier["tier"] for tier in tiers} != set(TIERS):
        yield "tiers: each of the tiers 1 to 4 must be there once."
    if len({tuple(sorted(_setting_kinds(tier).items())) for tier in tiers}) != 1:
        yield "tiers: every tier must have the same settings, with values of the same kind."


def _slot_problems(transition: Document, roles: set[str]) -> Iterator[str]:
    for tier, slots in transition["sign_offs"].items():
        place = f"The transition {transition['id']} at tier {tier}"
        for role in {slot["role"] for slot in slots} - roles:
            yield f"{place} asks the undefined role {role!r} to sign."
        for role in _repeated(slot["role"] for slot in slots):
            yield f"{place} has two slots for the role {role!r}."
        if transition["distinct_approvers"][tier] > sum(slot["count"] for slot in slots):
            yield f"{place} asks for more different people than it has slots."


def _repeated(ids: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(ids).items() if times > 1]


def _scope(document: Document, known: vocabulary.Vocabulary) -> _Scope:
    settings = _setting_kinds(document["tiers"][0])
    names = {"evidence_type": [kind["id"] for kind in document["evidence_types"]]}
    return _Scope(
        tier=known.variables(settings={}, names=names),
        gate=known.variables(settings=settings, names=names),
        signer=known.variables(settings=settings, names=names, for_signers=True),
    )


def _setting_kinds(tier: Document) -> dict[str, Kind]:
    kinds = {
        bool: Kind.BOOL, int: Kind.INT, float: Kind.DOUBLE, str: Kind.STRING, dict: Kind.MAP,
    }  # fmt: skip
    return {name: kinds[type(value)] for name, value in tier["settings"].items()}


def _sources(document: Document, scope: _Scope) -> Iterator[_Source]:
    for floor in document.get("tier_floors", ()):
        yield _Source(f"The tier floor {floor['id']}", floor["when"], scope.tier)
    for condition in document["conditions"]:
        yield _Source(f"The condition {condition['id']}", condition["expr"], scope.gate)
    for rule in document["separation_of_duties"]:
        yield _Source(f"The rule {rule['id']}", rule["expr"], scope.signer)
    for transition in document["transitions"]:
        place = f"The transition {transition['id']}"
        slots = (slot for slots in transition["sign_offs"].values() for slot in slots)
        for part in (*transition["conditions"], *slots):
            if "when" in part:
                yield _Source(place, part["when"], scope.gate)


def _expression_problems(sources: Iterable[_Source]) -> Iterator[str]:
    for source in sources:
        try:
            compile_expression(source.text, variables=source.variables)
        except ExpressionError as error:
            yield f"{source.place}: {error}"


def _policy(document: Document, text: str, scope: _Scope) -> Policy:
    conditions = {part["id"]: _condition(part, scope) for part in document["conditions"]}
    titles = {role["id"]: role["title"] for role in document["roles"]}
    return Policy(
        id=document["id"],
        version=document["version"],
        title=document["title"],
        text=text,
        digest=digest_of_bytes(_canonical(document)),
        roles=tuple(Role(role["id"], role["title"], role["line"]) for role in document["roles"]),
        tiers=tuple(
            Tier(tier["tier"], tier["title"], MappingProxyType(tier["settings"]))
            for tier in document["tiers"]
        ),
        floors=tuple(
            Floor(part["id"], part["tier"], _compiled(part["when"], scope.tier), part["reason"])
            for part in document.get("tier_floors", ())
        ),
        conditions=tuple(conditions.values()),
        duties=tuple(_rule(part, scope) for part in document["separation_of_duties"]),
        transitions=tuple(
            _transition(part, conditions, titles, scope) for part in document["transitions"]
        ),
    )


def _condition(part: Document, scope: _Scope) -> Condition:
    return Condition(
        id=part["id"],
        title=part["title"],
        category=part["category"],
        waivable=part["waivable"],
        expression=_compiled(part["expr"], scope.gate),
        fail_message=part["fail_message"],
        remediation=part["remediation"],
        cites=tuple(part["cites"]),
    )


def _rule(part: Document, scope: _Scope) -> SeparationRule:
    by_tier = part.get("exempt_roles_by_tier", {})
    return SeparationRule(
        id=part["id"],
        title=part["title"],
        tiers=frozenset(part["tiers"]),
        exempt_roles=frozenset(part.get("exempt_roles", ())),
        exempt_roles_by_tier=MappingProxyType(
            {int(tier): frozenset(roles) for tier, roles in by_tier.items()}
        ),
        applies_to_roles=frozenset(part.get("applies_to_roles", ())),
        expression=_compiled(part["expr"], scope.signer),
        cites=tuple(part["cites"]),
    )


def _transition(
    part: Document, conditions: dict[str, Condition], titles: dict[str, str], scope: _Scope
) -> Transition:
    return Transition(
        id=part["id"],
        title=part["title"],
        from_stages=tuple(part["from"]),
        to=part["to"],
        purpose=part.get("purpose", ""),
        conditions=tuple(
            GateCondition(
                conditions[use["condition"]], _when(use, scope), _by_tier(use["tiers"], Enforcement)
            )
            for use in part["conditions"]
        ),
        sign_offs=_by_tier(
            part["sign_offs"], lambda slots: tuple(_slot(slot, titles, scope) for slot in slots)
        ),
        distinct_approvers=_by_tier(part["distinct_approvers"], int),
    )


def _slot(part: Document, titles: dict[str, str], scope: _Scope) -> SlotRule:
    role = part["role"]
    return SlotRule(role, titles[role], part["count"], part["meaning"], _when(part, scope))


def _when(part: Document, scope: _Scope) -> Expression | None:
    return _compiled(part["when"], scope.gate) if "when" in part else None


def _by_tier(values: Mapping[str, Any], convert: Callable[[Any], T]) -> Mapping[int, T]:
    return MappingProxyType({int(tier): convert(value) for tier, value in values.items()})


def _compiled(source: str, variables: Variables) -> Expression:
    return compile_expression(source, variables=variables)


def _canonical(document: Document) -> bytes:
    """Return the RFC 8785 bytes of a policy, with decimal numbers written as text.

    Tier keys are digits, which the stricter form of core does not take; all keys are ASCII.
    """
    text = json.dumps(
        _without_floats(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return text.encode("utf-8")


def _without_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_floats(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_floats(inner) for inner in value]
    return str(value) if isinstance(value, float) else value
