"""The tier of a model: how it is found, what keeps it strict, and which it would be by now."""

from datetime import timedelta

import pytest

from apps.approvals import judgment, policies
from apps.catalog import operations as catalog
from apps.catalog.models import RegisteredModel
from apps.core import formats
from apps.core.clock import database_now
from apps.core.errors import RuleBroken
from apps.risk import offered, overriding
from apps.risk.facts import Judged
from apps.risk.kept import floor_of
from apps.risk.models import Assessment
from apps.risk.operations import answers, assessment_review
from apps.risk.questionnaires import parsed, shipped
from apps.risk.subjects import current_tier
from apps.risk.tier_previews import TierPreview, preview
from apps.risk.tiers import CurrentTier
from tests import scenarios
from tests.approvals.evidenced import facts
from tests.factories import actor
from tests.integrations.told import happened, told
from tests.risk import assessed, owing
from tests.risk.tiering import DECIDING, PLANNING, RESEARCH, USUAL, looked_at

pytestmark = pytest.mark.django_db

DEFAULT = policies.shipped("default")
CARD_FRAUD, CREDIT = "eu-card-fraud-minimal", "eu-credit-scoring-bank"
FLOORED, AT_FLOOR = "tier-capital-scorecard-floor", "tier-vendor-aml-floor"
NO_MODEL = "tier-fee-calculator-not-model"


def current(model: RegisteredModel) -> CurrentTier:
    return Judged.of([model.pk]).tier(model.pk, database_now())


def would_be(model: RegisteredModel) -> TierPreview | None:
    fresh = RegisteredModel.objects.get(pk=model.pk)
    return preview(fresh, current(fresh), database_now())


def day() -> str:
    return formats.calendar_day(database_now().date())


# -- how it is found


def test_a_model_nobody_assessed_has_no_tier_and_is_treated_like_the_strictest() -> None:
    version = scenarios.registered_version()

    found = current(version.model)

    assert (found.in_words, found.tier, found.since) == ("No tier yet", 0, None)
    assert judgment.effective_tier(DEFAULT, facts(version, policy=DEFAULT)) == 1


def test_what_is_no_model_is_outside_the_inventory_and_departs_to_no_tier() -> None:
    found = current(assessed.approved(example_id=NO_MODEL).model)

    assert found.in_words == "Not tiered: outside the inventory"
    assert overriding.choices(found) == []
    assert "found that it is no model" in overriding.why_not_tier(found, 2)


def test_the_newest_approved_tiering_counts_and_a_draft_does_not() -> None:
    model = owing.tiered()
    draft = assessed.answered(model, assessed.HEAVY)
    assert current_tier(model) == 4
    answers.confirm_prefilled(
        draft, list(draft.answers.values_list("key", flat=True)), by=actor(scenarios.owner())
    )
    assessment_review.submit_assessment(draft, by=actor(scenarios.owner()))
    assert current_tier(model) == 4

    assessed.sign_all(draft)

    assert current_tier(model) == 1


def test_its_age_is_the_days_since_the_tiering_however_it_was_departed_from() -> None:
    model = owing.tiered()
    owing.granted(model, 2)

    found = current(model)

    assert found.age_days(database_now() + timedelta(days=40)) == 40
    assert CurrentTier().age_days(database_now()) == -1
    assert found.since == model.tier_overrides.get().decided_at


# -- floors


def test_a_floor_of_the_tiering_lifts_what_the_score_alone_would_leave_light() -> None:
    held = assessed.approved(example_id=FLOORED)

    assert held.result["vars"]["calculated_tier"] == "3"
    assert (floor_of(held), current_tier(held.model)) == (1, 1)


def test_nobody_signs_a_tier_past_a_floor() -> None:
    model = owing.tiered(AT_FLOOR)
    assert current_tier(model) == 2

    with pytest.raises(RuleBroken, match="A floor of its tiering keeps it at tier 2"):
        owing.asked(model, 3)

    assert overriding.choices(current(model)) == [1]


def test_a_floor_that_cannot_be_read_is_none_and_one_that_does_not_apply_neither() -> None:
    held = Assessment(result={"vars": {"has_floor": True, "floor_tier": "low"}})
    assert floor_of(held) is None
    held.result = {"vars": {"has_floor": False, "floor_tier": "1"}}
    assert floor_of(held) is None


