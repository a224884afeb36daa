"""Files on their way in: labels, limits, owners, and what is left when nobody takes them."""

import hashlib
import io
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.actors import actor_of_token
from apps.accounts.operations import create_token
from apps.accounts.scopes import Scope
from apps.audit.models import AuditEvent
from apps.catalog import ingest, operations, store
from apps.catalog.manifest import LabelRefused
from apps.catalog.models import Artifact, Upload, UploadFile
from apps.catalog.receiving import SpooledFile
from apps.catalog.store import BytesRefused
from apps.catalog.tasks import clear_abandoned_uploads
from apps.core.actors import ANONYMOUS, WORKER, Actor
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from tests import scenarios
from tests.factories import actor, person

pytestmark = pytest.mark.django_db

CONTENT = b"weights"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def by() -> Actor:
    return actor(scenarios.developer())


@pytest.fixture
def upload(by: Actor) -> Upload:
    return ingest.start_upload(by=by)


def add(upload: Upload, path: str, content: bytes = CONTENT, **declared: object) -> UploadFile:
    return ingest.add_file(upload, path, [content], by=actor(scenarios.developer()), **declared)  # type: ignore[arg-type]


# -- who may start one


def test_an_upload_holds_a_day_and_is_no_governed_change(upload: Upload, by: Actor) -> None:
    assert upload.expires_at - upload.started_at == settings.UPLOAD_HOLDS
    assert upload.starter_id == by.user_id
    assert not AuditEvent.objects.filter(actor_id=by.id).exists()


def test_a_right_on_one_model_is_enough_to_start() -> None:
    colleague = person("colleague")
    model = scenarios.registered_model()
    operations.grant_model_duty(
        model, colleague, "model_developer", by=actor(scenarios.owner()), reason="Joins"
    )

    assert ingest.start_upload(by=actor(colleague)).starter == colleague


def a_reading_token() -> Actor:
    user = scenarios.developer()
    token, _ = create_token(
        user, by=actor(user), name="r", scopes={Scope.READ}, expires_in=timedelta(days=1)
    )
    return actor_of_token(token)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: actor(scenarios.stranger()),
        lambda: actor(scenarios.auditor()),
        a_reading_token,
        lambda: WORKER,
        lambda: ANONYMOUS,
    ],
)
def test_nobody_else_may_start_one(wrong: Callable[[], Actor]) -> None:
    with pytest.raises(NotAllowed, match="right to register versions"):
        ingest.start_upload(by=wrong())


def test_uploads_nobody_takes_do_not_pile_up(by: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "MOST_OPEN_UPLOADS", 1)
    ingest.start_upload(by=by)

    with pytest.raises(RuleBroken, match="1 uploads that no version took"):
        ingest.start_upload(by=by)


# -- files


def test_a_file_is_kept_under_its_digest(upload: Upload) -> None:
    file = add(upload, "model/a.bin", declared_sha256=SHA256, declared_size=7, media_type="x/y")

    assert (file.path, file.folded_path, file.media_type) == ("model/a.bin", "model/a.bin", "x/y")
    assert (file.artifact.sha256, file.artifact.size) == (SHA256, 7)
    with store.open(SHA256) as kept:
        assert kept.read() == CONTENT


def test_the_same_file_again_changes_nothing(upload: Upload) -> None:
    first, second = add(upload, "a.bin"), add(upload, "a.bin")

    assert first == second
    assert Artifact.objects.filter(sha256=SHA256).count() == 1


def test_g8_the_same_bytes_under_two_names_are_stored_once(upload: Upload) -> None:
    assert add(upload, "a.bin").artifact == add(upload, "b.bin").artifact


def test_other_bytes_under_a_path_that_is_taken_are_refused(upload: Upload, by: Actor) -> None:
    add(upload, "a.bin")

    with pytest.raises(RuleBroken, match=r"holds another file as 'a\.bin'"):
        add(upload, "a.bin", b"other")
    ingest.remove_file(upload, "a.bin", by=by)
    assert add(upload, "a.bin", b"other").artifact.size == 5


def test_a_stream_is_read_like_any_other_source(upload: Upload, by: Actor) -> None:
    file = ingest.add_file(upload, "a.bin", io.BytesIO(CONTENT), by=by)

    assert file.artifact.sha256 == SHA256


@pytest.mark.parametrize(
    "path", ["../a", "/a", "a//b", "a\\b", "c:a", "a\0", "a/.", "", "%2e%2e/a"]
)
def test_g1_a_path_that_is_no_label_is_refused_before_any_byte(
    upload: Upload, by: Actor, path: str
) -> None:
    unread = iter([CONTENT])

    with pytest.raises(LabelRefused):
        ingest.add_file(upload, path, unread, by=by)
    assert next(unread) == CONTENT


@pytest.mark.parametrize("path", ["sp ace+%25.txt", "🤖/model", "مرحبا.txt", "a;b#c?d"])
def test_g2_odd_but_legal_names_are_kept_as_they_are(upload: Upload, path: str) -> None:
    assert add(upload, path).path == path


def test_a_path_that_grows_beyond_reason_when_compared_is_refused(upload: Upload) -> None:
    with pytest.raises(LabelRefused, match="too long to compare"):
        add(upload, "/".join(["ﷺ" * 20] * 5))


@pytest.mark.parametrize("twin", ["A.BIN", "ａ.bin", "a.bin/b", "dir/file"])  # noqa: RUF001
def test_paths_that_meet_on_some_disks_are_refused(upload: Upload, twin: str) -> None:
    add(upload, "a.bin")
    add(upload, "DIR/FILE/x")

    with pytest.raises(LabelRefused):
        add(upload, twin)


