"""Whatever is answered, a questionnaire comes to something, and to the same thing every time."""

import json
import os
import random
from datetime import date
from typing import Any

import pytest

from apps.core.digests import digest_of
from apps.risk.questionnaires import SHIPPED, Question, QuestionType, checked, evaluate, shipped

LONG = os.environ.get("SIGNET_TEST_LONG") == "1"
RUNS = 1000 if LONG else 60
DAY = date(2026, 11, 23)


def _answer(question: Question, chance: random.Random) -> Any:
    if chance.random() < 0.1:
        return None
    options = [option.value for option in question.options]
    if question.type is QuestionType.CHOICE:
        return chance.choice(options)
    if question.type is QuestionType.MULTICHOICE:
        return _chosen(question, chance)
    if question.type is QuestionType.BOOLEAN:
        return chance.random() < 0.5
    if question.type is QuestionType.EVIDENCE:
        return [f"evi_{chance.randint(1, 9)}"]
    return "Some words." if question.type is QuestionType.TEXT else chance.randint(1, 5)


def _chosen(question: Question, chance: random.Random) -> list[str]:
    alone = [option.value for option in question.options if option.is_exclusive]
    others = [option.value for option in question.options if not option.is_exclusive]
    if alone and chance.random() < 0.5:
        return [chance.choice(alone)]
    return chance.sample(others, chance.randint(1, len(others)))


def _subject(chance: random.Random) -> dict[str, bool | int]:
    return {
        "eu_in_scope": True,
        "tiering_required": True,
        "is_ai": True,
        "is_generative": True,
        "is_agentic": chance.random() < 0.5,
        "is_third_party": chance.random() < 0.5,
        "tier": chance.randint(1, 4),
    }


@pytest.mark.parametrize("name", SHIPPED)
def test_random_answers_always_come_to_something(name: str) -> None:
    questionnaire = shipped(name)
    for seed in range(RUNS // len(SHIPPED)):
        chance = random.Random(f"{name} {seed}")
        subject = _subject(chance)
        answers = {
            question.key: _answer(question, chance)
            for question in questionnaire.questions
            if seed % 3 or chance.random() < 0.9
        }

        result = evaluate(questionnaire, subject=subject, answers=answers, today=DAY)

        told = f"{name}, seed {seed}"
        assert result.is_provisional == bool(result.missing), told
        assert (result.outcome is None) == result.is_provisional, told
        assert result.answered + len(result.missing) == result.required, told
        again = evaluate(questionnaire, subject=subject, answers=answers, today=DAY)
        assert again == result, told
        assert again.digest == result.digest, told
        stored = json.loads(json.dumps(result.plain()))
        assert stored == result.plain(), told
        assert digest_of(stored) == result.digest, told
        kept = {key: checked(questionnaire.question(key), one) for key, one in answers.items()}
        from_kept = evaluate(
            questionnaire, subject=subject, answers=json.loads(json.dumps(kept)), today=DAY
        )
        assert from_kept.digest == result.digest, told
