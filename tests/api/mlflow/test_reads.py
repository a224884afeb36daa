"""Single reads cost the same few queries, however much there is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.catalog.models import ModelVersion, RegisteredModel
from tests import scenarios
from tests.api.mlflow.program import Program, said

pytestmark = pytest.mark.django_db

READS = {
    "registered-models/get": {},
    "registered-models/get-latest-versions": {},
    "registered-models/alias": {"alias": "best"},
    "model-versions/get": {"version": "1"},
    "model-versions/get-download-uri": {"version": "1"},
}


@pytest.mark.parametrize("path", READS)
def test_a_single_read_takes_two_queries(dev: Program, path: str) -> None:
    model = scenarios.registered_model("iris")
    for amount in (1, 12):
        _fill(dev, model, amount)
        said(dev.get(path, name="iris", **READS[path]))  # notes the use of the token
        with CaptureQueriesContext(connection) as queries:
            said(dev.get(path, name="iris", **READS[path]))
        assert len(queries) == 2, [query["sql"] for query in queries]


def _fill(program: Program, model: RegisteredModel, amount: int) -> None:
    """Give a model versions, tags and aliases."""
    for number in range(amount):
        version = scenarios.registered_version(model)
        for kind, asked in (
            ("registered-models", {}),
            ("model-versions", {"version": version.number}),
        ):
            said(program.post(f"{kind}/set-tag", name="iris", key=f"k{number}", value="", **asked))
        alias = {"name": "iris", "alias": f"a{number}"}
        said(program.post("registered-models/alias", version=version.number, **alias))
    said(program.post("registered-models/alias", name="iris", alias="best", version=1))


def test_tags_and_aliases_stand_in_one_order(dev: Program) -> None:
    model = scenarios.registered_model("iris")
    _fill(dev, model, 3)
    shown = said(dev.get("registered-models/get", name="iris"))["registered_model"]
    assert [tag["key"] for tag in shown["tags"]] == ["k0", "k1", "k2"]
    assert [alias["alias"] for alias in shown["aliases"]] == ["a0", "a1", "a2", "best"]


def test_of_archived_and_decommissioned_versions_the_highest_number_is_the_latest(
    dev: Program,
) -> None:
    model = scenarios.registered_model("iris")
    for stage in ("decommissioned", "archived", "decommissioned", "archived"):
        version = scenarios.registered_version(model)
        ModelVersion._base_manager.filter(pk=version.pk).update(stage=stage)
    latest = said(dev.get("registered-models/get-latest-versions", name="iris"))["model_versions"]
    assert [(each["version"], each["current_stage"]) for each in latest] == [("4", "Archived")]


def test_words_in_every_script_come_back_as_they_were_sent(dev: Program) -> None:
    words = "Größe “✓” \\ \" ' % {} $x\n🌍"
    said(
        dev.post(
            "registered-models/create",
            name="naïve % $model {x}",
            description=words,
            tags=[{"key": "a", "value": words}],
        )
    )
    shown = said(dev.get("registered-models/get", name="naïve % $model {x}"))["registered_model"]
    assert shown["description"] == shown["tags"][0]["value"] == words
