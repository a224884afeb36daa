"""The deployer: reads a service, holds the order to what it bears, and writes it against that."""

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from apps.core.errors import DomainError
from apps.core.inputs import InputRefused
from apps.deployments.deployers import credentials, targets
from apps.deployments.deployers.contract import CannotLook, Ending, Order, Outcome, Seen, Target
from apps.deployments.deployers.kserve import manifests, seeing
from apps.deployments.deployers.kserve.cluster import (
    Cluster,
    ClusterRefused,
    Conflict,
    Service,
)
from apps.deployments.deployers.kserve.manifests import Settings

TRIES = 3
"""How often an order is written anew because somebody, mostly the controller, wrote in between."""
TAKEN = Outcome(Ending.ACCEPTED, "The cluster took the order. What it shows confirms it.")
NOT_THERE_YET = (
    "Neither version is rolled out to all there yet, and KServe splits requests only beside one "
    "that is."
)
NEITHER = (
    "KServe splits requests only beside the version that is rolled out to all, and neither of "
    "these is. Deploy one of them alone first."
)

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SCHEME = re.compile(r"[a-z][a-z0-9+]*://[^\s{}]")
_WORD = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_SLOTS = re.compile(r"\{[^{}]*\}")
_KNOWN = {"{digest}", "{model}", "{version}"}


class KServe:
    """Writes one InferenceService a service, by server-side apply."""

    name: ClassVar[str] = "kserve"
    title: ClassVar[str] = "KServe"
    can_look: ClassVar[bool] = True

    def problems(self, target: Target) -> Sequence[str]:
        """Return what is wrong with the address, the names and where files are found."""
        try:
            given = targets.read(target, Settings)
        except DomainError as refusal:
            return [str(refusal)]
        wrong = targets.problem_with_address("The address of the API", given.api)
        secret = "" if wrong else credentials.problem_with(given.secret, given.api)
        return [sentence for sentence in (wrong, secret, *_wrong(given)) if sentence]

    def carry_out(self, order: Order, target: Target) -> Outcome:
        """Write an order, unless the service bears a newer one; what is seen there confirms it."""
        if problem := manifests.problem_with_order(order):
            return Outcome(Ending.REFUSED, problem)
        try:
            return _written(order, targets.read(target, Settings))
        except (ClusterRefused, credentials.SecretMissing, InputRefused) as refusal:
            return Outcome(Ending.REFUSED, str(refusal))
        except DomainError as trouble:
            return Outcome(Ending.FAILED, str(trouble))

    def look(self, environment: str, target: Target) -> Sequence[Seen]:
        """Ask the cluster which revisions get requests, and of which version each is."""
        try:
            return seeing.everything(_cluster(targets.read(target, Settings)))
        except DomainError as trouble:
            raise CannotLook(str(trouble)) from None


def _written(order: Order, settings: Settings) -> Outcome:
    cluster = _cluster(settings)
    for _ in range(TRIES - 1):
        try:
            return _written_once(order, settings, cluster)
        except Conflict:
            continue
    return _written_once(order, settings, cluster)


def _written_once(order: Order, settings: Settings, cluster: Cluster) -> Outcome:
    """Write an order against what is there now; a service that is not is made first, empty."""
    found = cluster.service(order.service) or cluster.create(manifests.held(order, settings))
    if known := _known(order, found):
        return known
    seen = found.metadata.resource_version
    if not order.parts:
        cluster.apply(order.service, manifests.withdrawn(order, settings, seen))
        return TAKEN
    how = manifests.split(order, _rolled_out(order, found, cluster))
    if how is None:
        return _no_split(order, found)
    cluster.apply(order.service, manifests.served(order, how, settings, seen))
    return TAKEN


def _known(order: Order, found: Service) -> Outcome | None:
    """Return how an order ends that is not to be written: done already, late, or none of ours."""
    annotations = found.metadata.annotations
    number = annotations.get(manifests.NUMBER, "")
    if not number.isdecimal() or annotations.get(manifests.ENVIRONMENT) != order.environment:
        return Outcome(
            Ending.REFUSED,
            f"The InferenceService {order.service} there is not one of this environment. "
            "Call the service otherwise, or take that one away.",
        )
    if int(number) > order.number:
        return Outcome(
            Ending.REFUSED, f"Rollout {number} was carried out there, which is newer than this."
        )
    if int(number) < order.number:
        return None
    if annotations.get(manifests.KEY) == order.key:
        return TAKEN
    return Outcome(Ending.REFUSED, f"Another order was rollout {number} there.")


def _rolled_out(order: Order, found: Service, cluster: Cluster) -> str:
    """Return the digest of what is rolled out to all, where that matters to an order."""
    name = found.predictor.latest_rolledout_revision
    if len(order.parts) < 2 or not name:
        return ""
    revision = cluster.revision(name)
    return seeing.digest_of(revision) if revision else ""


def _no_split(order: Order, found: Service) -> Outcome:
    """Say that it cannot be told now, or not at all: what was ordered last may become ready."""
    coming = found.metadata.annotations.get(manifests.DIGEST, "")
    if coming in {part.digest for part in order.parts}:
        return Outcome(Ending.FAILED, NOT_THERE_YET)
    return Outcome(Ending.REFUSED, NEITHER)


def _cluster(settings: Settings) -> Cluster:
    return Cluster(settings.api, settings.namespace, settings.secret)


def _wrong(given: Settings) -> Iterator[str]:
    if not _LABEL.fullmatch(given.namespace):
        yield "A namespace is named by a to z, digits and hyphens, at most 63."
    for label, word in (("format", given.format), ("runtime", given.runtime or "none")):
        if not _WORD.fullmatch(word):
            yield f"The {label} is a name such as mlflow: {word!a:.80} is none."
    if given.service_account and not _WORD.fullmatch(given.service_account):
        yield "The service account is a name of the cluster's."
    slots = set(_SLOTS.findall(given.storage))
    if not _SCHEME.match(given.storage) or not slots <= _KNOWN or len(given.storage) > 1000:
        yield "The storage is an address such as s3://models/{digest}, with no other slots."
    elif "{digest}" not in slots and not {"{model}", "{version}"} <= slots:
        yield "The storage needs {digest}, or {model} and {version}, so that no two are one."


DEPLOYER = KServe()
