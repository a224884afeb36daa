"""The files of evidence in a pack: once each, by their digests; what is left out says why."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.approvals.models import EvidencePack, PromotionRequest
from apps.approvals.operations import packs
from apps.approvals.packs import enclosed, of_evidence
from apps.approvals.packs.contents import Contents
from apps.approvals.packs.enclosed import Enclosed, NamedFile
from apps.catalog.models import RegisteredModelUserPermission
from apps.catalog.store.contract import key_of
from apps.core.clock import database_now
from apps.core.errors import NotAllowed
from apps.risk.operations import finding_answers
from apps.validation import operations as validation
from apps.validation.conclusions import Conclusion
from apps.validation.models import Attestation, CheckRun, EvidenceItem
from tests import scenarios
from tests.approvals import walk
from tests.approvals.packs import shown
from tests.approvals.packs.packed import (
    PAGE,
    REPORT,
    SIGNED,
    auditor,
    content_of,
    gathered,
    given,
    kept,
    made,
    once_more,
    ordered,
    resting_on_files,
    sealing,
)
from tests.approvals.packs.tampered import Files, files_of
from tests.approvals.packs.test_verifying import verify
from tests.factories import actor
from tests.risk import found

pytestmark = pytest.mark.django_db
ELSEWHERE = "https://docs.example/plan"
__all__ = ["sealing"]


@pytest.fixture
def promotion() -> PromotionRequest:
    """Return what the packs are of, walked to before anything stands in for our code."""
    return resting_on_files()


def told_of(files: Files) -> dict[str, dict[str, Any]]:
    """Return what a manifest says of each row that names a file."""
    return {one["row"]: one for one in json.loads(files["pack.json"])["evidence"]}


def item(name: str, content: bytes) -> EvidenceItem:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    found: EvidenceItem = EvidenceItem.objects.get(file_name=name, file_digest=digest)
    return found


def path_of(content: bytes, ending: str) -> str:
    return f"evidence/{hashlib.sha256(content).hexdigest()}.{ending}"


def test_files_of_evidence_are_in_a_pack_once_under_their_digests_with_the_rows_that_name_them(
    promotion: PromotionRequest, sealing: None, tmp_path: Path
) -> None:
    version = promotion.version
    first = CheckRun.objects.exclude(evidence=None).get(version=version)
    newest = walk.run_again(version, first.check_name)
    pack = made(ordered(version))
    content = content_of(pack)
    files, folder = files_of(content), f"models/{version.model.name}/versions/1"

    assert once_more(pack) == content
    report, page = path_of(REPORT, "pdf"), path_of(PAGE, "bin")
    assert (files[report], files[page], files[path_of(SIGNED, "bin")]) == (REPORT, PAGE, SIGNED)
    told = told_of(files)
    for name in ("Report.PDF", "plan.txt"):
        one = told[item(name, REPORT).record_ref]
        assert (one["path"], one["size"], one["left_out"]) == (report, len(REPORT), "")
    other = told[item("plan.txt", b"Back to the other").record_ref]
    assert (other["path"], other["left_out"]) == ("", of_evidence.OF_OTHERS)
    items = {one["file_name"]: one["file"] for one in json.loads(files[f"{folder}/evidence.json"])}
    assert items == {"Report.PDF": report, "plan.txt": report, "page.html": page}
    [attested] = json.loads(files[f"{folder}/attestations.json"])
    assert attested["file"] == path_of(SIGNED, "bin")
    runs = {one["id"]: one for one in json.loads(files[f"{folder}/checks.json"])}
    assert (runs[first.record_id]["is_newest"], runs[newest.record_id]["is_newest"]) == (
        False,  # a sign-off binds it
        True,
    )
    for run in (first, newest):
        assert run.evidence is not None
        assert runs[run.record_id]["report"] == f"evidence/{run.evidence.sha256}.json"
    assert f'href="./{report}"'.encode() in files["index.html"]
    assert verify(kept(content, tmp_path))[0] == 0


def test_what_is_lost_damaged_disposed_of_or_too_much_is_listed_and_left_out_with_why(
    promotion: PromotionRequest, sealing: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version, now = promotion.version, database_now()
    lost, other = b"bytes that are lost", b"bytes that are others"
    large = given(version, "rollback_plan", "large.csv", b"x" * 2000, verified=True)
    gone = given(version, "rollback_plan", "lost.csv", lost)
    altered = given(version, "rollback_plan", "other.csv", other)
    store = storages["artifacts"]
    for content in (lost, other):
        store.delete(key_of(hashlib.sha256(content).hexdigest()))
    store.save(key_of(hashlib.sha256(other).hexdigest()), ContentFile(other[::-1]))
    page, plan = item("page.html", PAGE), item("plan.txt", REPORT)
    attested = Attestation.objects.get()
    assert page.artifact is not None
    walk.overwrite(page.artifact, quarantined_at=now)
    walk.overwrite(attested.artifact, disposed_at=now, erased_at=now)
    walk.overwrite(plan, title="Another title")
    link = validation.add_evidence(
        version, "rollback_plan", by=actor(scenarios.developer()), title="A link", link=ELSEWHERE
    )
    walk.overwrite(link, title="Another link")
    monkeypatch.setattr(enclosed, "MOST_BYTES", 1000)

    pack = made(ordered(version))
    store.delete(key_of(hashlib.sha256(other).hexdigest()))
    files = files_of(content_of(pack))

    told = told_of(files)
    reasons: dict[EvidenceItem | Attestation, str] = {
        large: enclosed.TOO_MUCH,
        gone: "The store does not hold this file any more.",
        altered: enclosed.NOT_AS_KEPT,
        page: "The store no longer holds the right bytes of this file",
        attested: f"This file was disposed of on {now:%Y-%m-%d}",
        plan: of_evidence.NOT_AS_LEFT,
    }
    for row, words in reasons.items():
        one = told[row.record_ref]
        assert one["left_out"].startswith(words)
        assert (one["path"], f"sha256:{one['sha256']}") == ("", row.file_digest)
        assert words.encode() in files["index.html"].replace(b"&#x27;", b"'")
    held = {path for path in files if path.startswith("evidence/")}
    assert held == {one["path"] for one in told.values()} - {""}
    assert path_of(REPORT, "pdf") in held  # the other item that names it is as the record left it
    assert told[link.record_ref]["left_out"] == of_evidence.NOT_AS_LEFT
    code, said = verify(kept(content_of(pack), tmp_path))
    assert (code, said[1].partition(" named")[0]) == (0, f"Files of evidence: {len(told)}")


def test_a_report_that_an_older_entry_does_not_name_is_said_to_be_held_to_none(
    promotion: PromotionRequest, sealing: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = promotion.version
    first = CheckRun.objects.exclude(evidence=None).get(version=version)
    as_note = Conclusion.as_note

    def as_before(conclusion: Conclusion) -> dict[str, object]:
        return {name: told for name, told in as_note(conclusion).items() if name != "report"}

    monkeypatch.setattr(Conclusion, "as_note", as_before)
    walk.run_again(version, first.check_name)

    code, said = verify(kept(content_of(made(ordered(version))), tmp_path))

    assert code == 0
    assert said[1].endswith(
        "Reports of checks: 1 held to the entries that concluded the runs; of 1 the entry is older "
        "and names none."
    )


def test_a_report_that_is_left_out_with_its_row_is_not_held_to_what_the_row_says_now(
    promotion: PromotionRequest, sealing: None, tmp_path: Path
) -> None:
    run = CheckRun.objects.exclude(evidence=None).get(version=promotion.version)
    walk.overwrite(run, evidence=item("plan.txt", REPORT).artifact)

    content = content_of(made(ordered(promotion.version)))

    told = told_of(files_of(content))[run.record_ref]
    assert (told["path"], told["left_out"]) == ("", of_evidence.NOT_AS_LEFT)
    code, said = verify(kept(content, tmp_path))
    assert (code, " 0 held to the entries" in said[1]) == (0, True)


def test_a_file_of_another_version_is_in_where_a_finding_rests_on_it(
    promotion: PromotionRequest, sealing: None
) -> None:
    finding = found.raised(promotion.root)
    other = item("plan.txt", b"Back to the other")
    finding_answers.attach_evidence(finding, other, by=actor(scenarios.owner()))

    one = told_of(gathered(ordered(promotion)))[other.record_ref]
    assert (one["path"], one["left_out"]) == (path_of(b"Back to the other", "txt"), "")


def test_who_may_not_download_files_gets_none_and_takes_no_pack_that_holds_some(
    promotion: PromotionRequest, sealing: None
) -> None:
    model, reader = promotion.root, scenarios.stranger()
    see = Permission.objects.get(codename="view_registeredmodel")
    RegisteredModelUserPermission.objects.create(user=reader, permission=see, content_object=model)
    by = actor(reader)
    own, of_auditor = ordered(model, by=by), shown.ready(ordered(model))

    files = gathered(own)
    told = told_of(files).values()
    assert {one["left_out"] for one in told} == {of_evidence.NOT_FOR_ORDERER}
    assert not [path for path in files if path.startswith("evidence/")]

    with packs.download_pack(shown.ready(own), by=by).bytes as taken:
        assert taken.read() == shown.CONTENT
    with pytest.raises(NotAllowed, match="Order one yourself"):
        packs.download_pack(of_auditor, by=by)
    with packs.download_pack(EvidencePack.objects.get(pk=own.pk), by=auditor()).bytes as taken:
        assert taken.read() == shown.CONTENT


def test_gathering_asks_the_same_however_many_files_there_are(
    promotion: PromotionRequest, sealing: None
) -> None:
    pack = ordered(promotion.version)
    gathered(pack)
    with CaptureQueriesContext(connection) as few:
        before = gathered(pack)
    for number in range(5):
        given(promotion.version, "rollback_plan", f"{number}.csv", str(number).encode())

    with CaptureQueriesContext(connection) as many:
        after = gathered(pack)

    assert len(told_of(after)) == len(told_of(before)) + 5
    assert len(many) == len(few)


def test_a_long_copy_says_now_and_then_that_it_goes_on(
    promotion: PromotionRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = item("Report.PDF", REPORT)
    assert report.artifact is not None
    monkeypatch.setattr(enclosed, "_PIECE", 4)
    monkeypatch.setattr(enclosed, "_BEAT_EVERY", 8)
    beats: list[None] = []
    with Contents() as contents:
        files = Enclosed(contents, lambda: beats.append(None))
        files.add(NamedFile(report, report.artifact, report.file_name))
        assert files.of(report).path == path_of(REPORT, "pdf")
    assert len(beats) == len(REPORT) // 8
