"""Campaigns at the API: how far they are, of models the caller may see, and what owners said."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts import operations as accounts
from apps.risk.models import Campaign
from apps.risk.operations import attestations
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.factories import HOST, actor, person
from tests.risk import reviewed

pytestmark = pytest.mark.django_db


def numbers(caller: Caller, query: str = "") -> list[int]:
    return [one["number"] for one in said(caller.get(f"/campaigns{query}"))["campaigns"]]


def test_a_campaign_says_how_many_owners_said_what(caller: Caller) -> None:
    right, wrong, _ = (scenarios.registered_model(f"model-{one}") for one in "abc")
    campaign = reviewed.running()
    signed = reviewed.attest(right)
    finding = attestations.correct(wrong, by=actor(wrong.owner), what="The purpose is another")

    shown = said(caller.get(f"/campaigns/{campaign.pk}"))

    counted = {key: shown[key] for key in ("open", "escalated", "attested", "corrected")}
    assert counted == {"open": 1, "escalated": 0, "attested": 1, "corrected": 1}
    assert (shown["title"], shown["tiers"], shown["state"]) == ("Autumn", [0], "running")
    assert (shown["begun_by"], shown["overdue"]) == ("rita", False)
    assert shown["page"] == campaign.get_absolute_url()
    path = f"/campaigns/{campaign.pk}/entries"
    entries = {one["model"]: one for one in said(caller.get(path))["entries"]}
    assert entries["model-a"]["attestation"] == signed.pk
    assert entries["model-b"]["finding"] == finding.pk
    assert (entries["model-c"]["state"], entries["model-c"]["owner"]) == ("open", "olivia")
    waiting = said(caller.get(f"{path}?state=open"))["entries"]
    assert [one["model"] for one in waiting] == ["model-c"]
    first = said(caller.get(f"{path}?limit=2"))
    second = said(caller.get(f"{path}?limit=2&page={first['next']}"))
    assert [one["model"] for one in second["entries"]] == ["model-c"]
    refusal(caller.get(f"{path}?state=gone"), 400)


def test_campaigns_are_listed_by_their_state(caller: Caller) -> None:
    scenarios.registered_model()
    first = reviewed.running()
    second = reviewed.begun(title="Winter")

    assert numbers(caller, "?state=running") == [first.pk]
    refusal(caller.get("/campaigns?state=gone"), 400)
    assert numbers(caller) == [first.pk]  # of the other, nobody was asked yet
    assert second.state == Campaign.State.PREPARING


def test_only_models_the_caller_may_see_are_counted() -> None:
    scenarios.registered_model("seen")
    scenarios.registered_model("hidden")
    campaign = reviewed.running()
    reader = person("reader")
    seen = scenarios.registered_model("seen-too")
    assert numbers(Caller(token_of(reader))) == []
    accounts.grant_duty(reader, "auditor", by=HOST, reason="Needed by a test")
    limited = Caller(token_of(reader, roots=[seen.record_ref]))

    assert numbers(limited) == []
    refusal(limited.get(f"/campaigns/{campaign.pk}"), 404)
    refusal(limited.get(f"/campaigns/{campaign.pk}/entries"), 404)
    whole = said(Caller(token_of(reader)).get(f"/campaigns/{campaign.pk}"))
    assert whole["open"] == 2


def test_a_token_of_one_model_counts_that_one_alone() -> None:
    seen = scenarios.registered_model("seen")
    scenarios.registered_model("hidden")
    campaign = reviewed.running()
    limited = Caller(token_of(scenarios.auditor(), roots=[seen.record_ref]))

    assert said(limited.get(f"/campaigns/{campaign.pk}"))["open"] == 1
    entries = said(limited.get(f"/campaigns/{campaign.pk}/entries"))["entries"]
    assert [one["model"] for one in entries] == ["seen"]


def test_what_may_not_be_seen_is_not_there(caller: Caller) -> None:
    scenarios.registered_model()
    campaign = reviewed.running()
    stranger = Caller(token_of(scenarios.stranger()))

    assert numbers(stranger) == []
    for path in (f"/campaigns/{campaign.pk}", f"/campaigns/{campaign.pk}/entries"):
        refusal(stranger.get(path), 404)
    refusal(caller.get(f"/campaigns/{2**70}"), 404)


def test_nothing_is_begun_or_ended_by_token() -> None:
    scenarios.registered_model()
    campaign = reviewed.running()
    officer = Caller(token_of(scenarios.risk_officer()))

    body = {"title": "Spring", "tiers": [0], "due": "2999-01-01", "reason": reviewed.WHY}
    assert officer.post("/campaigns", body).status_code == 405
    refusal(officer.post(f"/campaigns/{campaign.pk}/end", {"reason": reviewed.WHY}), 404)

    assert Campaign.objects.get() == campaign


def test_campaigns_take_as_many_queries_however_many_there_are(caller: Caller) -> None:
    for _ in range(2):
        scenarios.registered_model()
    campaign = reviewed.running()
    paths = ("/campaigns", f"/campaigns/{campaign.pk}/entries")
    few = [queries(caller, path) for path in paths]
    for _ in range(6):
        scenarios.registered_model()
    for _ in range(3):
        campaign = reviewed.running()

    paths = ("/campaigns", f"/campaigns/{campaign.pk}/entries")
    assert [queries(caller, path) for path in paths] == few
    assert len(said(caller.get(paths[1]))["entries"]) == 8


def queries(caller: Caller, path: str) -> int:
    said(caller.get(path))
    with CaptureQueriesContext(connection) as taken:
        said(caller.get(path))
    return len(taken)
