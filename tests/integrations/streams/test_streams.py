"""The record as lines: in order, every entry, to files, syslog servers and webhooks."""

import hashlib
import hmac
import json
import os
import ssl
import stat
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from apps.audit.entries import leaf_hash
from apps.audit.models import AuditEvent, Leaf
from apps.catalog import operations as catalog
from apps.core.clock import database_now
from apps.integrations.models import StreamPosition
from apps.integrations.streams import lines, places, running, syslog, tasks
from apps.integrations.streams.lines import StreamLine
from apps.integrations.streams.targets import Stream, named_or_none
from tests import scenarios
from tests.audit.sealing.sealed import happened, seal_all
from tests.console.conftest import Reads, opens
from tests.factories import actor
from tests.integrations.receiver import Receiver
from tests.integrations.streams import collectors
from tests.unguarded import unguarded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tasks_at_once")]
__all__ = ["opens"]

SECRET = "a secret of thirty-two letters and more"


@pytest.fixture
def events(settings: Settings, tmp_path: Path) -> Path:
    """Return the file that a stream named file goes to."""
    settings.STREAMS = [f"file=file:{tmp_path}/events.jsonl"]
    return tmp_path / "events.jsonl"


def sealed(count: int = 3) -> None:
    happened(count)
    seal_all()


def stream(name: str = "file") -> Stream:
    found = named_or_none(name)
    assert found is not None
    return found


def position(name: str = "file") -> StreamPosition:
    return StreamPosition.objects.get(pk=name)


