"""What a version tells at the API: compared with others, exported, and the run it came from."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.models import AuditEvent
from apps.catalog.models import ModelVersion, RunMetric
from apps.catalog.training import MetricFacts, RunFacts
from tests import scenarios
from tests.api.caller import Caller, refusal, said

pytestmark = pytest.mark.django_db

VERSION = "/models/tumor-triage/versions/1"
BETTER = RunFacts(
    parameters={"depth": "5", "seed": "7"},
    metrics=(MetricFacts("auc", 0.95, "holdout", higher_is_better=True),),
)


@pytest.fixture
def second(version: ModelVersion) -> ModelVersion:
    """Another version of the same model, with other files and another run."""
    return scenarios.registered_version(
        version.model, {"MLmodel": b"flavors: {}\n", "a": b"2"}, run=BETTER, packages=["numpy==2.0"]
    )


def test_versions_are_compared_fact_by_fact(caller: Caller, second: ModelVersion) -> None:
    told = said(caller.get("/models/tumor-triage/compare?version=2&version=1"))

    assert told["versions"] == [2, 1]
    [auc] = [row for row in told["metrics"] if row["slice"] == ""]
    assert (auc["values"], auc["higher_is_better"], auc["is_same"]) == ([0.95, 0.91], True, False)
    sections = {section["kind"]: section["rows"] for section in told["sections"]}
    assert sections["parameters"] == [
        {"name": "depth", "values": ["5", "3"], "is_same": False},
        {"name": "seed", "values": ["7", "7"], "is_same": True},
    ]
    assert sections["packages"] == [{"name": "numpy", "values": ["2.0", None], "is_same": False}]
    files = {row["name"]: row["is_same"] for row in sections["files"]}
    assert files["MLmodel"] is True
    assert files["a"] is False
    assert {row["name"] for row in sections["signature"]} == {
        "inputs: x",
        "inputs: n",
        "outputs: y",
    }


@pytest.mark.parametrize(
    "query",
    [
        "",
        "version=1",
        "version=1&version=1",
        "version=1&version=3",
        "version=1&version=0",
        "version=1&version=x",
        "version=1&version=99999999999999999999",
        "version=1&version=2&version=3&version=4&version=5&version=6",
        "version=1&version=2&sort=name",
    ],
)
def test_what_cannot_be_compared_is_refused(
    caller: Caller, second: ModelVersion, query: str
) -> None:
    refusal(caller.get(f"/models/tumor-triage/compare?{query}"), 400)


def test_a_bill_of_materials_and_a_card_are_given_and_recorded(
    caller: Caller, version: ModelVersion
) -> None:
    bill = caller.get(f"{VERSION}/bill-of-materials")
    card = caller.get(f"{VERSION}/model-card")

    assert bill.headers["Content-Type"] == "application/vnd.cyclonedx+json; version=1.6"
    assert json.loads(bill.content)["bomFormat"] == "CycloneDX"
    assert card.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert b"tumor-triage" in card.content
    assert AuditEvent.objects.filter(action="version.export").count() == 2


def test_the_run_of_a_version_tells_what_it_was_given_and_measured(
    caller: Caller, version: ModelVersion
) -> None:
    run = said(caller.get(f"{VERSION}/run"))

    assert run["parameters"] == {"depth": "3", "seed": "7"}
    [auc, young] = run["metrics"]
    assert (auc["key"], auc["value"], auc["lower"], auc["upper"]) == ("auc", 0.91, 0.89, 0.93)
    assert young["slice"] == "age<30"
    assert run["datasets"] == []


def test_a_version_without_a_run_has_none(caller: Caller, version: ModelVersion) -> None:
    scenarios.registered_version(version.model, {"a": b"2"}, run=None)

    refusal(caller.get("/models/tumor-triage/versions/2/run"), 404)
    refusal(caller.get("/models/tumor-triage/versions/2/run/metrics?key=auc"), 404)


def test_a_series_is_listed_in_pages_and_what_is_no_number_is_nothing(
    caller: Caller, version: ModelVersion
) -> None:
    assert version.run
    RunMetric.objects.bulk_create(
        RunMetric(
            run=version.run, key="loss", value=step / 8, step=step, is_nan=step == 3, is_last=False
        )
        for step in reversed(range(5))
    )
    path = f"{VERSION}/run/metrics?key=loss&limit=3"

    first = said(caller.get(path))
    second = said(caller.get(f"{path}&page={first['next']}"))

    points = [(point["step"], point["value"]) for point in first["points"] + second["points"]]
    assert points == [(0, 0.0), (1, 0.125), (2, 0.25), (3, None), (4, 0.5)]
    assert second["next"] is None
    assert said(caller.get(f"{VERSION}/run/metrics?key=other"))["points"] == []
    other = caller.get(f"{VERSION}/run/metrics?key=auc&dataset=holdout&page={first['next']}")
    assert refusal(other, 400)["code"] == "bad_mark"
    refusal(caller.get(f"{VERSION}/run/metrics"), 400)


def test_comparing_takes_as_many_queries_however_much_there_is(
    caller: Caller, version: ModelVersion
) -> None:
    path = "/models/tumor-triage/compare?version={}&version={}"
    for count in (1, 1, 20, 20):
        run = RunFacts(parameters={f"p{n}": "1" for n in range(count)})
        files = {f"f{n}": b"1" for n in range(count)}
        scenarios.registered_version(version.model, files, run=run)
    said(caller.get(path.format(2, 3)))
    with CaptureQueriesContext(connection) as few:
        said(caller.get(path.format(2, 3)))
    with CaptureQueriesContext(connection) as many:
        said(caller.get(path.format(4, 5)))

    assert len(many) == len(few)
