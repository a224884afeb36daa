"""Packs in each of their states, for pages and programs that show them; nothing is sealed here."""

import io
from datetime import timedelta

from apps.approvals.models import EvidencePack, PackFile, PackWork
from apps.catalog import ingest, places
from apps.core.clock import database_now
from tests.approvals.walk import overwrite

CONTENT = b"PK\x05\x06" + b"\x00" * 18


def ready(pack: EvidencePack) -> EvidencePack:
    """Let a pack have a file, written past every rule."""
    now = database_now()
    stored = ingest.keep(io.BytesIO(CONTENT), most=100)
    PackFile.objects.create(pack=pack, artifact=places.artifact_of(stored, at=now))
    PackWork.objects.filter(pack=pack).delete()
    digest = f"sha256:{stored.sha256}"
    overwrite(
        pack,
        state="ready",
        as_of=now,
        contents=digest,
        digest=digest,
        size=stored.size,
        log_size=48,
        finished_at=now,
        expires_at=now + timedelta(days=30),
    )
    return EvidencePack.objects.get(pk=pack.pk)


def failed(pack: EvidencePack, why: str = "The store is full.") -> EvidencePack:
    """Let a pack have failed, written past every rule."""
    PackWork.objects.filter(pack=pack).delete()
    overwrite(pack, state="failed", failure=why, finished_at=database_now())
    return EvidencePack.objects.get(pk=pack.pk)


def cleared(pack: EvidencePack) -> EvidencePack:
    """Let the time of a pack's file be over, written past every rule."""
    PackFile.objects.filter(pack=ready(pack)).delete()
    overwrite(pack, cleared_at=database_now())
    return EvidencePack.objects.get(pk=pack.pk)
