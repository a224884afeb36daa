"""Reviews: planned, carried out by somebody who does not own the model, dropped."""

from collections.abc import Callable

import pytest

from apps.accounts.models import User
from apps.core.actors import Auth, Door
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from apps.risk.models import Finding, Review
from apps.risk.operations import reviews
from apps.risk.operations.reviews import Reviewed
from tests import scenarios
from tests.approvals.exceptions import entries, in_days, refusals
from tests.factories import actor
from tests.risk.reviewed import WHY, WRONG, planned, review

pytestmark = pytest.mark.django_db


def test_a_review_is_planned_for_a_day_with_its_reason() -> None:
    model = scenarios.registered_model()

    plan = planned(model, in_days(5))

    assert (plan.state, plan.due, plan.why) == (Review.State.PLANNED, in_days(5), WHY)
    [entry] = entries("model.plan_review")
    assert entry["subject"] == {"type": "review", "id": plan.record_id}
    assert entry["detail"]["kind"] == "periodic"


def test_a_plan_is_refused_twice_for_a_day_that_is_over_and_of_no_kind() -> None:
    model = scenarios.registered_model()
    planned(model)
    cases = [
        ({}, "planned already"),
        ({"kind": "revalidation", "due": in_days(-1)}, "a day to come"),
        ({"kind": "sightseeing"}, "which kind"),
        ({"kind": "event", "reason": " "}, "Give a reason"),
    ]
    for other, words in cases:
        with pytest.raises(DomainError, match=words):
            planned(model, **other)  # type: ignore[arg-type]
    assert Review.objects.count() == 1
    assert len(refusals("model.plan_review")) == len(cases)


def test_carrying_out_concludes_the_planned_review() -> None:
    model = scenarios.registered_model()
    plan = planned(model)

    done = review(model)

    assert done.pk == plan.pk
    assert (done.state, done.conclusion, done.notes) == ("done", "continue", WHY)
    assert done.done_by == scenarios.validator()
    [entry] = entries("model.carry_out_review")
    assert entry["detail"]["conclusion"] == "continue"
    assert entry["subject"]["id"] == plan.record_id


def test_a_review_nobody_planned_is_recorded_as_well_and_each_is_a_row() -> None:
    model = scenarios.registered_model()

    first, second = review(model), review(model)

    assert first.pk != second.pk
    assert first.due is None


def test_findings_of_a_review_are_raised_with_it_and_say_where_they_come_from() -> None:
    model = scenarios.registered_model()

    done = review(model, conclusion="continue_with_findings", findings=[WRONG])

    [finding] = Finding.objects.all()
    assert done.finding_ids == [finding.pk]
    assert (finding.source, finding.owner) == (Finding.Source.REVIEW, model.owner)
    [entry] = entries("model.carry_out_review")
    assert entry["detail"]["findings"] == [finding.record_id]


@pytest.mark.parametrize("conclusion", ["continue_with_findings", "restrict", "withdraw"])
def test_what_is_not_to_go_on_as_it_is_leaves_a_finding_behind(conclusion: str) -> None:
    with pytest.raises(RuleBroken, match="Raise a finding"):
        review(scenarios.registered_model(), conclusion=conclusion)

    assert not Review.objects.exists()


def test_the_owner_does_not_review_an_own_model_whatever_other_duty_is_held() -> None:
    both = scenarios.account("bo", "Bo Both", "model_owner", "validator")
    model = scenarios.registered_model(owner=both)

    with pytest.raises(NotAllowed, match="You own this model"):
        review(model, both)

    assert not Review.objects.exists()


@pytest.mark.parametrize(
    "who", [scenarios.owner, scenarios.developer, scenarios.operator, scenarios.auditor]
)
def test_only_validators_and_risk_officers_plan_review_and_drop(who: Callable[[], User]) -> None:
    model = scenarios.registered_model()
    plan = planned(model)
    by = actor(who())

    with pytest.raises(NotAllowed):
        reviews.plan_review(model, kind="event", due=in_days(3), by=by, reason=WHY)
    with pytest.raises(NotAllowed):
        reviews.carry_out_review(model, Reviewed("periodic", "continue"), by=by, reason=WHY)
    with pytest.raises(NotAllowed):
        reviews.drop_review(plan, by=by, reason=WHY)


def test_a_program_reviews_nothing() -> None:
    by = actor(scenarios.validator(), door=Door.COMMAND, auth=Auth.NONE)

    with pytest.raises(NotAllowed, match="signed in through the browser"):
        reviews.carry_out_review(
            scenarios.registered_model(), Reviewed("periodic", "continue"), by=by, reason=WHY
        )


def test_a_planned_review_is_dropped_with_a_reason_once() -> None:
    plan = planned(scenarios.registered_model())
    by = actor(scenarios.risk_officer())

    reviews.drop_review(plan, by=by, reason=WHY)

    plan.refresh_from_db()
    assert (plan.state, plan.why_dropped) == ("dropped", WHY)
    assert len(entries("review.drop")) == 1
    with pytest.raises(RuleBroken, match="dropped by now"):
        reviews.drop_review(plan, by=by, reason=WHY)


def test_a_conclusion_that_is_none_is_refused() -> None:
    with pytest.raises(RuleBroken, match="what the review comes to"):
        review(scenarios.registered_model(), conclusion="fine")