def told(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


def numbers(said: list[dict[str, Any]]) -> list[int]:
    return [line["seq"] for line in said]


def in_order() -> list[int]:
    return list(Leaf.objects.order_by("seq").values_list("seq", flat=True))


# -- what a line says


def test_a_line_says_who_did_what_and_where_it_stands_but_no_text(events: Path) -> None:
    model = scenarios.registered_model()
    catalog.grant_model_duty(
        model,
        scenarios.stranger(),
        "peer_reviewer",
        by=actor(scenarios.owner()),
        reason="He asked for it himself",
    )
    seal_all()
    tasks.follow_streams()

    [line] = [line for line in told(events) if line["action"] == "model.grant_duty"]
    event = AuditEvent.objects.get(action="model.grant_duty")
    entry = json.loads(bytes(event.entry))

    assert line["format"] == "signet-event/1"
    assert line["leaf_hash"] == leaf_hash(bytes(event.entry)).hex()
    assert line["seq"] == event.leaf.seq
    assert line["id"] == str(event.uid)
    assert (line["actor_id"], line["actor_kind"]) == (actor(scenarios.owner()).id, "user")
    assert (line["door"], line["signed_in_by"]) == ("web", "session")
    assert (line["object_type"], line["object_id"]) == (event.subject_type, event.subject_id)
    assert (line["chain"], line["chain_place"]) == (model.record_ref, event.chain_rev)
    assert line["reason_commitment"] == entry["reason"]
    assert line["rows"] == entry["rows"]
    assert "He asked" not in events.read_text()
    assert "Olivia" not in events.read_text()


def test_the_line_of_a_signature_keeps_what_was_signed_and_no_key(events: Path) -> None:
    leaf = Leaf(seq=4, hash=b"\1" * 32, event=happened()[0])
    entry = json.loads(bytes(leaf.event.entry))
    entry["sign"] = {
        "meaning": "approve",
        "statement": "sha256:00",
        "method": "passkey",
        "at": "2026-01-01T00:00:00.000000Z",
        "webauthn": {"credential": "secret-to-nobody"},
    }
    leaf.event.entry = json.dumps(entry).encode()

    assert StreamLine.of(leaf).facts["signature"] == {
        "meaning": "approve",
        "statement": "sha256:00",
        "method": "passkey",
        "at": "2026-01-01T00:00:00.000000Z",
    }


# -- order, and nothing missing


def test_a_stream_gives_what_is_sealed_in_order_and_goes_on_where_it_was(events: Path) -> None:
    sealed(3)
    tasks.follow_streams()
    happened(2)
    tasks.follow_streams()
    assert numbers(told(events)) == in_order()
    seal_all()
    tasks.follow_streams()

    assert numbers(told(events)) == in_order()
    assert position().seq == in_order()[-1]
    assert stat.S_IMODE(events.stat().st_mode) & 0o007 == 0


def test_many_entries_go_in_batches(events: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "MOST_LINES", 4)
    sealed(10)
    sizes: list[int] = []

    def counted(to: Stream, batch: list[StreamLine]) -> None:
        sizes.append(len(batch))
        places.give(to, batch)

    monkeypatch.setattr(running, "give", counted)
    tasks.follow_streams()
    assert max(sizes) == 4
    assert numbers(told(events)) == in_order()

    monkeypatch.setattr(running, "MOST_BYTES", 1)
    sizes.clear()
    sealed(2)
    tasks.follow_streams()
    assert set(sizes) == {1}
    assert numbers(told(events)) == in_order()


class Killed(BaseException):
    """Stands for the end of a worker: nothing in Signet catches it."""


def _dies(*_: object, **__: object) -> None:
    raise Killed


def _dies_half_way(handle: int, data: bytes) -> None:
    os.write(handle, data[: len(data) * 2 // 3])
    raise Killed


def _dies_after(*given: Any) -> None:
    places.give(*given)
    raise Killed


@pytest.mark.parametrize(
    ("where", "death", "left"),
    [
        ("running._next", _dies, 0),
        ("places._write_all", _dies_half_way, 2),
        ("running.give", _dies_after, 4),
        ("running._move", _dies, 4),
    ],
)
def test_a_worker_that_dies_repeats_lines_and_loses_none(
    events: Path,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    death: Callable[..., None],
    left: int,
) -> None:
    sealed(3)
    assert running.with_work(database_now()) == ["file"]
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(f"apps.integrations.streams.{where}", death)
        running.give_waiting(stream())
    written = events.read_text("ascii").count("\n") if events.exists() else 0
    assert written == left
    assert running.give_waiting(stream()) == 0  # it is still taken

    later = database_now() + running.LEASE * 2
    assert running.give_waiting(stream(), clock=lambda: later) == 4

    whole = [line for line in events.read_text("ascii").splitlines() if line.endswith("}")]
    said = numbers([json.loads(line) for line in whole])
    assert said[-4:] == in_order()
    assert set(said) == set(in_order())


def test_a_worker_that_comes_too_late_does_not_move_the_stream_back(
    events: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed(3)
    running.with_work(database_now())
    slow = running.claim("file", now=database_now())
    later = database_now() + running.LEASE * 2
    running.give_waiting(stream(), clock=lambda: later)
    assert slow is not None

    assert not running._conclude_failed(slow, "too late", now=later)
    assert position().trouble == ""
    assert position().seq == in_order()[-1]


def test_after_a_restored_backup_all_is_given_again(events: Path) -> None:
    sealed(3)
    tasks.follow_streams()
    with unguarded():
        Leaf.objects.filter(seq=in_order()[-1]).update(hash=b"\7" * 32)
    events.unlink()
    tasks.follow_streams()
    assert not events.exists()  # nothing waits
    happened()
    with unguarded():
        Leaf.objects.create(seq=4, event=AuditEvent.objects.order_by("-pk")[0], hash=b"\6" * 32)

    tasks.follow_streams()

    assert numbers(told(events)) == [0, 1, 2, 3, 4]


# -- files


def test_a_file_that_was_moved_away_is_begun_anew(events: Path) -> None:
    sealed(1)
    tasks.follow_streams()
    moved = events.rename(events.with_suffix(".1"))
    sealed(1)
    tasks.follow_streams()
    assert numbers(told(moved)) + numbers(told(events)) == in_order()


def test_what_is_no_file_and_what_cannot_be_written_hold_the_stream(
    settings: Settings, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    settings.STREAMS = [f"pipe=file:{tmp_path}/pipe", f"gone=file:{tmp_path}/gone/events.jsonl"]
    sealed()
    tasks.follow_streams()
    assert "is no file" in position("pipe").trouble
    assert "No such file" in position("gone").trouble
    assert position("gone").seq == -1


# -- syslog


def test_udp_gets_one_message_a_datagram(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed()
    with collectors.over_udp() as there:
        settings.STREAMS = [f"siem=syslog+udp://127.0.0.1:{there.port}"]
        tasks.follow_streams()
    assert numbers([collectors.told(message) for message in there.taken]) == in_order()

    monkeypatch.setattr(syslog, "MOST_DATAGRAM", 100)
    sealed(1)
    with collectors.over_udp() as there:
        settings.STREAMS = [f"siem=syslog+udp://127.0.0.1:{there.port}"]
        tasks.follow_streams()
    [line] = [collectors.told(message) for message in there.taken]
    assert line["left_out"] == ["rows", "detail"]
    assert "detail" not in line
    assert line["leaf_hash"]


def test_tcp_counts_each_message_and_says_who_speaks_how_loud(settings: Settings) -> None:
    sealed()
    with collectors.over_tcp() as there:
        settings.STREAMS = [f"siem=syslog+tcp://127.0.0.1:{there.port}"]
        tasks.follow_streams()
    assert numbers(there.lines) == in_order()
    found = collectors.HEADER.fullmatch(there.messages[-1])
    assert found is not None
    assert found["priority"] == b"110"  # the log audit, information
    assert found["app"] == b"signet"
    assert found["host"] == b"registry.test"
    assert found["id"] == b"test.happen"
    assert found["time"].decode() == there.lines[-1]["time"]


@pytest.mark.parametrize(
    ("action", "outcome", "severity"),
    [
        ("version.promote", "done", lines.INFO),
        ("version.promote", "refused", lines.WARNING),
        ("version.promote", "failed", lines.ERROR),
        ("log.halt", "done", lines.CRITICAL),
    ],
)
def test_a_message_is_as_urgent_as_its_entry(action: str, outcome: str, severity: int) -> None:
    line = StreamLine(0, database_now(), action, outcome, {})
    assert line.severity == severity
    assert syslog.message(line, "{}").startswith(b"<%d>1 " % (13 * 8 + severity))


def test_a_server_that_breaks_off_gets_the_lines_again(settings: Settings) -> None:
    sealed()
    with collectors.over_tcp() as there:
        settings.STREAMS = [f"siem=syslog+tcp://127.0.0.1:{there.port}"]
        there.closes_early = True
        tasks.follow_streams()
        assert position("siem").seq == -1
        assert position("siem").failures == 1
        there.taken.clear()
        there.closes_early = False
        tasks.follow_streams()
        assert there.taken == []  # it waits a little
        StreamPosition.objects.update(next_at=database_now())
        tasks.follow_streams()
    assert numbers(there.lines) == in_order()
    assert position("siem").trouble == ""


def test_tls_is_spoken_to_who_proves_its_name(settings: Settings, tmp_path: Path) -> None:
    sealed()
    context, authority = collectors.certificate(tmp_path)
    settings.STREAM_CA_FILE = str(authority)
    with collectors.over_tcp(context) as there:
        settings.STREAMS = [f"siem=syslog+tls://127.0.0.1:{there.port}"]
        tasks.follow_streams()
        assert position("siem").trouble == ""
    assert numbers(there.lines) == in_order()


@pytest.mark.parametrize("is_known", [True, False])
def test_tls_tells_nothing_to_who_cannot_prove_its_name(
    settings: Settings, tmp_path: Path, is_known: bool
) -> None:
    sealed()
    context, authority = collectors.certificate(tmp_path, address="127.0.0.9")
    settings.STREAM_CA_FILE = str(authority) if is_known else ""
    with collectors.over_tcp(context) as there:
        settings.STREAMS = [f"siem=syslog+tls://127.0.0.1:{there.port}"]
        tasks.follow_streams()
    assert b"".join(there.taken) == b""
    assert "certificate verify failed" in position("siem").trouble.lower()


def test_a_context_speaks_no_old_tls() -> None:
    assert syslog._context("").minimum_version == ssl.TLSVersion.TLSv1_2


# -- webhooks


def test_a_webhook_gets_signed_batches(settings: Settings, there: Receiver) -> None:
    settings.STREAMS, settings.STREAM_SECRET = [f"hook={there.url}"], SECRET
    sealed()
    there.status = 503
    tasks.follow_streams()
    assert "status 503" in position("hook").trouble
    StreamPosition.objects.update(next_at=database_now())
    there.status = 202
    tasks.follow_streams()

    first, second = there.requests
    last = in_order()[-1]
    assert numbers([json.loads(line) for line in second.body.splitlines()]) == in_order()
    assert second.headers["Content-Type"] == "application/x-ndjson"
    delivery = second.headers["X-MLflow-Delivery-Id"]
    assert delivery == first.headers["X-MLflow-Delivery-Id"] == f"hook:0-{last}"
    signed = f"{delivery}.{second.headers['X-MLflow-Timestamp']}.".encode() + second.body
    code = b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert second.headers["X-MLflow-Signature"] == f"v1,{code}"


# -- each for itself, and what people are told


def test_an_unreachable_place_holds_only_its_own_stream(
    settings: Settings, events: Path, there: Receiver
) -> None:
    closed = f"away={there.url.replace(str(there.port), '1')}"
    settings.STREAMS, settings.STREAM_SECRET = [closed, *settings.STREAMS], SECRET
    sealed()
    tasks.follow_streams()
    assert numbers(told(events)) == in_order()
    assert position("away").seq == -1
    assert position("away").failures == 1
    assert running.with_work(database_now()) == []
    assert running.with_work(database_now() + timedelta(minutes=1)) == ["away"]


def test_nothing_is_asked_of_the_database_without_a_stream(
    django_assert_num_queries: Any,
) -> None:
    sealed()
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 0):
        tasks.follow_streams()  # the clock alone
    tasks.stream("gone")


def test_beat_rings_for_streams(settings: Settings) -> None:
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert tasks.follow_streams.name in planned


def test_the_page_of_protection_says_how_far_each_stream_is(
    opens: Reads, settings: Settings, events: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STREAMS = [*settings.STREAMS, f"gone=file:{events.parent}/gone/events.jsonl"]
    reader = scenarios.auditor()
    sealed()
    words = opens(reader, "/audit/protection/").words
    assert "The stream file follows Holds" in words
    assert "entries wait for" in words
    seal_all()
    tasks.follow_streams()

    monkeypatch.setattr("apps.integrations.streams.standing.LATE", timedelta(seconds=-2))
    monkeypatch.setattr("apps.integrations.streams.standing.TOO_LATE", timedelta(seconds=-1))
    words = opens(reader, "/audit/protection/").words

    assert f"{events} has all {len(in_order())} sealed entries." in words
    assert "The stream gone follows Does not hold" in words
    assert "It took nothing at 1 tries in a row" in words
    assert "No such file" in words
