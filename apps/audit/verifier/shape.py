"""Rebuilds the tree of a log leaf by leaf, and holds its tiles to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from apps.audit.verifier.notes import Finding
from apps.audit.verifier.tree import HASH, Tree, folded

WIDTH = 256
_HEIGHT = 8
"""The height of a tree that fills a tile."""


def numbered(n: int, width: int) -> str:
    """Return the place of a tile: ``x001/x234/067``, or ``067.p/44`` when it is not full."""
    groups = [f"{n % 1000:03}"]
    while n >= 1000:
        n //= 1000
        groups.append(f"x{n % 1000:03}")
    return "/".join(reversed(groups)) + ("" if width == WIDTH else f".p/{width}")


class Shape:
    """The tree of a log, and the roots it had at some sizes on the way."""

    def __init__(
        self,
        read: Callable[[int, int, int], bytes | None],
        wanted: set[int],
        *,
        has_partial: bool = True,
    ) -> None:
        self.tree = Tree()
        self.size = 0
        self.roots: dict[int, bytes] = {0: self.tree.root()}
        self._read = read
        self._wanted = wanted
        self._has_partial = has_partial
        self._levels: list[list[bytes]] = [[]]
        self._whole: list[int] = [0]

    def push(self, leaf: bytes) -> Iterator[Finding]:
        """Take the next leaf, and hold each tile it fills to what it should be."""
        self.tree.push(leaf)
        self.size += 1
        if self.size in self._wanted:
            self.roots[self.size] = self.tree.root()
        return self._add(0, leaf)

    def fill(self, leaves: list[bytes], root: bytes) -> Iterator[Finding]:
        """Take the next leaves as ``push`` would, of which it is known that they fill a tile."""
        if self._levels[0] or not self._wanted.isdisjoint(range(self.size + 1, self.size + WIDTH)):
            for leaf in leaves:
                yield from self.push(leaf)
            return
        self.tree.push(root, _HEIGHT)
        self.size += WIDTH
        if self.size in self._wanted:
            self.roots[self.size] = self.tree.root()
        yield from self._fill(0, leaves, root)

    def finish(self) -> Iterator[Finding]:
        """Hold the tiles that are not full to what they should be."""
        self.roots[self.size] = self.tree.root()
        for level, hashes in enumerate(self._levels):
            if hashes and self._has_partial:
                yield from self._tile(level, self._whole[level], hashes)

    def _add(self, level: int, found: bytes) -> Iterator[Finding]:
        if level == len(self._levels):
            self._levels.append([])
            self._whole.append(0)
        hashes = self._levels[level]
        hashes.append(found)
        return iter(()) if len(hashes) < WIDTH else self._fill(level, hashes, folded(hashes))

    def _fill(self, level: int, hashes: list[bytes], root: bytes) -> Iterator[Finding]:
        yield from self._tile(level, self._whole[level], hashes)
        self._levels[level] = []
        self._whole[level] += 1
        yield from self._add(level + 1, root)

    def _tile(self, level: int, n: int, hashes: list[bytes]) -> Iterator[Finding]:
        place = f"tile/{level}/{numbered(n, len(hashes))}"
        data = self._read(level, n, len(hashes))
        if data is None:
            yield Finding("tile", place, "it is missing")
        elif data != b"".join(hashes):
            wrong = [i for i, each in enumerate(hashes) if data[i * HASH :][:HASH] != each]
            words = f"hash {wrong[0]} is another one" if wrong else "it is too long"
            yield Finding("tile", place, words)
