"""Events that several processes look at are found to be what one process finds them to be."""

import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.audit.checking import events, looks
from apps.audit.checking.events import How
from apps.audit.checking.looks import Stored, look_at
from apps.audit.entries import origin_tag
from apps.audit.verifier import bundles
from apps.audit.verifier.bundles import FEW, MOST_PROCESSES
from tests.audit.beside import BesideTwin, beside
from tests.audit.log.oracle import entries

__all__ = ["beside"]

KEYS = {1: b"\x11" * 32}
ROOT = Path(__file__).parent.parent.parent

# Looks at events with one process, with two, and with two more; the first of those is killed if
# processes are forked.
COMPARED = """
import json, multiprocessing, os, sys
from apps.audit.checking import looks

def killed(end, own, keys):
    own.recv_bytes()
    os._exit(3)

def told(processes):
    found = looks.looks(map(looks.Stored._make, events), keys, processes)
    return [(stored.pk, look._replace(leaf=look.leaf.hex())) for stored, look in found]

events = [
    (*one[:2], bytes.fromhex(one[2]), bytes.fromhex(one[3]), *one[4:-1], b"")
    for one in json.load(sys.stdin)
]
multiprocessing.set_start_method(sys.argv[1])
keys, looks._AT_ONCE = {1: b"\\x11" * 32}, 32
started, start = [], multiprocessing.Process.start

def counted(self):
    if len(started) == 2 and sys.argv[1] == "fork":
        self._target = killed
    started.append(1)
    start(self)

multiprocessing.Process.start = counted
alone = told(1)
assert told(2) == alone
assert told(2) == alone
assert "django" not in sys.modules
print(len(alone), len(started))
"""


def stored() -> Iterator[Stored]:
    """Yield events of which one has no tag of ours, one other columns, and one no form."""
    for number, raw in enumerate(entries()):
        told, tag = json.loads(raw), origin_tag(raw, key=KEYS[1])
        link = told["chain"] or {"root": None, "rev": None}
        one = Stored(
            pk=number,
            uid=told["id"],
            entry=raw,
            tag=tag if number != 70 else tag[::-1],
            tag_key=1 if number != 71 else 2,
            action=told["action"] if number != 80 else "version.other",
            outcome=told["outcome"],
            actor_id=told["actor"].get("id"),
            subject_type=told["subject"].get("type"),
            subject_id=told["subject"].get("id"),
            chain_root=link["root"],
            chain_rev=link["rev"],
            parent_uid=told["parent"],
            seq=number,
            kept=b"",
        )
        yield one if number != 90 else one._replace(entry=raw + b" ")


def alone() -> list[tuple[Stored, looks.Look]]:
    return [(one, look_at(one, KEYS)) for one in stored()]


def test_what_is_wrong_with_an_event_is_said_of_it_by_itself() -> None:
    found = [look for _, look in alone()]
    assert [n for n, look in enumerate(found) if not look.is_tagged] == [70, 71, 90]
    assert [n for n, look in enumerate(found) if not look.is_repeated] == [80, 90]
    assert [(n, look.problem) for n, look in enumerate(found) if look.entry is None] == [
        (90, "it is not in the form of an entry")
    ]


@pytest.mark.parametrize(("processes", "started"), [(1, 0), (2, 2), (3, 3)])
def test_processes_take_turns_and_change_nothing(
    beside: type[BesideTwin], processes: int, started: int
) -> None:
    assert list(looks.looks(stored(), KEYS, processes)) == alone()
    assert beside.started == started


def test_a_process_that_cannot_start_is_done_without(
    beside: type[BesideTwin], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "most", 1)
    assert list(looks.looks(stored(), KEYS, 2)) == alone()
    monkeypatch.setattr(beside, "most", 8)
    monkeypatch.setattr(bundles, "may_start", lambda: False)
    assert list(looks.looks(stored(), KEYS, 2)) == alone()
    assert beside.started == 1


def test_what_a_process_that_is_gone_was_lent_is_looked_at_here(
    beside: type[BesideTwin], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "_help", lambda end, own, keys: own.close())
    monkeypatch.setattr(BesideTwin, "join", lambda self: None)
    assert list(looks.looks(stored(), KEYS, 2)) == alone()
    assert beside.started == 2


def test_processes_end_when_nobody_reads_on(beside: type[BesideTwin]) -> None:
    found = looks.looks(stored(), KEYS, 2)
    assert next(found)[0].pk == 0
    found.close()  # joins them
    assert beside.started == 2


@pytest.mark.parametrize(
    "way", [way for way in ("fork", "spawn") if way in multiprocessing.get_all_start_methods()]
)
def test_real_processes_say_the_same_also_when_one_is_killed_and_know_nothing_of_the_database(
    way: str,
) -> None:
    given = json.dumps(
        [(*one[:2], one.entry.hex(), one.tag.hex(), *one[4:-1], "") for one in stored()]
    )
    called = subprocess.run(
        [sys.executable, "-c", COMPARED, way],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert called.stderr == ""
    assert called.stdout.split() == ["300", "4"]


def test_as_many_processes_as_cores_look_at_a_large_log(monkeypatch: pytest.MonkeyPatch) -> None:
    how = How([], hashes_only=False, processes=None)
    monkeypatch.setattr(events, "cores", lambda: 3)
    assert (how.processes_for(FEW - 1), how.processes_for(FEW)) == (1, 3)
    monkeypatch.setattr(events, "cores", lambda: 64)
    assert how.processes_for(FEW) == MOST_PROCESSES
    assert How([], hashes_only=False, processes=2).processes_for(1) == 2
