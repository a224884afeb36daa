"""Talk, waivers, authorizations and retirement at the API; every transition, and no signature."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.scopes import Scope
from apps.approvals import authorizing, keeping, operations
from apps.approvals.models import (
    Authorization,
    Comment,
    PromotionRequest,
    SignOff,
    SignOffCondition,
    Waiver,
)
from apps.approvals.operations import Asked
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.approvals import exceptions
from tests.approvals.walk import overwrite
from tests.factories import actor, person

pytestmark = pytest.mark.django_db

REASON = {"reason": "Long enough to be a reason"}


@pytest.fixture
def operator(db: None) -> Caller:
    """The program of an operator, with a token of every scope."""
    return Caller(token_of(scenarios.operator()))


def path_of(version: ModelVersion, more: str) -> str:
    return f"/models/{version.model.name}/versions/{version.number}/{more}"


def ask(caller: Caller, version: ModelVersion, target: str, **more: str) -> Any:
    return said(
        caller.post(path_of(version, "promotions"), {"target": target, **REASON, **more}), 201
    )


def carry_out(operator: Caller, asked: Any) -> Any:
    return said(operator.post(f"/promotions/{asked['number']}/promote", REASON))


# -- every transition


def test_every_move_is_asked_for_and_carried_out(caller: Caller, operator: Caller) -> None:
    model = scenarios.registered_model()
    first = scenarios.promoted(Stage.PRODUCTION, model).version
    renewal = ask(caller, first, "production", note="Nothing is new")
    assert (renewal["transition"], renewal["note"]) == ("reauthorization", "Nothing is new")
    request = PromotionRequest.objects.get(pk=renewal["number"])
    scenarios.sign(request, scenarios.risk_officer(), "risk_officer")
    assert carry_out(operator, renewal)["state"] == "promoted"
    assert authorizing.of(first) == first.authorizations.get(request=request)

    second = scenarios.promoted(Stage.PRODUCTION, model).version
    back = ask(operator, first, "production")
    assert back["transition"] == "rollback"
    carry_out(operator, back)
    first.refresh_from_db()
    assert first.stage == Stage.PRODUCTION

    end = ask(caller, first, "archived")
    refusal(operator.post(f"/promotions/{end['number']}/promote", REASON), 409)
    request = PromotionRequest.objects.get(pk=end["number"])
    scenarios.sign(request, scenarios.owner(), "model_owner")
    assert carry_out(operator, end)["transition"] == "production_to_archived"

    exceptions.retain(model)
    gone = ask(caller, second, "decommissioned")
    request = PromotionRequest.objects.get(pk=gone["number"])
    scenarios.sign(request, scenarios.owner(), "model_owner")
    scenarios.sign(request, exceptions.records_manager(), "records_manager")
    carry_out(operator, gone)
    second.refresh_from_db()
    assert second.stage == Stage.DECOMMISSIONED
    shown = said(caller.get(f"/models/{model.name}/retirement"))
    assert [one["version"] for one in shown["retired"]] == [second.number]
    assert shown["retention"]["years"] == 7


def test_a_developers_program_asks_for_no_way_back(caller: Caller) -> None:
    model = scenarios.registered_model()
    first = scenarios.promoted(Stage.PRODUCTION, model).version
    scenarios.promoted(Stage.PRODUCTION, model)
    problem = refusal(
        caller.post(path_of(first, "promotions"), {"target": "production", **REASON}), 403
    )
    assert problem["detail"] == "Only an operator of this model asks to go back to a version."


# -- talk


def talked_over(request: PromotionRequest) -> tuple[SignOff, SignOffCondition]:
    """Let the owner ask for changes, then nearly agree: return both, with what is left to do."""
    by = actor(scenarios.owner())

    def signed(decision: SignOff.Decision, *conditions: Asked) -> SignOff:
        return operations.sign_off(
            request,
            by=by,
            role="model_owner",
            decision=decision,
            reason="Nearly there",
            ticket=scenarios.ticket(request, by),
            confirmed=scenarios.confirmation(by),
            conditions=conditions,
        )

    dissent = signed(SignOff.Decision.ASK_FOR_CHANGES)
    left = Asked("Document it", scenarios.developer(), exceptions.in_days(20))
    agreed = signed(SignOff.Decision.APPROVE_WITH_CONDITIONS, left)
    condition: SignOffCondition = agreed.conditions.get()
    return dissent, condition


def test_a_program_writes_and_reads_comments_for_its_owner(caller: Caller) -> None:
    request = scenarios.requested()
    path = f"/promotions/{request.pk}/comments"
    first = said(caller.post(path, {"text": "@olivia see the card", "section": "gate"}), 201)
    reply = said(caller.post(path, {"text": "Seen", "answers": first["number"]}), 201)

    assert (first["author"], first["section"], reply["answers"]) == (
        "dev",
        "gate",
        first["number"],
    )
    assert said(caller.get(path))["comments"] == [first, reply]
    assert Comment.objects.get(pk=first["number"]).mentioned == [scenarios.owner().pk]
    page = said(caller.get(f"{path}?limit=1"))
    assert said(caller.get(f"{path}?limit=1&page={page['next']}"))["comments"] == [reply]
    refusal(caller.post(path, {"text": " "}), 409)
    refusal(caller.post(path, {"text": "x", "section": "elsewhere"}), 400)
    for number in (0, -1, 999, 2**62):
        assert (
            "no such comment"
            in refusal(caller.post(path, {"text": "x", "answers": number}), 400)["detail"]
        )


def test_comments_take_as_many_queries_however_many_there_are(caller: Caller) -> None:
    request = scenarios.requested()
    path = f"/promotions/{request.pk}/comments"
    said(caller.post(path, {"text": "One"}), 201)
    said(caller.get(path))
    with CaptureQueriesContext(connection) as few:
        said(caller.get(path))
    for writer in (scenarios.owner(), scenarios.operator()):
        operations.comment(request, by=actor(writer), text="Another")
    with CaptureQueriesContext(connection) as many:
        assert len(said(caller.get(path))["comments"]) == 3
    assert len(many) == len(few)


@pytest.mark.parametrize("scopes", [(Scope.READ,), (Scope.READ, Scope.REGISTER)])
def test_seeing_a_model_is_too_little_to_write_by_token(scopes: tuple[Scope, ...]) -> None:
    request = scenarios.requested()
    _, condition = talked_over(request)
    program = Caller(token_of(scenarios.developer(), *scopes))
    for more, body in (
        ("comments", {"text": "Hello"}),
        (f"conditions/{condition.pk}/meet", REASON),
        (f"sign-offs/{condition.sign_off_id}/answer", REASON),
        ("note", REASON),
    ):
        refusal(program.post(f"/promotions/{request.pk}/{more}", body), 403)
    assert not Comment.objects.exists()
    condition.refresh_from_db()
    assert condition.met_at is None


def test_a_service_account_takes_part_in_the_talk_and_signs_nothing() -> None:
    request = scenarios.requested()
    robot = person("robot", everywhere=("model_developer",), service=True)
    program = Caller(token_of(robot))
    said(program.post(f"/promotions/{request.pk}/comments", {"text": "Built"}), 201)
    refusal(program.post(f"/promotions/{request.pk}/sign", REASON), 404)


def test_warnings_are_answered(caller: Caller) -> None:
    request = scenarios.requested()
    answered = said(caller.post(f"/promotions/{request.pk}/note", {"reason": "As before"}))
    assert answered["note"] == "As before"


def test_a_dissent_is_answered_and_a_condition_met(caller: Caller) -> None:
    request = scenarios.requested()
    dissent, condition = talked_over(request)
    path = f"/promotions/{request.pk}"
    before = said(caller.get(path))["sign_offs"]
    assert [one["decision"] for one in before] == ["ask_changes", "with_conditions"]
    assert (before[0]["answer"], before[1]["conditions"][0]["met_at"]) == (None, None)
    assert before[1]["conditions"][0]["owner"] == "dev"

    answered = said(caller.post(f"{path}/sign-offs/{dissent.pk}/answer", REASON))
    assert answered["sign_offs"][0]["answer"] == REASON["reason"]
    refusal(caller.post(f"{path}/sign-offs/{dissent.pk}/answer", REASON), 409)
    problem = refusal(
        caller.post(f"{path}/conditions/{condition.pk}/meet", {**REASON, "evidence": 999}), 400
    )
    assert problem["detail"] == "There is no such evidence on this model."
    met = said(caller.post(f"{path}/conditions/{condition.pk}/meet", REASON))
    assert met["sign_offs"][1]["conditions"][0]["met_at"] is not None


def test_what_belongs_to_another_request_is_not_there(caller: Caller) -> None:
    other, request = scenarios.requested(), scenarios.requested()
    dissent, condition = talked_over(other)
    for more in (
        f"sign-offs/{dissent.pk}/answer",
        f"conditions/{condition.pk}/meet",
        f"sign-offs/{2**63}/answer",
        f"conditions/{2**63}/meet",
    ):
        refusal(caller.post(f"/promotions/{request.pk}/{more}", REASON), 404)


# -- waivers


def body_of_waiver(**other: Any) -> dict[str, Any]:
    return {
        "condition": exceptions.SCAN,
        "reason": "The scanner is being replaced",
        "compensating_controls": "A second person looks",
        "use_limits": "Only in the pilot",
        "residual_risk": "An answer may be late",
        "ends_on": exceptions.in_days(20).isoformat(),
    } | other


def test_a_waiver_is_asked_for_read_listed_and_taken_back(caller: Caller) -> None:
    version = scenarios.checked()
    made = said(caller.post(path_of(version, "waivers"), body_of_waiver()), 201)
    assert (made["state"], made["asked_by"], made["roles"]) == ("asked", "dev", ["risk_officer"])
    assert said(caller.get(f"/waivers/{made['number']}")) == made

    def listed(query: str) -> list[int]:
        return [one["number"] for one in said(caller.get(f"/waivers{query}"))["waivers"]]

    assert listed("") == listed(f"?model={version.model.name}&state=asked") == [made["number"]]
    assert listed("?state=granted") == listed("?model=absent") == []
    exceptions.sign_waiver(Waiver.objects.get())
    [given] = said(caller.get(f"/waivers/{made['number']}"))["sign_offs"]
    assert (given["signer"], given["decision"]) == ("rita", "approve")
    refusal(caller.post(f"/waivers/{made['number']}/withdraw", REASON), 409)

    other = exceptions.asked(scenarios.checked())
    taken = said(caller.post(f"/waivers/{other.pk}/withdraw", REASON))
    assert (taken["state"], taken["decided_by"]) == ("withdrawn", "dev")


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ({"condition": "owner_assigned"}, 409),
        ({"condition": "absent"}, 404),
        ({"use_limits": " "}, 409),
        ({"ends_on": "2020-01-01"}, 409),
        ({"ends_on": "soon"}, 400),
        ({"ends_on": "9999-12-31"}, 409),
    ],
)
def test_a_waiver_on_terms_the_policy_does_not_know_is_refused(
    caller: Caller, other: dict[str, str], status: int
) -> None:
    version = scenarios.registered_version()
    answer = caller.post(path_of(version, "waivers"), body_of_waiver(**other))
    if status == 404:
        assert answer.status_code in {404, 409}
    else:
        refusal(answer, status)
    assert not Waiver.objects.exists()


def test_waivers_take_as_many_queries_however_many_there_are(caller: Caller) -> None:
    exceptions.asked(scenarios.registered_version())
    said(caller.get("/waivers"))
    with CaptureQueriesContext(connection) as few:
        said(caller.get("/waivers"))
    for _ in range(2):
        exceptions.asked(scenarios.registered_version())
    with CaptureQueriesContext(connection) as many:
        assert len(said(caller.get("/waivers"))["waivers"]) == 3
    assert len(many) == len(few)
    assert said(Caller(token_of(scenarios.stranger())).get("/waivers"))["waivers"] == []


# -- authorizations and retirement


def test_a_version_says_whether_it_may_be_put_into_service(caller: Caller) -> None:
    request = scenarios.promoted(Stage.PRODUCTION)
    version = request.version
    path = path_of(version, "authorizations")

    shown = said(caller.get(path))

    assert (shown["authorized"], shown["stage"]) == (True, "production")
    [granted] = shown["authorizations"]
    assert (granted["state"], granted["promotion"]) == ("valid", request.pk)
    assert granted["content_digest"] == shown["content_digest"] == request.content_digest

    row = version.authorizations.get()
    for state in (Authorization.State.SUSPENDED, Authorization.State.REVOKED):
        overwrite(row, state=state)
        assert said(caller.get(path))["authorized"] is False
    overwrite(row, state=Authorization.State.VALID, content_digest="sha256:other")
    assert said(caller.get(path))["authorized"] is False
    overwrite(row, content_digest=version.content_digest)
    overwrite(row, valid_until=row.granted_at + timedelta(microseconds=1))
    assert said(caller.get(path))["authorized"] is False


def test_only_what_is_in_production_may_be_put_into_service(caller: Caller) -> None:
    model = scenarios.registered_model()
    first = scenarios.promoted(Stage.PRODUCTION, model).version
    scenarios.promoted(Stage.PRODUCTION, model)
    candidate = scenarios.registered_version(model)
    for version in (first, candidate):
        assert said(caller.get(path_of(version, "authorizations")))["authorized"] is False
    old = scenarios.promoted(Stage.PRODUCTION).version
    Authorization.objects.all()._raw_delete(Authorization.objects.db)
    old.refresh_from_db()
    assert authorizing.may_be_rolled_out(old, database_now() + timedelta(days=9000)) is True


def test_holds_and_retention_are_shown_to_whoever_sees_the_model(caller: Caller) -> None:
    model = scenarios.registered_model()
    path = f"/models/{model.name}/retirement"
    assert said(caller.get(path)) == {
        "model": model.name,
        "retention": None,
        "on_hold": False,
        "holds": [],
        "retired": [],
    }
    exceptions.retain(model)
    hold = exceptions.hold(model)
    shown = said(caller.get(path))
    assert (shown["on_hold"], shown["retention"]["basis"]) == (True, "SEC 17a-4")
    assert shown["holds"][0]["placed_by"] == "lea"
    operations.lift_hold(hold, by=actor(exceptions.counsel()), reason="It is over")
    assert said(caller.get(path))["on_hold"] is False
    refusal(Caller(token_of(scenarios.stranger())).get(path), 404)


def test_a_retired_version_is_kept_until_the_day_its_retention_says_now(caller: Caller) -> None:
    retirement = exceptions.retired(years=7)
    for years, kept in ((7, 7), (50, 50), (5, 7)):
        exceptions.retain(retirement.root, years)
        [shown] = said(caller.get(f"/models/{retirement.root.name}/retirement"))["retired"]
        until = keeping.in_years(retirement.decommissioned_at, kept)
        assert shown["retain_until"][:10] == f"{until:%Y-%m-%d}", years


def test_nothing_is_signed_by_token(caller: Caller) -> None:
    request = scenarios.requested()
    for path in (
        f"/promotions/{request.pk}/sign-offs",
        f"/promotions/{request.pk}/sign",
        "/delegations",
    ):
        refusal(caller.post(path, REASON), 404)
    assert not SignOff.objects.exists()
