"""The contract every check keeps."""

import re
from pathlib import Path

import pytest

from apps.core.errors import NotFound
from apps.validation import checks
from apps.validation.checks.contract import Outcome, Problem, Severity, counted, silent
from tests.validation.checks.stored import StoredVersion

PAGE = Path(__file__).resolve().parents[3] / "docs" / "checks.md"


def problem(severity: Severity) -> Problem:
    return Problem("code", severity, "place", "text", "remedy")


@pytest.mark.parametrize("severity", Severity)
def test_only_high_and_critical_problems_fail_a_check(severity: Severity) -> None:
    outcome = Outcome("summary", (problem(Severity.INFO), problem(severity)))

    assert outcome.passed is (severity not in {"critical", "high"})


@pytest.mark.parametrize("facts", [{"a": 0.5}, {"a": [1, {"b": (2, 0.5)}]}])
def test_a_fact_is_never_a_float(facts: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="exact"):
        Outcome("summary", facts=facts)  # type: ignore[arg-type]


def test_every_check_is_found_by_its_name() -> None:
    assert checks.NAMES == (
        "artifact-integrity",
        "unsafe-code",
        "format-validity",
        "model-signature",
        "schema",
        "schema-champion",
        "inference",
        "metric-thresholds",
        "champion-comparison",
        "fairness",
        "drift",
        "environment",
        "lineage",
        "documentation",
        "reproducibility",
        "bill-of-materials",
    )
    for check in checks.ALL:
        assert checks.named(check.name) is check
        assert checks.named_or_none(check.name) is check
        assert check.title
        assert check.sentence.endswith(".")


def test_the_page_about_checks_names_every_one_and_which_start_by_themselves() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|.*\| (yes )?\|$", PAGE.read_text(), re.MULTILINE)

    told = {name: bool(starts) for name, starts in rows}
    assert told == {check.name: check.at_registration for check in checks.SHIPPED}


def test_an_unknown_check_is_refused_with_the_known_names() -> None:
    assert checks.named_or_none("nothing") is None
    with pytest.raises(NotFound, match="unsafe-code"):
        checks.named("nothing")


@pytest.mark.parametrize("name", checks.NAMES)
def test_no_check_passes_a_version_without_anything(name: str) -> None:
    check = checks.named(name)
    outcome = check.load()(StoredVersion(), silent, check.parameters())

    assert not outcome.passed or outcome.problems or outcome.facts["applies"] is False
    assert outcome.summary.endswith(".")


def test_things_are_counted_in_words() -> None:
    assert [counted(number, "file") for number in (0, 1, 2)] == ["0 files", "1 file", "2 files"]
    silent("place")
