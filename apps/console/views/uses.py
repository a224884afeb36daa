"""Uses of a model and the suppliers it relies on: added, recorded and ended one by one."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals.forms import ReasonForm
from apps.catalog import operations
from apps.catalog.models import RegisteredModel, ThirdParty, UseCase
from apps.console.inventory.forms import TitleForm
from apps.console.inventory.records import Holding
from apps.console.views.inventory import (
    WAYS,
    Place,
    board_of,
    edit,
    find_model,
    model_crumbs,
    record_buttons,
    roles_in,
)
from apps.core.errors import DomainError
from apps.core.sent import sent_values

Record = UseCase | ThirdParty


@signed_in
@require_http_methods(WAYS)
def add_use_case(request: ActorRequest, name: str) -> HttpResponse:
    """Add a use of a model."""
    model = find_model(request, name)
    words = {
        "title": "Add a use",
        "lead": "One purpose in one business process. What it decides, for whom and under whose "
        "eyes is recorded next.",
        "who": "Owners and business sponsors of this model add uses.",
        "may": record_buttons(roles_in(request, model))["may_add_use"],
    }
    return _add(request, model, operations.add_use_case, words)


@signed_in
@require_safe
def use_case(request: ActorRequest, name: str, key: str) -> HttpResponse:
    """Show what is recorded about a use."""
    model = find_model(request, name)
    return _show(request, model, _of_use(_use(model, key)), may="may_add_use")


@signed_in
@require_http_methods(WAYS)
def edit_use_case(request: ActorRequest, name: str, key: str, group: str) -> HttpResponse:
    """Record values of a group of a use's fields."""
    return edit(request, _of_use(_use(find_model(request, name), key)), group)


@signed_in
@require_http_methods(WAYS)
def end_use_case(request: ActorRequest, name: str, key: str) -> HttpResponse:
    """End a use of a model."""
    place = _of_use(_use(find_model(request, name), key))
    return _end(request, place, operations.end_use_case, "End this use")


@signed_in
@require_http_methods(WAYS)
def add_third_party(request: ActorRequest, name: str) -> HttpResponse:
    """Add a supplier record to a model."""
    model = find_model(request, name)
    words = {
        "title": "Add a supplier record",
        "lead": "One for each supplier relationship: a component, a base model, data, hosting.",
        "who": "Owners and third-party risk managers of this model add supplier records.",
        "may": record_buttons(roles_in(request, model))["may_add_supplier"],
    }
    return _add(request, model, operations.add_third_party, words)


@signed_in
@require_safe
def third_party(request: ActorRequest, name: str, pk: int) -> HttpResponse:
    """Show what is recorded about a supplier relationship."""
    model = find_model(request, name)
    return _show(request, model, _of_party(_party(model, pk)), may="may_add_supplier")


@signed_in
@require_http_methods(WAYS)
def edit_third_party(request: ActorRequest, name: str, pk: int, group: str) -> HttpResponse:
    """Record values of a group of a supplier record's fields."""
    return edit(request, _of_party(_party(find_model(request, name), pk)), group)


@signed_in
@require_http_methods(WAYS)
def end_third_party(request: ActorRequest, name: str, pk: int) -> HttpResponse:
    """End a supplier relationship of a model."""
    place = _of_party(_party(find_model(request, name), pk))
    return _end(request, place, operations.end_third_party, "End this supplier record")


# -- what both kinds of records share --------------------------------------------------------------


def _use(model: RegisteredModel, key: str) -> UseCase:
    found: UseCase = get_object_or_404(model.use_cases.select_related("model"), key=key)
    return found


def _party(model: RegisteredModel, pk: int) -> ThirdParty:
    found: ThirdParty = get_object_or_404(model.third_parties.select_related("model"), pk=pk)
    return found


def _of_use(use: UseCase) -> Place:
    return _place(use, "models:edit_use_case", use.key)


def _of_party(party: ThirdParty) -> Place:
    return _place(party, "models:edit_third_party", party.pk)


def _place(record: Record, edit_name: str, key: object) -> Place:
    return Place(
        subject=record,
        home=record.get_absolute_url(),
        edit_name=edit_name,
        arguments=(record.model.name, key),
        crumbs=model_crumbs(record.model, inventory=True),
        title=record.title,
    )


def _add(
    request: ActorRequest,
    model: RegisteredModel,
    operation: Callable[..., Record],
    words: dict[str, Any],
) -> HttpResponse:
    form = TitleForm(sent_values(request))
    if form.is_valid():
        try:
            added = operation(model, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{added} is added. Record what is known about it.")
            return redirect(added)
    crumbs = model_crumbs(model, inventory=True)
    page = {"model": model, "form": form, "crumbs": crumbs, **words}
    return render(request, "console/add_record.html", page, status=422 if form.errors else 200)


def _show(request: ActorRequest, model: RegisteredModel, place: Place, *, may: str) -> HttpResponse:
    holding = Holding.of(model, at=now())
    roles = roles_in(request, model)
    page = {
        "record": place.subject,
        **board_of(place, holding, roles),
        "statuses": [{"label": "Ended", "tone": "idle"}] if place.has_ended else [],
        "may_end": record_buttons(roles)[may],
        "end": reverse(place.edit_name.replace(":edit_", ":end_"), args=place.arguments),
    }
    return render(request, "console/inventory_record.html", page)


def _end(
    request: ActorRequest, place: Place, operation: Callable[..., Record], words: str
) -> HttpResponse:
    form = ReasonForm(sent_values(request))
    if form.is_valid():
        try:
            ended = operation(place.subject, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{ended} has ended.")
            return redirect("models:inventory", ended.model.name)
    page = {"place": place, "form": form, "words": words}
    page["crumbs"] = [*place.crumbs, (place.title, place.home)]
    return render(request, "console/end_record.html", page, status=422 if form.errors else 200)
