"""Reads about promotion requests, always filtered to what the actor may see."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from apps.accounts.models import User
from apps.accounts.rights import held_by, roles_everywhere
from apps.accounts.roles import permissions_of
from apps.approvals import cases, context, judgment, policies
from apps.approvals.cases import Case
from apps.approvals.models import PromotionRequest
from apps.approvals.readiness import SlotState
from apps.catalog import queries as catalog
from apps.catalog.duties import roles_held
from apps.catalog.models import ModelDuty
from apps.core.actors import Actor

MOST_JUDGED = 50
"""How many requests of one kind are judged for one page; the oldest come first."""

SIGN = "catalog.sign_off"
PROMOTE = "catalog.promote_version"


def requests_visible_to(actor: Actor) -> QuerySet[PromotionRequest]:
    """Return the requests on models the actor may see."""
    return PromotionRequest.objects.filter(
        version__model__in=catalog.models_visible_to(actor)
    ).select_related("version__model", "requested_by")


def still_open(requests: QuerySet[PromotionRequest]) -> QuerySet[PromotionRequest]:
    """Keep the requests nobody has decided yet."""
    return requests.filter(state=PromotionRequest.State.OPEN)


def decided(requests: QuerySet[PromotionRequest]) -> QuerySet[PromotionRequest]:
    """Keep the requests that were promoted, declined or withdrawn."""
    return requests.exclude(state=PromotionRequest.State.OPEN)


def open_requests_visible_to(actor: Actor) -> QuerySet[PromotionRequest]:
    """Return the open requests the actor may see, oldest first."""
    return still_open(requests_visible_to(actor)).order_by("id")


def own_open_requests(actor: Actor) -> QuerySet[PromotionRequest]:
    """Return the open requests the actor made, oldest first."""
    return open_requests_visible_to(actor).filter(requested_by=actor.user_id)


def requests_in_signing_roles_of(actor: Actor) -> QuerySet[PromotionRequest]:
    """Return the open requests whose gate has a slot for a role the actor holds, oldest first."""
    everywhere = _roles_everywhere(actor)
    asked = Q(pk__in=())
    for target, roles in _signing_roles().items():
        asked |= Q(target=target) & _on_models_held(actor, roles, everywhere)
    return open_requests_visible_to(actor).filter(asked).exclude(requested_by=actor.user_id)


def requests_promotable_by(actor: Actor) -> QuerySet[PromotionRequest]:
    """Return the open requests the actor may carry out once their gate opens, oldest first."""
    models = catalog.models_where(actor, PROMOTE)
    return open_requests_visible_to(actor).filter(version__model__in=models)


@dataclass(frozen=True)
class Waiting:
    """A request with the free slots one person may fill."""

    case: Case
    slots: tuple[SlotState, ...]

    @property
    def is_ripe(self) -> bool:
        """Whether the person can approve now: no condition of the gate is closed."""
        return self.case.readiness.may_ask_for_sign_offs


def waiting_on(actor: Actor, *, at: datetime) -> list[Waiting]:
    """Return the requests the actor can sign now, oldest first; none asked, hardly any work."""
    asked = list(requests_in_signing_roles_of(actor)[:MOST_JUDGED])
    if not asked:
        return []
    return [found for found in signable(cases.complete(asked, at=at), by=actor) if found.is_ripe]


def signable(judged: Sequence[Case], *, by: Actor) -> list[Waiting]:
    """Keep the requests with a free slot this person may fill, in three queries for all of them."""
    facts = _signer_facts(by, {case.request.version.model_id for case in judged})
    found = (Waiting(case, _free_slots(case, facts)) for case in judged)
    return [waiting for waiting in found if waiting.slots]


def _free_slots(case: Case, facts: Mapping[int, dict[str, object]]) -> tuple[SlotState, ...]:
    signer = facts.get(case.request.version.model_id)
    if signer is None or not case.request.is_open:
        return ()
    return tuple(
        slot
        for slot in case.readiness.slots
        if slot.missing
        and not judgment.refusals(
            case.policy, case.request.transition, case.facts, signer, slot.rule
        )
    )


def _signer_facts(actor: Actor, model_ids: Collection[int]) -> Mapping[int, dict[str, object]]:
    """Return what policies read about a signer, for each model the person may sign on at all."""
    user = User.objects.filter(pk=actor.user_id).first()
    if user is None or not actor.is_person or not model_ids:
        return {}
    held = roles_held([user.pk], model_ids)
    return {
        model_id: context.of_signer(user, roles)
        for (_, model_id), roles in held.items()
        if SIGN in permissions_of(roles)
    }


def _signing_roles() -> Mapping[str, set[str]]:
    """Return the roles the policy in force asks to sign, by the stage asked for."""
    asked: dict[str, set[str]] = {}
    for transition in policies.built_in().transitions:
        roles = {slot.role for slots in transition.sign_offs.values() for slot in slots}
        asked.setdefault(transition.to, set()).update(roles)
    return asked


def _on_models_held(actor: Actor, roles: Iterable[str], everywhere: Collection[str]) -> Q:
    """Return the condition that a request is on a model where one of some roles is held."""
    wanted = set(roles)
    if wanted.intersection(everywhere):
        return Q()
    if actor.user_id is None or not wanted:
        return Q(pk__in=())
    duties = ModelDuty.objects.filter(held_by(actor.user_id), until=None, role__in=wanted)
    return Q(version__model__in=duties.values("model"))


def _roles_everywhere(actor: Actor) -> frozenset[str]:
    return roles_everywhere(actor.user_id) if actor.user_id is not None else frozenset()
