"""Reads about promotion requests, always filtered to what the actor may see."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from django.db.models import Exists, Q, QuerySet

from apps.accounts import queries as accounts
from apps.accounts.models import User
from apps.accounts.rights import held_by, roles_everywhere
from apps.accounts.roles import permissions_of
from apps.approvals import cases, delegated, in_force, judgment
from apps.approvals.cases import Case
from apps.approvals.facts import context
from apps.approvals.models import (
    RENEWAL,
    ROLLBACK,
    TO_ARCHIVED,
    TO_DECOMMISSIONED,
    TO_PRODUCTION,
    TO_STAGING,
    Emergency,
    LegalHold,
    PromotionRequest,
    Retirement,
    Waiver,
)
from apps.approvals.policies import Policy, roles_that_sign
from apps.approvals.readiness import SlotState
from apps.catalog import queries as catalog
from apps.catalog.duties import roles_held
from apps.catalog.models import ModelDuty, RegisteredModel
from apps.core.actors import Actor
from apps.core.prepared import Later, Prepared, Slot, Somebody, day

MOST_JUDGED = 50
"""How many requests of one kind are judged for one page; the oldest come first."""

SIGN = "catalog.sign_off"
PROMOTE = "catalog.promote_version"
CARRIED_OUT = {
    PROMOTE: (TO_STAGING, TO_PRODUCTION, RENEWAL),
    "catalog.retire_version": (TO_ARCHIVED, TO_DECOMMISSIONED),
    "catalog.roll_back_version": (ROLLBACK,),
}
"""Which transitions are carried out by whom, by permission."""

SigningRoles = tuple[tuple[str, frozenset[str]], ...]
"""Transitions, each with the roles that sign for it."""
_WHO, _TODAY = Later(Slot(0), Slot(1)), Slot(2)
_KEPT = 256
"""For how many sets of roles a query is kept."""


def requests_visible_to(actor: Actor) -> QuerySet[PromotionRequest]:
    """Return the requests on models the actor may see."""
    return _requests_on(catalog.models_visible_to(actor))


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


def requests_in_signing_roles_of(actor: Actor, *, on: date) -> QuerySet[PromotionRequest]:
    """Return the open requests whose gate has a slot the actor may sign in, oldest first.

    Those in a role of the actor's own, or of somebody the actor stands in for.
    """
    everywhere = _roles_everywhere(actor)
    models = catalog.models_held(actor, catalog.VIEW, everywhere=permissions_of(everywhere))
    return _in_signing_roles(actor, models, _signing_roles(in_force.policy()), everywhere, on)


def requests_promotable_by(actor: Actor) -> QuerySet[PromotionRequest]:
    """Return the open requests the actor may carry out once their gate opens, oldest first."""
    may_carry_out = Q(pk__in=())
    for permission, transitions in CARRIED_OUT.items():
        models = catalog.models_where(actor, permission)
        may_carry_out |= Q(transition__in=transitions, version__model__in=models)
    return open_requests_visible_to(actor).filter(may_carry_out)


@dataclass(frozen=True)
class Waiting:
    """A request with the free slots one person may fill."""

    case: Case
    slots: tuple[SlotState, ...]
    in_place_of: Mapping[str, User] = field(default_factory=dict)
    """For whom the person would sign in a role, when it is not their own."""

    @property
    def is_ripe(self) -> bool:
        """Whether the person can approve now: no condition of the gate is closed."""
        return self.case.readiness.may_ask_for_sign_offs


def waiting_on(
    actor: Actor, *, at: datetime, everywhere: frozenset[str] | None = None
) -> list[Waiting]:
    """Return the requests the actor can sign now, oldest first; none asked, hardly any work.

    ``everywhere`` holds the roles of the actor on every model, when these were read before.
    """
    if not actor.is_person or actor.only_looks:
        return []
    policy = in_force.policy()
    held = _roles_everywhere(actor) if everywhere is None else everywhere
    asked = _prepared(_signing_roles(policy), held).rows(actor.user_id, actor.id, day(at.date()))
    if not asked:
        return []
    judged = cases.complete(asked, at=at, policy=policy)
    return [one for one in signable(judged, by=actor) if one.is_ripe]


def signable(judged: Sequence[Case], *, by: Actor) -> list[Waiting]:
    """Keep the requests with a free slot this person may fill, in a few queries for all of them."""
    models = {case.request.version.model_id for case in judged}
    facts, others = _signer_facts(by, models, judged)
    found = (
        Waiting(case, _free_slots(case, facts), others.get(case.request.version.model_id, {}))
        for case in judged
    )
    return [waiting for waiting in found if waiting.slots]


def _free_slots(case: Case, facts: Mapping[int, dict[str, object]]) -> tuple[SlotState, ...]:
    signer = facts.get(case.request.version.model_id)
    if signer is None or not case.request.is_open:
        return ()
    return tuple(
        slot
        for slot in case.readiness.slots
        if slot.missing
        and not slot.waits
        and not judgment.refusals(
            case.policy,
            case.request.transition,
            case.facts,
            signer,
            slot.rule,
            mode=case.gate.mode,
        )
    )


def _signer_facts(
    actor: Actor, model_ids: Collection[int], judged: Sequence[Case]
) -> tuple[Mapping[int, dict[str, object]], Mapping[int, Mapping[str, User]]]:
    """Return what policies read about a signer, for each model the person may sign on at all,
    and in whose place they would sign in roles that are not their own.

    The roles of people they stand in for are among theirs; whether those may sign is asked when
    the sign-off is given.
    """
    user = User.objects.filter(pk=actor.user_id).first()
    if user is None or not actor.is_person or not judged:
        return {}, {}
    held, lines = roles_held([user.pk], model_ids), accounts.managers_of([user.pk])
    others = delegated.stand_ins([user.pk], model_ids, on=judged[0].at.date())
    roles = {
        model_id: held.get((user.pk, model_id), frozenset())
        | {one.role for one in others.get((user.pk, model_id), ())}
        for model_id in model_ids
    }
    facts = {
        model_id: context.of_signer(user, of_model, lines)
        for model_id, of_model in roles.items()
        if SIGN in permissions_of(of_model)
    }
    return facts, {
        model_id: {
            one.role: one.delegator
            for one in others.get((user.pk, model_id), ())
            if one.role not in held.get((user.pk, model_id), frozenset())
        }
        for model_id in facts
    }


def _requests_on(models: QuerySet[RegisteredModel]) -> QuerySet[PromotionRequest]:
    found: QuerySet[PromotionRequest] = PromotionRequest.objects.filter(version__model__in=models)
    return found.select_related("version__model", "requested_by")


@lru_cache(maxsize=_KEPT)
def _prepared(roles: SigningRoles, everywhere: frozenset[str]) -> Prepared[PromotionRequest]:
    """Return the query for what a person could sign: every page asks it for its badge."""

    def asked() -> QuerySet[PromotionRequest]:
        rights = permissions_of(everywhere)
        models = catalog.models_held_by(_WHO.user_id, catalog.VIEW, everywhere=rights)
        return _in_signing_roles(_WHO, models, roles, everywhere, _TODAY)[:MOST_JUDGED]

    return Prepared(asked)


def _signing_roles(policy: Policy) -> SigningRoles:
    return tuple((each.id, roles_that_sign([each])) for each in policy.transitions)


def _in_signing_roles(
    who: Somebody,
    models: QuerySet[RegisteredModel],
    roles: SigningRoles,
    everywhere: frozenset[str],
    on: date | Slot,
) -> QuerySet[PromotionRequest]:
    asked = Q(pk__in=())
    for transition, signing in roles:
        held = _on_models_held(who, signing, everywhere) | _on_models_stood_in(who, signing, on)
        asked |= Q(transition=transition) & held
    found = still_open(_requests_on(models)).filter(asked).exclude(requested_by=who.user_id)
    return found.order_by("id")


def _on_models_stood_in(who: Somebody, roles: Iterable[str], on: date | Slot) -> Q:
    """Return the condition that a request is on a model where somebody signs for another."""
    if who.user_id is None:
        return Q(pk__in=())
    made = delegated.in_effect(on).filter(delegate=who.user_id, role__in=set(roles))
    everywhere = Q(Exists(made.filter(model=None)))
    return everywhere | Q(version__model__in=made.exclude(model=None).values("model"))


def _on_models_held(who: Somebody, roles: Iterable[str], everywhere: Collection[str]) -> Q:
    """Return the condition that a request is on a model where one of some roles is held."""
    wanted = set(roles)
    if wanted.intersection(everywhere):
        return ~Q(pk__in=())  # and not an empty one, which falls out of an "or"
    if who.user_id is None or not wanted:
        return Q(pk__in=())
    duties = ModelDuty.objects.filter(held_by(who.user_id), until=None, role__in=wanted)
    return Q(version__model__in=duties.values("model"))


def _roles_everywhere(actor: Actor) -> frozenset[str]:
    return roles_everywhere(actor.user_id) if actor.user_id is not None else frozenset()


# -- waivers, emergencies and retirement


def waivers_visible_to(actor: Actor) -> QuerySet[Waiver]:
    """Return the waivers on models the actor may see."""
    return Waiver.objects.filter(
        version__model__in=catalog.models_visible_to(actor)
    ).select_related("version__model", "asked_by", "decided_by", "renews")


def emergencies_visible_to(actor: Actor) -> QuerySet[Emergency]:
    """Return the emergencies on models the actor may see."""
    return Emergency.objects.filter(
        authorization__version__model__in=catalog.models_visible_to(actor)
    ).select_related("authorization__version__model", "acted_by", "reviewed_by")


def holds_visible_to(actor: Actor) -> QuerySet[LegalHold]:
    """Return the legal holds on models the actor may see."""
    return LegalHold.objects.filter(model__in=catalog.models_visible_to(actor)).select_related(
        "model", "placed_by", "lifted_by"
    )


def retirements_visible_to(actor: Actor) -> QuerySet[Retirement]:
    """Return the decommissioned versions of models the actor may see."""
    return Retirement.objects.filter(
        version__model__in=catalog.models_visible_to(actor)
    ).select_related("version__model", "disposal_asked_by", "disposed_by")
