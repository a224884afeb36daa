"""What policies read about people: who would sign, and whether those who validated were free to."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from apps.accounts.models import User
from apps.approvals.policies import Policy, SeparationRule
from apps.core.expressions import ExpressionError

Facts = dict[str, object]
Lines = Mapping[int, tuple[str, ...]]
"""Everyone above a person in the reporting line, by the person's id."""

VALIDATOR = "validator"
_READ_OF_A_VALIDATOR = frozenset({"actor", "model", "version", "settings"})


def of_signer(user: User, roles: Collection[str], lines: Lines) -> Facts:
    """Return the facts about a person who would sign, with the roles held on the model.

    Nothing records training, so it is taken as current: the rule about it can never be met else.
    """
    return {
        "id": user.record_id,
        "roles": sorted(roles),
        "org_unit": user.org_unit,
        "managers": list(lines.get(user.pk, ())),
        "is_service_account": user.is_service_account,
        "is_platform_admin": user.is_superuser,
        "training_current": True,
    }


@dataclass(frozen=True)
class Validators:
    """The people who validated some versions, each with the reporting line above."""

    people: Mapping[int, User]
    lines: Lines

    @classmethod
    def of(cls, user_ids: Collection[int], lines: Lines) -> "Validators":
        """Read people in one query; nobody asked for, none."""
        return cls(User.objects.in_bulk(user_ids), lines)

    def are_independent(
        self, user_ids: Iterable[int], policy: Policy, tier: int, facts: Facts
    ) -> bool:
        """Say whether all of them pass the policy's duties of a validator at a tier.

        Asked are the rules that look at the person, the model and the version. Whatever they say,
        nobody is independent who contributed to the version or ever owned the model.
        """
        rules = [rule for rule in policy.duties if _is_of_validators(rule, tier)]
        settings = policy.tier(tier).settings
        told = {**facts, "settings": settings}
        return all(self._is_independent(pk, rules, told) for pk in user_ids)

    def _is_independent(self, pk: int, rules: Iterable[SeparationRule], facts: Facts) -> bool:
        user = self.people[pk]
        if user.record_id in _named(facts, "version", "contributors"):
            return False
        if user.record_id in _named(facts, "model", "past_owner_ids"):
            return False
        told = {**facts, "actor": of_signer(user, {VALIDATOR}, self.lines)}
        return all(_passes(rule, told) for rule in rules)


def _is_of_validators(rule: SeparationRule, tier: int) -> bool:
    read = {path.partition(".")[0] for path, _ in rule.expression.reads}
    return rule.concerns(VALIDATOR, tier) and read <= _READ_OF_A_VALIDATOR


def _passes(rule: SeparationRule, facts: Facts) -> bool:
    try:
        return rule.expression.evaluate(facts)
    except ExpressionError:
        return False


def _named(facts: Facts, group: str, name: str) -> Collection[object]:
    found = facts[group]
    assert isinstance(found, Mapping)
    people: Collection[object] = found[name]
    return people
