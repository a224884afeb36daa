"""Uses of a model and the suppliers it relies on: added, recorded and ended one by one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals.forms import ReasonForm
from apps.catalog import operations
from apps.catalog.inventory import approvals
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


@dataclass(frozen=True)
class Kind:
    """A kind of record of which a model holds several: where it is found, who may do what to it."""

    related: str
    edit_name: str
    add: Callable[..., Record]
    end: Callable[..., Record]
    may: str
    words: Mapping[str, str]

    def place(self, model: RegisteredModel, key: Mapping[str, object]) -> Place:
        """Return where a record of a model is shown and edited, or answer that it is not there."""
        records: QuerySet[Record] = getattr(model, self.related).select_related("model")
        record: Record = get_object_or_404(records, **key)
        return Place(
            subject=record,
            home=record.get_absolute_url(),
            edit_name=self.edit_name,
            arguments=(model.name, *key.values()),
            crumbs=model_crumbs(model, inventory=True),
            title=record.title,
        )


USE = Kind(
    related="use_cases",
    edit_name="models:edit_use_case",
    add=operations.add_use_case,
    end=operations.end_use_case,
    may="may_add_use",
    words={
        "title": "Add a use",
        "lead": "One purpose in one business process. What it decides, for whom and under whose "
        "eyes is recorded next.",
        "who": "Owners and business sponsors of this model add uses.",
        "end": "End this use",
    },
)
SUPPLIER = Kind(
    related="third_parties",
    edit_name="models:edit_third_party",
    add=operations.add_third_party,
    end=operations.end_third_party,
    may="may_add_supplier",
    words={
        "title": "Add a supplier record",
        "lead": "One for each supplier relationship: a component, a base model, data, hosting.",
        "who": "Owners and third-party risk managers of this model add supplier records.",
        "end": "End this supplier record",
    },
)


@signed_in
@require_http_methods(WAYS)
def add(request: ActorRequest, name: str, *, kind: Kind) -> HttpResponse:
    """Add a record to a model."""
    model = find_model(request, name)
    form = TitleForm(sent_values(request))
    if form.is_valid():
        try:
            added = kind.add(model, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{added} is added. Record what is known about it.")
            return redirect(added)
    page = {
        "model": model,
        "form": form,
        "crumbs": model_crumbs(model, inventory=True),
        "may": record_buttons(roles_in(request, model))[kind.may],
        **{word: kind.words[word] for word in ("title", "lead", "who")},
    }
    return render(request, "console/add_record.html", page, status=422 if form.errors else 200)


@signed_in
@require_safe
def show(request: ActorRequest, name: str, *, kind: Kind, **key: object) -> HttpResponse:
    """Show what is recorded about a use or a supplier."""
    model = find_model(request, name)
    place, roles = kind.place(model, key), roles_in(request, model)
    page = {
        "record": place.subject,
        **board_of(place, Holding.of(model, at=now()), roles),
        "statuses": _statuses(place),
        "may_end": record_buttons(roles)[kind.may],
        "approve": _where_to_approve(place, roles),
        "end": reverse(place.edit_name.replace(":edit_", ":end_"), args=place.arguments),
    }
    return render(request, "console/inventory_record.html", page)


@signed_in
@require_http_methods(WAYS)
def approve(request: ActorRequest, name: str, key: str) -> HttpResponse:
    """Approve a use as the page shows it."""
    model = find_model(request, name)
    place = USE.place(model, {"key": key})
    use = place.subject
    assert isinstance(use, UseCase)
    form = ReasonForm(sent_values(request))
    if form.is_valid():
        try:
            shown = request.POST.get("shown", "")
            operations.approve_use(use, by=request.actor, shown=shown, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            use.refresh_from_db()
        else:
            messages.success(request, f"{use} is approved.")
            return redirect(use)
    page = {
        "place": place,
        "form": form,
        "shown": use.state_digest(),
        **board_of(place, Holding.of(model, at=now()), frozenset()),
        "crumbs": [*place.crumbs, (place.title, place.home)],
    }
    return render(request, "console/approve_use.html", page, status=422 if form.errors else 200)


@signed_in
@require_http_methods(WAYS)
def edit_group(
    request: ActorRequest, name: str, *, group: str, kind: Kind, **key: object
) -> HttpResponse:
    """Record values of a group of a record's fields."""
    return edit(request, kind.place(find_model(request, name), key), group)


@signed_in
@require_http_methods(WAYS)
def end(request: ActorRequest, name: str, *, kind: Kind, **key: object) -> HttpResponse:
    """End a use or a supplier relationship of a model."""
    place = kind.place(find_model(request, name), key)
    form = ReasonForm(sent_values(request))
    if form.is_valid():
        try:
            ended = kind.end(place.subject, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{ended} has ended.")
            return redirect("models:inventory", ended.model.name)
    page = {"place": place, "form": form, "words": kind.words["end"]}
    page["crumbs"] = [*place.crumbs, (place.title, place.home)]
    return render(request, "console/end_record.html", page, status=422 if form.errors else 200)


def _statuses(place: Place) -> list[dict[str, str]]:
    """Say whether a record has ended, and of a use that goes on whether it is approved."""
    if place.has_ended:
        return [{"label": "Ended", "tone": "idle"}]
    record = place.subject
    if not isinstance(record, UseCase):
        return []
    if approvals.is_approved(record):
        return [{"label": "Approved", "tone": "good"}]
    return [{"label": "Not approved", "tone": "warn"}]


def _where_to_approve(place: Place, roles: frozenset[str]) -> str:
    """Return where a holder of roles approves a use; nothing where nothing is to be approved."""
    use = place.subject
    waits = isinstance(use, UseCase) and not place.has_ended and not approvals.is_approved(use)
    may = waits and not roles.isdisjoint(operations.APPROVING_ROLES)
    return reverse("models:approve_use", args=place.arguments) if may else ""
