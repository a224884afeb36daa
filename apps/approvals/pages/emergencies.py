"""What the pages of emergencies show: going back at once, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import now

from apps.accounts.access import ActorRequest
from apps.accounts.roles import role_named
from apps.accounts.signing.seats import RoleSeat
from apps.accounts.signing.terms import TermsTicket
from apps.approvals import comparison, gates, in_force, operations, queries, ratifying
from apps.approvals.judgment import STRICTEST_TIER
from apps.approvals.models import ROLLBACK, Emergency, Ratification
from apps.approvals.pages import gate, seats
from apps.approvals.policies import Mode, Policy, gate_of
from apps.approvals.readiness import GivenSignOff, Readiness
from apps.approvals.term_forms import SigningForm
from apps.catalog import queries as catalog
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core import links
from apps.core.actors import Actor
from apps.core.paging import Order

PAGE_SIZE = 25
NEWEST_FIRST = Order(("id",))
TONES = {
    Emergency.State.OPEN: "bad",
    Emergency.State.RATIFIED: "good",
    Emergency.State.LAPSED: "bad",
}


@dataclass(frozen=True)
class Row:
    """An emergency as the list shows it."""

    emergency: Emergency
    tone: str


def listing(request: ActorRequest) -> dict[str, Any]:
    """Return what the list shows: the page the address asks for, the newest first."""
    visible = queries.emergencies_visible_to(request.actor)
    found = links.page_of(request, visible, NEWEST_FIRST, PAGE_SIZE)
    return {
        "rows": [Row(one, TONES[Emergency.State(one.state)]) for one in found.rows],
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
    }


def is_known() -> bool:
    """Say whether the policy in force lets anybody go back in an emergency."""
    rollback = in_force.policy().transition_or_none(ROLLBACK)
    return rollback is not None and rollback.emergency is not None


def at_once(model: RegisteredModel, reader: Actor, *, at: datetime) -> dict[str, Any]:
    """Return everything the page of an emergency rollback shows, its form apart."""
    current = operations.serving(model)
    target = operations.rollback_target(current) if current else None
    page: dict[str, Any] = {"model": model, "can_act": False}
    if current is None or target is None:
        return page | {"why_not": f"{model.name} has no version before to go back to."}
    if not is_known():
        return page | {
            "why_not": f"{in_force.policy()} knows no rollback in an emergency. "
            "Go back in the ordinary way."
        }
    readiness = _foreseen(target, reader, at)
    page |= {
        "to": target.number,
        "lead": f"Version {current.number} leaves production now; version {target.number}, "
        "authorized before, returns.",
        "follows": _follows(model, readiness),
        "gate": gate.of_readiness(readiness.policy, readiness),
        "comparison": comparison.compare(current, target),
        "changes": f"v{current.number} → v{target.number}",
        "asks_name": readiness.tier == STRICTEST_TIER,
    }
    if not reader.may(operations.ROLL_BACK_AT_ONCE.permission, model):
        operators = seats.named(catalog.holders_of("operator", model))
        return page | {"why_not": f"Carried out by an operator of this model: {operators}."}
    if not readiness.is_open:
        return page | {"why_not": "The gate is closed. It says below what would open it."}
    if why_not := gates.why_not_at_once(
        target, readiness, by=reader, reason=gates.GIVEN_LATER, at=at
    ):
        return page | {"why_not": why_not}
    return page | {"can_act": True}


def one(emergency: Emergency, reader: Actor, sent: SigningForm | None = None) -> Mapping[str, Any]:
    """Return what the page of an emergency shows; a refused form stays as it was typed."""
    version = emergency.authorization.version
    found = ratifying.seats_of(emergency, reader)
    is_open = emergency.state == Emergency.State.OPEN and now() < emergency.ratify_until
    free = [seat for seat in found if seat.is_free] if is_open and reader.is_person else []
    form = _form(emergency, reader, free, sent)
    return {
        "emergency": emergency,
        "version": version,
        "model": version.model,
        "tone": TONES[Emergency.State(emergency.state)],
        "confirmations": [_row(emergency, seat, is_open=is_open) for seat in found],
        "facts": _facts(emergency),
        "ratify_form": form,
        "why_not": " ".join(dict.fromkeys(one.why_not for one in found if is_open and one.why_not)),
        "may_review": emergency.state != Emergency.State.OPEN
        and emergency.reviewed_at is None
        and reader.user_id != emergency.acted_by_id
        and reader.may(operations.REVIEW_EMERGENCY.permission, emergency.root),
        "waits_for_review": emergency.reviewed_at is None,
    }


def _foreseen(target: ModelVersion, reader: Actor, at: datetime) -> Readiness:
    """Judge the way back as if the reader went it now."""
    own = GivenSignOff("", gates.OPERATOR, reader.id, "approve", valid=True, signed_at=at)
    return gates.evaluate_rollback(
        target,
        asked_by=reader.id,
        reason=gates.GIVEN_LATER,
        at=at,
        mode=Mode.EMERGENCY,
        sign_offs=[own],
    )


def _follows(model: RegisteredModel, readiness: Readiness) -> list[dict[str, Any]]:
    """Say what going back at once brings about."""
    policy = in_force.policy()
    emergency = policy.transition(ROLLBACK).emergency
    assert emergency is not None
    settings = gate_of(policy, ROLLBACK, readiness.tier, Mode.EMERGENCY).settings
    hours = max(emergency.ratify_within_hours.at(settings), 1)
    roles = emergency.ratification[readiness.tier]
    who = [
        f"{role_named(role).title}: {seats.named(catalog.holders_of(role, model)) or 'nobody yet'}"
        for role in roles
    ]
    return [
        {"term": "Confirmed within", "value": f"{hours} hours, or the authorization is suspended"},
        {"term": "If nobody confirms", "value": _consequence(policy)},
        {"term": "Confirmed by", "value": "; ".join(who)},
        {
            "term": "Then",
            "value": "A validator or a model risk officer looks back at it. Until then no other "
            "version of this model is promoted to production",
        },
    ]


def _consequence(policy: Policy) -> str:
    """Say what follows when nobody confirms."""
    told = f"Escalated to {ratifying.ESCALATED_TO}"
    return f"{told}, as a critical finding" if ratifying.is_critical(policy) else told


def _form(
    emergency: Emergency,
    reader: Actor,
    free: list[RoleSeat[Ratification]],
    sent: SigningForm | None,
) -> SigningForm | None:
    if not free:
        return sent
    form = sent or SigningForm()
    ticket = TermsTicket.issue(ratifying.terms_of(emergency), to=reader)
    form.offer(free, ticket=ticket.sealed())
    return form


def _row(emergency: Emergency, seat: RoleSeat[Ratification], *, is_open: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"slot": seat.title}
    if (given := seat.given) is not None:
        return row | {
            "state": "given",
            "person": given.signer_name,
            "reason": given.reason,
            "at": given.signed_at,
            "digest": given.statement_digest,
            "meaning": given.printed_meaning,
        }
    if not is_open:
        return row | {"state": "none", "note": "Not confirmed."}
    if seat.is_free:
        return row | {"state": "yours"}
    people = catalog.holders_of(seat.role, emergency.root)
    return row | {"state": "waiting", "note": seats.named(people) or "Nobody holds this role yet."}


def _facts(emergency: Emergency) -> list[dict[str, Any]]:
    authorization = emergency.authorization
    facts: list[dict[str, Any]] = [
        {
            "term": "Version",
            "value": str(authorization.version),
            "href": authorization.version.get_absolute_url(),
        },
        {"term": "Done by", "person": str(emergency.acted_by)},
        {"term": "Done", "at": emergency.acted_at},
        {"term": "Confirm by", "at": emergency.ratify_until},
        {"term": "Authorization", "value": authorization.get_state_display()},
        {"term": "Tier", "value": str(authorization.tier)},
        {"term": "Policy", "digest": authorization.policy_digest},
        {"term": "Content", "digest": authorization.content_digest},
    ]
    if emergency.state == Emergency.State.OPEN:
        facts.append({"term": "If nobody confirms", "value": _consequence(in_force.policy())})
    elif emergency.state == Emergency.State.LAPSED and emergency.settled_at is not None:
        policy = in_force.policy_at(emergency.settled_at)
        facts.append({"term": "Nobody confirmed", "value": _consequence(policy)})
    if authorization.valid_until is not None:
        facts.insert(5, {"term": "It lasts until", "at": authorization.valid_until})
    return facts
