"""Operators look in the admin for rollouts that hang, and change nothing but by an operation."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.site import site
from apps.approvals.serving import operations
from apps.audit.admin import ReadOnlyAdmin
from apps.audit.governed import GovernedRow
from apps.core.clock import database_now
from apps.deployments import leases
from apps.deployments.models import Environment, Look, Rollout, RolloutLease
from tests import scenarios
from tests.deployments import places
from tests.factories import actor, person, signed_in

pytestmark = pytest.mark.django_db

KINDS = [
    kind
    for kind in apps.get_app_config("deployments").get_models()
    if not kind.__name__.startswith("Historical")
]


@pytest.fixture
def operator(client: Client) -> Client:
    """The browser of an operator who is let into the admin."""
    return signed_in(client, person("otto", everywhere=("operator",), staff=True))


@pytest.fixture
def drilled(db: None) -> Rollout:
    """The way away of a drill, with a lease, so that there is a row of each kind."""
    version = scenarios.registered_version()
    where = places.environment("edge", enforcement="warn", deployer="by_hand")
    places.deployed(version, where)
    deployment = places.deployed(places.another_version(version.model), where).deployment
    places.sighting(deployment, version=version, at=database_now())
    Look.objects.create(environment=where, trouble="Nobody answered")
    by = actor(scenarios.operator())
    drill = operations.begin_drill(deployment, by=by, reason="The half-yearly drill")
    leases.grant(drill.away)
    found: Rollout = drill.away
    return found


def page(kind: type[Model], what: str, *arguments: object) -> str:
    return reverse(f"admin:deployments_{kind._meta.model_name}_{what}", args=arguments)


def test_c6_every_class_is_in_the_admin_to_be_read() -> None:
    assert len(KINDS) == 8
    for kind in KINDS:
        held = site.get_model_admin(kind)
        assert isinstance(held, ReadOnlyAdmin), kind
        assert held.actions is None, kind
        assert [button.slug for button in held.buttons] == ["close"] * (kind is Environment), kind


def test_c6_every_row_is_shown_with_its_history_and_none_can_be_changed(
    operator: Client, drilled: Rollout
) -> None:
    for kind in KINDS:
        pk = kind._default_manager.order_by("pk")[0].pk
        for shown in (page(kind, "changelist"), page(kind, "change", pk)):
            assert operator.get(shown).status_code == 200, shown
        if issubclass(kind, GovernedRow):
            assert operator.get(page(kind, "history", pk)).status_code == 200
        for refused in (page(kind, "add"), page(kind, "change", pk), page(kind, "delete", pk)):
            assert operator.post(refused, {"post": "yes"}).status_code == 403, refused
        assert kind._default_manager.filter(pk=pk).exists()


def test_what_hangs_is_found(operator: Client, drilled: Rollout) -> None:
    leased = operator.get(page(RolloutLease, "changelist")).content.decode()
    found = operator.get(page(Rollout, "changelist"), {"q": "edge", "state": "queued"})
    absent = operator.get(page(Rollout, "changelist"), {"q": "absent"}).content.decode()

    assert str(drilled) in leased
    assert "Waiting for a worker" in found.content.decode()
    assert "0 rollouts" in absent
    assert "Nobody answered" in operator.get(page(Look, "changelist")).content.decode()


def test_lists_take_as_many_queries_however_long_they_are(
    operator: Client, drilled: Rollout
) -> None:
    def costs() -> list[int]:
        found = []
        for kind in KINDS:
            operator.get(page(kind, "changelist"))
            with CaptureQueriesContext(connection) as queries:
                operator.get(page(kind, "changelist"))
            found.append(len(queries))
        return found

    few = costs()
    for _ in range(2):
        other = places.deployed(places.another_version())
        places.sighting(other.deployment, version=None, called="x", at=database_now())
        leases.grant(other)
    assert costs() == few


def test_an_environment_is_closed_there_with_a_reason(operator: Client) -> None:
    where = places.environment("edge", deployer="by_hand")
    close = page(Environment, "close", where.pk)
    assert close in operator.get(page(Environment, "change", where.pk)).content.decode()

    operator.post(close, {"reason": "Moved to the cloud"})

    where.refresh_from_db()
    assert where.closed_at is not None
    assert close not in operator.get(page(Environment, "change", where.pk)).content.decode()
    again = operator.post(close, {"reason": "Moved to the cloud"})
    assert (again.status_code, "was closed" in again.content.decode()) == (422, True)
