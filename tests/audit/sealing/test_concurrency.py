"""Many writers, some slow and some that fail, with two sealers at work: all is sealed, once."""

import os
import random
import threading
import time

import pytest
from django.db import connection, transaction

from apps.audit.checking import whole
from apps.audit.management.commands.seal import pause
from apps.audit.models import AuditEvent, Leaf, PendingEvent
from apps.audit.sealing.watching import Watch
from apps.audit.verifier.notes import read_key
from tests.audit.sealing.sealed import happened, seal_all, sealer, vkey

IS_LONG = os.environ.get("SIGNET_TEST_LONG") == "1"
WRITERS, EACH = 8, 400 if IS_LONG else 12

pytestmark = [
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(3000 if IS_LONG else 300),
]


class Failed(Exception):
    """A change that was undone."""


def write(number: int, acknowledged: list[int]) -> None:
    """Write events of one chain, each in a transaction of its own; some take long, some fail."""
    choose = random.Random(number)
    try:
        for _ in range(EACH):
            try:
                with transaction.atomic():
                    [event] = happened(chain=f"test:{number}")
                    if choose.random() < 0.1:
                        time.sleep(0.05)
                    if choose.random() < 0.02:
                        raise Failed
            except Failed:
                continue
            acknowledged.append(event.pk)
    finally:
        connection.close()


def seal(ending: threading.Event) -> None:
    one = sealer()
    try:
        while not ending.is_set():
            ending.wait(min(pause(one, Watch()), 0.01))
    finally:
        connection.close()


def test_all_that_is_committed_is_sealed_once_and_nothing_else() -> None:
    acknowledged: list[int] = []
    ending = threading.Event()
    sealers = [threading.Thread(target=seal, args=(ending,)) for _ in range(2)]
    writers = [
        threading.Thread(target=write, args=(number, acknowledged)) for number in range(WRITERS)
    ]
    for thread in (*sealers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    ending.set()
    for thread in sealers:
        thread.join()
    log = seal_all()

    mine = Leaf.objects.filter(event__action="test.happen").values_list("event_id", flat=True)
    assert sorted(mine) == sorted(acknowledged)
    assert log.size == Leaf.objects.count() == AuditEvent.objects.count()
    assert not log.is_halted
    assert not PendingEvent.objects.exists()
    assert whole.verify([read_key(vkey())], {}).findings == []
