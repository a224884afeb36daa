"""Pages of reviews: what is due, those of a model, planned, carried out, dropped."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.catalog import queries as catalog
from apps.catalog.models import RegisteredModel
from apps.core import links
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.risk import review_queries as queries
from apps.risk.assessment_forms import ReasonForm
from apps.risk.models import Review
from apps.risk.operations import reviews as operations
from apps.risk.pages import due as due_page
from apps.risk.pages import reviews as pages
from apps.risk.review_forms import CarryOutForm, PlanForm
from apps.risk.views.acting import FORM, answered


@signed_in
@require_safe
def due(request: ActorRequest) -> HttpResponse:
    """Show what of judgment falls due."""
    return render(request, "risk/reviews/due.html", due_page.on_page(request))


@signed_in
@require_safe
def reviews(request: ActorRequest, name: str) -> HttpResponse:
    """Show the schedule of a model, and what was reviewed and attested."""
    model = model_or_404(request, name)
    return render(request, "risk/reviews/model.html", pages.of_model(model, request.actor, now()))


@signed_in
@require_http_methods(FORM)
def plan(request: ActorRequest, name: str) -> HttpResponse:
    """Plan a review for a day."""
    model = model_or_404(request, name)
    to = reverse("risk:reviews", args=[model.name])
    page = {
        "title": "Plan a review",
        "lead": "For a day of its own, beside what the tier of the model schedules.",
        "crumbs": [*pages.crumbs(model), ("Reviews", to)],
        "here": "Plan a review",
        "button": "Plan the review",
        "back": to,
    }
    carry_out = partial(operations.plan_review, model, by=request.actor)
    done = "The review is planned."
    return answered(request, PlanForm(sent_values(request)), carry_out, page, done=done, to=to)


@signed_in
@require_http_methods(FORM)
def carry_out(request: ActorRequest, name: str) -> HttpResponse:
    """Conclude a review of a model."""
    model = model_or_404(request, name)
    form = CarryOutForm(sent_values(request), initial={"kind": links.asked(request, "kind")})
    if form.is_valid():
        try:
            review = operations.carry_out_review(
                model, form.reviewed, by=request.actor, reason=form.cleaned_data["reason"]
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Recorded: {review.get_conclusion_display()}.")
            return redirect(review)
    page = {"model": model, "form": form, "crumbs": pages.crumbs(model)}
    status = 422 if form.errors else 200
    return render(request, "risk/reviews/carry_out.html", page, status=status)


@signed_in
@require_http_methods(FORM)
def drop(request: ActorRequest, pk: int) -> HttpResponse:
    """Give up a planned review."""
    review: Review = get_object_or_404(queries.reviews_visible_to(request.actor), pk=pk)
    to = reverse("risk:reviews", args=[review.model.name])
    page = {
        "title": f"Drop the {review.get_kind_display().lower()}",
        "lead": "What the tier of the model schedules stays due.",
        "crumbs": [*pages.crumbs(review.model), ("Reviews", to)],
        "here": "Drop",
        "button": "Drop the review",
        "kind": "danger",
        "back": to,
    }
    act = partial(operations.drop_review, review, by=request.actor)
    form = ReasonForm(sent_values(request))
    return answered(request, form, act, page, done="The review was dropped.", to=to)


def model_or_404(request: ActorRequest, name: str) -> RegisteredModel:
    """Return the model of a name, or answer that there is none the reader may see."""
    model = catalog.model_or_none(request.actor, name)
    if model is None:
        raise Http404
    return model
