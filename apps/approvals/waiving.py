"""What the policy in force says about waiving one condition of one version."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from apps.accounts.models import User
from apps.accounts.roles import role_named
from apps.accounts.signing.seats import RoleSeat
from apps.accounts.signing.terms import Terms
from apps.approvals import in_force, judgment, waiver_facts
from apps.approvals.facts import context
from apps.approvals.models import TO_PRODUCTION, Waiver, WaiverSignOff
from apps.approvals.obligations import Obligation, blocking
from apps.approvals.policies import SlotRule
from apps.approvals.waiver_rules import Rules
from apps.catalog.duties import roles_held, roles_on
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.errors import RuleBroken

RISK_OFFICER = "risk_officer"


def rules_for(version: ModelVersion, at: datetime) -> Rules:
    """Return the waiver rules that hold for a version now.

    Raises:
        RuleBroken: when the policy in force knows no waivers.
    """
    policy = in_force.policy()
    if policy.waivers is None:
        raise RuleBroken(f"{policy} knows no waivers. Meet the condition instead.")
    facts = context.Evidence.about([version], policy).base(version, at=at)
    return Rules(policy, judgment.effective_tier(policy, facts), policy.waivers)


def is_stood_in_for(waiver: Waiver, at: datetime) -> bool:
    """Say whether other waivers stand in now for all that one stood in for."""
    version = waiver.version
    granted = waiver_facts.granted_to([version.pk]).get(version.pk, ())
    if not granted or in_force.policy().waivers is None:
        return False
    counted = waiver_facts.counting(granted, rules_for(version, at), on=at.date())
    return waiver_facts.is_stood_in_for(waiver, counted)


def coverable(
    version: ModelVersion, condition: str, rules: Rules, at: datetime
) -> list[Obligation]:
    """Return the open obligations by which a condition closes a gate of a version at its tier.

    Of a condition that asks no obligations be closed, there are none.
    """
    asked = rules.policy.condition_or_none(condition)
    if asked is None or not asked.asks_obligations:
        return []
    evidence = context.Evidence.about([version], rules.policy)
    owed = evidence.obligations(version, evidence.of(version, at=at), at=at)
    closed = {
        one.id
        for transition in rules.closed_by(asked)
        for one in blocking(owed, rules.policy, transition, at)
    }
    return [one for one in owed if one.id in closed]


def why_not_counted(waiver: Waiver, at: datetime) -> str:
    """Say why a granted waiver stands in for nothing now, or nothing when it counts."""
    if not waiver.holds(at.date()):
        return ""
    try:
        rules = rules_for(waiver.version, at)
    except RuleBroken as refusal:
        return str(refusal)
    return rules.asks_beyond(waiver, waiver_facts.granted_before(waiver))


@dataclass(frozen=True)
class Offer:
    """A waiver as it would be signed at a moment: under which policy, on which terms, by whom."""

    waiver: Waiver
    rules: Rules
    facts: judgment.Facts
    given: Sequence[WaiverSignOff]
    on: date

    @classmethod
    def of(cls, waiver: Waiver, at: datetime) -> "Offer":
        """Read a waiver with all that signing it depends on.

        Raises:
            RuleBroken: when the policy in force knows no waivers any more.
        """
        policy = in_force.policy()
        if policy.waivers is None:
            raise RuleBroken(f"{policy} knows no waivers any more. Withdraw this one.")
        version, given = waiver.version, list(waiver.sign_offs.order_by("pk"))
        facts = context.Evidence.about([version], policy).of(version, at=at)
        tier = judgment.effective_tier(policy, facts)
        known = facts | {
            "transition": _asked_by(facts["transition"], waiver.asked_by),
            "sign_offs": [_as_fact(one) for one in given],
        }
        return cls(waiver, Rules(policy, tier, policy.waivers), known, given, at.date())

    @property
    def terms(self) -> Terms:
        """What a signature on it binds."""
        waiver, version = self.waiver, self.waiver.version
        named = {
            "waiver": waiver.record_id,
            "model": version.model.record_id,
            "version": version.record_id,
            "content": version.content_digest,
            "condition": waiver.condition,
            "policy": self.rules.policy.digest,
        }
        said = {
            "reason": waiver.reason,
            "compensating_controls": waiver.compensating_controls,
            "use_limits": waiver.use_limits,
            "residual_risk": waiver.residual_risk,
            "ends_on": str(waiver.ends_on),
            "renews": Waiver.RECORD.id_of(waiver.renews_id) if waiver.renews_id else None,
            "tier": waiver.tier,
            "roles": list(waiver.roles),
            "obligations": sorted(waiver.covered),
        }
        return Terms("waiver", named, said)

    def require_still_allowed(self) -> None:
        """Refuse what the policy in force would not let anybody ask for any more."""
        self.rules.condition(self.waiver.condition)
        if self.waiver.ends_on < self.on:
            raise RuleBroken("Its last day is over. Withdraw it, and ask again if it is needed.")
        if more := self.rules.asks_beyond(self.waiver, waiver_facts.granted_before(self.waiver)):
            raise RuleBroken(
                f"The policy asks for more here than when this was asked for. {more} "
                "Withdraw it, and ask again."
            )

    def seats(self, by: Actor) -> list[RoleSeat[WaiverSignOff]]:
        """Return every role that must sign, with what a person can do in it."""
        given = {one.role: one for one in self.given}
        held = roles_on(by.user_id, self.waiver.version.model_id) if by.user_id else frozenset()
        return [
            RoleSeat(
                role, given.get(role), role in held, self._why_not(by, role, held, given.get(role))
            )
            for role in self.waiver.roles
        ]

    def no_longer_by_right(self) -> list[WaiverSignOff]:
        """Return the approvals whose signer left, or lost the role since."""
        model = self.waiver.version.model_id
        held = roles_held({one.signer_id for one in self.given}, [model])
        return [
            one
            for one in self.given
            if not one.signer.is_active
            or one.role not in held.get((one.signer_id, model), frozenset())
        ]

    def _why_not(
        self, by: Actor, role: str, held: frozenset[str], given: WaiverSignOff | None
    ) -> str:
        """Say why a person may not sign in a role, or nothing."""
        if given is not None or role not in held or by.user_id is None:
            return ""
        if by.id == self.waiver.asked_by.answerable_id:
            return "You asked for this waiver, so somebody else signs it."
        if by.id in self._contributors:
            return "You contributed to this version, so somebody else signs it."
        if by.user_id in {one.signer_id for one in self.given}:
            return "You signed it already, in another role."
        signer = context.of_signer(User.objects.get(pk=by.user_id), held)
        slot = SlotRule(role, role_named(role).title, 1, "approval", None, is_added=True)
        return " ".join(
            judgment.refusals(self.rules.policy, TO_PRODUCTION, self.facts, signer, slot)
        )

    @property
    def _contributors(self) -> Collection[object]:
        """Who built the version, with who answers for service accounts, as duties read it."""
        version = self.facts["version"]
        assert isinstance(version, Mapping)
        contributors: Collection[object] = version["contributors"]
        return contributors


def _asked_by(transition: object, asker: User) -> dict[str, object]:
    """Return the transition as duties read it: who asks for the waiver asks for it."""
    assert isinstance(transition, Mapping)
    return {**transition, "id": TO_PRODUCTION, "requested_by": asker.answerable_id}


def _as_fact(given: WaiverSignOff) -> dict[str, object]:
    is_yes = given.decision == WaiverSignOff.Decision.APPROVE
    return {
        "role": given.role,
        "user_id": given.signer.record_id,
        "decision": given.decision,
        "valid": is_yes,
    }
