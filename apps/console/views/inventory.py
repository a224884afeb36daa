"""The inventory of a model and of a version: what is recorded, what is missing, and its forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.catalog import operations
from apps.catalog import queries as catalog
from apps.catalog.duties import roles_on
from apps.catalog.inventory import facts, fields, rules, sheets
from apps.catalog.inventory.reading import Group, InventoryField
from apps.catalog.inventory.sheets import Subject
from apps.catalog.inventory.shown import people as people_named
from apps.catalog.models import ModelVersion, RegisteredModel, ThirdParty, UseCase
from apps.catalog.operations import ChangedMeanwhile, FieldsRefused
from apps.console.inventory import exporting
from apps.console.inventory.board import Asker, Board
from apps.console.inventory.forms import GroupForm
from apps.console.inventory.records import Holding
from apps.console.queries import people, versions
from apps.core import links
from apps.core.errors import DomainError, NotAllowed
from apps.core.sent import sent_values
from apps.core.spreadsheets import form_asked, spreadsheet

WAYS = ["GET", "HEAD", "POST"]
Crumbs = list[tuple[str, str]]


@dataclass(frozen=True)
class Place:
    """Where a record is shown and edited, and what leads there."""

    subject: Subject
    home: str
    edit_name: str
    arguments: tuple[object, ...]
    crumbs: Crumbs
    title: str

    @property
    def model(self) -> RegisteredModel:
        """The model the record belongs to."""
        return self.subject if isinstance(self.subject, RegisteredModel) else self.subject.model

    @property
    def has_ended(self) -> bool:
        """Whether the record is a use or supplier record that has ended."""
        record = self.subject
        return isinstance(record, UseCase | ThirdParty) and record.ended_at is not None

    def edit(self, group: str) -> str:
        """Return the address of a group's form."""
        return reverse(self.edit_name, args=[*self.arguments, group])

    def past(self, key: str) -> str:
        """Return the address of what a field said before."""
        return reverse(self.edit_name.replace(":edit_", ":past_"), args=[*self.arguments, key])


@signed_in
@require_safe
def model_inventory(request: ActorRequest, name: str) -> HttpResponse:
    """Show the inventory of a model: what is missing first, then group by group."""
    model = find_model(request, name)
    holding = Holding.of(model, at=now())
    place = of_model(model)
    roles = roles_in(request, model)
    page = {
        "model": model,
        "holding": holding,
        "records": [
            ("uses", "Uses"),
            ("suppliers", "Suppliers"),
            *([("newest-version", "Newest version")] if holding.version else []),
        ],
        "exports": [
            (label, f"{reverse('models:inventory_csv')}?of={entity}")
            for entity, label in exporting.ENTITIES.items()
        ],
        **board_of(place, holding, roles),
        **record_buttons(roles),
    }
    return render(request, "console/inventory.html", page)


@signed_in
@require_http_methods(WAYS)
def edit_model_inventory(request: ActorRequest, name: str, group: str) -> HttpResponse:
    """Record values of a group of a model's fields."""
    model = find_model(request, name)
    return edit(request, of_model(model), group)


