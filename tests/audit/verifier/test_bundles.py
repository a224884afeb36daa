"""An export read by several processes is found to be what one process finds it to be."""

import json
import multiprocessing
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.audit.verifier import bundles as reading
from apps.audit.verifier import standalone
from apps.audit.verifier.bundles import Bundle, bundles, place_of
from apps.audit.verifier.exports import verify_export
from apps.audit.verifier.notes import read_key
from apps.audit.verifier.shape import Shape
from apps.audit.verifier.tree import folded, leaf_of
from tests.audit.log.oracle import entries
from tests.audit.verifier.exported import VKEY, exported, note
from tests.audit.verifier.test_standalone import oldest_python

# Calls the verifier's file as it is called, and says how many processes were started.
AS_CALLED = """
import multiprocessing, os, runpy, sys
way, file, *arguments = sys.argv[1:]
multiprocessing.set_start_method(way)
os.sched_getaffinity = lambda _: {0, 1}
begun, start = [], multiprocessing.Process.start
multiprocessing.Process.start = lambda self: (begun.append(1), start(self))
sys.argv = [file, *arguments]
try:
    if file == "-":
        exec(sys.stdin.read())
    else:
        runpy.run_path(file, run_name="__main__")
finally:
    print(len(begun), "started", file=sys.stderr)
"""

# Verifies folders with one process, with several, and with several that are killed.
COMPARED = """
import functools, importlib.util, json, multiprocessing, os, sys
from pathlib import Path
file, key, *folders = sys.argv[1:]
spec = importlib.util.spec_from_file_location("verify_audit", file)
module = sys.modules["verify_audit"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.FEW, module.is_signed = 1, functools.cache(module.is_signed)
started, start, help_ = [], multiprocessing.Process.start, module._help
multiprocessing.Process.start = lambda self: (started.append(1), start(self))

def killed(end, own, asked, numbers):
    help_(end, own, asked, numbers[:1])
    os._exit(3)

for folder in map(Path, folders):
    outside = {path.name: path.read_text() for path in sorted(folder.glob("*.note"))}
    for hashes_only in (False, True)[: 1 + (folder == Path(folders[0]))]:
        told = []
        for cores, how in ((1, help_), (3, help_), (2, killed)):
            module.cores, module._help = (lambda cores=cores: cores), how
            keys = [module.read_key(key)]
            report = module.verify_export(folder, keys, outside, hashes_only=hashes_only)
            told.append([report.findings, report.gaps, report.size])
        print(json.dumps(told))
print(len(started), file=sys.stderr)
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Return the verifier's file, which takes few entries for many."""
    path, text = tmp_path / standalone.NAME, standalone.text()
    path.write_text(text.replace(f"\nFEW = {reading.FEW}\n", "\nFEW = 1\n"))
    assert "\nFEW = 1\n" in path.read_text()
    return path


def run(*arguments: object, given: str = "") -> "subprocess.CompletedProcess[str]":
    call = [oldest_python(), "-I", "-S", *map(str, arguments)]
    return subprocess.run(call, capture_output=True, text=True, check=False, input=given)


def is_offered(way: str) -> bool:
    return way in multiprocessing.get_all_start_methods()


@pytest.mark.parametrize("way", [way for way in ("fork", "spawn") if is_offered(way)])
def test_the_file_is_read_by_two_processes_however_they_begin(
    way: str, program: Path, tmp_path: Path
) -> None:
    log = exported(tmp_path / "log")
    checked = run("-c", AS_CALLED, way, program, "export", log, "--key", VKEY)
    assert checked.stderr == "2 started\n"
    assert checked.returncode == 0
    assert "300 entries" in checked.stdout
    assert "whole" in checked.stdout


def test_what_is_no_file_is_read_by_one_process_where_others_would_have_to_read_it_again(
    program: Path, tmp_path: Path
) -> None:
    log = exported(tmp_path / "log")
    call = ["-c", AS_CALLED, "spawn", "-", "export", log, "--key", VKEY]
    checked = run(*call, given=program.read_text())
    assert checked.stderr == "0 started\n"
    assert checked.returncode == 0
    assert "whole" in checked.stdout


