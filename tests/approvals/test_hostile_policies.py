"""Texts of policies that would mean something else than they show, or count what nobody can."""

import pytest

from apps.approvals import policies
from apps.approvals.policies import PolicyRefused
from tests.approvals.policy_texts import Change, Document, move, text_of


def setting(name: str, value: object) -> Change:
    def change(document: Document) -> None:
        for tier in document["tiers"]:
            tier["settings"][name] = value

    return change


def test_a_policy_counts_days_in_whole_numbers_that_a_calendar_has() -> None:
    for name in ("approval_valid_days", "authorization_valid_days"):
        for value in (60.0, 10**13, "soon", 0, -1, True):
            with pytest.raises(PolicyRefused, match=f"settings → {name} must be "):
                policies.parse(text_of(setting(name, value)))
    for value in (10**13, -1):
        with pytest.raises(PolicyRefused, match=r"settings → waiver_max_days must be "):
            policies.parse(text_of(setting("waiver_max_days", value)))


def counts_in_decimals(document: Document) -> None:
    for slots in move(document)["sign_offs"].values():
        slots[0]["count"] = 1.0


def test_a_policy_counts_people_in_whole_numbers() -> None:
    with pytest.raises(PolicyRefused, match=r"must be a whole number from 1 to 10, not 1\.0\."):
        policies.parse(text_of(counts_in_decimals))


def test_an_id_or_a_number_in_a_policy_ends_where_it_seems_to() -> None:
    changes: list[Change] = [
        lambda document: document.update(id="starter\n"),
        lambda document: document.update(version="1.0.1\n"),
        lambda document: document.update(version="01.0.1"),
        lambda document: document["conditions"][0].update(id="metrics_recorded\n"),
    ]
    for change in changes:
        with pytest.raises(PolicyRefused, match=r"must be (a name of small letters|three numbers)"):
            policies.parse(text_of(change))


def test_a_policy_holds_nothing_that_those_who_sign_it_cannot_see() -> None:
    text = policies.shipped("starter").text
    before, _, rest = text.partition("\ntitle: ")
    after = rest.partition("\n")[2]
    for written, words in (
        (r"\0", "cannot be stored"),
        (r"\ud800", "cannot be stored"),
        (r"\x1b", "cannot be seen"),
        (r"\u202e", "cannot be seen"),
        ("\u2066", "cannot be seen"),
    ):
        with pytest.raises(PolicyRefused, match=words):
            policies.parse(f'{before}\ntitle: "Policy{written}"\n{after}')
    with pytest.raises(PolicyRefused, match="cannot be seen"):
        policies.parse(f"{text}\n# \u202e what reviewers read\n")
    assert policies.parse(text.replace("\n", "\r\n")).digest == policies.shipped("starter").digest


def test_of_a_text_that_is_wrong_throughout_a_part_is_told() -> None:
    with pytest.raises(PolicyRefused) as refusal:
        policies.parse("roles:\n" + "- 1\n" * 2000)

    assert len(refusal.value.problems) == 200
    assert "And 190 more." in str(refusal.value)
