"""G1 and G3: what MLflow has been through by paths and sources, each replayed at our doors.

The first tables hold the requests as the reports describe them, by the id of the report (THREATS
section 3, rows 1 and 2). The last one sends every encoding of a path that leads elsewhere through
every door that takes a path or a name. All the while nothing outside the data folder is touched.
"""

import io
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpResponse

from apps.accounts.models import User
from apps.catalog.models import LoggedModel, ModelVersion, RegisteredModel, Run, TrackedFile
from tests import scenarios
from tests.api.caller import content_of, token_of
from tests.api.mlflow.homes import (
    ARTIFACTS,
    LIST_OF_RUN,
    Program,
    content_place,
    logged_model_of,
    place_of,
    run_of,
    said,
)
from tests.api.mlflow.watching import nothing_outside_is_touched
from tests.factories import team

pytestmark = pytest.mark.django_db

API = "/api/2.0/mlflow"
AJAX = "/ajax-api/2.0/mlflow"
REFUSED = frozenset({400, 401, 403, 404})
UP = "../" * 14
IS_PROMPT = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]


@dataclass(frozen=True)
class Step:
    """One request of an attack; ``{run}`` and the like stand for what there is to attack."""

    method: str
    path: str
    fields: Mapping[str, Any] | None = None
    body: bytes = b"evil"
    answers: frozenset[int] = REFUSED


@dataclass(frozen=True)
class World:
    """A developer's model, run and logged model, each with a file."""

    version: ModelVersion
    run: Run
    logged: LoggedModel
    program: Program

    def carry_out(self, step: Step) -> HttpResponse:
        path = self._filled(step.path)
        if step.fields is not None:
            fields = {key: self._filled(value) for key, value in step.fields.items()}
            return self.program.send_fields(step.method, path, fields)
        headers = {"Content-Length": str(len(step.body))} if step.method in {"PUT", "POST"} else {}
        return self.program.raw(step.method, path, step.body, headers=headers)

    def _filled(self, text: Any) -> Any:
        if not isinstance(text, str):
            return text
        known = {
            "{run}": self.run.uid,
            "{place}": place_of(self.run),
            "{logged}": place_of(self.logged),
            "{content}": content_place(self.version.content_digest),
        }
        for name, value in known.items():
            text = text.replace(name, value)
        return text


@pytest.fixture
def world() -> World:
    version = scenarios.registered_version(scenarios.registered_model("poc"))
    developer = scenarios.developer()
    program = Program(token_of(developer))
    run, logged = run_of(developer), logged_model_of(developer)
    for home in (run, logged):
        said(program.put(place_of(home, "model/file"), b"kept"))
    return World(version, run, logged, program)


# -- steps as attackers write them


def source(text: str, **more: Any) -> Step:
    return Step("POST", f"{API}/model-versions/create", {"name": "poc", "source": text, **more})


def location(text: str) -> Step:
    fields = {"name": "poc", "artifact_location": text}
    return Step("POST", f"{API}/experiments/create", fields)


def listed(path: str) -> Step:
    return Step("GET", f"{ARTIFACTS}?path={path}")


def got(path: str) -> Step:
    return Step("GET", f"{ARTIFACTS}/{path}")


def put(path: str) -> Step:
    return Step("PUT", f"{ARTIFACTS}/{path}")


def deleted(path: str) -> Step:
    return Step("DELETE", f"{ARTIFACTS}/{path}")


def file_of_version(path: str, version: int = 1) -> Step:
    return Step("GET", f"/model-versions/get-artifact?path={path}&name=poc&version={version}")


def file_of_run(path: str) -> Step:
    return Step("GET", f"/get-artifact?path={path}&run_uuid={{run}}")


def archive(member: str) -> bytes:
    """Return a tar file with a member that leads elsewhere when it is unpacked."""
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode="w:gz") as tar:
        entry = tarfile.TarInfo(member)
        entry.size = 4
        tar.addfile(entry, io.BytesIO(b"evil"))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc"
        tar.addfile(link)
    return kept.getvalue()


