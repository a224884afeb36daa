"""No page of what runs where takes more queries for twenty rows than for two."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.catalog.models import Asset, Relation
from apps.deployments.models import Environment
from tests import scenarios
from tests.catalog.lineage import world
from tests.console.serving.running import cost, model_version, place, running, seen
from tests.deployments.seen import told
from tests.factories import signed_in

pytestmark = pytest.mark.django_db

LIST = reverse("deployments:list")
PLACES = reverse("deployments:environments")


def grown(data: Asset, where: Environment, number: int) -> None:
    """Put a model that was trained on the data into the place, and what nobody ordered beside."""
    version = model_version(f"model-of-{number}")
    world.edge(data, version, Relation.TRAINED_ON)
    running(where, version)
    seen(where, version.model.name, version)
    seen(where, f"stray-{number}")
    place(f"place-{number}")


def test_pages_of_many_cost_the_same_for_2_and_20_models(client: Client) -> None:
    web = signed_in(client, scenarios.auditor())
    data, where = world.asset("loans"), place()
    paths = [
        LIST,
        f"{LIST}?state=in_step",
        PLACES,
        where.get_absolute_url(),
        reverse("deployments:radius", args=[data.uid]),
        reverse("deployments:deploy", args=["model-of-0"]),
    ]
    for number in range(2):
        grown(data, where, number)
    few = [cost(web, path) for path in paths]
    for number in range(2, 20):
        grown(data, where, number)

    assert [cost(web, path) for path in paths] == few
    assert len(web.get(LIST).context["lines"]) == 20


def test_a_deployment_costs_the_same_for_2_and_10_rollouts(client: Client) -> None:
    web, where, version = signed_in(client, scenarios.auditor()), place(), model_version()
    home = running(where, version).get_absolute_url()
    running(where, version)
    seen(where, "gone", version)
    told(where, complete=True)
    seen(where, "tumor-triage", version)
    few = cost(web, home)
    for _ in range(8):
        running(where, version)
    for number in range(8):
        seen(where, f"gone.{number}", version)
    told(where, complete=True)
    seen(where, "tumor-triage", version)
    for number in range(18):
        seen(where, f"tumor-triage.{number}", version)

    assert cost(web, home) == few
    page = web.get(home).context
    assert (len(page["sightings"]), len(page["ended"])) == (19, 10)
