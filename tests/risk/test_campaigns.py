"""Campaigns: begun once, prepared by a worker that may be killed, answered, escalated, ended."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest

from apps.accounts.models import User
from apps.catalog.models import RegisteredModel
from apps.core.actors import Auth, Door
from apps.core.clock import database_now
from apps.core.digests import digest_of
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from apps.core.sweeping import NotDue
from apps.risk.campaigns import runner, tasks
from apps.risk.models import Campaign, CampaignEntry, CampaignSnapshot, CampaignWork
from apps.risk.operations import attestations, campaign_work, campaigns, escalating
from tests import scenarios
from tests.approvals.exceptions import entries, in_days, move_clock, refusals
from tests.factories import actor
from tests.risk.assessed import LIGHT, approved
from tests.risk.reviewed import WHY, attest, begun, running

pytestmark = pytest.mark.django_db

LONG = os.environ.get("SIGNET_TEST_LONG") == "1"
MANY = 5_000 if LONG else 50
State = CampaignEntry.State


def models(count: int) -> list[RegisteredModel]:
    return [scenarios.registered_model() for _ in range(count)]


def crowd(count: int) -> None:
    """Make many models: copies of one, since to register thousands by operations takes minutes."""
    first = scenarios.registered_model()
    copies = [
        RegisteredModel(
            name=f"{first.name}-{number}",
            folded_name=f"{first.folded_name}-{number}",
            owner=first.owner,
            created_at=first.created_at,
            created_by=first.created_by,
            touched_at=first.touched_at,
        )
        for number in range(1, count)
    ]
    RegisteredModel._base_manager.bulk_create(copies)


def states(campaign: Campaign) -> list[str]:
    return list(campaign.entries.order_by("model").values_list("state", flat=True))


# -- beginning


def test_a_campaign_begins_with_its_tiers_its_day_and_the_reason() -> None:
    models(2)

    campaign = begun(0, 1)

    assert (campaign.state, campaign.tiers, campaign.due) == ("preparing", [0, 1], in_days(20))
    [entry] = entries("campaign.begin")
    assert entry["subject"] == {"type": "campaign", "id": campaign.record_id}
    assert entry["detail"] == {"tiers": [0, 1], "due": str(in_days(20))}


def test_a_campaign_about_nobody_or_without_time_is_refused() -> None:
    models(1)
    cases = [
        ((4,), {}, "No model is at one of these tiers"),
        ((7,), {}, "Choose the tiers"),
        ((0,), {"title": " "}, "a title"),
        ((0,), {"due": in_days(0)}, "until tomorrow"),
    ]
    for tiers, other, words in cases:
        with pytest.raises(DomainError, match=words):
            begun(*tiers, **other)  # type: ignore[arg-type]
    assert not Campaign.objects.exists()
    assert len(refusals("campaign.begin")) == len(cases)


@pytest.mark.parametrize(
    "who", [scenarios.owner, scenarios.developer, scenarios.auditor, scenarios.stranger]
)
def test_only_who_reviews_for_the_whole_organization_begins_and_ends(
    who: Callable[[], User],
) -> None:
    models(1)
    with pytest.raises(NotAllowed, match="whole organization"):
        begun(by=actor(who()))
    campaign = running()
    with pytest.raises(NotAllowed, match="whole organization"):
        campaigns.end_campaign(campaign, by=actor(who()), reason=WHY)
    with pytest.raises(NotAllowed):
        begun(by=actor(scenarios.risk_officer(), door=Door.COMMAND, auth=Auth.NONE))


# -- a worker asks the owners


def test_every_model_at_the_tiers_is_asked_about_once_and_how_it_stood_is_kept() -> None:
    untiered = models(3)
    approved(scenarios.registered_model(), LIGHT)

    campaign = running(0)

    asked = campaign.entries.order_by("model")
    assert [entry.model for entry in asked] == untiered
    assert {entry.owner for entry in asked} == {scenarios.owner()}
    assert (campaign.state, campaign.total) == ("running", 3)
    kept = campaign.snapshots.get()
    assert (kept.moment, len(kept.rows), kept.digest) == ("before", 3, digest_of(kept.rows))
    assert kept.rows[0] == [
        untiered[0].record_id,
        untiered[0].name,
        0,
        scenarios.owner().record_id,
        "Olivia Owner",
        0,
    ]
    [opened] = entries("campaign.open")
    assert opened["detail"] == {"total": 3, "before": kept.digest}
    assert sum(entry["detail"]["asked"] for entry in entries("campaign.ask_owners")) == 3


@pytest.mark.long
def test_a_killed_worker_leaves_what_the_next_one_goes_on_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crowd(MANY)
    monkeypatch.setattr(runner, "BATCH", max(MANY // 10, 5))
    monkeypatch.setattr(campaign_work, "AT_ONCE", 50 if LONG else 3)
    campaign, real, calls = begun(), campaign_work.ask_owners, [0]

    class Killed(BaseException):
        pass

    def dies(*about: object) -> int:
        calls[0] += 1
        if calls[0] == 7:
            raise Killed
        return real(*about)  # type: ignore[arg-type]

    monkeypatch.setattr(campaign_work, "ask_owners", dies)
    with pytest.raises(Killed):
        runner.carry_out(campaign.pk)
    done = campaign.entries.count()
    assert 0 < done < MANY

    now = database_now()
    assert runner.waiting(now) == []  # its lease still runs
    later = now + runner.LEASE + timedelta(seconds=1)
    assert runner.waiting(later) == [campaign.pk]
    runner.carry_out(campaign.pk, clock=lambda: later)

    campaign.refresh_from_db()
    assert (campaign.state, campaign.total) == ("running", MANY)
    assert campaign.entries.values("model").distinct().count() == MANY
    work = CampaignWork.objects.get(campaign=campaign)
    assert (work.seen, work.total) == (MANY, MANY)


def test_twenty_beats_prepare_and_escalate_once(monkeypatch: pytest.MonkeyPatch) -> None:
    models(4)
    campaign = begun()
    for _ in range(20):
        tasks.send_campaigns()
        runner.carry_out(campaign.pk)
    move_clock(monkeypatch, 30)
    late = database_now() + timedelta(days=30)
    escalated = [escalating.escalate_entries(late) for _ in range(20)]

    assert escalated == [4, *[0] * 19]
    assert campaign.entries.count() == 4
    assert len(entries("campaign.open")) == 1
    assert len(entries("campaign_entry.escalate")) == 4


def test_a_worker_whose_campaign_was_taken_over_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    models(2)
    campaign, real = begun(), campaign_work.ask_owners

    def slow(*about: object) -> int:
        CampaignWork.objects.filter(campaign=campaign).update(beat_at=database_now())
        return real(*about)  # type: ignore[arg-type]

    monkeypatch.setattr(campaign_work, "ask_owners", slow)
    runner.carry_out(campaign.pk)

    campaign.refresh_from_db()
    assert campaign.state == "preparing"


def test_what_was_done_already_is_not_done_again() -> None:
    models(1)
    campaign = running()

    for act in (campaign_work.open_campaign, campaign_work.keep_snapshot_after):
        with pytest.raises(NotDue):
            act(campaign)
    with pytest.raises(NotDue):
        campaign_work.ask_owners(campaign, [])
    with pytest.raises(NotDue):
        escalating.escalate_entry(campaign.entries.get())


# -- answers


def test_a_campaign_ends_by_itself_once_everybody_answered_and_keeps_how_models_stood() -> None:
    first, second = models(2)
    campaign = running()

    signed = attest(first)
    finding = attestations.correct(second, by=actor(second.owner), what="A use is missing")

    campaign.refresh_from_db()
    assert states(campaign) == [State.ATTESTED, State.CORRECTED]
    assert campaign.entries.get(model=first).attestation == signed
    assert campaign.entries.get(model=second).finding == finding
    assert (campaign.state, campaign.ended_by) == ("ended", None)
    assert len(entries("campaign.complete")) == 1
    assert entries("model.attest")[0]["detail"]["campaigns"] == [campaign.record_id]
    assert runner.waiting(database_now()) == [campaign.pk]
    runner.carry_out(campaign.pk)
    after = CampaignSnapshot.objects.get(campaign=campaign, moment="after")
    assert [row[5] for row in after.rows] == [0, 1]
    assert len(entries("campaign.keep_snapshot")) == 1
    assert runner.waiting(database_now()) == []


def test_an_answer_counts_for_every_campaign_that_asks() -> None:
    [model] = models(1)
    both = [running(title="One"), running(title="Two")]

    attest(model)

    assert [states(campaign) for campaign in both] == [[State.ATTESTED]] * 2


def test_answers_given_while_owners_are_still_asked_end_it_when_all_are() -> None:
    [model] = models(1)
    campaign = begun()
    campaign_work.ask_owners(campaign, [(model, 0)])
    attest(model)

    runner.carry_out(campaign.pk)

    campaign.refresh_from_db()
    assert campaign.state == "ended"


def test_what_is_late_is_escalated_and_can_still_be_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, _ = models(2)
    campaign = running()
    at = move_clock(monkeypatch, 21)

    assert escalating.escalate_entries(database_now()) == 0
    assert escalating.escalate_entries(at) == 2
    attest(first)

    assert states(campaign) == [State.ATTESTED, State.ESCALATED]
    [entry, _] = entries("campaign_entry.escalate")
    assert entry["detail"]["due"] == str(campaign.due)


# -- ending


def test_a_person_ends_a_campaign_only_after_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    models(2)
    campaign, by = running(), actor(scenarios.risk_officer())
    with pytest.raises(RuleBroken, match="Owners have until"):
        campaigns.end_campaign(campaign, by=by, reason=WHY)
    move_clock(monkeypatch, 21)

    campaigns.end_campaign(campaign, by=by, reason=WHY)

    campaign.refresh_from_db()
    assert (campaign.state, campaign.ended_by, campaign.why_ended) == (
        "ended",
        scenarios.risk_officer(),
        WHY,
    )
    [entry] = entries("campaign.end")
    assert entry["detail"] == {"total": 2, "unanswered": 2}
    with pytest.raises(RuleBroken, match="not under way"):
        campaigns.end_campaign(campaign, by=by, reason=WHY)
    attest(RegisteredModel.objects.order_by("pk")[0])
    assert states(campaign) == [State.OPEN, State.OPEN]