def kept_as_sent(path: str, body: bytes) -> tuple[Step, Step]:
    """Send an archive, which is a file like any other here: nobody unpacks it."""
    taken = frozenset({200})
    place = f"{ARTIFACTS}/{{place}}/{path}"
    return Step("PUT", place, body=body, answers=taken), Step("GET", place, answers=taken)


IN_ETC = Step(
    "POST",
    f"{AJAX}/model-versions/create",
    {"name": "poc", "run_id": "{run}", "source": "file:///etc/"},
)

READING: dict[str, tuple[Step, ...]] = {
    "CVE-2023-1176": (
        source("C:\\..\\..\\windows"),
        source("\\..\\..\\..\\etc"),
        listed("%5C..%5C..%5Cetc"),
        file_of_version("C:%5Cwindows%5Cwin.ini"),
    ),
    "CVE-2023-1177": (
        source("file:///"),
        source("file:///etc/"),
        source("file://%00/root/.ssh/"),
        file_of_version("etc/passwd"),
        file_of_version("id_rsa"),
    ),
    "CVE-2023-2356": (
        source("file://testserver/../../../../../../../"),
        source(f"http://testserver/{UP}"),
        source(f"mlflow-artifacts:/{UP}etc"),
        source(f"s3://bucket/{UP}etc"),
        file_of_version("etc/passwd"),
    ),
    "CVE-2023-2780": (source("file://./etc"), source("file:./etc"), file_of_version("passwd")),
    "CVE-2023-30172": (file_of_run(f"{UP}etc/passwd"), got(f"{{place}}/{UP}etc/passwd")),
    "CVE-2023-3765": (
        Step("GET", "/ajax-api/2.0/mlflow-artifacts/artifacts?path=C:/"),
        listed("C:/"),
        listed("C:/windows"),
        got("C:/windows/win.ini"),
        got("{place}/C:/windows/win.ini"),
    ),
    "CVE-2023-6753": (
        got("..%5C..%5C..%5C..%5Cwindows%5Cwin.ini"),
        put("{place}/..%5C..%5C..%5Cwindows%5Cevil"),
        listed("..%5C..%5C"),
    ),
    "CVE-2023-6909": (
        location(f"http:///?/{UP}etc/"),
        IN_ETC,
        source(f"http:///?/{UP}etc/"),
        file_of_version("passwd"),
    ),
    "CVE-2023-6977": (
        source("//proc/self/root"),
        source("file://proc/self/root"),
        got("//proc/self/root/etc/passwd"),
        file_of_version("etc/passwd"),
    ),
    "CVE-2024-1483": (
        location(f"file:///tmp/#/{UP}etc/"),
        source(f"file:///tmp/#/{UP}etc/"),
        source(f"http:///#/{UP}etc/"),
        IN_ETC,
    ),
    "CVE-2024-1558": (
        source("mlflow-artifacts:/0/{run}/artifacts/%2e%2e/%2e%2e/etc"),
        source("mlflow-artifacts:/0/{run}/artifacts/../../../etc"),
        source("https://host/model?path=../../etc/passwd"),
        source("file:///%2e%2e/etc"),
    ),
    "CVE-2024-1593": (
        location(f"http:///;/{UP}etc/"),
        source(f"http:///;/{UP}etc/"),
        source("https://host/model/..;/..;/etc"),
        got("{place}/..;/..;/etc/passwd"),
        got("{place}/model;/../../etc/passwd"),
        put("{place}/..;/evil"),
    ),
    "CVE-2024-1594": (location(f"http:///#/{UP}etc/"), IN_ETC, file_of_version("passwd")),
    "CVE-2024-2928": (
        location(f"http:///#/{UP}etc/"),
        Step("POST", f"{AJAX}/experiments/create", {"name": "p", "artifact_location": "http:///#"}),
        IN_ETC,
        file_of_version("passwd"),
    ),
    "CVE-2024-3573": (
        source("/etc"),
        source("etc"),
        source("file:etc"),
        source("FILE:///etc"),
        source("file:/etc"),
        location("/etc"),
        location("file:/etc"),
    ),
    "CVE-2024-3848": (
        location(f"http://host#/{UP}etc/"),
        Step("POST", f"{AJAX}/upload-artifact?run_uuid={{run}}&path=a?/a"),
        source(f"http://host#/{UP}etc/"),
        IN_ETC,
        file_of_version("passwd"),
    ),
    "CVE-2024-8859": (
        source(f"dbfs:/?/{UP}etc"),
        source(f"dbfs:/{UP}etc"),
        location(f"dbfs:/{UP}etc"),
        file_of_version("passwd"),
    ),
    "CVE-2025-11201": (
        source(f"{UP}tmp/evil"),
        source("mlflow-artifacts:/0/{run}/artifacts/model/../../../../tmp/evil"),
        Step("POST", f"{API}/registered-models/create", {"name": f"{UP}tmp/evil"}),
        Step("POST", f"{API}/registered-models/rename", {"name": "poc", "new_name": f"{UP}tmp"}),
    ),
    "CVE-2025-15036": kept_as_sent("env.tar.gz", archive(f"{UP}tmp/evil")),
    "CVE-2026-2033": (
        got(f"{{place}}/{UP}etc/passwd"),
        got(f"{{logged}}/{UP}etc/passwd"),
        got(f"{{content}}/{UP}etc/passwd"),
        listed(f"{{place}}/{UP}etc"),
        listed(f"{{content}}/{UP}etc"),
        Step("GET", f"{LIST_OF_RUN}?run_id={{run}}&path={UP}etc"),
    ),
    "CVE-2026-2614": (
        source("file:///etc/", tags=IS_PROMPT),
        source("/etc/passwd", tags=IS_PROMPT),
        source(f"{UP}etc", tags=[*IS_PROMPT, {"key": "mlflow.prompt.text", "value": "x"}]),
        Step(
            "POST",
            f"{API}/model-versions/create",
            {"name": "{content}", "source": "/etc", "tags": IS_PROMPT},
        ),
        file_of_version("passwd"),
    ),
}

