"""External checks: expecting one, and expecting it no longer."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.accounts.access import ActorRequest, signed_in
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.validation import operations
from apps.validation.checks.entry_points import MOST_NAME
from apps.validation.models import ExternalCheck
from apps.validation.operations.external import MOST_HOURS
from apps.validation.setting_forms import ReasonForm

WAYS = ["GET", "HEAD", "POST"]
A_DAY = 24


class ExpectForm(ReasonForm):
    """What a tool outside is to look at, and how long its result is awaited."""

    name = forms.CharField(
        label="Name",
        max_length=MOST_NAME,
        help_text="Small letters, digits and hyphens, such as load-test. The tool posts under it.",
        error_messages={"required": "Give it a name."},
    )
    title = forms.CharField(
        label="Title", max_length=120, error_messages={"required": "Give it a title."}
    )
    sentence = forms.CharField(
        label="What it looks at",
        max_length=500,
        help_text="One sentence, as it stands with every version.",
        error_messages={"required": "Say what it looks at."},
    )
    hours_until_due = forms.IntegerField(
        label="Hours until a result is due",
        min_value=1,
        max_value=MOST_HOURS,
        initial=A_DAY,
        help_text="Without a result by then the check was not carried out, and gates stay shut.",
        error_messages={"required": "Say how many hours."},
    )
    field_order = ("name", "title", "sentence", "hours_until_due", "reason")


@signed_in
@require_http_methods(WAYS)
def expect(request: ActorRequest) -> HttpResponse:
    """Expect a tool outside to post results of a check."""
    form = ExpectForm(sent_values(request))
    if form.is_valid():
        try:
            external = operations.expect_external_check(by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{external} is expected from now on.")
            return redirect("validation:reference")
    page = {
        "form": form,
        "crumbs": [("Checks", reverse("validation:reference"))],
        "may_expect": request.actor.may(operations.EXPECT.permission),
        "why_not": operations.EXPECT.refusal,
        "home": reverse("validation:reference"),
    }
    status = 422 if form.errors else 200
    return render(request, "validation/expect_external.html", page, status=status)


@signed_in
@require_http_methods(WAYS)
def end(request: ActorRequest, external: str) -> HttpResponse:
    """Expect no further results of an external check."""
    found = get_object_or_404(ExternalCheck, name=external)
    form = ReasonForm(sent_values(request))
    if form.is_valid():
        try:
            operations.end_external_check(found, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{found} is not expected any more.")
            return redirect("validation:reference")
    page = {
        "external": found,
        "form": form,
        "crumbs": [("Checks", reverse("validation:reference"))],
        "may_end": request.actor.may(operations.END.permission),
        "why_not": operations.END.refusal,
        "home": reverse("validation:reference"),
    }
    return render(request, "validation/end_external.html", page, status=422 if form.errors else 200)
