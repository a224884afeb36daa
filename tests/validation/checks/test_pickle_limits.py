"""Corners of the pickle machine: odd operations, and what is too much."""

import pickle
from dataclasses import replace
from typing import Any

import pytest

from apps.validation.checks.unsafe_code.examining import LIMITS
from tests.validation.checks.hostile import FIRE, PROTO, called, line_named, named, payload, text
from tests.validation.checks.stored import codes, scanned


@pytest.mark.parametrize(
    "operations",
    [
        b"N2\x86",  # DUP
        b"((1N",  # POP_MARK
        b"(0N",  # POP of a mark
        b"(NNd",
        b"(NNl",
        b"(N\x91",
        b"\x8f(N\x90",
        b"}(NNNNu",
        b"]N]a",
        b"I5\nI00\nI01\nI-7\nL5L\nL5\n((((t",
        b"I" + b"9" * 60 + b"\nIrubbish\n\x86",
        b"F1.5\nG12345678\x86",
        b"\x8a\x02\x01\x02\x8a\x20" + bytes(32) + b"\x8b\x01\x00\x00\x00\x05\x87",
        b"S'text'\nS\"text\"\nS'\\x'\n\x87",
        b"T\x02\x00\x00\x00abU\x02ab\x86",
        b"T\xff\x01\x00\x00" + b"a" * 511,
        b"Vtext\nV" + b"a" * 300 + b"\n\x86",
        b"\x8c\x02\xff\xfe",
        b"X\x00\x02\x00\x00" + b"a" * 512,
        b"\x8d\x01\0\0\0\0\0\0\0a",
        b"B\x01\0\0\0a\x8e\x01\0\0\0\0\0\0\0a\x96\x01\0\0\0\0\0\0\0aC\x01a\x87",
        b"Np5\ng5\nq\x06h\x06r\x07\0\0\0j\x07\0\0\0\x87",
        b"Np0\n]p0\ng0\n\x87",
        b"N\x98",
        named("collections", "OrderedDict") + b")}\x92",
        named("collections", "OrderedDict") + b")\x81(N}t" + b"b",
        named("collections", "OrderedDict") + b")\x81N}" + text("slot") + b"Ns\x86b",
        b"(" + line_named("collections", "OrderedDict") + b"o",
        b"(icollections\nOrderedDict\n",
        b"c__builtin__\nxrange\n(K\x05tR",
        b"ccopy_reg\n_reconstructor\n(ccollections\nOrderedDict\nc__builtin__\ndict\n}tR",
    ],
    ids=range(31),
)
def test_harmless_operations_are_followed(operations: bytes) -> None:
    assert codes(scanned(b"\x80\x02" + operations + b".")) == set()


@pytest.mark.parametrize(
    "operations",
    [
        b"0",
        b"(NNNu",
        b"}(Nu",
        b"(Nd",
        b"(o",
        b"Na",
        b"R",
        b"NNR",
        b"NN\x81",
        b"NN\x93",
        b"c\n\n",
        b"p0\n",
        b"Np-1\n",
        b"Npx\n",
        b"gx\n",
        b"g7\n",
        b"\x94",
        b"S'text\n",
        b"Stext\n",
        b"\x80\x63",
        b"q",
        b"X\xff\xff\xff\x7fa",
        b"cos",
    ],
)
def test_what_no_unpickler_would_follow_cannot_be_told(operations: bytes) -> None:
    data = b"\x80\x02" + operations + b"."
    if operations != b"Na":
        with pytest.raises(Exception, match=r".*"):
            pickle.loads(data)

    assert not scanned(data).passed


@pytest.mark.parametrize(
    ("limit", "data"),
    [
        ({"operations": 50}, b"N0" * 500),
        ({"stack": 50}, b"N" * 100),
        ({"stack": 50}, b"(" * 100),
        ({"memo": 50}, b"N" + b"\x94" * 100),
        ({"line": 50}, b"V" + b"a" * 100 + b"\n"),
        ({"pickle_bytes": 50}, b"N0" * 100),
        ({"pickle_bytes": 50}, b"B\x64\0\0\0" + b"a" * 100),
    ],
)
def test_too_much_of_anything_is_a_problem(limit: dict[str, Any], data: bytes) -> None:
    assert codes(scanned(PROTO + data + b".")) <= {"unreadable_pickle"}
    assert codes(scanned(PROTO + data + b".", limits=replace(LIMITS, **limit))) == {"too_large"}


def test_a_memo_place_beyond_all_measure_is_a_problem() -> None:
    assert codes(scanned(PROTO + b"Np" + b"9" * 30 + b"\n.")) == {"too_large"}


def test_many_far_memo_places_are_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.validation.checks.unsafe_code.pickles.stack.SPARSE_MEMO", 50)
    few = b"N" + b"".join(b"q" + bytes([number * 2 + 9]) for number in range(40))
    many = b"N" + b"".join(b"q" + bytes([number * 2 + 9]) for number in range(60))

    assert codes(scanned(PROTO + few + b".")) == set()
    assert codes(scanned(PROTO + many + b".")) == {"too_large"}


def test_names_after_too_many_texts_are_not_known() -> None:
    many = b"".join(text(f"text {number}") + b"0" for number in range(20))
    data = PROTO + many + named("collections", "OrderedDict") + b"."

    assert codes(scanned(data)) == set()
    assert codes(scanned(data, limits=replace(LIMITS, kept=10))) == {"unclear_global"}


@pytest.mark.parametrize("made", [b")", b"(NNd", b"}"])
def test_a_state_after_too_many_values_is_not_known(made: bytes) -> None:
    many = b")0" * 20
    target = line_named("collections", "OrderedDict") + b"N\x81"

    outcome = scanned(PROTO + many + target + made + b"b.", limits=replace(LIMITS, kept=10))

    assert codes(outcome) == {"unclear_state"}


def test_bytes_that_are_too_long_to_look_into_are_stepped_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("apps.validation.checks.unsafe_code.pickles.opcodes.EMBEDDED", 50)

    assert codes(scanned(pickle.dumps([b"x" * 100]))) == set()
    assert codes(scanned(pickle.dumps([payload(), b"x" * 100]))) == {"too_large"}


def test_pickles_in_pickles_end_somewhere() -> None:
    data = payload()
    for _ in range(6):
        data = pickle.dumps([data])

    assert not scanned(data).passed


def test_only_so_many_problems_of_one_pickle_are_kept() -> None:
    outcome = scanned(
        PROTO + named("os", "system") * 500 + b".", limits=replace(LIMITS, problems=9)
    )

    assert len(outcome.problems) == 10
    assert outcome.problems[-1].code == "more_problems"


def test_only_so_many_names_are_noted() -> None:
    names = b"".join(named("numpy", f"name{number}") for number in range(300))

    assert len(str(scanned(PROTO + names + b".").facts["globals"]).split(",")) == 200


def test_a_call_whose_arguments_are_not_known_is_not_followed() -> None:
    data = PROTO + line_named("copyreg", "_reconstructor") + b"NR."
    assert codes(scanned(data)) == {"unclear_call"}

    no_base = called(line_named("copyreg", "_reconstructor"), line_named("builtins", "dict"))
    assert codes(scanned(PROTO + no_base + b".")) == {"unclear_call"}

    new = called(line_named("copyreg", "__newobj__"), line_named("collections", "OrderedDict"))
    assert codes(scanned(PROTO + new + b".")) == set()


def test_a_forbidden_instance_counts_as_called_even_in_a_text() -> None:
    assert "forbidden_global" in codes(scanned(line_named(*FIRE) + b")\x81" + b"\xff"))
