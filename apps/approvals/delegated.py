"""Whose roles a person signs in: their own, and those of people they stand in for."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from apps.accounts.models import User
from apps.approvals.models import Delegation
from apps.catalog.duties import roles_held
from apps.core.prepared import Slot


@dataclass(frozen=True)
class StandIn:
    """A role somebody may sign in for another person."""

    role: str
    delegator: User


def in_effect(on: date | Slot) -> QuerySet[Delegation, Delegation]:
    """Return the delegations in effect on a day."""
    return Delegation.objects.filter(ended_at=None, starts_on__lte=on, ends_on__gte=on)


def stand_ins(
    user_ids: Collection[int], model_ids: Collection[int], *, on: date
) -> Mapping[tuple[int, int], tuple[StandIn, ...]]:
    """Return in whose roles people sign on models, by (user id, model id), in five queries.

    A role counts only while the delegator holds it by right: one held by delegation goes no
    further.
    """
    made = list(
        in_effect(on)
        .filter(Q(model=None) | Q(model__in=model_ids), delegate__in=user_ids)
        .filter(delegator__is_active=True)
        .select_related("delegator")
        .order_by("pk")
    )
    held = roles_held({one.delegator_id for one in made}, model_ids) if made else {}
    found: dict[tuple[int, int], dict[str, StandIn]] = defaultdict(dict)
    for one in made:
        for model_id in model_ids if one.model_id is None else (one.model_id,):
            if one.role in held.get((one.delegator_id, model_id), frozenset()):
                found[one.delegate_id, model_id].setdefault(
                    one.role, StandIn(one.role, one.delegator)
                )
    return {key: tuple(by_role.values()) for key, by_role in found.items()}
