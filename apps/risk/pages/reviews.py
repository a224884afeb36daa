"""What the pages of reviews and attestations show."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.accounts.signing.terms import TermsTicket
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.core.formats import calendar_day
from apps.risk import (
    attested,
    campaign_queries,
    policy_says,
    review_queries,
    schedule_queries,
    schedules,
)
from apps.risk.facts.judged import Judged
from apps.risk.models import Review
from apps.risk.operations import attestations, reviews
from apps.risk.review_forms import AttestForm, CorrectForm

MOST = 50
"""How many reviews and attestations are shown; the newest come first."""
TONES = {Review.State.PLANNED: "info", Review.State.DONE: "good", Review.State.DROPPED: "idle"}
CONCLUSION_TONES = {
    Review.Conclusion.CONTINUE: "good",
    Review.Conclusion.WITH_FINDINGS: "warn",
    Review.Conclusion.RESTRICT: "warn",
    Review.Conclusion.WITHDRAW: "bad",
}


def of_model(model: RegisteredModel, reader: Actor, at: datetime) -> dict[str, Any]:
    """Return what the page of a model's reviews shows: the schedule, and what was done."""
    held = list(review_queries.reviews_of(model)[:MOST])
    found = review_queries.findings_raised(held)
    tier = Judged.of([model.pk]).tier(model.pk, at)
    says = policy_says.policy()
    due = schedules.all_due(schedule_queries.done_of(model), says.at(tier.tier))
    return {
        "model": model,
        "tier": tier.in_words,
        "policy": says.name,
        "schedule": [_scheduled(one, at) for one in due],
        "planned": [_review(one, found, at) for one in held if one.state == one.State.PLANNED],
        "history": [_review(one, found, at) for one in held if one.state != one.State.PLANNED],
        "attestations": list(review_queries.attestations_of(model)[:MOST]),
        "asking": list(campaign_queries.asking(model)),
        "may_review": reader.may(reviews.MANAGE, model) and reader.user_id != model.owner_id,
        "may_plan": reader.may(reviews.MANAGE, model),
        "may_attest": not attestations.why_not(model, reader),
        "crumbs": crumbs(model),
    }


def attesting(
    model: RegisteredModel,
    reader: Actor,
    at: datetime,
    *,
    sign_form: AttestForm | None = None,
    correct_form: CorrectForm | None = None,
) -> dict[str, Any]:
    """Return what the page shows that asks an owner to attest: all that would be signed."""
    snapshot = attested.snapshot_of(model, at)
    last = attested.newest(model)
    why_not = attestations.why_not(model, reader)
    form = sign_form or AttestForm()
    terms = attested.terms_of(model, snapshot)
    form.offer(TermsTicket.issue(terms, to=reader).sealed())
    return {
        "model": model,
        "parts": _by_part(attested.lines(snapshot)),
        "digest": terms.named["snapshot"],
        "last": last,
        "changes": attested.changes(last.snapshot, snapshot) if last else [],
        "asking": list(campaign_queries.asking(model)),
        "why_not": why_not,
        "sign_form": form,
        "correct_form": correct_form or CorrectForm(),
        "crumbs": crumbs(model),
    }


def crumbs(model: RegisteredModel) -> list[tuple[str, str]]:
    """Return the way to the pages of a model's reviews."""
    return [("Models", reverse("models:list")), (model.name, model.get_absolute_url())]


def _by_part(lines: list[attested.Line]) -> list[Mapping[str, Any]]:
    parts = dict.fromkeys(line.part for line in lines)
    return [
        {
            "title": part,
            "facts": [
                {"term": line.name, "value": line.value or "Not said"}
                for line in lines
                if line.part == part
            ],
        }
        for part in parts
    ]


def _scheduled(one: schedules.Scheduled, at: datetime) -> dict[str, Any]:
    is_late = one.is_overdue(at.date())
    last = f"done last on {calendar_day(one.last)}" if one.last else "never done yet"
    return {
        "title": one.what.words,
        "text": f"{one.rule}; {last}",
        "due": one.due,
        "status": "Overdue" if is_late else "",
        "tone": "bad" if is_late else "",
    }


def _review(review: Review, found: Mapping[int, Any], at: datetime) -> dict[str, Any]:
    is_late = review.is_overdue(at.date())
    conclusion = review.conclusion and Review.Conclusion(review.conclusion)
    return {
        "review": review,
        "status": "Overdue" if is_late else conclusion.label if conclusion else _state(review),
        "tone": "bad"
        if is_late
        else CONCLUSION_TONES[conclusion]
        if conclusion
        else TONES[Review.State(review.state)],
        "findings": [found[pk] for pk in review.finding_ids if pk in found],
    }


def _state(review: Review) -> str:
    return str(Review.State(review.state).label)
