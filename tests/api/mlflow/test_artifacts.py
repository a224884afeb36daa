"""Files of runs and logged models come in, are listed and go out as MLflow clients expect."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

from apps.accounts.scopes import Scope
from apps.catalog import ingest, store
from apps.catalog.models import LoggedModel, Run, TrackedFile
from tests import scenarios
from tests.api.caller import content_of, token_of
from tests.api.mlflow.homes import (
    ARTIFACTS,
    LIST_OF_RUN,
    Program,
    keep_in,
    logged_model_of,
    place_of,
    refused,
    run_of,
    said,
)
from tests.catalog.labels import ODD, TRAVERSALS
from tests.factories import signed_in, team

pytestmark = pytest.mark.django_db

BYTES = b"the weights of a model"


@pytest.fixture
def program() -> Program:
    """The developer's program, with a token of every scope."""
    return Program(token_of(scenarios.developer()))


@pytest.fixture
def run(program: Program) -> Run:
    return run_of(scenarios.developer())


@pytest.fixture(params=["run", "logged model"])
def home(request: pytest.FixtureRequest, program: Program) -> Run | LoggedModel:
    make = run_of if request.param == "run" else logged_model_of
    return make(scenarios.developer())


# -- in, listed, out


def test_a_file_is_sent_listed_and_read_back(program: Program, home: Run | LoggedModel) -> None:
    assert said(program.put(place_of(home, "model/weights.bin"), BYTES)) == {}

    assert program.listed(place_of(home)) == {"files": [{"path": "model", "is_dir": True}]}
    assert program.listed(place_of(home, "model")) == {
        "files": [{"path": "weights.bin", "is_dir": False, "file_size": len(BYTES)}]
    }
    answer = program.get(place_of(home, "model/weights.bin"))
    assert content_of(answer) == BYTES
    assert answer.headers["Content-Length"] == str(len(BYTES))


def test_a_list_names_files_and_folders_once_in_order(program: Program, run: Run) -> None:
    for path in ("z", "data/b", "data/a", "data/deep/c", "data.csv", "Data/other"):
        said(program.put(place_of(run, path), BYTES))

    names = [file["path"] for file in program.listed(place_of(run))["files"]]
    assert names == ["Data", "data", "data.csv", "z"]
    names = [file["path"] for file in program.listed(place_of(run, "data"))["files"]]
    assert names == ["a", "b", "deep"]


def test_what_is_not_there_lists_nothing(program: Program, run: Run) -> None:
    said(program.put(place_of(run, "a"), BYTES))

    for place in ("", "0", "0/models", place_of(run, "absent"), place_of(run, "a"), "content"):
        assert program.listed(place) == {}
    assert said(program.raw("GET", ARTIFACTS)) == {}


def test_a_run_is_listed_by_its_id_with_paths_from_its_root(program: Program, run: Run) -> None:
    said(program.put(place_of(run, "model/a b"), BYTES))

    for name in ("run_id", "run_uuid"):
        answer = said(program.raw("GET", f"{LIST_OF_RUN}?{name}={run.uid}&path=model"))
        assert answer == {
            "root_uri": f"mlflow-artifacts:/0/{run.uid}/artifacts",
            "files": [{"path": "model/a b", "is_dir": False, "file_size": len(BYTES)}],
        }
    top = said(program.raw("GET", f"{LIST_OF_RUN}?run_id={run.uid}"))
    assert top["files"] == [{"path": "model", "is_dir": True}]
    assert "files" not in said(program.raw("GET", f"{LIST_OF_RUN}?run_id={run.uid}&path=other"))


def test_a_list_of_a_run_says_what_it_lacks(program: Program, run: Run) -> None:
    address = f"{LIST_OF_RUN}?run_id={run.uid}"

    words = refused(program.raw("GET", LIST_OF_RUN), 400, "INVALID_PARAMETER_VALUE")
    assert words == "Missing value for required parameter 'run_id'."
    absent = program.raw("GET", f"{LIST_OF_RUN}?run_id={uuid4().hex}")
    refused(absent, 404, "RESOURCE_DOES_NOT_EXIST")
    refused(program.raw("GET", f"{address}&page_token=x"), 400, "INVALID_PARAMETER_VALUE")
    refused(program.raw("GET", f"{address}&path=.."), 400, "BAD_REQUEST")


