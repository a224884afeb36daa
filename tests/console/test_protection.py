"""The page that says what protects the record, and what does not yet."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from apps.audit import tasks
from apps.audit.models import AsideEvent, AuditEvent, Log, PendingEvent, SignedCheckpoint
from apps.audit.sealing import alarms, batches, health, states, watching
from apps.audit.unrecorded import Unrecorded
from apps.audit.verifier.notes import read_key
from apps.audit.verifier.proofs import verify_proof
from apps.catalog.models import RegisteredModel
from apps.core.clock import database_now
from tests import scenarios
from tests.audit.sealing.sealed import folder, happened, seal_all, told, vkey
from tests.console.conftest import Reads
from tests.factories import person, signed_in
from tests.unguarded import unguarded

PAGE = "/audit/protection/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def vault(settings: Settings, tmp_path: Path) -> Path:
    settings.ANCHORS = {"vault": f"folder:{tmp_path}"}
    return tmp_path


def test_a_record_that_is_sealed_signed_and_kept_elsewhere_holds(
    opens: Reads, vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "is_durable", lambda: True)
    monkeypatch.setattr(health, "LATE", timedelta(hours=1))  # the reader's sign-in waits
    happened(3)
    seal_all(folder(vault))
    tasks.compare()
    seal_all(folder(vault))

    words = opens(scenarios.auditor(), PAGE).words

    assert "entries of registry.test/audit/1 are sealed" in words
    assert "Kept in vault" in words
    assert "is as events left it" in words
    assert "Does not hold" not in words


def test_without_a_place_elsewhere_it_says_so_in_red(opens: Reads) -> None:
    happened()
    seal_all()
    words = opens(scenarios.auditor(), PAGE).words
    assert "Nothing is kept elsewhere Does not hold" in words
    assert "put back to an earlier day unseen" in words
    assert "SIGNET_ANCHORS" in words


def test_a_record_that_nobody_seals_says_what_to_do(opens: Reads) -> None:
    words = opens(scenarios.auditor(), PAGE).words
    assert "no sealer has run" in words
    assert "No checkpoint is signed yet" in words


def test_a_halted_log_says_why_and_who_opens_it(opens: Reads) -> None:
    auditor = scenarios.auditor()
    happened()
    seal_all()
    states.halt("The database is behind vault: 6 < 10.")
    words = opens(auditor, PAGE).words
    assert "The log is halted" in words
    assert "behind vault: 6 < 10" in words
    assert "manage.py audit reopen" in words


def toned(title: str, vault: Path, later: timedelta = timedelta(0)) -> tuple[str, str]:
    found = health.protections([folder(vault)], now=database_now() + later)
    return next((one.tone, one.text) for one in found if title in one.title)


@pytest.mark.parametrize(("seconds", "tone"), [(5, "good"), (15, "warn"), (90, "bad")])
def test_events_that_wait_are_told_by_how_long(tmp_path: Path, seconds: int, tone: str) -> None:
    happened()
    seal_all()
    happened()
    assert toned("sealed", tmp_path, timedelta(seconds=seconds))[0] == tone


def test_too_many_events_that_wait_are_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    happened()
    seal_all()
    monkeypatch.setattr(health, "TOO_MANY", 1)
    happened(2)
    assert toned("sealed", tmp_path)[0] == "bad"
    PendingEvent.objects.all().delete()
    assert toned("sealed", tmp_path)[0] == "good"


def test_what_is_sealed_and_not_signed_is_told(tmp_path: Path) -> None:
    happened()
    seal_all()
    happened(3)
    batches.seal()
    assert toned("signed", tmp_path) == ("warn", "3 sealed entries are not signed yet.")


def test_a_place_that_takes_nothing_any_more_is_told(tmp_path: Path) -> None:
    assert toned("vault", tmp_path) == ("bad", "It holds no checkpoint yet.")
    happened()
    seal_all(folder(tmp_path))
    assert toned("vault", tmp_path)[0] == "good"
    happened()
    seal_all()
    assert toned("vault", tmp_path)[0] == "good"
    tone, words = toned("vault", tmp_path, timedelta(minutes=16))
    assert (tone, "took none since" in words) == ("bad", True)


def test_rows_that_somebody_changed_by_sql_are_told(opens: Reads, tmp_path: Path) -> None:
    model = scenarios.registered_model()
    happened()
    seal_all()
    assert toned("Rows", tmp_path) == (
        "warn",
        "They were not compared yet. A worker does it every night.",
    )
    assert tasks.compare() == 0
    assert toned("Rows", tmp_path)[0] == "good"
    assert toned("Rows", tmp_path, timedelta(hours=37))[0] == "warn"

    RegisteredModel._base_manager.filter(pk=model.pk).update(title="Something else")
    assert tasks.compare() == 1

    assert toned("Rows", tmp_path)[0] == "bad"
    assert told("record.compare")[1]["detail"] == {
        "findings": 1,
        "first": [f"row.state: {model.record_ref}"],
    }


def test_a_folder_beside_the_data_is_said_to_be_one(opens: Reads, settings: Settings) -> None:
    settings.ANCHORS = {"local": f"folder:{settings.DATA}/checkpoints"}
    words = opens(scenarios.auditor(), PAGE).words
    assert "Kept beside the data" in words
    assert "Nothing is kept elsewhere" in words


def test_triggers_that_are_gone_and_forged_events_are_told(opens: Reads) -> None:
    AsideEvent.objects.create(event_id=7, found_at=database_now(), why="Its tag is wrong.")
    reader = scenarios.auditor()
    with unguarded():
        words = opens(reader, PAGE).words
    assert "These triggers are gone: audit_anchor_kept" in words
    assert "1 event was not written by Signet" in words


def test_what_somebody_wrote_past_signet_is_an_event_and_shown_with_what_to_do(
    opens: Reads,
) -> None:
    happened(2)
    seal_all()
    assert Client().get("/health").json() == {"status": "ok"}
    [forged, lost] = happened(2)
    with unguarded():
        AuditEvent.objects.filter(pk=forged.pk).update(tag=b"x" * 32)
    PendingEvent.objects.filter(event_id=lost.pk).delete()
    watching.sweep(now=database_now() + watching.SETTLED * 2)
    seal_all()

    assert [event["detail"] for event in told("event.forged")] == [{"event": forged.pk}]
    assert [event["detail"]["first"] for event in told("event.unqueued")] == [lost.pk]
    words = opens(scenarios.auditor(), PAGE).words
    assert f"the last is event {forged.pk}. Its tag is not the application's." in words
    assert "Find out who writes to the database past the application" in words
    assert "Events had lost their place in the queue" in words
    assert f"from event {lost.pk} on" in words
    answer = Client().get("/health")
    named = {"status": "ok", "look into": ["forged events", "lost events"]}
    assert (answer.status_code, answer.json()) == (200, named)
    states.halt("Why")
    assert Client().get("/health").json()["look into"][0] == "halted"
    later = health.protections([], now=database_now() + alarms.TOLD_FOR * 2)
    assert [one.title for one in later if "queue" in one.title] == []


def test_a_record_that_is_not_complete_says_so(
    opens: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Unrecorded, "count", 2)
    assert "The record is not complete." in opens(scenarios.auditor(), PAGE).words


def test_a_database_that_answers_before_it_writes_is_told(opens: Reads) -> None:
    words = opens(scenarios.auditor(), PAGE).words  # as the databases of tests do
    assert "What was answered is on disk Does not hold" in words


def test_administrators_see_it_and_others_do_not(opens: Reads) -> None:
    assert opens(person("root", administrator=True), PAGE).status == 200
    assert opens(scenarios.developer(), PAGE).status == 404


def test_the_list_of_entries_leads_to_it_for_those_who_may_see_it(opens: Reads) -> None:
    assert opens(scenarios.auditor(), "/audit/").has_link(PAGE)
    assert not opens(scenarios.developer(), "/audit/").has_link(PAGE)


def test_entries_of_the_log_itself_are_told_in_words(opens: Reads) -> None:
    auditor = scenarios.auditor()
    happened()
    seal_all()
    states.halt("Why")
    words = opens(auditor, "/audit/").words
    assert "Opened the log" in words
    assert "Halted the log" in words


def test_it_costs_the_same_however_much_is_sealed(
    vault: Path, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(Client(), scenarios.auditor())
    for many in (2, 20):
        happened(many)
        seal_all(folder(vault))
        with django_assert_max_num_queries(24):
            assert client.get(PAGE).status_code == 200
    assert SignedCheckpoint.objects.count() > 1
    assert Log.objects.get().size > 22


# -- the proof of one entry ------------------------------------------------------------------------


def test_an_entry_is_proven_in_a_click_to_whoever_may_see_it() -> None:
    model = scenarios.registered_model()
    event = AuditEvent.objects.filter(chain_root=model.record_ref).latest("pk")
    seal_all()
    client = signed_in(Client(), scenarios.owner())
    proof, raw = (client.get(f"/audit/{event.uid}/{what}/") for what in ("proof", "raw"))

    index, _ = verify_proof(proof.content.decode(), raw.content, [read_key(vkey())], [], 0)

    assert index == event.leaf.seq
    assert raw.content == bytes(event.entry)
    assert f'filename="{event.uid}.proof"' in proof.headers["Content-Disposition"]
    stranger = signed_in(Client(), scenarios.stranger())
    for what in ("proof", "raw"):
        assert stranger.get(f"/audit/{event.uid}/{what}/").status_code == 404


def test_an_entry_says_whether_it_is_sealed(opens: Reads) -> None:
    model = scenarios.registered_model()
    event = AuditEvent.objects.filter(chain_root=model.record_ref).latest("pk")
    page = f"/audit/{event.uid}/"
    assert "Recorded, sealing" in opens(scenarios.owner(), page).words
    assert not opens(scenarios.owner(), page).has_link(f"{page}proof/")
    client = signed_in(Client(), scenarios.owner())
    answer = client.get(f"{page}proof/", follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert "its proof is there in a moment" in answer.content.decode()
    seal_all()
    assert f"Entry of the log {event.leaf.seq:,}" in opens(scenarios.owner(), page).words
    assert opens(scenarios.owner(), page).has_link(f"{page}proof/")