@pytest.mark.parametrize(
    ("tier", "outcomes", "gxp", "effective", "by"),
    [
        (4, {}, False, 4, ()),
        (4, {assessed.EU: "high_risk_annex_iii"}, False, 2, ("eu_high_risk",)),
        (4, {assessed.EU: "minimal"}, False, 4, ()),
        (4, {assessed.GENAI: "high"}, False, 2, ("genai_high",)),
        (4, {assessed.GENAI: "critical"}, False, 1, ("genai_critical",)),
        (3, {}, True, 2, ("gxp_critical_use",)),
        (
            4,
            {assessed.EU: "high_risk_annex_i", assessed.GENAI: "high"},
            True,
            2,
            ("eu_high_risk", "genai_high", "gxp_critical_use"),
        ),
        (
            4,
            {assessed.EU: "high_risk_annex_i", assessed.GENAI: "critical"},
            True,
            1,
            ("genai_critical",),
        ),
        (1, {assessed.EU: "high_risk_annex_i"}, False, 1, ()),
        (0, {assessed.EU: "high_risk_annex_i"}, False, 1, ("untiered_is_critical",)),
    ],
)
def test_floors_of_the_policy_make_a_tier_stricter_and_never_lighter(
    tier: int, outcomes: dict[str, str], gxp: bool, effective: int, by: tuple[str, ...]
) -> None:
    known = facts(scenarios.registered_version(), policy=DEFAULT)
    known["model"] = {**known["model"], "tier": tier, "gxp": gxp}
    for name, outcome in outcomes.items():
        known["assessments"][name] = {**known["assessments"][name], "outcome": outcome}

    assert judgment.effective_tier(DEFAULT, known) == effective
    assert judgment.floors_in_effect(DEFAULT, known) == by


# -- several uses


def test_of_several_uses_the_outcome_of_the_highest_rank_sets_the_floor() -> None:
    lending = assessed.described_use()
    version = scenarios.registered_version(lending.model)
    assessed.approved(lending.model, assessed.LIGHT)
    fraud = assessed.use(lending.model, "Card fraud")
    assessed.approved(fraud, CARD_FRAUD)
    assert current_tier(lending.model) == 4

    assessed.approved(lending, CREDIT)

    both = facts(version, policy=DEFAULT)
    assert both["assessments"][assessed.EU]["outcome"] == "high_risk_annex_iii"
    assert both["assessments"][assessed.EU]["status"] == "approved"
    assert judgment.effective_tier(DEFAULT, both) == 2
    assert current_tier(lending.model) == 4  # what is recorded stays; the gate is stricter


def test_flags_of_several_uses_are_taken_together_and_the_oldest_says_the_age() -> None:
    lending = assessed.described_use()
    version = scenarios.registered_version(lending.model)
    assessed.approved(lending, CREDIT)
    alone = set(facts(version, policy=DEFAULT)["assessments"][assessed.EU]["flags"])
    fraud = assessed.use(lending.model, "Card fraud")
    other = set(assessed.approved(fraud, CARD_FRAUD).result["flags"])

    both = facts(version, policy=DEFAULT)["assessments"][assessed.EU]

    assert set(both["flags"]) == alone | other
    assert both["age_days"] == 0


def test_a_use_that_ended_sets_no_floor_any_more() -> None:
    lending = assessed.described_use()
    version = scenarios.registered_version(lending.model)
    assessed.approved(lending.model, assessed.LIGHT)
    assessed.approved(lending, CREDIT)
    assert judgment.effective_tier(DEFAULT, facts(version, policy=DEFAULT)) == 2

    catalog.end_use_case(lending, by=actor(scenarios.owner()), reason="Given up")

    assert judgment.effective_tier(DEFAULT, facts(version, policy=DEFAULT)) == 4


# -- which it would be by now


def test_nothing_is_said_while_the_tiering_comes_to_the_same() -> None:
    assert would_be(scenarios.registered_model()) is None
    model = owing.tiered()
    assert would_be(model) is None

    looked_at(model)

    assert would_be(model) is None


def test_a_field_it_depends_on_changes_and_it_says_which_tier_since_when_and_why() -> None:
    model = owing.tiered()

    looked_at(model, "over_10", words="It grew.")

    found = would_be(model)
    assert found is not None
    assert (found.tier, found.assessed, found.is_stricter) == (3, 4, True)
    assert found.since == database_now().date()
    [why] = found.changed  # and not that somebody wrote another rationale
    assert why.startswith("“How large is the exposure")
    assert "” now and was “" in why
    assert found.in_words == f"It would be tier 3 since {day()}, not tier 4, because {why}."
    assert current_tier(model) == 4


def test_since_is_when_the_value_came_and_not_when_something_else_was_recorded() -> None:
    model = owing.tiered()
    looked_at(model, "over_10")
    first = would_be(model)

    looked_at(model, "over_10", words="Still so.")

    assert first is not None
    again = would_be(model)
    assert again is not None
    assert again.since == first.since


