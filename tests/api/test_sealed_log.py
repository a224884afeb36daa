"""The sealed log over HTTP, in the layout that any tool for tlog-tiles reads."""

from pathlib import Path

import pytest

from apps.accounts.scopes import Scope
from apps.audit.log.tiles import tiles_of
from apps.audit.models import AuditEvent
from apps.audit.sealing import reading
from apps.audit.verifier.exports import verify_export
from apps.audit.verifier.notes import read_key
from tests import scenarios
from tests.api.caller import Caller, content_of, refusal, token_of
from tests.audit.sealing.sealed import happened, seal_all, vkey

pytestmark = pytest.mark.django_db


def auditor() -> Caller:
    return Caller(token_of(scenarios.auditor(), Scope.RECORD))


def taken(program: Caller, folder: Path, place: str) -> str:
    """Let a plain client keep what an address gives, and return how long it may be cached."""
    answer = program.get(f"/log/{place}")
    assert answer.status_code == 200, place
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_bytes(content_of(answer))
    return answer.headers["Cache-Control"]


def test_what_a_plain_client_downloads_is_checked_by_the_verifier(tmp_path: Path) -> None:
    program = auditor()
    happened(300)
    size = seal_all().size

    assert "no-store" in taken(program, tmp_path, "checkpoint")
    for tile in tiles_of(size):
        places = [tile.path, *([tile.entries_path] if tile.level == 0 else [])]
        for place in places:
            is_full = ".p/" not in place
            assert ("immutable" in taken(program, tmp_path, place)) == is_full

    report = verify_export(tmp_path, [read_key(vkey())], {})
    assert (report.findings, report.size) == ([], size)
    told = AuditEvent.objects.filter(action="record.take", outcome="done")
    assert told.count() == (size + 255) // 256
    newest = reading.newest_checkpoint()
    assert newest is not None
    assert newest.size == size  # who reads it is sealed later


def test_a_full_tile_is_for_good_also_to_who_has_it_already() -> None:
    happened(300)
    seal_all()
    program = auditor()
    tag = program.get("/log/tile/0/000").headers["ETag"]
    answer = program.get("/log/tile/0/000", {"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert "immutable" in answer.headers["Cache-Control"]


def test_anybody_with_a_token_has_hashes_and_no_entries() -> None:
    happened(3)
    seal_all()
    stranger = Caller(token_of(scenarios.stranger(), Scope.CHECK))
    limited = Caller(token_of(scenarios.auditor(), Scope.READ))
    for program in (stranger, limited):
        assert program.get("/log/checkpoint").status_code == 200
        assert len(content_of(program.get("/log/tile/0/000.p/2"))) == 64
        refusal(program.get("/log/tile/entries/000.p/2"), 404)
    assert not AuditEvent.objects.filter(action__startswith="record.").exists()
    assert Caller().get("/log/checkpoint").status_code == 401


@pytest.mark.parametrize(
    "place",
    [
        "tile/0/000",
        "tile/0/000.p/200",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/x000/000.p/1",
        "tile/0/0.p/1",
        "tile/0/999999.p/1",
        "tile/1/000.p/1",
        "tile/64/000.p/1",
        "tile/entries/001.p/1",
        "tile/entries/000",
    ],
)
def test_a_tile_that_is_not_covered_or_not_written_in_its_form_is_not_there(place: str) -> None:
    happened(3)
    seal_all()
    refusal(auditor().get(f"/log/{place}"), 404)


def test_before_anything_is_signed_there_is_no_checkpoint() -> None:
    refusal(auditor().get("/log/checkpoint"), 404)
    refusal(auditor().get("/log/tile/0/000.p/1"), 404)
