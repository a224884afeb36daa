"""Who holds which role on a model: shown to all who see it, changed by those who may."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.roles import Line, role_named
from apps.approvals.forms import ReasonForm
from apps.catalog import operations
from apps.catalog import queries as catalog
from apps.catalog.models import ModelDuty, RegisteredModel
from apps.console.forms import GrantDutyForm
from apps.console.queries import people
from apps.core.errors import DomainError
from apps.core.sent import sent_values

WAYS = ["GET", "HEAD", "POST"]


@signed_in
@require_http_methods(WAYS)
def access(request: ActorRequest, name: str) -> HttpResponse:
    """Show who holds a duty on a model, and grant another."""
    model = _find(request, name)
    lines = _lines(request, model)
    form = GrantDutyForm(sent_values(request), lines=lines)
    if form.is_valid():
        try:
            duty = operations.grant_model_duty(model, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{duty.holder} is now {duty.get_role_display()}.")
            return redirect("models:access", model.name)
    page = {
        "model": model,
        "duties": [_row(duty, lines) for duty in catalog.duties_on(model)],
        "holders_everywhere": people.everywhere(),
        "form": form,
        "may_grant": bool(lines),
        "suggestions": people.suggestions() if lines else (),
    }
    return render(request, "console/access.html", page, status=422 if form.errors else 200)


@signed_in
@require_http_methods(WAYS)
def end_duty(request: ActorRequest, name: str, pk: int) -> HttpResponse:
    """Take a role on a model from whoever holds it."""
    model = _find(request, name)
    duty = get_object_or_404(catalog.duties_on(model), pk=pk)
    form = ReasonForm(sent_values(request))
    if form.is_valid():
        try:
            operations.end_model_duty(duty, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{duty.holder} is no longer {duty.get_role_display()}.")
            return redirect("models:access", model.name)
    page = {"model": model, "duty": duty, "form": form}
    return render(request, "console/end_duty.html", page, status=422 if form.errors else 200)


def _find(request: ActorRequest, name: str) -> RegisteredModel:
    return get_object_or_404(
        catalog.models_visible_to(request.actor).select_related("owner"), name=name
    )


def _lines(request: ActorRequest, model: RegisteredModel) -> set[Line]:
    """Return the lines of defense whose duties the person grants and ends on a model."""
    held = people.permissions_on(model, request.actor)
    lines = {Line.FIRST} if operations.GRANT_DUTY.permission in held else set()
    if operations.GRANT_OVERSIGHT_DUTY.permission in held:
        lines |= set(Line) - {Line.FIRST}
    return lines


def _row(duty: ModelDuty, lines: set[Line]) -> dict[str, Any]:
    answers = duty.role == "model_owner" and duty.user_id == duty.model.owner_id
    can_end = role_named(duty.role).line in lines and not answers
    return {"duty": duty, "can_end": can_end, "answers": answers}
