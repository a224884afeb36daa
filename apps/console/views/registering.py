"""Models and versions registered by page; every check of a version starts with it."""

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_http_methods

from apps.accounts.access import ActorRequest, signed_in
from apps.catalog import operations as catalog
from apps.catalog import queries
from apps.catalog.manifest import MOST_BYTES, MOST_PARTS
from apps.catalog.models import ModelVersion, RegisteredModel, Upload
from apps.catalog.receiving import SpooledFile, takes_files
from apps.console.queries import people
from apps.console.registering import files
from apps.console.registering.files import Received
from apps.console.registering.forms import RegisterModelForm, RegisterVersionForm
from apps.core import formats
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.validation import operations as validation

WAYS = ["GET", "HEAD", "POST"]


@signed_in
@require_http_methods(WAYS)
def register_model(request: ActorRequest) -> HttpResponse:
    """Register a model without versions."""
    form = RegisterModelForm(sent_values(request), initial={"owner": request.user})
    if form.is_valid():
        try:
            model = catalog.register_model(by=request.actor, **form.cleaned_data)
        except catalog.NameTaken as refusal:
            form.add_error("name", str(refusal))
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{model} is registered. Its first version comes next.")
            return redirect(model)
    page = {
        "form": form,
        "may_register": request.actor.may(catalog.REGISTER_MODEL.permission),
    }
    return render(request, "console/register_model.html", page, status=422 if form.errors else 200)


@signed_in
@takes_files
@require_http_methods(WAYS)
def register_version(request: ActorRequest, name: str) -> HttpResponse:
    """Register a version from files and what is known about them; all checks start at once."""
    model = get_object_or_404(queries.models_visible_to(request.actor), name=name)
    may_register = catalog.REGISTER_VERSION.permission in people.permissions_on(
        model, request.actor
    )
    form = RegisterVersionForm(
        request.POST if request.method == "POST" else None, registrant=request.user
    )
    received = _receive(request) if form.is_bound and may_register else Received()
    if form.is_valid() and not received.refusals:
        try:
            version = _register(request, model, form, received)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{version} is registered. Its checks are under way.")
            return redirect(version)
    refused = bool(form.errors or received.refusals)
    page = _page(model, form, received) | {"may_register": may_register}
    return render(request, "console/register_version.html", page, status=422 if refused else 200)


def _receive(request: ActorRequest) -> Received:
    sent = cast(MultiValueDict[str, SpooledFile], request.FILES)
    return files.receive(request.POST, sent, by=request.actor)


def _register(
    request: ActorRequest, model: RegisteredModel, form: RegisterVersionForm, received: Received
) -> ModelVersion:
    """Register the version. Who may not has sent no files: the operation refuses and records it."""
    upload = received.upload or Upload()
    return validation.register_and_check(model, by=request.actor, upload=upload, **form.facts())


def _page(model: RegisteredModel, form: RegisterVersionForm, received: Received) -> dict[str, Any]:
    return {
        "model": model,
        "form": form,
        "received": received,
        "limits": [
            {"term": "Files", "value": formats.grouped(settings.MOST_FILES)},
            {"term": "One file", "value": formats.size(settings.MOST_FILE_BYTES)},
            {"term": "All files", "value": formats.size(settings.MOST_VERSION_BYTES)},
            {"term": "A path", "value": f"{formats.grouped(MOST_BYTES)} bytes"},
            {"term": "Folders", "value": f"{MOST_PARTS} deep"},
            {"term": "Text typed", "value": formats.size(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)},
        ],
    }
