"""Who may fill the free slots of a gate: one reader, or anybody."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.accounts.models import User
from apps.approvals import context, judgment
from apps.approvals.cases import Case
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

    @property
    def is_free(self) -> bool:
        return self.why_not == ""


def seats_of(case: Case, *, by: Actor) -> list[Seat]:
    """Return the slots of a gate whose role a person holds, filled ones included."""
    user = User.objects.get(pk=by.user_id)
    held = roles_on(user.pk, case.request.version.model_id)
    signer = context.of_signer(user, held)
    return [
        Seat(slot.rule, not slot.missing, _filled(slot) or _why_not(case, slot.rule, signer))
        for slot in case.readiness.slots
        if slot.rule.role in held
    ]


def eligible(case: Case) -> Mapping[str, list[User]]:
    """Return who may sign in each slot that is not filled, by its role."""
    model = case.request.version.model
    missing = [slot.rule for slot in case.readiness.slots if slot.missing]
    holders = {rule.role: catalog.holders_of(rule.role, model) for rule in missing}
    people = {user.pk for users in holders.values() for user in users}
    held = roles_held(people, [model.pk]) if people else {}
    return {
        rule.role: [
            user
            for user in holders[rule.role]
            if not _why_not(
                case, rule, context.of_signer(user, held.get((user.pk, model.pk), frozenset()))
            )
        ]
        for rule in missing
    }


def _why_not(case: Case, rule: SlotRule, signer: context.Facts) -> str:
    refusals = judgment.refusals(case.policy, case.request.transition, case.facts, signer, rule)
    return judgment.in_sentences(rule, refusals)


def _filled(slot: SlotState) -> str:
    return "" if slot.missing else f"The sign-off by {slot.rule.signer} is given already."
