"""Environments and what runs there, brought about by the real operations and by hand."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.approvals.serving import operations
from apps.catalog.models import ModelVersion
from apps.deployments import runner
from apps.deployments.deployers.contract import Seen
from apps.deployments.models import Deployment, Environment, Rollout
from apps.deployments.operations import EnvironmentFacts, create_environment
from apps.deployments.rolling import Asked
from tests import scenarios
from tests.deployments.seen import told
from tests.factories import actor
from tests.remembered import remembered


@remembered
def place(name: str = "production-eu", **facts: Any) -> Environment:
    """Describe an environment that admits what is in development, and prevents the rest."""
    said: dict[str, Any] = {"owner": scenarios.owner(), "admits": ("development",), **facts}
    return create_environment(name, EnvironmentFacts(**said), by=actor(scenarios.operator()))


@remembered
def model_version(name: str = "tumor-triage") -> ModelVersion:
    """Register a version of a model of that name."""
    return scenarios.registered_version(scenarios.registered_model(name))


def asked(where: Environment, *parts: Asked | ModelVersion, reason: str = "Agreed") -> Rollout:
    """Put versions into an environment, as an operator does; by hand, so people carry it out."""
    whole = [part if isinstance(part, Asked) else Asked(part) for part in parts]
    model = whole[0].version.model
    by = actor(scenarios.operator())
    rollout = operations.deploy(model, where, whole, by=by, reason=reason)
    runner.execute(rollout.pk, worker="tests")
    rollout.refresh_from_db()
    return rollout


def running(where: Environment, *parts: Asked | ModelVersion) -> Deployment:
    """Put versions into an environment, and record that it is done."""
    rollout = asked(where, *parts)
    by = actor(scenarios.operator())
    operations.record_by_hand(rollout, by=by, done=True, told="Up since noon")
    return Deployment.objects.get(pk=rollout.deployment_id)


def seen(where: Environment, endpoint: str, version: ModelVersion | None = None) -> None:
    """Report what answers at an endpoint; without a version, something nobody registered."""
    digest = version.content_digest if version else "sha256:" + "ab" * 32
    told(where, Seen(endpoint, digest, requests=12))


def cost(web: Client, path: str) -> int:
    """Return how many queries a page takes, asked for the second time."""
    assert web.get(path).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        assert web.get(path).status_code == 200
    return len(queries)
