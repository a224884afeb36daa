"""The questionnaires say the same in a second engine of the expression language."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, cast

import celpy
import pytest
import yaml
from celpy.adapter import CELJSONEncoder, json_to_cel
from celpy.evaluation import Context

from apps.risk.questionnaires import Questionnaire, Result, evaluate, shipped
from tests.risk.questionnaire_texts import EXAMPLES

LONG = os.environ.get("SIGNET_TEST_LONG") == "1"
EVERY = sorted(EXAMPLES.glob("*.yaml"))
FEW = (
    "airmf-tier1-core-uneven",
    "eu-credit-scoring-bank",
    "genai-mailbox-agent-critical",
    "tier-retail-pd-irb",
)


@cache
def _program(source: str) -> celpy.Runner:
    environment = celpy.Environment()
    return environment.program(environment.compile(source))


def _told(source: str, facts: dict[str, Any]) -> Any:
    """Return what the second engine makes of an expression, as plain values."""
    return CELJSONEncoder.to_python(_program(source).evaluate(cast(Context, json_to_cel(facts))))


def _facts(result: Result, example: dict[str, Any], questionnaire: Questionnaire) -> dict[str, Any]:
    on = date.fromisoformat(example["today"])
    kept = {key: list(one) if isinstance(one, tuple) else one for key, one in result.vars.items()}
    assert result.outcome is not None
    return {
        "subject": example["subject"],
        "today": datetime.combine(on, time(), tzinfo=UTC),
        "answers": dict(result.values),
        "scores": {key: result.scores.get(key, 0.0) for key in questionnaire.question_keys},
        "sections": {key: one.as_facts() for key, one in result.sections.items()},
        "total": result.total.as_facts(),
        "vars": kept,
        "outcome": result.outcome.id,
        "flags": list(result.flags),
    }


def _differ(questionnaire: Questionnaire, result: Result, facts: dict[str, Any]) -> Iterator[str]:
    for var in questionnaire.vars:
        if _told(var.expression.source, facts) != facts["vars"][var.key]:
            yield var.key
    found = next(one for one in questionnaire.outcomes if _told(one.when.source, facts))
    if found is not result.outcome:
        yield found.id
    for flag in questionnaire.flags:
        if _told(flag.when.source, facts) != (flag.id in result.flags):
            yield flag.id
    duties = {duty.rule.id for duty in result.obligations}
    for rule in questionnaire.obligations:
        if _told(rule.when.source, facts) != (rule.id in duties):
            yield rule.id


@pytest.mark.parametrize(
    "path", [one for one in EVERY if LONG or one.stem in FEW], ids=lambda path: path.stem
)
def test_an_example_comes_to_the_same_in_a_second_engine(path: Path) -> None:
    example = yaml.safe_load(path.read_text(encoding="utf-8"))
    questionnaire = shipped(example["questionnaire"])
    result = evaluate(
        questionnaire,
        subject=example["subject"],
        answers=example["answers"],
        today=date.fromisoformat(example["today"]),
    )

    assert list(_differ(questionnaire, result, _facts(result, example, questionnaire))) == []