def test_of_two_changes_that_each_suffice_both_are_named() -> None:
    model = owing.tiered()

    looked_at(model, "over_10", DECIDING)

    found = would_be(model)
    assert found is not None
    assert len(found.changed) == 2


def test_it_may_be_lighter_too() -> None:
    model = owing.tiered(FLOORED)

    looked_at(model, "from_3_to_10", RESEARCH)

    found = would_be(model)
    assert found is not None
    assert (found.tier, found.is_stricter) == (2, False)


def test_what_comes_back_to_what_it_was_says_nothing_any_more() -> None:
    model = owing.tiered()
    looked_at(model, "over_10")
    assert would_be(model) is not None

    looked_at(model, USUAL, PLANNING)

    assert would_be(model) is None


def test_a_new_tiering_settles_it() -> None:
    model = owing.tiered()
    looked_at(model, "over_10")

    assessed.approved(model, assessed.LIGHT)

    assert would_be(model) is None


def test_a_change_that_asks_what_nobody_answered_comes_to_no_tier_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = owing.tiered()
    looked_at(model, "over_10")
    text = shipped(assessed.TIERING).text
    asking = text.replace(
        "      - key: financial_impact\n",
        ASKED_OF_THE_LARGE + "      - key: financial_impact\n",
        1,
    )
    monkeypatch.setattr(offered, "asked_of", lambda _: parsed(asking))

    found = would_be(model)

    assert found is not None
    assert found.is_stricter
    assert found.in_words.startswith(
        f"Which tier it would be since {day()} cannot be told: “Who looks at it?” is not answered."
    )


ASKED_OF_THE_LARGE = """\
      - key: looked_at_by
        text: Who looks at it?
        help: A name.
        type: text
        max_length: 100
        visible_when: "answers.exposure_size == 'over_10'"
        cites: [R]
"""


def says_of_suppliers(monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> None:
    """Let the tiering of every model be one that looks at whether somebody else supplies it."""
    text = shipped(assessed.TIERING).text
    assert old in text
    other = parsed(text.replace(old, new, 1))
    monkeypatch.setattr(offered, "asked_of", lambda _: other)


def test_what_the_registry_knows_of_a_model_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    model = owing.tiered()
    rule = 'when: "vars.final_tier == 1.0"'
    says_of_suppliers(monkeypatch, rule, f'{rule[:-1]} || subject.is_third_party == true"')
    assert would_be(model) is None

    catalog.add_third_party(model, by=actor(scenarios.owner()), title="Vendor")

    found = would_be(model)
    assert found is not None
    assert (found.tier, found.changed, found.since) == (1, (), None)
    assert "what the registry knows of it changed" in found.in_words


def test_a_tiering_that_would_not_be_asked_comes_to_no_tier(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = owing.tiered()
    rule = "subject.tiering_required == true"
    says_of_suppliers(monkeypatch, rule, "subject.is_third_party == false")
    assert would_be(model) is None

    catalog.add_third_party(model, by=actor(scenarios.owner()), title="Vendor")

    assert would_be(model) is None


def test_words_say_what_nothing_was_recorded_about() -> None:
    assert TierPreview(0, 3, ()).in_words == (
        "It would be outside the inventory today, not tier 3, because what the registry knows of "
        "it changed."
    )
    assert not TierPreview(0, 3, ()).is_stricter
    assert TierPreview(3, 0, ()).is_stricter


# -- who is told


def test_those_in_charge_are_told_once_that_it_would_be_stricter() -> None:
    scenarios.risk_officer()
    model = owing.tiered()
    happened()

    looked_at(model, "over_10")
    happened()
    looked_at(model, "over_10", words="Still so.")
    happened()

    line = f"{model.name} would be at another tier: assess it anew"
    for person in (scenarios.owner(), scenarios.risk_officer()):
        assert [one for one in told(person, "trouble") if "another tier" in one] == [line]
    assert told(scenarios.stranger()) == []


def test_that_it_would_be_lighter_is_a_reminder() -> None:
    model = owing.tiered(FLOORED)
    looked_at(model, "from_3_to_10", RESEARCH)

    happened()

    assert any("another tier" in one for one in told(scenarios.owner(), "reminder"))


def test_what_changes_nothing_about_the_tier_tells_nobody() -> None:
    model = owing.tiered()
    looked_at(model, words="Other words.")

    happened()

    assert not [one for one in told(scenarios.owner()) if "another tier" in one]
