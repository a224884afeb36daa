"""What a newer text of a questionnaire says otherwise: each kind of change in words, by step."""

import pytest

from apps.risk.questionnaires import differences, parse
from apps.risk.questionnaires.differences import Step
from tests.risk.questionnaire_texts import SMALL, changed

PATCH, MINOR, MAJOR = Step.PATCH, Step.MINOR, Step.MAJOR

REACH = """\
      - key: reach
        text: How far does it reach?
        help: Choose the wider.
        type: choice
        option_set: degree
        scored: true
        weight: 2
        cites: ["House rule 1"]
"""
PEOPLE = """\
      - key: people
        text: How many people decide with it?
        help: A number.
        type: number
        min: 0
        max: 1000
        step: 0.5
        required: false
        cites: ["House rule 3"]
"""
ASKED = '      - {key: new, text: "Is it new?", help: Now., type: boolean, cites: [R]%s}\n'
SCORED = ", scored: true, score_true: 5"
SECTION = """\
  - id: last
    title: Last
    questions:
      - {key: end, text: "Is that all?", help: Look., type: boolean, cites: [R]}
"""
FLAG = """  - {id: hires, label: "Used in hiring", when: "'hiring' in answers.uses"}\n"""
HIGH = '    - {value: high, label: "High", score: 3}\n'
OUTCOME = """  - {id: odd, label: "Odd", description: "Odd.", rank: 9, when: "vars.wide"}\n"""
VAR = """  - {key: more, type: boolean, expr: "vars.share > 90.0"}\n"""
FINE = """  - {id: fine, label: "Fine", description: "It does not.", rank: 0, when: "true"}\n"""
FAIR = """\
  - id: fair
    title: Look at fairness
    kind: document
    ref: model-card
    when: "'hires' in flags"
    gates: [staging_to_production]
    applies_from: 2026-12-02
    cites: ["House rule 9"]
"""

