"""The record calls environments, and what is put there, by names that people know."""

import pytest
from django.urls import reverse

from apps.approvals.serving import operations
from apps.audit.governed import GovernedRow
from apps.console.queries.served_names import READERS
from apps.deployments.models import Placement, Sighting
from tests import scenarios
from tests.console.conftest import Reads
from tests.console.serving.running import asked, model_version, place, running, seen
from tests.factories import actor

pytestmark = pytest.mark.django_db


def named(row: GovernedRow) -> tuple[str, str]:
    found = READERS[row.RECORD.word]({row.pk})[row.pk]
    return found.label, found.href


def test_everything_of_a_deployment_has_a_name_and_a_page() -> None:
    where, version = place(title="Europe", admits=("development", "staging")), model_version()
    running(where, version)
    deployment = running(where, scenarios.registered_version(version.model))
    seen(where, "tumor-triage", version)
    drill = operations.begin_drill(deployment, by=actor(scenarios.operator()), reason="Due")
    home = deployment.get_absolute_url()

    assert named(where) == ("Europe", where.get_absolute_url())
    assert named(deployment) == ("tumor-triage in Europe", home)
    assert named(drill.away) == ("rollout 3 of tumor-triage in Europe", f"{home}#rollout-3")
    assert named(drill) == ("rollback drill of tumor-triage in Europe", home)
    assert named(Placement.objects.earliest("pk")) == (
        "tumor-triage v1 at 100 % as champion",
        version.get_absolute_url(),
    )
    assert named(Sighting.objects.get())[0] == "what is seen at tumor-triage in Europe"


def test_a_model_tells_what_was_put_where_and_not_that_a_worker_took_it_up(opens: Reads) -> None:
    rollout = asked(place(title="Europe"), model_version())

    words = opens(scenarios.auditor(), rollout.root.get_absolute_url()).words

    assert "Asked for rollout 1 of tumor-triage in Europe by Otis Operator" in words
    assert "Took up" not in words
    entries = opens(scenarios.auditor(), f"{reverse('audit:list')}?about=tumor-triage").words
    assert "Asked for rollout 1 of tumor-triage in Europe" in entries
