"""Prometheus reads counts with a token, and learns the name of no model by them."""

import pytest
from django.test import Client

from apps.api import metrics
from apps.api.metrics import Gauge
from apps.core.clock import database_now
from tests import scenarios
from tests.deployments import places

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/metrics"


def told() -> dict[str, str]:
    """Return each line of gauges as a name with labels, and its value."""
    text = metrics.as_text(metrics.gathered(at=database_now()))
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return dict(line.rsplit(" ", 1) for line in lines)


def test_gauges_count_what_there_is_and_what_waits():
    version = scenarios.registered_version()
    deployed = places.deployed(version, places.environment("clinic"))
    places.sighting(deployed.deployment, at=database_now(), version=version)
    places.rollout(deployed.deployment, version)

    found = told()

    assert found["signet_models"] == "1"
    assert found['signet_versions{stage="development"}'] == "1"
    assert found['signet_versions{stage="production"}'] == "0"
    assert found['signet_rollouts{state="queued"}'] == "1"
    assert found['signet_placements_expected{environment="clinic"}'] == "1"
    assert found['signet_placements_seen{environment="clinic"}'] == "1"
    assert found['signet_alarms{alarm=""}'] == "0"
    assert not any(version.model.name in line for line in found)


def test_as_many_queries_whatever_there_is(django_assert_max_num_queries):
    for _ in range(3):
        places.deployed(scenarios.registered_version(), places.environment())
    with django_assert_max_num_queries(16):
        told()


def test_labels_and_sentences_are_written_as_the_format_asks():
    gauge = Gauge("signet_x", "Counts.", [({"name": 'a"b\\c\nd'}, 1)])

    assert metrics.as_text([gauge]) == (
        '# HELP signet_x Counts.\n# TYPE signet_x gauge\nsignet_x{name="a\\"b\\\\c\\nd"} 1\n'
    )


def test_it_takes_a_token(client: Client):
    assert client.get(ADDRESS).status_code == 401
