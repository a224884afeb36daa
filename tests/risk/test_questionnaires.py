"""Reading questionnaires and working them out: what is taken, what is refused, what comes of it."""

from datetime import date
from typing import Any

import pytest

from apps.core.expressions import ExpressionError, Kind, Variables, compile_expression
from apps.risk import questionnaires
from apps.risk.questionnaires import (
    SHIPPED,
    AnswerRefused,
    EvaluationFailed,
    Questionnaire,
    Result,
    carried,
    checked,
    evaluate,
    parse,
    parsed,
    shipped,
)
from tests.risk.questionnaire_texts import SMALL, changed, problems_of

DAY = date(2026, 11, 23)
WIDE: dict[str, Any] = {
    "reach": "high",
    "uses": ["hiring"],
    "reason": "It is used everywhere.",
    "grade": "4",
    "agreed": True,
}


def asked(text: str = SMALL) -> Questionnaire:
    return parsed(text)


def result_of(answers: dict[str, Any], text: str = SMALL, **subject: bool) -> Result:
    return evaluate(asked(text), subject={"is_ai": True, **subject}, answers=answers, today=DAY)


# -- reading ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_questionnaire_is_read_whole(name: str) -> None:
    read = shipped(name)

    assert read.id == name
    assert read.digest.startswith("sha256:")
    assert len(set(read.question_keys)) == len(list(read.questions))
    assert all(question.cites for question in read.questions)
    assert read.outcomes[-1].when.source == "true"


def test_the_digest_leaves_layout_and_comments_out() -> None:
    assert parse("# A note\n" + SMALL).digest == asked().digest
    assert parse(changed(("closer look", "close look"))).digest != asked().digest


REFUSED = [
    ("an unknown key", ("summary:", "sumary:"), "there is no key 'sumary'"),
    ("no outcomes", ("outcomes:\n", "outcome:\n"), "'outcomes' is missing"),
    ("a name with spaces", ("id: house-check", "id: House check"), "a name in small letters"),
    ("a version of two numbers", ("1.0.0", "'1.0'"), "three numbers with points"),
    ("a key twice", ("- key: uses", "- key: reach"), "The key 'reach' appears twice"),
    ("an outcome twice", ("- {id: fine,", "- {id: closer,"), "'closer' appears twice"),
    ("an option twice", ("{value: hiring,", "{value: credit,"), "'credit' appears twice"),
    ("a word of expressions", ("- key: share", "- key: import"), "is a word of expressions"),
    ("an unknown option set", ("option_set: degree", "option_set: degre"), "Did you mean 'degree'"),
    ("a choice without options", ("        option_set: degree\n", ""), "a question with options"),
    ("options of a text", ("max_length: 200", "option_set: degree"), "which takes no option_set"),
    ("a range upside down", ("min: 1\n", "min: 9\n"), "min must be less than max"),
    ("no step", ("step: 0.5", "step: 0"), "step must be more than 0"),
    ("a scale without end", ("max: 5\n", "max: 5000\n"), "a scale has at most 100 steps"),
    ("a scored text", ("max_length: 200", "scored: true"), "its type text cannot be"),
    (
        "points without a score",
        ("        scored: true\n        weight", "        weight"),
        "counts only with scored",
    ),
    ("no reviewers", ("reviewers: [risk_officer]\n", ""), "say who reviews the answers"),
    ("no age", ("{max_age_days: 365}", "{}"), "how long an approved assessment counts"),
    ("a day that is none", ("law_as_of: 2026-11-23", "law_as_of: 2026-13-23"), "is no day"),
    ("a binding day that is none", ("2026-12-02", "2 December"), "is no day"),
    (
        "an unknown variable",
        ("applies_from_var: since", "applies_from_var: sinse"),
        "Did you mean 'since'",
    ),
    (
        "a day from a number",
        ("applies_from_var: since", "applies_from_var: share"),
        "is no text that could hold a day",
    ),
    (
        "two days",
        ("applies_from_var: since", "applies_from_var: since\n    applies_from: 2027-01-01"),
        "Keep one",
    ),
    (
        "no last outcome",
        ('rank: 0, when: "true"', 'rank: 0, when: "vars.wide"'),
        "The last outcome must be so",
    ),
    (
        "a setting of keys",
        ("sets: {tier: 2}", "sets: {tier: {a: b}}"),
        "sets tier to what no field holds",
    ),
    (
        "an answer asked later",
        ("subject.is_ai == true", "answers.reach == 'high'"),
        "There is no fact",
    ),
    (
        "a later question",
        ("visible_when: \"answers.reach == 'high'\"", 'visible_when: "answers.agreed == true"'),
        "is not known yet",
    ),
    ("itself", ('expr: "total.pct"', 'expr: "vars.share"'), "is not known yet"),
    (
        "a score before it counts",
        ("\"answers.reach == 'high'\"", '"total.pct > 1.0"'),
        "There is no fact",
    ),
    (
        "a flag in an outcome",
        ('when: "vars.wide"', "when: \"'hires' in flags\""),
        "no fact or function flags",
    ),
    (
        "a misspelt option",
        ("answers.reach == 'high'\"\n    questions", "answers.reach == 'hihg'\"\n    questions"),
        "has no option 'hihg'. Did you mean 'high'?",
    ),
    (
        "a misspelt option in a list",
        ("'hiring' in answers.uses", "'hireing' in answers.uses"),
        "Did you mean 'hiring'?",
    ),
    (
        "another kind than declared",
        ('expr: "total.pct"', "expr: \"answers.reach == 'high'\""),
        "must give a number",
    ),
    ("whole numbers", ("share > 50.0", "share > 50"), "do not go together"),
    ("a syntax error", ("vars.share > 50.0 &&", "vars.share > 50.0 and"), "Write && for and"),
    ("an anchor", ("sections:", "sections: &all"), "anchors and aliases are not allowed"),
    ("a hidden character", ("House check", "House \u202e check"), "cannot be seen"),
]


