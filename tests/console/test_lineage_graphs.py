"""Graphs: every card has its place, no two share one, and a drawing comes out whatever happens."""

import logging
import random
from collections.abc import Sequence
from typing import Any

import graphlay
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.models import Asset
from apps.console import graphs
from apps.console.graphs import CARD_HEIGHT, CARD_WIDTH, Drawing, Link, lay_out
from apps.console.queries.lineage import shortened


def joined(pairs: Sequence[tuple[int, int]]) -> tuple[Link, ...]:
    return tuple(Link(one, other) for one, other in dict.fromkeys(pairs) if one != other)


def holds(drawing: Drawing, cards: int, links: int) -> None:
    """Hold a drawing to what every one promises."""
    assert len(drawing.corners) == cards
    assert len(drawing.routes) == links
    for x, y in drawing.corners:
        assert 0 <= x <= drawing.width - CARD_WIDTH
        assert 0 <= y <= drawing.height - CARD_HEIGHT
    by_place = sorted(drawing.corners)
    for place, (x, y) in enumerate(by_place):
        for other_x, other_y in by_place[place + 1 :]:
            assert other_x - x >= CARD_WIDTH - 0.2 or abs(other_y - y) >= CARD_HEIGHT - 0.2
    for route in drawing.routes:
        assert route.path.startswith("M")
        assert "nan" not in route.path


@given(
    st.integers(1, 14),
    st.lists(st.tuples(st.integers(0, 13), st.integers(0, 13)), max_size=24),
    st.booleans(),
)
def test_any_graph_is_drawn_without_cards_on_each_other(
    cards: int, pairs: list[tuple[int, int]], by_ourselves: bool
) -> None:
    links = joined([(one % cards, other % cards) for one, other in pairs])
    raw = graphs.plain(cards, links) if by_ourselves else graphs._raw(cards, links)

    holds(graphs._drawing(raw, [link.label_width for link in links]), cards, len(links))


def test_the_same_graph_lies_the_same_and_is_remembered() -> None:
    links = joined([(0, 1), (1, 2), (0, 2)])
    first = lay_out(3, links)

    assert lay_out(3, links) is first
    lay_out.cache_clear()
    assert lay_out(3, links) == first


def test_flow_goes_from_left_to_right() -> None:
    drawing = lay_out(4, joined([(0, 1), (1, 2), (2, 3)]))

    assert [x for x, _ in drawing.corners] == sorted(x for x, _ in drawing.corners)
    assert len({x for x, _ in drawing.corners}) == 4


def test_words_stand_apart_from_cards_and_from_each_other() -> None:
    rolled = random.Random(4)
    links = joined([(rolled.randrange(8), 8 + rolled.randrange(12)) for _ in range(30)])
    drawing = lay_out(20, links)
    places = [route.label for route in drawing.routes if route.label is not None]

    assert len(places) > len(links) / 2
    for place, (x, y) in enumerate(places):
        for other_x, other_y in places[place + 1 :]:
            assert abs(other_x - x) >= 60 or abs(other_y - y) >= 14
        for card_x, card_y in drawing.corners:
            assert not (
                card_x - 30 < x < card_x + CARD_WIDTH + 30
                and card_y - 7 < y < card_y + CARD_HEIGHT + 7
            )


def test_three_hundred_cards_and_a_card_with_three_hundred_lines_are_drawn() -> None:
    star = joined([(0, other) for other in range(1, 300)])
    chain = joined([(number // 3, number) for number in range(1, 300)])

    holds(lay_out(300, star), 300, 299)
    holds(lay_out(300, chain), 300, 299)
    holds(lay_out(400, chain), 400, 299)


def test_a_plain_drawing_takes_the_place_of_one_that_fails(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*args: Any, **kwargs: Any) -> None:
        raise graphlay.GraphlayError("broken")

    monkeypatch.setattr(graphlay, "layout", fails)
    links = joined([(0, 1), (1, 0), (1, 2)])
    lay_out.cache_clear()

    with caplog.at_level(logging.ERROR):
        drawing = lay_out(3, links)
    lay_out.cache_clear()

    holds(drawing, 3, 3)
    assert "could not lay out 3 cards" in caplog.text


@given(st.text(max_size=60), st.integers(4, 40))
def test_a_shortened_text_fits_and_keeps_its_beginning(text: str, most: int) -> None:
    short = shortened(text, most)

    assert len(short) <= max(most, 0)
    assert short == text or "…" in short
    assert text.startswith(short.partition("…")[0])


def test_wide_letters_take_more_room() -> None:
    assert shortened("データセット", 8) == "デー…ト"
    assert shortened("customer-features", 40) == "customer-features"
    assert Asset.Kind.DATASET in shortened("a dataset", 9)
