"""From a document that was checked to the parts of a policy."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from apps.approvals.policies.parts import (
    TIERS,
    Action,
    Amount,
    Condition,
    ContinuousRule,
    Emergency,
    Enforcement,
    EvidenceType,
    Floor,
    GateCondition,
    ObligationRules,
    Policy,
    Role,
    SeparationRule,
    SignatureRules,
    SlotRule,
    Tier,
    Transition,
    WaiverRules,
)
from apps.core.digests import digest_of_bytes
from apps.core.expressions import Expression, Variables, compile_expression

Document = dict[str, Any]
T = TypeVar("T")


class Scope(NamedTuple):
    """What expressions may name: to find the tier, at the gate, and about one signer in it."""

    tier: Variables
    gate: Variables
    signer: Variables


def policy(document: Document, text: str, scope: Scope) -> Policy:
    """Return the policy a document describes; its shape and its expressions were checked."""
    conditions = {part["id"]: _condition(part, scope) for part in document["conditions"]}
    titles = {role["id"]: role["title"] for role in document["roles"]}
    return Policy(
        id=document["id"],
        version=document["version"],
        title=document["title"],
        summary=document.get("summary", ""),
        language=document.get("language", ""),
        law_as_of=document.get("law_as_of", ""),
        disclaimer=document.get("disclaimer", ""),
        text=text,
        digest=digest_of_bytes(canonical(document)),
        roles=tuple(Role(role["id"], role["title"], role["line"]) for role in document["roles"]),
        evidence_types=tuple(
            EvidenceType(part["id"], part["title"], part["binds_to"], part["max_age_days"])
            for part in document["evidence_types"]
        ),
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
        signature=SignatureRules(
            document["signature"].get("factors_required", 1),
            document["signature"]["reason_required"],
            document["signature"].get("withdraw_allowed_before_effect", True),
        ),
        transitions=tuple(
            _transition(part, conditions, titles, scope) for part in document["transitions"]
        ),
        obligations=_obligations(document.get("obligation_enforcement")),
        waivers=_waivers(document["waivers"]),
        continuous_rules=tuple(
            _watch(part, scope) for part in document.get("continuous_rules", ())
        ),
        document=document,
    )


def _condition(part: Document, scope: Scope) -> Condition:
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


def _rule(part: Document, scope: Scope) -> SeparationRule:
    by_tier = part.get("exempt_roles_by_tier", {})
    return SeparationRule(
        id=part["id"],
        title=part["title"],
        nobody_who=part.get("nobody_who", ""),
        tiers=frozenset(part["tiers"]),
        exempt_roles=frozenset(part.get("exempt_roles", ())),
        exempt_roles_by_tier=_by_tier(by_tier, frozenset),
        applies_to_roles=frozenset(part.get("applies_to_roles", ())),
        expression=_compiled(part["expr"], scope.signer),
        cites=tuple(part["cites"]),
    )


def _transition(
    part: Document, conditions: dict[str, Condition], titles: dict[str, str], scope: Scope
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
        cooling_off_days=_by_tier(part.get("cooling_off_days", dict.fromkeys(TIERS, 0)), int),
        emergency=_emergency(part.get("emergency")),
        on_success=frozenset(part.get("on_success", ())),
        is_automatic=part.get("carried_out_by") == "policy",
    )


def _slot(part: Document, titles: dict[str, str], scope: Scope) -> SlotRule:
    return SlotRule(
        part["role"],
        titles[part["role"]],
        part["count"],
        part["meaning"],
        _when(part, scope),
        part.get("order", 1),
    )


def _emergency(part: Document | None) -> Emergency | None:
    if part is None:
        return None
    return Emergency(
        _by_tier(part["distinct_approvers"], int),
        frozenset(part.get("sod_exempt", ())),
        _by_tier(part["ratification"], tuple),
        _amount(part["ratify_within_hours"]),
        part.get("if_not_ratified") == "escalate_and_open_critical_finding",
    )


def _obligations(part: Document | None) -> ObligationRules:
    if part is None:
        return ObligationRules()
    return ObligationRules(
        Enforcement(part["before_applies_from"]), Enforcement(part["from_applies_from"])
    )


def _waivers(part: Document) -> WaiverRules | None:
    if not part:
        return None
    return WaiverRules(
        _amount(part["max_days"]),
        _amount(part["max_renewals"]),
        _by_tier(part["sign_offs"], tuple),
        part["on_expiry"] == "suspend_authorization",
        tuple(part.get("report_to", ())),
    )


def _watch(part: Document, scope: Scope) -> ContinuousRule:
    return ContinuousRule(
        part["id"],
        part.get("title", part["id"].replace("_", " ").capitalize()),
        _compiled(part["when"], scope.gate),
        Action(part["action"]),
        part["severity"],
        frozenset(part["tiers"]),
    )


def _amount(value: int | str) -> Amount:
    if isinstance(value, int):
        return Amount(number=value)
    return Amount(setting=value.removeprefix("settings."))


def _when(part: Document, scope: Scope) -> Expression | None:
    return _compiled(part["when"], scope.gate) if "when" in part else None


def _by_tier(values: Mapping[Any, Any], convert: Callable[[Any], T]) -> Mapping[int, T]:
    return MappingProxyType({int(tier): convert(value) for tier, value in values.items()})


def _compiled(source: str, variables: Variables) -> Expression:
    return compile_expression(source, variables=variables)


def canonical(document: Document) -> bytes:
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
