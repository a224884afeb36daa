"""Every type of field takes what it may hold, in one form, and says why it takes nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.inventory.reading import EntityId, FieldType, InventoryField, Need
from apps.catalog.inventory.values import (
    MOST_ITEMS,
    WRITABLE,
    checked,
    digest_of_value,
    is_empty,
    length_in_words,
    people_in,
)
from apps.core.digests import canonical
from apps.core.inputs import InputRefused

PLAIN = InventoryField(
    entity=EntityId.MODEL,
    key="thing",
    label="Thing",
    help="Metric, value, slice.",
    type=FieldType.STRING,
    choices=("a", "b"),
    supplied_by=("model_owner",),
    tiers=(Need.REQUIRED,) * 4,
    regimes=(),
)


def of(kind: FieldType) -> InventoryField:
    return replace(PLAIN, type=kind)


GOOD: list[tuple[FieldType, object, object]] = [
    (FieldType.IDENTIFIER, "M-1.2/x:y", "M-1.2/x:y"),
    (FieldType.STRING, "  spaced  ", "spaced"),
    (FieldType.STRING, "x" * 500, "x" * 500),
    (FieldType.TEXT, "one\r\ntwo", "one\ntwo"),
    (FieldType.URI, "https://example.org/a?b=c", "https://example.org/a?b=c"),
    (FieldType.URI, "batch:nightly", "batch:nightly"),
    (FieldType.DIGEST, "sha256:" + "a" * 64, "sha256:" + "a" * 64),
    (FieldType.BOOLEAN, False, False),
    (FieldType.INTEGER, 0, 0),
    (FieldType.INTEGER, -(2**53) + 1, -(2**53) + 1),
    (FieldType.DECIMAL, "-0.125", "-0.125"),
    (FieldType.DECIMAL, 12, "12"),
    (FieldType.DATE, "2026-11-23", "2026-11-23"),
    (FieldType.DATETIME, "2026-11-23T09:30:00+01:00", "2026-11-23T08:30:00.000000Z"),
    (FieldType.DATETIME, "2026-11-23 09:30", "2026-11-23T09:30:00.000000Z"),
    (FieldType.DURATION, "30 days", "P30D"),
    (FieldType.DURATION, "1 Hour", "PT1H"),
    (FieldType.DURATION, "P3M", "P3M"),
    (FieldType.ENUM, "b", "b"),
    (FieldType.MULTI_ENUM, ["b", "a", "b"], ["a", "b"]),
    (FieldType.LIST, [" x ", "", "x", "y"], ["x", "y"]),
    (FieldType.TABLE, [["a", "b"], ["", ""]], [["a", "b"]]),
    (FieldType.METRIC_TABLE, [["auc", "0.91", "all"]], [["auc", "0.91", "all"]]),
    (FieldType.REFERENCE, "Policy 7, section 2", "Policy 7, section 2"),
    (FieldType.MULTI_REFERENCE, ["Bank plc"], ["Bank plc"]),
    (FieldType.PERSON, "usr_7", "usr_7"),
    (FieldType.MULTI_PERSON, ["usr_7", "usr_8"], ["usr_7", "usr_8"]),
    (FieldType.PERSON_OR_SUPPLIER, {"person": "usr_7"}, {"person": "usr_7"}),
    (FieldType.PERSON_OR_SUPPLIER, {"supplier": " Acme "}, {"supplier": "Acme"}),
    (FieldType.PERSON_OR_SUPPLIER, {"supplier": ""}, {}),
    (FieldType.PERSON_OR_SUPPLIER, {"person": ""}, {}),
    *((kind, "", "") for kind in (FieldType.STRING, FieldType.DATE, FieldType.DATETIME)),
    *((kind, "", "") for kind in (FieldType.URI, FieldType.ENUM, FieldType.DECIMAL)),
    *((kind, "", "") for kind in (FieldType.DURATION, FieldType.BOOLEAN, FieldType.INTEGER)),
    (FieldType.LIST, None, ""),
]

BAD: list[tuple[FieldType, object, str]] = [
    (FieldType.IDENTIFIER, "-x y", "letters, digits"),
    (FieldType.STRING, "x" * 501, "at most 500"),
    (FieldType.STRING, "two\nlines", "cannot be shown"),
    (FieldType.STRING, 7, "is text"),
    (FieldType.TEXT, "x" * 5001, "at most 5,000"),
    (FieldType.TEXT, "nul\0", "cannot be shown"),
    (FieldType.TEXT, "half \ud800", "cannot be shown"),
    (FieldType.URI, "javascript:alert(1)", "an address"),
    (FieldType.URI, "JavaScript:alert(1)", "an address"),
    (FieldType.URI, "example.org", "an address"),
    (FieldType.URI, "https://a b", "an address"),
    (FieldType.DIGEST, "sha256:ABC", "64 small hexadecimal"),
    (FieldType.BOOLEAN, "true", "true or false"),
    (FieldType.BOOLEAN, 1, "true or false"),
    (FieldType.INTEGER, True, "whole number"),
    (FieldType.INTEGER, 1.0, "whole number"),
    (FieldType.INTEGER, 2**53, "whole number"),
    (FieldType.DECIMAL, 12.5, "given as text"),
    (FieldType.DECIMAL, "1e5", "given as text"),
    (FieldType.DECIMAL, "٣", "given as text"),
    (FieldType.DECIMAL, True, "given as text"),
    (FieldType.DATE, "23.11.2026", "a day such as"),
    (FieldType.DATETIME, "noon", "a moment in UTC"),
    (FieldType.DATETIME, "0001-01-01T00:00:00+14:00", "a moment in UTC"),
    (FieldType.DURATION, "a while", "a length of time"),
    (FieldType.DURATION, "-3 days", "a length of time"),
    (FieldType.ENUM, "c", "one of a, b"),
    (FieldType.ENUM, ["a"], "one of a, b"),
    (FieldType.MULTI_ENUM, ["c"], "some of a, b"),
    (FieldType.MULTI_ENUM, "ab", "list of texts"),
    (FieldType.LIST, "x", "list of texts"),
    (FieldType.LIST, ["x"] * (MOST_ITEMS + 1), "at most 200"),
    (FieldType.LIST, [["x"]], "is text"),
    (FieldType.TABLE, ["x"], "A row of Thing"),
    (FieldType.TABLE, "x", "list of rows"),
    (FieldType.TABLE, [["x"]] * (MOST_ITEMS + 1), "at most 200"),
    (FieldType.TABLE, [["x"] * 17], "at most 16"),
    (FieldType.METRIC_TABLE, [["auc", "good"]], "column 2"),
    (FieldType.METRIC_TABLE, [["auc"]], "column 2"),
    (FieldType.PERSON, "Olivia", "such as usr_7"),
    (FieldType.MULTI_PERSON, ["usr_x"], "such as usr_7"),
    (FieldType.PERSON_OR_SUPPLIER, "Acme", "a person or a supplier"),
    (FieldType.PERSON_OR_SUPPLIER, {"person": "usr_7", "supplier": "A"}, "a person or a supplier"),
    (FieldType.PERSON_OR_SUPPLIER, {"team": "A"}, "a person or a supplier"),
    (FieldType.PERSON_OR_SUPPLIER, {"person": "Olivia"}, "such as usr_7"),
    (FieldType.COMPUTED, "x", "worked out by Signet"),
    (FieldType.HISTORY, "x", "worked out by Signet"),
]


@pytest.mark.parametrize(("kind", "sent", "kept"), GOOD)
def test_a_good_value_is_kept_in_one_form(kind: FieldType, sent: object, kept: object) -> None:
    assert checked(of(kind), sent) == kept
    assert checked(of(kind), kept) == kept


@pytest.mark.parametrize(("kind", "sent", "words"), BAD)
def test_a_bad_value_is_refused_in_words(kind: FieldType, sent: object, words: str) -> None:
    with pytest.raises(InputRefused, match=r"(?s).*Thing.*") as refusal:
        checked(of(kind), sent)
    assert words in str(refusal.value)


def test_every_type_is_tried_with_good_and_bad_values() -> None:
    assert {kind for kind, _, _ in GOOD} == set(WRITABLE)
    free = {FieldType.REFERENCE, FieldType.MULTI_REFERENCE}  # checked as text and list are
    assert {kind for kind, _, _ in BAD} | free == set(FieldType)


def test_what_the_system_supplies_is_written_by_nobody() -> None:
    with pytest.raises(InputRefused, match="worked out"):
        checked(replace(PLAIN, supplied_by=("system",)), "x")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


@given(st.sampled_from(sorted(FieldType)), ANYTHING)
def test_whatever_is_sent_is_refused_or_kept_in_a_form_a_digest_covers(
    kind: FieldType, sent: object
) -> None:
    try:
        kept = checked(of(kind), sent)
    except InputRefused:
        return
    canonical({"value": kept})
    assert checked(of(kind), kept) == kept


@pytest.mark.parametrize("value", [None, "", [], {}])
def test_nothing_is_a_gap_and_has_the_digest_of_nothing(value: object) -> None:
    assert is_empty(value)
    assert digest_of_value(value) == digest_of_value(None)


@pytest.mark.parametrize("value", [False, 0, "no", ["x"]])
def test_no_and_zero_are_answers(value: object) -> None:
    assert not is_empty(value)
    assert digest_of_value(value) != digest_of_value(None)


def test_lengths_of_time_read_as_people_say_them() -> None:
    assert [length_in_words(told) for told in ("P30D", "PT1H", "P1Y", "soon")] == [
        "30 days", "1 hour", "1 year", "soon",
    ]  # fmt: skip


def test_people_are_found_wherever_a_value_names_them() -> None:
    fields = {
        "one": of(FieldType.PERSON),
        "some": of(FieldType.MULTI_PERSON),
        "maker": of(FieldType.PERSON_OR_SUPPLIER),
        "text": of(FieldType.STRING),
    }
    values = {"one": "usr_1", "some": ["usr_2", "usr_3"], "maker": {"person": "usr_4"}}

    assert people_in(fields, {**values, "text": "usr_9", "gone": "usr_8"}) == {
        "usr_1", "usr_2", "usr_3", "usr_4",
    }  # fmt: skip
    assert people_in(fields, {"maker": {"supplier": "Acme"}}) == set()
