"""The risk of a finding is borne by a signature, until a day the policy allows, then no more."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from apps.accounts.confirmation import Confirmation
from apps.accounts.models import User
from apps.accounts.signing.statements import StaleForm
from apps.core.actors import Auth, Door
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.formats import moment as at_full_length
from apps.core.sweeping import NotDue
from apps.risk.models import Finding, RiskAcceptance, RiskAcceptanceSignOff
from apps.risk.operations import finding_answers, findings
from apps.risk.operations import risk_acceptances as operations
from tests import scenarios
from tests.approvals.exceptions import entries, move_clock, refusals
from tests.approvals.walk import break_the_record
from tests.factories import actor, person, signed_in
from tests.risk.found import (
    WHY,
    accept,
    acceptance_ticket,
    accepted,
    planned,
    raised,
    said,
)
from tests.risk.reviewed import confirmed, moment, schedule_by_default

pytestmark = pytest.mark.django_db


def test_a_risk_is_borne_by_a_signature_over_the_finding_the_day_and_the_reason() -> None:
    finding = planned()
    shown = finding.state_digest()

    acceptance = accept(finding, days=30)

    signed = acceptance.sign_off
    words = json.loads(signed.statement)
    assert (words["finding"], words["as_it_stands"]) == (finding.record_id, shown)
    assert words["ends_on"] == str(acceptance.ends_on)
    assert (signed.signer, signed.role) == (scenarios.risk_officer(), "risk_officer")
    assert signed.meaning == words["meaning"] == "risk acceptance"
    assert (acceptance.accepted_by, acceptance.owner) == (signed.signer, finding.owner)
    [entry] = entries("finding.accept_risk")
    assert entry["sign"]["statement"] == signed.statement_digest
    assert entry["detail"]["terms"] == words["terms"]
    finding.refresh_from_db()
    assert (finding.state, finding.is_unsettled) == ("accepted", False)


def test_another_reason_or_day_makes_another_statement() -> None:
    finding, by = raised(), actor(scenarios.risk_officer())
    ticket = acceptance_ticket(finding, by)
    day = moment().date()

    def words(days: int, reason: str) -> str:
        offered = operations.acceptance_offered(
            finding,
            by=by,
            role="risk_officer",
            ends_on=day + timedelta(days=days),
            ticket=ticket,
            reason=reason,
            at=moment(),
        )
        return offered.text

    assert len({words(3, WHY), words(4, WHY), words(3, "Another reason")}) == 3
    assert words(3, WHY) == words(3, f" {WHY} ")
    signed = accept(finding, days=3, ticket=ticket).sign_off
    finding.state = Finding.State.OPEN
    assert signed.statement == words(3, WHY)


def test_a_form_from_before_the_finding_changed_signs_nothing() -> None:
    finding, by = raised(), actor(scenarios.risk_officer())
    ticket = acceptance_ticket(finding, by)
    finding_answers.change_severity(
        finding, by=actor(scenarios.validator()), reason=WHY, severity="critical"
    )

    with pytest.raises(StaleForm, match="has changed"):
        accept(finding, ticket=ticket)
    with pytest.raises(StaleForm, match="somebody else"):
        accept(finding, ticket=acceptance_ticket(finding, actor(scenarios.validator())))

    assert not RiskAcceptance.objects.exists()
    assert refusals("finding.accept_risk") == ["stale_form", "stale_form"]


def test_a_form_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    finding, by = raised(), actor(scenarios.risk_officer())
    ticket = acceptance_ticket(finding, by)
    accept(finding, days=1, ticket=ticket)
    operations.end_acceptances(move_clock(monkeypatch, 3))
    finding.refresh_from_db()

    with pytest.raises(StaleForm, match="sent already"):
        accept(finding, ticket=ticket)

    assert RiskAcceptanceSignOff.objects.count() == 1


def test_who_bears_a_risk_confirms_who_they_are_just_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    finding = raised()
    early = confirmed(actor(scenarios.risk_officer()))
    move_clock(monkeypatch, 1)

    for wrong in (early, Confirmation(0, "password", moment())):
        with pytest.raises(NotAllowed, match="password again"):
            accept(finding, confirmed=wrong)
    assert not RiskAcceptance.objects.exists()


def test_a_program_of_a_risk_officer_bears_nothing() -> None:
    finding = raised()
    by = actor(scenarios.risk_officer(), door=Door.COMMAND, auth=Auth.NONE)

    with pytest.raises(NotAllowed):
        operations.accept_risk(
            finding,
            by=by,
            role="risk_officer",
            ends_on=moment().date() + timedelta(days=3),
            ticket=acceptance_ticket(finding, by),
            confirmed=confirmed(by),
            reason=WHY,
        )


def test_neither_the_owner_nor_who_raised_a_finding_bears_its_risk() -> None:
    model = scenarios.registered_model()
    by_officer = findings.raise_finding(model, said(), by=actor(scenarios.risk_officer()))
    with pytest.raises(NotAllowed, match="You raised this finding"):
        accept(by_officer)

    owned = raised(model, title="Another")
    finding_answers.assign_finding(
        owned, by=actor(scenarios.validator()), reason=WHY, owner=scenarios.risk_officer()
    )
    with pytest.raises(NotAllowed, match="You own this finding"):
        accept(owned)


def test_who_answers_for_the_service_that_raised_a_finding_does_not_bear_its_risk() -> None:
    service = person(
        "scanner", service=True, manager=scenarios.risk_officer(), everywhere=("model_developer",)
    )
    model = scenarios.registered_model()
    by = actor(service, door=Door.API, auth=Auth.TOKEN)
    finding = findings.raise_finding(model, said(), by=by)

    with pytest.raises(NotAllowed, match="You raised this finding"):
        accept(finding)


def test_the_policys_duties_of_a_signer_hold_here_too(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule_by_default(monkeypatch)
    root = person("root", everywhere=("risk_officer",), administrator=True)

    with pytest.raises(NotAllowed, match="administers the platform"):
        accept(raised(), root)

    version = scenarios.registered_version()
    builder = person("both", everywhere=("model_developer", "risk_officer"))
    built = scenarios.registered_version(version.model, by=actor(builder))
    with pytest.raises(NotAllowed, match="contributed to this version"):
        accept(raised(version.model, version=built), builder)
    accept(raised(version.model, version=version, title="Of the first"), builder)


@pytest.mark.parametrize("who", [scenarios.developer, scenarios.validator, scenarios.stranger])
def test_nobody_bears_a_risk_who_may_not(who: object) -> None:
    assert callable(who)
    signer: User = who()
    with pytest.raises(NotAllowed, match="accept risks"):
        accept(raised(), signer)
    assert refusals("finding.accept_risk") == ["not_allowed"]


def test_a_risk_is_borne_in_a_role_that_is_held_and_may() -> None:
    finding = raised()
    for role in ("governance_committee", "validator"):
        with pytest.raises(NotAllowed, match="no such role"):
            accept(finding, role=role)
    sponsor = scenarios.account("erin", "Erin Executive", "executive_sponsor")
    assert accept(finding, sponsor, role="executive_sponsor").sign_off.role == "executive_sponsor"


def test_a_risk_is_borne_as_long_as_the_policy_allows_at_the_tier(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    finding = raised()
    for days, words in ((0, "a day to come"), (367, "366 days at most")):
        with pytest.raises(RuleBroken, match=words):
            accept(finding, days=days)

    schedule_by_default(monkeypatch)
    with pytest.raises(RuleBroken, match="90 days at most here"):
        accept(finding, days=91)
    with pytest.raises(RuleBroken, match="Give a reason"):
        accept(finding, reason=" ")
    accept(finding, days=90)


def test_an_accepted_risk_ends_by_itself_and_the_finding_is_open_again_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    finding = accepted(days=10)
    acceptance = RiskAcceptance.objects.get()
    assert operations.end_acceptances(moment()) == 0
    with pytest.raises(NotDue):
        operations.end_acceptance(acceptance)

    late = move_clock(monkeypatch, 12)

    assert [operations.end_acceptances(late) for _ in range(2)] == [1, 0]
    finding.refresh_from_db()
    assert (finding.state, finding.acceptances.get().ended_at is not None) == ("open", True)
    assert len(entries("risk_acceptance.end")) == 1
    with pytest.raises(NotDue):
        operations.end_acceptance(acceptance)


def test_a_finding_that_was_planned_is_planned_again(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = planned()
    accept(finding, days=1)

    operations.end_acceptances(move_clock(monkeypatch, 3))

    finding.refresh_from_db()
    assert finding.state == Finding.State.PLANNED


def test_a_finding_that_grew_graver_is_open_again_and_a_milder_one_stays_borne() -> None:
    finding, by = accepted(severity="high"), actor(scenarios.validator())

    finding_answers.change_severity(finding, by=by, reason=WHY, severity="medium")
    assert finding.state == Finding.State.ACCEPTED
    finding_answers.change_severity(finding, by=by, reason=WHY, severity="critical")

    finding.refresh_from_db()
    assert (finding.state, finding.severity) == ("open", "critical")
    assert finding.acceptances.get().ended_at is not None
    accept(finding)


def test_a_signature_that_cannot_be_recorded_bears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = raised()
    break_the_record(monkeypatch)

    with pytest.raises(IntegrityError):
        accept(finding)

    finding.refresh_from_db()
    assert finding.state == Finding.State.OPEN
    assert not RiskAcceptance.objects.exists()
    assert not RiskAcceptanceSignOff.objects.exists()


def test_the_admin_prints_name_time_and_meaning_of_a_signature(client: Client) -> None:
    signed = accept(raised()).sign_off
    administrator = signed_in(client, person("root", administrator=True))

    listed = administrator.get(reverse("admin:risk_riskacceptancesignoff_changelist"))

    text = listed.content.decode()
    for printed in (signed.signer_name, at_full_length(signed.signed_at, "full"), signed.meaning):
        assert printed in text
