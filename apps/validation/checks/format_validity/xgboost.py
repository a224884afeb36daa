"""XGBoost: one learner with its trees, as JSON or as binary JSON."""

from collections.abc import Iterator, Mapping
from typing import Any

from apps.validation.checks.format_validity.bounded import mapping, strict_json, whole
from apps.validation.checks.format_validity.findings import damaged
from apps.validation.checks.format_validity.ubjson import Numbers, Reader
from apps.validation.checks.unsafe_code.pieces import Piece

BINARY_MARKS = (
    b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner",
    b"{L\x00\x00\x00\x00\x00\x00\x00\x07version",
)
_PER_NODE = (
    "left_children right_children parents split_indices split_conditions default_left".split()
)
_LINEAR = "gblinear"
_NO_CHILD = -1


def looks_like(value: object) -> bool:
    """Say whether a JSON value is a model of XGBoost, damaged or not."""
    return isinstance(value, dict) and "learner" in value and "version" in value


def read_json(piece: Piece) -> dict[str, Any]:
    """Judge a model written as JSON."""
    return judge(strict_json(whole(piece)))


def read_binary(piece: Piece) -> dict[str, Any]:
    """Judge a model written as binary JSON."""
    return judge(Reader(piece).read())


def judge(value: object) -> dict[str, Any]:
    """Compare what a model says about itself with the trees it holds.

    Raises:
        Broken: when they do not agree.
    """
    model = mapping(value, "The model")
    learner = mapping(model.get("learner"), "Its learner")
    if len(_items(model.get("version"))) != 3:
        raise damaged("It does not say which version of XGBoost wrote it.")
    features = _number(
        mapping(learner.get("learner_model_param"), "learner_model_param"), "num_feature"
    )
    mapping(learner.get("objective"), "Its objective")
    names = _items(learner.get("feature_names", []))
    if len(names) not in {0, features}:
        raise damaged(f"It names {len(names):,} features, and says it has {features:,}.")
    booster = mapping(learner.get("gradient_booster"), "Its booster")
    kind = booster.get("name")
    trees = 0 if kind == _LINEAR else _judge_trees(booster, features)
    if kind == _LINEAR:
        mapping(booster.get("model"), "Its linear model")
    return {"booster": str(kind)[:20], "trees": trees, "features": features}


def _judge_trees(booster: Mapping[str, Any], features: int) -> int:
    holder = booster.get("gbtree", booster)
    model = mapping(mapping(holder, "Its booster").get("model"), "Its model of trees")
    said = _number(mapping(model.get("gbtree_model_param"), "gbtree_model_param"), "num_trees")
    trees, groups = _items(model.get("trees")), _items(model.get("tree_info"))
    if not len(trees) == len(groups) == said:
        raise damaged(f"It holds {len(trees):,} trees, and says it has {said:,}.")
    for index, tree in enumerate(trees if isinstance(trees, list) else ()):
        _judge_tree(mapping(tree, f"Tree {index}"), index, features)
    return said


def _judge_tree(tree: Mapping[str, Any], index: int, features: int) -> None:
    nodes = _number(mapping(tree.get("tree_param"), f"The parameters of tree {index}"), "num_nodes")
    for name in _PER_NODE:
        count = len(_items(tree.get(name)))
        if count != nodes:
            text = f"Tree {index} has {count:,} items of {name} for {nodes:,} nodes."
            raise damaged(text)
    for name in ("left_children", "right_children"):
        if any(not _NO_CHILD <= child < nodes for child in _whole_numbers(tree[name])):
            raise damaged(f"Tree {index} leads to a node it does not have.")
    if any(
        not 0 <= feature < max(features, 1) for feature in _whole_numbers(tree["split_indices"])
    ):
        raise damaged(f"Tree {index} splits by a feature the model does not have.")


def _whole_numbers(values: object) -> Iterator[int]:
    """Yield the numbers of a list, which of binary JSON is only counted."""
    if isinstance(values, list):
        for value in values:
            if type(value) is not int:
                raise damaged("A tree holds something that is no whole number.")
            yield value


def _items(value: object) -> list[Any] | Numbers:
    if not isinstance(value, list | Numbers):
        raise damaged("It holds something else where a list belongs.")
    return value


def _number(facts: Mapping[str, Any], name: str) -> int:
    """Return a number, which XGBoost writes as text."""
    word = facts.get(name)
    if not isinstance(word, str) or not word.isascii() or not word.isdigit() or len(word) > 15:
        raise damaged(f"It does not say {name} as a number.")
    return int(word)
