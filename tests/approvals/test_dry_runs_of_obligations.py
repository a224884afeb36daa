"""A dry run reckons with what open obligations do to gates, as the gates themselves do."""

from collections.abc import Iterable
from datetime import date

import pytest

from apps.approvals.models import DryRun
from apps.approvals.obligations import Kind, Obligation
from apps.catalog.lifecycle import Stage
from tests import scenarios
from tests.approvals.gates import PRODUCTION
from tests.approvals.policy_texts import Document
from tests.approvals.policy_walk import drafted, tried

pytestmark = pytest.mark.django_db

MOVES = frozenset({PRODUCTION})
STOP = Obligation("obl_1", Kind.RESTRICTION, "Stop its use", MOVES)
LATER = Obligation("obl_2", Kind.ACTION, "Publish the card", MOVES, date(2999, 1, 1))
HELD = Obligation("obl_3", Kind.CONDITION, "Lift the hold", MOVES, condition="no_legal_hold")


def owing(monkeypatch: pytest.MonkeyPatch, *owed: Obligation) -> None:
    """Let every version owe some things."""
    monkeypatch.setattr(
        "apps.approvals.facts.context.Evidence.obligations", lambda *_, **__: tuple(owed)
    )


def blocks_before_the_day(document: Document) -> None:
    document["obligation_enforcement"] = {
        "before_applies_from": "block",
        "from_applies_from": "block",
        "restriction": "block",
        "approval": "add_slot",
    }


def names(found: dict[str, Iterable[dict[str, list[str]]]]) -> list[list[str]]:
    return [one["conditions"] for one in found["examples"]]


@pytest.fixture
def staged() -> None:
    scenarios.requested(Stage.PRODUCTION)


@pytest.mark.usefixtures("staged")
@pytest.mark.parametrize("owed", [STOP, HELD])
def test_a_gate_that_an_obligation_shuts_either_way_neither_opens_nor_shuts(
    monkeypatch: pytest.MonkeyPatch, owed: Obligation
) -> None:
    owing(monkeypatch, owed)

    told = tried(drafted()).report

    for name in ("opened", "blocked", "requests_opened", "requests_blocked"):
        assert told[name]["count"] == 0, name


@pytest.mark.usefixtures("staged")
def test_an_obligation_that_would_shut_a_gate_is_named_by_its_title(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owing(monkeypatch, LATER)

    told = tried(drafted(blocks_before_the_day)).report

    assert names(told["blocked"]) == names(told["requests_blocked"]) == [["Publish the card"]]
    assert [one["title"] for one in told["by_condition"]] == ["Publish the card"]


@pytest.mark.usefixtures("staged")
def test_a_condition_the_policy_would_no_longer_have_shuts_the_gate_that_an_obligation_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owing(monkeypatch, HELD)

    def without_the_condition(document: Document) -> None:
        document["conditions"] = [
            one for one in document["conditions"] if one["id"] != "no_legal_hold"
        ]
        for one in document["transitions"]:
            one["conditions"] = [
                each for each in one["conditions"] if each["condition"] != "no_legal_hold"
            ]

    told: DryRun = tried(drafted(without_the_condition))

    assert names(told.report["requests_blocked"]) == [["Lift the hold"]]
