"""The shipped questionnaires come to what their examples say."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from apps.risk import questionnaires
from apps.risk.questionnaires import Result
from tests.risk.questionnaire_texts import EXAMPLES

_NEAR = 0.05


@cache
def _example(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


def _found(example: dict[str, Any]) -> Result:
    return questionnaires.evaluate(
        questionnaires.shipped(example["questionnaire"]),
        subject=example["subject"],
        answers=example["answers"],
        today=date.fromisoformat(example["today"]),
    )


PATHS = sorted(EXAMPLES.glob("*.yaml"))


def test_every_shipped_questionnaire_has_examples() -> None:
    assert len(PATHS) == 34
    assert {_example(path)["questionnaire"] for path in PATHS} == set(questionnaires.SHIPPED)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_an_example_comes_to_what_it_says(path: Path) -> None:
    example = _example(path)
    expected, result = example["expect"], _found(example)

    assert result.applies == expected["applies"]
    assert result.outcome is not None
    assert result.outcome.id == expected["outcome"]
    assert set(result.flags) == set(expected["flags"])
    assert dict(result.outcome.sets) == expected["sets"]
    assert list(result.missing) == expected["missing_required"]
    assert set(expected.get("visible", ())) <= result.visible
    assert not set(expected.get("hidden", ())) & result.visible
    if "obligations" in expected:
        assert {duty.rule.id for duty in result.obligations} == set(expected["obligations"])


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_an_example_is_counted_as_it_says(path: Path) -> None:
    example = _example(path)
    expected, result = example["expect"], _found(example)

    for key, value in expected.get("vars", {}).items():
        found = result.vars[key]
        if isinstance(value, float):
            assert found == pytest.approx(value, abs=_NEAR), key
        else:
            assert (list(found) if isinstance(found, tuple) else found) == value, key
    for key, value in expected.get("sections_pct", {}).items():
        assert result.sections[key].pct == pytest.approx(value, abs=_NEAR), key
    if "total_pct" in expected:
        assert result.total.pct == pytest.approx(expected["total_pct"], abs=_NEAR)
