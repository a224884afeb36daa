"""The page of a request, as every view that was asked there shows it again."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now

from apps.accounts import stepping_up
from apps.accounts.access import ActorRequest
from apps.approvals import cases, pages, queries
from apps.approvals.cases import Case
from apps.approvals.forms import ReasonForm
from apps.approvals.models import PromotionRequest
from apps.approvals.pages import conversation
from apps.approvals.pages.forms_shown import Shown
from apps.core import links


def find(request: ActorRequest, pk: int) -> PromotionRequest:
    """Return a request the reader may see, or answer that there is none."""
    return get_object_or_404(queries.requests_visible_to(request.actor), pk=pk)


def case_of(asked: PromotionRequest) -> Case:
    """Return a request with all that its gate says now."""
    [case] = cases.complete([asked], at=now())
    return case


def show(
    request: ActorRequest,
    asked: PromotionRequest,
    refused: forms.Form | None = None,
    *,
    status: int | None = None,
) -> HttpResponse:
    """Show the page of a request; a form that was refused stays as it was typed."""
    shown = Shown(refused)
    about = links.asked(request, conversation.ABOUT)
    page = {
        **pages.promotion(case_of(asked), request.actor, shown, about=about),
        "confirming": stepping_up.fields_for(request.user.pk),
        "promote_form": shown.form(ReasonForm, "promote"),
        "withdraw_form": shown.form(ReasonForm, "withdraw"),
    }
    is_refused = 422 if refused is not None else 200
    return render(request, "approvals/promotion.html", page, status=status or is_refused)
