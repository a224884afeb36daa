"""Waivers to closing obligations: each names those it covers, and extends to no others."""

from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.approvals import authorizing, cases, covering, in_force, judgment, operations, waiving
from apps.approvals.facts.context import Evidence
from apps.approvals.models import Authorization, Waiver
from apps.approvals.readiness import Verdict, VerdictState
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.core.errors import RuleBroken
from apps.risk.models import Obligation
from apps.risk.operations import obligations as owed
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.approvals.exceptions import (
    SCAN,
    WHY,
    asked,
    entries,
    in_days,
    move_clock,
    refusals,
    sign_waiver,
    terms,
)
from tests.approvals.policy_texts import Document, changed, move
from tests.approvals.walk import overwrite
from tests.factories import actor, person, signed_in
from tests.risk import assessed, owing

pytestmark = pytest.mark.django_db

CLOSED = "nothing_owed"
"""The condition, by another name than that of the default policy."""
TO_STAGING, TO_PRODUCTION = "development_to_staging", "staging_to_production"


def asks_that_all_is_closed(document: Document) -> None:
    document["conditions"].append(
        {
            "id": CLOSED,
            "title": "Nothing owed",
            "category": "risk",
            "waivable": True,
            "expr": "obligations.open_blocking == 0",
            "fail_message": "Something is owed.",
            "remediation": "Close it.",
            "cites": ["House rule"],
        }
    )
    for transition in (TO_STAGING, TO_PRODUCTION, "reauthorization"):
        tiers = dict.fromkeys((1, 2, 3, 4), "block")
        move(document, transition)["conditions"].append({"condition": CLOSED, "tiers": tiers})


@pytest.fixture(autouse=True)
def policy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a policy be in force that asks that obligations be closed."""
    asking = changed(asks_that_all_is_closed)
    monkeypatch.setattr(in_force, "policy", lambda: asking)


@pytest.fixture
def version() -> ModelVersion:
    """Return a version of a model with a few obligations."""
    return scenarios.check(scenarios.registered_version(owing.tiered()))


def open_ones(version: ModelVersion, transition: str = TO_PRODUCTION) -> list[Obligation]:
    """Return what is owed before a transition, and that no person's word or signature closes."""
    kinds = (Obligation.Kind.EVIDENCE, Obligation.Kind.DOCUMENT)
    found = version.model.obligations.filter(kind__in=kinds, state=Obligation.State.OPEN)
    return [one for one in found.order_by("pk") if transition in one.gates]


def ids(found: list[Obligation]) -> list[str]:
    return sorted(one.record_id for one in found)


def ask(
    version: ModelVersion, covered: list[str], condition: str = CLOSED, *, days: int = 30
) -> Waiver:
    return operations.ask_for_waiver(
        version,
        by=actor(scenarios.developer()),
        condition=condition,
        reason=WHY,
        terms=terms(ends_on=in_days(days)),
        obligations=covered,
    )


def granted(version: ModelVersion, covered: list[str], *, days: int = 30) -> Waiver:
    waiver = ask(version, covered, days=days)
    sign_waiver(waiver)
    waiver.refresh_from_db()
    return waiver


def renew(waiver: Waiver) -> Waiver:
    by = actor(scenarios.developer())
    return operations.renew_waiver(waiver, by=by, reason=WHY, terms=terms())


def owes_more(version: ModelVersion) -> list[Obligation]:
    """Let a heavier assessment open obligations before production; return the new ones."""
    before = {one.pk for one in open_ones(version)}
    assessed.approved(version.model, assessed.HEAVY)
    return [one for one in open_ones(version) if one.pk not in before]


def put_off(obligation: Obligation) -> None:
    by = actor(scenarios.validator())
    owed.defer_obligation(obligation, by=by, until=owing.in_days(90), reason="Later")


def facts(version: ModelVersion, transition: str = TO_PRODUCTION) -> dict[str, Any]:
    evidence = Evidence.about([version])
    return evidence.of(version, at=database_now(), transition=transition)


