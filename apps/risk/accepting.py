"""Bearing the risk of a finding: what a signature on it binds, who gives it, and until when."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from apps.accounts.roles import role_named
from apps.accounts.signing.seats import RoleSeat
from apps.accounts.signing.terms import Terms
from apps.catalog.duties import roles_on
from apps.catalog.facts import Records
from apps.core.actors import Actor
from apps.core.errors import RuleBroken
from apps.risk import policy_says, subjects
from apps.risk.models import Finding, RiskAcceptanceSignOff
from apps.risk.policy_says import PolicySays, Signer

BEAR = "catalog.accept_risk"
KIND = "risk_acceptance"
MEANING = "risk acceptance"

Seats = list[RoleSeat[RiskAcceptanceSignOff]]


@dataclass(frozen=True)
class Offer:
    """A finding as its risk would be borne at a moment, under the policy in force."""

    finding: Finding
    says: PolicySays
    tier: int
    on: date

    @classmethod
    def of(cls, finding: Finding, at: datetime) -> "Offer":
        """Read a finding with all that bearing its risk depends on."""
        return cls(finding, policy_says.policy(), subjects.current_tier(finding.model), at.date())

    @property
    def days(self) -> int:
        """For how many days the policy lets somebody bear it."""
        return self.says.at(self.tier).accepted_days

    @property
    def last_day(self) -> date:
        """The last day until which it may be borne from now on."""
        return self.on + timedelta(days=self.days)

    @cached_property
    def terms(self) -> Terms:
        """What the page shows of it, which the ticket binds."""
        finding = self.finding
        named = {
            "finding": finding.record_id,
            "model": finding.model.record_id,
            "as_it_stands": finding.state_digest(),
        }
        attached = finding.attached.select_related("item").order_by("pk")
        said = {
            "title": finding.title,
            "severity": finding.severity,
            "owner": finding.owner.record_id,
            "due": str(finding.due),
            "evidence": [[one.item.record_id, one.item.state_digest()] for one in attached],
            "tier": self.tier,
            "days": self.days,
        }
        return Terms(KIND, named, said)

    def signed_terms(self, ends_on: date, reason: str) -> Terms:
        """What a signature binds: what was shown, and until when and why the risk is borne."""
        shown = self.terms
        return Terms(
            KIND,
            {**shown.named, "ends_on": str(ends_on)},
            {**shown.said, "reason": reason.strip()},
        )

    def require_day(self, ends_on: date) -> None:
        """Refuse a last day that is over, or later than the policy allows at the tier."""
        if ends_on <= self.on:
            raise RuleBroken("An accepted risk ends on a day to come.")
        if ends_on > self.last_day:
            raise RuleBroken(
                f"An accepted risk lasts for {self.days} days at most here: until {self.last_day}."
            )

    def seats(self, by: Actor) -> Seats:
        """Return the roles in which a person may bear risks on the model, with why not."""
        if by.user_id is None:
            return []
        held = roles_on(by.user_id, self.finding.model_id)
        bearing = [role for role in sorted(held) if BEAR in role_named(role).permissions]
        return [
            RoleSeat(role, None, is_held=True, why_not=self._why_not(by.user_id, role, held))
            for role in bearing
        ]

    def _why_not(self, user_id: int, role: str, held: frozenset[str]) -> str:
        raised_by = self.finding.raised_by
        signer = Signer(
            user_id,
            role,
            held,
            self.tier,
            asked_by=raised_by.answerable_id if raised_by else "",
            contributors=self._contributors,
        )
        return " ".join(self.says.refusals(signer))

    @cached_property
    def _contributors(self) -> list[str]:
        version = self.finding.version
        if version is None:
            return []
        return Records.about([version]).with_who_answers(version.contributors)
