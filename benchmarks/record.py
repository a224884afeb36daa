"""Measures the record: how fast events are sealed, exported and verified, and how much they weigh.

Run by hand: ``python -m benchmarks.record --events 1000000``. It fills an empty Signet in a folder
of its own, past the operations. Goals for a million entries: verified in 10 s from an export, 60 s
in the database.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHAINS = 500
BATCH = 2000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SIGNET_DATA"] = str(Path(folder) / "data")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_site.settings.development")
        measure(given.events, Path(folder))


def measure(events: int, folder: Path) -> None:
    """Fill the record and time what is done with it."""
    import django  # noqa: PLC0415 - the folder of its data is known only now

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    _fill(events)
    with timed("sealed and signed", events):
        call_command("seal", "--once")
    keys = _keys()
    out = folder / "export"
    with timed("exported", events):
        _export(out)
    print(f"export: {_size(out) / 1e6:.0f} MB; database: {_size(folder / 'data') / 1e6:.0f} MB")
    program = [sys.executable, "-I", "-S", str(out / "verify_audit.py"), "export", str(out)]
    for words, more in (("export verified", []), ("export, hashes only", ["--hashes-only"])):
        with timed(words, events, children=True):
            subprocess.run([*program, "--key", keys, *more], check=True, capture_output=True)
    with timed("database, hashes only", events):
        call_command("audit", "verify", "--hashes-only")
    for processes in (1, 2):
        with timed(f"database verified, {processes} processes", events), beside():
            call_command("audit", "verify", "--processes", str(processes))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"memory at most {most} MiB, of the verifier apart {_children_memory()} MiB")


@contextmanager
def timed(words: str, events: int, *, children: bool = False) -> Iterator[None]:
    """Print how long a block took, of the clock and of the processor."""
    whose = resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF
    began, before = time.perf_counter(), resource.getrusage(whose)
    yield
    after = resource.getrusage(whose)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{words}: {time.perf_counter() - began:.1f} s, {cpu:.1f} s CPU, {events / cpu:,.0f}/s")


@contextmanager
def beside() -> Iterator[None]:
    """Print what processes beside this one took of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    yield
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"processes beside: {cpu:.1f} s CPU; the next line tells of the one that reads")


def _fill(events: int) -> None:
    from apps.audit import writing  # noqa: PLC0415
    from apps.audit.entries import encode, leaf_hash, origin_tag  # noqa: PLC0415
    from apps.audit.log.tree import HASH  # noqa: PLC0415
    from apps.audit.models import AuditEvent  # noqa: PLC0415
    from apps.audit.sealing.states import LogSubject  # noqa: PLC0415
    from apps.core.actors import SYSTEM  # noqa: PLC0415
    from apps.core.clock import database_now  # noqa: PLC0415
    from apps.core.identifiers import uuid7  # noqa: PLC0415

    number, key = writing.newest_tag_key()
    heads = {f"model:mdl_{each}": (0, "0" * 2 * HASH) for each in range(CHAINS)}
    rows = []
    for each in range(events):
        root = f"model:mdl_{each % CHAINS}"
        rev, prev = heads[root]
        draft = writing.Draft(
            uid=uuid7(),
            time=database_now(),
            action="version.describe",
            outcome=AuditEvent.Outcome.DONE,
            actor=SYSTEM,
            subject=LogSubject(f"ver_{each}", record_word="version"),
            rows=[_row("version:ver_1"), _row("model:mdl_1")],
            reason=None,
            detail={"from": "staging", "to": "production", "gates": "sha256:" + "0" * 64},
            parent=None,
            sign=None,
        )
        entry = encode(draft.entry(writing.Link(root, rev + 1, prev)))
        heads[root] = rev + 1, leaf_hash(entry).hex()
        rows.append(
            AuditEvent(
                uid=draft.uid,
                entry=entry,
                tag=origin_tag(entry, key=key),
                tag_key=number,
                action=draft.action,
                outcome=draft.outcome,
                actor_id=SYSTEM.id,
                subject_type="version",
                subject_id=f"ver_{each}",
                chain_root=root,
                chain_rev=rev + 1,
            )
        )
        if len(rows) == BATCH or each == events - 1:
            AuditEvent.objects.bulk_create(rows)
            rows = []


def _row(ref: str) -> Any:
    from apps.audit.entries import RowChange  # noqa: PLC0415

    return RowChange(ref, "sha256:" + "1" * 64, "sha256:" + "2" * 64)


def _export(out: Path) -> None:
    from apps.audit import exporting  # noqa: PLC0415
    from apps.core.actors import Actor, Door, FixedAuthority, Kind  # noqa: PLC0415

    right = FixedAuthority({exporting.EXPORT.permission})
    exporting.export(out, by=Actor("usr_1", Kind.USER, Door.COMMAND, authority=right))


def _keys() -> str:
    from apps.audit.models import Log  # noqa: PLC0415
    from apps.audit.sealing import signing  # noqa: PLC0415

    return signing.kept_keys(Log.objects.get().origin)[0].verifier.text


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _children_memory() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


if __name__ == "__main__":
    main()
