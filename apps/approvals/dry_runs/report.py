"""What a dry run found: counts, and a few examples of each, small enough to keep and to show."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.approvals.obligations import Obligation
from apps.approvals.policies import Policy

MOST_EXAMPLES = 200
NO_GATE = "no_gate"
"""Stands among conditions for a move the policy does not know."""

Example = Mapping[str, Any]


@dataclass
class Found:
    """How often something was found, with the first examples of it."""

    count: int = 0
    examples: list[Example] = field(default_factory=list)

    def add(self, **example: Any) -> None:
        self.count += 1
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append(example)

    def told(self) -> dict[str, Any]:
        return {"count": self.count, "examples": self.examples}


@dataclass
class Report:
    """The findings of a dry run while it goes on."""

    titles: dict[str, str]
    versions: int = 0
    in_production: int = 0
    requests: int = 0
    models: int = 0
    blocked: Found = field(default_factory=Found)
    blocked_in_production: int = 0
    by_condition: Counter[str] = field(default_factory=Counter)
    by_condition_in_production: Counter[str] = field(default_factory=Counter)
    opened: Found = field(default_factory=Found)
    void: Found = field(default_factory=Found)
    requests_blocked: Found = field(default_factory=Found)
    requests_opened: Found = field(default_factory=Found)
    cannot_sign: Found = field(default_factory=Found)
    people_stopped: set[str] = field(default_factory=set)
    unfilled: list[Example] = field(default_factory=list)
    alone: list[Example] = field(default_factory=list)
    unfilled_on_models: Found = field(default_factory=Found)
    alone_on_models: Found = field(default_factory=Found)

    @classmethod
    def about(cls, before: Policy, after: Policy) -> "Report":
        """Begin the report of a policy that would follow another."""
        titles = {one.id: one.title for one in (*before.conditions, *after.conditions)}
        return cls(titles | {NO_GATE: "The policy has no gate for this move"})

    def know(self, owed: Iterable[Obligation]) -> None:
        """Take note of what obligations are called whose lines shut gates."""
        self.titles |= {one.line: one.title for one in owed}

    def named(self, conditions: Iterable[str]) -> list[str]:
        """Return the titles of conditions."""
        return [self.titles.get(one, one) for one in sorted(conditions)]

    def block(self, newly: Iterable[str], *, is_serving: bool, **example: Any) -> None:
        """Note a version whose gate would be shut by conditions that do not shut it now."""
        conditions = sorted(newly)
        self.by_condition.update(conditions)
        if is_serving:
            self.blocked_in_production += 1
            self.by_condition_in_production.update(conditions)
        self.blocked.add(**example, conditions=self.named(conditions))

    def told(self) -> dict[str, Any]:
        """Return the report as it is kept."""
        return {
            "versions": self.versions,
            "in_production": self.in_production,
            "requests": self.requests,
            "models": self.models,
            "blocked": self.blocked.told() | {"in_production": self.blocked_in_production},
            "by_condition": self._by_condition(),
            "opened": self.opened.told(),
            "void": self.void.told(),
            "requests_blocked": self.requests_blocked.told(),
            "requests_opened": self.requests_opened.told(),
            "cannot_sign": self.cannot_sign.told() | {"people": len(self.people_stopped)},
            "unfilled": self.unfilled[:MOST_EXAMPLES],
            "alone": self.alone[:MOST_EXAMPLES],
            "unfilled_on_models": self.unfilled_on_models.told(),
            "alone_on_models": self.alone_on_models.told(),
        }

    def _by_condition(self) -> list[Example]:
        ordered = sorted(self.by_condition.items(), key=lambda one: (-one[1], one[0]))
        return [
            {
                "condition": name,
                "title": self.titles.get(name, name),
                "count": count,
                "in_production": self.by_condition_in_production[name],
            }
            for name, count in ordered[:MOST_EXAMPLES]
        ]