@pytest.mark.parametrize(
    ("pair", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_questionnaire_that_makes_no_sense_is_refused_in_words(
    pair: tuple[str, str], why: str
) -> None:
    told = problems_of(changed(pair))

    assert any(why in problem for problem in told), told
    assert all(problem.endswith((".", "?")) for problem in told)


def test_a_refusal_names_the_line() -> None:
    text = changed(('when: "vars.wide"', 'when: "vars.wyde"'))
    line = next(at for at, words in enumerate(text.splitlines(), 1) if "vars.wyde" in words)

    assert problems_of(text)[0].startswith(f"Line {line}: The outcome closer: ")


def test_a_questionnaire_that_is_too_large_is_refused() -> None:
    question = "      - {key: q%d, text: T, help: H, type: boolean, cites: [C]}\n"
    many = "".join(question % number for number in range(301))
    text = changed(("  - id: more\n", many + "  - id: more\n"))

    assert any("asks at most 300 questions" in problem for problem in problems_of(text))
    assert "larger than 256 KiB" in problems_of(SMALL + "#" * 300_000)[0]
    assert (
        "title holds at most 200 characters"
        in problems_of(changed(("title: House check", f"title: {'x' * 201}")))[0]
    )


def test_an_expression_gives_a_value_of_its_kind() -> None:
    variables = Variables.of({"answers.x": Kind.ANY})
    expression = compile_expression("answers.x", variables=variables, gives=Kind.DOUBLE)

    assert expression.value({"answers": {"x": 2.5}}) == 2.5
    with pytest.raises(ExpressionError, match="something else than a number"):
        expression.value({"answers": {"x": None}})
    with pytest.raises(ExpressionError, match="neither true nor false"):
        expression.evaluate({"answers": {"x": 2.5}})


# -- answers ---------------------------------------------------------------------------------------

KEPT = [
    ("reach", "low", "low"),
    ("reach", "", None),
    ("uses", ["hiring", "credit", "hiring"], ["credit", "hiring"]),
    ("uses", None, []),
    ("people", 12, "12"),
    ("people", "0012.50", "12.5"),
    ("people", 0.0, "0"),
    ("grade", 4, "4"),
    ("reason", "  Wide.\r\nVery. ", "Wide.\nVery."),
    ("reason", None, ""),
    ("agreed", False, False),
    ("proof", ["evi_1", "evi_1"], ["evi_1"]),
]


@pytest.mark.parametrize(("key", "given", "kept"), KEPT)
def test_an_answer_is_kept_in_one_form(key: str, given: object, kept: object) -> None:
    question = asked().question(key)

    assert checked(question, given) == kept
    assert checked(question, checked(question, given)) == kept


NOT_TAKEN = [
    ("reach", "hgih", "has no option 'hgih'. Did you mean 'high'?"),
    ("reach", ["low"], "takes one of its options"),
    ("uses", "credit", "takes a list of its options"),
    ("uses", ["nothing", "credit"], "takes “Nothing” alone"),
    ("uses", [{}], "takes one of its options"),
    ("people", "many", "takes a number, not 'many'"),
    ("people", "1001", "takes a number from 0 to 1000"),
    ("people", "NaN", "takes a number up to"),
    ("people", "0.3", "takes steps of 0.5 from 0"),
    ("people", True, "takes a number"),
    ("grade", "0", "from 1 to 5"),
    ("grade", "2.5", "takes steps of 1 from 1"),
    ("reason", "x" * 201, "at most 200 characters"),
    ("reason", "\0", "cannot be shown"),
    ("reason", 3, "takes text"),
    ("agreed", "yes", "takes yes or no"),
    ("proof", [{}], "by their ids"),
    ("proof", [f"evi_{number}" for number in range(51)], "at most 50"),
]


@pytest.mark.parametrize(("key", "given", "why"), NOT_TAKEN)
def test_an_answer_a_question_does_not_take_is_refused(key: str, given: object, why: str) -> None:
    with pytest.raises(AnswerRefused, match=_escaped(why)):
        result_of({key: given})


def _escaped(words: str) -> str:
    return words.replace("?", r"\?").replace(".", r"\.")


def test_an_answer_to_no_question_is_refused() -> None:
    with pytest.raises(AnswerRefused, match=r"asks no question 'raech'\. Did you mean 'reach'\?"):
        result_of({"raech": "low"})


# -- results ---------------------------------------------------------------------------------------


def test_what_does_not_apply_comes_to_nothing() -> None:
    result = result_of({}, is_ai=False)

    assert not result.applies
    assert (result.outcome, result.required, result.missing) == (None, 0, ())


def test_a_result_is_provisional_until_everything_is_answered() -> None:
    result = result_of({"reach": "high", "reason": "Wide."})

    assert result.is_provisional
    assert result.missing == ("uses", "grade", "agreed")
    assert (result.answered, result.required) == (2, 5)
    assert (result.outcome, result.flags, result.obligations, dict(result.sets)) == (
        None, (), (), {},
    )  # fmt: skip


def test_an_answer_to_what_is_not_asked_does_not_count() -> None:
    result = result_of({**WIDE, "reach": "low"})

    assert result.visible_sections == ("start",)
    assert result.values["reason"] == ""
    assert result.outcome is not None
    assert result.outcome.id == "fine"
    assert not result.sections["more"].is_visible


def test_answers_count_by_weight_and_what_does_not_apply_counts_nothing() -> None:
    wide = result_of(WIDE)
    assert (wide.sections["start"].score, wide.sections["start"].max) == (6.0, 6.0)
    assert (wide.sections["more"].score, wide.sections["more"].max) == (6.0, 7.0)

    none = result_of({**WIDE, "reach": "none"})
    assert (none.total.score, none.total.max, none.total.pct) == (0.0, 0.0, 0.0)


def test_a_complete_result_says_what_follows_and_why() -> None:
    result = result_of(WIDE)

    assert result.outcome is not None
    assert result.outcome.id == "closer"
    assert result.flags == ("hires",)
    assert [(duty.rule.id, duty.applies_from) for duty in result.obligations] == [
        ("written", date(2027, 1, 1)),
        ("fair", date(2026, 12, 2)),
    ]
    assert result.sets == {"model.tier": 2}
    assert ("How far does it reach?", "High") in result.because
    assert ("Share", "92.31") in result.because
    assert result.vars["named"] == ("hiring",)


def test_the_same_answers_come_to_the_same_digest() -> None:
    assert result_of(WIDE).digest == result_of(dict(reversed(WIDE.items()))).digest
    assert result_of(WIDE).digest != result_of({**WIDE, "grade": "3"}).digest


def test_an_expression_that_fails_is_never_taken_for_false() -> None:
    text = changed(('expr: "total.pct"', 'expr: "total.score / (total.max - 13.0)"'))
    with pytest.raises(EvaluationFailed, match="cannot work out the variable share"):
        result_of(WIDE, text)

    unguarded = changed(('when: "vars.wide"', 'when: "answers.people > 3.0"'))
    with pytest.raises(EvaluationFailed, match="combines values that do not go together"):
        result_of(WIDE, unguarded)
    with pytest.raises(EvaluationFailed, match=r"subject\.is_ai is missing"):
        evaluate(asked(), subject={}, answers={}, today=DAY)


def test_several_options_may_add_up_to_a_cap() -> None:
    cites = '        cites: ["House rule 2"]\n'
    text = changed(
        (
            cites,
            f"{cites}        scored: true\n        combine: sum\n        cap: 5\n",
        ),
        ('label: "Credit"', 'label: "Credit", score: 4'),
        ('label: "Hiring"', 'label: "Hiring", score: 3'),
    )
    result = result_of({"reach": "none", "uses": ["credit", "hiring"]}, text)

    assert (result.sections["start"].score, result.sections["start"].max) == (5.0, 5.0)
    assert result.scores["uses"] == 5.0


# -- moving to a newer version ---------------------------------------------------------------------


def test_answers_stay_where_key_type_and_options_are_the_same() -> None:
    newer = parsed(
        changed(
            ("      - key: people", "      - key: persons"),
            ('          - {value: credit, label: "Credit"}\n', ""),
            ("max_length: 200", "max_length: 10"),
        )
    )
    moved = carried(
        asked(),
        newer,
        {"reach": "low", "uses": ["hiring"], "people": "3", "reason": "It is far too long."},
    )

    assert moved.kept == {"reach": "low"}
    why = dict(moved.dropped)
    assert why["people"] == "It is no longer asked."
    assert why["uses"] == "Its options are others now."
    assert "at most 10 characters" in why["reason"]


def test_shipped_texts_are_read_once() -> None:
    assert questionnaires.shipped(SHIPPED[0]) is questionnaires.shipped(SHIPPED[0])
