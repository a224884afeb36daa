"""Reviews of models: planned, carried out by somebody who does not own the model, or dropped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from apps.accounts.signing.giving import require_person
from apps.audit.actions import Action
from apps.audit.changes import Record, change
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from apps.risk.models import Finding, Review
from apps.risk.operations.findings import Said, raise_in_review

MANAGE = "catalog.manage_reviews"
_REFUSAL = "Validators and risk officers review models."

PLAN_REVIEW = Action("model.plan_review", permission=MANAGE, needs_reason=True, refusal=_REFUSAL)
CARRY_OUT_REVIEW = Action(
    "model.carry_out_review", permission=MANAGE, needs_reason=True, refusal=_REFUSAL
)
DROP_REVIEW = Action("review.drop", permission=MANAGE, needs_reason=True, refusal=_REFUSAL)

MOST_FINDINGS = 20
"""How many findings one review raises at once."""
OWNED = "You own this model, so somebody else reviews it."


@dataclass(frozen=True)
class Reviewed:
    """What a review comes to."""

    kind: str
    conclusion: str
    findings: Sequence[Said] = ()


def plan_review(model: RegisteredModel, *, kind: str, due: date, by: Actor, reason: str) -> Review:
    """Plan a review for a day, beside what the tier of the model schedules.

    Raises:
        RuleBroken: when one of its kind is planned already, or the day is over.
    """
    with change(PLAN_REVIEW, model, by=by, reason=reason) as record:
        person = require_person(by, "plans reviews")
        _require_kind(kind)
        if due < record.time.date():
            raise RuleBroken("Plan it for today or a day to come.")
        if (planned := planned_or_none(model, kind)) is not None:
            raise RuleBroken(f"It is planned already, for {planned.due}. Drop that one first.")
        review = Review(
            model=model,
            kind=kind,
            why=record.reason,
            due=due,
            planned_by_id=person,
            planned_at=record.time,
        )
        review.save()
        record.about(review)
        record.note(model=model.record_id, kind=kind, due=str(due))
    return review


def carry_out_review(
    model: RegisteredModel, reviewed: Reviewed, *, by: Actor, reason: str
) -> Review:
    """Conclude a review of a model: the planned one of its kind, or one nobody planned.

    The reason says what was looked at. Whatever is not to go on as it is leaves a finding behind,
    so that somebody settles it.

    Raises:
        NotAllowed: when the owner of the model reviews it.
        RuleBroken: when the conclusion asks for a finding and none is raised.
    """
    with change(CARRY_OUT_REVIEW, model, by=by, reason=reason) as record:
        person = require_person(by, "reviews a model")
        if person == model.owner_id:
            raise NotAllowed(OWNED)
        _require_reviewed(reviewed)
        review = planned_or_none(model, reviewed.kind) or Review(model=model, kind=reviewed.kind)
        raised = [raise_in_review(model, said, by=by) for said in reviewed.findings]
        review.state, review.conclusion = Review.State.DONE, reviewed.conclusion
        review.done_by_id, review.done_at, review.notes = person, record.time, record.reason
        review.finding_ids = [one.pk for one in raised]
        review.save()
        _tell(review, raised, record)
    return review


def drop_review(review: Review, *, by: Actor, reason: str) -> None:
    """Give up a planned review; what the tier schedules stays due."""
    with change(DROP_REVIEW, review, by=by, reason=reason) as record:
        require_person(by, "drops reviews")
        review.require_planned()
        review.state, review.why_dropped = Review.State.DROPPED, record.reason
        review.save()
        record.note(kind=review.kind, due=str(review.due))


def planned_or_none(model: RegisteredModel, kind: str) -> Review | None:
    """Return the review of a kind that is planned, if one is."""
    found: Review | None = Review.objects.filter(
        model=model, kind=kind, state=Review.State.PLANNED
    ).first()
    return found


def _tell(review: Review, raised: Sequence[Finding], record: Record) -> None:
    record.about(review)
    record.note(
        model=review.model.record_id,
        kind=review.kind,
        conclusion=review.conclusion,
        findings=[one.record_id for one in raised],
    )


def _require_kind(kind: str) -> None:
    if kind not in Review.Kind.values:
        raise InputRefused("Say which kind of review it is.")


def _require_reviewed(reviewed: Reviewed) -> None:
    _require_kind(reviewed.kind)
    if reviewed.conclusion not in Review.Conclusion.values:
        raise InputRefused("Say what the review comes to.")
    count, goes_on = len(reviewed.findings), Review.Conclusion.CONTINUE
    if count > MOST_FINDINGS:
        raise InputRefused(f"A review raises {MOST_FINDINGS} findings at most.")
    if reviewed.conclusion != goes_on and not count:
        raise RuleBroken("Raise a finding that says what has to be settled.")