@pytest.mark.parametrize("path", ODD)
def test_g2_odd_names_come_back_as_they_went_in(program: Program, run: Run, path: str) -> None:
    said(program.put(place_of(run, path), BYTES))

    folder, _, name = path.rpartition("/")
    [file] = program.listed(place_of(run, folder))["files"]
    assert file == {"path": name, "is_dir": False, "file_size": len(BYTES)}
    assert content_of(program.get(place_of(run, path))) == BYTES
    assert said(program.delete(place_of(run, path))) == {}
    assert program.listed(place_of(run)) == {}


def test_a_file_of_thousands_is_found_among_few_queries(
    program: Program, run: Run, django_assert_max_num_queries: object
) -> None:
    for number in range(20):
        said(program.put(place_of(run, f"{number:02}/a"), BYTES))

    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert len(program.listed(place_of(run))["files"]) == 20


# -- written again, deleted


def test_a_file_written_again_replaces_the_first(program: Program, home: Run | LoggedModel) -> None:
    said(program.put(place_of(home, "a"), BYTES))
    said(program.put(place_of(home, "a"), b"other"))

    assert content_of(program.get(place_of(home, "a"))) == b"other"
    assert program.listed(place_of(home))["files"] == [
        {"path": "a", "is_dir": False, "file_size": 5}
    ]


def test_files_and_folders_keep_apart(program: Program, run: Run) -> None:
    said(program.put(place_of(run, "a"), BYTES))

    assert "also a file" in refused(program.put(place_of(run, "a/b"), b"1"), 400, "BAD_REQUEST")
    assert "at most in case" in refused(program.put(place_of(run, "A"), b"1"), 400, "BAD_REQUEST")
    said(program.put(place_of(run, "folder/b"), BYTES))
    assert "also a file" in refused(program.put(place_of(run, "folder"), b"1"), 400, "BAD_REQUEST")


def test_a_folder_is_deleted_with_what_it_holds_and_nothing_else(
    program: Program, home: Run | LoggedModel
) -> None:
    for path in ("a/b", "a/c/d", "ab", "A2/x"):
        said(program.put(place_of(home, path), BYTES))

    said(program.delete(place_of(home, "a")))

    names = [file["path"] for file in program.listed(place_of(home))["files"]]
    assert names == ["A2", "ab"]
    refused(program.delete(place_of(home, "a")), 404, "RESOURCE_DOES_NOT_EXIST")
    said(program.raw("DELETE", f"{ARTIFACTS}/{place_of(home)}/"))  # as a client clears a run
    assert program.listed(place_of(home)) == {}
    said(program.delete(place_of(home)))


def test_a_deleted_run_takes_no_more_files(program: Program, run: Run) -> None:
    said(program.put(place_of(run, "a"), BYTES))
    Run.objects.update(deleted_at=timezone.now())

    assert "Restore it" in refused(program.put(place_of(run, "b"), b"1"), 400, "BAD_REQUEST")
    assert content_of(program.get(place_of(run, "a"))) == BYTES
    said(program.delete(place_of(run, "a")))


# -- whole, or not at all


def incoming() -> list[Path]:
    folder = Path(settings.DATA) / "artifacts" / "incoming"
    return list(folder.iterdir()) if folder.exists() else []


def test_an_empty_file_may_come_in_chunks(program: Program, run: Run) -> None:
    said(program.put_in_chunks(place_of(run, "__init__.py"), b""))

    assert content_of(program.get(place_of(run, "__init__.py"))) == b""


def test_another_file_in_chunks_is_refused_since_a_cut_would_not_show(
    program: Program, run: Run
) -> None:
    answer = program.put_in_chunks(place_of(run, "a"), BYTES)

    assert "Content-Length" in refused(answer, 400, "INVALID_PARAMETER_VALUE")
    assert program.listed(place_of(run)) == {}


def test_chunks_need_a_server_that_finds_their_end(program: Program, run: Run) -> None:
    answer = program.put_in_chunks(place_of(run, "a"), BYTES, is_terminated=False)

    assert "Content-Length" in refused(answer, 400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    ("length", "words"),
    [("30", "was cut off"), ("-1", "no number"), ("²", "no number"), ("9" * 30, "no number")],
)
def test_g7_a_file_of_another_length_than_announced_is_not_seen(
    program: Program, run: Run, length: str, words: str
) -> None:
    answer = program.put(place_of(run, "a"), BYTES, {"Content-Length": length})

    assert words in refused(answer, 400, "INVALID_PARAMETER_VALUE")
    assert program.listed(place_of(run)) == {}
    assert not TrackedFile.objects.exists()
    assert incoming() == []


