"""JSON and text from outside: plain, unambiguous and within limits, or refused in words."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.inputs import (
    MOST_BYTES,
    MOST_DEPTH,
    InputRefused,
    read_json,
    require_json,
    require_text,
)

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text("aé✓ \n") | st.floats(0, 1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc"), inner, max_size=4),
    max_leaves=20,
)


@given(PLAIN)
def test_plain_values_come_back_as_they_were(value: object) -> None:
    assert read_json(json.dumps(value)) == value
    assert read_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ('{"a": 1, "a": 2}', "'a' stands there twice"),
        ('{"o": {"b": 1, "b": 1}}', "'b' stands there twice"),
        ("[NaN]", "NaN is not a number"),
        ("-Infinity", "-Infinity is not a number"),
        ("1e999", "too large"),
        ("1" * 10_000, "at most 19 digits"),
        ("9" * 19, "at most 19 digits"),
        ('"\\u0000"', "NUL"),
        ('{"\\ud800": 1}', "half of a character"),
        (b"\xff\xfe", "UTF-8"),
        (b" " * (MOST_BYTES + 1), "longer than 1,048,576 bytes"),
        ("[" * (MOST_DEPTH + 1) + "]" * (MOST_DEPTH + 1), "deeper than 32"),
        ("[" * 100_000, "deeper than 32"),
        (json.dumps({str(number): 0 for number in range(100_000)}), "at most 1,000 things"),
        (json.dumps([0] * 1001), "at most 1,000 things"),
    ],
)
def test_e3_json_beyond_the_limits_is_refused_quickly_and_in_words(
    sent: bytes | str, words: str
) -> None:
    start = time.perf_counter()
    if len(sent) > MOST_BYTES and isinstance(sent, str):
        words = "longer than"

    with pytest.raises(InputRefused, match=words):
        read_json(sent)

    assert time.perf_counter() - start < 2  # a machine that does other things beside


def test_the_deepest_value_allowed_is_read() -> None:
    assert read_json("[" * MOST_DEPTH + "]" * MOST_DEPTH)
    assert read_json(b" " * (MOST_BYTES - 1) + b"1") == 1


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**63, object(), {"a": {1, 2}}, ["\0"], b"bytes"]
)
def test_values_json_does_not_have_are_refused(value: object) -> None:
    with pytest.raises(InputRefused):
        require_json(value)


def test_a_text_is_held_to_its_length_and_to_what_can_be_shown() -> None:
    require_text("Grüße ✓", "The title", 7)
    require_text("two\nlines\t", "The text", 20, lines=True)
    with pytest.raises(InputRefused, match="The title holds at most 3 characters; this has 4"):
        require_text("four", "The title", 3)
    for hidden in ("\0", "a\nb", "\x1b[31m", "\ud800", "\r"):
        with pytest.raises(InputRefused, match="cannot be shown"):
            require_text(hidden, "The title", 20)