TAKEN_UNREAD = frozenset({200})
"""A source elsewhere, or the description of a dataset, is kept as a text that nobody follows."""

WRITING: dict[str, tuple[Step, ...]] = {
    "CVE-2023-6015": (
        put(f"{UP}tmp/evil"),
        put("..%2F..%2F..%2Ftmp%2Fevil"),
        put(f"{{place}}/{UP}tmp/evil"),
    ),
    "CVE-2023-6018": (
        Step(
            "POST",
            f"{API}/model-versions/create",
            {"name": "poc", "source": "http://evil.invalid/api/2.0/mlflow-artifacts/artifacts/"},
            answers=TAKEN_UNREAD,
        ),
        Step(
            "POST",
            f"{API}/model-versions/create",
            {"name": "poc", "source": "models:/poc/2"},
            answers=TAKEN_UNREAD,
        ),
        file_of_version("random", 3),
        Step("PUT", f"{ARTIFACTS}/evil.txt"),
    ),
    "CVE-2023-6831": (
        put("evil"),
        deleted(f"{'%252E%252E%252F' * 6}etc%252fpasswd"),
        deleted(f"{{place}}/{'%252E%252E%252F' * 6}etc%252fpasswd"),
    ),
    "CVE-2023-6975": (
        put("..%5C..%5C..%5Cwindows%5Cevil"),
        put("{place}/..%5C..%5Cevil"),
        put("{place}/%5C..%5Cevil"),
    ),
    "CVE-2023-6976": (
        put("C:%5Cwindows%5Cevil"),
        put("%2Fetc%2Fcron.d%2Fevil"),
        put("{place}/%2Fetc%2Fcron.d%2Fevil"),
        put("{place}/C:/evil"),
    ),
    "CVE-2024-0520": (
        Step(
            "POST",
            f"{API}/runs/log-inputs",
            {
                "run_id": "{run}",
                "datasets": [
                    {
                        "dataset": {
                            "name": f"{UP}tmp/evil",
                            "digest": "1",
                            "source_type": "http",
                            "source": '{"url": "http://evil.invalid/"}',
                        }
                    }
                ],
            },
            answers=TAKEN_UNREAD,
        ),
        put("{place}/..%2F..%2Ftmp%2Fevil"),
    ),
    "CVE-2024-1560": (
        deleted("%2525%2532%2565%2525%2532%2565%2525%2532%2566etc"),
        deleted("{place}/%25252e%25252e%25252fetc"),
        deleted("{place}/%252e%252e%252f%252e%252e%252fetc"),
        deleted("{place}/%2e%2e/%2e%2e"),
    ),
    "CVE-2025-15031": kept_as_sent("model.tar.gz", archive("/tmp/evil")),
}


