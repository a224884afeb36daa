"""Files of a run named at the same moment: one after the other, each in a world of its own."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from apps.catalog import store
from apps.catalog.manifest import LabelRefused
from apps.catalog.models import Run, TrackedFile
from apps.catalog.tracking import addresses, files
from apps.core.errors import DomainError
from tests import scenarios
from tests.api.mlflow.homes import logged_model_of, run_of
from tests.factories import actor


def write(run: Run, path: str, content: bytes) -> str:
    """Write as the developer in a thread; say what became of it."""
    try:
        files.write(run, path, [content], by=actor(scenarios.developer()))
    except DomainError as refusal:
        return type(refusal).__name__
    finally:
        connection.close()
    return "written"


@pytest.mark.django_db(transaction=True)
def test_g8_many_writers_of_one_path_leave_one_row_with_bytes_of_one_of_them() -> None:
    run = run_of(scenarios.developer())
    contents = [f"content {number}".encode() for number in range(8)]

    with ThreadPoolExecutor(4) as writers:
        outcomes = list(writers.map(write, itertools.repeat(run), itertools.repeat("a"), contents))

    assert outcomes == ["written"] * 8
    file = TrackedFile.objects.select_related("artifact").get()
    with store.open(file.artifact.sha256) as kept:
        assert kept.read() in contents


@pytest.mark.django_db(transaction=True)
def test_of_paths_that_exclude_each_other_one_is_kept() -> None:
    run = run_of(scenarios.developer())
    paths = ["a", "A", "a/b", "a", "A", "a/b"]

    with ThreadPoolExecutor(3) as writers:
        list(writers.map(write, itertools.repeat(run), paths, itertools.repeat(b"1")))

    kept = sorted(TrackedFile.objects.values_list("path", flat=True))
    assert kept in (["a"], ["A"], ["a/b"])


@pytest.mark.django_db
def test_the_same_bytes_in_many_places_are_one_artifact() -> None:
    by = actor(scenarios.developer())
    run, logged = run_of(scenarios.developer()), logged_model_of(scenarios.developer())

    rows = [files.write(home, "a", [b"same"], by=by) for home in (run, logged)]

    assert rows[0].artifact_id == rows[1].artifact_id
    assert files.remove(run, "a", by=by) == 1
    with files.open_file(logged, "a").bytes as kept:
        assert kept.read() == b"same"


@pytest.mark.django_db
def test_a_list_narrowed_by_a_folder_knows_case_and_wildcards() -> None:
    by, run = actor(scenarios.developer()), run_of(scenarios.developer())
    for path in ("a_b/x", "aXb/y", "a%b/z", "A_B2/w"):
        files.write(run, path, [b"1"], by=by)

    assert files.listed(run, "a_b") == [files.Entry("x", 1)]
    assert files.listed(run, "a%b") == [files.Entry("z", 1)]
    assert files.listed(run, "A_B") == []
    with pytest.raises(LabelRefused):
        files.listed(run, "../a_b")


@pytest.mark.parametrize(
    "place",
    [
        "",
        "0",
        "0/models",
        "00/" + "a" * 32 + "/artifacts/x",
        "-1/" + "a" * 32 + "/artifacts/x",
        "0/" + "A" * 32 + "/artifacts/x",
        "0/" + "a" * 31 + "/artifacts/x",
        "0/" + "a" * 32 + "/artifactsx",
        "0/" + "a" * 32 + "/models/x",
        "0/models/" + "a" * 32 + "/artifacts/x",
        "\u0660/" + "a" * 32 + "/artifacts/x",
        "content/" + "A" * 64 + "/x",
        "content/sha256:" + "a" * 64 + "/x",
        "content/" + "a" * 64 + "x",
        "/content/" + "a" * 64,
        "1" * 30 + "/" + "a" * 32 + "/artifacts/x",
    ],
)
def test_only_three_forms_of_address_lead_anywhere(place: str) -> None:
    assert addresses.parsed(place) is None


@pytest.mark.django_db
def test_an_address_leads_back_to_what_it_was_made_of() -> None:
    by = actor(scenarios.developer())
    run, logged = run_of(scenarios.developer()), logged_model_of(scenarios.developer())

    for home in (run, logged):
        place = addresses.root_of(home).removeprefix(addresses.SCHEME)
        found = addresses.parsed(f"{place}/a/b")
        assert isinstance(found, addresses.HomeAddress)
        assert found.path == "a/b"
        assert found.home(by) == home

    version = scenarios.registered_version()
    place = addresses.content_root(version).removeprefix(addresses.SCHEME)
    content = addresses.parsed(f"{place}/README.md")
    assert isinstance(content, addresses.ContentAddress)
    assert content.path == "README.md"
    assert content.version(by) == version