def verdict(version: ModelVersion, transition: str = TO_PRODUCTION) -> Verdict:
    """Return what the gate says of the condition now."""
    evidence, at = Evidence.about([version]), database_now()
    known = evidence.of(version, at=at, transition=transition)
    open_now = evidence.obligations(version, known, at=at)
    told = judgment.judge(evidence.policy, transition, known, (), obligations=open_now)
    return next(one for one in told.verdicts if one.condition == CLOSED)


# -- asking


def test_a_waiver_keeps_signs_and_tells_which_obligations_it_covers(version: ModelVersion) -> None:
    wanted = ids(open_ones(version))
    waiver = ask(version, wanted)

    assert sorted(Waiver.objects.get().covered) == wanted != []
    assert sorted(one.obligation.record_id for one in waiver.covers.all()) == wanted
    assert waiving.Offer.of(waiver, database_now()).terms.said["obligations"] == wanted
    [entry] = entries("version.ask_for_waiver")
    assert entry["detail"]["obligations"] == wanted


def test_an_ask_that_names_none_others_or_too_many_is_refused(version: ModelVersion) -> None:
    first = open_ones(version)[0]
    others = version.model.obligations.exclude(kind__in=["evidence", "document"])
    elsewhere = ids(open_ones(scenarios.registered_version(owing.tiered())))
    for covered, words in (
        ([], f"at least one of .*{first.record_id}"),
        ([first.record_id, "obl_0"], "is not open, or closes no gate"),
        ([others[0].record_id], "is not open, or closes no gate"),
        (elsewhere, "is not open, or closes no gate"),
    ):
        with pytest.raises(RuleBroken, match=words):
            ask(version, covered)
    with pytest.raises(RuleBroken, match="so a waiver of it names none"):
        ask(version, [first.record_id], SCAN)

    assert not Waiver.objects.exists()
    assert len(refusals("version.ask_for_waiver")) == 5
    assert asked(version).covered == frozenset()


def test_what_is_put_off_or_closed_is_not_waived(version: ModelVersion) -> None:
    for one in open_ones(version) + open_ones(version, TO_STAGING):
        put_off(one)

    with pytest.raises(RuleBroken, match="There is nothing to waive"):
        ask(version, ids(open_ones(version)) or ["obl_1"])


# -- judging


def test_the_gate_opens_for_what_is_covered_and_closes_for_what_is_opened_later(
    version: ModelVersion,
) -> None:
    assert verdict(version).state is VerdictState.BLOCKED
    granted(version, ids(open_ones(version)))
    assert verdict(version).state is VerdictState.WAIVED
    assert facts(version)["waivers"]["waived_conditions"] == [CLOSED]

    new = owes_more(version)

    told = verdict(version)
    assert told.state is VerdictState.BLOCKED
    assert all(f"“{one.title}”" in told.reason for one in new)
    assert facts(version)["waivers"]["waived_conditions"] == []


def test_one_of_two_that_are_open_does_not_open_the_gate(version: ModelVersion) -> None:
    new = owes_more(version)
    left = new[0]
    granted(version, ids([one for one in open_ones(version) if one != left]))

    told = verdict(version)

    assert told.state is VerdictState.BLOCKED
    assert told.reason == f"Something is owed. Open, and covered by no waiver: “{left.title}”."
    put_off(left)
    assert verdict(version).state is VerdictState.WAIVED


def test_each_gate_asks_about_the_obligations_in_front_of_it(version: ModelVersion) -> None:
    granted(version, ids(open_ones(version, TO_STAGING)))

    assert verdict(version, TO_STAGING).state is VerdictState.WAIVED
    assert verdict(version, TO_PRODUCTION).state is VerdictState.BLOCKED


def test_what_was_opened_later_is_waived_by_a_waiver_of_its_own(version: ModelVersion) -> None:
    first = granted(version, ids(open_ones(version)))
    new = owes_more(version)

    with pytest.raises(RuleBroken, match=f"{first} was granted for this already"):
        ask(version, ids(open_ones(version)))
    granted(version, ids(new))

    assert verdict(version).state is VerdictState.WAIVED


