"""Whom a source tells: by what they did, and by what they may do."""

from apps.accounts.models import User
from apps.accounts.queries import names_of
from apps.accounts.roles import ROLES
from apps.audit.models import AuditEvent
from apps.catalog import queries as catalog
from apps.catalog.models import RegisteredModel

RISK_OFFICER = "risk_officer"
COMMITTEE = "governance_committee"


def who_did(event: AuditEvent) -> str:
    """Return the name of who did something."""
    return names_of([event.actor_id]).get(event.actor_id, "Signet")


def but_not_who_did(event: AuditEvent, *user_ids: int) -> set[int]:
    """Return some people without who did it: nobody is told what they did themselves."""
    return {pk for pk in user_ids if User.RECORD.id_of(pk) != event.actor_id}


def those_who_may(permission: str, model: RegisteredModel) -> set[int]:
    """Return the people who hold a role on a model that carries a permission."""
    roles = [role.id for role in ROLES if permission in role.permissions]
    return {person.pk for role in roles for person in catalog.holders_of(role, model)}


def in_charge(model: RegisteredModel) -> set[int]:
    """Return who answers for a model, and who watches over its risk."""
    officers = catalog.holders_of(RISK_OFFICER, model)
    return {model.owner_id, *(officer.pk for officer in officers)}


def all_in_charge(model: RegisteredModel) -> set[int]:
    """Return those in charge of a model and the committee: whom things are escalated to."""
    return in_charge(model) | {person.pk for person in catalog.holders_of(COMMITTEE, model)}
