"""Whatever the bytes are, each parser comes to an outcome, in time and memory, and nothing runs.

Under ``SIGNET_TEST_LONG`` each parser is fed for a minute.
"""

import gzip
import os
import pickle
import random
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apps.validation.checks.contract import Outcome
from apps.validation.checks.unsafe_code.examining import LIMITS
from tests.validation.checks.corpus.kept import KEPT
from tests.validation.checks.corpus.parsers import PARSERS, Seed
from tests.validation.checks.stored import FIRED, codes, scanned

LIMIT = replace(LIMITS, operations=100_000)
MOST_MEMORY = 512 * 2**20
MOST_SECONDS = 20
"""Far more than any sample takes, also on a busy machine: beyond it lies a hang."""
LONG_SECONDS = 60
IS_LONG = bool(os.environ.get("SIGNET_TEST_LONG"))

fuzzing = settings(
    max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
ALL_SEEDS = [seed for seeds in PARSERS.values() for seed in seeds]


@contextmanager
def within_memory() -> Iterator[None]:
    """Fail when the process has grown by more than a parser may take."""
    unit = 1 if sys.platform == "darwin" else 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    yield
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before
    assert grown < MOST_MEMORY, f"{grown:,} bytes"


def examined(path: str, data: bytes) -> Outcome:
    """Examine bytes, and say which ones when they break something."""
    began = time.monotonic()
    try:
        outcome = scanned(data, path, limits=LIMIT)
    except BaseException as error:
        error.add_note(f"{path}: {data!r}")
        raise
    assert time.monotonic() - began < MOST_SECONDS, f"{path}: {data!r}"
    return outcome


@st.composite
def mutated(draw: st.DrawFn, seeds: Iterable[Seed]) -> Seed:
    """Draw a known file with some of its bytes changed, left out, doubled or cut off."""
    path, seed = draw(st.sampled_from(list(seeds)))
    data = bytearray(seed)
    for _ in range(draw(st.integers(1, 4))):
        at, kind = draw(st.integers(0, len(data))), draw(st.integers(0, 4))
        change(data, at, kind, draw(st.binary(min_size=1, max_size=8)))
    return path, bytes(data)


def change(data: bytearray, at: int, kind: int, other: bytes) -> None:
    match kind:
        case 0:
            data[at : at + 1] = other[:1]
        case 1:
            del data[at : at + len(other)]
        case 2:
            data[at:at] = other
        case 3:
            data[at:at] = data[at : at + 20]
        case _:
            del data[at:]


@pytest.mark.parametrize("parser", PARSERS)
def test_mutated_files_give_an_outcome(parser: str) -> None:
    @given(mutated(PARSERS[parser]))
    @fuzzing
    def feed(seed: Seed) -> None:
        examined(*seed)

    with within_memory():
        feed()


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.skipif(not IS_LONG, reason="a minute each, under SIGNET_TEST_LONG")
def test_a_minute_of_mutated_files_gives_outcomes(parser: str) -> None:
    source = random.Random(parser)
    seeds = PARSERS[parser]
    until = time.monotonic() + LONG_SECONDS
    with within_memory():
        while time.monotonic() < until:
            path, seed = source.choice(seeds)
            data = bytearray(seed)
            for _ in range(source.randint(1, 6)):
                other = source.randbytes(source.randint(1, 8))
                change(data, source.randint(0, len(data)), source.randrange(5), other)
            examined(path, bytes(data))


@pytest.mark.parametrize("name", KEPT)
def test_what_was_found_before_stays_mended(name: str) -> None:
    path, data, code = KEPT[name]

    found = codes(examined(path, data))

    assert code in found if code else found == set()


@given(st.binary(max_size=300))
@fuzzing
def test_any_bytes_give_an_outcome(data: bytes) -> None:
    examined("model.bin", data)
    examined("model.pkl", b"\x80\x04" + data)
    examined("model.gz", gzip.compress(data))


@given(mutated([seed for seed in ALL_SEEDS if seed[0].endswith((".pkl", ".joblib"))]))
@example(("model.pkl", b"I0x10\n."))
@fuzzing
def test_what_passes_does_not_run_anything_when_it_is_loaded(seed: Seed) -> None:
    """The promise itself: a mutated file that passes is loaded here, and nothing fires."""
    path, data = seed
    if not examined(path, data).passed:
        return
    with suppress(Exception):  # most of them are no pickles at all
        pickle.loads(data, encoding="latin-1")
    assert FIRED == []


def test_many_operations_end_at_the_limit() -> None:
    outcome = scanned(b"\x80\x04" + b"N0" * 300_000, limits=replace(LIMITS, operations=20_000))

    assert codes(outcome) == {"too_large"}
