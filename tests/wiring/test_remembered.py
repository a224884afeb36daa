"""A remembered world is the walked one, row by row, and is used only where a walk is the same."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test import override_settings
from pytest_django import Settings

from apps.accounts.models import User
from apps.approvals.models import PromotionRequest
from apps.audit.models import AuditEvent
from apps.catalog import store
from apps.catalog.lifecycle import Stage
from apps.catalog.models import Artifact, ModelVersion, RegisteredModel
from tests import factories, kept_rows, remembered, scenarios
from tests.kept_rows import Tables
from tests.remembered import TRACK, Memory

pytestmark = pytest.mark.skipif(remembered.IS_OFF, reason="every test walks")

BY_CHANCE = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"  # ids of events, and of calls
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d(?::\d\d)?)?"
    r"|(?:\\\\x|\b)[0-9a-f]{16,}\b"  # digests of what holds such an id or time; salts, tags
    r'|(?<="nonce":")[\w-]+|^[\w-]{24}$'
    r"|md5\$\w+\$\w+"
)
WORLDS: dict[str, Callable[[], Any]] = {
    "a person": lambda: factories.person("ada", everywhere=["validator", "model_owner"]),
    "a team": lambda: factories.team("risk", scenarios.owner(), everywhere=["validator"]),
    "a model": lambda: scenarios.registered_model("triage"),
    "a version": lambda: scenarios.registered_version(scenarios.registered_model("triage")),
    "a breach": lambda: scenarios.breach(scenarios.registered_model("triage")),
    "checked": lambda: scenarios.checked(model=scenarios.registered_model("triage")),
    "requested": lambda: scenarios.requested(model=scenarios.registered_model("triage")),
    "signed off": lambda: scenarios.signed_off(model=scenarios.registered_model("triage")),
    "in production": lambda: scenarios.promoted(
        Stage.PRODUCTION, scenarios.registered_model("triage")
    ),
}


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    """An empty memory of the test's own, which is no reason to walk."""
    own = Memory()
    monkeypatch.setattr(remembered, "MEMORY", own)
    usual = remembered.patched() | {(id(remembered), "USUAL")}
    monkeypatch.setattr(remembered, "USUAL", usual)
    return own


@contextmanager
def a_test() -> Iterator[None]:
    """Do what a test does in its own transaction, which is undone when it ends."""
    TRACK.begin()
    with a_block():
        yield
        transaction.set_rollback(True)


def a_block() -> Any:
    """Return a block inside which a change may begin, as in that of the test itself."""
    made: Any = transaction.atomic()
    made._from_testcase = True
    return made


def rows() -> Tables:
    return kept_rows.read(kept_rows.names())


def without_chance(tables: Tables) -> dict[str, list[Any]]:
    """Return rows without what differs between two walks: ids made by chance, and times."""
    return {
        name: sorted(map(_without_chance, table.values()))
        for name, table in tables.items()
        if table
    }


def _without_chance(row: Any) -> str:
    cells = [row] if isinstance(row, str) else [_text(cell) for cell in row]
    return "|".join(BY_CHANCE.sub("~", cell) for cell in cells)


def _text(cell: object) -> str:
    if isinstance(cell, bytes):
        return cell.decode() if cell.startswith(b'{"') else f"{len(cell)} bytes"
    return str(cell)


@pytest.mark.django_db
@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_a_remembered_world_is_the_walked_one(world: Callable[[], Any], memory: Memory) -> None:
    with a_test():
        first = world()
        walked = rows()
    steps = len(memory._steps)
    with a_test():
        again = world()
        put_back = rows()

    assert put_back == walked
    assert len(memory._steps) == steps > 0
    assert again is not first
    assert vars(again).keys() == vars(first).keys()
    assert again == first


