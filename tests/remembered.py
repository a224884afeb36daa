"""Worlds that many tests begin with: walked to once in a process, from then on put back.

What a remembered walk leaves behind is kept: its rows as the database holds them, with history and
record, and what it returns. Who calls it again in a database that stands where it stood then, with
the same arguments, is given the same rows and equal objects. Each walk leads from one known state
to the next; whatever else writes, or undoes, ends that for the rest of a test, which then walks.
So does a test that puts something in the place of our code, or changes settings. Nothing is kept
for longer than minutes, since rows keep the times of when they were walked to.

``SIGNET_TEST_WALK=1`` lets every test walk.
"""

import copyreg
import os
import pickle
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from functools import wraps
from io import BytesIO
from typing import Any, ParamSpec, TypeVar
from weakref import WeakSet

import pytest
from django.conf import UserSettingsHolder, settings
from django.core import mail
from django.db import connection
from django.db.models import Model

from apps.audit.unrecorded import Unrecorded
from apps.catalog import store
from apps.catalog.models import Artifact
from apps.validation import runner
from tests import fingerprints, kept_rows
from tests.kept_rows import Difference, Tables

P = ParamSpec("P")
R = TypeVar("R")

IS_OFF = os.environ.get("SIGNET_TEST_WALK") == "1"
HOLDS = 300.0
"""Seconds for which a world is remembered: none of its rows is older when a test begins with it."""
MOST = 400
"""How many steps a process remembers at a time, those that were used last."""

# What every test puts in place of our code (conftest), and which settings change no row.
USUAL = frozenset({(id(Unrecorded), "count"), (id(runner), "confined")})
HARMLESS = frozenset({"CACHES"})

_WRITES = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?')
_READS = re.compile(
    r"[\s(]*(?:SELECT|SAVEPOINT|RELEASE|PRAGMA|SET|EXPLAIN|BEGIN"
    r"|WITH(?!.*\b(?:INSERT|UPDATE|DELETE)\b))\b",
    re.DOTALL,
)
_ANYTHING = "*"


@dataclass(frozen=True, eq=False)
class State:
    """Where a database stands after some walks; another walk to the same place is another state."""

    tables: Tables
    began: float | None = None
    """When the first of these walks began; nothing was walked yet when there is none."""


@dataclass(frozen=True)
class Step:
    """What one walk left behind."""

    to: State
    differences: Sequence[Difference]
    hooks: Sequence[tuple[Any, ...]]
    files: Collection[str]
    objects: bytes

    def is_good(self) -> bool:
        """Say whether its rows are fresh, and the store still holds their files."""
        assert self.to.began is not None
        is_fresh = time.monotonic() - self.to.began < HOLDS
        return is_fresh and TRACK.holds(self.files)


class Memory:
    """The steps that were walked in this process, and where all of them begin."""

    def __init__(self) -> None:
        self.base: State | None = None
        self._bases: list[State] = []
        self._steps: OrderedDict[Hashable, Step] = OrderedDict()

    def start(self) -> State:
        """Return where a test begins, which another test may have moved."""
        if self.base is None:
            tables = kept_rows.read(kept_rows.names())
            same = (base for base in self._bases if base.tables == tables)
            self.base = next(same, None) or State(tables)
            self._bases = [self.base, *self._bases][:2]
        return self.base

    def step(self, key: Hashable) -> Step | None:
        """Return a step that is still good."""
        found = self._steps.get(key)
        if found is None or not found.is_good():
            return None
        self._steps.move_to_end(key)
        return found

    def keep(self, key: Hashable, step: Step) -> None:
        self._steps[key] = step
        self._steps.move_to_end(key)
        while len(self._steps) > MOST:
            self._steps.popitem(last=False)


