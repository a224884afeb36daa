"""The inventory: its fields, and what is recorded about models, versions, uses and suppliers."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from django.db.models import QuerySet
from django.http import Http404
from ninja import Router

from apps.api.callers import Call
from apps.api.conditional import unless_changed
from apps.api.describing import ABSENT
from apps.api.v1 import found
from apps.api.v1.answers.inventory import Fields, Record, Records, Values
from apps.api.v1.asked.common import Reason, Titled
from apps.api.v1.asked.inventory import NewValues
from apps.catalog import operations, queries
from apps.catalog.inventory import fields
from apps.catalog.inventory.sheets import Subject
from apps.catalog.models import ThirdParty, UseCase
from apps.core.clock import database_now

router = Router(tags=["inventory"])
Shown = TypeVar("Shown", Values, Record)
_OF_MODEL = "/models/{name}/inventory"
_OF_VERSION = "/models/{name}/versions/{int:number}/inventory"
_USES = "/models/{name}/use-cases"
_USE = f"{_USES}/{{key}}"
_SUPPLIERS = "/models/{name}/third-parties"
_SUPPLIER = f"{_SUPPLIERS}/{{int:party}}"


@router.get("/inventory/fields", url_name="inventory_fields", response=Fields, openapi_extra=ABSENT)
def list_fields(request: Call) -> Fields:
    """List every field: what it holds, who supplies it, and at which tiers it has to be there."""
    if queries.account_that_sees(request.actor) is None:
        raise Http404
    return Fields.of(fields.in_force())


def _recorded(
    request: Call, subject: Subject, asked: NewValues, shown: Callable[[], Shown]
) -> Shown:
    """Record values of a thing unless it was changed since, and show it afresh."""
    with unless_changed(request, shown):
        operations.record_values(subject, asked.values, by=request.actor, reason=asked.reason)
    return shown()


def _listed(records: QuerySet[UseCase] | QuerySet[ThirdParty]) -> Records:
    return Records.of(records.select_related("model").order_by("pk"))


# -- models and versions ---------------------------------------------------------------------------


@router.get(_OF_MODEL, url_name="model_inventory", response=Values)
def show_model_values(request: Call, name: str) -> Values:
    """Show what is known of a model, and which fields are missing."""
    return Values.of(found.model(request.actor, name), at=database_now())


@router.patch(_OF_MODEL, url_name="model_inventory", response=Values)
def record_model_values(request: Call, name: str, asked: NewValues) -> Values:
    """Record values of a model, all or none."""
    model = found.model(request.actor, name)
    return _recorded(request, model, asked, partial(show_model_values, request, name))


@router.get(_OF_VERSION, url_name="version_inventory", response=Values)
def show_version_values(request: Call, name: str, number: int) -> Values:
    """Show what is known of a version, and which fields are missing."""
    return Values.of(found.version(request.actor, name, number), at=database_now())


@router.patch(_OF_VERSION, url_name="version_inventory", response=Values)
def record_version_values(request: Call, name: str, number: int, asked: NewValues) -> Values:
    """Record values of a version, all or none."""
    version = found.version(request.actor, name, number)
    return _recorded(request, version, asked, partial(show_version_values, request, name, number))


# -- uses ------------------------------------------------------------------------------------------


@router.get(_USES, url_name="use_cases", response=Records)
def list_use_cases(request: Call, name: str) -> Records:
    """List the uses of a model, ended ones too."""
    return _listed(found.model(request.actor, name).use_cases.all())


@router.post(_USES, url_name="use_cases", response={201: Record})
def add_use_case(request: Call, name: str, asked: Titled) -> Record:
    """Add a use of a model: one purpose in one business process."""
    model = found.model(request.actor, name)
    use = operations.add_use_case(model, by=request.actor, title=asked.title)
    return Record.whole(use, at=database_now())


@router.get(_USE, url_name="use_case", response=Record)
def show_use_case(request: Call, name: str, key: str) -> Record:
    """Show a use with what is recorded about it."""
    return Record.whole(found.use_case(request.actor, name, key), at=database_now())


@router.patch(_USE, url_name="use_case", response=Record)
def record_use_case(request: Call, name: str, key: str, asked: NewValues) -> Record:
    """Record values of a use, all or none."""
    use = found.use_case(request.actor, name, key)
    return _recorded(request, use, asked, partial(show_use_case, request, name, key))


@router.delete(_USE, url_name="use_case", response={204: None})
def end_use_case(request: Call, name: str, key: str, asked: Reason) -> None:
    """End a use; what was recorded about it stays."""
    use = found.use_case(request.actor, name, key)
    with unless_changed(request, partial(show_use_case, request, name, key)):
        operations.end_use_case(use, by=request.actor, reason=asked.reason)


# -- suppliers -------------------------------------------------------------------------------------


@router.get(_SUPPLIERS, url_name="third_parties", response=Records)
def list_third_parties(request: Call, name: str) -> Records:
    """List the suppliers a model relies on, ended relationships too."""
    return _listed(found.model(request.actor, name).third_parties.all())


@router.post(_SUPPLIERS, url_name="third_parties", response={201: Record})
def add_third_party(request: Call, name: str, asked: Titled) -> Record:
    """Add a supplier relationship a model relies on."""
    model = found.model(request.actor, name)
    party = operations.add_third_party(model, by=request.actor, title=asked.title)
    return Record.whole(party, at=database_now())


@router.get(_SUPPLIER, url_name="third_party", response=Record)
def show_third_party(request: Call, name: str, party: int) -> Record:
    """Show a supplier relationship with what is recorded about it."""
    return Record.whole(found.third_party(request.actor, name, party), at=database_now())


@router.patch(_SUPPLIER, url_name="third_party", response=Record)
def record_third_party(request: Call, name: str, party: int, asked: NewValues) -> Record:
    """Record values of a supplier relationship, all or none."""
    supplier = found.third_party(request.actor, name, party)
    return _recorded(request, supplier, asked, partial(show_third_party, request, name, party))


@router.delete(_SUPPLIER, url_name="third_party", response={204: None})
def end_third_party(request: Call, name: str, party: int, asked: Reason) -> None:
    """End a supplier relationship; what was recorded about it stays."""
    supplier = found.third_party(request.actor, name, party)
    with unless_changed(request, partial(show_third_party, request, name, party)):
        operations.end_third_party(supplier, by=request.actor, reason=asked.reason)
