"""An assessment that leaves Signet says which answers nobody gave yet."""

import json
from typing import Any

import pytest

from apps.core.clock import database_now
from apps.risk.operations import answers
from apps.risk.papers import Paper
from tests import scenarios
from tests.factories import actor
from tests.risk.assessed import EU, PURPOSE, described_use, started

pytestmark = pytest.mark.django_db

WAITS = "Filled in from the inventory. Nobody confirmed it yet."


def test_what_was_filled_in_is_marked_until_a_person_confirms_it() -> None:
    draft, today = started(described_use(), EU), database_now().date()

    def told() -> tuple[Any, list[str]]:
        paper = Paper.of(draft, today)
        fields = [field for section in paper.told()["sections"] for field in section["fields"]]
        return json.loads(paper.as_json()), [field["text"] for field in fields]

    as_json, printed = told()
    assert as_json["prefilled"] == ["intended_purpose"]
    assert "intended_purpose" not in as_json["answered"]
    assert f"{PURPOSE}\n{WAITS}" in printed

    answers.confirm_prefilled(draft, ["intended_purpose"], by=actor(scenarios.owner()))

    as_json, printed = told()
    assert as_json["prefilled"] == []
    assert "intended_purpose" in as_json["answered"]
    assert PURPOSE in printed
