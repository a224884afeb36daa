"""What a change of an asset reaches: which versions, where they run, and a finding on each."""

from typing import Any

import pytest
from django.urls import reverse

from apps.catalog.models import Asset, ModelVersion, Relation
from apps.risk.models import Finding
from tests import examining, scenarios
from tests.catalog.lineage import world
from tests.console.conftest import Reads
from tests.console.serving.running import model_version, place, running

pytestmark = pytest.mark.django_db


@pytest.fixture
def loans() -> Asset:
    return world.asset("loans")


def trained(loans: Asset, name: str) -> ModelVersion:
    version = model_version(name)
    world.edge(loans, version, Relation.TRAINED_ON)
    return version


def address(asset: Asset) -> str:
    return reverse("deployments:radius", args=[asset.uid])


def typed(*models: str, **said: Any) -> dict[str, Any]:
    return {
        "models": models,
        "title": "Rows were doubled",
        "description": "The load of March ran twice.",
        "kind": "issue",
        "severity": "high",
        **said,
    }


def test_it_says_where_runs_what_is_derived_from_an_asset(opens: Reads, loans: Asset) -> None:
    where = place(title="Europe")
    idle, version = trained(loans, "alpha"), trained(loans, "tumor-triage")
    deployment = running(where, version)

    page = opens(scenarios.developer(), address(loans))

    assert page.has_link(deployment.get_absolute_url())
    assert f"{version} Europe Not confirmed Development 1 Olivia Owner" in page.words
    assert f"{idle} nowhere" in page.words
    assert page.words.index(str(version)) < page.words.index(str(idle))
    assert "Whom to tell Olivia Owner" in page.words
    assert "tumor-triage, from version 1 on" in page.words
    assert opens(scenarios.developer(), loans.get_absolute_url()).has_link(address(loans))


def test_an_asset_that_reaches_nothing_says_so(opens: Reads, loans: Asset) -> None:
    page = opens(scenarios.developer(), address(loans))

    assert "Lineage leads to no version" in page.words
    assert "Raise a finding on each" not in page.words
    refused = opens(scenarios.developer(), address(loans), typed("tumor-triage"))
    assert (refused.status, "is not reached from here" in refused.source) == (422, False)


def test_a_finding_is_raised_on_each_chosen_model(opens: Reads, loans: Asset) -> None:
    first, second = trained(loans, "alpha"), trained(loans, "beta")
    trained(loans, "gamma")
    later = scenarios.registered_version(first.model)
    world.edge(loans, later, Relation.TRAINED_ON)

    sent = opens(scenarios.developer(), address(loans), typed("alpha", "beta"))

    assert sent.response.headers["Location"] == address(loans)
    found = Finding.objects.order_by("model__name")
    assert [(one.model.name, one.version_id, one.severity) for one in found] == [
        ("alpha", first.pk, "high"),
        ("beta", second.pk, "high"),
    ]
    words = opens(scenarios.developer(), address(loans)).words
    assert "2 findings were raised: on alpha, beta." in words


def test_what_is_missing_is_said_at_its_field(opens: Reads, loans: Asset) -> None:
    trained(loans, "alpha")

    for sent, words in (
        (typed(), "Tick one model or more."),
        (typed("absent"), "absent is not reached from here."),
        (typed("alpha", title=""), "Give it a title."),
        (typed("alpha", severity=""), "Say how grave it is."),
    ):
        page = opens(scenarios.developer(), address(loans), sent)
        assert (page.status, words in page.words) == (422, True), (sent, page.words)
        assert "The load of March ran twice." in page.words
    assert not Finding.objects.exists()


def test_each_model_on_which_none_may_be_raised_says_why(opens: Reads, loans: Asset) -> None:
    trained(loans, "alpha")
    trained(loans, "beta")

    opens(scenarios.auditor(), address(loans), typed("alpha", "beta"))

    words = opens(scenarios.auditor(), address(loans)).words
    assert not Finding.objects.exists()
    assert "Not raised on alpha, beta. Raising a finding takes a duty on this model." in words


def test_models_one_does_not_see_are_left_out(opens: Reads, loans: Asset) -> None:
    running(place(), trained(loans, "hidden-thing"))

    assert opens(scenarios.stranger(), address(loans)).status == 404
    room = examining.opened(model_version("granted").model)
    assert opens(room.examiner, address(loans)).status == 404
