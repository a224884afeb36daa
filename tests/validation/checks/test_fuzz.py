"""Whatever the bytes are, the check comes to an outcome, and nothing in them runs."""

import gzip
import pickle
from contextlib import suppress
from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apps.validation.checks.unsafe_code import LIMITS
from tests.validation.checks.archives import ARCHIVES
from tests.validation.checks.hostile import PICKLES, joblib_bytes
from tests.validation.checks.stored import FIRED, codes, scanned
from tests.validation.checks.test_honest_models import FILES
from tests.validation.checks.test_hostile_formats import HOSTILE, onnx_model

SEEDS = [
    *PICKLES.values(),
    *(data for data, _ in ARCHIVES.values()),
    *(data for _, data, _ in HOSTILE.values()),
    *FILES.values(),
    joblib_bytes({"a": np.arange(5), "b": np.array([None, "x"], dtype=object)}),
    onnx_model("w.bin", inside=True),
]
SEEDS = [seed for seed in SEEDS if 0 < len(seed) < 5000]
LIMIT = replace(LIMITS, operations=100_000)
fuzzing = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Draw a known file with some of its bytes changed, left out, doubled or cut off."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        match draw(st.integers(0, 4)):
            case 0:
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case 1:
                del data[at : at + draw(st.integers(1, 8))]
            case 2:
                data[at:at] = draw(st.binary(min_size=1, max_size=8))
            case 3:
                data[at:at] = data[at : at + 20]
            case _:
                del data[at:]
    return bytes(data)


@given(mutated())
@fuzzing
def test_mutated_files_give_an_outcome(data: bytes) -> None:
    scanned(data, limits=LIMIT)


@given(st.binary(max_size=300))
@fuzzing
def test_any_bytes_give_an_outcome(data: bytes) -> None:
    scanned(data, limits=LIMIT)
    scanned(b"\x80\x04" + data, limits=LIMIT)
    scanned(gzip.compress(data), limits=LIMIT)


@given(mutated())
@example(b"I0x10\n.")
@fuzzing
def test_what_passes_does_not_run_anything_when_it_is_loaded(data: bytes) -> None:
    """The promise itself: a mutated file that passes is loaded here, and nothing fires."""
    if not scanned(data, limits=LIMIT).passed:
        return
    with suppress(Exception):  # most of them are no pickles at all
        pickle.loads(data, encoding="latin-1")
    assert FIRED == []


def test_many_operations_end_at_the_limit() -> None:
    outcome = scanned(b"\x80\x04" + b"N0" * 300_000, limits=replace(LIMITS, operations=20_000))

    assert codes(outcome) == {"too_large"}
