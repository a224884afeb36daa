"""LightGBM: a text of a header, one block a tree, and the words that end the trees."""

from typing import Any

from apps.validation.checks.format_validity.findings import Broken, damaged, too_large
from apps.validation.checks.unsafe_code.limits import MIB
from apps.validation.checks.unsafe_code.pieces import Piece

MARK = b"tree\n"
MOST_HEADER = 16 * MIB
MOST_TREE = 16 * MIB
_END = b"end of trees"
_COUNTED = {"leaf_value": 0, "split_feature": -1, "left_child": -1, "right_child": -1}
"""Lists of a tree, and how many more or fewer items than leaves each has."""


def looks_like(head: bytes) -> bool:
    """Say whether bytes begin like a LightGBM model."""
    return head.replace(b"\r\n", b"\n").startswith(MARK) and b"tree_sizes=" in head


def read(piece: Piece) -> dict[str, Any]:
    """Compare the header with the trees that follow.

    Raises:
        Broken: when they do not agree, or the end is missing.
    """
    size = piece.require_seekable()
    header = _header(piece, size)
    facts = _lines(header)
    features = _whole(facts, "max_feature_idx") + 1
    named = len(facts.get("feature_names", "").split())
    if named != features:
        raise damaged(f"It names {named:,} features, and says it has {features:,}.")
    sizes = [_number(word, "tree_sizes") for word in facts.get("tree_sizes", "").split()]
    at = len(header)
    for index, length in enumerate(sizes):
        if length > MOST_TREE:
            raise too_large(f"tree {index} has {length:,} bytes.")
        _require_tree(piece.at(at, length), index, features)
        at += length
    if not piece.at(at, 64).lstrip().startswith(_END):
        raise Broken("truncated", f"The trees do not end after the {len(sizes):,} it says it has.")
    return {"version": facts.get("version", "")[:20], "trees": len(sizes), "features": features}


def _header(piece: Piece, size: int) -> bytes:
    """Return the bytes before the first tree."""
    head = piece.at(0, min(size, MOST_HEADER))
    for mark in (b"\nTree=0\n", b"\nTree=0\r\n", b"\n" + _END):
        at = head.find(mark)
        if at >= 0:
            return head[: at + 1]
    raise Broken("truncated", "There is no tree after its header.")


def _require_tree(block: bytes, index: int, features: int) -> None:
    if not block.startswith(f"Tree={index}".encode()):
        raise damaged(f"Tree {index} is not where the header says.")
    facts = _lines(block)
    leaves = _whole(facts, "num_leaves")
    for name, more in _COUNTED.items():
        count = len(facts.get(name, "").split())
        if count != max(leaves + more, 0) and not (leaves == 1 and count <= 1):
            raise damaged(f"Tree {index} has {count:,} items of {name} for {leaves:,} leaves.")
    for word in facts.get("split_feature", "").split():
        if not 0 <= _number(word, "split_feature") < features:
            raise damaged(f"Tree {index} splits by feature {word:.20} of {features:,}.")


def _lines(data: bytes) -> dict[str, str]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise damaged("It is not text in UTF-8.") from error
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def _whole(facts: dict[str, str], name: str) -> int:
    if name not in facts:
        raise damaged(f"It does not say {name}.")
    return _number(facts[name], name)


def _number(word: str, name: str) -> int:
    if not word.strip().isascii() or not word.strip().isdigit() or len(word) > 15:
        raise damaged(f"It says {word!a:.40} for {name}, which is no number.")
    return int(word)
