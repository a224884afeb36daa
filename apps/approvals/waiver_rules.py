"""The waiver rules of a policy at one tier: who signs, for how long, how often, of what. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from apps.accounts.roles import role_named
from apps.approvals.models import Waiver
from apps.approvals.policies import Condition, Enforcement, Policy, WaiverRules
from apps.core.errors import RuleBroken


@dataclass(frozen=True)
class Rules:
    """The waiver rules of a policy at the tier a version is gated at."""

    policy: Policy
    tier: int
    rules: WaiverRules

    @classmethod
    def at(cls, policy: Policy, tier: int) -> "Rules | None":
        """Return the rules of a policy at a tier; nothing where it knows no waivers."""
        return cls(policy, tier, policy.waivers) if policy.waivers is not None else None

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that must sign."""
        return self.rules.sign_offs[self.tier]

    @property
    def days(self) -> int:
        return self.rules.max_days.at(self._settings)

    @property
    def renewals(self) -> int:
        return self.rules.max_renewals.at(self._settings)

    def last_day(self, on: date) -> date:
        """Return the last day a waiver asked for on a day may hold."""
        return on + timedelta(days=self.days)

    def condition(self, condition_id: str) -> Condition:
        """Return a condition that can be waived here.

        Raises:
            RuleBroken: when the policy has none of that name, or nobody can grant an exception.
        """
        found = self.policy.condition_or_none(condition_id)
        if found is None:
            raise RuleBroken(f"{self.policy} has no such condition.")
        if not found.waivable:
            raise RuleBroken(
                f"Nobody can waive “{found.title}”: the policy allows no exception to it. "
                f"{found.remediation}"
            )
        if found not in self.waivable:
            raise RuleBroken(
                f"Nothing to waive: at tier {self.tier} no gate is closed by “{found.title}”."
            )
        return found

    @property
    def waivable(self) -> list[Condition]:
        """The conditions that can close a gate at this tier and that somebody may waive."""
        return [one for one in self.policy.conditions if one.waivable and self.closed_by(one)]

    def closed_by(self, condition: Condition) -> list[str]:
        """Return the transitions whose gate a condition can close at this tier."""
        return [
            transition.id
            for transition in self.policy.transitions
            for use in transition.conditions
            if use.condition == condition and use.enforcement[self.tier] is Enforcement.BLOCK
        ]

    def asks_beyond(self, waiver: Waiver, granted_before: int) -> str:
        """Say what is asked for here beyond the terms a waiver was signed on, or nothing.

        ``granted_before`` is how often the same was waived before it.
        """
        found = self.policy.condition_or_none(waiver.condition)
        if found is None or not found.waivable:
            return "The policy in force lets nobody waive this condition."
        if found.asks_obligations and not waiver.covered:
            return "A waiver of this condition names obligations by now, and this one names none."
        return self._terms_beyond(waiver, granted_before)

    def _terms_beyond(self, waiver: Waiver, granted_before: int) -> str:
        if missing := [role for role in self.roles if role not in waiver.roles]:
            titles = ", ".join(role_named(role).title for role in missing)
            return f"At tier {self.tier} a waiver is signed by others too: {titles}."
        if waiver.ends_on > self.last_day(waiver.asked_at.date()):
            return f"At tier {self.tier} a waiver holds for {self.days} days at most."
        if granted_before > self.renewals:
            return f"At tier {self.tier} a waiver is renewed {self._times} at most."
        if duties := self._duties_beyond(waiver.tier):
            return f"At tier {self.tier} more is asked of who signs: {', '.join(duties)}."
        return ""

    def _duties_beyond(self, tier: int) -> list[str]:
        """Return the duties of those who sign here that nobody has who signs at another tier."""
        return [
            rule.title
            for rule in self.policy.duties
            if any(
                rule.concerns(role, self.tier) and not rule.concerns(role, tier)
                for role in self.roles
            )
        ]

    @property
    def _times(self) -> str:
        return "once" if self.renewals == 1 else f"{self.renewals} times"

    @property
    def _settings(self) -> Mapping[str, object]:
        return self.policy.tier(self.tier).settings
