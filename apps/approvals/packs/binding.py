"""Binds a pack to the log: the part that is written once its contents are sealed and signed.

The pack's own chain ends with an entry that names the digest of ``pack.json``. That entry, and the
last one of each model's chain, are proven under one checkpoint: the first that covers them all, so
that a pack made anew from the same state is the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apps.approvals.packs.chains import Head
from apps.approvals.packs.contents import MANIFEST
from apps.approvals.packs.gathering import Gathered
from apps.audit.log import tree
from apps.audit.log.proofs import Proof
from apps.audit.models import Leaf, SignedCheckpoint
from apps.audit.sealing import reading

OWN = "log/pack.jsonl"
TEXTS = "log/texts.jsonl"
CHECKPOINT = "log/checkpoint"
PROOFS = "log/proofs"


@dataclass(frozen=True)
class Bound:
    """The files of the log in a pack, with the manifest, and the size of the log they bind to."""

    files: Mapping[str, bytes]
    log_size: int


def bound_or_none(gathered: Gathered, own: Head) -> Bound | None:
    """Return what binds a pack to the log, or None until its entries are sealed and signed.

    ``own`` is the pack's chain up to the entry that names its contents.
    """
    last = {head.last.pk: head for head in (own, *gathered.heads)}
    seqs = dict(Leaf.objects.filter(event__in=last).values_list("event_id", "seq"))
    if len(seqs) < len(last):
        return None
    covering = SignedCheckpoint.objects.filter(size__gt=max(seqs.values()))
    checkpoint = covering.order_by("size").first()
    if checkpoint is None:
        return None
    proofs = {
        f"{PROOFS}/{head.root.partition(':')[2]}": _proof(seqs[pk], checkpoint)
        for pk, head in last.items()
    }
    chain = own.read()
    files = {
        MANIFEST: gathered.manifest,
        OWN: _joined(chain.lines()),
        TEXTS: _joined(chain.texts()),
        CHECKPOINT: checkpoint.note.encode(),
        **proofs,
    }
    return Bound(files, checkpoint.size)


def _proof(seq: int, checkpoint: SignedCheckpoint) -> bytes:
    hashes = tree.inclusion(seq, checkpoint.size, reading.tiled(checkpoint.size).node)
    return Proof(seq, hashes, checkpoint.note).text.encode()


def _joined(lines: Iterable[bytes]) -> bytes:
    return b"".join(lines)