CASES: dict[str, tuple[tuple[tuple[str, str], ...], str, str, Step]] = {
    # the questionnaire as a whole
    "title": (
        (("title: House check", "title: House look"),),
        "The questionnaire",
        "The title was: House check. It is now: House look.",
        PATCH,
    ),
    "a short title that comes": (
        (("summary:", "short_title: House\nsummary:"),),
        "The questionnaire",
        "The short title is new: House.",
        PATCH,
    ),
    "the state of the law": (
        (("law_as_of: 2026-11-23", "law_as_of: 2026-12-01"),),
        "The questionnaire",
        "The state of the law was: 2026-11-23. It is now: 2026-12-01.",
        PATCH,
    ),
    "when it applies": (
        (("subject.is_ai == true", "subject.is_ai == false"),),
        "The questionnaire",
        "When it applies was: subject.is_ai == true. It is now: subject.is_ai == false.",
        MAJOR,
    ),
    "when it applies at all": (
        (('applies_when: "subject.is_ai == true"\n', 'applies_when: "true"\n'),),
        "The questionnaire",
        "When it applies was: subject.is_ai == true. It is now: true.",
        MAJOR,
    ),
    "who answers": (
        (("respondents: [model_owner]", "respondents: [model_owner, model_developer]"),),
        "The questionnaire",
        "Who answers it was: model_owner. It is now: model_owner, model_developer.",
        MINOR,
    ),
    "how long it counts": (
        (("max_age_days: 365}", "max_age_days: 180}"),),
        "The questionnaire",
        "When it is assessed anew was: max_age_days 365. It is now: max_age_days 180.",
        MINOR,
    ),
    # sections
    "when a section is asked": (
        (("visible_when: \"answers.reach == 'high'\"\n    questions", "questions"),),
        "The section more (More)",
        "When it is asked is gone; it was: answers.reach == 'high'.",
        MAJOR,
    ),
    "the title of a section": (
        (("title: More\n", "title: Further\n"),),
        "The section more (Further)",
        "The title was: More. It is now: Further.",
        PATCH,
    ),
    "when a question is asked": (
        ((PEOPLE, f"{PEOPLE}        visible_when: \"answers.reach == 'high'\"\n"),),
        "The question people",
        "When it is asked is new: answers.reach == 'high'.",
        MAJOR,
    ),
    "who reviews": (
        (("reviewers: [risk_officer]", "reviewers: [validator]"),),
        "The questionnaire",
        "Who reviews it was: risk_officer. It is now: validator.",
        MINOR,
    ),
    "what yes counts": (
        (("score_true: 2", "score_true: 3"),),
        "The question agreed",
        "The score of yes was: 2. It is now: 3.",
        MAJOR,
    ),
    "which evidence a question takes": (
        (("evidence_types: [classification_rationale]", "evidence_types: [monitoring_plan]"),),
        "The question proof",
        "Which evidence it takes was: classification_rationale. It is now: monitoring_plan.",
        MINOR,
    ),
    "where an answer goes in the inventory": (
        (('cites: ["House rule 5"]', 'maps_to: model.grade\n        cites: ["House rule 5"]'),),
        "The question grade",
        "The inventory field is new: model.grade.",
        MAJOR,
    ),
    # questions
    "a question that comes": (
        ((PEOPLE, ASKED % "" + PEOPLE),),
        "The question new",
        "It is new: Is it new?",
        MINOR,
    ),
    "a question that comes and counts": (
        ((PEOPLE, ASKED % SCORED + PEOPLE),),
        "The question new",
        "It is new: Is it new? It counts for the score.",
        MAJOR,
    ),
    "a question that goes": (
        ((PEOPLE, ""),),
        "The question people",
        "It is no longer asked: How many people decide with it?",
        MAJOR,
    ),
    "the words of a question": (
        (("How far does it reach?", "How far is its reach?"),),
        "The question reach",
        "The text was: How far does it reach? It is now: How far is its reach?",
        PATCH,
    ),
    "its help": (
        (("help: Choose the wider.", "help: Choose the widest."),),
        "The question reach",
        "The help was: Choose the wider. It is now: Choose the widest.",
        PATCH,
    ),
    "what it cites": (
        (('cites: ["House rule 1"]', 'cites: ["House rule 1", "House rule 10"]'),),
        "The question reach",
        "What it cites was: House rule 1. It is now: House rule 1, House rule 10.",
        PATCH,
    ),
    "whether it must be answered": (
        ((PEOPLE, PEOPLE.replace("        required: false\n", "")),),
        "The question people",
        "Whether it must be answered was: no. It is now: yes.",
        MINOR,
    ),
    "its longest answer": (
        (("max_length: 200", "max_length: 300"),),
        "The question reason",
        "The longest answer was: 200. It is now: 300.",
        MINOR,
    ),
    "its least and most": (
        (("max: 1000", "max: 2000"),),
        "The question people",
        "The most it takes was: 1000. It is now: 2000.",
        MAJOR,
    ),
    "its weight": (
        (("weight: 2", "weight: 3"),),
        "The question reach",
        "The weight was: 2. It is now: 3.",
        MAJOR,
    ),
    "a weight that was understood": (
        (("        weight: 2\n", ""),),
        "The question reach",
        "The weight was: 2. It is now: 1.",
        MAJOR,
    ),
    "the order of questions": (
        ((REACH, ""), (PEOPLE, PEOPLE + REACH)),
        "The questions",
        "They are asked in another order.",
        PATCH,
    ),
    # options
    "an option that comes": (
        (('label: "Hiring"}\n', 'label: "Hiring"}\n          - {value: law, label: "Law"}\n'),),
        "The question uses",
        "A new option: Law.",
        MINOR,
    ),
    "an option that comes and counts most": (
        ((HIGH, HIGH + '    - {value: extreme, label: "Extreme", score: 5}\n'),),
        "The question reach",
        "A new option: Extreme.",
        MAJOR,
    ),
    "an option that comes and counts less": (
        ((HIGH, HIGH + '    - {value: middle, label: "Middle", score: 2}\n'),),
        "The question reach",
        "A new option: Middle.",
        MINOR,
    ),
    "an option that goes": (
        (('          - {value: credit, label: "Credit"}\n', ""),),
        "The question uses",
        "The option is gone: Credit.",
        MAJOR,
    ),
    "the label of an option": (
        (('label: "Credit"', 'label: "Lending"'),),
        "The question uses, option Lending",
        "The label was: Credit. It is now: Lending.",
        PATCH,
    ),
    "the score of an option": (
        (('label: "High", score: 3', 'label: "High", score: 4'),),
        "The question reach, option High",
        "The score was: 3. It is now: 4.",
        MAJOR,
    ),
    "that an option stands alone": (
        ((", exclusive: true", ""),),
        "The question uses, option Nothing",
        "Whether it stands alone was: yes. It is now: no.",
        MAJOR,
    ),
    # what is worked out
    "a variable that comes": (
        (("outcomes:\n", f"{VAR}outcomes:\n"),),
        "The variable more",
        "It is new.",
        MAJOR,
    ),
    "how a variable is worked out": (
        (("share > 50.0", "share > 60.0"),),
        "The variable wide",
        (
            "How it is worked out was: vars.share > 50.0 && answers.reach == 'high'. "
            "It is now: vars.share > 60.0 && answers.reach == 'high'."
        ),
        MAJOR,
    ),
    "an outcome that comes": (
        ((FINE, OUTCOME + FINE),),
        "The outcome odd (Odd)",
        "It is new.",
        MAJOR,
    ),
    "what an outcome sets": (
        (("sets: {tier: 2}", "sets: {tier: 1}"),),
        "The outcome closer (Look closer)",
        "What it sets was: tier 2. It is now: tier 1.",
        MAJOR,
    ),
    "what an outcome sets no more": (
        (("    sets: {tier: 2}\n", ""),),
        "The outcome closer (Look closer)",
        "What it sets was: tier 2. It is now: nothing.",
        MAJOR,
    ),
    "the label of an outcome": (
        (("label: Look closer", "label: Look again"),),
        "The outcome closer (Look again)",
        "The label was: Look closer. It is now: Look again.",
        PATCH,
    ),
    "the rank of an outcome": (
        (("rank: 50", "rank: 60"),),
        "The outcome closer (Look closer)",
        "The rank was: 50. It is now: 60.",
        MAJOR,
    ),
    "a flag that comes": (
        ((FLAG, FLAG + FLAG.replace("hires", "recruits").replace("Used in h", "For h")),),
        "The flag recruits (For hiring)",
        "It is new.",
        MAJOR,
    ),
    "when a flag is so": (
        (("'hiring' in answers.uses", "'credit' in answers.uses"),),
        "The flag hires (Used in hiring)",
        "When it is so was: 'hiring' in answers.uses. It is now: 'credit' in answers.uses.",
        MAJOR,
    ),
    # obligations
    "an obligation that goes": (
        ((FAIR, ""),),
        "The obligation fair (Look at fairness)",
        "It is gone.",
        MAJOR,
    ),
    "what fulfills an obligation": (
        (("ref: model-card", "ref: validation-report"),),
        "The obligation fair (Look at fairness)",
        "What fulfills it was: model-card. It is now: validation-report.",
        MAJOR,
    ),
    "the gates of an obligation": (
        ((FAIR, FAIR.replace("gates: [staging_to_production]\n    ", "gates: []\n    ")),),
        "The obligation fair (Look at fairness)",
        "Before which transitions it stands was: staging_to_production. It is now: nothing.",
        MAJOR,
    ),
    "the day an obligation binds from": (
        (("    applies_from: 2026-12-02\n", ""),),
        "The obligation fair (Look at fairness)",
        "The day it binds from is gone; it was: 2026-12-02.",
        MAJOR,
    ),
    "the title of an obligation": (
        (("title: Look at fairness", "title: Look at who is treated how"),),
        "The obligation fair (Look at who is treated how)",
        "The title was: Look at fairness. It is now: Look at who is treated how.",
        PATCH,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_change_is_said_in_words_with_the_step_it_takes(case: str) -> None:
    pairs, area, words, step = CASES[case]

    found = differences.between(parse(SMALL), parse(changed(*pairs)))

    assert [(one.area, one.words, one.step) for one in found] == [(area, words, step)]


def test_a_question_that_moves_is_another_matter_in_another_section() -> None:
    moved = changed((PEOPLE, ""), ("      - key: reason\n", f"{PEOPLE}      - key: reason\n"))

    [found] = differences.between(parse(SMALL), parse(moved))

    assert found.words == "The section was: start. It is now: more."
    assert found.step is MAJOR


def test_a_section_that_comes_brings_its_questions_along() -> None:
    longer = changed(("vars:\n", f"{SECTION}vars:\n"))

    found = differences.between(parse(SMALL), parse(longer))

    assert [(one.area, one.words, one.step) for one in found] == [
        ("The section last (Last)", "It is new.", MINOR),
        ("The question end", "It is new: Is that all?", MINOR),
    ]


def test_a_section_that_goes_takes_its_questions_along() -> None:
    longer = changed(("vars:\n", f"{SECTION}vars:\n"))

    found = differences.between(parse(longer), parse(SMALL))

    assert [(one.area, one.words) for one in found] == [
        ("The section last (Last)", "It is gone."),
        ("The question end", "It is no longer asked: Is that all?"),
    ]


def test_outcomes_in_another_order_are_another_meaning() -> None:
    one = changed((FINE, OUTCOME + FINE))
    other = changed(("outcomes:\n", f"outcomes:\n{OUTCOME}"))

    [found] = differences.between(parse(one), parse(other))

    assert found.words == "They are tried in another order, and the first that is so wins."
    assert found.step is MAJOR


def test_options_of_a_set_are_differences_of_the_questions_that_use_them() -> None:
    wider = changed(('label: "Low", score: 1', 'label: "Low", score: 2'))

    assert {one.area for one in differences.between(parse(SMALL), parse(wider))} == {
        "The question reach, option Low"
    }


def test_layout_comments_and_the_number_are_no_difference() -> None:
    same = changed(("version: 1.0.0", "version: 1.0.1"), ("sections:\n", "# asked\nsections:\n"))

    assert differences.between(parse(SMALL), parse(same)) == ()
    assert differences.step_between(parse(SMALL), parse(same)) is None


def test_the_largest_step_comes_first_and_says_the_number() -> None:
    both = changed(("title: House check", "title: House look"), ("weight: 2", "weight: 3"))

    found = differences.between(parse(SMALL), parse(both))

    assert [one.step for one in found] == [MAJOR, PATCH]
    assert differences.step_between(parse(SMALL), parse(both)) is MAJOR
    assert [one.step.words for one in found] == ["another meaning", "wording"]


def test_a_long_text_is_shown_by_its_beginning() -> None:
    long = changed(("summary: Whether a model needs a closer look.", f"summary: {'x' * 900}"))

    [found] = differences.between(parse(SMALL), parse(long))

    assert found.words.endswith("x…")
    assert len(found.words) < 520