@pytest.mark.parametrize("report", [*READING, *WRITING])
def test_g1_what_mlflow_has_been_through_leads_nowhere_here(world: World, report: str) -> None:
    for step in (READING | WRITING)[report]:
        with nothing_outside_is_touched():
            answer = world.carry_out(step)
            content = content_of(answer)
        assert answer.status_code in step.answers, f"{step} {answer.status_code} {content!r}"
        assert b"root:" not in content
    assert_nothing_changed(world)


def test_g1_cve_2024_4263_who_may_see_a_run_does_not_delete_its_files(world: World) -> None:
    team("research", scenarios.developer(), scenarios.owner())
    for user in (scenarios.owner(), scenarios.auditor(), scenarios.operator()):
        other = Program(token_of(user))
        for path in ("", "model", "model/file"):
            answer = other.delete(place_of(world.run, path))
            assert answer.status_code in {403, 404}
            assert (
                other.delete(content_place(world.version.content_digest, path)).status_code == 403
            )
    assert_nothing_changed(world)


def test_the_doors_of_these_tests_are_open_to_what_is_legal(world: World) -> None:
    """Else every refusal above could be that of a door that is not there."""
    legal = {
        "registered-models/create": {"name": "legal"},
        "model-versions/create": {"name": "poc", "source": "s3://bucket/model"},
        "registered-models/alias": {"name": "poc", "alias": "legal", "version": "1"},
        "registered-models/set-tag": {"name": "poc", "key": "legal", "value": "1"},
        "experiments/create": {"name": "legal"},
        "registered-models/rename": {"name": "poc", "new_name": "other"},
    }
    for path, fields in legal.items():
        said(world.program.post(f"{API}/{path}", fields))
    said(world.program.raw("GET", f"{API}/model-versions/get-download-uri?name=other&version=1"))


# -- every encoding at every door


ENCODINGS = {
    "plain": f"{UP}etc/passwd",
    "absolute": "/etc/passwd",
    "twice a slash": "//etc//passwd",
    "proc": "//proc/self/root/etc/passwd",
    "once": "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "dots alone": "%2e%2e/%2e%2e/etc/passwd",
    "slashes alone": "..%2f..%2fetc%2fpasswd",
    "capitals": "%2E%2E%2Fetc%2Fpasswd",
    "twice": "%252e%252e%252fetc%252fpasswd",
    "thrice": "%25252e%25252e%25252fetc",
    "mixed": "%2e%252e%2fetc",
    "backslash": "..%5c..%5cetc%5cpasswd",
    "semicolon": "..;/..;/etc/passwd",
    "encoded semicolon": "..%3b/..%3b/etc/passwd",
    "fragment": "a%23/../../etc/passwd",
    "dots and fragment": "..%23/etc/passwd",
    "query": "a%3f/../../etc/passwd",
    "overlong": "%c0%ae%c0%ae%c0%afetc%c0%afpasswd",
    "overlong of three": "%e0%80%ae%e0%80%ae/etc",
    "NUL": "model/file%00.txt",
    "encoded NUL": "model/file%2500.txt",
    "full width": quote("．．／etc"),  # noqa: RUF001
    "two dots in one": quote("‥/etc"),
    "division slash": quote("..\uff0fetc"),
    "drive": "C:/windows/win.ini",
    "share": "%5c%5chost%5cshare",
    "scheme": "file:///etc/passwd",
    "doubled dots": "....//....//etc/passwd",
    "line": "a%0d%0ab/../etc",
    "right to left": quote("a\u202e/../etc"),
    "half a character": "%ed%a0%80/../etc",
}

Door = Callable[[World, str], HttpResponse]


def at(method: str, before: str) -> Door:
    """Return the door that takes a path as the end of an address."""
    return lambda world, sent: world.carry_out(Step(method, f"{before}{sent}"))