def corrupted(folder: Path) -> Iterator[Path]:
    """Yield exports with something wrong in each: bytes changed, entries forged, files gone."""
    raw = list(entries())
    forged: dict[str, Callable[[list[bytes]], object]] = {
        "whole": len,
        "doubled": lambda own: own.insert(280, own[3]),
        "removed": lambda own: own.pop(2),
        "written anew": lambda own: own.__setitem__(9, json.dumps(json.loads(own[9])).encode()),
        "many": lambda own: own.extend([*own[200:280], b"{}", *own[100:250]]),
    }
    for name, change in forged.items():
        own = list(raw)
        change(own)
        yield exported(folder / name, own)
    cut = exported(folder / "two cut")
    for path in sorted((cut / "tile/entries").rglob("*")):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-3])
    yield cut
    kept = exported(folder / "kept elsewhere")
    (kept / "a.note").write_text(note(7))
    (kept / "b.note").write_text(note(256))
    (kept / "c.note").write_text(note(299, held=[*raw[:20], *raw[21:]]))
    yield kept
    choose = random.Random(3)
    for number in range(2):
        own_folder = exported(folder / f"bytes {number}", raw * 2)
        for path in sorted(own_folder.rglob("*")):
            if path.is_file() and path.name != "checkpoint":
                data = bytearray(path.read_bytes())
                data[choose.randrange(len(data))] ^= 1 << choose.randrange(8)
                path.write_bytes(data)
        yield own_folder


def test_several_processes_find_the_same_at_the_same_places_in_the_same_order(
    program: Path, tmp_path: Path
) -> None:
    folders = list(corrupted(tmp_path))
    compared = run("-c", COMPARED, program, VKEY, *folders)
    assert compared.stderr == f"{(1 + len(folders)) * (3 + 2)}\n"
    told = [json.loads(line) for line in compared.stdout.splitlines()]
    assert len(told) == 1 + len(folders)
    for alone, *together in told:
        assert all(each == alone for each in together)
    assert [bool(alone[0]) for alone, *_ in told] == [False, False] + [True] * len(folders[1:])


def read(folder: Path, size: int, **how: bool) -> list[Bundle]:
    return list(bundles(folder, size, **{"hashes_only": False} | how))


@pytest.mark.parametrize("wanted", [set(), {100, 512}])
def test_a_tree_filled_by_tiles_is_the_one_that_grows_leaf_by_leaf(wanted: set[int]) -> None:
    leaves = [leaf_of(number.to_bytes(4, "big")) for number in range(600)]
    tiles: dict[tuple[int, int], bytes] = {
        (0, n): b"".join(leaves[n * 256 :][:256]) for n in (0, 2)
    }
    one, other = (Shape(lambda *place: tiles.get(place[:2]), wanted) for _ in range(2))
    told = [finding for leaf in leaves for finding in one.push(leaf)]
    found = [
        finding
        for n in (0, 256)
        for finding in other.fill(leaves[n:][:256], folded(leaves[n:][:256]))
    ]
    found += [finding for leaf in leaves[512:] for finding in other.push(leaf)]
    assert [*found, *other.finish()] == [*told, *one.finish()]
    assert [finding.place for finding in found] == ["tile/0/001"]
    assert other.roots == one.roots
    assert sorted(other.roots) == sorted({0, 600} | wanted)


def test_what_is_forged_is_told_where_it_stands(tmp_path: Path) -> None:
    """An entry is there twice and so breaks its chain, one is in no form, and the last is cut."""
    own = list(entries())
    own[100] = own[2]
    own[9] = json.dumps(json.loads(own[9])).encode()
    log = exported(tmp_path / "log", own)
    last = log / place_of(1, 300)
    last.write_bytes(last.read_bytes() + b"x")
    keys = [read_key(VKEY)]
    report = verify_export(log, keys, {})
    assert [(finding.name, finding.place) for finding in report.findings] == [
        ("event.noncanonical", "entry 9"),
        ("event.duplicate", "entry 100"),
        ("chain", "entry 100"),
        ("event.missing", "tile/entries"),
    ]
    assert str(report.findings[1].words) == f"{json.loads(own[2])['id']} is there twice"
    alone = verify_export(log, keys, {}, hashes_only=True)
    assert [finding.name for finding in alone.findings] == ["event.missing"]