def test_a_waiver_from_before_they_named_any_counts_for_nothing(
    version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(covering, "named", lambda *_: frozenset())
        before.setattr(waiving.Offer, "require_still_allowed", lambda _: None)
        old = granted(version, [])

    assert verdict(version).state is VerdictState.BLOCKED
    assert "this one names none" in waiving.why_not_counted(old, database_now())
    with pytest.raises(RuleBroken, match="Ask for a new one"):
        renew(old)
    granted(version, ids(open_ones(version)))
    assert verdict(version).state is VerdictState.WAIVED


def test_what_is_covered_costs_no_query_of_its_own(version: ModelVersion) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            verdict(version)
        return len(captured)

    without = cost()
    granted(version, ids(open_ones(version)))
    assert cost() == without
    granted(version, ids(owes_more(version)))
    assert cost() == without


# -- renewing


def test_a_renewal_carries_over_what_is_still_open(version: ModelVersion) -> None:
    closed, *rest = owes_more(version)
    first = granted(version, ids([closed, *rest]))
    put_off(closed)

    again = renew(first)

    assert sorted(again.covered) == ids(rest)
    [entry] = entries("waiver.renew")
    assert entry["detail"]["obligations"] == ids(rest)


def test_nothing_is_renewed_once_all_is_closed(version: ModelVersion) -> None:
    first = granted(version, ids(open_ones(version)))
    for one in open_ones(version):
        put_off(one)

    with pytest.raises(RuleBroken, match="There is nothing to renew"):
        renew(first)


def test_what_was_put_off_when_it_was_renewed_is_renewed_after(version: ModelVersion) -> None:
    closed, *rest = owes_more(version)
    first = granted(version, ids([closed, *rest]))
    put_off(closed)
    sign_waiver(renew(first))
    with pytest.raises(RuleBroken, match="There is nothing to renew"):
        renew(first)

    overwrite(closed, state=Obligation.State.OPEN)

    later = renew(first)
    assert later.covered == {closed.record_id}
    sign_waiver(later)
    with pytest.raises(RuleBroken, match="It was renewed already"):
        renew(first)


def test_renewals_are_counted_for_each_obligation(version: ModelVersion) -> None:
    again = renew(granted(version, ids(open_ones(version))))
    sign_waiver(again)
    again.refresh_from_db()

    with pytest.raises(RuleBroken, match="renewed"):
        renew(again)
    later = granted(version, ids(owes_more(version)))
    assert waiving.why_not_counted(later, database_now()) == ""


# -- what relies on it


def promoted(version: ModelVersion) -> ModelVersion:
    """Let a version go to production as it is."""
    for to in (Stage.STAGING, Stage.PRODUCTION):
        request = scenarios.requested(to, version=version)
        signers = {"risk_officer": scenarios.risk_officer, **scenarios.SIGNERS[to]}
        [case] = cases.complete([request], at=database_now())
        for slot in case.readiness.slots:
            scenarios.sign(request, signers[slot.rule.role](), slot.rule.role)
        version = operations.promote(request, by=actor(scenarios.operator()), reason=WHY)
    return version


def test_an_authorization_on_it_ends_with_it_and_not_with_what_was_opened_later(
    version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = open_ones(version) + open_ones(version, TO_STAGING)
    waiver = granted(version, ids(both))
    version = promoted(version)
    authorized = authorizing.of(version)
    assert authorized is not None
    assert authorized.waiver_ids == [waiver.pk]

    other = granted(version, ids(owes_more(version)))
    assert facts(version)["waivers"]["expired_in_use"] == 0
    operations.revoke_waiver(other, by=actor(scenarios.risk_officer()), reason="Misused")
    authorized.refresh_from_db()
    assert authorized.state == Authorization.State.VALID
    assert facts(version)["waivers"]["expired_in_use"] == 0

    again = granted(version, ids(open_ones(version)[-1:]), days=50)
    operations.end_waivers(move_clock(monkeypatch, 31))
    authorized.refresh_from_db()
    assert authorized.state == Authorization.State.SUSPENDED
    assert again.covered.isdisjoint(waiver.covered)
    assert facts(version)["waivers"]["expired_in_use"] == 1


# -- doors


def ask_url(version: ModelVersion, condition: str = "") -> str:
    url = reverse("approvals:ask_for_waiver", args=[version.model.name, version.number])
    return f"{url}?condition={condition}" if condition else url


def body(**other: object) -> dict[str, object]:
    return {
        "condition": CLOSED,
        "reason": WHY,
        "compensating_controls": "A second person looks",
        "use_limits": "Only the pilot",
        "residual_risk": "Late answers",
        "ends_on": str(in_days(20)),
    } | other


def test_the_form_asks_which_obligations_when_the_condition_is_about_them(
    client: Client, version: ModelVersion
) -> None:
    dev = signed_in(client, scenarios.developer())
    first = open_ones(version)[0]
    box = f'value="{first.record_id}"'

    assert box not in dev.get(ask_url(version)).content.decode()
    assert box not in dev.get(ask_url(version, SCAN)).content.decode()
    assert box in dev.get(ask_url(version, CLOSED)).content.decode()

    refused = dev.post(ask_url(version), body())
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    html = refused.content.decode()
    assert "Say which obligations it covers." in html
    assert box in html
    assert "Only the pilot" in html

    answer = dev.post(ask_url(version), body(obligations=[first.record_id]))
    waiver = Waiver.objects.get()
    assert answer["Location"] == waiver.get_absolute_url()
    assert waiver.covered == {first.record_id}


def test_its_page_lists_what_it_covers_and_its_renewal_what_is_left(
    client: Client, version: ModelVersion
) -> None:
    first = open_ones(version)[0]
    waiver = granted(version, [first.record_id])
    dev = signed_in(client, scenarios.developer())

    html = dev.get(waiver.get_absolute_url()).content.decode()
    assert "Obligations it covers" in html
    assert first.get_absolute_url() in html
    renewal = dev.get(reverse("approvals:renew_waiver", args=[waiver.pk])).content.decode()
    assert f"still open: {first.title}" in renewal
    assert f'value="{first.record_id}"' not in dev.get(ask_url(version, CLOSED)).content.decode()


def test_a_gate_closed_again_leads_to_another_waiver(client: Client, version: ModelVersion) -> None:
    granted(version, ids(open_ones(version, TO_STAGING)))
    request = scenarios.requested(version=version)
    dev = signed_in(client, scenarios.developer())
    assert "until" in dev.get(request.get_absolute_url()).content.decode()

    other = opened_anew(version)
    html = dev.get(request.get_absolute_url()).content.decode()

    assert "no longer counts" not in html
    assert f"condition={CLOSED}" in html
    assert other.title in html


def opened_anew(version: ModelVersion) -> Obligation:
    """Let one of the obligations before staging be opened anew, by another assessment."""
    use = assessed.use(version.model)
    assessed.in_eu(version.model)
    assessed.approved(use, "eu-credit-scoring-bank")
    return open_ones(version, TO_STAGING)[-1]


def test_the_api_takes_and_tells_them(version: ModelVersion) -> None:
    caller = Caller(token_of(scenarios.developer()))
    path = f"/models/{version.model.name}/versions/{version.number}/waivers"
    wanted = ids(open_ones(version))

    refusal(caller.post(path, body()), 409)
    made = said(caller.post(path, body(obligations=wanted)), 201)

    assert made["obligations"] == wanted
    assert said(caller.get(f"/waivers/{made['number']}")) == made


def test_the_admin_shows_them_and_changes_nothing(client: Client, version: ModelVersion) -> None:
    waiver = ask(version, ids(open_ones(version)))
    administrator = signed_in(client, person("root", administrator=True))
    one = waiver.covers.first()
    assert one is not None

    listed = administrator.get(reverse("admin:approvals_waiverobligation_changelist"))
    address = reverse("admin:approvals_waiverobligation_change", args=[one.pk])

    assert one.obligation.title in listed.content.decode()
    assert administrator.get(address).status_code == HTTPStatus.OK
    assert administrator.post(address, {}).status_code == HTTPStatus.FORBIDDEN
