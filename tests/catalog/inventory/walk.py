"""People who fill the inventory in the tests, and what they fill."""

from collections.abc import Mapping

from apps.accounts.models import User
from apps.catalog import operations
from apps.catalog.inventory import sheets
from apps.catalog.inventory.sheets import Subject
from apps.catalog.inventory.values import digest_of_value
from apps.catalog.models import RegisteredModel, ThirdParty, UseCase
from apps.core.actors import Actor, Auth, Door
from tests import scenarios
from tests.factories import actor

WHY = "Asked for by model risk"


def by_owner() -> Actor:
    return actor(scenarios.owner())


def by_developer() -> Actor:
    return actor(scenarios.developer())


def by_pipeline() -> Actor:
    """Return the developer's program, as it comes with a token."""
    return actor(scenarios.developer(), door=Door.API, auth=Auth.TOKEN)


def officer() -> User:
    return scenarios.risk_officer()


def use_case(model: RegisteredModel | None = None, title: str = "Card limits") -> UseCase:
    model = model or scenarios.registered_model()
    return operations.add_use_case(model, by=by_owner(), title=title)


def third_party(model: RegisteredModel | None = None, title: str = "Scores Inc.") -> ThirdParty:
    model = model or scenarios.registered_model()
    return operations.add_third_party(model, by=by_owner(), title=title)


def digests(subject: Subject, values: Mapping[str, object]) -> dict[str, str]:
    """Return the digests a form would carry that shows these values."""
    return {key: digest_of_value(value) for key, value in values.items()}


def on_sheet(subject: Subject) -> dict[str, object]:
    """Return what is recorded about a subject, read afresh."""
    fresh = type(subject)._base_manager.get(pk=subject.pk)
    return dict(sheets.recorded(fresh))
