"""How long an array between operations is: known exactly, or a problem."""

import io
import pickle
from contextlib import suppress
from dataclasses import replace

import joblib
import numpy as np
import pytest

from apps.validation.checks.unsafe_code.examining import LIMITS
from tests.validation.checks import stored
from tests.validation.checks.hostile import FIRE, PROTO, called, line_named, named, text
from tests.validation.checks.stored import codes, grave_codes, scanned

WRAPPER = named("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81"
FALSE, TRUE, NONE = b"\x89", b"\x88", b"N"


def number(value: int) -> bytes:
    return b"J" + value.to_bytes(4, "little", signed=True)


def group(*values: bytes) -> bytes:
    return b"(" + b"".join(values) + b"t"


def mapping(**values: bytes) -> bytes:
    return b"}(" + b"".join(text(name) + value for name, value in values.items()) + b"u"


def state(
    flags: int = 0,
    size: int = -1,
    fields: bytes = NONE,
    part: bytes = NONE,
    version: int = 3,
) -> bytes:
    start = (number(version), text("|"), part, NONE, fields)
    return group(*start, number(size), number(-1), number(flags))


def dtype(kind: str, given: bytes = b"") -> bytes:
    made = called(named("numpy", "dtype"), text(kind), FALSE, TRUE)
    return made + given + b"b" if given else made


def array(kind: bytes, shape: bytes = b"K\x02\x85", **others: bytes) -> bytes:
    fields = {"subclass": named("numpy", "ndarray"), "shape": shape, "order": text("C")}
    return WRAPPER + mapping(**fields, dtype=kind, **others) + b"b"


RAW = b"\x00" * 16
PADDED = {"numpy_array_alignment_bytes": number(16)}


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        (dtype("f8"), 16),
        (dtype("f8", state()), 16),
        (dtype("?"), 2),
        (dtype("b1"), 2),
        (dtype("U3"), 24),
        (dtype("U3", state(size=12)), 24),
        (dtype("S5"), 10),
        (dtype("M8", state(version=4)), 16),
        (dtype("V6", state(size=6)), 12),
        (dtype("V6", state(size=6, fields=mapping(a=group(dtype("u2"), number(0))))), 12),
        (dtype("V8", state(size=8, part=group(dtype("u2"), number(4)))), 16),
    ],
)
def test_an_array_of_a_known_type_is_stepped_over_exactly(kind: bytes, size: int) -> None:
    good = PROTO + array(kind) + bytes(size) + b"."

    assert codes(scanned(good)) == set()
    assert codes(scanned(PROTO + array(kind) + bytes(size + 1) + b".")) == {"unreadable_pickle"}
    assert not scanned(PROTO + array(kind) + bytes(size - 1) + b".").passed


def test_padding_is_stepped_over() -> None:
    data = PROTO + array(dtype("f8"), **PADDED) + b"\x03\xff\xff\xff" + RAW + b"."

    assert codes(scanned(data)) == set()


@pytest.mark.parametrize(
    "wrapper",
    [
        WRAPPER + NONE + b"b",
        WRAPPER + mapping() + b"b",
        WRAPPER + b"}NNsb",
        array(NONE),
        array(text("f8")),
        array(dtype("rubbish")),
        array(dtype("f")),
        array(called(named("numpy", "dtype"))),
        array(called(named("builtins", "list"))),
        array(dtype("f8"), shape=NONE),
        array(dtype("f8"), shape=number(-1) + b"\x85"),
        array(dtype("f8"), shape=text("x") + b"\x85"),
        array(dtype("f8"), shape=b"]K\x01a"),
        array(dtype("V6", state(size=-1))),
        array(dtype("V6", state(size=6, fields=number(1)))),
        array(dtype("V6", state(size=6, fields=mapping(a=number(1))))),
        array(dtype("f8", state(version=2))),
        array(dtype("f8", group(number(3)))),
        array(dtype("f8", number(3))),
        array(dtype("f8", state(flags=1))),
        array(dtype("O8", state(flags=0))),
        array(dtype("f8", state() + b"b" + state())),
        WRAPPER + b"\x94" + mapping() + b"b0h\x00" + mapping() + b"b",
    ],
    ids=range(23),
)
def test_an_array_whose_length_is_not_known_cannot_be_told(wrapper: bytes) -> None:
    outcome = scanned(PROTO + wrapper + RAW + b".")

    assert "unclear_array" in grave_codes(outcome)


OBJECT = dtype("O8", state(flags=63))
OBJECTS_APART = mapping(a=group(OBJECT, number(0)), b=group(dtype("u8"), number(8)))


