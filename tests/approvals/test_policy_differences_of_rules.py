"""What differs of slots, emergencies, duties, waivers and rules is told, the looser as looser."""

import copy
from collections.abc import Callable
from dataclasses import replace

import pytest

from apps.approvals import policies
from apps.approvals.policies import Policy, differences
from apps.approvals.policies.differences import Difference, Effect
from tests.approvals.policy_texts import Document, move, part

LOOSENS, CHANGES, TIGHTENS = Effect.LOOSENS, Effect.CHANGES, Effect.TIGHTENS
DEFAULT = policies.shipped("default")
OPPOSITE = {LOOSENS: TIGHTENS, TIGHTENS: LOOSENS, CHANGES: CHANGES}
Change = Callable[[Document], object]


def saying(change: Change) -> Policy:
    """Return the default policy saying something else, whether or not it could be used."""
    document = copy.deepcopy(dict(DEFAULT.document))
    change(document)
    return replace(DEFAULT, document=document)


def slots(document: Document, tier: str) -> list[Document]:
    found: list[Document] = move(document)["sign_offs"][tier]
    return found


def emergency(document: Document) -> Document:
    found: Document = move(document, "rollback")["emergency"]
    return found


def duty(document: Document, name: str = "not_contributor") -> Document:
    return part(document, "separation_of_duties", name)


def rule(document: Document, name: str = "monitoring_red") -> Document:
    return part(document, "continuous_rules", name)


def two_auditors(document: Document) -> None:
    slots(document, "4").append({"role": "auditor", "count": 2, "meaning": "approval"})


def no_emergency(document: Document) -> None:
    del move(document, "rollback")["emergency"]


def nothing_waived(document: Document) -> None:
    document["waivers"] = {}


def other_order(document: Document) -> None:
    document["waivers"]["sign_offs"]["1"].reverse()


def new_floor(document: Document) -> None:
    document["tier_floors"].append(
        {"id": "at_night", "tier": 2, "when": "model.gxp", "reason": "Nobody looks."}
    )


def new_duty(document: Document) -> None:
    document["separation_of_duties"].append(
        {**duty(document), "id": "rested", "title": "Only the rested sign"}
    )


def new_rule(document: Document) -> None:
    document["continuous_rules"].append({**rule(document), "id": "quiet"})


def new_evidence(document: Document) -> None:
    document["evidence_types"].append(
        {**document["evidence_types"][0], "id": "photo", "title": "Photograph"}
    )


def new_role(document: Document) -> None:
    document["roles"].append({**document["roles"][0], "id": "porter", "title": "Porter"})


def first_validator_reviews_alone(document: Document) -> None:
    slots(document, "3")[1]["meaning"] = "approval"


def often_asked(document: Document) -> None:
    slots(document, "3")[2].pop("when")


