"""Files leave by page and API alike: recorded, as bytes to be kept, and by clean paths."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.http import HttpResponse
from django.test import Client

from apps.audit.models import AuditEvent
from apps.catalog.models import ModelVersion, UploadFile
from apps.catalog.sending import PIECE, DamagedArtifact
from apps.catalog.store.contract import key_of
from tests import scenarios
from tests.api.caller import Caller, content_of, refusal, said, token_of
from tests.catalog.labels import ODD, TRAVERSALS
from tests.factories import person, signed_in

pytestmark = pytest.mark.django_db

Take = Callable[..., HttpResponse]
CONTENT = bytes(range(256)) * 40
FILES = {"data.bin": CONTENT, "empty": b"", "README.md": b"# Card\n"}


@pytest.fixture
def version() -> ModelVersion:
    return scenarios.registered_version(scenarios.registered_model("tumor-triage"), FILES)


@pytest.fixture(params=["page", "api"])
def take(request: pytest.FixtureRequest) -> Take:
    """What takes a file by one of the doors: by its quoted path, with headers."""
    user = scenarios.developer()
    root = "/models/tumor-triage/versions"
    if request.param == "api":
        caller = Caller(token_of(user))
        return lambda path, headers=None, number=1: caller.get(
            f"{root}/{number}/files/{path}", headers or {}
        )
    browser = signed_in(Client(raise_request_exception=False), user)
    return lambda path, headers=None, number=1: browser.get(  # type: ignore[return-value]
        f"{root}/{number}/files/{path}", headers=headers
    )


def test_a_file_leaves_as_bytes_to_be_kept(version: ModelVersion, take: Take) -> None:
    answer = take("data.bin")

    assert content_of(answer) == CONTENT
    assert {name: answer.headers[name] for name in EXPECTED} == EXPECTED


EXPECTED: Mapping[str, str] = {
    "Content-Type": "application/octet-stream",
    "Content-Disposition": 'attachment; filename="data.bin"',
    "Content-Length": str(len(CONTENT)),
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Accept-Ranges": "bytes",
    "ETag": f'"{hashlib.sha256(CONTENT).hexdigest()}"',
}


def test_the_record_says_who_took_which_bytes(version: ModelVersion, take: Take) -> None:
    content_of(take("data.bin"))

    [event] = AuditEvent.objects.filter(action="version.download")
    entry = json.loads(bytes(event.entry))
    assert entry["actor"]["id"] == scenarios.developer().record_id
    assert entry["detail"]["path"] == "data.bin"
    assert entry["detail"]["sha256"] == hashlib.sha256(CONTENT).hexdigest()


def test_an_empty_file_leaves_too(version: ModelVersion, take: Take) -> None:
    answer = take("empty")

    assert (content_of(answer), answer.headers["Content-Length"]) == (b"", "0")


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=10239-", 10239, 10239),
        ("bytes=100-", 100, 10239),
        ("bytes=-5", 10235, 10239),
        ("bytes=10000-999999", 10000, 10239),
    ],
)
def test_a_range_is_sent_alone(
    version: ModelVersion, take: Take, asked: str, first: int, last: int
) -> None:
    answer = take("data.bin", {"Range": asked})

    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/10240"
    assert answer.headers["Content-Length"] == str(last - first + 1)
    assert content_of(answer) == CONTENT[first : last + 1]


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-", "bytes=-99999", "bytes=5-2", "bytes=-", "bytes=1-2,4-5", "bytes=a-b", "items=1-2",
     "bytes=²-", f"bytes={'9' * 19}-", "bytes = 1-2", ""],
)  # fmt: skip
def test_a_range_that_is_all_or_not_well_formed_gives_the_whole_file(
    version: ModelVersion, take: Take, asked: str
) -> None:
    answer = take("data.bin", {"Range": asked})

    assert (answer.status_code, content_of(answer)) == (200, CONTENT)


@pytest.mark.parametrize(
    ("path", "asked"),
    [("data.bin", "bytes=10240-"), ("data.bin", "bytes=-0"), ("empty", "bytes=0-"),
     ("empty", "bytes=-1")],
)  # fmt: skip
def test_a_range_beyond_the_end_is_refused(
    version: ModelVersion, take: Take, path: str, asked: str
) -> None:
    answer = take(path, {"Range": asked})

    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(FILES[path])}"


def test_a_range_goes_on_only_with_the_file_it_began_with(
    version: ModelVersion, take: Take
) -> None:
    same = {"Range": "bytes=1-2", "If-Range": EXPECTED["ETag"]}
    other = {"Range": "bytes=1-2", "If-Range": '"another"'}

    assert content_of(take("data.bin", same)) == CONTENT[1:3]
    assert content_of(take("data.bin", other)) == CONTENT


def put_in_place_of(content: bytes, other: bytes | None) -> None:
    """Let the store hold other bytes under the digest of some, or none, as a failing disk would."""
    place = key_of(hashlib.sha256(content).hexdigest())
    storages["artifacts"].delete(place)
    if other is not None:
        storages["artifacts"].save(place, ContentFile(other))


@pytest.fixture
def large(version: ModelVersion) -> Iterator[bytes]:
    """The content of a file of several pieces, in version 2."""
    content = b"".join(bytes([number]) * PIECE for number in (1, 2, 3))
    scenarios.registered_version(version.model, {"large.bin": content})
    yield content
    put_in_place_of(content, None)


@pytest.mark.parametrize("damage", [b"x", None], ids=["a bit flipped", "the end cut off"])
def test_the_end_of_a_damaged_file_is_withheld(
    large: bytes, take: Take, damage: bytes | None
) -> None:
    put_in_place_of(large, large[:-1] + damage if damage else large[:-PIECE])
    answer = take("large.bin", number=2)
    sent = b""

    with pytest.raises(DamagedArtifact):
        for piece in answer:
            sent += piece

    answer.close()
    assert len(sent) < len(large)


def test_a_range_of_a_file_cut_off_in_the_store_breaks_off(large: bytes, take: Take) -> None:
    put_in_place_of(large, large[:PIECE])
    answer = take("large.bin", {"Range": f"bytes={PIECE - 1}-{PIECE + 1}"}, 2)

    with pytest.raises(DamagedArtifact):
        content_of(answer)


def test_bytes_the_store_has_lost_are_not_there(version: ModelVersion, take: Take) -> None:
    put_in_place_of(CONTENT, None)

    assert take("data.bin").status_code == 404


# -- who takes -------------------------------------------------------------------------------------


def test_who_does_not_see_the_model_is_told_nothing(version: ModelVersion) -> None:
    caller = Caller(token_of(scenarios.stranger()))
    files = "/models/{}/versions/1/files/data.bin"

    hidden = caller.get(files.format("tumor-triage"))
    absent = caller.get(files.format("no-such-model"))

    assert refusal(hidden, 404) == refusal(absent, 404)
    assert not AuditEvent.objects.filter(action="version.download").exists()


def test_a_page_shows_strangers_no_file(client: Client, version: ModelVersion) -> None:
    signed_in(client, person("otto"))

    answer = client.get("/models/tumor-triage/versions/1/files/data.bin")

    assert answer.status_code == 404


# -- paths -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TRAVERSALS, ids=ascii)
def test_a_path_that_could_lead_elsewhere_is_refused_going_out(
    version: ModelVersion, take: Take, path: str
) -> None:
    answer = take(quote(path, safe=""))

    content_of(answer)
    assert answer.status_code in {400, 404}
    assert not AuditEvent.objects.filter(action="version.download").exists()


@pytest.mark.parametrize("path", TRAVERSALS, ids=ascii)
def test_a_path_that_could_lead_elsewhere_is_refused_coming_in(path: str) -> None:
    caller = Caller(token_of(scenarios.developer()))
    upload = scenarios.uploaded({})

    answer = caller.put(f"/uploads/{upload.pk}/files/{quote(path, safe='')}", b"1")

    removed = caller.send("DELETE", f"/uploads/{upload.pk}/files/{quote(path, safe='')}")
    assert {answer.status_code, removed.status_code} <= {400, 404}
    assert not UploadFile.objects.exists()


@pytest.mark.parametrize("path", ODD, ids=ascii)
def test_an_odd_path_that_is_clean_goes_in_and_comes_out(path: str, client: Client) -> None:
    user = scenarios.developer()
    caller = Caller(token_of(user))
    model = scenarios.registered_model("tumor-triage")
    upload = said(caller.post("/uploads"), 201)["id"]
    said(caller.put(f"/uploads/{upload}/files/{quote(path)}", b"bytes"))
    version = said(caller.post(f"/models/{model.name}/versions", {"upload": upload}), 201)

    place = f"/models/{model.name}/versions/1/files/{quote(path)}"
    by_api = caller.get(place)
    by_page = signed_in(client, user).get(place)

    assert version["files"][0]["path"] == path
    assert content_of(by_api) == b"bytes"
    assert by_page.getvalue() == b"bytes"
    assert "\r" not in by_api.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("path", "disposition"),
    [
        ("a/b.txt", 'attachment; filename="b.txt"'),
        ("q\"uo'te;x=y.txt", 'attachment; filename="q\\"uo\'te;x=y.txt"'),
        ("é.txt", "attachment; filename*=utf-8''%C3%A9.txt"),
        ("page.html", 'attachment; filename="page.html"'),
        ("image.svg", 'attachment; filename="image.svg"'),
    ],
)
def test_the_name_of_a_file_stays_a_name(path: str, disposition: str, take: Take) -> None:
    active = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
    scenarios.registered_version(scenarios.registered_model("tumor-triage"), {path: active})

    answer = take(quote(path))

    assert content_of(answer) == active
    assert answer.headers["Content-Disposition"] == disposition
    assert answer.headers["Content-Type"] == "application/octet-stream"