@pytest.mark.parametrize(
    "lying",
    [
        dtype("O8", state(flags=0)),
        dtype("f8", state(flags=1)),
        dtype("f8", state(fields=mapping())),
        dtype("f8", state(part=group(dtype("u1"), number(8)))),
        dtype("V8", state(size=8, fields=mapping(a=group(dtype("u8"), number(1))))),
        dtype("V8", state(size=8, fields=mapping(a=group(dtype("u8"), number(-1))))),
        dtype("V8", state(size=8, part=group(dtype("u2"), number(3)))),
        dtype("V8", state(size=8, part=group(dtype("u2")))),
        dtype("V16", state(size=16, fields=OBJECTS_APART)),
        dtype(
            "V8",
            state(
                size=8,
                flags=1,
                fields=mapping(a=group(OBJECT, number(0)), b=group(dtype("u8"), number(0))),
            ),
        ),
        dtype("V8", state(size=8, flags=1, fields=mapping(a=number(1)))),
        dtype("U3", state(size=-9)),
    ],
    ids=range(12),
)
def test_a_type_that_lies_about_memory_is_a_problem_in_any_pickle(lying: bytes) -> None:
    assert codes(scanned(PROTO + lying + b".")) == {"unclear_array"}


def test_a_type_with_objects_in_their_own_places_is_clear() -> None:
    kind = dtype("V16", state(size=16, flags=27, fields=OBJECTS_APART))

    assert codes(scanned(PROTO + kind + b".")) == set()


def test_a_type_nested_without_end_is_too_deep() -> None:
    kind = dtype("u1")
    for _ in range(12):
        kind = dtype("V1", state(size=1, part=group(kind, number(1))))

    assert "unclear_array" in codes(scanned(PROTO + array(kind) + RAW + b"."))


def test_a_flag_that_makes_joblib_load_a_pickle_instead_of_numbers_is_seen() -> None:
    """Told that numbers are objects, joblib loads a pickle where an array seems to be."""
    inner = b"\x80\x02" + called(line_named(*FIRE)) + b"."
    lying = dtype("u1", state(flags=63))
    data = PROTO + array(lying, shape=number(len(inner)) + b"\x85") + inner + b"."
    stored.FIRED.clear()
    with suppress(AttributeError):  # what came back is no array, but by then it has run
        joblib.load(io.BytesIO(data))
    assert stored.FIRED == ["()"]

    assert not scanned(data).passed


def test_an_array_may_not_begin_in_the_middle_of_a_frame() -> None:
    """Joblib would read it behind the frame, and operations would seem to be numbers."""
    body = array(dtype("u1"), shape=b"K\x01\x85") + b"\x00."
    framed = b"\x80\x04\x95" + len(body).to_bytes(8, "little") + body

    assert codes(scanned(framed)) == {"unclear_array"}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"." + bytes(15), None),
        (b"N" * 16, "unclear_array"),
        (b"B\xff\xff\xff\xff" + bytes(11), "unclear_array"),
        (b"0" + bytes(15), None),
        ((line_named("os", "system") + b")R.").ljust(16, b"\0"), "forbidden_global"),
        ((line_named("os", "system") + b")R").ljust(16, b"\0"), "forbidden_global"),
    ],
)
def test_numbers_are_also_read_as_operations(raw: bytes, code: str | None) -> None:
    data = PROTO + array(dtype("u1"), shape=number(len(raw)) + b"\x85") + raw + b"."

    assert codes(scanned(data)) == ({code} if code else set())


def test_a_pickle_of_objects_is_followed_at_its_place() -> None:
    objects = pickle.dumps([1, None])
    data = PROTO + array(dtype("O8", state(flags=63))) + objects + b"."

    assert codes(scanned(data)) == set()
    assert codes(scanned(PROTO + array(dtype("O")) + objects[:-1])) == {"unreadable_pickle"}


def test_the_work_of_reading_twice_is_bounded() -> None:
    many = b"".join(text(f"text {number}") + b"\x940" for number in range(1000))
    data = PROTO + many + (array(dtype("u1")) + b"0\x00") * 200 + b"N."

    assert codes(scanned(data)) == set()
    limits = replace(LIMITS, operations=50_000)
    assert codes(scanned(data, limits=limits)) == {"too_large"}


def test_real_arrays_of_many_types_pass() -> None:
    kinds = [
        "?",
        "i1",
        "u8",
        "f2",
        "c16",
        "S3",
        "U3",
        "V5",
        "M8[ns]",
        "m8[s]",
        ">f8",
        "f8,O,(2,)u2",
    ]
    for kind in kinds:
        buffer = io.BytesIO()
        joblib.dump({"a": np.zeros((2, 3), dtype=kind), "b": kind}, buffer)
        assert codes(scanned(buffer.getvalue())) == set(), kind
