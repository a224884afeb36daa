"""A small questionnaire, and ways to say one thing otherwise in it."""

from pathlib import Path

from apps.risk.questionnaires import QuestionnaireRefused, parse

EXAMPLES = Path(__file__).parent / "examples"

SMALL = """\
schema_version: 1
kind: questionnaire
id: house-check
version: 1.0.0
title: House check
summary: Whether a model needs a closer look.
status: draft
language: en
law_as_of: 2026-11-23
subject: model
applies_when: "subject.is_ai == true"
respondents: [model_owner]
reviewers: [risk_officer]
reassessment: {max_age_days: 365}
option_sets:
  degree:
    - {value: low, label: "Low", score: 1}
    - {value: high, label: "High", score: 3}
    - {value: none, label: "Does not apply", not_applicable: true}
sections:
  - id: start
    title: Start
    questions:
      - key: reach
        text: How far does it reach?
        help: Choose the wider.
        type: choice
        option_set: degree
        scored: true
        weight: 2
        cites: ["House rule 1"]
      - key: uses
        text: What is it used for?
        help: Choose all.
        type: multichoice
        cites: ["House rule 2"]
        options:
          - {value: credit, label: "Credit"}
          - {value: hiring, label: "Hiring"}
          - {value: nothing, label: "Nothing", exclusive: true}
      - key: people
        text: How many people decide with it?
        help: A number.
        type: number
        min: 0
        max: 1000
        step: 0.5
        required: false
        cites: ["House rule 3"]
  - id: more
    title: More
    visible_when: "answers.reach == 'high'"
    questions:
      - key: reason
        text: Why does it reach so far?
        help: In your words.
        type: text
        max_length: 200
        cites: ["House rule 4"]
      - key: grade
        text: How well is it watched?
        help: From 1 to 5.
        type: scale
        min: 1
        max: 5
        scored: true
        cites: ["House rule 5"]
      - key: agreed
        text: Has the owner agreed?
        help: In writing.
        type: boolean
        scored: true
        score_true: 2
        cites: ["House rule 6"]
      - key: proof
        text: Attach the proof.
        help: If there is one.
        type: evidence
        evidence_types: [classification_rationale]
        required: false
        cites: ["House rule 7"]
vars:
  - key: share
    type: number
    expr: "total.pct"
  - key: wide
    type: boolean
    expr: "vars.share > 50.0 && answers.reach == 'high'"
  - key: since
    type: text
    expr: "vars.wide ? '2027-01-01' : ''"
  - key: named
    type: list
    expr: "answers.uses.filter(use, use != 'nothing')"
outcomes:
  - id: closer
    label: Look closer
    description: It matters.
    rank: 50
    when: "vars.wide"
    sets: {tier: 2}
  - {id: fine, label: "Fine", description: "It does not.", rank: 0, when: "true"}
flags:
  - {id: hires, label: "Used in hiring", when: "'hiring' in answers.uses"}
obligations:
  - id: written
    title: Write it down
    kind: evidence
    ref: classification_rationale
    when: "outcome == 'closer'"
    gates: [staging_to_production]
    applies_from_var: since
    cites: ["House rule 8"]
  - id: fair
    title: Look at fairness
    kind: document
    ref: model-card
    when: "'hires' in flags"
    gates: [staging_to_production]
    applies_from: 2026-12-02
    cites: ["House rule 9"]
"""


def changed(*pairs: tuple[str, str], text: str = SMALL) -> str:
    """Return the small questionnaire with some words in it replaced by others, once each."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def problems_of(text: str) -> tuple[str, ...]:
    """Return why a text is refused; nothing where it is taken."""
    try:
        parse(text)
    except QuestionnaireRefused as refusal:
        return refusal.problems
    return ()