class BesideTwin:
    """Stands for a process: it does its work as it starts, and the pipe keeps what came of it."""

    started = 0
    refuses = False

    def __init__(self, *, target: Callable[..., None], args: tuple[Any, ...], daemon: bool) -> None:
        assert daemon
        self._work, self._told = target, args
        self.is_over = False

    def start(self) -> None:
        if self.refuses and BesideTwin.started:
            raise OSError("There is no room for another process.")
        BesideTwin.started += 1
        own_end, _ = multiprocessing.Pipe(duplex=False)
        self._work(own_end, *self._told[1:])

    def terminate(self) -> None:
        self.is_over = True

    def join(self) -> None:
        assert self.is_over


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> type[BesideTwin]:
    """Let twins stand for two processes."""
    monkeypatch.setattr(reading, "FEW", 1)
    monkeypatch.setattr(reading, "cores", lambda: 2)
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(multiprocessing, "Process", BesideTwin)
    monkeypatch.setattr(BesideTwin, "started", 0)
    return BesideTwin


@pytest.mark.parametrize("hashes_only", [False, True])
def test_processes_take_turns_with_the_bundles(
    beside: type[BesideTwin], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hashes_only: bool
) -> None:
    log = exported(tmp_path / "log")
    found = read(log, 300, hashes_only=hashes_only)
    assert beside.started == 2
    assert [len(each.leaves) for each in found] == [256, 44]
    assert [len(each.links) for each in found] == ([0, 0] if hashes_only else [256, 44])
    monkeypatch.setattr(reading, "FEW", 301)
    assert read(log, 300, hashes_only=hashes_only) == found
    assert beside.started == 2


def test_a_process_that_cannot_start_is_done_without(
    beside: type[BesideTwin], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "refuses", True)
    assert [len(each.leaves) for each in read(exported(tmp_path / "log"), 300)] == [256, 44]
    assert beside.started == 1


def test_what_a_process_that_is_gone_has_not_read_is_read_here(
    beside: type[BesideTwin], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_help", lambda *_: None)
    assert [len(each.leaves) for each in read(exported(tmp_path / "log"), 300)] == [256, 44]
    assert beside.started == 2


def test_a_process_stops_at_what_cannot_be_read_and_when_nobody_reads(
    beside: type[BesideTwin], tmp_path: Path
) -> None:
    problems = [each.problem for each in read(tmp_path, 2000)]
    assert problems[0] == "tile/entries/000 is missing"
    end, own = multiprocessing.Pipe(duplex=False)
    reading._help(end, own, reading._Asked(tmp_path, 2000, False), range(8))
    with pytest.raises(OSError, match="closed"):
        end.recv()


@pytest.mark.parametrize("way", ["thread", "daemon", "no file"])
def test_no_process_starts_where_it_could_hang_or_not_begin(
    beside: type[BesideTwin], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(multiprocessing, "get_start_method", lambda: "fork")
    if way == "thread":
        monkeypatch.setattr(threading, "active_count", lambda: 2)
    elif way == "daemon":
        monkeypatch.setattr(multiprocessing.current_process(), "_config", {"daemon": True})
    else:
        monkeypatch.setattr(multiprocessing, "get_start_method", lambda: "spawn")
        monkeypatch.setattr(reading._help, "__module__", "__main__")
        monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    assert [len(each.leaves) for each in read(exported(tmp_path / "log"), 300)] == [256, 44]
    assert beside.started == 0


def test_as_many_cores_are_used_as_this_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 5}, raising=False)
    assert reading.cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert reading.cores() == 1
