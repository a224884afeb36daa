"""Questionnaires and answers that ask too much of a machine are refused in words."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from apps.risk.models import Obligation
from apps.risk.questionnaires import AnswerRefused, EvaluationFailed, checked, evaluate, parsed
from apps.risk.questionnaires.limits import MOST_DUTY, MOST_NAMES, MOST_VALUE
from tests.risk.questionnaire_texts import SMALL, changed, problems_of

ANSWERS: Mapping[str, Any] = {"reach": "low", "uses": ["nothing"]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("respondents: [model_owner]", "respondents: [{}]"),
        ("reviewers: [risk_officer]", "reviewers: [{}]"),
        ('cites: ["House rule 1"]', "cites: [{}]"),
        ("evidence_types: [classification_rationale]", "evidence_types: [{}]"),
        ("gates: [staging_to_production]", "gates: [{}]"),
        ("{max_age_days: 365}", "{{max_age_days: 365, triggers: [{}]}}"),
    ],
)
def test_a_list_names_no_more_than_somebody_reads(old: str, new: str) -> None:
    names = ", ".join(f"name_{number}" for number in range(MOST_NAMES + 1))

    [problem] = problems_of(changed((old, new.format(names))))

    assert f"holds at most {MOST_NAMES}" in problem


def test_an_obligation_is_called_by_what_fits_where_it_is_kept() -> None:
    most = Obligation._meta.get_field("title").max_length
    assert most == MOST_DUTY

    assert problems_of(changed(("Write it down", "w" * most))) == ()
    [problem] = problems_of(changed(("Write it down", "w" * (most + 1))))

    assert f"title holds at most {most}" in problem


def test_a_name_that_stands_there_twice_is_told_each_time() -> None:
    found = problems_of(changed(("[model_owner]", "[model_owner, model_owner, model_owner]")))

    assert len(found) == 2
    assert all("names 'model_owner' twice" in problem for problem in found)


@pytest.mark.parametrize("number", ["1e999999999", "-1e999999999", "1e-999999999", "9" * 10_000])
def test_a_number_beyond_all_bounds_is_refused_in_words(number: str) -> None:
    with pytest.raises(AnswerRefused, match="takes"):
        checked(parsed(SMALL).question("people"), number)


@pytest.mark.parametrize(("key", "value"), [("reach", "x" * 5000), ("uses", ["x" * 5000])])
def test_a_refusal_repeats_no_more_of_an_answer_than_somebody_reads(
    key: str, value: object
) -> None:
    with pytest.raises(AnswerRefused) as refusal:
        checked(parsed(SMALL).question(key), value)

    assert len(str(refusal.value)) < 300


def test_a_refusal_repeats_no_more_of_a_key_than_somebody_reads() -> None:
    with pytest.raises(AnswerRefused) as refusal:
        worked_out(SMALL, **{"k" * 5000: "low"})

    assert len(str(refusal.value)) < 300


def with_variable(key: str, kind: str, expression: str, text: str = SMALL) -> str:
    """Return a questionnaire that works out one more variable."""
    more = f'  - key: {key}\n    type: {kind}\n    expr: "{expression}"\n'
    return changed(("outcomes:\n", f"{more}outcomes:\n"), text=text)


@pytest.mark.parametrize(
    ("kind", "part"), [("text", f"'{'x' * 150}'"), ("list", f"['{'x' * 150}']")]
)
def test_what_a_variable_is_worked_out_to_stays_small(kind: str, part: str) -> None:
    text = with_variable("grown", kind, " + ".join([part] * 20))
    larger = with_variable("larger", kind, " + ".join(["vars.grown"] * 5), text)

    assert worked_out(text)
    with pytest.raises(EvaluationFailed, match=f"more than {MOST_VALUE:,}"):
        worked_out(larger)


@pytest.mark.parametrize("turn", ["\u202e", "\u2066", "\u202a"])
def test_an_answer_shows_its_words_in_the_order_it_holds_them(turn: str) -> None:
    reason = parsed(SMALL).question("reason")

    with pytest.raises(AnswerRefused, match="in another order"):
        checked(reason, f"It is {turn}efas")

    assert checked(reason, "نعم \u200f(ok)") == "نعم \u200f(ok)"


def worked_out(text: str, **more: object) -> object:
    today = date(2026, 11, 23)
    answers = {**ANSWERS, **more}
    return evaluate(parsed(text), subject={"is_ai": True}, answers=answers, today=today).outcome
