"""The model card reads back with the Hub's own library."""

import pytest
from huggingface_hub import ModelCard, ModelCardData

from apps.catalog.exports.card import model_card
from apps.catalog.models import ModelVersion, RunMetric
from tests import scenarios
from tests.catalog.exports.test_bill import rich_version

pytestmark = pytest.mark.django_db


def read(version: ModelVersion) -> ModelCard:
    return ModelCard(model_card(version), ignore_metadata_errors=False)


def metadata(card: ModelCard) -> ModelCardData:
    assert isinstance(card.data, ModelCardData)
    return card.data


def test_the_metadata_of_a_card_is_what_the_hub_expects() -> None:
    data = metadata(read(rich_version()))

    assert (data.library_name, data.base_model) == ("sklearn", "churn")
    assert data.datasets == ["holdout", "train"]
    assert data.metrics == ["auc", "loss"]
    assert data.model_name == "churn"


def test_values_on_a_dataset_are_results_the_hub_can_compare() -> None:
    results = metadata(read(rich_version())).eval_results

    assert results is not None
    found = {(result.metric_name, result.dataset_name, result.metric_value) for result in results}
    assert found == {("auc", "holdout", 0.91), ("auc (age<30)", "holdout", 0.88)}


def test_a_value_that_is_no_number_is_said_in_the_text_and_left_out_of_the_results() -> None:
    version = rich_version()
    assert version.run is not None
    RunMetric.objects.create(run=version.run, key="f1", value=0, is_nan=True, dataset="holdout")

    card = read(version)

    assert "f1" not in {result.metric_type for result in metadata(card).eval_results or ()}
    assert "| f1 | holdout |  | nan |  |" in card.text


def test_a_cell_ends_neither_itself_nor_its_row() -> None:
    version = scenarios.registered_version()
    assert version.run is not None
    version.run.parameters.create(key="odd", value="a|b\n| c | <script>")

    assert "| odd | a\\|b \\| c \\| &lt;script> |" in read(version).text


def test_the_card_of_a_version_that_declares_nothing_is_short_and_whole() -> None:
    version = scenarios.registered_version(run=None, signature=None, input_example=None)

    card = read(version)

    assert "## Evaluation" not in card.text
    assert version.content_digest in card.text
