"""What an assessment came to, or would: the rule that fired, what it read, what is new of it."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from apps.api.v1.answers.base import Answer
from apps.risk.models import Assessment
from apps.risk.pages.assessments import Change
from apps.risk.questionnaires import Questionnaire


class FoundOutcome(Answer):
    """The outcome whose rule fired."""

    id: str
    label: str
    description: str
    rank: int
    rule: str


class Read(Answer):
    """Something the rule read, and what it was."""

    what: str
    value: str


class SectionScore(Answer):
    """How much of what a section can score was scored; numbers are decimal text."""

    section: str
    score: str
    max: str
    percent: str


class FoundFlag(Answer):
    """A flag that is set."""

    id: str
    label: str
    cites: list[str]


class FoundObligation(Answer):
    """What becomes mandatory, and from which day; without one, from approval."""

    id: str
    title: str
    detail: str
    kind: str
    by: str
    gates: list[str]
    applies_from: date | None
    cites: list[str]


class SetValue(Answer):
    """What approval writes to a field of the inventory."""

    field: str
    value: Any


class ChangedAnswer(Answer):
    """An answer that differs from the last approved assessment, in words."""

    question: str
    before: str | None
    after: str | None


class LastApproved(Answer):
    """The assessment of the subject that was approved before, and what was answered otherwise."""

    number: int
    outcome: str
    changes: list[ChangedAnswer]

    @classmethod
    def of(cls, earlier: Assessment, changes: Iterable[Change]) -> "LastApproved":
        changed = [
            ChangedAnswer(question=one.name, before=one.before, after=one.after) for one in changes
        ]
        return cls(number=earlier.pk, outcome=earlier.outcome, changes=changed)


class OutcomeAnswer(Answer):
    """What an assessment came to.

    ``provisional`` is true until it is approved: then nothing of it is in effect, and while a
    required answer is ``missing`` there is no outcome at all.
    """

    provisional: bool
    applies: bool
    missing: list[str]
    outcome: FoundOutcome | None
    because: list[Read]
    sections: list[SectionScore]
    total: SectionScore
    values: dict[str, Any]
    flags: list[FoundFlag]
    obligations: list[FoundObligation]
    sets: list[SetValue]
    digest: str
    last: LastApproved | None

    @classmethod
    def of(
        cls,
        asked: Questionnaire,
        told: Mapping[str, Any],
        *,
        provisional: bool,
        digest: str,
        last: LastApproved | None,
    ) -> "OutcomeAnswer":
        """Return a result in the form it is stored in, with what its questionnaire calls it."""
        return cls(
            provisional=provisional,
            applies=told["applies"],
            missing=told["missing"],
            outcome=_outcome(asked, told["outcome"]),
            because=[Read(what=one["words"], value=one["value"]) for one in told["because"]],
            sections=[
                _score(section.id, told["sections"][section.id])
                for section in asked.sections
                if told["sections"].get(section.id, {}).get("visible")
            ],
            total=_score("", told["total"]),
            values=told["vars"],
            flags=[_flag(asked, flag) for flag in told["flags"]],
            obligations=[_obligation(asked, one) for one in told["obligations"]],
            sets=[SetValue(field=one["field"], value=one["value"]) for one in told["sets"]],
            digest=digest,
            last=last,
        )


def _outcome(asked: Questionnaire, outcome_id: str | None) -> FoundOutcome | None:
    if outcome_id is None:
        return None
    found = asked.outcome(outcome_id)
    return FoundOutcome(
        id=found.id,
        label=found.label,
        description=found.description,
        rank=found.rank,
        rule=found.when.source,
    )


def _score(section: str, told: Mapping[str, Any]) -> SectionScore:
    return SectionScore(section=section, score=told["score"], max=told["max"], percent=told["pct"])


def _flag(asked: Questionnaire, flag_id: str) -> FoundFlag:
    found = asked.flag(flag_id)
    return FoundFlag(id=found.id, label=found.label, cites=list(found.cites))


def _obligation(asked: Questionnaire, told: Mapping[str, Any]) -> FoundObligation:
    rule = asked.obligation(told["id"])
    return FoundObligation(
        id=rule.id,
        title=rule.title,
        detail=rule.detail,
        kind=rule.kind.value,
        by=rule.ref,
        gates=list(rule.gates),
        applies_from=told["applies_from"],
        cites=list(rule.cites),
    )
