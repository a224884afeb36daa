"""Handing over: a slow or broken place holds up nothing, and its outage is told."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from apps.audit.apps import AuditConfig
from apps.audit.log.notes import Checkpoint
from apps.audit.models import Anchoring, AuditEvent, SignedCheckpoint
from apps.audit.sealing import anchoring, anchors, health, outages, signing
from apps.audit.sealing.anchoring import EVERY, Handover
from apps.audit.sealing.anchors import (
    FROM_NOTHING,
    AnchorAway,
    BucketAnchor,
    FolderAnchor,
    Growth,
    WebhookAnchor,
    WitnessAnchor,
)
from apps.audit.sealing.places import BadPlace, Bucket, read
from apps.core.clock import database_now
from tests.audit.log.oracle import VECTORS
from tests.audit.sealing.sealed import folder, happened, seal_all, sealer, told

pytestmark = pytest.mark.django_db

WITNESS = f"witness:https://witness.example.com/w#{VECTORS['witness_vkey']}"


class Slow(FolderAnchor):
    """A folder on a disk that answers when it likes."""

    def __init__(self, place: Path, *, is_required: bool = True) -> None:
        super().__init__("slow", place, is_required=is_required)
        self.goes_on = threading.Event()
        self.asked = 0

    def keep(self, checkpoint: Checkpoint, note: str, growth: Growth = FROM_NOTHING) -> str:
        self.asked += 1
        self.goes_on.wait(30)
        return super().keep(checkpoint, note, growth)


class Broken(FolderAnchor):
    """A folder on a disk that is gone until it is mended."""

    is_mended = False

    def keep(self, checkpoint: Checkpoint, note: str, growth: Growth = FROM_NOTHING) -> str:
        if not self.is_mended:
            raise AnchorAway("The disk is gone.")
        return super().keep(checkpoint, note, growth)


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    monkeypatch.setattr(anchoring, "LIMIT", 0.05)
    place = Slow(tmp_path / "slow")
    yield place
    place.goes_on.set()


def names_of(size: int) -> list[str]:
    return sorted(Anchoring.objects.filter(size=size).values_list("name", flat=True))


def test_a_slow_place_holds_up_neither_sealing_nor_the_others(slow: Slow, tmp_path: Path) -> None:
    one = sealer(slow, folder(tmp_path))
    for _ in range(3):
        happened()
        while one.step():
            pass
    newest = SignedCheckpoint.objects.latest("size").size
    for _ in range(1000):
        one.step()
        if names_of(newest) == ["vault"]:
            break
        slow.goes_on.wait(0.01)
    assert names_of(newest) == ["vault"]
    assert slow.asked == 1  # it is not asked again while it has not answered

    slow.goes_on.set()
    one.finish(30)
    assert Anchoring.objects.filter(name="slow").exists()
    one.step()  # what it missed meanwhile, it is not waited for
    one.finish(30)
    assert names_of(newest) == ["slow", "vault"]


def test_a_place_that_never_answers_is_told_like_one_that_failed(
    slow: Slow, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(anchoring, "STUCK", 0.0)
    happened()
    one = sealer(slow)
    while one.step():
        pass
    one.step()
    assert caplog.text.count("has not answered for") == 1


def test_a_place_that_fails_is_left_alone_for_longer_and_longer(tmp_path: Path) -> None:
    happened()
    seal_all()
    place = Broken("vault", tmp_path, is_required=False)
    handover, now = Handover([place]), database_now()
    tries = 0
    for tick in range(60):
        before = handover.places[0].failures
        handover.hand_over(now=now + EVERY * tick)
        tries += handover.places[0].failures > before
    assert tries == 8  # after 10, 20, 40 and 80 seconds, and then every two minutes
    place.is_mended = True
    assert handover.hand_over(now=now + EVERY * 100) == 1
    assert handover.places[0].failures == 0


def test_an_outage_is_told_once_with_its_end_and_shown_with_its_reason(tmp_path: Path) -> None:
    place = Broken("vault", tmp_path, is_required=True)
    happened()
    seal_all(place)
    now = database_now()
    assert told("anchor.away") == []  # what is over in a minute stays in the program's log
    assert Handover([place]).hand_over(now=now + outages.TOLD_AFTER * 2) == 0
    assert Handover([place]).hand_over(now=now + outages.TOLD_AFTER * 3) == 0

    [away] = told("anchor.away")
    assert away["subject"] == {"type": "anchor", "id": "vault"}
    assert away["detail"] == {"why": "The disk is gone."}
    shown = health.protections([place], now=now)
    [words] = [one.text for one in shown if one.title == "Kept in vault"]
    assert words == "It holds no checkpoint yet. The sealer says: The disk is gone."

    place.is_mended = True
    seal_all(place)
    assert [event["subject"]["id"] for event in told("anchor.back")] == ["vault"]
    [good] = [one for one in health.protections([place], now=now) if one.title == "Kept in vault"]
    assert (good.tone, "sealer says" in good.text) == ("good", False)
    assert good.at is not None
    assert AuditEvent.objects.filter(subject_type="anchor").count() == 2


def test_a_place_that_does_not_say_what_it_holds_is_not_awaited_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = threading.Event()

    class Silent(FolderAnchor):
        def kept(self, origin: str) -> Iterator[str]:
            waits.wait(30)
            return super().kept(origin)

    monkeypatch.setattr(signing, "READ_WITHIN", 0.05)
    happened()
    seal_all(Silent("vault", tmp_path, is_required=True))
    assert not SignedCheckpoint.objects.exists()  # required: nothing is signed unread
    seal_all(Silent("vault", tmp_path, is_required=False))
    assert SignedCheckpoint.objects.exists()
    waits.set()


def test_what_a_place_holds_under_nonsense_still_counts(tmp_path: Path) -> None:
    place = folder(tmp_path)
    happened(3)
    log = seal_all(place)
    (tmp_path / log.origin / f"{10**18:019}.note").write_text("nonsense")
    later = sealer(place)
    happened()
    while later.step():
        pass
    assert names_of(log.size + 1) == ["vault"]


# -- as the operator names them --------------------------------------------------------------------


def test_every_kind_of_place_is_named_by_the_operator(settings: Settings) -> None:
    settings.ANCHOR_SECRET = "x" * 32
    settings.ANCHORS = {
        "vault": "folder:/mnt/vault",
        "far": "s3://vault/some/where?lock_days=3650&region=eu-central-1&endpoint=https://s3.test",
        "w1": WITNESS,
        "desk": "webhook:https://desk.example.com/checkpoints?of=signet",
    }
    settings.ANCHORS_REQUIRED = frozenset({"far", "w1"})
    vault, far, w1, desk = anchors.configured()
    assert isinstance(vault, FolderAnchor)
    assert isinstance(far, BucketAnchor)
    assert far.place == Bucket("vault", "some/where", 3650, "eu-central-1", "https://s3.test")
    assert isinstance(w1, WitnessAnchor)
    assert w1.url == "https://witness.example.com/w/add-checkpoint"
    assert w1.key.text == VECTORS["witness_vkey"]
    assert isinstance(desk, WebhookAnchor)
    assert desk.url == "https://desk.example.com/checkpoints?of=signet"
    assert [one.is_required for one in (vault, far, w1, desk)] == [False, True, True, False]
    assert all(one.is_outside for one in (vault, far, w1, desk))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("folder:mnt", "neither folder"),
        ("ftp://host/", "neither folder"),
        ("s3://B", "s3://bucket/prefix"),
        ("s3://vault/../up", "s3://bucket/prefix"),
        ("s3://vault?lock=9", "no 'lock'"),
        ("s3://vault?lock_days=-1", "whole number"),
        ("s3://vault?lock_days=99999", "whole number"),
        ("s3://vault?region=a b", "region is a word"),
        ("s3://vault?endpoint=ftp://x", "endpoint is an address"),
        ("witness:https://witness.example.com/", "name\\+id\\+key"),
        (f"witness:https://w.example.com#{VECTORS['log_vkey']}", "not of a witness"),
        (WITNESS.replace("#", "?x=y#"), "has no \\?"),
        (WITNESS.replace("https", "http"), "begins with https"),
        (WITNESS.replace("witness.example.com", "127.0.0.1"), "does not send"),
        ("webhook:https://169.254.169.254/", "does not send"),
        ("webhook:http://desk.example.com/", "https://"),
    ],
)
def test_a_place_that_is_none_is_refused_before_anything_starts(
    settings: Settings, text: str, words: str
) -> None:
    settings.ANCHOR_SECRET = "x" * 32
    with pytest.raises(BadPlace, match=words):
        read(text)
    settings.ANCHORS = {"odd": text}
    with pytest.raises(ImproperlyConfigured, match=r"SIGNET_ANCHORS: odd: "):
        AuditConfig.create("apps.audit").ready()


def test_only_what_is_encrypted_is_sent_to_even_where_signet_sends_plainly(
    settings: Settings,
) -> None:
    settings.OUTBOUND_HTTP, settings.OUTBOUND_PORTS = True, frozenset({80, 443})
    with pytest.raises(BadPlace, match="does not begin with https"):
        read(WITNESS.replace("https", "http"))


def test_a_webhook_needs_what_signs_it(settings: Settings) -> None:
    settings.ANCHOR_SECRET = "short"
    with pytest.raises(BadPlace, match="SIGNET_ANCHOR_SECRET"):
        read("webhook:https://desk.example.com/")
