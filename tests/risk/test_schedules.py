"""What comes round follows from the tier, the policy, and the day it was done last."""

from datetime import date, timedelta

import pytest

from apps.catalog.lifecycle import Stage
from apps.catalog.models import RegisteredModel
from apps.risk import policy_says, schedule_queries
from apps.risk.models import Review
from apps.risk.policy_says import AtTier
from apps.risk.schedule_queries import Coming
from apps.risk.schedules import Done, What, all_due, next_due
from tests import scenarios
from tests.risk.assessed import HEAVY, approved
from tests.risk.reviewed import attest, review, schedule_by_default

REGISTERED = date(2026, 1, 31)
TIER_1 = AtTier(
    1,
    "Critical",
    {
        "owner_attestation_months": 6,
        "periodic_review_months": 6,
        "revalidation_months": 12,
        "retiering_months": 12,
    },
)


# -- the pure part


def test_what_was_never_done_is_counted_from_registering() -> None:
    due = next_due(What.ATTESTATION, Done(REGISTERED), TIER_1)

    assert due is not None
    assert (due.last, due.due) == (None, date(2026, 7, 31))


def test_the_last_day_of_a_shorter_month_takes_the_place_of_one_it_does_not_have() -> None:
    done = Done(REGISTERED, attested=date(2026, 8, 31))

    due = next_due(What.ATTESTATION, done, TIER_1)

    assert due is not None
    assert due.due == date(2027, 2, 28)


def test_nothing_is_reviewed_or_validated_again_that_nobody_uses() -> None:
    kinds = {one.what for one in all_due(Done(REGISTERED), TIER_1)}

    assert kinds == {What.ATTESTATION, What.RETIERING}


def test_a_review_is_counted_from_the_authorization_until_there_was_one() -> None:
    serving = Done(REGISTERED, in_production=date(2026, 3, 1))
    again = Done(REGISTERED, in_production=date(2026, 3, 1), reviewed=date(2026, 6, 1))

    first, second = (next_due(What.PERIODIC, done, TIER_1) for done in (serving, again))

    assert first is not None
    assert second is not None
    assert (first.due, second.due) == (date(2026, 9, 1), date(2026, 12, 1))


def test_a_policy_that_names_no_months_schedules_nothing() -> None:
    bare = AtTier(1, "Critical", {})

    assert all_due(Done(REGISTERED, in_production=REGISTERED), bare) == []


def test_what_is_due_first_stands_first_and_is_overdue_only_after_its_day() -> None:
    found = all_due(Done(REGISTERED), TIER_1)

    assert [one.what for one in found] == [What.ATTESTATION, What.RETIERING]
    assert not found[0].is_overdue(date(2026, 7, 31))
    assert found[0].is_overdue(date(2026, 8, 1))


# -- what is read of it


def coming(what: What, first: date, last: date) -> list[Coming]:
    says, models = policy_says.policy(), RegisteredModel.objects.all()
    return schedule_queries.falling_due(what, models, says, first, last, most=100)


@pytest.mark.django_db
def test_what_was_done_last_is_read_in_two_queries(django_assert_num_queries: object) -> None:
    model = scenarios.promoted(Stage.PRODUCTION).version.model
    today = model.created_at.date()
    attest(model)
    review(model)
    approved(model, HEAVY)

    with django_assert_num_queries(2):  # type: ignore[operator]
        done = schedule_queries.done_of(model)

    assert (done.registered, done.attested, done.reviewed) == (today, today, today)
    assert (done.tiered, done.in_production, done.validated) == (today, today, None)


@pytest.mark.django_db
def test_a_revalidation_that_was_done_counts_as_one() -> None:
    model = scenarios.registered_model()

    review(model, kind=Review.Kind.REVALIDATION)

    assert schedule_queries.done_of(model).validated == model.created_at.date()


@pytest.mark.django_db
def test_a_model_without_a_tier_goes_by_the_strictest_and_one_with_a_tier_by_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    untiered, light = scenarios.registered_model(), scenarios.registered_model()
    approved(light)
    schedule_by_default(monkeypatch)
    years = (untiered.created_at.date(), untiered.created_at.date() + timedelta(days=800))

    found = {one.model: one.scheduled.months for one in coming(What.ATTESTATION, *years)}

    assert found == {untiered: 6, light: 24}


@pytest.mark.django_db
def test_only_what_falls_into_the_days_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule_by_default(monkeypatch)
    model = scenarios.registered_model()
    [one] = coming(What.ATTESTATION, model.created_at.date(), date(2100, 1, 1))
    day = one.scheduled.due

    assert [found.model for found in coming(What.ATTESTATION, day, day)] == [model]
    assert coming(What.ATTESTATION, day + timedelta(days=1), day + timedelta(days=9)) == []
    assert coming(What.ATTESTATION, day - timedelta(days=9), day - timedelta(days=1)) == []
    attest(model)
    assert [found.scheduled.last for found in coming(What.ATTESTATION, day, day)] == [
        model.created_at.date()
    ]
