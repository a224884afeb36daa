"""Which other tier a model may be treated at, who signs it, and what the signature binds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from apps.accounts.signing.seats import RoleSeat
from apps.accounts.signing.terms import Terms, terms_in
from apps.catalog.duties import roles_held, roles_on
from apps.core.actors import Actor
from apps.core.errors import RuleBroken
from apps.risk.facts.judged import Judged
from apps.risk.kept import floor_of
from apps.risk.models import TierOverride, TierOverrideSignOff
from apps.risk.tiers import CurrentTier

ROLES = ("risk_officer", "governance_committee")
"""Who signs another tier: both, as different people."""
TIERS = (1, 2, 3, 4)


def why_not_tier(current: CurrentTier, tier: int) -> str:
    """Say why a model may not be treated at a tier, or nothing.

    One step lighter at most, and never past a floor of the tiering; stricter is always possible.
    """
    if current.tiering is None:
        return "This model has no tier yet. Assess it first."
    if not current.assessed:
        return "Its tiering found that it is no model to be tiered. Assess it anew."
    if tier not in TIERS:
        return "A tier is 1, 2, 3 or 4."
    if tier == current.assessed:
        return f"Its tiering found tier {tier}, so there is nothing to depart from."
    return _why_not_lighter(current.assessed, floor_of(current.tiering), tier)


def _why_not_lighter(assessed: int, floor: int | None, tier: int) -> str:
    if tier > assessed + 1:
        return f"One step lighter is possible: tier {assessed + 1}, and no other."
    if floor is not None and tier > floor:
        return f"A floor of its tiering keeps it at tier {floor} or stricter, whoever signs."
    return ""


def choices(current: CurrentTier) -> list[int]:
    """Return the tiers somebody may ask for."""
    return [tier for tier in TIERS if not why_not_tier(current, tier)]


@dataclass(frozen=True)
class Offer:
    """Another tier as it would be signed at a moment: on which terms, by whom."""

    override: TierOverride
    current: CurrentTier
    given: Sequence[TierOverrideSignOff]
    on: date

    @classmethod
    def of(cls, override: TierOverride, at: datetime) -> "Offer":
        """Read another tier with all that signing it depends on."""
        current = Judged.of([override.model_id]).tier(override.model_id, at)
        given = override.sign_offs.select_related("signer").order_by("pk")
        return cls(override, current, list(given), at.date())

    @property
    def terms(self) -> Terms:
        """What a signature on it binds."""
        override, tiering = self.override, self.override.assessment
        named = {
            "tier_override": override.record_id,
            "model": override.model.record_id,
            "assessment": tiering.record_id,
            "result": tiering.state_digest(),
        }
        said = {
            "assessed_tier": override.assessed_tier,
            "tier": override.tier,
            "reason": override.reason,
            "ends_on": str(override.ends_on),
            "roles": list(override.roles),
            "owner": override.model.owner.record_id,
        }
        return Terms("tier_override", named, said)

    def require_still_allowed(self) -> None:
        """Refuse what nobody could ask for any more."""
        tiering = self.current.tiering
        if tiering is None or tiering.pk != self.override.assessment_id:
            raise RuleBroken("A newer tiering was approved. Withdraw this.")
        if self.override.ends_on < self.on:
            raise RuleBroken("Its last day is over. Withdraw it, and ask again if it is needed.")
        if why_not := why_not_tier(self.current, self.override.tier):
            raise RuleBroken(why_not)

    def seats(self, by: Actor) -> list[RoleSeat[TierOverrideSignOff]]:
        """Return both roles that must sign, with what a person can do in each."""
        given = {one.role: one for one in self.given}
        held = roles_on(by.user_id, self.override.model_id) if by.user_id else frozenset[str]()
        return [
            RoleSeat(role, given.get(role), role in held, self._why_not(by, role, held))
            for role in self.override.roles
        ]

    def differing(self) -> list[TierOverrideSignOff]:
        """Return the signatures that bind something other than what stands now."""
        terms = self.terms.digest
        return [one for one in self.given if terms_in(one) != terms]

    def no_longer_by_right(self) -> list[TierOverrideSignOff]:
        """Return the approvals whose signer left, or lost the role since."""
        model = self.override.model_id
        held = roles_held({one.signer_id for one in self.given}, [model])
        return [
            one
            for one in self.given
            if not one.signer.is_active
            or one.role not in held.get((one.signer_id, model), frozenset())
        ]

    def _why_not(self, by: Actor, role: str, held: frozenset[str]) -> str:
        """Say why a person may not sign in a role, or nothing."""
        if role not in held or by.user_id is None:
            return ""
        if by.user_id == self.override.asked_by_id:
            return "You asked for this tier, so somebody else signs it."
        if by.user_id == self.override.model.owner_id:
            return "You own this model, so somebody else signs its tier."
        if by.user_id in {one.signer_id for one in self.given}:
            return "You signed it already, in another role."
        return ""
