"""Tiles: 256 hashes of one level of the tree each, in the layout of C2SP ``tlog-tiles``."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from apps.audit.log.tree import HASH, fold

WIDTH = 256
BITS = 8
"""How many levels of the tree lie between two levels of tiles."""
WHOLE = WIDTH * HASH
"""How many bytes a full tile has."""
MOST_ENTRY = 0xFFFF
_KEPT = 64


@dataclass(frozen=True)
class Tile:
    """A place for up to 256 hashes: hash ``i`` is the root over ``256**level`` leaves each."""

    level: int
    n: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it stands in an exported log: ``tile/0/x001/067.p/44``."""
        return f"tile/{self.level}/{numbered(self.n, self.width)}"

    @property
    def entries_path(self) -> str:
        """Where the entries under a tile of level 0 stand."""
        return f"tile/entries/{numbered(self.n, self.width)}"


def numbered(n: int, width: int) -> str:
    """Return a number in groups of three digits, all but the last marked: ``x001/x234/067``."""
    groups = [f"{n % 1000:03}"]
    while n := n // 1000:
        groups.append(f"x{n % 1000:03}")
    partial = "" if width == WIDTH else f".p/{width}"
    return "/".join(reversed(groups)) + partial


def tiles_of(size: int) -> Iterator[Tile]:
    """Yield every tile of a log, level by level; the last of a level may be partial."""
    level = 0
    while hashes := size >> BITS * level:
        yield from _of_level(level, hashes)
        level += 1


def _of_level(level: int, hashes: int) -> Iterator[Tile]:
    full, rest = divmod(hashes, WIDTH)
    for n in range(full):
        yield Tile(level, n)
    if rest:
        yield Tile(level, full, rest)


def completed(before: int, after: int) -> Iterator[Tile]:
    """Yield the tiles that were filled while a log grew, lower levels first."""
    level = 0
    while last := after >> BITS * (level + 1):
        for n in range(before >> BITS * (level + 1), last):
            yield Tile(level, n)
        level += 1


class Tiled:
    """Finds the hash of any complete subtree in tiles that are read when they are needed."""

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        self._size = size
        self._read = read
        self._kept: OrderedDict[Tile, Sequence[bytes]] = OrderedDict()

    def node(self, level: int, index: int) -> bytes:
        """Return the hash over the leaves ``[index * 2**level, (index + 1) * 2**level)``."""
        tile_level, inside = divmod(level, BITS)
        first = index << inside
        n, offset = divmod(first, WIDTH)
        hashes = self._hashes(tile_level, n)
        return fold(hashes[offset : offset + (1 << inside)])

    def _hashes(self, level: int, n: int) -> Sequence[bytes]:
        there = (self._size >> BITS * level) - n * WIDTH
        tile = Tile(level, n, min(there, WIDTH))
        if tile not in self._kept:
            self._kept[tile] = hashes_in(self._read(tile), tile.width)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return self._kept[tile]


def hashes_in(data: bytes, width: int) -> list[bytes]:
    """Return the hashes in the bytes of a tile.

    Raises:
        ValueError: when there are more or fewer.
    """
    if len(data) != width * HASH:
        raise ValueError(f"{len(data)} bytes are not a tile of {width} hashes")
    return [data[at : at + HASH] for at in range(0, len(data), HASH)]


def bundle(entries: Iterable[bytes]) -> bytes:
    """Return entries as one file: each after its length in 16 bits."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
