"""Packs made as a worker makes them, in a log that is sealed and signed with a key of the tests."""

import io
from pathlib import Path
from typing import Any

import pytest

from apps.approvals import operations as approvals
from apps.approvals.models import EvidencePack, PromotionRequest
from apps.approvals.operations import packs
from apps.approvals.packs import binding, front, runner
from apps.approvals.packs.chains import Head
from apps.approvals.packs.contents import MANIFEST, Contents
from apps.approvals.packs.gathering import gather
from apps.audit.models import AuditEvent
from apps.audit.sealing import spare
from apps.core.actors import Actor
from apps.validation import operations as validation
from apps.validation.models import EvidenceItem
from tests import scenarios
from tests.approvals import policy_walk
from tests.approvals.packs.tampered import Files, files_of
from tests.audit.sealing import sealed
from tests.factories import actor
from tests.remembered import remembered

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


def gathered(pack: EvidencePack) -> Files:
    """Return what goes into a pack that nobody ordered to be made yet, but for the log."""
    with Contents() as contents:
        manifest = gather(pack, contents, lambda done, total: None).manifest
        file = io.BytesIO()
        contents.write_to(file, {MANIFEST: manifest})
    return files_of(file.getvalue())


def kept(content: bytes, folder: Path) -> Path:
    """Write a pack to a file and return its path."""
    file = folder / "pack.zip"
    file.write_bytes(content)
    return file


REPORT, PAGE, SIGNED = b"%PDF-1.7 a report", b"<script>alert(1)</script>", b"{}"


@remembered
def resting_on_files() -> PromotionRequest:
    """Return a promotion under a policy published here, of a version with files of evidence.

    Two items hold the same file, one of them is about the model; another version has a file, too.
    """
    policy_walk.published()
    version = scenarios.checked()
    other = scenarios.registered_version(version.model, {"other": b"bytes"})
    given(version, "performance_test_report", "Report.PDF", REPORT, verified=True)
    given(version.model, "monitoring_plan", "plan.txt", REPORT, verified=True)
    given(version, "rollback_plan", "page.html", PAGE)
    given(other, "rollback_plan", "plan.txt", b"Back to the other")
    by = actor(scenarios.developer())
    validation.attach_attestation(version, "dsse", "model.sig", [SIGNED], by=by)
    request = scenarios.requested(version=version)
    scenarios.sign(request, scenarios.owner(), "model_owner")
    approvals.promote(request, by=actor(scenarios.operator()), reason="In the change window")
    return request


def given(
    about: Any, type_id: str, name: str, content: bytes, *, verified: bool = False
) -> EvidenceItem:
    """Give a file of evidence, as the developer; the validator stands by it where asked to."""
    item = validation.add_evidence(
        about,
        type_id,
        by=actor(scenarios.developer()),
        title=f"A {type_id}",
        file=validation.SentFile(name, [content]),
    )
    if verified:
        validation.verify_evidence(item, by=actor(scenarios.validator()))
    return item