@pytest.mark.django_db
@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_walking_once_more_leads_to_the_same_rows(
    world: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_test():
        world()
    with a_test():
        world()
        put_back = rows()
    with a_test():
        TRACK.is_on = False
        world()
        walked = rows()

    if connection.vendor == "sqlite":  # elsewhere ids go on, though what they were given for is not
        assert without_chance(put_back) == without_chance(walked)
    assert {name: len(table) for name, table in put_back.items()} == {
        name: len(table) for name, table in walked.items()
    }


@pytest.mark.django_db
def test_what_follows_goes_on_from_a_world_that_was_put_back() -> None:
    for _ in range(2):
        with a_test():
            request = scenarios.signed_off()
            scenarios.approvals.promote(
                request, by=factories.actor(scenarios.operator()), reason="In the window"
            )
            scenarios.registered_version(request.version.model)
            found = scenarios.requested(Stage.PRODUCTION, version=request.version)
            connection.check_constraints()

            assert found.version.stage == Stage.STAGING

    assert AuditEvent.objects.count() == 0


@pytest.mark.django_db
def test_objects_the_caller_holds_are_changed_as_the_walk_changes_them() -> None:
    for _ in range(2):
        with a_test():
            version = scenarios.registered_version()
            returned = scenarios.check(version)
            request = scenarios.requested(version=version)

            assert returned is version
            assert request.version is version


@pytest.mark.django_db
def test_hooks_of_a_walk_wait_for_the_commit_again() -> None:
    found = []
    for _ in range(2):
        with a_test():
            before = len(connection.run_on_commit)
            scenarios.registered_version()
            found.append([hook[1] for hook in connection.run_on_commit[before:]])

    assert found[0]
    assert len(found[0]) == len(found[1])


# -- when a test walks


def number() -> int:
    """Return how many steps are remembered."""
    return len(remembered.MEMORY._steps)


@pytest.mark.django_db
def test_other_rows_end_the_track() -> None:
    with a_test():
        scenarios.registered_model()
        QuerySet(User).filter(username="dev").update(org_unit="EU")
        known = number()
        version = scenarios.registered_version()

    assert isinstance(version, ModelVersion)
    assert number() == known


@pytest.mark.django_db
def test_what_is_undone_ends_the_track() -> None:
    with a_test():
        with pytest.raises(ZeroDivisionError), a_block():
            scenarios.registered_model()
            raise ZeroDivisionError
        known = number()
        scenarios.registered_model()

    assert number() == known
    assert RegisteredModel.objects.count() == 0


@pytest.mark.django_db
def test_who_patches_walks(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_test():
        monkeypatch.setattr(scenarios, "RUN", scenarios.RUN)
        scenarios.registered_version()

    assert number() == 0


@pytest.mark.django_db
def test_who_changes_settings_walks(settings: Settings) -> None:
    with a_test(), override_settings(MOST_FILES=17):
        scenarios.registered_version()

    assert number() == 0


@pytest.mark.django_db
def test_other_arguments_are_another_world() -> None:
    names = []
    for name in ("one", "two", "one"):
        with a_test():
            names.append(scenarios.registered_model(name).name)

    assert names == ["one", "two", "one"]


@pytest.mark.django_db
def test_a_world_is_remembered_for_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    uids = []
    for holds in (300.0, 300.0, 0.0):
        with a_test():
            remembered.HOLDS = holds
            scenarios.registered_model("one")
            uids.append(set(AuditEvent.objects.values_list("uid", flat=True)))
    remembered.HOLDS = 300.0

    assert uids[0] == uids[1]
    assert not uids[1] & uids[2]


@pytest.mark.django_db
def test_a_world_whose_files_are_gone_is_walked_to_again() -> None:
    with a_test():
        scenarios.registered_version(files={"weights.bin": b"bytes of this test alone"})
        sha256 = Artifact.objects.get().sha256
    storages["artifacts"].delete(store.contract.key_of(sha256))
    with a_test():
        scenarios.registered_version(files={"weights.bin": b"bytes of this test alone"})

        assert store.exists(sha256)


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_is_walked() -> None:
    request: PromotionRequest = scenarios.signed_off()

    assert request.pk
    assert number() == 0
