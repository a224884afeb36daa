"""Lists operators load: who may, what is refused and where it says the fault is, what becomes of
earlier results."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.catalog import store
from apps.catalog.models import Artifact, ModelVersion
from apps.core.actors import Actor
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from apps.validation import lists, operations, queries, runner
from apps.validation.basis import Basis
from apps.validation.checks.environment import osv_files
from apps.validation.models import ReferenceList
from tests.factories import actor, person
from tests.validation.checks.advisory_lists import (
    SHIPPED,
    advisory,
    as_array,
    as_lines,
    as_zip,
)
from tests.validation.records import detail, events, outcomes

ONE = as_array([advisory()])
OTHER = as_array([advisory("pandas", "PYSEC-2099-2", modified="2026-02-01T00:00:00Z")])
WHY = "Monthly update"


@pytest.fixture
def rosa(db: None) -> Actor:
    """A risk officer of the whole organization."""
    return actor(person("rosa", everywhere=("risk_officer",)))


def load(data: bytes, by: Actor, **more: Any) -> ReferenceList:
    return operations.load_reference(
        "advisories", io.BytesIO(data), by=by, **{"reason": WHY, **more}
    )


def kept(loaded: ReferenceList) -> list[str]:
    with store.open(loaded.artifact.sha256) as stored:
        return stored.read().decode().splitlines()


def test_a_loaded_list_is_in_force_recorded_and_kept_in_short(rosa: Actor) -> None:
    loaded = load(SHIPPED.read_bytes(), rosa, origin="https://osv.dev")

    assert queries.lists_in_force() == {"advisories": loaded}
    assert (loaded.entries, loaded.origin) == (9, "https://osv.dev")
    assert loaded.digest == f"sha256:{loaded.artifact.sha256}"
    [event] = events("reference_list.load", loaded)
    noted = detail(event)
    assert noted["kind"] == "advisories"
    assert noted["entries"] == 9
    assert noted["kept"] == loaded.digest
    assert noted["source"] not in {"", loaded.digest}
    head, *lines = kept(loaded)
    assert json.loads(head)["advisories"] == 9
    assert json.loads(head)["newest"] == "2024-06-17T22:31:08Z"
    names = [line.split("\t")[0] for line in lines]
    assert names == sorted(names)
    assert "scikit-learn" in names


def test_every_form_a_list_comes_in_says_the_same(rosa: Actor) -> None:
    entries = [*json.loads(SHIPPED.read_text()), advisory("elsewhere", "X-1", affected=[])]
    forms = (
        as_array(entries),
        json.dumps(entries, indent=4).encode(),
        b"\xef\xbb\xbf" + as_array(entries),
        as_lines(entries),
        as_zip(entries),
        as_array(entries[::-1]),
    )
    for data in forms:
        read = lists.read_advisories(io.BytesIO(data))
        assert read.entries == 9
        index = b"".join(read.kept)
        assert index == b"".join(lists.read_advisories(io.BytesIO(forms[0])).kept)


def test_the_list_in_force_is_not_loaded_twice_but_an_earlier_one_may_come_back(
    rosa: Actor, django_assert_num_queries: Any
) -> None:
    load(ONE, rosa)
    with pytest.raises(RuleBroken, match="in force already"):
        load(as_zip([advisory()]), rosa)
    load(OTHER, rosa)
    again = load(ONE, rosa)

    with django_assert_num_queries(1):
        assert queries.lists_in_force()["advisories"] == again
    assert ReferenceList.objects.count() == 3
    assert outcomes("reference_list.load") == ["done", "refused", "done", "done"]


def test_results_judged_by_an_earlier_list_are_out_of_date(
    version: ModelVersion, vera: Actor, rosa: Actor
) -> None:
    load(ONE, rosa)
    [run] = operations.start_checks(version, by=vera, names=["environment"])
    runner.execute(run.pk, worker="w1")
    run.refresh_from_db()

    assert run.is_final
    assert run.facts["advisories"] == 1
    assert run.tools.keys() == {"license-expression", "packaging"}
    assert Basis.of([version], ["environment"]).moved(run, version) == []
    load(OTHER, rosa)
    assert Basis.of([version], ["environment"]).moved(run, version) == ["advisories"]


@pytest.mark.parametrize("role", ["model_owner", "validator", "model_developer", "operator"])
def test_who_may_not_load_lists_is_refused_before_anything_is_read(db: None, role: str) -> None:
    touched = []

    def pieces() -> Iterator[bytes]:
        touched.append(True)
        yield ONE

    by = actor(person("ann", everywhere=(role,)))
    with pytest.raises(NotAllowed):
        operations.load_reference("advisories", pieces(), by=by, reason=WHY)

    assert touched == []
    assert not Artifact.objects.exists()
    assert outcomes("reference_list.load") == ["refused"]


def test_a_list_needs_a_reason_and_a_kind_there_is(rosa: Actor) -> None:
    with pytest.raises(RuleBroken, match="Give a reason"):
        load(ONE, rosa, reason=" ")
    with pytest.raises(InputRefused, match="There is no list of the kind 'spells'"):
        operations.load_reference("spells", io.BytesIO(ONE), by=rosa, reason=WHY)
    with pytest.raises(InputRefused, match="The origin"):
        load(ONE, rosa, origin="x" * 301)
    assert not ReferenceList.objects.exists()


def changed(**more: Any) -> dict[str, Any]:
    return advisory("numpy", "PYSEC-2099-9", **more)


def about(**part: Any) -> dict[str, Any]:
    affected = {"package": {"ecosystem": "PyPI", "name": "numpy"}, **part}
    return changed(affected=[affected])


GOOD = [advisory()]
ENTRIES: dict[str, tuple[list[Any], str]] = {
    "no object": ([*GOOD, 5], "Entry 2 is no OSV advisory"),
    "no id": ([*GOOD, {"modified": "2026-01-01T00:00:00Z"}], "Entry 2 is no OSV advisory"),
    "odd id": ([advisory("numpy", "a b")], "Entry 1 has the id 'a b'"),
    "no time": ([*GOOD, changed(modified="yesterday")], "PYSEC-2099-9): modified is 'yesterday'"),
    "no zone": ([changed(modified="2026-01-01T00:00:00")], "Entry 1 (PYSEC-2099-9): modified"),
    "withdrawn when": ([changed(withdrawn="long ago")], "Entry 1 (PYSEC-2099-9): withdrawn"),
    "wrong type": ([changed(affected={})], "Entry 1 (PYSEC-2099-9) is no OSV advisory"),
    "where": ([about(versions=[1])], "at `$.affected[0].versions[0]`"),
    "odd package": (
        [changed(affected=[{"package": {"ecosystem": "PyPI", "name": "../x"}, "versions": ["1"]}])],
        "names a package '../x'",
    ),
    "no start": (
        [about(ranges=[{"type": "ECOSYSTEM", "events": [{"fixed": "1"}]}])],
        "a range that is introduced nowhere",
    ),
    "odd version": ([about(versions=["1\t2"])], "names a version '1\\t2'"),
    "twice": ([*GOOD, *GOOD], "Entry 2 (PYSEC-2099-1) is there already"),
    "nothing of PyPI": ([changed(affected=[])], "None of the 1 advisories"),
    "nothing": ([], "None of the 0 advisories"),
}


def refusal(data: bytes) -> str:
    with pytest.raises(InputRefused) as refused:
        b"".join(lists.read_advisories(io.BytesIO(data)).kept)
    return str(refused.value)


def test_an_advisory_that_is_none_is_refused_with_its_place() -> None:
    for what, (entries, said) in ENTRIES.items():
        assert said in refusal(as_array(entries)), what


ONE_TEXT = json.dumps(advisory()).encode()
FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "None of the 0 advisories"),
    "cut off in an entry": (b"[" + ONE_TEXT + b',{"id"', "Entry 2 is not JSON"),
    "cut off after an entry": (b"[" + ONE_TEXT, "cut off after entry 1"),
    "no comma": (b"[" + ONE_TEXT + ONE_TEXT + b"]", "A comma is missing after entry 1"),
    "a comma too many": (b"[" + ONE_TEXT + b",]", "Nothing follows the comma after entry 1"),
    "something after": (b"[" + ONE_TEXT + b"] x", "Something follows the list after entry 1"),
    "no JSON": (ONE_TEXT + b"\nno", "Entry 2 is not JSON"),
    "no text": (b"[\xff", "not text in UTF-8"),
    "no text later": (ONE_TEXT + b"\n\xff", "not text in UTF-8"),
    "deep": (b"[" * 100_000, "nested too deeply"),
    "a broken zip": (as_zip([advisory()])[:-30], "The zip cannot be read"),
    "a zip of nothing": (as_zip([]), "None of the 0 advisories"),
}


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.json", data)
    return packed.getvalue()


def test_a_file_that_cannot_be_read_to_its_end_is_refused_with_the_place() -> None:
    for what, (data, said) in FILES.items():
        assert said in refusal(data), what
    assert "The file 'bad.json' is not JSON" in refusal(zipped(good=ONE_TEXT, bad=b"{"))
    assert "The file 'bad.json' is not text" in refusal(zipped(bad=b"\xff"))
    assert "The file 'bad.json' is nested" in refusal(zipped(bad=b"[" * 100_000))


MANY = [advisory("numpy", f"PYSEC-2099-{number}") for number in range(5)]
TOO_MUCH: list[tuple[Any, str, int, bytes, str]] = [
    (osv_files, "MOST_ENTRIES", 4, as_array(MANY), "more than 4 entries"),
    (osv_files, "MOST_MEMBERS", 4, as_zip(MANY), "more than 4 files"),
    (osv_files, "MOST_UNPACKED", 100, zipped(one=ONE_TEXT), "unpacks to more"),
    (osv_files, "MOST_ENTRY", 100, zipped(one=b" " * 101), "is larger than"),
    (osv_files, "MOST_ENTRY", 100, b'["' + b"x" * 2**21, "Entry 1 is not JSON, or longer than"),
    (lists, "MOST_KEPT", 10, as_array(MANY), "Entry 1: what is to be kept grew past"),
]


def test_what_is_too_much_is_refused(monkeypatch: pytest.MonkeyPatch, rosa: Actor) -> None:
    for place, name, most, data, said in TOO_MUCH:
        with monkeypatch.context() as patched:
            patched.setattr(place, name, most)
            assert said in refusal(data), (name, said)
    monkeypatch.setattr(lists, "MOST_BYTES", 50)
    with pytest.raises(DomainError, match="larger than"):
        load(ONE, rosa)
    assert not Artifact.objects.exists()


def test_entries_are_read_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osv_files, "PIECE", 7)
    entries = [advisory("numpy", f"PYSEC-2099-{number}", summary="Größe ✓") for number in range(9)]
    for data in (as_array(entries), as_lines(entries)):
        read = lists.read_advisories(io.BytesIO(data))
        assert read.entries == 9
        assert sum("Größe ✓" in line.decode() for line in read.kept) == 9


# -- the command -----------------------------------------------------------------------------------


def test_the_command_loads_a_list_as_the_person_named(
    rosa: Actor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "pypi.zip"
    file.write_bytes(as_zip([advisory()]))
    given = {"acting": "rosa", "reason": WHY, "origin": "https://osv.dev"}
    call_command("load_list", "advisories", file, **given)

    loaded = queries.lists_in_force()["advisories"]
    assert capsys.readouterr().out == f"Loaded 1 entries, {loaded.digest}.\n"
    [event] = events("reference_list.load")
    assert json.loads(bytes(event.entry))["actor"]["door"] == "command"
    with pytest.raises(CommandError, match="in force already"):
        call_command("load_list", "advisories", file, **given)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("load_list", "advisories", tmp_path / "none", **given)
    assert loaded.loaded_at <= datetime.now(UTC)
