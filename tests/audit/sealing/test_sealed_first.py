"""What decides something is answered once it is sealed, and refused while nothing can be."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from apps.accounts import operations as accounts
from apps.accounts.models import ApiToken, User
from apps.accounts.operations import administration, duties, teams, tokens
from apps.accounts.scopes import Scope
from apps.approvals import operations as approvals
from apps.approvals.operations import (
    access,
    policies,
    promotion,
    retirement,
    rollback,
    signing,
    waiver_signing,
)
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.audit.management.commands.seal import HURRY, IDLE, pause
from apps.audit.middleware import BEING_SEALED, HEADER
from apps.audit.models import AuditEvent, Leaf, SignedCheckpoint
from apps.audit.sealing import awaiting, pressure, states
from apps.audit.sealing.pressure import SealingStalled
from apps.audit.sealing.watching import Watch
from apps.catalog import operations as catalog
from apps.catalog.operations import exporting
from apps.core.actors import Actor, Door, FixedAuthority, Kind
from apps.core.clock import database_now
from apps.core.errors import NotAllowed
from tests import scenarios
from tests.api.caller import Caller, token_of
from tests.api.mlflow.program import Program, refused
from tests.approvals.walk import entries
from tests.audit.sealing.sealed import folder, happened, seal_all, seal_events, sealer
from tests.factories import HOST, actor, signed_in

pytestmark = pytest.mark.django_db

ACCOUNT = "/account/"
TOKEN = {"name": "laptop", "scopes": ["read"], "expires_in": "30"}
BANNER = "Recorded, being sealed"


def halted() -> None:
    """Halt the log, as a sealer does that finds it broken."""
    happened()
    seal_all()
    states.halt("The frontier of the log is damaged.")


def why(moment: datetime | None = None, seconds: int = 0) -> str:
    """Return why nothing is decided so long after a moment, or now."""
    return pressure.why_stalled((moment or database_now()) + timedelta(seconds=seconds))


def new_token(person: User) -> None:
    day = timedelta(days=1)
    accounts.create_token(
        person, by=actor(person), name="laptop", scopes=(Scope.READ,), expires_in=day
    )


# -- which actions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "action",
    [
        promotion.PROMOTE,
        signing.SIGN_OFF,
        waiver_signing.SIGN_WAIVER,
        retirement.ARCHIVE,
        retirement.DECOMMISSION,
        duties.GRANT_DUTY,
        teams.JOIN_TEAM,
        administration.APPOINT_ADMINISTRATOR,
        policies.SIGN_POLICY,
        policies.PUBLISH_POLICY,
        tokens.CREATE_TOKEN,
        access.TAKE_DOSSIER,
        exporting.EXPORT_MODELS,
    ],
    ids=lambda action: action.name,
)
def test_what_decides_something_is_sealed_first(action: Action) -> None:
    assert action.sealing is Sealing.FIRST


@pytest.mark.parametrize(
    "action",
    [duties.END_DUTY, tokens.REVOKE_TOKEN, tokens.WITHDRAW_TOKEN, rollback.ROLL_BACK_AT_ONCE],
    ids=lambda action: action.name,
)
def test_what_takes_away_what_could_do_harm_is_awaited_and_never_refused(action: Action) -> None:
    assert action.sealing is Sealing.AWAITED


# -- when decisions are refused --------------------------------------------------------------------


def test_a_halted_log_refuses_decisions_and_nothing_else() -> None:
    request = scenarios.signed_off()
    by, operator = scenarios.developer(), scenarios.operator()
    new_token(by)
    halted()

    with pytest.raises(SealingStalled, match=r"halted.*audit reopen"):
        approvals.promote(request, by=actor(operator), reason="In the window")
    with pytest.raises(SealingStalled):
        exporting.export_models(by=actor(by), query="", rows=0)

    assert entries("version.promote", "refused")[-1]["detail"] == {"error": "sealing_stalled"}
    assert entries("user.export_models", "refused")
    catalog.set_version_tag(request.version, "k", "v", by=actor(by))
    accounts.revoke_token(ApiToken.objects.latest("pk"), by=actor(by))
    accounts.close_account(by, by=HOST, reason="Left")  # and with it their duties and tokens
    page = signed_in(Client(), operator).get(request.get_absolute_url())
    assert page.status_code == 200


def test_who_may_not_do_it_is_told_that_and_not_how_sealing_goes() -> None:
    request, stranger = scenarios.signed_off(), scenarios.stranger()
    halted()
    with pytest.raises(NotAllowed):
        approvals.promote(request, by=actor(stranger), reason="Please")


def test_a_decision_inside_what_is_let_on_is_let_on_too() -> None:
    model = scenarios.registered_model()
    halted()
    protect = Action("test.protect", "test", sealing=Sealing.AWAITED)
    decide = Action("test.decide", "test", sealing=Sealing.FIRST)
    tidy = Action("test.tidy", "test")
    by = Actor("usr_7", Kind.USER, Door.WEB, authority=FixedAuthority({"test"}))
    with change(protect, model, by=by), change(decide, model, by=by):
        pass
    with pytest.raises(SealingStalled), change(tidy, model, by=by), change(decide, model, by=by):
        pass


def test_events_that_wait_too_long_refuse_decisions_until_they_are_sealed(
    settings: Settings,
) -> None:
    settings.SEAL_REFUSES_AFTER = timedelta(seconds=60)
    happened()
    first = AuditEvent.objects.earliest("pk").written_at
    assert why(first, 60) == ""
    assert "69 seconds" in why(first, 69)
    assert "manage.py seal" in why(first, 69)
    assert "8 minutes" in why(first, 500)

    seal_events()
    assert "sealed and signed" in why(first, 500), "without a signature it proves nothing"
    seal_all()
    assert why(first, 500) == ""
    [later] = happened()
    later.refresh_from_db()
    assert why(later.written_at, 60) == ""
    assert "61 seconds" in why(later.written_at, 61)


def test_too_many_events_that_wait_refuse_decisions(settings: Settings) -> None:
    settings.SEAL_REFUSES_OVER = 3
    seal_all()
    happened(3)
    assert why() == ""
    happened()
    assert why().startswith("More than 3 events wait")


def test_a_required_place_that_takes_nothing_refuses_decisions(
    settings: Settings, tmp_path: Path
) -> None:
    settings.ANCHORS_REQUIRED = frozenset({"vault"})
    settings.ANCHOR_REFUSES_AFTER = timedelta(minutes=15)
    vault = folder(tmp_path)
    happened()
    seal_all(vault)
    kept = SignedCheckpoint.objects.latest("size").signed_at
    assert why(kept, 16 * 60) == ""
    happened()
    seal_all()
    missed = SignedCheckpoint.objects.latest("size").signed_at
    assert why(missed, 15 * 60) == ""
    assert why(missed, 16 * 60).startswith(
        "vault has to keep the checkpoints of the record, and has taken none for 16 minutes."
    )
    seal_all(vault)
    assert why(missed, 16 * 60) == ""


def test_it_is_one_query_and_asked_once_while_the_answer_holds(
    settings: Settings,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.ANCHORS_REQUIRED = frozenset({"vault", "witness"})
    settings.SEAL_REFUSES_OVER = 50_000
    settings.SEAL_REFUSES_AFTER = timedelta(hours=1)
    happened(3)
    seal_all()
    now = database_now()
    with django_assert_num_queries(1):
        pressure.require(now=now)
    settings.SEAL_LOOK_HOLDS = 3600.0
    monkeypatch.setattr(pressure, "_Looked", type("_Looked", (), {"why": "", "until": 0.0}))
    with django_assert_num_queries(1):
        for _ in range(3):
            pressure.require(now=now)


# -- at the doors ----------------------------------------------------------------------------------


def test_the_browser_shows_the_reason_and_keeps_what_was_typed(client: Client) -> None:
    request = scenarios.signed_off()
    signed_in(client, scenarios.operator())
    halted()

    answer = client.post(f"{request.get_absolute_url()}promote/", {"promote-reason": "Tonight"})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "is halted" in answer.content.decode()
    assert "Tonight" in answer.content.decode()
    page = client.get(f"{request.get_absolute_url()}dossier.json")
    assert page.status_code == 503
    assert "waits until the record is sealed" in page.content.decode()


def test_the_api_answers_503_and_mlflow_clients_get_what_they_do_not_repeat() -> None:
    request = scenarios.signed_off()
    text = token_of(scenarios.operator())
    halted()

    answer = Caller(text).post(f"/promotions/{request.pk}/promote", {"reason": "Tonight"})
    assert answer.status_code == 503
    assert answer.json()["code"] == "sealing_stalled"  # type: ignore[attr-defined]
    assert answer.headers["Retry-After"]

    version = request.version
    asked = {"name": version.model.name, "version": str(version.number), "stage": "staging"}
    moved = Program(text).post("model-versions/transition-stage", **asked)
    assert "is halted" in refused(moved, 403, "TEMPORARILY_UNAVAILABLE")


def test_the_page_about_protection_says_that_decisions_are_refused(client: Client) -> None:
    signed_in(client, scenarios.auditor())
    halted()
    assert "Decisions are refused" in client.get("/audit/protection/").content.decode()


def test_nobody_is_kept_from_signing_in_and_out(client: Client) -> None:
    developer = scenarios.developer()
    halted()
    signed_in(client, developer)
    assert client.post("/sign-out/").status_code == 302


# -- answered once sealed --------------------------------------------------------------------------


def test_an_event_is_sealed_once_every_required_place_holds_its_checkpoint(
    settings: Settings, tmp_path: Path
) -> None:
    settings.ANCHORS_REQUIRED = frozenset({"vault"})
    [event] = happened()
    assert not awaiting.is_sealed([event.pk])
    seal_events()
    assert not awaiting.is_sealed([event.pk])
    seal_all()
    assert not awaiting.is_sealed([event.pk])
    seal_all(folder(tmp_path))
    assert awaiting.is_sealed([event.pk])
    [later] = happened()
    assert not awaiting.is_sealed([event.pk, later.pk])


def test_nothing_is_awaited_inside_a_transaction(settings: Settings) -> None:
    settings.SEAL_WAIT_SECONDS = 3600
    [event] = happened()
    assert not awaiting.wait([event.pk])


def test_a_sealer_hurries_for_a_while_after_something_happened() -> None:
    one, watch = sealer(), Watch()
    happened()
    while pause(one, watch) == 0.0:
        pass
    assert pause(one, watch) == HURRY
    assert pause(one, Watch()) == IDLE


def test_only_committed_decisions_of_the_request_are_awaited(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with awaiting.noting() as noted, django_capture_on_commit_callbacks(execute=True):
        version = scenarios.registered_version()
        catalog.set_version_tag(version, "k", "v", by=actor(scenarios.developer()))
    assert AuditEvent.objects.filter(action="version.set_tag").exists()
    awaited = set(AuditEvent.objects.filter(pk__in=noted.events).values_list("action", flat=True))
    assert "version.set_tag" not in awaited
    with django_capture_on_commit_callbacks(execute=True):
        new_token(scenarios.developer())  # nobody takes note
    with awaiting.noting() as noted, django_capture_on_commit_callbacks(execute=True):
        new_token(scenarios.developer())
    [event] = noted.events
    assert event == AuditEvent.objects.latest("pk").pk


@pytest.fixture
def sealing() -> Iterator[None]:
    """Let a sealer run beside the test."""
    ending = threading.Event()

    def seal() -> None:
        try:
            while not ending.wait(0.02):
                seal_all()
        finally:
            connection.close()

    beside = threading.Thread(target=seal)
    beside.start()
    yield
    ending.set()
    beside.join()


@pytest.mark.django_db(transaction=True)
def test_a_decision_is_answered_once_it_is_sealed(
    client: Client, sealing: None, settings: Settings
) -> None:
    settings.SEAL_WAIT_SECONDS = 100
    signed_in(client, scenarios.developer())

    answer = client.post(f"{ACCOUNT}tokens/", TOKEN)

    event = AuditEvent.objects.get(action="token.create")
    assert Leaf.objects.filter(event=event).exists()
    assert answer.headers[HEADER] == "yes"
    assert BEING_SEALED not in client.session


@pytest.mark.django_db(transaction=True)
def test_pages_say_that_it_is_being_sealed_until_it_is(client: Client) -> None:
    signed_in(client, scenarios.developer())
    assert BANNER not in client.get(ACCOUNT).content.decode()
    answer = client.post(f"{ACCOUNT}tokens/", TOKEN)
    assert answer.status_code == 200
    assert answer.headers[HEADER] == "no"
    assert BANNER in client.get(ACCOUNT).content.decode()
    seal_all()
    assert BANNER not in client.get(ACCOUNT).content.decode()
    assert BEING_SEALED not in client.session

    version = scenarios.registered_version()
    path = f"/models/{version.model.name}"
    caller = Caller(token_of(scenarios.operator()))
    card = caller.get(f"{path}/versions/1/model-card")
    assert (card.status_code, card.headers[HEADER]) == (200, "no")
    assert HEADER not in caller.get(path).headers
