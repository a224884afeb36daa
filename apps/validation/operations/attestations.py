"""Attestations: attached to a version, taken away as files, and withdrawn."""

from apps.audit.actions import Action
from apps.audit.changes import change, record_access
from apps.catalog import ingest, places
from apps.catalog.models import ModelVersion
from apps.catalog.outgoing import Download, opened
from apps.catalog.receiving import SpooledFile
from apps.catalog.store import Source, StoredBytes
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from apps.validation.models import Attestation

_ATTACH = "catalog.attach_attestation"
_REFUSAL = "You do not have the right to attach signatures and attestations to this model."

ATTACH_ATTESTATION = Action("attestation.attach", permission=_ATTACH, refusal=_REFUSAL)
WITHDRAW_ATTESTATION = Action(
    "attestation.withdraw", permission=_ATTACH, needs_reason=True, refusal=_REFUSAL
)
TAKE = Action(
    "attestation.download",
    permission="catalog.download_artifacts",
    refusal="You do not have the right to download files of this model.",
)

MOST_BYTES = 16 * 2**20
MOST_NAME = 255
MOST_ATTACHED = 100
"""How many attestations count for one version at a time."""
MOST_KEPT = 1_000
"""How many one version has, those that were withdrawn included."""


def attach_attestation(
    version: ModelVersion,
    kind: str,
    name: str,
    source: Source | SpooledFile,
    *,
    by: Actor,
) -> Attestation:
    """Attach a signature, a signed statement or a bill of materials to a version's content.

    Raises:
        InputRefused: when the kind, the name or the file is not what it may be.
        RuleBroken: when the file is attached already, or too many are.
    """
    stored = _kept(version, kind, name, source, by=by)
    with change(ATTACH_ATTESTATION, version, by=by) as record:
        version.require_ready()
        if stored is None:
            raise NotAllowed("The right to attach it was given only now. Send it again.")
        artifact = places.artifact_of(stored, at=record.time)
        counting = version.attestations.filter(withdrawn_at=None)
        if counting.filter(artifact=artifact).exists():
            raise RuleBroken("This file is attached to the version already.")
        if counting.count() >= MOST_ATTACHED:
            raise RuleBroken(f"A version has at most {MOST_ATTACHED} attestations. Withdraw some.")
        if version.attestations.count() >= MOST_KEPT:
            raise RuleBroken(
                f"A version keeps at most {MOST_KEPT:,} attestations, withdrawn or not."
            )
        attestation = Attestation(
            version=version,
            kind=kind,
            artifact=artifact,
            file_name=name,
            file_digest=f"sha256:{artifact.sha256}",
            content_digest=version.content_digest,
            attached_at=record.time,
            attached_by_id=_person(by),
        )
        attestation.save()
        record.about(attestation)
        record.note(kind=kind, file=attestation.file_digest, content=attestation.content_digest)
    return attestation


def withdraw_attestation(attestation: Attestation, *, by: Actor, reason: str) -> Attestation:
    """Let an attestation count no more; it stays on record with the reason."""
    with change(WITHDRAW_ATTESTATION, attestation, by=by, reason=reason) as record:
        if attestation.is_withdrawn:
            raise RuleBroken("It was withdrawn already.")
        attestation.withdrawn_at, attestation.withdrawn_by_id = record.time, _person(by)
        attestation.remark = record.reason
        attestation.save()
        record.note(kind=attestation.kind, file=attestation.file_digest)
    return attestation


def take_attestation(attestation: Attestation, *, by: Actor) -> Download:
    """Open the file of an attestation, once it is recorded who takes it."""
    artifact = attestation.artifact
    facts = {"sha256": artifact.sha256, "size": artifact.size}
    record_access(TAKE, attestation, by=by, facts=facts)
    return opened(attestation.file_name, artifact)


def _kept(
    version: ModelVersion, kind: str, name: str, source: Source | SpooledFile, *, by: Actor
) -> StoredBytes | None:
    """Keep what was sent, before the model is locked; nothing of who may not attach it anyway."""
    if not by.may(_ATTACH, version.model):
        return None
    if kind not in Attestation.Kind.values:
        raise InputRefused(f"The kind is one of: {', '.join(Attestation.Kind.values)}.")
    if "/" in name or len(name) > MOST_NAME:
        raise InputRefused(
            f"The name of a file has no slash and at most {MOST_NAME} characters: {name!a:.200}."
        )
    places.require_path(name)
    stored = ingest.keep(source, most=MOST_BYTES)
    if not stored.size:
        raise InputRefused("The file is empty.")
    return stored


def _person(by: Actor) -> int:
    if by.user_id is None:
        raise NotAllowed("Only a person or a service account attaches attestations.")
    return by.user_id
