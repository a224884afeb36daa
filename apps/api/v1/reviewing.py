"""What falls due, and what was reviewed and attested, to be read.

Reviewing a model, and attesting its record, needs a person in a browser.
"""

from typing import Literal

from ninja import Router

from apps.api.callers import Call
from apps.api.v1 import found
from apps.api.v1.answers.reviews import (
    AttestationAnswer,
    AttestationPage,
    DueAnswer,
    ReviewAnswer,
    ReviewPage,
    ScheduleAnswer,
)
from apps.api.v1.asked.common import Limit
from apps.core.clock import database_now
from apps.core.paging import Order
from apps.risk import (
    campaign_queries,
    policy_says,
    review_queries,
    schedule_queries,
    schedules,
    subjects,
)
from apps.risk.pages.due import coming

router = Router(tags=["reviews"])
NEWEST_FIRST = Order(("id",))
_MODEL = "/models/{name}"

Whose = Literal["all", "mine"]
Kind = Literal["", "periodic", "revalidation", "retiering", "event"]
State = Literal["", "planned", "done", "dropped"]


@router.get("/due", url_name="due", response=DueAnswer)
def list_due(request: Call, whose: Whose = "all") -> DueAnswer:
    """List what of judgment falls due within a year or is overdue, the earliest first.

    It comes without pages: at most 200 entries of each kind.
    """
    on = database_now().date()
    entries, is_cut = coming(request.actor, is_mine=whose == "mine", today=on)
    return DueAnswer.of(entries, is_cut=is_cut, on=on)


@router.get(f"{_MODEL}/schedule", url_name="schedule", response=ScheduleAnswer)
def show_schedule(request: Call, name: str) -> ScheduleAnswer:
    """Show what comes round for a model: attestation, reviews, re-tiering; and who asks for it."""
    model = found.model(request.actor, name)
    says, tier = policy_says.policy(), subjects.current_tier(model)
    return ScheduleAnswer.of(
        model,
        tier,
        says,
        due=schedules.all_due(schedule_queries.done_of(model), says.at(tier)),
        asking=campaign_queries.asking(model),
        on=database_now().date(),
    )


@router.get(f"{_MODEL}/reviews", url_name="reviews", response=ReviewPage)
def list_reviews(
    request: Call,
    name: str,
    *,
    kind: Kind = "",
    state: State = "",
    limit: Limit = 100,
    page: str = "",
) -> ReviewPage:
    """List the reviews of a model, planned, done and dropped, the newest first."""
    model = found.model(request.actor, name)
    asked = {"kind": kind, "state": state}
    reviews = review_queries.reviews_of(model)
    reviews = reviews.filter(**{key: told for key, told in asked.items() if told})
    bound_to = f"reviews of {model.record_id} for {request.actor.id}: {[kind, state]}"
    rows = NEWEST_FIRST.page(reviews, size=limit, mark=page, bound_to=bound_to)
    on = database_now().date()
    shown = [ReviewAnswer.of(review, on=on) for review in rows.rows]
    return ReviewPage(reviews=shown, next=rows.older or None)


@router.get(f"{_MODEL}/owner-attestations", url_name="owner_attestations", response=AttestationPage)
def list_owner_attestations(
    request: Call, name: str, limit: Limit = 100, page: str = ""
) -> AttestationPage:
    """List when the owner of a model attested its record, and the digest of what it said then."""
    model = found.model(request.actor, name)
    given = review_queries.attestations_of(model).select_related("signer")
    bound_to = f"owner attestations of {model.record_id} for {request.actor.id}"
    rows = NEWEST_FIRST.page(given, size=limit, mark=page, bound_to=bound_to)
    shown = [AttestationAnswer.of(one) for one in rows.rows]
    return AttestationPage(attestations=shown, next=rows.older or None)
