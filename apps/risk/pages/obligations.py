"""What the pages of obligations show: those of a model by how they stand, and one."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from apps.accounts.models import User
from apps.catalog import queries as catalog
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.risk.facts.owed import OfUses, is_there, of_uses
from apps.risk.models import Obligation
from apps.risk.operations import obligations as operations
from apps.risk.pages.tiers import crumbs
from apps.risk.policy_says import PolicySays, policy
from apps.validation.documents import standing as documents
from apps.validation.evidence.queries import Items
from apps.validation.facts import Papers

State = Obligation.State
Known = tuple[Mapping[str, Any], OfUses]
"""Which evidence counts and which documents are approved; and which evidence about which use."""
GROUPS = ("Open, and binding", "Open, binding later", "Put off", "Met")
_EMPTY = {
    GROUPS[0]: "Nothing binds that is still to be done.",
}


def of_model(model: RegisteredModel, at: datetime) -> dict[str, Any]:
    """Return what the page of a model's obligations shows."""
    rows = (
        model.obligations.filter(state__in=Obligation.LIVE)
        .select_related("use_case", "version__model", "owner")
        .order_by("applies_from", "pk")
    )
    (known, attached), says = known_of(model, at), policy()
    grouped: dict[str, list[dict[str, Any]]] = {title: [] for title in GROUPS}
    for row in rows:
        row.model = model
        grouped[group_of(row, known, attached, at.date())].append(_row(row, says))
    return {
        "model": model,
        "crumbs": crumbs(model),
        "groups": [
            {"title": title, "rows": found, "empty": _EMPTY.get(title, "")}
            for title, found in grouped.items()
            if found or title in _EMPTY
        ],
        "is_empty": not any(grouped.values()),
    }


def one(obligation: Obligation, reader: Actor, at: datetime) -> dict[str, Any]:
    """Return what the page of one obligation shows."""
    (known, attached), model = known_of(obligation.model, at), obligation.model
    is_met = obligation.state == State.MET or is_there(obligation, known, attached)
    is_open = obligation.state in {State.OPEN, State.DEFERRED} and not is_met
    decides = is_open and reader.is_person
    decides = decides and reader.may(operations.MEET_OBLIGATION.permission, model)
    return {
        "obligation": obligation,
        "crumbs": crumbs(model),
        "group": "No longer asked for"
        if not obligation.is_live
        else group_of(obligation, known, attached, at.date()),
        "tone": "good" if is_met else "warn" if is_open else "idle",
        "facts": _facts(obligation, policy()),
        "cites": obligation.cites,
        "how": operations.why_not_met_by_word(obligation),
        "may_meet": decides and not operations.why_not_met_by_word(obligation),
        "may_defer": decides and not operations.why_not_deferred(obligation),
        "may_assign": is_open
        and reader.may(operations.ASSIGN_OBLIGATION.permission, model)
        and not operations.why_not_given_on(obligation, reader),
    }


def people_for(model: RegisteredModel) -> Sequence[User]:
    """Return who can see to an obligation of a model: whoever holds a duty that answers for it."""
    roles = ("model_owner", "model_developer", "validator", "risk_officer", "compliance_officer")
    held = catalog.holders_of_each(roles, model)
    found = {person.pk: person for people in held.values() for person in people}
    return [person for person in found.values() if not person.is_service_account]


def group_of(row: Obligation, known: Mapping[str, Any], attached: OfUses, on: date) -> str:
    """Return how an obligation stands on a day, as one of ``GROUPS``."""
    if row.state == State.MET or is_there(row, known, attached):
        return GROUPS[3]
    if row.is_put_off(on):
        return GROUPS[2]
    return GROUPS[0] if row.applies_from is None or on >= row.applies_from else GROUPS[1]


def _row(row: Obligation, says: PolicySays) -> dict[str, Any]:
    return {
        "obligation": row,
        "kind": row.get_kind_display(),
        "owner": str(row.owner or row.model.owner),
        "gates": _gates(row, says),
        "since": row.applies_from,
    }


def _gates(row: Obligation, says: PolicySays) -> str:
    return ", ".join(says.transitions.get(gate, gate) for gate in row.gates)


def _facts(row: Obligation, says: PolicySays) -> list[dict[str, Any]]:
    names = {**says.evidence_types, **says.conditions, **says.roles}
    facts: list[dict[str, Any]] = [
        {"term": "Asks for", "value": f"{row.get_kind_display()}: {names.get(row.ref, row.ref)}"},
        {"term": "Of", "value": row.subject_name},
        {"term": "Stands before", "value": _gates(row, says)},
        {"term": "Binds from", "value": str(row.applies_from or "now")},
        {"term": "Seen to by", "person": str(row.owner or row.model.owner)},
        {
            "term": "Comes from",
            "value": str(row.assessment.questionnaire),
            "href": row.assessment.get_absolute_url(),
        },
    ]
    if row.state == State.MET:
        facts += [
            {"term": "Called met by", "person": str(row.met_by)},
            {"term": "Because", "value": row.met_reason},
        ]
    if row.state == State.DEFERRED:
        facts += [
            {"term": "Put off until", "value": str(row.deferred_until)},
            {"term": "By", "person": str(row.deferred_by)},
            {"term": "Because", "value": row.deferred_reason},
        ]
    return facts


def known_of(model: RegisteredModel, at: datetime) -> Known:
    """Return which evidence counts and which documents are approved for the newest version."""
    newest, items = catalog.latest_versions([model]).get(model.pk), Items.on([model.pk])
    attached = of_uses(items.of_models.get(model.pk, ()), at)
    if newest is None:
        return {}, attached
    counted = items.counted(newest, at)
    papers = Papers.about([newest]).documents
    known = {
        "evidence": {name: {"valid": one.verified} for name, one in counted.items()},
        "documents": {
            one.template_id: {"status": "approved" if documents.in_force(one) else "missing"}
            for one in papers
        },
    }
    return known, attached
