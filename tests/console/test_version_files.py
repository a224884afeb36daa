"""The files of a version: a tree, a safe look inside, a card, and documents to take away."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.catalog import operations
from apps.catalog.models import ModelVersion
from apps.core.errors import NotAllowed
from tests import scenarios
from tests.catalog.record import entries
from tests.console.conftest import Reads
from tests.factories import actor

pytestmark = pytest.mark.django_db

CARD = b"---\nlicense: mit\n---\n# Churn\n\nKnows **nothing** of <script>alert(1)</script>.\n"


def holding(**files: bytes) -> ModelVersion:
    """Return a version with files given by name, ``__`` for a slash and ``_`` for a dot."""
    named = {name.replace("__", "/").replace("_", "."): held for name, held in files.items()}
    return scenarios.registered_version(files=named)


def page(version: ModelVersion, name: str, *more: object) -> str:
    return reverse(f"models:{name}", args=[version.model.name, version.number, *more])


# -- the tree


def test_a_small_version_is_shown_with_all_its_folders_open(opens: Reads) -> None:
    version = holding(MLmodel=b"m", model__weights_bin=b"ww", model__deep__x_txt=b"x")

    words = opens(scenarios.auditor(), page(version, "version_files")).words

    assert words.index("MLmodel") < words.index("model/") < words.index("deep/")
    assert "model/ 3 bytes 2 files" in words
    assert "deep/ 1 byte 1 file" in words


def test_a_folder_can_be_looked_at_alone(opens: Reads) -> None:
    version = holding(MLmodel=b"m", model__deep__x_txt=b"x")

    answer = opens(scenarios.auditor(), page(version, "version_files") + "?folder=model/deep")

    assert "All files model deep" in answer.words
    assert "x.txt" in answer.words
    assert "MLmodel" not in answer.words


@pytest.mark.parametrize("folder", ["none", "MODEL", "../model", "MLmodel", "\0", "model/"])
def test_a_folder_that_is_not_there_is_not_found(opens: Reads, folder: str) -> None:
    version = holding(MLmodel=b"m", model__x_txt=b"x")

    path = page(version, "version_files")

    assert opens(scenarios.auditor(), f"{path}?folder={folder}").status == 404


def test_a_version_with_many_files_is_shown_folder_by_folder_and_page_by_page(
    opens: Reads,
) -> None:
    many = {f"part-{number:03}.bin": bytes([number % 250]) for number in range(230)}
    version = scenarios.registered_version(files={**many, "a/inside.txt": b"x"})
    path = page(version, "version_files")

    first = opens(scenarios.auditor(), path)
    second = opens(scenarios.auditor(), f"{path}?after=part-198.bin")

    assert "part-198.bin" in first.words
    assert "part-199.bin" not in first.words
    assert "inside.txt" not in first.words
    assert "part-229.bin" in second.words
    assert "part-198.bin" not in second.words


# -- a look inside


def test_a_text_is_shown_escaped_and_that_it_was_read_is_recorded(opens: Reads) -> None:
    version = holding(notes_txt="<b>grün & \N{SNOWMAN}</b>".encode())

    answer = opens(scenarios.auditor(), page(version, "preview", "notes.txt"))

    assert "&lt;b&gt;grün &amp; \N{SNOWMAN}&lt;/b&gt;" in answer.source
    [entry] = entries("version.download")
    assert entry["detail"]["path"] == "notes.txt"


@pytest.mark.parametrize("content", [b"\x80\x02X", b"text\0more", b"\xff\xfe"])
def test_what_is_not_text_is_not_shown(opens: Reads, content: bytes) -> None:
    version = holding(weights_pkl=content)

    answer = opens(scenarios.auditor(), page(version, "preview", "weights.pkl"))

    assert "This file is not text" in answer.words
    assert answer.has_link(page(version, "download", "weights.pkl"))


def test_of_a_long_text_only_the_beginning_is_shown(opens: Reads) -> None:
    version = holding(long_txt=("ü" * 140_000).encode() + b"the end")

    answer = opens(scenarios.auditor(), page(version, "preview", "long.txt"))

    assert "Only the beginning is shown" in answer.words
    assert "the end" not in answer.words


def test_an_empty_file_says_so(opens: Reads) -> None:
    version = holding(empty_txt=b"", other_txt=b"x")

    assert (
        "This file is empty"
        in opens(scenarios.auditor(), page(version, "preview", "empty.txt")).words
    )


@pytest.mark.parametrize("path", ["absent.txt", "..%2Fx", "a//b"])
def test_a_file_that_is_not_there_cannot_be_looked_into(opens: Reads, path: str) -> None:
    version = holding(notes_txt=b"x")
    there = page(version, "preview", "notes.txt")

    assert opens(scenarios.auditor(), there.replace("notes.txt", path)).status == 404


# -- the card


def test_the_card_is_shown_as_its_authors_wrote_it_and_does_nothing(opens: Reads) -> None:
    version = holding(README_md=CARD)

    answer = opens(scenarios.auditor(), page(version, "version_card"))

    assert "<h3>Churn</h3>" in answer.source
    assert "<strong>nothing</strong> of &lt;script&gt;alert(1)&lt;/script&gt;" in answer.source
    assert "license: mit" not in answer.source


def test_a_version_without_a_card_says_how_to_bring_one(opens: Reads) -> None:
    version = holding(MLmodel=b"x")

    words = opens(scenarios.auditor(), page(version, "version_card")).words

    assert "This version came without a model card" in words
    assert not AuditEvent.objects.filter(action="version.download").exists()


def test_a_card_without_text_says_so(opens: Reads) -> None:
    version = holding(README_md=b"", x_txt=b"x")

    assert "The card has no text" in opens(scenarios.auditor(), page(version, "version_card")).words


# -- exports


def test_a_bill_of_materials_can_be_taken_and_that_is_recorded(opens: Reads) -> None:
    version = holding(MLmodel=b"x")

    answer = opens(scenarios.auditor(), page(version, "export", "bill-of-materials"))

    assert json.loads(answer.source)["bomFormat"] == "CycloneDX"
    headers = answer.response.headers
    assert headers["Content-Type"].startswith("application/vnd.cyclonedx+json")
    assert headers["Content-Disposition"].startswith("attachment; filename=")
    [entry] = entries("version.export")
    assert entry["detail"] == {"form": "bill-of-materials"}


def test_a_model_card_can_be_taken(opens: Reads) -> None:
    version = holding(MLmodel=b"x")

    answer = opens(scenarios.auditor(), page(version, "export", "model-card"))

    assert answer.source.startswith("---\n")
    assert answer.response.headers["Content-Type"] == "text/markdown; charset=utf-8"


def test_another_form_is_not_there(opens: Reads) -> None:
    version = holding(MLmodel=b"x")

    assert opens(scenarios.auditor(), page(version, "export", "pdf")).status == 404


def test_a_version_nobody_showed_the_reader_is_neither_shown_nor_sent(opens: Reads) -> None:
    version = holding(README_md=CARD)

    for name, more in (
        ("preview", "README.md"),
        ("export", "model-card"),
        ("download", "README.md"),
    ):
        assert opens(scenarios.stranger(), page(version, name, more)).status == 404


def test_whoever_may_not_see_a_model_exports_none_of_its_versions() -> None:
    version = holding(MLmodel=b"x")

    with pytest.raises(NotAllowed, match="right to see"):
        operations.export_version(version, operations.Form.BILL, by=actor(scenarios.stranger()))


def test_a_page_of_files_needs_as_many_queries_for_many_as_for_one(opens: Reads) -> None:
    few = holding(MLmodel=b"x")
    many = scenarios.registered_version(
        files={f"folder-{number}/x.bin": bytes([number]) for number in range(150)}
    )
    reader = scenarios.auditor()
    opens(reader, page(few, "version_files"))

    with CaptureQueriesContext(connection) as for_one:
        opens(reader, page(few, "version_files"))
    with CaptureQueriesContext(connection) as for_many:
        opens(reader, page(many, "version_files"))

    assert len(for_many) == len(for_one)
