"""What a policy is refused for is said in words: on which line, what stands there, what may."""

from typing import NamedTuple

import pytest

from apps.approvals import policies
from apps.approvals.policies import PolicyRefused

TEXT = policies.shipped("starter").text

Edit = tuple[str, str]


class Mistake(NamedTuple):
    """What somebody writes instead of what stands there, and what they are told."""

    edit: Edit
    words: str


EMERGENCY = """    modes: [standard, emergency]
    emergency:
      distinct_approvers: {1: 1, 2: 1, 3: 1, 4: 1}
      ratification: {1: [validator], 2: [validator], 3: [validator], 4: [validator]}
      ratify_within_hours: 4

"""
MISTAKES = {
    "an unknown key": Mistake(
        ("waivable: false", "waivabel: false"),
        "conditions → owner_assigned: there is no key 'waivabel'. Did you mean 'waivable'?",
    ),
    "a key that resembles none": Mistake(
        ("waivable: false", "waivable: false\n    colour: red"),
        "conditions → owner_assigned: there is no key 'colour'. What may stand here: id, title, "
        "category, waivable, expr, fail_message, remediation or cites.",
    ),
    "a missing key": Mistake(
        ("    waivable: false\n", ""),
        "conditions → owner_assigned: the key 'waivable' is missing.",
    ),
    "yes for true": Mistake(
        ("waivable: false", "waivable: yes"),
        "conditions → owner_assigned → waivable must be true or false, not the text 'yes'.",
    ),
    "a wrong type": Mistake(
        ("count: 1", "count: two"),
        "transitions → development_to_staging → sign_offs → 1 → model_owner → count must be a "
        "whole number from 1 to 10, not the text 'two'.",
    ),
    "an unknown variable": Mistake(
        ("model.owner_id != ''", "model.ownr_id != ''"),
        "The condition owner_assigned: There is no fact or function model.ownr_id. "
        "Did you mean model.owner_id?",
    ),
    "an unknown check": Mistake(
        ("checks['unsafe-code'].status", "checks['unsafe-cod'].status"),
        "The condition artifact_scan_clean: There is no fact checks.unsafe-cod.status; a fact is "
        "named by its full path. Did you mean checks['unsafe-code'].status?",
    ),
    "an expression that cannot be read": Mistake(
        ("model.intended_use != ''", "model.intended_use != '' and true"),
        "The condition intended_use_defined: The expression fails: Syntax error at character 26, "
        "before 'and'. Write && for and, || for or, ! for not.",
    ),
    "one sign of equality": Mistake(
        ("version.digest != ''", "version.digest = ''"),
        "The condition artifact_digest_recorded: The expression fails: Syntax error at character "
        "16. Write == to compare.",
    ),
    "a comparison of a number with text": Mistake(
        ("version.metrics_with_dataset >= 1", "version.metrics_with_dataset >= '1'"),
        "The condition metrics_recorded: The expression fails: at character 30, a whole number "
        "and text do not go together with >=.",
    ),
    "a role that no list names": Mistake(
        ("role: validator,", "role: validater,"),
        "The transition staging_to_production at tier 1 asks the undefined role 'validater' to "
        "sign. Did you mean 'validator'?",
    ),
    "a duration with a unit": Mistake(
        ("approval_valid_days: 60", "approval_valid_days: 60 days"),
        "tiers → 1 → settings → approval_valid_days must be a whole number of days from 1 to "
        "36,500, not the text '60 days'. Write the number alone: the key says that it counts days.",
    ),
    "a duration that is neither a number nor a setting": Mistake(
        ("max_days: settings.waiver_max_days", "max_days: 2 months"),
        "waivers → max_days must be a whole number up to 100,000, or the name of a setting such "
        "as settings.waiver_max_days, not the text '2 months'. Write the number alone: the key "
        "says that it counts days.",
    ),
    "a setting there is not": Mistake(
        ("max_days: settings.waiver_max_days", "max_days: settings.waiver_most_days"),
        "waivers: max_days: settings.waiver_most_days is no setting that holds a whole number. "
        "Did you mean 'waiver_max_days'?",
    ),
    "days out of range": Mistake(
        ("approval_valid_days: 60", "approval_valid_days: 0"),
        "tiers → 1 → settings → approval_valid_days must be a whole number of days from 1 to "
        "36,500, not 0.",
    ),
    "an id that is there twice": Mistake(
        ("id: metrics_recorded", "id: owner_assigned"),
        "conditions: the id 'owner_assigned' appears twice. Give each its own.",
    ),
    "a tier out of range": Mistake(
        ("tier: 4", "tier: 5"),
        "tiers → 5 → tier must be 1, 2, 3 or 4, not 5.",
    ),
    "slots that are left empty": Mistake(
        ("      1: [{role: model_owner, count: 1, meaning: responsibility}]", "      1:"),
        "transitions → development_to_staging → sign_offs → 1 must be a list; nothing stands "
        "there. An empty list is written [].",
    ),
    "fewer slots than people": Mistake(
        ("distinct_approvers: {1: 1,", "distinct_approvers: {1: 2,"),
        "The transition development_to_staging at tier 1 asks for more different people than it "
        "has slots: 2, where 1 can sign.",
    ),
    "a word of a list misspelled": Mistake(
        ("owner_assigned, tiers: {1: block", "owner_assigned, tiers: {1: blok"),
        "transitions → development_to_staging → conditions → owner_assigned → tiers → 1 must be "
        "block, warn or skip, not the text 'blok'. Did you mean 'block'?",
    ),
    "a condition there is not": Mistake(
        ("{condition: owner_assigned,", "{condition: owner_asigned,"),
        "The transition development_to_staging asks the undefined condition 'owner_asigned'. "
        "Did you mean 'owner_assigned'?",
    ),
    "a stage to start from left out": Mistake(
        ("from: [staging]", "from: []"),
        "transitions → staging_to_production → from is empty: something stands there.",
    ),
    "something named twice": Mistake(
        ("from: [staging]", "from: [staging, staging]"),
        "transitions → staging_to_production → from names the text 'staging' twice.",
    ),
    "a number of a version": Mistake(
        ("version: 1.0.0", "version: 1.0"),
        "version must be three numbers, such as 1.0.0, not 1.0.",
    ),
    "a key no expression could name": Mistake(
        ("scan_max_age_days: 30", "Scan-Days: 30"),
        "tiers → 1 → settings: 'Scan-Days' cannot be a key. A key here is a name of small "
        "letters, digits and _ that begins with a letter.",
    ),
    "text where a list of keys belongs": Mistake(
        ("waivers:\n", "waivers: none\nrules:\n"),
        "waivers must be keys with values, not the text 'none'.",
    ),
    # what Signet does in one way only
    "signatures without showing who signs": Mistake(
        ("reauthenticate: always", "reauthenticate: first_of_session"),
        "signature → reauthenticate must be always, not the text 'first_of_session'. Signet asks "
        "who somebody is at every signature, not once in a session.",
    ),
    "sign-offs that outlive a change": Mistake(
        ("void_when_record_changes: true", "void_when_record_changes: false"),
        "signature → void_when_record_changes must be true, not false. A sign-off binds exactly "
        "what was shown, so it never outlives a change of it.",
    ),
    "a text that calls itself a draft": Mistake(
        ("status: published", "status: draft"),
        "status must be published, not the text 'draft'. A text acts only once it is published, "
        "and Signet itself shows where a version stands until then.",
    ),
    "something no signature prints": Mistake(
        ("[printed_name,", "[fingerprint,"),
        "signature → manifest → entry 1 must be printed_name, user_id, role, meaning, "
        "signed_at_utc, record_type, record_id, record_digest or policy_version, not the text "
        "'fingerprint'. Signet prints these with every signature, and nothing else a policy could "
        "ask for.",
    ),
    "a meaning that is not listed": Mistake(
        ("meanings: [authorship, review,", "meanings: [authorship,"),
        "In staging_to_production at tier 1, validator signs with the meaning 'review', which "
        "signature → meanings leaves out. Add it there.",
    ),
    "a role nobody could hold": Mistake(
        ("  - {id: auditor, title", "  - {id: auditer, title"),
        "Signet has no role 'auditer', so nobody could hold it. Did you mean 'auditor'? Its roles "
        "are auditor, business_sponsor, ",
    ),
    "a move nobody carries out": Mistake(
        ("  - id: reauthorization", "  - id: reauthorisation"),
        "Signet carries out no transition 'reauthorisation'. Did you mean 'reauthorization'? It "
        "carries out development_to_staging, ",
    ),
    "a move from another stage": Mistake(
        ("from: [staging]", "from: [development]"),
        "The transition staging_to_production leads from staging, not from 'development'.",
    ),
    "a move to another stage": Mistake(
        ("to: staging\n", "to: production\n"),
        "The transition development_to_staging leads to staging, not to 'production'.",
    ),
    "an emergency elsewhere than on the way back": Mistake(
        ("    on_success: [start_authorization_clock]\n\n", EMERGENCY),
        "The transition staging_to_production has no emergency: in one, Signet only goes back to "
        "a version before. Describe it at rollback.",
    ),
    "only in an emergency": Mistake(
        ("    modes: [standard]\n", "    modes: [emergency]\n"),
        "The transition rollback can always be made in the ordinary way, so its modes hold "
        "'standard'.",
    ),
    "more people than act in an emergency": Mistake(
        ("    modes: [standard]\n", f"{EMERGENCY.rstrip().replace('{1: 1', '{1: 2')}\n"),
        "One operator acts in an emergency, so there is nobody else to sign before: "
        "distinct_approvers is 0 or 1 there, not 2. Others confirm afterwards.",
    ),
    "a step that does not follow there": Mistake(
        ("on_success: [start_authorization_clock]", "on_success: [seal_records]"),
        "After the transition staging_to_production, Signet does no 'seal_records': it does so "
        "after archived_to_decommissioned. Leave it out here.",
    ),
    "a review without its months": Mistake(
        ("on_success: [start_authorization_clock]", "on_success: [schedule_revalidation]"),
        "'schedule_revalidation' needs the setting revalidation_months at every tier: a whole "
        "number of months from 1 to 1,200, after which it falls due.",
    ),
    "fewer terms of a waiver": Mistake(
        ("compensating_controls, use_limits, expiry, residual_risk]", "use_limits, expiry]"),
        "Signet asks for every field of a waiver. Let required_fields name compensating_controls "
        "and residual_risk too, or leave it out.",
    ),
}
WITH_MODES = TEXT.replace(
    "from: [archived]\n    to: production\n",
    "from: [archived]\n    to: production\n    modes: [standard]\n",
)


