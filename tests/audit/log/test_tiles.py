"""Tiles: where they stand, and that they hold all that proofs need."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.log.tiles import Tile, Tiled, bundle, completed, hashes_in, numbered, tiles_of
from apps.audit.log.tree import consistency, fold, inclusion, root_of
from tests.audit.log.oracle import VECTORS, entries, leaves, path, subproof, tree_hash

DIGESTS: dict[str, str] = VECTORS["export_of_size_300_sha256"]


def read(tile: Tile) -> bytes:
    """Return a tile of the log of the vectors, from its leaves."""
    span = 256**tile.level
    first = tile.n * 256
    return b"".join(
        fold(leaves()[(first + place) * span : (first + place + 1) * span])
        for place in range(tile.width)
    )


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_the_tiles_of_the_vectors_are_all_there_and_theirs() -> None:
    made = {tile.path: digest(read(tile)) for tile in tiles_of(300)}
    assert made == {place: found for place, found in DIGESTS.items() if place[5:6].isdigit()}


def test_the_entries_of_the_vectors_are_bundled_as_theirs() -> None:
    for tile in (tile for tile in tiles_of(300) if tile.level == 0):
        own = entries()[tile.n * 256 : tile.n * 256 + tile.width]
        assert digest(bundle(own)) == DIGESTS[tile.entries_path]


@pytest.mark.parametrize(
    ("n", "width", "place"),
    [
        (0, 256, "000"),
        (67, 256, "067"),
        (1234067, 256, "x001/x234/067"),
        (1000, 1, "x001/000.p/1"),
        (273, 112, "273.p/112"),
    ],
)
def test_a_tile_is_numbered_in_groups_of_three(n: int, width: int, place: str) -> None:
    assert numbered(n, width) == place


def test_a_log_without_leaves_has_no_tiles() -> None:
    assert list(tiles_of(0)) == []


def test_a_log_of_a_million_and_one_has_tiles_on_three_levels() -> None:
    by_level: dict[int, list[Tile]] = {level: [] for level in range(3)}
    for tile in tiles_of(1_000_001):
        by_level[tile.level].append(tile)
    assert [len(tiles) for tiles in by_level.values()] == [3907, 16, 1]
    assert [tiles[-1].width for tiles in by_level.values()] == [65, 66, 15]


@given(st.integers(0, 70_000), st.integers(0, 70_000))
def test_a_growing_log_completes_each_tile_once(first: int, second: int) -> None:
    before, after = sorted((first, second))
    full = {tile for tile in tiles_of(after) if tile.width == 256}
    earlier = {tile for tile in tiles_of(before) if tile.width == 256}
    made = list(completed(before, after))
    assert len(made) == len(set(made))
    assert set(made) == full - earlier
    assert [tile.level for tile in made] == sorted(tile.level for tile in made)


@given(st.data())
def test_proofs_from_tiles_are_those_of_rfc_6962(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    tiled = Tiled(size, read)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    assert root_of(size, tiled.node) == tree_hash(leaves()[:size])
    assert inclusion(index, size, tiled.node) == path(index, leaves()[:size])
    assert consistency(old, size, tiled.node) == subproof(old, leaves()[:size])


def test_a_tile_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="are not a tile"):
        hashes_in(b"x" * 33, 1)


def test_a_node_needs_at_most_one_tile_and_reads_it_once() -> None:
    asked: list[Tile] = []

    def counted(tile: Tile) -> bytes:
        asked.append(tile)
        return read(tile)

    tiled = Tiled(300, counted)
    for index in range(128):
        tiled.node(1, index)
    tiled.node(8, 0)
    assert asked == [Tile(0, 0), Tile(1, 0, 1)]
