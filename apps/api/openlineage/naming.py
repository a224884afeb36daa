"""Names of OpenLineage and of assets, each read from the other.

An asset that came from there is called ``namespace#name``; what was declared here, and a version of
a model, lies in the namespace ``signet``.
"""

import re
import unicodedata
from dataclasses import dataclass

from apps.catalog.models import Asset, ModelVersion
from apps.catalog.models.lineage import MOST_ASSET_NAME
from apps.core.inputs import InputRefused

NAMESPACE = "signet"
_MODELS = "models:/"
_MARK = "#"
_VERSION = re.compile(r"(?P<model>[^/]+)/(?P<number>[0-9]{1,10})")
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


@dataclass(frozen=True)
class NamedVersion:
    """A version of a model, by the model's name and its own number."""

    model: str
    number: int

    def __str__(self) -> str:
        return f"{_MODELS}{self.model}/{self.number}"


def named_version(namespace: str, name: str) -> NamedVersion | None:
    """Return the version a dataset's name stands for; nothing when it is a dataset.

    Raises:
        InputRefused: when it begins as one and is none: an alias or a stage may move.
    """
    if namespace != NAMESPACE and not name.startswith(_MODELS):
        return None
    match = _VERSION.fullmatch(name.removeprefix(_MODELS))
    if match is None:
        raise InputRefused(
            f"{name!a:.200} names no version of a model. Write {_MODELS}NAME/NUMBER: an alias or a "
            "stage may lead elsewhere tomorrow."
        )
    return NamedVersion(match["model"], int(match["number"]))


def asset_name(what: str, namespace: str, name: str) -> str:
    """Return what an asset is called that OpenLineage knows by namespace and name."""
    for label, text in (("namespace", namespace), ("name", name)):
        if not text:
            raise InputRefused(f"The {label} of {what} is empty.")
        require_seen(f"The {label} of {what}", text)
    if namespace == NAMESPACE:
        raise InputRefused(f"The namespace {NAMESPACE} is for what is in Signet already.")
    whole = f"{_escaped(namespace)}{_MARK}{name}"
    if len(whole) > MOST_ASSET_NAME:
        raise InputRefused(
            f"The namespace and name of {what} hold at most {MOST_ASSET_NAME - 1} characters "
            f"together; these have {len(whole) - 1}."
        )
    return whole


def names_of(asset: Asset) -> tuple[str, str]:
    """Return the namespace and name of an asset in OpenLineage."""
    space, mark, name = asset.name.partition(_MARK)
    if asset.kind in {Asset.Kind.DATASET, Asset.Kind.PIPELINE} and space and mark and name:
        return _unescaped(space), name
    return NAMESPACE, f"{asset.kind}:{asset.name}"


def names_of_version(version: ModelVersion) -> tuple[str, str]:
    """Return the namespace and name of a version of a model as a dataset."""
    return NAMESPACE, str(NamedVersion(version.model.name, version.number))


def require_seen(label: str, text: str) -> None:
    """Refuse a text that could look like another one."""
    if text != text.strip():
        raise InputRefused(f"{label} begins or ends with a space.")
    for letter in text:
        if unicodedata.category(letter) in _UNSEEN:
            raise InputRefused(f"{label} holds a character that cannot be seen: {letter!a}.")


def _escaped(namespace: str) -> str:
    return namespace.replace("%", "%25").replace(_MARK, "%23")


def _unescaped(namespace: str) -> str:
    return namespace.replace("%23", _MARK).replace("%25", "%")
