"""The reader understands what a stock MLflow server of version 3.17 really answered."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from apps.integrations.mlflow_import import places
from apps.integrations.mlflow_import.client import ForeignFile
from apps.integrations.mlflow_import.places import Origins, OutOfReach
from apps.integrations.mlflow_import.servers import MlflowServer
from tests.integrations.mlflow_import.carrying import client_of
from tests.integrations.mlflow_import.lab import ARTIFACTS, Lab

RECORDED: dict[str, Any] = json.loads(Path(__file__).with_name("recorded.json").read_text())
LOGGED = "m-fbc322065e58462787936f2abeccd8ec"
RUN = "59f6b2c227a64ecc92d3e5b44057d2ab"


@pytest.fixture
def stock(there: Lab) -> Lab:
    """A lab that answers what was recorded."""
    for call, answer in RECORDED.items():
        there.answers[call] = (200, json.dumps(answer).encode())
    there.answers[f"logged-models/{LOGGED}"] = there.answers["logged-models"]
    there.answers[ARTIFACTS] = there.answers["listing"]
    return there


def test_a_model_is_read_with_its_tags_and_aliases(stock: Lab) -> None:
    model = client_of(stock).model("iris-0-1")

    assert (model.name, model.description) == ("iris-0-1", "Model iris-0-1 ✓")
    assert [(alias.alias, alias.version) for alias in model.aliases] == [
        ("challenger", 2),
        ("champion", 1),
    ]
    assert [(tag.key, tag.value) for tag in model.tags] == [("domain", "flowers")]


def test_versions_are_read_with_what_they_come_from(stock: Lab) -> None:
    first, third = client_of(stock).versions("iris-0-0", prompts=False)

    assert (first.version, first.current_stage, first.run_id) == (1, "Production", RUN)
    assert (first.source, first.description, third.version) == (f"models:/{LOGGED}", "first", 3)


def test_a_run_is_read_with_all_it_recorded(stock: Lab) -> None:
    client = client_of(stock)
    run = client.run(RUN)

    assert (run.info.run_id, run.info.experiment_id, run.info.status) == (RUN, "1", "FINISHED")
    assert {metric.key for metric in run.data.metrics} == {"loss", "nan", "inf"}
    assert {pair.key: pair.value for pair in run.data.params}["C"] == "1"
    [used] = run.inputs.dataset_inputs
    assert (used.dataset.name, used.tags[0].value) == ("iris", "training")
    assert [output.model_id for output in run.outputs.model_outputs] == [LOGGED]
    [[point]] = client.history(RUN, "nan")
    assert point.value is not None
    assert math.isnan(point.value)
    assert client.experiment_name("1") == "lab 0"


def test_a_logged_model_leads_to_its_files(stock: Lab) -> None:
    client = client_of(stock)
    address = client.download_address("iris-0-0", 1)

    assert places.folder_of(client, address, Origins()) == f"1/models/{LOGGED}/artifacts"
    assert (
        places.folder_of(client, f"models:/{LOGGED}", Origins()) == f"1/models/{LOGGED}/artifacts"
    )
    assert ForeignFile("MLmodel", 1266) in list(client.files("1/models"))


def test_a_name_with_a_quote_is_asked_for_with_the_other_kind(there: Lab) -> None:
    there.model("it's")
    there.version("it's", 1)

    assert [one.version for one in client_of(there).versions("it's", prompts=False)] == [1]


SERVER = MlflowServer("lab", "https://lab.example:8443/base")


@pytest.mark.parametrize(
    "address",
    [
        "mlflow-artifacts:/1/x/artifacts",
        "mlflow-artifacts:///1/x/artifacts/",
        "mlflow-artifacts://lab.example:8443/1/x/artifacts",
        f"https://lab.example:8443/base{ARTIFACTS}/1/x/artifacts",
    ],
)
def test_addresses_in_the_store_of_the_server_are_served(address: str) -> None:
    assert places.served(SERVER, address) == "1/x/artifacts"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/srv/mlruns/1",
        "file:///srv/mlruns/1",
        "s3://bucket/1",
        "mlflow-artifacts://other.example/1/x",
        "https://other.example" + ARTIFACTS + "/1/x",
        "https://lab.example:8443/base-other" + ARTIFACTS + "/1/x",
        "mlflow-artifacts:/1/../2",
        "mlflow-artifacts:/1/%2e%2e/2",
        "mlflow-artifacts:/1/x?path=../2",
        "mlflow-artifacts:/1/x#y",
        "mlflow-artifacts:/",
    ],
)
def test_any_other_address_is_out_of_reach(address: str) -> None:
    with pytest.raises(OutOfReach):
        places.served(SERVER, address)
