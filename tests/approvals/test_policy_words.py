"""Words of a policy act where they say they do, and are shown there."""

import dataclasses
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.approvals import operations, policies
from apps.approvals.models import PromotionRequest, SignOffWithdrawal
from apps.approvals.obligations import Kind, Obligation, kept_from
from apps.approvals.pages.policies import readable
from apps.approvals.policies import Policy
from apps.catalog.lifecycle import Stage
from apps.core import strict_yaml
from apps.core.clock import database_now
from apps.core.errors import RuleBroken
from apps.core.months import in_months
from tests import scenarios
from tests.approvals.deciding import enforced
from tests.approvals.exceptions import (
    committee,
    enforce_emergency,
    entries,
    granted,
    move_clock,
    roll_back_at_once,
    two_in_turn,
)
from tests.approvals.policy_texts import Document, changed, move
from tests.console.conftest import Reads
from tests.factories import actor

# -- taking a sign-off back


def keeps_sign_offs(document: Document) -> None:
    document["signature"]["withdraw_allowed_before_effect"] = False


@pytest.mark.django_db
def test_where_the_policy_says_so_nobody_takes_a_sign_off_back(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    scenarios.sign(request, scenarios.validator(), "validator")
    link = reverse("approvals:withdraw_sign_off", args=[request.sign_offs.get().pk])
    before = opens(scenarios.validator(), request.get_absolute_url())
    assert before.has_link(link)

    enforced(monkeypatch, keeps_sign_offs)
    with pytest.raises(RuleBroken, match="lets nobody take a sign-off back"):
        operations.withdraw_sign_off(
            request.sign_offs.get(), by=actor(scenarios.validator()), reason="I read it wrongly"
        )
    page = opens(scenarios.validator(), request.get_absolute_url())
    form = opens(scenarios.validator(), link)
    asked = opens(scenarios.risk_officer(), request.get_absolute_url())

    assert not SignOffWithdrawal.objects.exists()
    assert not page.has_link(link)
    assert "Write on the request what is wrong, or have who asked for it withdraw" in form.words
    assert "The policy lets nobody take a sign-off back." in asked.words
    assert request.state == PromotionRequest.State.OPEN


# -- an emergency nobody confirms


@pytest.mark.django_db
@pytest.mark.parametrize("is_critical", [True, False])
def test_an_emergency_nobody_confirmed_is_escalated_as_the_policy_says(
    opens: Reads, monkeypatch: pytest.MonkeyPatch, is_critical: bool
) -> None:
    model = two_in_turn()
    said = "if_not_ratified: escalate"
    other = ((f"{said}_and_open_critical_finding", said),)
    enforce_emergency(monkeypatch, *(() if is_critical else other))
    url = reverse("approvals:roll_back_at_once", args=[model.name])
    before = opens(scenarios.operator(), url)
    emergency = roll_back_at_once(model)
    page = opens(scenarios.owner(), emergency.get_absolute_url())
    operations.lapse_emergencies(move_clock(monkeypatch, 3))

    told = "Escalated to the model's owner, its risk officers and the committee"
    for shown in (before, page):
        assert told in shown.words
        assert ("as a critical finding" in shown.words) is is_critical
    [entry] = entries("emergency.lapse")
    noted = {key: entry["detail"].get(key) for key in ("action", "severity")}
    assert noted == (
        {"action": "open_finding", "severity": "critical"}
        if is_critical
        else {"action": None, "severity": None}
    )


# -- waivers


@pytest.mark.django_db
def test_the_page_of_a_waiver_says_whom_it_is_reported_to(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiver = granted()
    assert "Reported to" not in opens(scenarios.owner(), waiver.get_absolute_url()).words
    enforced(monkeypatch, lambda document: document["waivers"].update(report_to=["auditor"]))
    assert "Reported to Auditor" in opens(scenarios.owner(), waiver.get_absolute_url()).words


# -- what follows a move


def reviews_in_a_year(document: Document) -> None:
    for tier in document["tiers"]:
        tier["settings"] |= {"revalidation_months": 12, "periodic_review_months": 1}
    move(document)["on_success"] = ["schedule_revalidation", "schedule_periodic_review"]


@pytest.mark.django_db
def test_what_follows_is_on_record_and_shown_before(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    enforced(monkeypatch, reviews_in_a_year)
    request = scenarios.signed_off(Stage.PRODUCTION)
    page = opens(scenarios.operator(), request.get_absolute_url())
    operations.promote(request, by=actor(scenarios.operator()), reason="Quarterly refresh")

    assert "The next validation stands in the calendar" in page.words
    assert "The authorization begins, and ends after the days the policy sets" in page.words
    assert entries("version.promote")[-1]["detail"]["follows"] == [
        "start_authorization_clock", "schedule_revalidation", "schedule_periodic_review",
    ]  # fmt: skip


@pytest.mark.django_db
def test_scheduled_validations_and_reviews_stand_in_the_calendar(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    enforced(monkeypatch, reviews_in_a_year)
    version = scenarios.promoted(Stage.PRODUCTION).version
    today = database_now().date()
    year, month = in_months(today, 12), in_months(today, 1)

    def shown(day: date, reader: User) -> str:
        return opens(reader, f"/calendar/?whose=all&from={day:%Y-%m}").words

    assert f"{version}: revalidation is due" in shown(year, scenarios.auditor())
    assert f"{version}: periodic review is due" in shown(month, scenarios.auditor())
    assert "is due" not in shown(year, scenarios.stranger())
    assert "revalidation is due" not in shown(month, scenarios.owner())
    enforced(monkeypatch, lambda document: None)
    assert "is due" not in shown(year, scenarios.auditor())


def test_the_same_day_of_another_month_is_one_that_is_there() -> None:
    assert in_months(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert in_months(date(2027, 2, 28), -12) == date(2026, 2, 28)
    assert in_months(date(2026, 12, 1), 1) == date(2027, 1, 1)


# -- said on the page of a policy


def test_a_policy_is_read_with_what_follows_and_who_is_told() -> None:
    default = readable(policies.shipped("default"))
    follows = {one.id: one.follows for one in default["moves"]}

    assert default["reported_to"] == "AI and model governance committee and Auditor"
    assert follows["development_to_staging"] == ()
    assert follows["archived_to_decommissioned"] == (
        "The years for which records are kept begin.",
        "Records managers are asked to seal the records.",
        "Everybody with a role on the model itself is told.",
    )
    assert (
        "The next validation stands in the calendar, by the setting revalidation_months."
        in follows["staging_to_production"]
    )
    rollback = next(one for one in default["moves"] if one.id == "rollback")
    assert rollback.emergency[-1].cells[0].words == "escalated as a critical finding"


@pytest.mark.django_db
def test_the_page_of_a_policy_says_how_signatures_are_given(opens: Reads) -> None:
    committee()
    page = opens(scenarios.auditor(), reverse("approvals:shipped_policy", args=["default"]))

    assert "Who signs shows anew who they are." in page.words
    assert "Signers may take a sign-off back while its request is open." in page.words
    assert "What follows" in page.words
    assert not changed(keeps_sign_offs).signature.may_withdraw
    assert strict_yaml.load(policies.shipped("starter").text)


# -- obligations


def obligations_only_warn(document: Document) -> None:
    document["obligation_enforcement"] = {
        "before_applies_from": "skip",
        "from_applies_from": "warn",
        "restriction": "block",
        "approval": "add_slot",
    }


def test_an_obligation_does_what_the_policy_says_before_and_from_its_day() -> None:
    first = date(2026, 12, 1)
    moves = frozenset({"staging_to_production"})
    owed = Obligation("card", Kind.ACTION, "Publish the card", moves, first)

    def said(policy: Policy, day: datetime, kind: Kind = Kind.ACTION) -> list[tuple[str, str]]:
        asked = dataclasses.replace(owed, kind=kind)
        found = kept_from([asked], policy, "staging_to_production", {"now": day})
        return [(one.state.value, one.reason) for one in found.verdicts]

    before, later = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 2, tzinfo=UTC)
    usual, lenient = policies.shipped("default"), changed(obligations_only_warn)
    assert said(usual, before) == [("warned", "It binds from 2026-12-01.")]
    assert said(usual, later) == []  # it is counted in obligations.open_blocking
    assert said(lenient, before) == []
    assert said(lenient, later) == [("warned", "It binds since 2026-12-01.")]
    [(state, _)] = said(lenient, before, Kind.RESTRICTION)
    assert state == "blocked"
