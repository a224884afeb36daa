"""Drawings made on the server stay inside their frame and say what they show."""

import math
import re

import pytest

from apps.console.plots import HEIGHT, MOST_DRAWN, WIDTH, LinePlot


def _places(plot: LinePlot) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", plot.path)]


def test_a_line_goes_from_left_to_right_and_up_when_values_rise() -> None:
    places = _places(LinePlot.of([(0, 0.1), (1, 0.5), (2, 0.9)]))

    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)


@pytest.mark.parametrize(
    "points",
    [
        [(0, 1.7e308), (5, -1.7e308)],
        [(3, 0.5)],
        [(1, 2.0), (2, 2.0)],
        [(step, math.sin(step)) for step in range(5000)],
    ],
)
def test_every_point_lies_inside_the_drawing(points: list[tuple[int, float]]) -> None:
    places = _places(LinePlot.of(points))

    assert 0 < len(places) <= MOST_DRAWN + 1
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)


def test_what_is_not_a_number_is_left_out() -> None:
    plot = LinePlot.of([(0, math.nan), (1, 1.0), (2, math.inf), (3, 2.0)])

    assert len(_places(plot)) == 2
    assert plot.words == "Rises from 1 to 2 over 4 steps"


def test_nothing_to_draw_is_said() -> None:
    plot = LinePlot.of([(0, math.nan)])

    assert (plot.path, plot.words) == ("", "Nothing to draw")


def test_a_level_line_stays() -> None:
    assert LinePlot.of([(1, 2.0), (2, 2.0)]).words.startswith("Stays")
