"""What KServe is told: an order as an InferenceService, and what it cannot be told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from apps.deployments.deployers.contract import Order, Part
from apps.deployments.deployers.kserve.cluster import GROUP

NAME = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
MOST_NAME = 53
"""KServe calls the part that answers ``<name>-predictor``, which has to be a DNS label."""
ALL = 100

NUMBER, KEY, ENVIRONMENT = "signet/rollout", "signet/order", "signet/environment"
DIGEST, CALLED, STORAGE = "signet/digest", "signet/version", "signet/storage"
STOP = "serving.kserve.io/stop"
MODE = "serving.kserve.io/deploymentMode"
SERVERLESS = "Serverless"
NOWHERE = "https://nothing.invalid/"
"""Where a service that is to run nothing has its files; no name below ``.invalid`` leads anywhere
(RFC 2606)."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the cluster is, and where it finds the files of a version."""

    api: str
    namespace: str
    secret: str
    storage: str
    """An address with ``{digest}``, or ``{model}`` and ``{version}``, in place of a version's."""
    format: str
    runtime: str = ""
    service_account: str = ""


@dataclass(frozen=True)
class Split:
    """What can be told: the newest version, and which percent of the requests it gets.

    Without a percent it gets all, once it is ready.
    """

    newest: Part
    percent: int | None = None


def problem_with_order(order: Order) -> str:
    """Return why KServe cannot be told an order, whatever runs there; or nothing."""
    if len(order.service) > MOST_NAME or not NAME.fullmatch(order.service):
        return (
            f"KServe takes names of a to z, digits and hyphens that begin with a letter, at most "
            f"{MOST_NAME}: {order.service!a} is none."
        )
    if any(part.role == "shadow" for part in order.parts):
        return "KServe sends no copies of requests, so there are no shadows. Leave them out."
    if len(order.parts) > 2:
        return "KServe splits requests between two versions at most."
    if order.parts and sum(part.share for part in order.parts) != ALL:
        return f"The shares have to make {ALL} percent."
    return ""


def split(order: Order, rolled_out: str) -> Split | None:
    """Return how to tell KServe an order while a digest is rolled out to all; None if it cannot.

    Of two versions, one has to be that digest: it keeps what the other does not get.
    """
    if len(order.parts) == 1:
        return Split(order.parts[0])
    one, other = order.parts
    if rolled_out == one.digest:
        return Split(other, other.share)
    if rolled_out == other.digest:
        return Split(one, one.share)
    return None


def held(order: Order, settings: Settings) -> Mapping[str, Any]:
    """Return a service that runs nothing and bears no order yet, so that it can be written to."""
    return _manifest(order, settings, {NUMBER: "0", STOP: "true"}, _model(settings, NOWHERE))


def withdrawn(order: Order, settings: Settings, seen: str) -> Mapping[str, Any]:
    """Return the service as it is when nothing of it is to run."""
    told = _order(order) | {STOP: "true"}
    return _manifest(order, settings, told, _model(settings, NOWHERE), seen)


def served(order: Order, how: Split, settings: Settings, seen: str) -> Mapping[str, Any]:
    """Return the service as an order wants it, written against the version that was seen."""
    part = how.newest
    uri = storage_uri(settings.storage, part)
    predictor: dict[str, Any] = {"model": _model(settings, uri)["model"]}
    if settings.runtime:
        predictor["model"]["runtime"] = settings.runtime
    if settings.service_account:
        predictor["serviceAccountName"] = settings.service_account
    if how.percent is not None:
        predictor["canaryTrafficPercent"] = how.percent
    told = _order(order) | {
        STOP: "false",
        DIGEST: part.digest,
        CALLED: f"{part.model}/{part.number}",
        STORAGE: uri,
    }
    return _manifest(order, settings, told, predictor, seen)


def storage_uri(pattern: str, part: Part) -> str:
    """Return where the files of a version are."""
    filled = {
        "{digest}": part.digest.partition(":")[2],
        "{model}": quote(part.model, safe=""),
        "{version}": str(part.number),
    }
    return re.sub(r"\{(digest|model|version)\}", lambda found: filled[found[0]], pattern)


def _order(order: Order) -> dict[str, str]:
    return {NUMBER: str(order.number), KEY: order.key}


def _model(settings: Settings, uri: str) -> dict[str, Any]:
    return {"model": {"modelFormat": {"name": settings.format}, "storageUri": uri}}


def _manifest(
    order: Order,
    settings: Settings,
    told: Mapping[str, str],
    predictor: Mapping[str, Any],
    seen: str = "",
) -> Mapping[str, Any]:
    metadata: dict[str, Any] = {
        "name": order.service,
        "namespace": settings.namespace,
        "annotations": {ENVIRONMENT: order.environment, MODE: SERVERLESS, **told},
    }
    if seen:
        metadata["resourceVersion"] = seen
    return {
        "apiVersion": GROUP,
        "kind": "InferenceService",
        "metadata": metadata,
        "spec": {"predictor": predictor},
    }
