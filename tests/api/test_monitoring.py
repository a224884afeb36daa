"""Monitoring at the API: points are posted by a token that can do only that."""

from typing import Any

import pytest

from apps.accounts.scopes import Scope
from apps.catalog.models import ModelVersion
from apps.validation.models import Breach, MonitoringPoint
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of

pytestmark = pytest.mark.django_db

SERIES = "/models/tumor-triage/monitoring"
BREACHES = "/models/tumor-triage/breaches"


@pytest.fixture
def breach(version: ModelVersion) -> Breach:
    return scenarios.breach(version.model)


@pytest.fixture
def points(breach: Breach) -> str:
    return f"{SERIES}/{breach.series_id}/points"


def point(day: int, value: float, **said: Any) -> dict[str, Any]:
    return {"at": f"2026-04-{day:02}T06:00:00+02:00", "value": value, **said}


def test_points_are_posted_and_end_a_breach(points: str, breach: Breach) -> None:
    program = Caller(token_of(scenarios.operator(), Scope.MONITOR))
    body = {"points": [point(1, 0.9, sample_size=1200, version=1), point(2, 1)]}

    assert said(program.post(points, body), 201) == {
        "added": 2,
        "repeated": 0,
        "breaches_opened": 0,
        "breaches_ended": 1,
    }

    assert said(program.post(points, body), 201)["repeated"] == 2
    newest = MonitoringPoint.objects.order_by("-measured_at")[1]
    assert (newest.value, newest.sample_size, newest.measured_at.hour) == (0.9, 1200, 4)
    assert newest.version is not None
    for path in (SERIES, BREACHES):
        refusal(program.get(path), 404)


def test_what_is_no_measurement_is_refused_and_nothing_is_kept(caller: Caller, points: str) -> None:
    before = MonitoringPoint.objects.count()
    for body, status in (
        ({"points": []}, 400),
        ({"points": [point(1, 0.9)] * 1001}, 400),
        ({"points": [{"at": "2026-04-01T00:00:00", "value": 1}]}, 400),
        ({"points": [{"at": "yesterday", "value": 1}]}, 400),
        ({"points": [{"at": "2999-01-01T00:00:00Z", "value": 1}]}, 400),
        ({"points": [point(1, 0.9, version=9)]}, 400),
        ({"points": [point(1, 0.9, version=2**70)]}, 400),
        ({"points": [point(1, 0.9, sample_size=-1)]}, 400),
        ({"points": [{"at": "2026-04-01T00:00:00Z", "value": "0.9"}]}, 400),
        ({"points": [point(1, 0.9, posted_by=1)]}, 400),
        ({"points": [point(1, 0.9), point(1, 0.8)]}, 409),
        ({"points": [{"at": "2026-03-01T00:00:00Z", "value": 0.1}, point(1, 0.9)]}, 409),
    ):
        refusal(caller.post(points, body), status)
    assert MonitoringPoint.objects.count() == before
    refusal(caller.post(f"{SERIES}/{2**70}/points", {"points": [point(1, 0.9)]}), 404)


def test_series_and_breaches_are_listed(caller: Caller, breach: Breach) -> None:
    [series] = said(caller.get(SERIES))["series"]
    listed = said(caller.get(BREACHES))

    assert (series["metric"], series["band"], series["red_least"]) == ("auc", "red", "0.8")
    assert (series["value"], series["unacknowledged"]) == (pytest.approx(0.7), 1)
    assert [one["id"] for one in listed["breaches"]] == [breach.pk]
    assert (listed["breaches"][0]["band"], listed["next"]) == ("red", None)
