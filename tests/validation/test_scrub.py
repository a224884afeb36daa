"""Rot in the store is found, kept from everybody, shown, and lifted when the bytes are back."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.catalog import operations as catalog
from apps.catalog import store
from apps.catalog.models import Artifact, ModelVersion
from apps.catalog.outgoing import Quarantined
from apps.catalog.store.contract import key_of
from apps.core.clock import database_now
from apps.validation import queries, runner, scrub, tasks
from apps.validation.models import CheckRun
from apps.validation.scrub import Pace
from tests.factories import actor, signed_in
from tests.scenarios import check, developer, registered_version
from tests.validation.records import detail, events

pytestmark = pytest.mark.django_db

IN_A_FOLDER = isinstance(storages["artifacts"], FileSystemStorage)
damages = pytest.mark.skipif(
    not IN_A_FOLDER, reason="bytes are damaged in a folder, which a bucket is not"
)

FAST = 2**40
FILES = {"model.safetensors": b"\x08" + b"weights" * 40, "README.md": b"# A model of this test"}


def place_of(artifact: Artifact) -> Path:
    storage = storages["artifacts"]
    assert isinstance(storage, FileSystemStorage)
    return Path(storage.location) / key_of(artifact.sha256)


def artifact_of(version: ModelVersion, path: str = "model.safetensors") -> Artifact:
    return Artifact.objects.get(versionfile__version=version, versionfile__path=path)


def long_ago(**found_by: Any) -> None:
    """Make it look as if files were looked at long ago."""
    Artifact.objects.filter(**found_by).update(verified_at=database_now() - timedelta(days=3))


def scrubbed() -> int:
    long_ago()
    return scrub.run(Pace(FAST))


def flip(place: Path) -> None:
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 1
    place.write_bytes(data)


def truncate(place: Path) -> None:
    place.write_bytes(place.read_bytes()[:-1])


def delete(place: Path) -> None:
    place.unlink()


@pytest.fixture
def version(db: None) -> ModelVersion:
    """A version whose files no other test's version shares, checked."""
    return registered_version(files=FILES)


@pytest.fixture(autouse=True)
def _whole_again(version: ModelVersion, tmp_path: Path) -> Any:
    """Put the bytes back for the tests that come later."""
    stored = Artifact.objects.all() if IN_A_FOLDER else []
    kept = {place_of(one): tmp_path / one.sha256 for one in stored}
    for place, copy in kept.items():
        shutil.copy(place, copy)
    yield
    for place, copy in kept.items():
        shutil.copy(copy, place)


@damages
@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (flip, "The stored bytes have sha256"),
        (truncate, "bytes, the store holds"),
        (delete, "does not hold this file any more"),
    ],
)
def test_rot_is_found_and_closes_the_gate_of_every_version_that_names_the_file(
    version: ModelVersion, harm: Any, words: str
) -> None:
    twin = registered_version(files={**FILES, "other.txt": b"another version"})
    artifact = artifact_of(version)
    harm(place_of(artifact))

    scrubbed()

    artifact.refresh_from_db()
    assert artifact.quarantined_at is not None
    assert artifact_of(version, "README.md").quarantined_at is None
    for each in (version, twin):
        [event] = events("version.quarantine", each)
        assert event.actor_id == "system"
        assert detail(event)["paths"] == ["model.safetensors"]
        run = queries.newest_runs(each)["artifact-integrity"]
        assert run.state == CheckRun.State.FAILED
        assert words in run.problems[0]["text"]
        assert run.problems[0]["place"] == "model.safetensors"


@damages
def test_two_swapped_files_are_both_found(version: ModelVersion) -> None:
    first, second = (place_of(artifact_of(version, path)) for path in FILES)
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)

    scrubbed()

    assert Artifact.objects.filter(quarantined_at__isnull=False).count() == 2
    assert len(events("version.quarantine", version)) >= 1


@damages
def test_no_byte_of_a_damaged_file_goes_out_and_the_page_says_so(
    version: ModelVersion, client: Client
) -> None:
    flip(place_of(artifact_of(version)))
    scrubbed()
    web = signed_in(client, developer())
    named = [version.model.name, version.number]

    with pytest.raises(Quarantined):
        catalog.download(version, "model.safetensors", by=actor(developer()))
    answer = web.get(reverse("models:download", args=[*named, "model.safetensors"]))

    assert answer.status_code == 409
    assert "none are handed out" in answer.content.decode()
    assert events("version.download") == []
    assert (
        "Damaged in the store"
        in web.get(reverse("models:version_files", args=named)).content.decode()
    )
    whole: Any = web.get(reverse("models:download", args=[*named, "README.md"]))
    assert b"".join(whole.streaming_content) == FILES["README.md"]