TOLD: dict[str, tuple[Change, str, Effect]] = {
    "a slot for two is new": (
        two_auditors, "Slot 'Auditor' is new at tier 4, with 2 people.", TIGHTENS,
    ),
    "a slot is for two": (
        lambda document: slots(document, "1")[0].update(count=2),
        "Slot 'Model owner' asks for 2 instead of 1 people at tier 1.", TIGHTENS,
    ),
    "a slot is always asked": (
        often_asked, "Slot 'Privacy officer' at tier 3 is always asked now.", TIGHTENS,
    ),
    "a slot is asked in other cases": (
        lambda document: slots(document, "3")[2].update(when="model.gxp"),
        "Slot 'Privacy officer' at tier 3 is asked in other cases.", CHANGES,
    ),
    "a signature means something else": (
        first_validator_reviews_alone,
        "Slot 'Independent validator' at tier 3 has another meaning.", CHANGES,
    ),
    "a move leads elsewhere": (
        lambda document: move(document).update(to="archived"),
        "The move has another stage it leads to.", CHANGES,
    ),
    "no emergency": (no_emergency, "The move has no emergency mode any more.", TIGHTENS),
    "more people in an emergency": (
        lambda document: emergency(document)["distinct_approvers"].update({"1": 3}),
        "people act in an emergency at tier 1.", TIGHTENS,
    ),
    "nobody in particular confirms at a tier": (
        lambda document: emergency(document)["ratification"].update({"4": []}),
        "confirms afterwards at tier 4 no longer.", LOOSENS,
    ),
    "a duty is passed over in an emergency": (
        lambda document: emergency(document)["sod_exempt"].append("not_contributor"),
        "In an emergency the duty 'not_contributor' is not asked any more.", LOOSENS,
    ),
    "an emergency is confirmed later": (
        lambda document: emergency(document).update(ratify_within_hours=999),
        "The time to confirm an emergency, in hours, is 999 instead of", CHANGES,
    ),
    "nothing follows when nobody confirms": (
        lambda document: emergency(document).update(if_not_ratified="nothing"),
        "The emergency mode has another consequence when nobody confirms.", CHANGES,
    ),
    "who grants a waiver stands in another order": (
        other_order, "The order of who grants waivers at tier 1 is another.", CHANGES,
    ),
    "fewer grant a waiver": (
        lambda document: document["waivers"]["sign_offs"].update({"2": ["risk_officer"]}),
        "grants waivers at tier 2 no longer.", LOOSENS,
    ),
    "nothing is waived": (nothing_waived, "Nothing can be waived any more.", TIGHTENS),
    "a waiver is renewed often": (
        lambda document: document["waivers"].update(max_renewals=9),
        "How often a waiver is renewed is 9 instead of the setting", CHANGES,
    ),
    "others are told of waivers": (
        lambda document: document["waivers"].update(report_to=["auditor"]),
        "A waiver has another list of roles that are told.", CHANGES,
    ),
    "a duty is new": (new_duty, "Duty 'Only the rested sign' is new.", TIGHTENS),
    "a duty exempts a role at a tier": (
        lambda document: duty(document)["exempt_roles_by_tier"].update({"3": ["validator"]}),
        "does not bind 'validator' any more at tier 3.", LOOSENS,
    ),
    "a duty exempts nobody at a tier": (
        lambda document: duty(document)["exempt_roles_by_tier"].update({"4": []}),
        "binds 'model_owner' too at tier 4.", TIGHTENS,
    ),
    "a duty binds one more role": (
        lambda document: duty(document, "validator_did_not_own")["applies_to_roles"].append(
            "risk_officer"
        ),
        "binds 'risk_officer' too.", TIGHTENS,
    ),
    "a duty is another": (
        lambda document: duty(document).update(expr="true"), "has another expression.", CHANGES,
    ),
    "a duty is worded otherwise": (
        lambda document: duty(document).update(nobody_who="wrote it"),
        "has another wording.", CHANGES,
    ),
    "a floor is new": (new_floor, "Tier floor 'at_night' is new.", TIGHTENS),
    "a floor is gone": (
        lambda document: document["tier_floors"].pop(), "Tier floor 'gxp_critical_use' is gone.",
        LOOSENS,
    ),
    "a floor holds in other cases": (
        lambda document: document["tier_floors"][0].update(when="false"),
        "Tier floor 'untiered_is_critical' has another when.", CHANGES,
    ),
    "evidence is known": (new_evidence, "Evidence 'Photograph' is known now.", CHANGES),
    "evidence is called otherwise": (
        lambda document: document["evidence_types"][0].update(title="Something"),
        "Evidence 'Something' has another title.", CHANGES,
    ),
    "a role is new": (new_role, "Role 'Porter' is new.", CHANGES),
    "a role is another line": (
        lambda document: document["roles"][0].update(line="third"), "has another line.", CHANGES,
    ),
    "a rule is new": (new_rule, "Rule 'quiet' is new.", TIGHTENS),
    "a rule does less": (
        lambda document: rule(document, "owner_missing").update(action="open_finding"),
        "Rule 'owner_missing' does 'open finding' instead of 'escalate'.", LOOSENS,
    ),
    "a rule is milder": (
        lambda document: rule(document).update(severity="low"),
        "Rule 'monitoring_red' is low instead of high.", LOOSENS,
    ),
    "a rule holds at one more tier": (
        lambda document: rule(document)["tiers"].append(4),
        "Rule 'monitoring_red' holds at tier 4 too.", TIGHTENS,
    ),
    "a rule watches something else": (
        lambda document: rule(document).update(when="false"),
        "Rule 'monitoring_red' has another expression.", CHANGES,
    ),
    "a rule is called otherwise": (
        lambda document: rule(document).update(title="Red"), "Rule 'Red' has another title.",
        CHANGES,
    ),
    "obligations block before their day": (
        lambda document: document["obligation_enforcement"].update(before_applies_from="block"),
        "An open obligation does 'block' instead of 'warn' before its date.", TIGHTENS,
    ),
    "a signature needs no reason": (
        lambda document: document["signature"].update(reason_required=False),
        "A signature needs no reason any more.", LOOSENS,
    ),
    "a signature is printed otherwise": (
        lambda document: document["signature"].update(manifest=["role"]),
        "A signature has another manifest.", CHANGES,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_a_difference_is_told_in_words_with_what_it_does_either_way(name: str) -> None:
    change, words, effect = TOLD[name]
    other = saying(change)

    found: list[Difference] = [*differences.between(DEFAULT, other)]
    back = differences.between(other, DEFAULT)

    assert [one.effect for one in found] == [effect], found
    assert words in found[0].words
    assert [one.effect for one in back] == [OPPOSITE[effect]], back


def test_evidence_and_roles_that_are_gone_are_told() -> None:
    for change, words in (
        (new_evidence, "Evidence 'Photograph' is known no longer."),
        (new_role, "Role 'Porter' is gone."),
    ):
        [found] = differences.between(saying(change), DEFAULT)
        assert found.words == words
