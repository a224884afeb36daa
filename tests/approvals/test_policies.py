"""Policies are read whole: shape, references and expressions are right, or nothing is used."""

import hashlib
import json
from typing import Any

import pytest
import rfc8785
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.accounts import roles
from apps.approvals import policies, vocabulary
from apps.approvals.policies import Enforcement, PolicyRefused
from apps.catalog.lifecycle import Stage
from apps.core import strict_yaml
from apps.core.errors import NotFound

TEXT = (vocabulary.CONTENT / "starter.yaml").read_text(encoding="utf-8")


class _Writer(yaml.SafeDumper):
    """Writes everything out, without aliases."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def edited(change: Any) -> str:
    """Return the built-in policy with a change made to its document."""
    document = yaml.safe_load(TEXT)
    change(document)
    return yaml.dump(document, Dumper=_Writer, width=1000)


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(PolicyRefused) as refusal:
        policies.parse(text)
    return refusal.value.problems


def test_the_built_in_policy_is_read_once_and_asks_for_two_people_before_production() -> None:
    policy = policies.shipped("starter")
    production = policy.transition("staging_to_production")

    assert policies.shipped("starter") is policy
    assert str(policy) == "Starter policy 1.0.0"
    assert [slot.role for slot in production.sign_offs[1]] == ["validator", "risk_officer"]
    assert [slot.meaning for slot in production.sign_offs[1]] == ["review", "approval"]
    assert production.distinct_approvers == {1: 2, 2: 2, 3: 2, 4: 2}
    assert all(rule.exempt_roles == frozenset() for rule in policy.duties)


def test_the_built_in_policy_asks_the_same_at_every_tier() -> None:
    policy = policies.shipped("starter")

    assert len({json.dumps(dict(tier.settings), sort_keys=True) for tier in policy.tiers}) == 1
    for transition in policy.transitions:
        assert len(set(transition.sign_offs.values())) == 1
        for asked in transition.conditions:
            assert set(asked.enforcement.values()) == {Enforcement.BLOCK}


def test_the_built_in_policy_knows_the_roles_and_stages_of_the_registry() -> None:
    policy = policies.shipped("starter")
    ends = {stage for move in policy.transitions for stage in (*move.from_stages, move.to)}

    assert {role.id: role.title for role in policy.roles} == {
        role.id: role.title for role in roles.ROLES
    }
    assert ends <= set(Stage.values)


def test_a_transition_is_found_by_name_with_its_ends() -> None:
    policy = policies.shipped("starter")
    rollback = policy.transition("rollback")

    assert (rollback.from_stages, rollback.to) == (("archived",), "production")
    assert rollback.sign_offs[1] == ()
    with pytest.raises(NotFound, match=r"Starter policy 1\.0\.0 has no transition 'promote'"):
        policy.transition("promote")


def test_the_digest_is_that_of_the_canonical_document_whatever_the_layout() -> None:
    document = strict_yaml.load(TEXT)
    expected = "sha256:" + hashlib.sha256(rfc8785.dumps(document)).hexdigest()  # type: ignore[arg-type]

    assert policies.shipped("starter").digest == expected
    assert policies.parse(edited(lambda document: None)).digest == expected
    assert policies.shipped("starter").text == TEXT


def test_any_change_of_meaning_changes_the_digest() -> None:
    other = policies.parse(edited(lambda document: document.update(version="1.0.1")))

    assert other.digest != policies.shipped("starter").digest


def test_decimal_settings_are_read_and_count_in_the_digest_as_text() -> None:
    def with_share(share: float) -> Any:
        def change(document: dict[str, Any]) -> None:
            for tier in document["tiers"]:
                tier["settings"]["least_share"] = share
            document["conditions"][0]["expr"] = "settings.least_share > 0.5"

        return change

    policy = policies.parse(edited(with_share(0.75)))

    assert policy.tier(1).settings["least_share"] == 0.75
    assert policy.conditions[0].expression.evaluate({"settings": policy.tier(1).settings})
    assert policy.digest != policies.parse(edited(with_share(0.8))).digest


def test_optional_parts_are_read() -> None:
    def change(document: dict[str, Any]) -> None:
        document["tier_floors"] = [
            {"id": "named", "tier": 2, "when": "model.name == 'Credit'", "reason": "By name."}
        ]
        document["separation_of_duties"][0] |= {
            "exempt_roles": ["model_owner"],
            "exempt_roles_by_tier": {4: ["validator"]},
            "applies_to_roles": ["validator", "model_owner"],
            "tiers": [2, 3, 4],
        }
        transition = document["transitions"][0]
        del transition["purpose"]
        transition["conditions"][0]["when"] = "model.tier > 0"
        transition["sign_offs"]["1" if "1" in transition["sign_offs"] else 1][0]["when"] = "true"

    policy = policies.parse(edited(change))
    rule, transition = policy.duties[0], policy.transitions[0]

    assert policy.floors[0].tier == 2
    assert transition.purpose == ""
    assert transition.conditions[0].when is not None
    assert transition.sign_offs[1][0].when is not None
    assert rule.concerns("validator", 3)
    assert not rule.concerns("validator", 4)
    assert not rule.concerns("validator", 1)
    assert not rule.concerns("model_owner", 3)
    assert not rule.concerns("risk_officer", 3)


def test_a_tier_floor_reads_nothing_that_is_found_only_once_the_tier_is() -> None:
    circular = {
        "size(model.missing_required_fields) > 0": "model.missing_required_fields",
        "documents['model-card'].status == 'draft'": "documents.model-card.status",
        "documents['model-card'].completeness > 1.0": "documents.model-card.completeness",
        "!validation.independent": "validation.independent",
        "waivers.active > 0": "waivers.active",
        "size(waivers.waived_conditions) > 0": "waivers.waived_conditions",
        "waivers.expired_in_use > 0": "waivers.expired_in_use",
        "transition.mode == 'emergency'": "transition.mode",
        "size(sign_offs) > 0": "sign_offs",
    }
    for when, read in circular.items():

        def change(document: dict[str, Any], when: str = when) -> None:
            document["tier_floors"] = [
                {"id": "fine", "tier": 2, "when": "model.gxp && uses.active > 0", "reason": "Use."},
                {"id": "circular", "tier": 1, "when": when, "reason": "Follows from itself."},
            ]

        told = f"The tier floor circular reads {read}, which is found only once the tier is. "
        [problem] = problems(edited(change))
        _, _, words = problem.partition(": ")
        assert words == f"{told}Let it read what is so at any tier.", when


def test_what_the_tier_decides_is_said_of_every_fact_that_is_told_at_a_tier() -> None:
    known = vocabulary.built_in()

    for path in ("model.tier", "assessments.genai-risk.outcome", "validation.outcome", "now"):
        assert not known.follows_tier(path), path
    assert not known.follows_tier("nothing.of_the_kind")
    for root in known.roots:
        for name, field in root.fields.items():
            says = "effective tier" in field.source or "for this tier" in field.description
            assert field.follows_tier or not says, f"{root.name}.{name}"


def test_a_condition_may_read_evidence_only_of_types_the_policy_lists() -> None:
    def change(document: dict[str, Any]) -> None:
        document["evidence_types"] = [
            {"id": "model_card", "title": "Card", "binds_to": "version", "max_age_days": 0}
        ]
        document["conditions"][0]["expr"] = "evidence.model_card.valid >= 1"
        document["conditions"][1]["expr"] = "evidence.test_report.valid >= 1"

    with pytest.raises(PolicyRefused) as refusal:
        policies.parse(edited(change))

    assert [problem.split(": ")[1] for problem in refusal.value.problems] == [
        "The condition intended_use_defined"
    ]


def _set(*path: Any, to: object) -> Any:
    def change(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_set("kind", to="questionnaire"), "kind must be policy, not the text 'questionnaire'."),
        (
            _set("version", to="1.0"),
            "version must be three numbers, such as 1.0.0, not the text '1.0'.",
        ),
        (_set("surprise", to=1), "there is no key 'surprise'."),
        (
            _set("waivers", "max_days", to=-1),
            "waivers → max_days must be a whole number of days from",
        ),
        (_set("waivers", "max_days", to="settings.unheard"), "settings.unheard is no setting"),
        (_set("waivers", "sign_offs", 1, to=["nobody"]), "waivers ask the undefined role 'nobody'"),
        (
            _set("transitions", 0, "cooling_off_days", to={1: 30}),
            "cooling_off_days: the key '2' is missing.",
        ),
        (_set("transitions", 0, "modes", to=["emergency"]), "must have an emergency mode and"),
        (
            _set("transitions", 0, "on_success", to=["cheer"]),
            "on_success → entry 1 must be start_authorization_clock, ",
        ),
        (_set("continuous_rules", 0, "when", to="model.unheard"), "The continuous rule"),
        (
            _set("signature", "void_when_record_changes", to=False),
            "void_when_record_changes must be true, not false.",
        ),
        (
            _set("conditions", 0, "cites", to=[]),
            "owner_assigned → cites is empty: something stands there.",
        ),
        (_set("tiers", 3, "tier", to=1), "each of the tiers 1 to 4"),
        (_set("tiers", 3, "settings", "scan_max_age_days", to="30"), "values of the same kind"),
        (_set("tiers", 3, "settings", "extra", to=1), "every tier must have the same settings"),
        (_set("conditions", 1, "id", to="owner_assigned"), "'owner_assigned' appears twice"),
        (
            _set("transitions", 0, "conditions", 0, "condition", to="unheard_of"),
            "development_to_staging asks the undefined condition 'unheard_of'",
        ),
        (_set("transitions", 0, "to", to="canary"), "names the undefined stage 'canary'"),
        (
            _set("transitions", 1, "sign_offs", 2, 0, "role", to="wizard"),
            "staging_to_production at tier 2 asks the undefined role 'wizard'",
        ),
        (
            _set("transitions", 1, "sign_offs", 2, 0, "role", to="risk_officer"),
            "two slots for the role 'risk_officer'",
        ),
        (
            _set("transitions", 1, "distinct_approvers", 4, to=3),
            "tier 4 asks for more different people than it has slots",
        ),
        (
            _set("separation_of_duties", 0, "exempt_roles", to=["wizard"]),
            "The rule not_requester names the undefined role 'wizard'",
        ),
        (
            _set("separation_of_duties", 0, "exempt_roles_by_tier", to={4: ["wizard"]}),
            "names the undefined role 'wizard'",
        ),
        (
            _set("separation_of_duties", 0, "expr", to="actor.id"),
            "The rule not_requester: The expression must give true or false.",
        ),
        (
            _set("conditions", 0, "expr", to="actor.id == ''"),
            "The condition owner_assigned: There is no fact or function actor.id.",
        ),
        (
            _set("conditions", 0, "expr", to="settings.unset == 1"),
            "There is no fact or function settings.unset.",
        ),
        (
            _set("transitions", 0, "conditions", 0, "when", to="model.name == 1"),
            "The transition development_to_staging: The expression fails:",
        ),
        (
            _set(
                "tier_floors",
                to=[
                    {"id": "f", "tier": 1, "when": "settings.scan_max_age_days == 1", "reason": "r"}
                ],
            ),
            "The tier floor f: There is no fact or function settings.scan_max_age_days.",
        ),
    ],
)
def test_a_policy_that_does_not_hold_together_is_refused(change: Any, words: str) -> None:
    assert any(words in problem for problem in problems(edited(change)))


def test_all_problems_are_kept_and_the_first_ones_told() -> None:
    def change(document: dict[str, Any]) -> None:
        for condition in document["conditions"]:
            condition["expr"] = "model.unheard"
        for rule in document["separation_of_duties"]:
            rule["expr"] = "model.unheard"

    with pytest.raises(PolicyRefused, match="And 8 more") as refusal:
        policies.parse(edited(change))

    assert len(refusal.value.problems) == 18


@pytest.mark.parametrize("text", ["", "[]", "policy", "{}"])
def test_a_text_that_is_no_policy_at_all_is_refused(text: str) -> None:
    assert problems(text)


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=80))
def test_any_text_is_a_policy_or_refused(text: str) -> None:
    with pytest.raises(PolicyRefused):
        policies.parse(text)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_taking_a_line_out_of_a_policy_is_read_or_refused(data: st.DataObject) -> None:
    lines = TEXT.splitlines(keepends=True)
    start = data.draw(st.integers(0, len(lines) - 1))
    try:
        policy = policies.parse("".join(lines[:start] + lines[start + 1 :]))
    except PolicyRefused as refusal:
        is_told = bool(refusal.problems)
    else:
        is_told = policy.digest.startswith("sha256:")
    assert is_told