@damages
def test_a_damaged_file_is_told_of_once_however_often_it_is_looked_at(
    version: ModelVersion,
) -> None:
    flip(place_of(artifact_of(version)))

    for _ in range(3):
        scrubbed()

    assert len(events("version.quarantine", version)) == 1


@damages
def test_a_check_that_passed_by_luck_does_not_open_the_gate_of_a_damaged_file(
    version: ModelVersion,
) -> None:
    place = place_of(artifact_of(version))
    whole = place.read_bytes()
    flip(place)
    scrubbed()
    damaged = place.read_bytes()
    place.write_bytes(whole)
    check(version)
    assert queries.newest_runs(version)["artifact-integrity"].state == CheckRun.State.PASSED
    place.write_bytes(damaged)

    scrubbed()

    assert queries.newest_runs(version)["artifact-integrity"].state == CheckRun.State.FAILED


@damages
def test_a_look_that_broke_off_in_the_middle_is_made_up_for(
    version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    flip(place_of(artifact_of(version)))
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr(scrub, "_quarantine", lambda *given: 1 / 0)
        scrubbed()
    assert artifact_of(version).quarantined_at is not None

    scrubbed()

    assert len(events("version.quarantine", version)) == 1


@damages
def test_the_right_bytes_lift_the_quarantine_and_have_the_integrity_checked_anew(
    version: ModelVersion, tmp_path: Path
) -> None:
    check(version)
    place = place_of(artifact_of(version))
    whole = place.read_bytes()
    flip(place)
    scrubbed()
    place.write_bytes(whole)

    scrubbed()

    assert artifact_of(version).quarantined_at is None
    [event] = events("version.lift_quarantine", version)
    assert detail(event)["paths"] == ["model.safetensors"]
    [waiting] = version.check_runs.waiting()
    assert waiting.check_name == "artifact-integrity"
    runner.execute(waiting.pk, worker="w1")
    assert queries.newest_runs(version)["artifact-integrity"].state == CheckRun.State.PASSED
    catalog.download(version, "model.safetensors", by=actor(developer())).bytes.close()


def test_a_sound_store_leaves_no_trace_but_the_time_of_the_look(version: ModelVersion) -> None:
    before = database_now()

    assert scrubbed() == Artifact.objects.count()
    assert scrub.run(Pace(FAST)) == 0

    assert not Artifact.objects.filter(verified_at__lt=before).exists()
    assert events("version.quarantine") == []


def test_the_file_looked_at_longest_ago_comes_first_and_a_slice_ends(
    version: ModelVersion,
) -> None:
    first = artifact_of(version, "README.md")
    long_ago()
    Artifact.objects.filter(pk=first.pk).update(verified_at=database_now() - timedelta(days=9))
    times = iter([0.0, 0.0, 0.0, scrub.SLICE, scrub.SLICE])

    assert scrub.run(Pace(FAST, clock=lambda: next(times), sleep=lambda _: None)) == 1

    [looked] = Artifact.objects.filter(verified_at__gt=database_now() - timedelta(hours=1))
    assert looked == first


def test_a_store_that_is_away_says_nothing_about_its_files(
    version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(sha256: str) -> None:
        raise ConnectionError

    monkeypatch.setattr(store, "open", away)

    with pytest.raises(ConnectionError):
        scrubbed()

    assert not Artifact.objects.filter(quarantined_at__isnull=False).exists()


def test_reading_keeps_to_its_rate() -> None:
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    pace = Pace(1000, clock=lambda: now[0], sleep=sleep)
    for _ in range(4):
        pace.count(500)

    assert slept == [0.5, 0.5, 0.5, 0.5]
    now[0] += 10
    pace.count(500)
    assert len(slept) == 4


def test_no_second_run_begins_while_one_goes_on() -> None:
    with scrub._alone() as is_first:
        assert is_first
        assert not elsewhere()

    assert elsewhere()


def elsewhere() -> bool:
    """Say whether a run could begin in another process, as far as a thread can be one."""

    def could_begin() -> bool:
        try:
            with scrub._alone() as is_alone:
                return is_alone
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(could_begin).result()


def test_the_clock_rings_for_it_and_the_rate_is_set_by_environment() -> None:
    assert settings.SCRUB_BYTES_A_SECOND == 20 * 2**20
    scheduled = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    assert tasks.look_at_the_store.name in scheduled
