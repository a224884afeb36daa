"""What a policy text refers to and does not define, in words."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any

from apps.approvals.policies.parts import TIERS
from apps.core.expressions import Kind
from apps.core.shapes import Path, Problem, nearest

Document = dict[str, Any]

_LISTS_WITH_IDS = (
    "stages", "roles", "evidence_types", "tier_floors", "conditions", "separation_of_duties",
    "transitions", "continuous_rules",
)  # fmt: skip
_NUMBER_KINDS = {Kind.INT}


def reference_problems(document: Document) -> Iterator[Problem]:
    """Say everything that a document of the right shape names and does not define."""
    for name in _LISTS_WITH_IDS:
        ids = [part["id"] for part in document.get(name, ())]
        for place in _repeated(ids):
            words = f"{name}: the id {ids[place]!r} appears twice. Give each its own."
            yield Problem(words, (name, place, "id"))
    yield from _tier_problems(document["tiers"])
    roles = {role["id"] for role in document["roles"]}
    yield from _duty_problems(document, roles)
    yield from _waiver_problems(document, roles)
    stages = {stage["id"] for stage in document["stages"]}
    conditions = {condition["id"] for condition in document["conditions"]}
    for number, transition in enumerate(document["transitions"]):
        path, name = ("transitions", number), f"The transition {transition['id']}"
        ends = [((*path, "from", at), stage) for at, stage in enumerate(transition["from"])]
        for where, stage in (*ends, ((*path, "to"), transition["to"])):
            yield from _unknown(stage, stages, f"{name} names the undefined stage", "", where)
        for at, use in enumerate(transition["conditions"]):
            where = (*path, "conditions", at, "condition")
            says = f"{name} asks the undefined condition"
            yield from _unknown(use["condition"], conditions, says, "", where)
        yield from _slot_problems(transition, roles, path)
        yield from _emergency_problems(transition, document, roles, path)


def setting_kinds(tier: Document) -> dict[str, Kind]:
    """Return the settings of a tier with the kind of each."""
    kinds = {
        bool: Kind.BOOL, int: Kind.INT, float: Kind.DOUBLE, str: Kind.STRING, dict: Kind.MAP,
    }  # fmt: skip
    return {name: kinds[type(value)] for name, value in tier["settings"].items()}


def _unknown(
    name: str, known: Iterable[str], says: str, ends: str, path: Path
) -> Iterator[Problem]:
    """Say that something is named which is not defined, and what was likely meant."""
    if name not in known:
        yield Problem(f"{says} {name!r}{ends}.{nearest(name, known)}", path)


def _tier_problems(tiers: list[Document]) -> Iterator[Problem]:
    if {tier["tier"] for tier in tiers} != set(TIERS):
        yield Problem("tiers: each of the tiers 1 to 4 must be there once.", ("tiers",))
    if len({tuple(sorted(setting_kinds(tier).items())) for tier in tiers}) != 1:
        first = setting_kinds(tiers[0])
        odd = {name for tier in tiers for name, _ in setting_kinds(tier).items() ^ first.items()}
        yield Problem(
            "tiers: every tier must have the same settings, with values of the same kind; "
            f"they differ in {', '.join(sorted(odd))}.",
            ("tiers",),
        )


def _duty_problems(document: Document, roles: set[str]) -> Iterator[Problem]:
    for number, rule in enumerate(document["separation_of_duties"]):
        path = ("separation_of_duties", number)
        by_tier = rule.get("exempt_roles_by_tier", {})
        named: list[tuple[Path, list[str]]] = [
            ((*path, key), rule.get(key, [])) for key in ("exempt_roles", "applies_to_roles")
        ]
        named += [((*path, "exempt_roles_by_tier", tier), by_tier[tier]) for tier in by_tier]
        for where, group in named:
            for at, role in enumerate(group):
                says = f"The rule {rule['id']} names the undefined role"
                yield from _unknown(role, roles, says, "", (*where, at))


def _waiver_problems(document: Document, roles: set[str]) -> Iterator[Problem]:
    waivers = document["waivers"]
    if not waivers:
        return
    path: Path = ("waivers",)
    yield from _undefined(waivers["sign_offs"], roles, "The waivers ask", (*path, "sign_offs"))
    for at, role in enumerate(waivers.get("report_to", ())):
        says = "The waivers report to the undefined role"
        yield from _unknown(role, roles, says, "", (*path, "report_to", at))
    for name in ("max_days", "max_renewals"):
        yield from _amount_problems(waivers[name], document, f"waivers: {name}", (*path, name))


def _emergency_problems(
    transition: Document, document: Document, roles: set[str], path: Path
) -> Iterator[Problem]:
    place = f"The transition {transition['id']}"
    emergency = transition.get("emergency")
    if ("emergency" in transition.get("modes", ())) != (emergency is not None):
        words = f"{place} must have an emergency mode and what holds in it, or neither."
        yield Problem(words, path)
    if emergency is None:
        return
    path = (*path, "emergency")
    yield from _undefined(
        emergency["ratification"], roles, f"{place} asks", (*path, "ratification")
    )
    duties = {rule["id"] for rule in document["separation_of_duties"]}
    for at, duty in enumerate(emergency.get("sod_exempt", ())):
        says = f"{place} exempts from the undefined rule"
        yield from _unknown(duty, duties, says, " in an emergency", (*path, "sod_exempt", at))
    hours = "ratify_within_hours"
    yield from _amount_problems(emergency[hours], document, place, (*path, hours))


def _undefined(
    by_tier: Mapping[str, list[str]], roles: set[str], who: str, path: Path
) -> Iterator[Problem]:
    for tier, named in by_tier.items():
        for at, role in enumerate(named):
            says = f"{who} the undefined role"
            yield from _unknown(role, roles, says, " to sign", (*path, tier, at))


def _amount_problems(
    amount: object, document: Document, place: str, path: Path
) -> Iterator[Problem]:
    if not isinstance(amount, str):
        return
    name = amount.removeprefix("settings.")
    kinds = setting_kinds(document["tiers"][0])
    if kinds.get(name) not in _NUMBER_KINDS:
        words = f"{place}: {amount} is no setting that holds a whole number."
        yield Problem(f"{words}{'' if name in kinds else nearest(name, kinds)}", path)


def _slot_problems(transition: Document, roles: set[str], path: Path) -> Iterator[Problem]:
    for tier, slots in transition["sign_offs"].items():
        place = f"The transition {transition['id']} at tier {tier}"
        where = (*path, "sign_offs", tier)
        for at, slot in enumerate(slots):
            says = f"{place} asks the undefined role"
            yield from _unknown(slot["role"], roles, says, " to sign", (*where, at, "role"))
        for at in _repeated([slot["role"] for slot in slots]):
            words = f"{place} has two slots for the role {slots[at]['role']!r}."
            yield Problem(f"{words} Write one with a count of 2.", (*where, at))
        needed, there = transition["distinct_approvers"][tier], sum(one["count"] for one in slots)
        if needed > there:
            yield Problem(
                f"{place} asks for more different people than it has slots: "
                f"{needed}, where {there or 'nobody'} can sign.",
                (*path, "distinct_approvers", tier),
            )


def _repeated(ids: list[Hashable]) -> list[int]:
    """Return the places at which something stands that stood before."""
    return [place for place, name in enumerate(ids) if name in ids[:place]]
