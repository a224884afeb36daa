"""Facts for judging gates: the ones that open every gate, and generated ones."""

import copy
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from apps.approvals import vocabulary
from apps.approvals.readiness import GivenSignOff
from apps.core.expressions import Kind

OWNER, VALIDATOR, OFFICER, DEVELOPER = "usr_1", "usr_2", "usr_3", "usr_4"
DIGEST = "sha256:" + "a" * 64
PASSED = {"status": "passed", "age_days": 1, "fresh": True}
SETTINGS = {
    "scan_max_age_days": 30,
    "approval_valid_days": 60,
    "retention_years_after_decommission": 5,
}

_OPEN: dict[str, Any] = {
    "now": datetime(2026, 11, 23, 12, tzinfo=UTC),
    "model": {
        "id": "mdl_1",
        "name": "Credit",
        "stage": "staging",
        "tier": 0,
        "owner_id": OWNER,
        "owner_active": True,
        "intended_use": "Rank cases for human review.",
    },
    "version": {
        "id": "ver_1",
        "number": "1",
        "digest": DIGEST,
        "metrics_with_dataset": 2,
        "contributors": [DEVELOPER],
    },
    "checks": {name: dict(PASSED) for name in ("artifact-integrity", "unsafe-code", "schema")},
    "transition": {
        "id": "staging_to_production",
        "requested_by": DEVELOPER,
        "justification": "Quarterly refresh",
    },
    "production": {"target_previously_authorized": True, "target_digest": DIGEST},
    "sign_offs": [],
}


def open_facts(**changes: object) -> dict[str, Any]:
    """Return facts under which no condition is blocked, changed at ``root__name`` paths."""
    facts = copy.deepcopy(_OPEN)
    for path, value in changes.items():
        *roots, name = path.split("__")
        place = facts
        for root in roots:
            place = place[root.replace("_", "-") if root in _CHECKS else root]
        place[name] = value
    return facts


_CHECKS = {"artifact_integrity", "unsafe_code", "schema"}


def without(facts: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """Return facts with one of them, or a whole group, taken away."""
    first, *rest = path
    if not rest:
        return {name: value for name, value in facts.items() if name != first}
    return {**facts, first: without(facts[first], tuple(rest))}


def signer_facts(signer: str = VALIDATOR, *roles: str, **changes: object) -> dict[str, object]:
    """Return the facts about one person who may sign."""
    facts = {"id": signer, "roles": list(roles) or ["validator"]}
    return {**facts, "is_service_account": False, "is_platform_admin": False, **changes}


def given(role: str, signer: str, decision: str = "approve", *, valid: bool = True) -> GivenSignOff:
    """Return a sign-off in a role."""
    return GivenSignOff(f"sof_{role}_{signer}", role, signer, decision, valid)


BOTH = (given("validator", VALIDATOR), given("risk_officer", OFFICER))

_PEOPLE = st.sampled_from([OWNER, VALIDATOR, OFFICER, DEVELOPER, ""])
_VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.BOOL: st.booleans(),
    Kind.INT: st.integers(-2, 40),
    Kind.DOUBLE: st.floats(-2, 40),
    Kind.STRING: st.sampled_from(["", "passed", "failed", DIGEST, OWNER, DEVELOPER, "validator"]),
    Kind.TIMESTAMP: st.datetimes(timezones=st.just(UTC)),
    Kind.LIST: st.lists(st.sampled_from([OWNER, DEVELOPER, "validator"]), max_size=3),
    Kind.MAP: st.just({}),
}
_SIGN_OFFS = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["validator", "risk_officer"]),
            "user_id": _PEOPLE,
            "decision": st.sampled_from(["approve", "decline"]),
            "valid": st.booleans(),
        }
    ),
    max_size=3,
)


def any_facts() -> st.SearchStrategy[dict[str, Any]]:
    """Generate every fact of the built-in vocabulary, settings included."""
    roots = {
        root.name: _any_root(root)
        for root in vocabulary.built_in().roots
        if root.name not in {"settings", "sign_offs"}
    }
    return st.fixed_dictionaries({**roots, "settings": st.just(SETTINGS), "sign_offs": _SIGN_OFFS})


def any_facts_at(paths: Iterable[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Generate the facts at some paths and nothing beside them."""
    roots = {root.name: root for root in vocabulary.built_in().roots}
    found: dict[str, Any] = {}
    for name, *rest in (path.split(".") for path in paths):
        root = roots[name]
        if name == "sign_offs":
            found[name] = _SIGN_OFFS
        elif name == "settings":
            found[name] = st.just(SETTINGS)
        elif root.keyed_by:
            found.setdefault(name, {})[rest[0]] = st.just(PASSED) | _any_fields(root)
        elif root.field:
            found[name] = _VALUES[root.field.kind]
        else:
            found.setdefault(name, {})[rest[0]] = _VALUES[root.fields[rest[0]].kind]
    return st.fixed_dictionaries(
        {
            name: st.fixed_dictionaries(part) if isinstance(part, dict) else part
            for name, part in found.items()
        }
    )


def _any_root(root: vocabulary.Root) -> st.SearchStrategy[Any]:
    if root.field:
        return _VALUES[root.field.kind]
    if root.keyed_by:
        return st.fixed_dictionaries(dict.fromkeys(root.names, st.just(PASSED) | _any_fields(root)))
    return _any_fields(root)


def _any_fields(root: vocabulary.Root) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({name: _VALUES[part.kind] for name, part in root.fields.items()})