def refused(text: str) -> tuple[str, ...]:
    """Return what a policy is refused for."""
    with pytest.raises(PolicyRefused) as refusal:
        policies.parse(text)
    return refusal.value.problems


def line_of(text: str, edit: Edit) -> int:
    """Return the line on which an edited text first differs from what it was."""
    was, now = text.splitlines(), text.replace(*edit, 1).splitlines()
    return next(at for at, (old, new) in enumerate(zip(was, now, strict=False), 1) if old != new)


def test_every_likely_mistake_is_said_in_a_sentence() -> None:
    assert len(WITH_MODES) > len(TEXT)
    for name, (edit, words) in MISTAKES.items():
        assert edit[0] in WITH_MODES, name
        told = refused(WITH_MODES.replace(*edit, 1))
        assert any(words in one.partition(": ")[2] for one in told), (name, told)
        assert all(one.startswith("Line ") and one.endswith((".", "?")) for one in told), name


def test_the_line_is_that_of_the_part_that_does_not_fit() -> None:
    for name in (
        "an unknown key", "yes for true", "a wrong type", "an unknown variable",
        "a role that no list names", "a duration with a unit", "an id that is there twice",
        "a word of a list misspelled", "a step that does not follow there", "a tier out of range",
        "a role nobody could hold", "a move nobody carries out", "a move to another stage",
    ):  # fmt: skip
        edit, words = MISTAKES[name]
        [told] = [one for one in refused(WITH_MODES.replace(*edit, 1)) if words in one]
        assert told.startswith(f"Line {line_of(WITH_MODES, edit)}: "), (name, told)


def test_of_several_mistakes_the_first_line_comes_first() -> None:
    text = TEXT.replace("version: 1.0.0", "version: 1.0").replace("on_expiry: ", "on_expire: ")
    told = refused(text.replace("waivable: false", "waivable: yes", 1))
    lines = [int(one.split(":")[0].removeprefix("Line ")) for one in told]

    assert len(told) == 4
    assert lines == sorted(lines)


def test_nothing_of_the_checker_speaks_through() -> None:
    spoken = (
        "is not valid under", "required property", "Additional properties", "does not match",
        "is not of type", "is not one of", "was unexpected", "should be", "{'", "None",
    )  # fmt: skip
    texts = [WITH_MODES.replace(*edit, 1) for edit, _ in MISTAKES.values()]
    for text in (*texts, "", "[]", "policy", "{}"):
        for told in refused(text):
            assert not any(word in told for word in spoken), told