@signed_in
@require_safe
def version_inventory(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Show the inventory of a version."""
    version = find_version(request, name, number)
    place = of_version(version)
    holding = Holding.of(version.model, version, at=now())
    page = {
        "version": version,
        "here": "Inventory",
        "statuses": versions.statuses(version),
        "holding": holding,
        **board_of(place, holding, roles_in(request, version.model)),
    }
    return render(request, "console/version_inventory.html", page)


@signed_in
@require_http_methods(WAYS)
def edit_version_inventory(
    request: ActorRequest, name: str, number: int, group: str
) -> HttpResponse:
    """Record values of a group of a version's fields."""
    version = find_version(request, name, number)
    return edit(request, of_version(version), group)


@signed_in
@require_safe
def inventory_csv(request: ActorRequest) -> HttpResponseBase:
    """Send the inventory of all models the person may see, once it is recorded who takes it."""
    entity = links.asked(request, "of") or "model"
    if entity not in exporting.ENTITIES:
        raise Http404
    form = form_asked(request)
    try:
        operations.record_export(entity, by=request.actor)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("models:list")
    header, rows = exporting.sheet(request.actor, entity, at=now())
    return spreadsheet(form, f"inventory-{entity}", header, rows)


# -- what pages of records share -------------------------------------------------------------------


def find_model(request: ActorRequest, name: str) -> RegisteredModel:
    """Return the model of a name, or answer as for one that is not there."""
    found = catalog.model_or_none(request.actor, name)
    if found is None:
        raise Http404
    return found


def of_model(model: RegisteredModel) -> Place:
    """Return where a model's inventory is."""
    return Place(
        subject=model,
        home=reverse("models:inventory", args=[model.name]),
        edit_name="models:edit_inventory",
        arguments=(model.name,),
        crumbs=model_crumbs(model),
        title=f"Inventory of {model.name}",
    )


def model_crumbs(model: RegisteredModel, *, inventory: bool = False) -> Crumbs:
    """Return what leads to a page of a model."""
    crumbs = [("Models", reverse("models:list")), (model.name, model.get_absolute_url())]
    here = [("Inventory", reverse("models:inventory", args=[model.name]))] if inventory else []
    return [*crumbs, *here]


def asker_of(place: Place, roles: frozenset[str]) -> Asker:
    """Return what a holder of roles may write in a record; nobody writes an ended one."""
    return Asker(frozenset() if place.has_ended else roles, facts.fixed_in(place.subject))


def board_of(place: Place, holding: Holding, roles: frozenset[str]) -> dict[str, Any]:
    """Return what the page of a record shows to a holder of roles."""
    board: Board = holding.board(place.subject, asker_of(place, roles), place)
    return {"board": board, "crumbs": place.crumbs, "title": place.title}


def roles_in(request: ActorRequest, model: RegisteredModel) -> frozenset[str]:
    """Return the roles the person holds on a model."""
    user_id = request.actor.user_id
    return roles_on(user_id, model.pk) if user_id is not None else frozenset()


def record_buttons(roles: frozenset[str]) -> dict[str, bool]:
    """Say which records a holder of roles may add and end; operations ask again."""
    return {
        "may_add_use": not roles.isdisjoint(operations.USE_ROLES),
        "may_add_supplier": not roles.isdisjoint(operations.THIRD_PARTY_ROLES),
    }


def edit(request: ActorRequest, place: Place, group_id: str) -> HttpResponse:
    """Show the form of a group, and record what is sent unless it was changed meanwhile."""
    group = _group(place.subject, group_id)
    asker = asker_of(place, roles_in(request, place.model))
    asked = [field for field in group.fields if asker.may_write(field)]
    form = _form(request, place.subject, asked)
    if form.is_valid() and _is_recorded(request, place.subject, form, asked):
        messages.success(request, f"{group.title}: saved.")
        return redirect(f"{place.home}#{group.id}")
    page = {
        "place": place,
        "group": group,
        "form": form,
        "others": [(one, rules.suppliers(one)) for one in group.fields if one not in asked],
        "suggestions": people.suggestions() if form.names_people else (),
        "crumbs": [*place.crumbs, (crumb(place), place.home)],
    }
    return render(request, "console/inventory_edit.html", page, status=422 if form.errors else 200)


def crumb(place: Place) -> str:
    """Return what a record is called where its model is named beside it."""
    record = place.subject
    return record.title if isinstance(record, UseCase | ThirdParty) else "Inventory"


def _group(subject: Subject, group_id: str) -> Group:
    inventory = fields.in_force()
    for entity in sheets.entities_of(subject):
        for group in inventory.entity(entity).groups:
            if group.id == group_id:
                return group
    raise Http404


def _form(request: ActorRequest, subject: Subject, asked: list[InventoryField]) -> GroupForm:
    answers = facts.of_subject(subject)
    known = people_named([({field.key: field for field in asked}, answers)])
    return GroupForm(sent_values(request), asked=asked, answers=answers, known=known)


def _is_recorded(
    request: ActorRequest, subject: Subject, form: GroupForm, asked: list[InventoryField]
) -> bool:
    try:
        operations.record_values(
            subject, form.values(), by=request.actor, shown=form.cleaned_data["shown"]
        )
    except ChangedMeanwhile as refusal:
        form.refuse({}, str(refusal))
        answers: Mapping[str, object] = facts.of_subject(subject)
        known = people_named([({field.key: field for field in asked}, answers)])
        form.show_again(sorted(refusal.keys), answers, known)
        return False
    except FieldsRefused as refusal:
        form.refuse(refusal.problems, str(refusal))
        return False
    except DomainError as refusal:
        form.refuse({}, str(refusal))
        return False
    return True


def find_version(request: ActorRequest, name: str, number: int) -> ModelVersion:
    """Return a version of the model of a name, or answer as for one that is not there."""
    found = catalog.version_or_none(request.actor, name, number)
    if found is None:
        raise Http404
    return found


def of_version(version: ModelVersion) -> Place:
    """Return where a version's inventory is."""
    name = version.model.name
    return Place(
        subject=version,
        home=reverse("models:version_inventory", args=[name, version.number]),
        edit_name="models:edit_version_inventory",
        arguments=(name, version.number),
        crumbs=[
            *model_crumbs(version.model),
            (f"Version {version.number}", version.get_absolute_url()),
        ],
        title=version.heading,
    )