def test_g6_a_connection_cut_anywhere_leaves_what_was_there(program: Program, run: Run) -> None:
    class Cut(BytesIO):
        """A connection that breaks after so many bytes."""

        def __init__(self, sent: bytes) -> None:
            super().__init__(sent)

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(4)
            if not data:
                raise OSError("connection reset")
            return data

    said(program.put(place_of(run, "a"), b"first"))
    for count in range(len(BYTES)):
        answer = program.put_from(
            place_of(run, "a"), Cut(BYTES[:count]), {"Content-Length": str(len(BYTES))}
        )
        assert "broke off" in refused(answer, 400, "BAD_REQUEST")

    assert content_of(program.get(place_of(run, "a"))) == b"first"
    assert incoming() == []


def test_what_broke_off_for_good_is_cleared(
    program: Program, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_in(tmp_path, monkeypatch)
    said(program.put(place_of(run, "a"), BYTES))
    left = tmp_path / "incoming" / "left"
    left.write_bytes(b"half")

    ingest.clear_abandoned_uploads(timezone.now() + 2 * settings.UPLOAD_HOLDS)

    assert not left.exists()
    assert content_of(program.get(place_of(run, "a"))) == BYTES


def test_limits_are_those_of_versions(program: Program, run: Run) -> None:
    with override_settings(MOST_FILE_BYTES=10):
        answer = program.put(place_of(run, "a"), BYTES)
        assert "larger than" in refused(answer, 400, "INVALID_PARAMETER_VALUE")
    with override_settings(MOST_FILES=1):
        said(program.put(place_of(run, "a"), BYTES))
        said(program.put(place_of(run, "a"), b"again"))
        assert "at most 1 files" in refused(
            program.put(place_of(run, "b"), b""), 400, "BAD_REQUEST"
        )
    with override_settings(MOST_VERSION_BYTES=10):
        answer = program.put(place_of(run, "b"), b"123456")
        assert "larger than" in refused(answer, 400, "INVALID_PARAMETER_VALUE")
    assert [file["path"] for file in program.listed(place_of(run))["files"]] == ["a"]


@pytest.mark.parametrize("path", [path for path in TRAVERSALS if not path.endswith("/")])
def test_g1_a_path_that_is_no_label_is_refused_at_each_method(
    program: Program, run: Run, path: str
) -> None:
    place = place_of(run, path)
    for answer in (program.put(place, BYTES), program.get(place), program.delete(place)):
        assert answer.status_code in {400, 404}, answer.content
    assert program.raw("GET", f"{LIST_OF_RUN}?run_id={run.uid}&path=..%2f").status_code == 400
    assert not TrackedFile.objects.exists()


# -- out: bytes to be kept, which no browser opens as a page


def test_g10_a_file_leaves_as_a_file(program: Program, run: Run) -> None:
    said(program.put(place_of(run, 'a/pa"ge.html'), b"<script>alert(1)</script>"))

    answer = program.get(place_of(run, 'a/pa"ge.html'))

    assert content_of(answer)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="pa\\"ge.html"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_g10_no_session_opens_a_file(program: Program, run: Run) -> None:
    said(program.put(place_of(run, "page.html"), b"<script>alert(1)</script>"))
    browser = signed_in(Client(), scenarios.developer())

    for address in (
        f"{ARTIFACTS}/{place_of(run, 'page.html')}",
        f"{ARTIFACTS}?path={place_of(run)}",
        f"{LIST_OF_RUN}?run_id={run.uid}",
    ):
        answer = browser.get(address)
        assert answer.status_code == 401
        assert b"page.html" not in answer.content
    for method in ("put", "delete"):
        assert getattr(browser, method)(f"{ARTIFACTS}/{place_of(run, 'x')}").status_code == 401
    assert TrackedFile.objects.count() == 1


def test_a_range_of_a_file_is_sent(program: Program, run: Run) -> None:
    said(program.put(place_of(run, "a"), BYTES))

    part = program.get(place_of(run, "a"), {"Range": "bytes=4-10"})
    assert part.status_code == 206
    assert content_of(part) == BYTES[4:11]
    assert part.headers["Content-Range"] == f"bytes 4-10/{len(BYTES)}"
    beyond = program.get(place_of(run, "a"), {"Range": "bytes=999-"})
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == f"bytes */{len(BYTES)}"


def test_bytes_the_store_lost_are_said_to_be_lost(
    program: Program, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(program.put(place_of(run, "a"), BYTES))

    def gone(sha256: str) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(store, "open", gone)

    answer = program.get(place_of(run, "a"))
    assert "Tell the operator" in refused(answer, 404, "RESOURCE_DOES_NOT_EXIST")


@pytest.mark.parametrize("step", ["create", "complete", "abort"])
def test_files_come_in_one_piece(program: Program, run: Run, step: str) -> None:
    for path in (f"/{place_of(run, 'a')}", ""):
        address = f"/api/2.0/mlflow-artifacts/mpu/{step}{path}"
        words = refused(program.post(address, {"path": "a"}), 501, "NOT_IMPLEMENTED")
        assert words.startswith("Multipart upload is not supported")
    presigned = f"/api/2.0/mlflow-artifacts/presigned/{place_of(run, 'a')}"
    refused(program.raw("GET", presigned), 501, "NOT_IMPLEMENTED")


# -- who


def test_a_mate_reads_and_does_not_write(program: Program, home: Run | LoggedModel) -> None:
    said(program.put(place_of(home, "a"), BYTES))
    team("research", scenarios.developer(), scenarios.owner())
    mate = Program(token_of(scenarios.owner()))

    assert content_of(mate.get(place_of(home, "a"))) == BYTES
    for answer in (mate.put(place_of(home, "b"), b"1"), mate.delete(place_of(home, "a"))):
        refused(answer, 403, "PERMISSION_DENIED")
    assert TrackedFile.objects.count() == 1


def test_an_invisible_home_answers_like_an_absent_one(
    program: Program, home: Run | LoggedModel
) -> None:
    said(program.put(place_of(home, "a"), BYTES))
    absent = place_of(home, "a").replace(home.uid, home.uid[:-32] + uuid4().hex)
    other = Program(token_of(scenarios.stranger()))

    for place in (place_of(home, "a"), absent):
        for answer in (other.get(place), other.put(place, b"1"), other.delete(place)):
            words = refused(answer, 404, "RESOURCE_DOES_NOT_EXIST")
            assert words == "There is no file here that you can see."
        assert other.listed(place.removesuffix("/a")) == {}
    assert TrackedFile.objects.count() == 1


def test_a_home_is_found_under_its_own_experiment_alone(program: Program, run: Run) -> None:
    said(program.put(place_of(run, "a"), BYTES))
    other = "1" + place_of(run, "a")[1:]

    refused(program.get(other), 404, "RESOURCE_DOES_NOT_EXIST")
    refused(program.put(other, b"1"), 404, "RESOURCE_DOES_NOT_EXIST")
    assert program.listed(other.removesuffix("/a")) == {}


@pytest.mark.parametrize("scope", [Scope.READ, Scope.CHECK, Scope.PROMOTE])
def test_b1_deleting_and_writing_need_the_scope_register(
    program: Program, run: Run, scope: Scope
) -> None:
    said(program.put(place_of(run, "a"), BYTES))
    other = Program(token_of(scenarios.developer(), Scope.READ, scope))

    for answer in (other.put(place_of(run, "a"), b"1"), other.delete(place_of(run, "a"))):
        refused(answer, 403, "PERMISSION_DENIED")
    assert content_of(program.get(place_of(run, "a"))) == BYTES


def test_nobody_without_a_token_that_holds_gets_anything(program: Program, run: Run) -> None:
    said(program.put(place_of(run, "a"), BYTES))
    nobody = Program()

    for answer in (
        nobody.get(place_of(run, "a")),
        nobody.put(place_of(run, "a"), b"1"),
        nobody.delete(place_of(run, "a")),
        nobody.raw("GET", f"{ARTIFACTS}?path={place_of(run)}"),
        nobody.post("/api/2.0/mlflow-artifacts/mpu/create", {}),
    ):
        refused(answer, 401, "UNAUTHENTICATED")


def test_who_lost_the_right_while_a_file_came_in_does_not_name_it(
    program: Program, run: Run
) -> None:
    class Slow(BytesIO):
        """A connection during which the run is deleted by another request."""

        def read(self, size: int | None = -1, /) -> bytes:
            Run.objects.update(deleted_at=timezone.now() - timedelta(seconds=1))
            return super().read(size)

    answer = program.put_from(place_of(run, "a"), Slow(BYTES), {"Content-Length": str(len(BYTES))})

    assert "deleted" in refused(answer, 400, "BAD_REQUEST")
    assert not TrackedFile.objects.exists()
