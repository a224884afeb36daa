"""A heartbeat renews a lease while work goes on, and says when it is lost."""

import logging
import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, InterfaceError

from apps.core.heartbeats import Heartbeat, Renew

LONG, SHORT = timedelta(hours=1), timedelta(milliseconds=3)
PATIENCE = 10
"""Seconds a test waits for a thread, before it says that nothing came."""


def beating(renew: Renew, lasts: timedelta = LONG) -> Heartbeat:
    return Heartbeat(renew, lasts=lasts, name="work 7")


def thread_of_it() -> threading.Thread:
    [found] = [one for one in threading.enumerate() if one.name == "heartbeat of work 7"]
    return found


def test_the_thread_renews_again_and_again_until_the_block_ends() -> None:
    renewed, often = list[threading.Thread](), threading.Event()

    def renew() -> bool:
        renewed.append(threading.current_thread())
        if len(renewed) == 3:
            often.set()
        return True

    with beating(renew, SHORT) as heartbeat:
        thread = thread_of_it()
        assert thread.daemon  # a worker that is told to go does not wait for it
        assert often.wait(PATIENCE)

    assert not thread.is_alive()
    assert not heartbeat.is_lost
    assert set(renewed) == {thread}


def test_a_lost_lease_ends_the_beating_before_the_block_ends() -> None:
    beats = list[int]()

    def renew() -> bool:
        beats.append(1)
        return False

    with beating(renew, SHORT) as heartbeat:
        if one := [each for each in threading.enumerate() if each.name == "heartbeat of work 7"]:
            one[0].join(PATIENCE)
        assert heartbeat.is_lost
        assert len(beats) == 1


def test_the_block_ends_at_once_however_long_the_lease_lasts() -> None:
    with beating(lambda: False) as heartbeat:
        thread = thread_of_it()

    assert not thread.is_alive()
    assert not heartbeat.is_lost  # it came to no beat


def test_what_goes_wrong_in_the_block_goes_on_and_ends_the_beating() -> None:
    with pytest.raises(ZeroDivisionError), beating(lambda: True):
        thread = thread_of_it()
        raise ZeroDivisionError

    assert not thread.is_alive()


def test_a_beat_says_whether_the_lease_is_held_and_takes_another_way_to_renew_it() -> None:
    said = list[str]()

    def renew(step: str) -> bool:
        said.append(step)
        return step != "taken back"

    heartbeat = beating(lambda: renew("as ever"))

    assert heartbeat.beat()
    assert heartbeat.beat(lambda: renew("a step"))
    assert not heartbeat.beat(lambda: renew("taken back"))
    assert not heartbeat.beat()  # what is lost stays lost
    assert said == ["as ever", "a step", "taken back", "as ever"]
    assert heartbeat.is_lost


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [DatabaseError, InterfaceError])
def test_a_database_that_does_not_answer_loses_no_lease(
    kind: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> bool:
        raise kind("server closed the connection")

    heartbeat = beating(away)
    with caplog.at_level(logging.WARNING):
        assert heartbeat.beat()

    assert not heartbeat.is_lost
    assert caplog.messages == ["The lease of work 7 was not renewed: server closed the connection"]


def test_an_error_of_another_kind_is_no_matter_of_the_lease() -> None:
    def wrong() -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        beating(wrong).beat()
