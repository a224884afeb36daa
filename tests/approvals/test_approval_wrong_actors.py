"""Every decision asks who takes it, and a refusal changes nothing but the record (B3, C6)."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from apps.accounts import operations as accounts
from apps.accounts.actors import actor_of_token
from apps.accounts.models import User
from apps.accounts.roles import ROLES
from apps.accounts.scopes import SCOPE_OF, Scope
from apps.approvals import operations
from apps.approvals.models import (
    Authorization,
    DissentAnswer,
    PromotionRequest,
    SignOff,
    SignOffWithdrawal,
)
from apps.approvals.operations.access import take_dossier
from apps.audit.models import AuditEvent
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import Alias, ModelVersion
from apps.core.actors import ANONYMOUS, SYSTEM, WORKER, Actor
from apps.core.errors import NotAllowed
from tests import scenarios
from tests.approvals.deciding import asks_for_changes
from tests.approvals.exceptions import asked_rollback, two_in_turn
from tests.approvals.walk import DECLINE, WHY, end_duty, entries, sign
from tests.factories import HOST, actor, person

pytestmark = pytest.mark.django_db

Try = Callable[[Actor], object]

_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Decision:
    """An operation: the right it asks for, a role that has it, and how to come to the point."""

    permission: str
    role: str
    prepare: Callable[[], Try]


def asking() -> Try:
    version = scenarios.checked()
    return lambda by: operations.request_promotion(version, by=by, target=Stage.STAGING, reason=WHY)


def taking_a_request_back() -> Try:
    request = scenarios.requested()
    return lambda by: operations.withdraw_request(request, by=by, reason=WHY)


def taking_a_rollback_request_back() -> Try:
    request = asked_rollback()
    return lambda by: operations.withdraw_request(request, by=by, reason=WHY)


def signing() -> Try:
    request = scenarios.requested(Stage.PRODUCTION)
    return lambda by: sign(request, by, "validator")


def declining() -> Try:
    request = scenarios.requested(Stage.PRODUCTION)
    return lambda by: sign(request, by, "validator", decision=DECLINE)


def taking_a_sign_off_back() -> Try:
    signed = sign(scenarios.requested(Stage.PRODUCTION), scenarios.validator(), "validator")
    return lambda by: operations.withdraw_sign_off(signed, by=by, reason=WHY)


def promoting() -> Try:
    request = scenarios.signed_off(Stage.PRODUCTION)
    return lambda by: operations.promote(request, by=by, reason=WHY)


def rolling_back() -> Try:
    model = scenarios.promoted(Stage.PRODUCTION).version.model
    scenarios.promoted(Stage.PRODUCTION, model)
    return lambda by: operations.roll_back(model, by=by, reason=WHY)


def asking_to_go_back() -> Try:
    first = two_in_turn().versions.get(number=1)
    return lambda by: operations.request_promotion(
        first, by=by, target=Stage.PRODUCTION, reason=WHY
    )


def renewing() -> Try:
    request = scenarios.requested(
        Stage.PRODUCTION, version=scenarios.promoted(Stage.PRODUCTION).version
    )
    sign(request, scenarios.risk_officer(), "risk_officer")
    return lambda by: operations.renew(request, by=by, reason=WHY)


def archiving() -> Try:
    request = scenarios.requested(
        Stage.ARCHIVED, version=scenarios.promoted(Stage.PRODUCTION).version
    )
    sign(request, scenarios.owner(), "model_owner")
    return lambda by: operations.archive(request, by=by, reason=WHY)


def sending_back() -> Try:
    version = scenarios.checked(Stage.PRODUCTION)
    return lambda by: operations.send_back(version, by=by, reason=WHY)


def setting_aside() -> Try:
    version = scenarios.checked()
    return lambda by: operations.set_aside(version, by=by, reason=WHY)


def answering_warnings() -> Try:
    request = scenarios.requested()
    return lambda by: operations.note_warnings(request, by=by, reason=WHY)


def answering_dissent() -> Try:
    signed = asks_for_changes(scenarios.requested(), scenarios.owner(), "model_owner")
    return lambda by: operations.answer_dissent(signed, by=by, reason=WHY)


def taking_the_dossier() -> Try:
    request = scenarios.requested()
    return lambda by: take_dossier(request, by=by)


DECISIONS: dict[str, Decision] = {
    "version.request_promotion": Decision("catalog.request_promotion", "model_developer", asking),
    "request.withdraw": Decision(
        "catalog.request_promotion", "model_developer", taking_a_request_back
    ),
    "request.withdraw_rollback": Decision(
        "catalog.roll_back_version", "operator", taking_a_rollback_request_back
    ),
    "request.sign_off": Decision("catalog.sign_off", "validator", signing),
    "request.sign_off, to decline": Decision("catalog.sign_off", "validator", declining),
    "sign_off.withdraw": Decision("catalog.sign_off", "validator", taking_a_sign_off_back),
    "version.promote": Decision("catalog.promote_version", "operator", promoting),
    "model.roll_back": Decision("catalog.roll_back_version", "operator", rolling_back),
    "version.request_rollback": Decision(
        "catalog.roll_back_version", "operator", asking_to_go_back
    ),
    "version.renew": Decision("catalog.promote_version", "operator", renewing),
    "version.archive": Decision("catalog.retire_version", "operator", archiving),
    "version.send_back": Decision("catalog.request_promotion", "model_developer", sending_back),
    "version.set_aside": Decision("catalog.request_promotion", "model_developer", setting_aside),
    "request.note_warnings": Decision(
        "catalog.request_promotion", "model_developer", answering_warnings
    ),
    "sign_off.answer": Decision("catalog.request_promotion", "model_developer", answering_dissent),
    "request.take_dossier": Decision("catalog.view_registeredmodel", "auditor", taking_the_dossier),
}


# -- wrong actors, each made for one decision


def somebody_without_a_duty(_: Decision) -> Actor:
    return actor(scenarios.stranger())


def somebody_with_every_other_role(decision: Decision) -> Actor:
    """A person who holds all roles that do not have the right."""
    others = [role.id for role in ROLES if decision.permission not in role.permissions]
    return actor(person("jack", everywhere=others))


def somebody_with_the_role_on_another_model(decision: Decision) -> Actor:
    neighbor = person("neighbor")
    model = scenarios.registered_model()
    by = scenarios.owner() if decision.role in OWNED else scenarios.risk_officer()
    catalog.grant_model_duty(model, neighbor, decision.role, by=actor(by), reason=WHY)
    return actor(neighbor)


def somebody_whose_role_ended(decision: Decision) -> Actor:
    former = holder(decision)
    signed_in = actor(former)
    end_duty(former, decision.role)
    return signed_in


def somebody_whose_account_was_closed(decision: Decision) -> Actor:
    former = holder(decision)
    signed_in = actor(former)
    accounts.close_account(former, by=HOST, reason=WHY)
    return signed_in


def a_superuser(_: Decision) -> Actor:
    return actor(person("root", administrator=True))


def a_token_without_the_scope(decision: Decision) -> Actor:
    """A program of somebody with the right, whose token may do everything else."""
    needed = SCOPE_OF.get(decision.permission)
    return token_of(holder(decision), {scope for scope in Scope if scope != needed})


def a_token_for_another_model(decision: Decision) -> Actor:
    other = scenarios.registered_model()
    return token_of(holder(decision), set(Scope), [other.record_ref])


def holder(decision: Decision) -> User:
    """One more person who has the right."""
    return person(f"holder-{next(_NUMBERS)}", everywhere=[decision.role])


def token_of(user: User, scopes: set[Scope], roots: list[str] | None = None) -> Actor:
    token, _ = accounts.create_token(
        user,
        by=actor(user),
        name="A program",
        scopes=scopes,
        roots=roots or [],
        expires_in=timedelta(days=1),
    )
    return actor_of_token(token)


OWNED = {"model_developer", "operator"}
WRONG_ACTORS: dict[str, Callable[[Decision], Actor]] = {
    "somebody without a duty": somebody_without_a_duty,
    "somebody with every other role": somebody_with_every_other_role,
    "somebody with the role on another model": somebody_with_the_role_on_another_model,
    "somebody whose role ended": somebody_whose_role_ended,
    "somebody whose account was closed": somebody_whose_account_was_closed,
    "a superuser": a_superuser,
    "a token without the scope": a_token_without_the_scope,
    "a token for another model": a_token_for_another_model,
    "the worker": lambda _: WORKER,
    "the system": lambda _: SYSTEM,
    "nobody": lambda _: ANONYMOUS,
}


def everything() -> object:
    """Return what decisions write, to compare."""
    return (
        list(
            PromotionRequest.objects.values_list("pk", "state", "closed_at", "note").order_by("pk")
        ),
        list(ModelVersion.objects.values_list("pk", "stage", "authorized_at").order_by("pk")),
        list(Alias.objects.values_list("pk", "version").order_by("pk")),
        SignOff.objects.count(),
        SignOffWithdrawal.objects.count(),
        DissentAnswer.objects.count(),
        list(Authorization.objects.values_list("pk", "state").order_by("pk")),
        AuditEvent.objects.filter(outcome="done").count(),
    )


@pytest.mark.parametrize("name", DECISIONS)
def test_who_may_not_is_refused_and_only_the_refusal_stays(name: str) -> None:
    decision = DECISIONS[name]
    attempt = decision.prepare()
    for number, (who, made_for) in enumerate(WRONG_ACTORS.items(), start=1):
        wrong = made_for(decision)
        before = everything()

        with pytest.raises(NotAllowed):
            attempt(wrong)
            pytest.fail(f"{who} was let through")

        refusals = entries(name.partition(",")[0], "refused")
        assert len(refusals) == number, who
        assert refusals[-1]["actor"]["id"] == wrong.id, who
        assert refusals[-1]["detail"] == {"error": "not_allowed"}, who
        assert refusals[-1]["rows"] == [], who
        assert everything() == before, who


@pytest.mark.parametrize("name", DECISIONS)
def test_who_may_is_not_refused(name: str) -> None:
    decision = DECISIONS[name]
    attempt = decision.prepare()
    by = scenarios.validator() if name == "sign_off.withdraw" else holder(decision)

    attempt(actor(by))

    assert entries(name.partition(",")[0])[-1]["actor"]["id"] == by.record_id


@pytest.mark.parametrize("name", ["request.sign_off", "request.sign_off, to decline"])
def test_a_service_account_does_not_sign_though_it_holds_the_role(name: str) -> None:
    attempt = DECISIONS[name].prepare()
    robot = actor(person("robot", everywhere=("validator",), service=True))
    before = everything()

    with pytest.raises(NotAllowed, match="Only a person signed in through the browser"):
        attempt(robot)

    assert everything() == before


@pytest.mark.parametrize(
    "role", [role.id for role in ROLES if "catalog.sign_off" in role.permissions]
)
def test_the_right_to_sign_fills_no_slot_of_another_role(role: str) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    signer = person("signer", everywhere=[role])

    for slot in {"validator", "risk_officer"} - {role}:
        with pytest.raises(NotAllowed, match="You do not hold the role"):
            sign(request, signer, slot)

    assert not request.sign_offs.exists()


def test_taking_the_dossier_is_recorded_as_a_read_that_writes_nothing() -> None:
    request = scenarios.requested()
    before = PromotionRequest.objects.values().get()

    take_dossier(request, by=actor(scenarios.auditor()))

    [entry] = entries("request.take_dossier")
    assert entry["subject"] == {"type": "request", "id": request.record_id}
    assert (entry["rows"], entry["chain"]) == ([], None)
    assert PromotionRequest.objects.values().get() == before
