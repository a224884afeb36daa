"""A use is approved on its own: by who watches over risk, as it is described at that moment."""

from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.catalog.inventory import approvals, sheets
from apps.catalog.inventory.values import is_empty
from apps.catalog.models import UseCase
from apps.catalog.operations.inventory import require_live, roles_of
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken

APPROVE_USE = Action(
    "use_case.approve",
    permission="catalog.fill_inventory",
    needs_reason=True,
    refusal="You do not have the right to fill the inventory of this model.",
    sealing=Sealing.FIRST,
)
APPROVING_ROLES = frozenset({"validator", "risk_officer"})
"""The roles that say how a use is limited, and so whether it may be."""


def approve_use(use: UseCase, *, by: Actor, reason: str, shown: str) -> UseCase:
    """Approve a use as it is described; recording anything else about it takes that back.

    ``shown`` is the digest of the record as the person saw it.
    """
    with change(APPROVE_USE, use, by=by, reason=reason) as record:
        _require_approver(use, by)
        require_live(use)
        if approvals.is_approved(use):
            raise RuleBroken("This use is approved already.")
        if is_empty(use.values.get("intended_purpose")):
            raise RuleBroken("Its intended purpose is not recorded yet, so nobody can approve it.")
        if use.state_digest() != shown:
            raise RuleBroken(
                "Somebody changed this use since you opened it, so nothing was approved. "
                "Look at it again."
            )
        sheets.write(use, approvals.APPROVED)
        use.model.touch()
        record.note(key=use.key, approved=shown)
    return use


def _require_approver(use: UseCase, by: Actor) -> None:
    if not by.is_person:
        raise NotAllowed("Only a person signed in through the browser approves a use.")
    if roles_of(by, use.model).isdisjoint(APPROVING_ROLES):
        raise NotAllowed("Validators and model risk officers of this model approve its uses.")
    if by.id in {use.model.owner.record_id, use.values.get("use_owner")}:
        raise NotAllowed("You answer for this use, so somebody else approves it.")
