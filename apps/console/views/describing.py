"""What a model says about itself, changed by those who may."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.access import ActorRequest, signed_in
from apps.catalog import operations
from apps.catalog import queries as catalog
from apps.console.forms import DescribeModelForm
from apps.console.queries import people
from apps.core.errors import DomainError
from apps.core.sent import sent_values


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def describe(request: ActorRequest, name: str) -> HttpResponse:
    """Change the description of a model."""
    model = get_object_or_404(catalog.models_visible_to(request.actor), name=name)
    form = DescribeModelForm.of(model, sent_values(request))
    if form.is_valid():
        try:
            operations.describe_model(model, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The description is saved.")
            return redirect(model)
    held = people.permissions_on(model, request.actor)
    may_describe = operations.DESCRIBE_MODEL.permission in held
    page = {
        "model": model,
        "form": form,
        "may_describe": may_describe,
        "why_not": f"Ask {model.owner}, the model's owner, to make you a developer.",
    }
    return render(request, "console/describe.html", page, status=422 if form.errors else 200)
