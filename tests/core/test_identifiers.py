"""Identifiers, the clock and actors: small pieces everything rests on."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from apps.core.actors import ANONYMOUS, BY_WORKER, WORKER, Actor, Auth, Door, Kind
from apps.core.clock import database_now
from apps.core.digests import utc_text
from apps.core.identifiers import uuid7


def test_an_identifier_is_a_uuid_of_version_7() -> None:
    made = uuid7()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"


def test_identifiers_sort_by_the_time_they_were_made() -> None:
    first = uuid7()
    time.sleep(0.002)
    assert first < uuid7()


def test_an_identifier_carries_its_time() -> None:
    milliseconds = uuid7().int >> 80
    assert abs(milliseconds / 1000 - time.time()) < 5


def test_a_thousand_identifiers_are_all_different() -> None:
    assert len({uuid7() for _ in range(1000)}) == 1000


def test_a_moment_is_written_in_utc_with_six_digits() -> None:
    assert utc_text(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02T03:04:05.000000Z"


@pytest.mark.django_db
def test_the_clock_is_the_databases_and_in_utc() -> None:
    now = database_now()
    assert now.utcoffset() == timedelta(0)
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)


def test_only_background_work_holds_its_permission() -> None:
    assert WORKER.may(BY_WORKER)
    assert not ANONYMOUS.may(BY_WORKER)


@pytest.mark.parametrize(
    ("kind", "auth", "expected"),
    [
        (Kind.USER, Auth.SESSION, True),
        (Kind.USER, Auth.OIDC, True),
        (Kind.USER, Auth.TOKEN, False),
        (Kind.SERVICE, Auth.SESSION, False),
        (Kind.USER, Auth.NONE, False),
    ],
)
def test_a_person_is_a_user_in_a_session(kind: Kind, auth: Auth, expected: bool) -> None:
    assert Actor("usr_1", kind, Door.WEB, auth=auth).is_person is expected
