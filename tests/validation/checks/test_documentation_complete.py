"""The documents a version must have are written, and far enough."""

from typing import Any

import pytest

from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.inputs import InputRefused
from apps.validation import operations, parameters, runner
from apps.validation.checks.contract import Outcome, silent
from apps.validation.checks.documentation_complete import (
    CHECK,
    STATUSES,
    DocumentationRules,
    RequiredDocument,
    examine,
)
from apps.validation.checks.recorded import WrittenDocument
from apps.validation.models import Document
from tests.validation.checks.stored import StoredVersion, codes, grave_codes

CARD = WrittenDocument("model-card", "Model card", "draft", 100)
REPORT = WrittenDocument("validation-report", "Validation report", "missing", 0)


def held(*documents: WrittenDocument, **rules: Any) -> Outcome:
    return examine(StoredVersion(documents=documents), silent, DocumentationRules(**rules))


def test_a_complete_model_card_passes() -> None:
    outcome = held(CARD, REPORT)
    assert (outcome.passed, outcome.problems) == (True, ())
    assert outcome.facts["percent"] == {"model-card": 100, "validation-report": 0}


def test_a_card_with_gaps_fails_and_names_them() -> None:
    gaps = tuple(f"field {number}" for number in range(20))
    outcome = held(WrittenDocument("model-card", "Model card", "draft", 72, gaps))

    [problem] = outcome.problems
    assert (problem.code, problem.place) == ("incomplete", "Model card")
    assert "72 percent" in problem.text
    assert "100 are asked" in problem.text
    assert "field 0, field 1" in problem.text
    assert problem.text.endswith("and 8 more.")


def test_a_document_that_is_not_there_or_not_begun_fails() -> None:
    assert grave_codes(held()) == {"no_document"}
    for status in ("", "missing"):
        card = WrittenDocument("model-card", "Model card", status, 0)
        assert grave_codes(held(card)) == {"not_begun"}


def test_an_organization_chooses_documents_shares_and_status() -> None:
    chosen = parameters.read(
        CHECK,
        {
            "required": [
                {"template": "model-card", "percent": 80, "status": "approved"},
                {"template": "validation-report", "percent": 0},
            ]
        },
    )
    version = StoredVersion(
        documents=[
            WrittenDocument("model-card", "Model card", "in_review", 80),
            WrittenDocument("validation-report", "Validation report", "draft", 5),
        ]
    )
    outcome = CHECK.load()(version, silent, chosen)

    assert grave_codes(outcome) == {"status"}
    assert "in review and must be approved" in outcome.problems[0].text
    version.documents = [
        WrittenDocument("model-card", "Model card", "approved", 80),
        WrittenDocument("validation-report", "Validation report", "draft", 5),
    ]
    assert CHECK.load()(version, silent, chosen).passed


def test_other_documents_that_are_begun_are_only_said() -> None:
    outcome = held(CARD, WrittenDocument("eu-annex-iv", "Annex IV", "draft", 10, ("Purpose",)))
    assert (outcome.passed, codes(outcome)) == (True, {"unfinished"})


def test_without_any_required_document_it_passes() -> None:
    assert held(required=()).passed


@pytest.mark.parametrize(
    "required",
    [
        [{"template": "model-card", "percent": 101}],
        [{"template": "model-card", "status": "signed"}],
        [{"template": "model-card", "share": 5}],
        [{"template": "model-card"}, {"template": "model-card"}],
        [{"percent": 5}],
    ],
)
def test_parameters_that_make_no_sense_are_refused(required: list[dict[str, object]]) -> None:
    with pytest.raises(InputRefused):
        parameters.read(CHECK, {"required": required})


def test_it_knows_every_status_a_document_can_have() -> None:
    assert tuple(Document.Status.values) == STATUSES
    assert RequiredDocument("model-card").status == STATUSES[0]


def test_it_reads_every_template_of_a_version_and_whether_it_is_begun(
    version: ModelVersion, vera: Actor
) -> None:
    [run] = operations.start_checks(version, by=vera, names=["documentation"])
    runner.execute(run.pk, worker="w1")
    run.refresh_from_db()

    assert [problem["code"] for problem in run.problems] == ["not_begun"]
    assert run.problems[0]["place"] == "Model card"
    assert run.facts["percent"]["model-card"] == 0


def test_what_it_asks_for_is_set_like_any_parameter(version: ModelVersion, vera: Actor) -> None:
    asked = {"required": [{"template": "eu-annex-iv", "percent": 50}]}
    operations.set_parameters(version.model, "documentation", asked, by=vera, reason="High risk")
    [run] = operations.start_checks(version, by=vera, names=["documentation"])
    runner.execute(run.pk, worker="w1")
    run.refresh_from_db()

    assert run.parameters["required"] == [
        {"template": "eu-annex-iv", "percent": 50, "status": "draft"}
    ]
    assert {problem["code"] for problem in run.problems} == {"not_begun"}
