"""Who may fill the free slots of a gate: one reader, or anybody."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.accounts import queries as accounts
from apps.accounts.models import User
from apps.approvals import delegated, judgment
from apps.approvals.cases import Case
from apps.approvals.facts import context
from apps.approvals.policies import SlotRule
from apps.approvals.readiness import SlotState
from apps.catalog import queries as catalog
from apps.catalog.duties import roles_held, roles_on
from apps.core.actors import Actor


@dataclass(frozen=True)
class Seat:
    """A slot whose role a person holds, with why they may not fill it, in sentences, if so."""

    rule: SlotRule
    is_filled: bool
    why_not: str
    on_behalf_of: User | None = None
    """Whose role it is, when the person stands in for somebody."""

    @property
    def is_free(self) -> bool:
        return self.why_not == ""


def seats_of(case: Case, *, by: Actor) -> list[Seat]:
    """Return the slots of a gate whose role a person signs in, filled ones included.

    Own roles come first; in others the person may stand in for whom they belong to.
    """
    user = User.objects.get(pk=by.user_id)
    model_id = case.request.version.model_id
    held = roles_on(user.pk, model_id)
    stands_for = delegated.stand_ins([user.pk], [model_id], on=case.at.date())
    others = {one.role: one.delegator for one in stands_for.get((user.pk, model_id), ())}
    return [
        _seat(case, slot, user, held, None if slot.rule.role in held else others[slot.rule.role])
        for slot in case.readiness.slots
        if slot.rule.role in held or slot.rule.role in others
    ]


def _seat(
    case: Case, slot: SlotState, user: User, held: frozenset[str], delegator: User | None
) -> Seat:
    """Return one slot for one person; a stand-in and whom they stand in for must both be free."""
    roles = held | {slot.rule.role}
    why_not = (
        _why_not(case, slot.rule, context.of_signer(person, roles))
        for person in (user, delegator)
        if person is not None
    )
    told = _filled(slot) or " ".join(dict.fromkeys(filter(None, why_not)))
    return Seat(slot.rule, not slot.missing, told, delegator)


def eligible(case: Case) -> Mapping[str, list[User]]:
    """Return who may sign in each slot that is not filled, by its role."""
    model = case.request.version.model
    missing = [slot.rule for slot in case.readiness.slots if slot.missing]
    holders = catalog.holders_of_each([rule.role for rule in missing], model)
    people = {user.pk for users in holders.values() for user in users}
    held = roles_held(people, [model.pk]) if people else {}
    lines = accounts.managers_of(people)
    return {
        rule.role: [
            user
            for user in holders[rule.role]
            if not _why_not(
                case,
                rule,
                context.of_signer(user, held.get((user.pk, model.pk), frozenset()), lines),
            )
        ]
        for rule in missing
    }


def _why_not(case: Case, rule: SlotRule, signer: context.Facts) -> str:
    refusals = judgment.refusals(
        case.policy, case.request.transition, case.facts, signer, rule, mode=case.gate.mode
    )
    return " ".join(refusals)


def _filled(slot: SlotState) -> str:
    if not slot.missing:
        return f"The sign-off by {slot.rule.signer} is given already."
    return "Others sign before this slot." if slot.waits else ""
