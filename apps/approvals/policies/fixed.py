"""What Signet does in one way only: a policy that says otherwise is refused, never passed over."""

from collections.abc import Iterator
from typing import Any

from apps.accounts.roles import ROLES
from apps.approvals.policies.following import STEPS
from apps.core.shapes import Path, Problem, listed, nearest

Document = dict[str, Any]

ENDS = {
    "development_to_staging": (("development",), "staging"),
    "staging_to_production": (("staging",), "production"),
    "reauthorization": (("production",), "production"),
    "production_to_archived": (("production",), "archived"),
    "archived_to_decommissioned": (("archived",), "decommissioned"),
    "rollback": (("archived", "production"), "production"),
}
"""From which stages a move may lead, and to which, by the names of those Signet carries out.

The version that is left by a rollback is in production, the one gone back to is archived.
"""
ROLLBACK = "rollback"
MOST_MONTHS = 1200
WAIVER_FIELDS = (
    "condition", "reason", "compensating_controls", "use_limits", "expiry", "residual_risk",
)  # fmt: skip
_BESIDE = {"waivers": "approval", "emergency": "responsibility"}
_ROLES = {role.id for role in ROLES}


def fixed_problems(document: Document) -> Iterator[Problem]:
    """Say what a document of the right shape asks for that Signet would not do."""
    for number, role in enumerate(document["roles"]):
        if role["id"] not in _ROLES:
            yield Problem(
                f"Signet has no role {role['id']!r}, so nobody could hold it."
                f"{nearest(role['id'], _ROLES)} Its roles are {listed(sorted(_ROLES), 'and')}.",
                ("roles", number, "id"),
            )
    for number, transition in enumerate(document["transitions"]):
        yield from _move_problems(transition, ("transitions", number))
        yield from _step_problems(transition, document, ("transitions", number))
    yield from _meaning_problems(document)
    yield from _field_problems(document["waivers"])


def _move_problems(transition: Document, path: Path) -> Iterator[Problem]:
    name = transition["id"]
    place = f"The transition {name}"
    if name not in ENDS:
        words = f"Signet carries out no transition {name!r}.{nearest(name, ENDS)}"
        yield Problem(f"{words} It carries out {listed(ENDS, 'and')}.", (*path, "id"))
        return
    origins, target = ENDS[name]
    for number, stage in enumerate(transition["from"]):
        if stage not in origins:
            words = f"{place} leads from {listed(origins)}, not from {stage!r}."
            yield Problem(words, (*path, "from", number))
    if transition["to"] != target:
        words = f"{place} leads to {target}, not to {transition['to']!r}."
        yield Problem(words, (*path, "to"))
    if "standard" not in transition.get("modes", ("standard",)):
        words = f"{place} can always be made in the ordinary way, so its modes hold 'standard'."
        yield Problem(words, (*path, "modes"))
    if "emergency" in transition and name != ROLLBACK:
        words = f"{place} has no emergency: in one, Signet only goes back to a version before."
        yield Problem(f"{words} Describe it at {ROLLBACK}.", (*path, "emergency"))
    elif "emergency" in transition:
        yield from _emergency_problems(transition["emergency"], (*path, "emergency"))


def _emergency_problems(emergency: Document, path: Path) -> Iterator[Problem]:
    for tier, people in emergency["distinct_approvers"].items():
        if people > 1:
            yield Problem(
                "One operator acts in an emergency, so there is nobody else to sign before: "
                f"distinct_approvers is 0 or 1 there, not {people}. Others confirm afterwards.",
                (*path, "distinct_approvers", tier),
            )


def _step_problems(transition: Document, document: Document, path: Path) -> Iterator[Problem]:
    settings = [tier["settings"] for tier in document["tiers"]]
    for number, name in enumerate(transition.get("on_success", ())):
        step, where = STEPS[name], (*path, "on_success", number)
        if transition["id"] in ENDS and transition["id"] not in step.after:
            yield Problem(
                f"After the transition {transition['id']}, Signet does no {name!r}: "
                f"it does so after {listed(step.after, 'and')}. Leave it out here.",
                where,
            )
        elif step.setting and not all(_is_months(one.get(step.setting)) for one in settings):
            yield Problem(
                f"{name!r} needs the setting {step.setting} at every tier: a whole number of "
                f"months from 1 to {MOST_MONTHS:,}, after which it falls due.",
                where,
            )


def _is_months(value: object) -> bool:
    return type(value) is int and 1 <= value <= MOST_MONTHS


def _meaning_problems(document: Document) -> Iterator[Problem]:
    """Say which meanings people sign with that the list of meanings leaves out."""
    listed_meanings = document["signature"].get("meanings")
    if listed_meanings is None:
        return
    for where, meaning, path in _meanings(document):
        if meaning not in listed_meanings:
            yield Problem(
                f"{where} signs with the meaning {meaning!r}, which signature → meanings leaves "
                "out. Add it there.",
                path,
            )


def _meanings(document: Document) -> Iterator[tuple[str, str, Path]]:
    if document["waivers"]:
        yield "Who grants a waiver", _BESIDE["waivers"], ("signature", "meanings")
    for number, transition in enumerate(document["transitions"]):
        path: Path = ("transitions", number)
        if "emergency" in transition:
            yield "Who confirms an emergency", _BESIDE["emergency"], ("signature", "meanings")
        for tier, slots in transition["sign_offs"].items():
            for place, slot in enumerate(slots):
                where = f"In {transition['id']} at tier {tier}, {slot['role']}"
                yield where, slot["meaning"], (*path, "sign_offs", tier, place, "meaning")


def _field_problems(waivers: Document) -> Iterator[Problem]:
    named = waivers.get("required_fields", WAIVER_FIELDS)
    if missing := [name for name in WAIVER_FIELDS if name not in named]:
        yield Problem(
            "Signet asks for every field of a waiver. Let required_fields name "
            f"{listed(missing, 'and')} too, or leave it out.",
            ("waivers", "required_fields"),
        )
