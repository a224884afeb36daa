"""Data, code, base model and run of a version are linked, each by what pins it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from apps.catalog.models import Asset, Relation
from apps.catalog.operations import lineage
from apps.validation.checks.contract import Outcome, Severity, silent
from apps.validation.checks.lineage_complete import CHECK, DEFAULTS, LineageRules, examine
from apps.validation.checks.recorded import Code, Dataset, Edge, Metric, Record
from apps.validation.examined import examined
from tests.factories import actor
from tests.scenarios import developer, registered_version
from tests.validation.checks.stored import StoredVersion, codes, grave_codes

COMMIT = "a" * 40
CODE = Code("https://git.example/credit", COMMIT)
WHOLE = Record(
    code=CODE,
    has_run=True,
    datasets=(Dataset("loans", "d1", "training"), Dataset("holdout", "d2", "evaluation")),
)
TRAINED = Edge("trained_on", "dataset", "loans", digest="d1", source_class="observed")
EVALUATED = Edge("evaluated_on", "dataset", "holdout", version="3", source_class="observed")


def held(
    record: Record = WHOLE, edges: Sequence[Edge] = (), rules: LineageRules = DEFAULTS
) -> Outcome:
    return examine(StoredVersion(record=record, lineage=edges), silent, rules)


def with_record(**changed: Any) -> Record:
    return replace(WHOLE, **changed)


def test_a_version_whose_links_are_all_pinned_passes() -> None:
    outcome = held()
    assert (outcome.passed, outcome.problems) == (True, ())
    assert outcome.facts["training_data"] == ["loans"]
    assert outcome.facts["evaluation_data"] == ["holdout"]


def test_edges_serve_as_well_as_what_the_run_logged() -> None:
    outcome = held(with_record(datasets=()), [TRAINED, EVALUATED])
    assert (outcome.passed, outcome.problems) == (True, ())
    assert (outcome.facts["observed"], outcome.facts["declared"]) == (2, 0)


def test_data_a_metric_names_is_data_it_was_evaluated_on() -> None:
    record = with_record(
        datasets=WHOLE.datasets[:1], metrics=(Metric("auc", 0.9, "holdout", "d2"),)
    )
    assert held(record).problems == ()
    unpinned = with_record(datasets=WHOLE.datasets[:1], metrics=(Metric("auc", 0.9, "holdout"),))
    assert grave_codes(held(unpinned)) == {"unpinned_evaluation_data"}


MISSING: list[tuple[str, Record, list[Edge], str]] = [
    ("no_training_data", with_record(datasets=WHOLE.datasets[1:]), [], "require_training_data"),
    (
        "unpinned_training_data",
        with_record(datasets=(Dataset("loans", "", "training"), WHOLE.datasets[1])),
        [],
        "require_training_data",
    ),
    ("no_evaluation_data", with_record(datasets=WHOLE.datasets[:1]), [], "require_evaluation_data"),
    (
        "unpinned_evaluation_data",
        with_record(datasets=WHOLE.datasets[:1]),
        [Edge("evaluated_on", "dataset", "holdout", source_class="observed")],
        "require_evaluation_data",
    ),
    ("no_code", with_record(code=Code("", COMMIT)), [], "require_code"),
    ("no_code", with_record(code=Code("https://git.example/credit")), [], "require_code"),
    ("inexact_commit", with_record(code=replace(CODE, commit="main")), [], "require_code"),
    ("inexact_commit", with_record(code=replace(CODE, commit="abc1234")), [], "require_code"),
    ("uncommitted_changes", with_record(code=replace(CODE, is_dirty=True)), [], "require_code"),
    ("no_base_model", with_record(kind="adapter"), [], "require_base_model"),
    (
        "no_base_model",
        with_record(kind="adapter"),
        [Edge("derived_from", "version", "child", "2", "d", "declared", leads_here=False)],
        "require_base_model",
    ),
    (
        "unpinned_base_model",
        WHOLE,
        [Edge("derived_from", "base_model", "llama", source_class="observed")],
        "require_base_model",
    ),
    ("no_run", with_record(has_run=False), [], "require_pipeline"),
]


def test_each_missing_link_is_said_and_fails_when_it_is_required() -> None:
    for code, record, edges, rule in MISSING:
        strict = held(record, edges, LineageRules(**{rule: True}))
        assert grave_codes(strict) == {code}, code
        lenient = held(record, edges, LineageRules(**{rule: False}))
        assert (lenient.passed, codes(lenient)) == (True, {code}), code
        [problem] = lenient.problems
        assert problem.severity is Severity.MEDIUM
        assert problem.remedy


def test_a_base_that_is_pinned_or_a_pipeline_is_enough() -> None:
    base = Edge("derived_from", "base_model", "llama", version="3.1", source_class="observed")
    assert held(with_record(kind="adapter"), [base]).problems == ()
    assert held(with_record(kind="adapter", base_version="credit 3")).problems == ()
    built = Edge("built_by", "pipeline", "nightly", source_class="observed")
    assert held(with_record(has_run=False), [built]).problems == ()


def test_links_on_somebodys_word_are_told_from_observed_ones() -> None:
    edges = [replace(TRAINED, source_class="declared"), EVALUATED]
    outcome = held(with_record(datasets=()), edges)
    assert (outcome.passed, codes(outcome)) == (True, {"not_observed"})
    assert "loans" in outcome.problems[0].text
    assert (outcome.facts["observed"], outcome.facts["declared"]) == (1, 1)

    strict = LineageRules(require_observed=True)
    assert grave_codes(held(with_record(datasets=()), edges, strict)) == {"not_observed"}


def test_a_prompt_comes_from_no_data() -> None:
    assert examine(StoredVersion(is_prompt=True)).facts == {"applies": False}


@pytest.mark.django_db
def test_it_reads_the_edges_of_a_version_with_their_direction() -> None:
    base, child = registered_version(), registered_version()
    by = actor(developer())
    loans = lineage.declare_asset(by=by, kind=Asset.Kind.DATASET, name="loans", digest="d1")
    for end, relation, target in (
        (loans, Relation.TRAINED_ON, child),
        (base, Relation.DERIVED_FROM, child),
    ):
        lineage.declare_edge(end, target, relation, by=by)

    def read(version: Any) -> list[tuple[str, bool]]:
        return [(edge.relation, edge.leads_here) for edge in examined(version, CHECK).lineage]

    assert read(child) == [("trained_on", True), ("derived_from", True)]
    assert read(base) == [("derived_from", False)]
    outcome = examine(examined(child, CHECK))
    assert "no_training_data" not in codes(outcome)
    assert outcome.facts["declared"] == 2
