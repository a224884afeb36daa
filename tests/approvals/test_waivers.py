"""Waivers: what can be asked for, who signs, how they end, and what relied on them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from apps.accounts import operations as accounts
from apps.accounts.confirmation import Confirmation
from apps.accounts.models import Duty, User
from apps.accounts.signing.statements import StaleForm
from apps.approvals import authorizing, cases, in_force, operations, policies
from apps.approvals.facts.context import Evidence
from apps.approvals.models import Authorization, PromotionRequest, Waiver, WaiverSignOff
from apps.approvals.readiness import Readiness, VerdictState
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.actors import Auth, Door
from apps.core.clock import database_now
from apps.core.errors import DomainError, NotAllowed, NotFound, RuleBroken
from apps.validation import runner
from tests import scenarios
from tests.approvals.exceptions import (
    DECLINE,
    ONE_SIGNS,
    SCAN,
    TWO_SIGN,
    WHY,
    asked,
    committee,
    enforce,
    entries,
    granted,
    in_days,
    move_clock,
    promoted_on_a_waiver,
    refusals,
    sign_waiver,
    terms,
    unscanned,
    waiver_ticket,
)
from tests.factories import HOST, actor, person

pytestmark = pytest.mark.django_db

NOT_WAIVABLE = (
    "category: integrity\n    waivable: true",
    "category: integrity\n    waivable: false",
)


def readiness(version: ModelVersion) -> Readiness:
    request = PromotionRequest.objects.filter(version=version).last()
    request = request or scenarios.requested(version=version)
    [case] = cases.complete([request], at=database_now())
    return case.readiness


def facts(version: ModelVersion) -> dict[str, object]:
    found = Evidence.about([version]).of(version, at=database_now())["waivers"]
    assert isinstance(found, dict)
    return found


# -- asking


def test_a_waiver_keeps_its_terms_and_who_must_sign() -> None:
    waiver = asked()

    assert waiver.state == Waiver.State.ASKED
    assert (waiver.tier, waiver.roles, waiver.condition) == (1, ["risk_officer"], SCAN)
    assert waiver.reason == WHY
    [entry] = entries("version.ask_for_waiver")
    assert entry["subject"] == {"type": "waiver", "id": waiver.record_id}
    assert entry["detail"]["condition"] == SCAN
    assert entry["detail"]["ends_on"] == str(waiver.ends_on)


def test_a_waiver_is_not_asked_for_on_bad_terms(monkeypatch: pytest.MonkeyPatch) -> None:
    version = unscanned()
    cases: list[tuple[dict[str, object], str]] = [
        ({"condition": "owner_assigned"}, "Nobody can waive “Active accountable owner”"),
        ({"condition": "nonsense"}, "has no such condition"),
        ({"reason": "  "}, "Give a reason"),
        ({"compensating_controls": " "}, "Say what is done instead"),
        ({"use_limits": ""}, "Say how use is limited"),
        ({"use_limits": "Only \u202ein the pilot"}, "in another order"),
        ({"residual_risk": "\n"}, "Say what risk remains"),
        ({"use_limits": "x" * 10_001}, "at most 10,000 characters"),
        ({"residual_risk": "a\0b"}, "cannot be shown"),
        ({"ends_on": in_days(0)}, "ends on a day to come"),
        ({"ends_on": in_days(61)}, "holds for 60 days at most: until"),
    ]
    for other, words in cases:
        with pytest.raises(DomainError, match=words):
            asked(version, **other)  # type: ignore[arg-type]

    assert not Waiver.objects.exists()
    assert len(refusals("version.ask_for_waiver")) == len(cases)
    assert asked(version, ends_on=in_days(60)).ends_on == in_days(60)


def test_a_condition_no_gate_is_closed_by_at_this_tier_needs_no_waiver(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asks = "{condition: metrics_recorded, tiers: {1: block"
    enforce(monkeypatch, (asks, asks.replace("block", "warn")))

    with pytest.raises(RuleBroken, match="Nothing to waive: at tier 1 no gate is closed by"):
        asked(condition="metrics_recorded")


def test_a_policy_without_rules_for_waivers_refuses_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = unscanned()
    text = policies.shipped("starter").text
    start, end = text.index("waivers:\n"), text.index("continuous_rules:")
    bare = policies.parse(f"{text[:start]}waivers: {{}}\n\n{text[end:]}")
    monkeypatch.setattr(in_force, "policy", lambda: bare)

    with pytest.raises(RuleBroken, match="knows no waivers"):
        asked(version)


def test_one_waiver_for_a_condition_of_a_version_is_asked_for_at_a_time() -> None:
    first = asked()

    with pytest.raises(RuleBroken, match=f"{first} already asks for this"):
        asked(first.version)

    sign_waiver(first)
    with pytest.raises(RuleBroken, match="Renew that one"):
        asked(first.version)
    assert asked(first.version, "schema_matches_example").state == Waiver.State.ASKED


@pytest.mark.parametrize(
    "who", [scenarios.risk_officer, scenarios.operator, scenarios.auditor, scenarios.stranger]
)
def test_only_those_who_build_a_model_ask(who: Callable[[], User]) -> None:
    version = unscanned()

    with pytest.raises(NotAllowed, match="developers and owner ask"):
        asked(version, by=who())


def test_a_deleted_or_decommissioned_version_is_not_waived() -> None:
    version = unscanned()
    operations.delete_version(version, by=actor(scenarios.developer()), reason=WHY)

    with pytest.raises(NotFound, match="was deleted"):
        asked(version)


# -- signing


def test_the_last_signature_needed_grants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    enforce(monkeypatch, (ONE_SIGNS, TWO_SIGN))
    waiver = asked()

    sign_waiver(waiver)
    waiver.refresh_from_db()
    assert waiver.state == Waiver.State.ASKED
    assert facts(waiver.version)["active"] == 0

    signed = sign_waiver(waiver, committee(), "governance_committee")
    waiver.refresh_from_db()
    assert waiver.state == Waiver.State.GRANTED
    assert waiver.decided_by == signed.signer
    assert facts(waiver.version)["waived_conditions"] == [SCAN]
    [first, last] = entries("waiver.sign")
    assert first["sign"]["statement"] != last["sign"]["statement"]
    assert last["sign"]["meaning"] == "approve"
    assert last["detail"]["granted_until"] == str(waiver.ends_on)


def test_a_signature_binds_content_condition_terms_and_policy() -> None:
    waiver = asked()

    signed = sign_waiver(waiver)

    for bound in (
        '"kind":"waiver"',
        f'"content":"{waiver.version.content_digest}"',
        f'"condition":"{SCAN}"',
        f'"policy":"{in_force.policy().digest}"',
        f'"waiver":"{waiver.record_id}"',
        '"terms":"sha256:',
        f'"signer":"{scenarios.risk_officer().record_id}"',
    ):
        assert bound in signed.statement
    assert signed.method == "password"
    assert signed.signer_name == "Rita Risk"


def test_whoever_asked_contributed_or_signed_already_does_not_sign(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enforce(monkeypatch, (ONE_SIGNS, TWO_SIGN))
    both = person("max", everywhere=("risk_officer", "governance_committee", "model_developer"))
    mine = asked(by=both)
    with pytest.raises(NotAllowed, match="You asked for this waiver"):
        sign_waiver(mine, both)

    built = scenarios.registered_version(by=actor(both))
    with pytest.raises(NotAllowed, match="You contributed to this version"):
        sign_waiver(asked(built), both)

    others = asked()
    sign_waiver(others, both)
    with pytest.raises(NotAllowed, match="You signed it already, in another role"):
        sign_waiver(others, both, "governance_committee")
    with pytest.raises(NotAllowed, match="Max signed in this role already"):
        sign_waiver(others)


def test_the_duties_of_the_policy_hold_for_waivers_too() -> None:
    root = person("root", everywhere=("risk_officer",), administrator=True)
    waiver = asked()

    with pytest.raises(NotAllowed, match="Nobody who administers the platform may sign"):
        sign_waiver(waiver, root)


def test_b3_a_waiver_is_signed_by_a_person_in_a_browser_who_just_showed_who_they_are() -> None:
    waiver = asked()
    rita = scenarios.risk_officer()
    by = actor(rita)
    token = actor(rita, Door.API, Auth.TOKEN)

    with pytest.raises(NotAllowed, match="Only a person signed in through the browser"):
        sign_waiver(waiver, token)
    with pytest.raises(NotAllowed, match="Enter your password again"):
        old = database_now() - timedelta(minutes=6)
        sign_waiver(waiver, by, confirmed=Confirmation(rita.pk, "password", old))
    with pytest.raises(NotAllowed, match="Enter your password again"):
        other = Confirmation(scenarios.owner().pk, "password", database_now())
        sign_waiver(waiver, by, confirmed=other)
    with pytest.raises(NotAllowed, match="passkey signed something else"):
        else_where = Confirmation(rita.pk, "passkey", database_now(), 2, b"something else")
        sign_waiver(waiver, by, confirmed=else_where)
    with pytest.raises(NotAllowed, match="You do not hold the role"):
        sign_waiver(waiver, scenarios.validator())
    with pytest.raises(RuleBroken, match="asks for no signature in this role"):
        sign_waiver(waiver, scenarios.validator(), "validator")

    assert not WaiverSignOff.objects.exists()


def test_d3_d4_a_form_counts_once_for_whom_it_was_made_and_while_it_shows_what_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enforce(monkeypatch, (ONE_SIGNS, TWO_SIGN))
    waiver = asked()
    by = actor(scenarios.risk_officer())
    ticket = waiver_ticket(waiver, by)

    with pytest.raises(StaleForm, match="made for somebody else"):
        sign_waiver(waiver, committee(), "governance_committee", ticket=ticket)
    enforce(monkeypatch, (ONE_SIGNS, TWO_SIGN), ("version: 1.0.0", "version: 1.0.1"))
    with pytest.raises(StaleForm, match="has changed, so nothing was signed"):
        sign_waiver(waiver, by, ticket=ticket)

    used = waiver_ticket(waiver, by)
    sign_waiver(waiver, by, ticket=used)
    with pytest.raises(NotAllowed, match="signed in this role already"):
        sign_waiver(waiver, by, ticket=used)
    assert refusals("waiver.sign") == ["stale_form", "stale_form", "not_allowed"]


def test_a_waiver_is_declined_with_a_reason() -> None:
    waiver = asked()
    with pytest.raises(RuleBroken, match="Give a reason"):
        sign_waiver(waiver, decision=DECLINE, reason=" ")

    sign_waiver(waiver, decision=DECLINE, reason="The scan takes a minute")

    waiver.refresh_from_db()
    assert (waiver.state, waiver.why) == (Waiver.State.DECLINED, "The scan takes a minute")
    with pytest.raises(RuleBroken, match="was decided: declined"):
        sign_waiver(waiver, committee(), "governance_committee")
    assert asked(waiver.version).state == Waiver.State.ASKED


def test_it_is_not_granted_on_a_signature_of_somebody_who_lost_the_role(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enforce(monkeypatch, (ONE_SIGNS, TWO_SIGN))
    waiver = asked()
    sign_waiver(waiver)
    duty = Duty.objects.get(user=scenarios.risk_officer(), role="risk_officer", until=None)
    accounts.end_duty(duty, by=HOST, reason=WHY)

    with pytest.raises(RuleBroken, match="signed by Rita Risk as model risk officer, who no lon"):
        sign_waiver(waiver, committee(), "governance_committee")

    waiver.refresh_from_db()
    assert waiver.state == Waiver.State.ASKED


def test_what_the_policy_would_not_allow_any_more_is_not_granted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiver = asked()

    enforce(monkeypatch, (ONE_SIGNS, TWO_SIGN))
    with pytest.raises(RuleBroken, match="asks for more here than when this was asked for"):
        sign_waiver(waiver)
    enforce(monkeypatch, ("waiver_max_days: 60", "waiver_max_days: 20"))
    with pytest.raises(RuleBroken, match="asks for more here than when this was asked for"):
        sign_waiver(waiver)
    enforce(monkeypatch, NOT_WAIVABLE)
    with pytest.raises(RuleBroken, match="Nobody can waive"):
        sign_waiver(waiver)
    sign_waiver(waiver, decision=DECLINE)


# -- withdrawing, revoking, renewing


def test_a_waiver_is_withdrawn_while_it_waits() -> None:
    waiver = asked()
    by = actor(scenarios.owner())

    operations.withdraw_waiver(waiver, by=by, reason="The scan ran")

    waiver.refresh_from_db()
    assert (waiver.state, waiver.why) == (Waiver.State.WITHDRAWN, "The scan ran")
    assert len(entries("waiver.withdraw")) == 1
    with pytest.raises(RuleBroken, match="was decided: withdrawn"):
        operations.withdraw_waiver(waiver, by=by, reason=WHY)
    with pytest.raises(NotAllowed, match="withdraw a waiver"):
        operations.withdraw_waiver(waiver, by=actor(scenarios.auditor()), reason=WHY)


def test_a_risk_officer_revokes_a_waiver_and_what_relied_on_it_is_suspended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiver = promoted_on_a_waiver(monkeypatch)
    for who in (scenarios.owner(), scenarios.validator()):
        with pytest.raises(NotAllowed, match="Only a model risk officer"):
            operations.revoke_waiver(waiver, by=actor(who), reason=WHY)

    operations.revoke_waiver(waiver, by=actor(scenarios.risk_officer()), reason="Misused")

    waiver.refresh_from_db()
    assert waiver.state == Waiver.State.REVOKED
    standing = authorizing.of(waiver.version)
    assert standing is not None
    assert standing.state == Authorization.State.SUSPENDED
    assert standing.why == f"{waiver}, which it relied on, was revoked."
    [entry] = entries("waiver.revoke")
    assert entry["detail"]["suspended"] == standing.record_id
    assert facts(waiver.version) == {"active": 0, "waived_conditions": [], "expired_in_use": 1}
    with pytest.raises(RuleBroken, match="nothing to revoke: revoked"):
        operations.revoke_waiver(waiver, by=actor(scenarios.risk_officer()), reason=WHY)


def test_a_waiver_is_renewed_as_often_as_the_policy_says_and_signed_like_the_first() -> None:
    first = granted()
    by = actor(scenarios.developer())

    second = operations.renew_waiver(first, by=by, reason=WHY, terms=terms(ends_on=in_days(50)))
    assert (second.renews, second.state) == (first, Waiver.State.ASKED)
    with pytest.raises(RuleBroken, match="already asks for this"):
        operations.renew_waiver(first, by=by, reason=WHY, terms=terms())
    sign_waiver(second)

    with pytest.raises(RuleBroken, match="It was renewed already"):
        operations.renew_waiver(first, by=by, reason=WHY, terms=terms())
    with pytest.raises(RuleBroken, match="renewed once at most at tier 1"):
        operations.renew_waiver(second, by=by, reason=WHY, terms=terms())
    assert len(entries("waiver.renew")) == 1


def test_asking_afresh_is_no_way_around_the_limit_of_renewals() -> None:
    first = granted()
    officer, by = actor(scenarios.risk_officer()), actor(scenarios.developer())
    operations.revoke_waiver(first, by=officer, reason=WHY)
    second = granted(first.version)
    operations.revoke_waiver(second, by=officer, reason=WHY)

    with pytest.raises(RuleBroken, match="renewed once at most"):
        asked(first.version)
    with pytest.raises(RuleBroken, match="Only what was granted is renewed; this is: revoked"):
        operations.renew_waiver(first, by=by, reason=WHY, terms=terms())


# -- what a waiver does to a gate


def test_a_granted_waiver_stands_in_for_its_condition_alone() -> None:
    version = unscanned()
    assert not readiness(version).is_unblocked

    granted(version)

    judged = readiness(version)
    assert judged.is_unblocked
    assert [one.condition for one in judged.with_state(VerdictState.WAIVED)] == [SCAN]


def test_a_waiver_counts_only_while_the_policy_in_force_lets_its_condition_be_waived(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiver = granted()
    assert facts(waiver.version)["active"] == 1

    enforce(monkeypatch, NOT_WAIVABLE)

    assert facts(waiver.version) == {"active": 0, "waived_conditions": [], "expired_in_use": 0}
    assert not readiness(waiver.version).is_unblocked


def test_an_authorization_says_which_waivers_it_relied_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiver = promoted_on_a_waiver(monkeypatch)

    standing = authorizing.of(waiver.version)

    assert standing is not None
    assert standing.waiver_ids == [waiver.pk]
    [_, production] = entries("version.promote")
    assert production["detail"]["readiness"]["conditions"]["waived"] == [SCAN]


# -- the end


def test_when_its_last_day_is_over_it_ends_once_and_what_relied_on_it_is_suspended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiver = promoted_on_a_waiver(monkeypatch)
    assert operations.end_waivers(move_clock(monkeypatch, 30)) == 0

    late = move_clock(monkeypatch, 31)
    assert [operations.end_waivers(late) for _ in range(2)] == [1, 0]

    waiver.refresh_from_db()
    standing = authorizing.of(waiver.version)
    assert waiver.state == Waiver.State.ENDED
    assert standing is not None
    assert (standing.state, standing.why) == (
        Authorization.State.SUSPENDED,
        f"{waiver}, which it relied on, has ended.",
    )
    [entry] = entries("waiver.end")
    assert entry["actor"]["id"] == "system"
    assert entry["detail"]["suspended"] == standing.record_id
    assert facts(waiver.version)["expired_in_use"] == 1
    waiver.version.refresh_from_db()
    assert waiver.version.stage == Stage.PRODUCTION


def test_a_renewal_that_holds_keeps_the_authorization(monkeypatch: pytest.MonkeyPatch) -> None:
    waiver = promoted_on_a_waiver(monkeypatch)
    again = operations.renew_waiver(
        waiver, by=actor(scenarios.developer()), reason=WHY, terms=terms(ends_on=in_days(50))
    )
    sign_waiver(again)

    assert operations.end_waivers(move_clock(monkeypatch, 31)) == 1

    standing = authorizing.of(waiver.version)
    assert standing is not None
    assert standing.state == Authorization.State.VALID
    assert facts(waiver.version)["expired_in_use"] == 0

    assert operations.end_waivers(move_clock(monkeypatch, 51)) == 1
    standing.refresh_from_db()
    assert standing.state == Authorization.State.SUSPENDED


def test_a_policy_may_leave_the_authorization_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    waiver = promoted_on_a_waiver(monkeypatch)
    enforce(monkeypatch, ("on_expiry: suspend_authorization", "on_expiry: escalate"))

    assert operations.end_waivers(move_clock(monkeypatch, 31)) == 1

    standing = authorizing.of(waiver.version)
    assert standing is not None
    assert standing.state == Authorization.State.VALID


def test_a_waiver_that_ended_is_in_use_no_more_once_its_condition_is_met(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiver = promoted_on_a_waiver(monkeypatch)
    with monkeypatch.context() as later:
        operations.end_waivers(move_clock(later, 31))
    assert facts(waiver.version)["expired_in_use"] == 1

    waiting = waiver.version.check_runs.get(check_name="unsafe-code")
    runner.execute(waiting.pk, worker="tests")

    assert facts(waiver.version)["expired_in_use"] == 0