def in_field(method: str, path: str, field: str, **more: Any) -> Door:
    """Return the door that takes a name or a path as a field of JSON, where nothing is decoded."""
    return lambda world, sent: world.carry_out(Step(method, f"{API}/{path}", {field: sent, **more}))


def into_upload(world: World, sent: str) -> HttpResponse:
    upload = said(world.program.raw("POST", "/api/v1/uploads", media_type="application/json"), 201)
    return world.carry_out(Step("PUT", f"/api/v1/uploads/{upload['id']}/files/{sent}"))


DOORS: dict[str, Door] = {
    **{
        f"{method} {root or 'root'}": at(method, f"{ARTIFACTS}/{root}")
        for method in ("GET", "PUT", "DELETE")
        for root in ("", "{place}/", "{logged}/", "{content}/")
    },
    "list": at("GET", f"{ARTIFACTS}?path="),
    "list of a run": at("GET", f"{ARTIFACTS}?path={{place}}/"),
    "list of a logged model": at("GET", f"{ARTIFACTS}?path={{logged}}/"),
    "list of a version": at("GET", f"{ARTIFACTS}?path={{content}}/"),
    "list by run": at("GET", f"{LIST_OF_RUN}?run_id={{run}}&path="),
    "run to list": at("GET", f"{LIST_OF_RUN}?run_id="),
    "source": in_field("POST", "model-versions/create", "source", name="poc"),
    "source of a run": lambda world, sent: world.carry_out(
        source(f"mlflow-artifacts:/{{place}}/{sent}", run_id="{run}")
    ),
    "source runs:": lambda world, sent: world.carry_out(
        source(f"runs:/{{run}}/{sent}", run_id="{run}")
    ),
    "source models:": lambda world, sent: world.carry_out(source(f"models:/{sent}")),
    "model to register": in_field("POST", "registered-models/create", "name"),
    "new name": in_field("POST", "registered-models/rename", "new_name", name="poc"),
    "download address": at("GET", f"{API}/model-versions/get-download-uri?version=1&name="),
    "version of a download": at("GET", f"{API}/model-versions/get-download-uri?name=poc&version="),
    "alias": in_field("POST", "registered-models/alias", "alias", name="poc", version="1"),
    "model of an alias": in_field(
        "POST", "registered-models/alias", "name", alias="a", version="1"
    ),
    "tag": in_field("POST", "registered-models/set-tag", "key", name="poc", value="1"),
    "tag of a version": in_field(
        "POST", "model-versions/set-tag", "key", name="poc", version="1", value="1"
    ),
    "upload": into_upload,
    "file of a version": at("GET", "/api/v1/models/poc/versions/1/files/"),
    "model of a file": at("GET", "/api/v1/models/"),
}
HARMLESS = {("tag", "drive"), ("tag of a version", "drive")}
"""A key of a tag may hold a colon, and is no path."""


@pytest.mark.parametrize("door", DOORS)
def test_g1_g3_no_encoding_of_a_path_that_leads_elsewhere_passes_a_door(
    world: World, door: str
) -> None:
    for name, sent in ENCODINGS.items():
        if (door, name) in HARMLESS:
            continue
        with nothing_outside_is_touched():
            answer = DOORS[door](world, sent)
            content = content_of(answer)
        assert answer.status_code in REFUSED, f"{name}: {answer.status_code} {content!r}"
        assert b"root:" not in content
    assert_nothing_changed(world)


def test_the_watch_notices_what_is_opened_outside(tmp_path: Any) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"1")

    with pytest.raises(AssertionError), nothing_outside_is_touched():
        outside.read_bytes()
    with pytest.raises(AssertionError), nothing_outside_is_touched():
        list(tmp_path.iterdir())


def assert_nothing_changed(world: World) -> None:
    """Hold the world to what it was, but for archives that were sent to be kept."""
    assert content_of(world.program.get(place_of(world.run, "model/file"))) == b"kept"
    sent = TrackedFile.objects.exclude(path__endswith=".tar.gz").order_by("pk")
    assert list(sent.values_list("path", flat=True)) == ["model/file"] * 2
    assert list(RegisteredModel.objects.values_list("name", flat=True)) == ["poc"]
    assert world.version.files.count() == len(scenarios.MODEL_FILES)
    assert User.objects.exists()
