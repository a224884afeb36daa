"""What a cluster shows: which revisions get requests, and of which version each of them is.

A revision bears the annotations its service had when it was made, so it tells what Signet ordered.
Where it also tells where its files came from, and that is another place, its digest is not taken.
"""

import re
from collections import Counter
from collections.abc import Sequence

from apps.deployments.deployers.contract import Seen
from apps.deployments.deployers.kserve import manifests
from apps.deployments.deployers.kserve.cluster import Cluster, Revision, Service

LOADED_FROM = "internal.serving.kserve.io/storage-initializer-sourceuri"
MOST_CALLED = 300
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def everything(cluster: Cluster) -> Sequence[Seen]:
    """Return every content that gets requests in a namespace, or could by its own address."""
    revisions = {one.metadata.name: one for one in cluster.revisions()}
    return [seen for service in cluster.services() for seen in seen_of(service, revisions)]


def seen_of(service: Service, revisions: dict[str, Revision]) -> Sequence[Seen]:
    """Return what one service shows; revisions of the same content are seen as one."""
    shares: Counter[tuple[str, str]] = Counter()
    for traffic in service.predictor.traffic:
        revision = revisions.get(traffic.revision_name)
        digest = digest_of(revision) if revision else ""
        shares[digest, _called(traffic.revision_name, revision)] += traffic.percent
    return [
        Seen(service.metadata.name, digest, called, share)
        for (digest, called), share in shares.items()
    ]


def digest_of(revision: Revision) -> str:
    """Return the digest a revision was ordered as, unless its files came from elsewhere."""
    annotations = revision.metadata.annotations
    ordered_from = annotations.get(manifests.STORAGE, "")
    if annotations.get(LOADED_FROM, ordered_from) != ordered_from:
        return ""
    digest = annotations.get(manifests.DIGEST, "")
    return digest if _DIGEST.fullmatch(digest) else ""


def _called(name: str, revision: Revision | None) -> str:
    """Return what a revision says it is, or where its files came from when that is not it."""
    if revision is None:
        return name
    annotations = revision.metadata.annotations
    if digest_of(revision):
        return annotations.get(manifests.CALLED, name)[:MOST_CALLED]
    return annotations.get(LOADED_FROM, name)[:MOST_CALLED]