def test_a_folder_named_like_a_file_is_refused(upload: Upload) -> None:
    add(upload, "a/b/c")

    with pytest.raises(LabelRefused, match="also a file"):
        add(upload, "a/b")


def test_g7_bytes_that_were_cut_off_are_refused(upload: Upload) -> None:
    with pytest.raises(BytesRefused, match="cut off"):
        add(upload, "a.bin", declared_size=99)
    with pytest.raises(BytesRefused, match="not the one announced"):
        add(upload, "a.bin", declared_sha256="0" * 64)
    assert upload.files.count() == 0


def test_limits_are_held_and_said(upload: Upload, settings: Settings) -> None:
    settings.MOST_FILES, settings.MOST_FILE_BYTES, settings.MOST_VERSION_BYTES = 3, 8, 10
    add(upload, "a")

    with pytest.raises(BytesRefused, match=r"larger than the 3.bytes that are left"):
        add(upload, "b", b"1234")
    with pytest.raises(BytesRefused):
        add(upload, "b", b"123456789", declared_size=9)
    add(upload, "b", b"123")
    add(upload, "c", b"")
    with pytest.raises(RuleBroken, match="at most 3 files"):
        add(upload, "d", b"")
    settings.MOST_FILES, settings.MOST_VERSION_BYTES = 9, 9
    with pytest.raises(RuleBroken, match=r"hold at most 9.bytes"):
        add(upload, "d", b"")


def test_two_files_at_once_do_not_slip_past_the_limit(
    upload: Upload, by: Actor, settings: Settings
) -> None:
    settings.MOST_VERSION_BYTES = 10

    def while_another_arrives() -> Iterator[bytes]:
        yield b"1234"
        add(upload, "other", b"12345678")

    with pytest.raises(RuleBroken, match=r"hold at most 10.bytes"):
        ingest.add_file(upload, "a", while_another_arrives(), by=by)


# -- whose it is, and how long


def test_an_upload_is_its_starters_alone(upload: Upload) -> None:
    other = actor(scenarios.owner())

    with pytest.raises(NotFound, match="There is no such upload"):
        ingest.add_file(upload, "a", [CONTENT], by=other)
    with pytest.raises(NotFound, match="There is no such upload"):
        ingest.remove_file(upload, "a", by=other)


def test_an_expired_upload_takes_nothing(upload: Upload, by: Actor) -> None:
    Upload.objects.filter(pk=upload.pk).update(expires_at=timezone.now())
    upload.refresh_from_db()

    with pytest.raises(RuleBroken, match="has expired"):
        add(upload, "a")


def test_a_taken_upload_takes_nothing() -> None:
    upload = scenarios.uploaded()
    operations.register_version(
        scenarios.registered_model(), by=actor(scenarios.developer()), upload=upload
    )

    with pytest.raises(RuleBroken, match="took these files already"):
        add(upload, "late")
    stale = Upload.objects.get(pk=upload.pk)
    stale.taken_at = None
    with pytest.raises(RuleBroken, match="took these files already"):
        add(stale, "late")


def test_an_upload_that_was_cleared_meanwhile_is_gone(upload: Upload, by: Actor) -> None:
    Upload.objects.all().delete()

    with pytest.raises(NotFound):
        add(upload, "a")


def test_a_file_that_is_not_there_cannot_be_removed(upload: Upload, by: Actor) -> None:
    with pytest.raises(NotFound, match="no file of that path"):
        ingest.remove_file(upload, "a", by=by)


# -- files that came by page


def spooled(tmp_path: Path, content: bytes = CONTENT) -> SpooledFile:
    path = tmp_path / "spooled"
    path.write_bytes(content)
    file = SpooledFile("a.bin", "", path)
    file.hashed.update(content)
    file.size = len(content)
    return file


def test_a_spooled_file_is_adopted_without_reading_it_again(
    upload: Upload, by: Actor, tmp_path: Path
) -> None:
    source = spooled(tmp_path)

    file = ingest.add_file(upload, "a.bin", source, by=by, declared_size=7)

    assert file.artifact.sha256 == SHA256
    assert not source.path.exists()
    source.close()


def test_a_spooled_file_is_held_to_the_same_limits(
    upload: Upload, by: Actor, tmp_path: Path, settings: Settings
) -> None:
    settings.MOST_VERSION_BYTES = 6
    with pytest.raises(BytesRefused):
        ingest.add_file(upload, "a.bin", spooled(tmp_path), by=by)

    refused = spooled(tmp_path)
    refused.refusal = BytesRefused("Too much.")
    with pytest.raises(BytesRefused, match="Too much"):
        ingest.add_file(upload, "a.bin", refused, by=by)


# -- clearing


def days(number: int) -> datetime:
    return timezone.now() + timedelta(days=number)


def test_what_no_version_took_is_forgotten_after_it_expired(upload: Upload) -> None:
    add(upload, "a")
    left = Path(settings.INCOMING) / "left"
    left.write_bytes(b"half")
    taken = scenarios.uploaded()
    operations.register_version(
        scenarios.registered_model(), by=actor(scenarios.developer()), upload=taken
    )

    assert ingest.clear_abandoned_uploads(timezone.now()) == 0
    clear_abandoned_uploads()
    assert left.exists()
    assert ingest.clear_abandoned_uploads(days(2)) == 1

    assert list(Upload.objects.all()) == [taken]
    assert not left.exists()
    assert store.exists(SHA256)  # bytes that nothing names stay for now
