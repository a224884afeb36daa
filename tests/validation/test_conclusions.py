"""A conclusion is in a form every database stores and the record can digest."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.digests import canonical
from apps.validation.checks.contract import Outcome, Problem, Severity
from apps.validation.conclusions import MOST_ENTRIES, MOST_PROBLEMS, MOST_TEXT, Conclusion
from apps.validation.models import CheckRun
from tests.validation.conftest import GRAVE, MINOR, check_of

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
CHECK = check_of("scan")


def problem(severity: Severity, text: str = "Odd.") -> Problem:
    return Problem("odd", severity, "model.bin", text, "Look at it.")


def test_an_outcome_with_a_grave_problem_has_failed() -> None:
    assert Conclusion.of(Outcome("1 problem.", (GRAVE,)), CHECK).state == CheckRun.State.FAILED


def test_an_outcome_with_minor_problems_has_passed() -> None:
    assert Conclusion.of(Outcome("Fine.", (MINOR,)), CHECK).state == CheckRun.State.PASSED


def test_the_gravest_problem_comes_first_and_keeps_all_its_parts() -> None:
    conclusion = Conclusion.of(Outcome("2 problems.", (MINOR, GRAVE)), CHECK)

    assert conclusion.problems[0] == {
        "code": "forbidden_call",
        "severity": "high",
        "place": "model.pkl",
        "text": "It calls a shell.",
        "remedy": "Use skops.",
    }


def test_of_very_many_problems_the_gravest_are_kept_and_the_summary_says_so() -> None:
    many = [problem(Severity.LOW)] * MOST_PROBLEMS + [problem(Severity.CRITICAL)]

    conclusion = Conclusion.of(Outcome("Very many.", tuple(many)), CHECK)

    assert len(conclusion.problems) == MOST_PROBLEMS
    assert conclusion.problems[0]["severity"] == "critical"
    assert conclusion.summary == "Very many. The 500 gravest of 501 problems are kept."


def test_a_text_no_database_takes_is_cleaned() -> None:
    conclusion = Conclusion.of(Outcome("a\0b\ud800c", (problem(Severity.LOW, "\0"),)), CHECK)

    assert conclusion.summary == "a�b�c"
    assert conclusion.problems[0]["text"] == "�"


def test_a_long_text_is_cut_and_shows_it() -> None:
    summary = Conclusion.of(Outcome("x" * 10_000), CHECK).summary

    assert len(summary) == MOST_TEXT
    assert summary.endswith("…")


@pytest.mark.parametrize(
    ("fact", "kept"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (2**60, str(2**60)),
        ("text", "text"),
        ({"inner": [1, "two"]}, {"inner": [1, "two"]}),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": '{"c": 1}'}}),
        ([[["deep"]]], [['["deep"]']]),
    ],
)
def test_a_fact_is_kept_as_far_as_the_record_can_digest_it(fact: object, kept: object) -> None:
    outcome = Outcome("Fine.", facts={"fact": fact})  # type: ignore[dict-item]

    assert Conclusion.of(outcome, CHECK).facts == {"fact": kept}


def test_a_long_list_of_facts_is_cut() -> None:
    outcome = Outcome("Fine.", facts={"numbers": list(range(5000))})

    assert len(Conclusion.of(outcome, CHECK).facts["numbers"]) == MOST_ENTRIES  # type: ignore[arg-type]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=30,
)


@given(st.dictionaries(st.text(st.characters()), ANYTHING), st.text(st.characters()))
def test_whatever_a_check_says_can_be_recorded(facts: dict[str, object], text: str) -> None:
    outcome = Outcome(text, (problem(Severity.HIGH, text),), facts)  # type: ignore[arg-type]
    conclusion = Conclusion.of(outcome, CHECK)
    run = CheckRun(
        pk=1,
        state=conclusion.state,
        summary=conclusion.summary,
        problems=conclusion.problems,
        facts=conclusion.facts,
        tool_version=conclusion.tool_version,
        finished_at=NOON,
    )

    assert run.state_digest().startswith("sha256:")
    assert canonical(conclusion.as_note())
    assert "\0" not in run.summary + str(run.facts) + str(run.problems)


def test_a_check_that_could_not_be_carried_out_has_errored_and_never_passed() -> None:
    conclusion = Conclusion.errored("The disk is gone.")

    assert conclusion.state == CheckRun.State.ERRORED
    assert conclusion.as_note() == {"outcome": "errored", "problems": 0, "report": None}
