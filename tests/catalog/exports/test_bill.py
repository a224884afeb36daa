"""The bill of materials holds to the official CycloneDX schema, whatever the version declares."""

import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from apps.catalog.exports.bill import bill_of_materials, file_name
from apps.catalog.exports.gathered import Package
from apps.catalog.models import ModelVersion, RunDataset
from apps.catalog.training import MetricFacts, RunFacts
from tests import scenarios

pytestmark = pytest.mark.django_db

ODD = "A | b < c & \"d\" 'e' ünïcode 🚀 {{ 7*7 }} =1+1"


def official(bill: dict[str, Any]) -> None:
    """Hold a bill to the schema its makers publish."""
    trouble = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill))
    assert trouble is None, trouble


def rich_version() -> ModelVersion:
    model = scenarios.registered_model(
        "churn", title="Churn", method="gradient boosting", domain="retail", limitations=ODD
    )
    base = scenarios.registered_version(model)
    version = scenarios.registered_version(
        model,
        description=ODD,
        base_version=base,
        framework="scikit-learn 1.7",
        flavors=["sklearn"],
        python_version="3.11.7",
        packages=["numpy==2.2.1", "My_Pkg.x==1.0+cpu", "scipy>=1", "# a comment", "-r other.txt"],
        code_repository="https://code.example/churn",
        code_commit="abcdef1",
        container_digest="sha256:" + "0" * 64,
        run=RunFacts(
            name="nightly",
            parameters={"depth": "3"},
            metrics=(
                MetricFacts("auc", 0.91, "holdout", lower=0.89, upper=0.93),
                MetricFacts("auc", 0.88, "holdout", slice="age<30"),
                MetricFacts("loss", 0.3),
            ),
        ),
    )
    assert version.run is not None
    RunDataset.objects.create(run=version.run, name="train", digest="d1g3st", context="training")
    return version


def named(bill: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {part["name"]: part for part in bill["components"] if part["type"] == kind}


def test_the_bill_of_a_version_that_declares_everything_is_official() -> None:
    official(bill_of_materials(rich_version()))


def test_the_bill_of_a_version_that_declares_nothing_is_official() -> None:
    version = scenarios.registered_version(run=None, signature=None, input_example=None)

    official(bill_of_materials(version))


def test_the_official_schema_asks_for_a_real_moment() -> None:
    bill = bill_of_materials(rich_version())
    bill["metadata"]["timestamp"] = "yesterday"

    with pytest.raises(AssertionError, match="'yesterday' is not a 'date-time'"):
        official(bill)


def test_every_file_stands_in_the_bill_with_its_digest() -> None:
    version = scenarios.registered_version()

    files = named(bill_of_materials(version), "file")

    kept = {file.path: file.artifact.sha256 for file in version.files.select_related("artifact")}
    assert {name: part["hashes"] for name, part in files.items()} == {
        path: [{"alg": "SHA-256", "content": sha256}] for path, sha256 in kept.items()
    }


def test_packages_stand_in_the_bill_by_package_url_pinned_or_not() -> None:
    libraries = named(bill_of_materials(rich_version()), "library")

    assert {part["purl"] for part in libraries.values()} == {
        "pkg:pypi/numpy@2.2.1",
        "pkg:pypi/my-pkg-x@1.0%2Bcpu",
        "pkg:pypi/scipy",
    }


def test_the_model_card_says_what_was_measured_with_its_interval() -> None:
    card = bill_of_materials(rich_version())["metadata"]["component"]["modelCard"]

    assert card["quantitativeAnalysis"]["performanceMetrics"] == [
        {"type": "loss", "value": "0.3"},
        {
            "type": "auc",
            "value": "0.91",
            "slice": "holdout",
            "confidenceInterval": {"lowerBound": "0.89", "upperBound": "0.93"},
        },
        {"type": "auc", "value": "0.88", "slice": "holdout, age<30"},
    ]
    assert card["considerations"]["technicalLimitations"] == [ODD]


def test_datasets_stand_in_the_bill_and_the_card_refers_to_them() -> None:
    bill = bill_of_materials(rich_version())

    assert set(named(bill, "data")) == {"train", "holdout"}
    refs = {part["bom-ref"] for part in bill["components"]}
    card = bill["metadata"]["component"]["modelCard"]
    assert {data["ref"] for data in card["modelParameters"]["datasets"]} <= refs


def test_the_version_it_was_built_on_stands_in_the_bill() -> None:
    [base] = named(bill_of_materials(rich_version()), "machine-learning-model").values()

    assert (base["name"], base["version"]) == ("churn", "1")


def test_the_same_version_gives_the_same_bill() -> None:
    version = rich_version()

    assert bill_of_materials(version) == bill_of_materials(
        ModelVersion.objects.select_related("model", "run").get(pk=version.pk)
    )
    assert file_name(version) == "churn-v2.cdx.json"


def test_all_references_of_a_bill_are_different() -> None:
    bill = bill_of_materials(rich_version())

    refs = [part["bom-ref"] for part in bill["components"]]
    assert len(set(refs)) == len(refs)


@pytest.mark.parametrize("line", ["", "# only a comment", "-e .", "--hash=sha256:00"])
def test_a_line_that_names_no_package_is_none(line: str) -> None:
    assert Package.of(line) is None
