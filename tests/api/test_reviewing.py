"""Reviews and attestations at the API: what comes round, what was done, and nothing signed."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.catalog.models import RegisteredModel
from apps.risk import policy_says
from apps.risk.operations import attestations, reviews
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.approvals.exceptions import in_days
from tests.factories import actor
from tests.risk import found, reviewed

pytestmark = pytest.mark.django_db

MODEL = "/models/tumor-triage"
OF_MODEL = ("schedule", "reviews", "owner-attestations")


@pytest.fixture
def scheduled(monkeypatch: pytest.MonkeyPatch) -> None:
    reviewed.schedule_by_default(monkeypatch)


# -- what comes round


@pytest.mark.usefixtures("scheduled")
def test_a_schedule_says_what_is_due_by_the_policy_at_the_tier(
    caller: Caller, model: RegisteredModel
) -> None:
    says = policy_says.policy()

    shown = said(caller.get(f"{MODEL}/schedule"))

    assert (shown["tier"], shown["policy"], shown["policy_digest"]) == (0, says.name, says.digest)
    told = {one["what"]: one for one in shown["schedule"]}
    assert told.keys() == {"attestation", "retiering"}
    assert told["attestation"]["months"] == says.at(0).months("owner_attestation_months")
    assert (told["attestation"]["last"], told["attestation"]["overdue"]) == (None, False)
    assert [one["due"] for one in shown["schedule"]] == sorted(
        one["due"] for one in shown["schedule"]
    )


@pytest.mark.usefixtures("scheduled")
def test_what_was_attested_comes_round_from_then_on(caller: Caller, model: RegisteredModel) -> None:
    signed = reviewed.attest(model)

    [told] = [
        one
        for one in said(caller.get(f"{MODEL}/schedule"))["schedule"]
        if one["what"] == "attestation"
    ]

    assert told["last"] == signed.signed_at.date().isoformat()
    assert date.fromisoformat(told["due"]) > signed.signed_at.date()


def test_a_schedule_names_the_campaigns_that_ask(caller: Caller, model: RegisteredModel) -> None:
    campaign = reviewed.running()

    [asking] = said(caller.get(f"{MODEL}/schedule"))["asking"]

    assert asking == {
        "campaign": campaign.pk,
        "title": "Autumn",
        "due": campaign.due.isoformat(),
        "state": "open",
    }
    attestations.correct(model, by=actor(scenarios.owner()), what="The purpose is another")
    assert said(caller.get(f"{MODEL}/schedule"))["asking"] == []


@pytest.mark.usefixtures("scheduled")
def test_what_falls_due_is_listed_for_all_or_for_oneself(caller: Caller) -> None:
    first, second = scenarios.registered_model("first"), scenarios.registered_model("second")
    finding = found.raised(first, severity="low")
    plan = reviewed.planned(second, in_days(5))

    told = said(caller.get("/due"))

    assert told["is_cut"] is False
    entries = {one["id"]: one for one in told["due"]}
    assert entries[plan.record_id]["day"] == in_days(5).isoformat()
    assert entries[plan.record_id]["page"] == plan.get_absolute_url()
    assert entries[finding.record_id]["day"] == finding.due.isoformat()
    assert {f"{one.record_id}-attestation" for one in (first, second)} <= entries.keys()
    days = [one["day"] for one in told["due"]]
    assert days == sorted(days)
    assert said(caller.get("/due?whose=mine"))["due"] == []
    owner = Caller(token_of(scenarios.owner()))
    mine = {one["id"] for one in said(owner.get("/due?whose=mine"))["due"]}
    assert {finding.record_id, plan.record_id} <= mine
    refusal(caller.get("/due?whose=theirs"), 400)


@pytest.mark.usefixtures("scheduled")
def test_nobody_is_told_what_is_due_on_models_they_do_not_see(model: RegisteredModel) -> None:
    found.raised(model)
    assert said(Caller(token_of(scenarios.stranger())).get("/due")) == {
        "due": [],
        "is_cut": False,
    }


@pytest.mark.usefixtures("scheduled")
def test_what_falls_due_takes_as_many_queries_however_much_it_is(caller: Caller) -> None:
    for number in range(2):
        found.raised(scenarios.registered_model(f"few-{number}"))
    few = queries(caller, "/due")
    for number in range(8):
        found.raised(scenarios.registered_model(f"many-{number}"))

    assert queries(caller, "/due") == few


# -- what was reviewed and attested


def test_reviews_are_listed_with_what_they_came_to(caller: Caller, model: RegisteredModel) -> None:
    done = reviewed.review(model, conclusion="restrict", findings=[reviewed.WRONG])
    plan = reviewed.planned(model, in_days(5), kind="revalidation")
    dropped = reviewed.planned(model, in_days(9))
    reviews.drop_review(dropped, by=actor(scenarios.validator()), reason="Not needed")

    told = said(caller.get(f"{MODEL}/reviews"))["reviews"]

    assert [one["number"] for one in told] == [dropped.pk, plan.pk, done.pk]
    by_number = {one["number"]: one for one in told}
    assert by_number[done.pk]["conclusion"] == "restrict"
    assert (by_number[done.pk]["done_by"], by_number[done.pk]["notes"]) == ("vera", reviewed.WHY)
    [raised] = by_number[done.pk]["findings"]
    assert said(caller.get(f"/findings/{raised}"))["source"] == "review"
    assert (by_number[plan.pk]["due"], by_number[plan.pk]["planned_by"]) == (
        in_days(5).isoformat(),
        "vera",
    )
    assert by_number[dropped.pk]["why_dropped"] == "Not needed"
    planned = said(caller.get(f"{MODEL}/reviews?state=planned"))["reviews"]
    assert [one["number"] for one in planned] == [plan.pk]
    periodic = said(caller.get(f"{MODEL}/reviews?kind=periodic&state=done"))["reviews"]
    assert [one["number"] for one in periodic] == [done.pk]
    refusal(caller.get(f"{MODEL}/reviews?kind=sightseeing"), 400)


def test_attestations_of_the_owner_say_what_was_attested_by_its_digest(
    caller: Caller, model: RegisteredModel
) -> None:
    given = [reviewed.attest(model) for _ in range(3)]
    path = f"{MODEL}/owner-attestations"

    first = said(caller.get(f"{path}?limit=2"))
    second = said(caller.get(f"{path}?limit=2&page={first['next']}"))

    told = first["attestations"] + second["attestations"]
    assert [one["number"] for one in told] == [one.pk for one in reversed(given)]
    assert told[0]["snapshot_digest"] == given[2].snapshot_digest
    assert (told[0]["signer"], told[0]["signer_name"]) == ("olivia", "Olivia Owner")
    assert "snapshot" not in told[0]
    wrong = caller.get(f"{MODEL}/reviews?limit=2&page={first['next']}")
    assert refusal(wrong, 400)["code"] == "bad_mark"


def test_what_may_not_be_seen_is_not_there(caller: Caller, model: RegisteredModel) -> None:
    stranger = Caller(token_of(scenarios.stranger()))
    for part in OF_MODEL:
        refusal(stranger.get(f"{MODEL}/{part}"), 404)
        refusal(caller.get(f"/models/absent/{part}"), 404)


def test_nothing_is_reviewed_or_attested_by_token(model: RegisteredModel) -> None:
    for program in (Caller(token_of(scenarios.owner())), Caller(token_of(scenarios.validator()))):
        for part in (*OF_MODEL, "attest"):
            answer = program.post(f"{MODEL}/{part}", {"reason": reviewed.WHY})
            assert answer.status_code in {404, 405}
    assert not model.owner_attestations.exists()
    assert not model.reviews.exists()


def test_they_take_as_many_queries_however_many_there_are(
    caller: Caller, model: RegisteredModel
) -> None:
    for _ in range(2):
        once_more(model)
    few = [queries(caller, f"{MODEL}/{part}") for part in OF_MODEL]
    for _ in range(8):
        once_more(model)

    assert [queries(caller, f"{MODEL}/{part}") for part in OF_MODEL] == few
    assert len(said(caller.get(f"{MODEL}/reviews"))["reviews"]) == 10


def once_more(model: RegisteredModel) -> None:
    reviewed.planned(model)
    reviewed.review(model)
    reviewed.attest(model)


def queries(caller: Caller, path: str) -> int:
    said(caller.get(path))
    with CaptureQueriesContext(connection) as taken:
        said(caller.get(path))
    return len(taken)
