"""Obligations come and go with the assessments that ask for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.core.actors import BY_WORKER, Actor
from apps.risk.models import Assessment, Obligation
from apps.risk.questionnaires import Duty

SETTLE_OBLIGATIONS = Action("assessment.settle_obligations", permission=BY_WORKER)
_TOGETHER = 25
"""How many obligations one event tells of; each may write two rows, one closed and one opened."""


@dataclass(frozen=True)
class _Step:
    """What becomes of one obligation: asked for before, now, or both."""

    was: Obligation | None
    duty: Duty | None

    @property
    def is_kept(self) -> bool:
        """Whether it asks for the same as before, so that what was done about it still counts."""
        if self.was is None or self.duty is None:
            return False
        rule = self.duty.rule
        return (self.was.kind, self.was.ref) == (rule.kind, rule.ref)


def settle(
    assessment: Assessment, duties: Sequence[Duty], *, by: Actor
) -> tuple[list[str], list[str], list[str]]:
    """Open, keep or close the obligations of a subject as its newest assessment has it.

    Inside the change that approves it. Returns the keys of those opened, kept and closed.
    """
    opened: list[str] = []
    kept: list[str] = []
    closed: list[str] = []
    steps = _steps(assessment, duties)
    for start in range(0, len(steps), _TOGETHER):
        together = steps[start : start + _TOGETHER]
        with change(SETTLE_OBLIGATIONS, assessment, by=by) as record:
            for step in together:
                if step.is_kept:
                    kept.append(_keep(step, assessment))
                    continue
                if step.was is not None:
                    step.was.state, step.was.lapsed_at = Obligation.State.LAPSED, record.time
                    step.was.save()
                    closed.append(step.was.key)
                if step.duty is not None:
                    row = _new(assessment, step.duty)
                    row.opened_at = record.time
                    row.save()
                    opened.append(row.key)
            record.note(obligations=len(together))
    return opened, kept, closed


def _steps(assessment: Assessment, duties: Iterable[Duty]) -> list[_Step]:
    before = {
        row.key: row
        for row in Obligation.objects.filter(
            model_id=assessment.model_id,
            questionnaire=assessment.kind,
            version_id=assessment.version_id,
            use_case_id=assessment.use_case_id,
            state__in=Obligation.LIVE,
        ).order_by("pk")
    }
    asked = [_Step(before.pop(duty.rule.id, None), duty) for duty in duties]
    return [*asked, *(_Step(row, None) for row in before.values())]


def _keep(step: _Step, assessment: Assessment) -> str:
    row, duty = step.was, step.duty
    assert row is not None
    assert duty is not None
    row.assessment = assessment
    _tell(row, duty)
    row.save()
    return row.key


def _new(assessment: Assessment, duty: Duty) -> Obligation:
    row = Obligation(
        model=assessment.model,
        version=assessment.version,
        use_case=assessment.use_case,
        assessment=assessment,
        questionnaire=assessment.kind,
        key=duty.rule.id,
        kind=str(duty.rule.kind),
        ref=duty.rule.ref,
    )
    _tell(row, duty)
    return row


def _tell(row: Obligation, duty: Duty) -> None:
    """Let an obligation say what the newest assessment says of it."""
    rule = duty.rule
    row.title, row.detail, row.count = rule.title, rule.detail, rule.count
    row.gates, row.cites, row.applies_from = list(rule.gates), list(rule.cites), duty.applies_from
