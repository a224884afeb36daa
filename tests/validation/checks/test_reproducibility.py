"""The record holds what somebody needs to train a version again."""

from dataclasses import replace

import pytest

from apps.validation import parameters
from apps.validation.checks.contract import Severity, silent
from apps.validation.checks.recorded import Code, Dataset, Edge, Record
from apps.validation.checks.reproducibility import CHECK, Piece, ReproducibilityRules, examine
from tests.validation.checks.stored import StoredVersion, codes, grave_codes, version_of

COMMIT = "b" * 40
WHOLE = Record(
    has_run=True,
    parameters={"depth": "3", "random_state": "7"},
    code=Code("https://git.example/credit", COMMIT),
    packages=("numpy==2.2.1", "pip"),
    python_version="3.11.9",
    datasets=(Dataset("loans", "d1", "training"),),
    container_digest="sha256:" + "c" * 64,
)


def with_record(record: Record, *edges: Edge) -> StoredVersion:
    return StoredVersion(record=record, lineage=edges)


def test_a_whole_record_scores_all_pieces() -> None:
    outcome = examine(with_record(WHOLE))
    assert (outcome.passed, outcome.problems) == (True, ())
    assert outcome.facts == {"score": 8, "of": 8, "percent": 100, "missing": []}


MISSING = {
    Piece.RUN: [replace(WHOLE, has_run=False)],
    Piece.CODE: [
        replace(WHOLE, code=Code()),
        replace(WHOLE, code=Code("https://git.example/credit", "main")),
        replace(WHOLE, code=Code("https://git.example/credit", COMMIT, is_dirty=True)),
    ],
    Piece.PACKAGES: [replace(WHOLE, packages=()), replace(WHOLE, packages=("numpy>=2",))],
    Piece.PYTHON: [replace(WHOLE, python_version="")],
    Piece.ENVIRONMENT: [
        replace(WHOLE, container_digest=""),
        replace(WHOLE, container_digest="registry.example/train:latest"),
    ],
    Piece.DATA: [replace(WHOLE, datasets=()), replace(WHOLE, datasets=(Dataset("loans"),))],
    Piece.SEED: [
        replace(WHOLE, parameters={"depth": "3"}),
        replace(WHOLE, parameters={"seed": "None"}),
        replace(WHOLE, parameters={"seedling": "3"}),
    ],
}


def test_each_missing_piece_is_a_problem_with_what_mends_it() -> None:
    for piece, records in MISSING.items():
        for record in records:
            outcome = examine(with_record(record))
            [problem] = outcome.problems
            assert (problem.code, problem.place) == (f"no_{piece}", piece.value)
            assert problem.remedy
            is_required = piece in ReproducibilityRules().required
            assert problem.severity is (Severity.HIGH if is_required else Severity.MEDIUM), piece
            assert outcome.facts["score"] == 7
            assert piece.value in outcome.summary


def test_nothing_recorded_scores_nothing() -> None:
    outcome = examine(with_record(Record()))
    assert (outcome.facts["score"], outcome.facts["percent"]) == (0, 0)
    assert codes(outcome) == {f"no_{piece}" for piece in Piece}


@pytest.mark.parametrize(
    "name", ["seed", "random_state", "RandomState", "model__random_state", "numpy_seed", "a.seed"]
)
def test_a_seed_goes_by_many_names(name: str) -> None:
    assert examine(with_record(replace(WHOLE, parameters={name: "1"}))).problems == ()


def test_a_lock_file_or_a_link_serves_as_well() -> None:
    version = version_of({"env/uv.lock": b""})
    version.record = replace(WHOLE, container_digest="", datasets=())
    version.lineage = [Edge("trained_on", "dataset", "loans", digest="d1")]
    assert examine(version).problems == ()


def test_an_organization_chooses_what_is_required_and_how_much() -> None:
    version = with_record(replace(WHOLE, parameters={"depth": "3"}, has_run=False))
    chosen = parameters.read(CHECK, {"required": ["seed"], "least_percent": 80})

    assert grave_codes(CHECK.load()(version, silent, chosen)) == {"no_seed", "low_score"}
    assert grave_codes(examine(version, silent, ReproducibilityRules(required=()))) == set()
    with pytest.raises(ValueError, match="least_percent"):
        ReproducibilityRules(least_percent=101)


def test_a_prompt_is_not_trained() -> None:
    assert examine(StoredVersion(is_prompt=True)).facts == {"applies": False}
