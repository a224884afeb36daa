"""Packs made as a worker makes them, in a log that is sealed and signed with a key of the tests."""

import io
from pathlib import Path

import pytest

from apps.approvals.models import EvidencePack
from apps.approvals.operations import packs
from apps.approvals.packs import binding, front, runner
from apps.approvals.packs.chains import Head
from apps.approvals.packs.contents import Contents
from apps.approvals.packs.gathering import gather
from apps.audit.models import AuditEvent
from apps.audit.sealing import spare
from apps.core.actors import Actor
from tests import scenarios
from tests.audit.sealing import sealed
from tests.factories import actor

REASON = "The examiner asked for it"


def auditor() -> Actor:
    return actor(scenarios.auditor())


@pytest.fixture
def sealing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a sealer with a key take its step whenever a worker looks whether it is signed.

    A PDF stands in for the typeset one, which has tests of its own and takes a second to make.
    """
    monkeypatch.setattr(spare, "step", lambda: sealed.sealer().step())
    monkeypatch.setattr(front, "front_pdf", lambda told: f"%PDF-1.7 {told.id}\n".encode())


def ordered(*subjects: packs.Subject, by: Actor | None = None) -> EvidencePack:
    return packs.order_pack(*subjects, by=by or auditor(), reason=REASON)


def made(pack: EvidencePack) -> EvidencePack:
    """Let a worker make a pack."""
    runner.make_pack(pack.pk, pause=lambda _: None)
    return EvidencePack.objects.get(pk=pack.pk)


def content_of(pack: EvidencePack) -> bytes:
    with packs.download_pack(pack, by=auditor()).bytes as content:
        return content.read()


def once_more(pack: EvidencePack) -> bytes:
    """Return the bytes a worker would make of a pack that is made already."""
    event = AuditEvent.objects.get(chain_root=pack.record_ref, action=runner.BIND.name)
    with Contents() as contents:
        gathered = gather(pack, contents, lambda done, total: None)
        bound = binding.bound_or_none(gathered, Head(pack.record_ref, event))
        assert bound is not None
        file = io.BytesIO()
        contents.write_to(file, dict(bound.files))
    return file.getvalue()


def kept(content: bytes, folder: Path) -> Path:
    """Write a pack to a file and return its path."""
    file = folder / "pack.zip"
    file.write_bytes(content)
    return file
