"""The lists of judgment lead to each other, and each says where its reader is."""

import re

import pytest

from tests import scenarios
from tests.console.conftest import Reads

pytestmark = pytest.mark.django_db

PLACES = {
    "Portfolio": "/risk/",
    "Findings": "/findings/",
    "Incidents": "/incidents/",
    "Due": "/risk/due/",
    "Campaigns": "/campaigns/",
    "Questionnaires": "/questionnaires/",
    "Registers": "/risk/registers/",
}


def current(source: str, label: str) -> list[str]:
    """Return what a navigation marks as the page, or the part, somebody is at."""
    found = re.search(rf'<nav[^>]*aria-label="{label}".*?</nav>', source, re.DOTALL)
    assert found is not None
    return re.findall(r'aria-current="page">([^<]+)', found[0])


@pytest.mark.parametrize(("label", "path"), PLACES.items())
def test_each_list_is_one_place_under_risk(opens: Reads, label: str, path: str) -> None:
    page = opens(scenarios.risk_officer(), path)

    assert current(page.source, "Risk") == [label]
    assert current(page.source, "Main") == ["Risk"]
    assert all(page.has_link(other) for other in PLACES.values())


def test_a_model_leads_to_all_that_is_judged_of_it(opens: Reads) -> None:
    model = scenarios.registered_model()

    page = opens(scenarios.owner(), model.get_absolute_url())

    for place in ("tier", "assessments", "obligations", "findings", "incidents", "reviews"):
        assert page.has_link(f"{model.get_absolute_url()}{place}/"), place
