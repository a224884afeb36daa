"""What duties come to for the people there are: slots nobody fills, and who could act alone."""

from collections.abc import Callable, Sequence

import pytest

from apps.approvals import operations, policies
from apps.approvals.policies import Mode, Policy
from apps.approvals.policies.duties import (
    PROMOTE,
    REQUEST,
    RETIRE,
    ROLL_BACK,
    SIGN,
    Person,
    Simulation,
)
from apps.approvals.policies.parts import TIERS
from tests.approvals.policy_texts import Document, changed, move, part

STARTER = policies.shipped("starter")


def one(name: str, *roles: str, **facts: object) -> Person:
    """Return somebody who holds roles."""
    told = {
        "id": name,
        "roles": sorted(roles),
        "org_unit": "",
        "managers": [],
        "is_service_account": False,
        "is_platform_admin": False,
        "training_current": True,
    }
    return Person(name, name.title(), frozenset(roles), told | facts)


BANK = (
    one("olivia", "model_owner"),
    one("vera", "validator"),
    one("rita", "risk_officer"),
    one("otis", "operator"),
    one("rex", "records_manager"),
)


def unfilled(people: Sequence[Person], policy: Policy = STARTER) -> set[tuple[str, str, int]]:
    found = Simulation(policy).unfilled(people, [1])
    return {(slot.transition, slot.role, slot.found) for slot in found}


def alone(people: Sequence[Person], policy: Policy, tier: int = 1) -> dict[str, list[str]]:
    return {
        moved.transition: [person.id for person in moved.people]
        for moved in Simulation(policy).alone(people, [tier])
        if moved.mode is Mode.STANDARD
    }


def test_the_rights_it_asks_for_are_those_of_the_operations() -> None:
    assert operations.REQUEST_PROMOTION.permission == REQUEST
    assert operations.PROMOTE.permission == PROMOTE
    assert operations.ARCHIVE.permission == operations.DECOMMISSION.permission == RETIRE
    assert operations.ROLL_BACK.permission == ROLL_BACK
    assert operations.SIGN_OFF.permission == SIGN


def test_with_somebody_for_every_role_every_slot_can_be_filled() -> None:
    assert unfilled(BANK) == set()


def test_a_slot_without_anybody_in_its_role_is_named_at_every_move_that_has_it() -> None:
    without = [person for person in BANK if person.id != "rita"]

    assert unfilled(without) == {
        ("staging_to_production", "risk_officer", 0),
        ("reauthorization", "risk_officer", 0),
    }


def test_a_slot_for_two_with_one_person_is_named_with_how_many_there_are() -> None:
    def two_validators(document: Document) -> None:
        move(document)["sign_offs"]["1"][0]["count"] = 2

    assert unfilled(BANK, changed(two_validators)) == {("staging_to_production", "validator", 1)}


def test_whom_a_duty_refuses_fills_no_slot() -> None:
    robot = one("rita", "risk_officer", is_service_account=True)
    people = [robot if person.id == "rita" else person for person in BANK]

    assert ("staging_to_production", "risk_officer", 0) in unfilled(people)


def test_a_slot_that_is_asked_only_sometimes_is_not_said_to_be_missing() -> None:
    def sometimes(document: Document) -> None:
        move(document)["sign_offs"]["1"][1]["when"] = "model.is_third_party"

    without = [person for person in BANK if person.id != "rita"]

    assert ("staging_to_production", "risk_officer", 0) not in unfilled(without, changed(sometimes))


def nobody_signs(document: Document) -> None:
    gate = move(document)
    gate["sign_offs"] = {str(tier): [] for tier in TIERS}
    gate["distinct_approvers"] = {str(tier): 0 for tier in TIERS}


def owner_signs(document: Document) -> None:
    gate = move(document)
    slot = {"role": "model_owner", "count": 1, "meaning": "approval"}
    gate["sign_offs"] = {str(tier): [slot] for tier in TIERS}
    gate["distinct_approvers"] = {str(tier): 1 for tier in TIERS}


def owner_may_have_asked(document: Document) -> None:
    owner_signs(document)
    part(document, "separation_of_duties", "not_requester")["exempt_roles"] = ["model_owner"]


def carried_out_by_itself(document: Document) -> None:
    owner_may_have_asked(document)
    move(document)["carried_out_by"] = "policy"


ALL_ROLES = one("max", "model_owner", "operator", "validator", "risk_officer")
ALONE: dict[str, tuple[Callable[[Document], object], Person, bool]] = {
    "two people must sign": (lambda _: None, ALL_ROLES, False),
    "nobody signs": (nobody_signs, ALL_ROLES, True),
    "nobody signs, and they do not operate": (nobody_signs, one("olivia", "model_owner"), False),
    "who asked may not sign": (owner_signs, ALL_ROLES, False),
    "who asked may sign": (owner_may_have_asked, ALL_ROLES, True),
    "who asked may sign, and does not operate": (
        owner_may_have_asked,
        one("olivia", "model_owner"),
        False,
    ),
    "it is carried out by itself": (carried_out_by_itself, one("olivia", "model_owner"), True),
}


@pytest.mark.parametrize("case", ALONE)
def test_who_could_ask_sign_and_carry_out_alone_is_found(case: str) -> None:
    change, person, is_alone = ALONE[case]

    found = alone([person, *BANK], changed(change))

    assert (person.id in found.get("staging_to_production", [])) is is_alone


def test_a_rollback_without_slots_is_made_by_an_operator_alone() -> None:
    assert alone(BANK, STARTER)["rollback"] == ["otis"]


def test_an_emergency_is_named_apart() -> None:
    found = Simulation(policies.shipped("default")).alone(BANK, [1])

    emergencies = [moved for moved in found if moved.mode is Mode.EMERGENCY]
    assert [
        (moved.transition, [person.id for person in moved.people]) for moved in emergencies
    ] == [("rollback", ["otis"])]
