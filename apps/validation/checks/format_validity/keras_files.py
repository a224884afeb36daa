"""Keras: a zip archive of the model's description, its origin and its weights."""

from typing import Any

from apps.validation.checks.format_validity import hdf5
from apps.validation.checks.format_validity.bounded import Archive, mapping
from apps.validation.checks.format_validity.findings import Broken, damaged

CONFIG, METADATA = "config.json", "metadata.json"
WEIGHTS, SHARDED = "model.weights.h5", "model.weights.json"


def read(archive: Archive) -> dict[str, Any]:
    """Look at each part of a model.

    Raises:
        Broken: when one is missing or damaged.
    """
    config = mapping(archive.read_json(CONFIG), CONFIG)
    if not isinstance(config.get("class_name"), str) or "config" not in config:
        raise damaged("Its description does not say what kind of model it is.")
    metadata = mapping(archive.read_json(METADATA), METADATA)
    if SHARDED in archive.sizes:
        _require_shards(archive)
    elif WEIGHTS not in archive.sizes:
        raise Broken("missing_member", f"The archive holds no {WEIGHTS}.")
    for name in archive.sizes:
        if name.endswith(".h5"):
            _require_whole(archive, name)
    return {
        "class": config["class_name"][:100],
        "keras_version": str(metadata.get("keras_version", ""))[:20],
    }


def _require_shards(archive: Archive) -> None:
    index = mapping(archive.read_json(SHARDED), SHARDED)
    for file in mapping(index.get("weight_map"), "weight_map").values():
        for name in file if isinstance(file, list) else [file]:
            if str(name) not in archive.sizes:
                raise Broken("missing_member", f"The archive holds no {name!a:.100}.")


def _require_whole(archive: Archive, name: str) -> None:
    try:
        hdf5.read(archive.read(name, hdf5.BEGIN), archive.sizes[name])
    except Broken as broken:
        raise Broken(broken.code, f"In {name:.100}: {broken.text}") from broken