class Track:
    """Where the database of the running test stands, as far as remembered walks led it there."""

    def __init__(self) -> None:
        self.is_on = False
        self.is_at_start = False
        self.state: State | None = None
        self.walks: list[set[str]] = []
        """The tables that each walk under way wrote to, the outermost first."""
        self.held: set[str] = set()
        """Files that the store was asked for in this test: to ask S3 takes longer than a walk."""

    def begin(self) -> None:
        """Begin a test."""
        self.is_on, self.is_at_start, self.state = not IS_OFF, True, None
        self.walks.clear()
        self.held.clear()
        if self.is_on and self.watch not in connection.execute_wrappers:
            connection.execute_wrappers.insert(0, self.watch)

    def where(self) -> State | None:
        """Return where the database stands, or None when that is not known."""
        if not self.is_on or not is_as_usual():
            return None
        if self.is_at_start:
            self.is_at_start, self.state = False, MEMORY.start()
        return self.state

    def holds(self, files: Collection[str]) -> bool:
        """Say whether the store holds files that a walk left there."""
        self.held.update(sha256 for sha256 in files if sha256 in self.held or store.exists(sha256))
        return self.held.issuperset(files)

    def goes_to(self, state: State | None) -> None:
        self.is_at_start, self.state = False, state

    def watch(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        """Take note of a statement that writes, or undoes what was written."""
        if not _READS.match(str(sql)):
            self._note(str(sql))
        return execute(sql, params, many, context)

    def _note(self, sql: str) -> None:
        self.goes_to(None)
        if not is_in_a_test():
            MEMORY.base = None
        if not sql.startswith("ROLLBACK TO"):  # which undoes writes of which note was taken
            found = _WRITES.match(sql)
            for tables in self.walks:
                tables.add(found[1] if found else _ANYTHING)


MEMORY, TRACK = Memory(), Track()


def remembered(walk: Callable[P, R]) -> Callable[P, R]:
    """Let a walk that was taken before, from the same state, put back what it left then."""

    @wraps(walk)
    def remember(*args: P.args, **kwargs: P.kwargs) -> R:
        state = TRACK.where()
        if state is None:
            return walk(*args, **kwargs)
        try:
            given = fingerprints.of([list(args), kwargs])
            key = (state, walk.__module__, walk.__qualname__, given, overridden())
        except fingerprints.Unknown:
            return walk(*args, **kwargs)
        rows = fingerprints.rows_in([list(args), kwargs])
        step = MEMORY.step(key)
        if step is not None:
            again: R = put_back(step, rows)
            return again
        return walked(key, state, rows, lambda: walk(*args, **kwargs))

    return remember


def walked(key: Hashable, state: State, rows: Sequence[Model], walk: Callable[[], R]) -> R:
    """Walk, and remember what that left behind unless something about it cannot be kept."""
    began = time.monotonic() if state.began is None else state.began
    hooks, mails = len(connection.run_on_commit), len(mails_sent())
    wrote: set[str] = {kept_rows.SEQUENCES} & state.tables.keys()
    TRACK.walks.append(wrote)
    try:
        returned = walk()
    finally:
        TRACK.goes_to(None)
        TRACK.walks.pop()
    objects = pickled([[vars(row) for row in rows], returned], rows)
    is_whole = wrote <= state.tables.keys() and len(mails_sent()) == mails and is_as_usual()
    if objects is not None and is_whole:
        tables = {**state.tables, **kept_rows.read(wrote)}
        step = Step(
            to=State(tables, began),
            differences=kept_rows.differences(state.tables, tables, wrote),
            hooks=[hook[1:] for hook in connection.run_on_commit[hooks:]],
            files=files_of() if Artifact._meta.db_table in wrote else (),
            objects=objects,
        )
        MEMORY.keep(key, step)
        TRACK.goes_to(step.to)
    return returned


def put_back(step: Step, rows: Sequence[Model]) -> Any:
    """Leave behind what a walk left, and return what it returned."""
    for wrote in TRACK.walks:
        wrote.update(difference.table for difference in step.differences)
    kept_rows.carry_out(step.differences)
    for hook in step.hooks:
        connection.run_on_commit.append((set(connection.savepoint_ids), *hook))
    held, returned = unpickled(step.objects, rows)
    for row, now in zip(rows, held, strict=True):
        vars(row).clear()
        vars(row).update(now)
    TRACK.goes_to(step.to)
    return returned


# -- whether a walk would be the same once more


def is_as_usual() -> bool:
    """Say whether nothing stands in the place of our code, and no setting that matters changed."""
    here = threading.current_thread() is threading.main_thread()
    return here and is_in_a_test() and patched() == USUAL and set(overridden()) <= HARMLESS


def is_in_a_test() -> bool:
    """Say whether all that is written now is undone when the test ends."""
    blocks: list[Any] = connection.atomic_blocks
    return bool(blocks) and blocks[0]._from_testcase


def overridden() -> tuple[str, ...]:
    """Return the settings that a test changed."""
    holder: Any = vars(settings)["_wrapped"]
    names: list[str] = []
    while isinstance(holder, UserSettingsHolder):
        names += [name for name in vars(holder) if name.isupper()]
        holder = holder.default_settings
    return tuple(names)


def patched() -> set[tuple[int, str]]:
    """Return what is put in the place of something else at the moment."""
    found = set()
    for patch in list(_PATCHES):
        set_on = [each[:2] for each in patch._setattr if not isinstance(each[0], pytest.Config)]
        found |= {(id(target), name) for target, name in set_on}
        found |= {(id(target), str(name)) for target, name, _ in patch._setitem}
        if patch._cwd is not None or patch._savesyspath is not None:
            found.add((id(patch), "place"))
    return found


_PATCHES: "WeakSet[pytest.MonkeyPatch]" = WeakSet()
_make_patch = pytest.MonkeyPatch.__init__


def _make_known_patch(patch: pytest.MonkeyPatch) -> None:
    _make_patch(patch)
    _PATCHES.add(patch)


pytest.MonkeyPatch.__init__ = _make_known_patch  # type: ignore[method-assign, assignment]


def mails_sent() -> list[Any]:
    return getattr(mail, "outbox", [])


def files_of() -> list[str]:
    return list(Artifact.objects.values_list("sha256", flat=True))


# -- objects: those that the caller holds already stay the same ones


def pickled(objects: Any, rows: Sequence[Model]) -> bytes | None:
    """Return objects as bytes, in which rows are but numbers; None when one cannot be kept."""
    numbers = {id(row): number for number, row in enumerate(rows)}
    into = BytesIO()
    pickler = _Pickler(into, pickle.HIGHEST_PROTOCOL)
    pickler.numbers = numbers
    try:
        pickler.dump(objects)
    except (pickle.PicklingError, TypeError, AttributeError):
        return None
    return into.getvalue()


def unpickled(objects: bytes, rows: Sequence[Model]) -> Any:
    unpickler = _Unpickler(BytesIO(objects))
    unpickler.rows = rows
    return unpickler.load()


class _Pickler(pickle.Pickler):
    numbers: dict[int, int]

    def persistent_id(self, obj: Any) -> int | None:
        return self.numbers.get(id(obj))

    def reducer_override(self, obj: Any) -> Any:
        """Keep of a row what it is, without the version that Django would add."""
        if not isinstance(obj, Model):
            return NotImplemented
        return copyreg.__newobj__, (type(obj),), vars(obj), None, None, _hold  # type: ignore[attr-defined]


def _hold(row: Model, held: dict[str, Any]) -> None:
    vars(row).update(held)


class _Unpickler(pickle.Unpickler):
    rows: Sequence[Model]

    def persistent_load(self, pid: int) -> Model:
        return self.rows[pid]
