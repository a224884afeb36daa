"""Bands are compared exactly; a breach ends with the second green point in a row."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from apps.core.inputs import InputRefused
from apps.validation.monitoring.bands import Band, Bands, Walk, threshold

AUC = Bands(amber_least="0.85", red_least="0.8")
DELAY = Bands(amber_most="100", red_most="250.5")
BALANCE = Bands("0.9", "1.1", "0.8", "1.2")


def test_a_value_at_a_threshold_is_still_inside_it() -> None:
    for bands, value, band in (
        (AUC, 0.85, "green"),
        (AUC, 0.8499999, "amber"),
        (AUC, 0.8, "amber"),
        (AUC, 0.7999999, "red"),
        (DELAY, 100, "green"),
        (DELAY, 100.1, "amber"),
        (DELAY, 250.5, "amber"),
        (DELAY, 1e300, "red"),
        (BALANCE, 1.0, "green"),
        (BALANCE, 0.85, "amber"),
        (BALANCE, 1.15, "amber"),
        (BALANCE, 0.1, "red"),
        (Bands(amber_most="0.3"), 0.1 + 0.2, "amber"),
        (Bands(red_least="0"), -0.0, "green"),
        (Bands(), -1e308, "green"),
    ):
        assert bands.of(value) is Band(band), (bands, value)


def test_thresholds_that_make_no_sense_are_refused() -> None:
    for bands, words in (
        (Bands(amber_least="0.8", red_least="0.8"), "red is not below"),
        (Bands(amber_most="2", red_most="1"), "red is not above"),
        (Bands(amber_least="2", amber_most="1"), "No value could be green"),
        (Bands(red_least="2", amber_most="1"), "No value could be green"),
        (Bands(amber_least="high"), "is a number"),
    ):
        with pytest.raises(InputRefused, match=words):
            bands.require()
    numerals = ("NaN", "Infinity", "1_000", "1e9999", "1e9999999", "-1e9999999", "٣", "0.1 0.2")
    for text in (*numerals, "0," + "1" * 50):
        with pytest.raises(InputRefused, match="is a number"):
            threshold(text)
    assert [threshold(text) for text in (" 0.85 ", "", "-1e-3")] == ["0.85", "", "-1e-3"]


def episodes(*values: float) -> list[tuple[str, int, int | None]]:
    """Return the stretches of values a day: band, first day, last day."""
    first = datetime(2026, 1, 1, tzinfo=UTC)
    points = [(first + timedelta(days=day), value) for day, value in enumerate(values)]
    return [
        (
            one.band.value,
            (one.started_at - first).days,
            None if one.ended_at is None else (one.ended_at - first).days,
        )
        for one in Walk(AUC).through(points)
    ]


def test_points_in_a_row_make_one_breach_until_two_are_green() -> None:
    good, amber, red = 0.9, 0.82, 0.7
    assert episodes(good, good) == []
    assert episodes(good, amber) == [("amber", 1, None)]
    assert episodes(amber, good) == [("amber", 0, None)]
    assert episodes(amber, good, good) == [("amber", 0, 2)]
    assert episodes(amber, good, amber, good, good) == [("amber", 0, 4)]
    assert episodes(amber, red, amber, good, good) == [("red", 0, 4)]
    assert episodes(red, good, good, amber) == [("red", 0, 2), ("amber", 3, None)]


def test_however_points_fall_breaches_never_overlap() -> None:
    for values in itertools.product((0.9, 0.82, 0.7), repeat=6):
        found = episodes(*values)
        ends = [end if end is not None else 99 for _, _, end in found]
        starts = [start for _, start, _ in found]
        assert all(end < start for end, start in zip(ends, starts[1:], strict=False)), values
        assert bool(found) == any(value < 0.85 for value in values), values
