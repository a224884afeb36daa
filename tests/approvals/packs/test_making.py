"""A pack is made of what the record says, bound to the log, and the same each time."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from apps.approvals.models import EvidencePack, PackFile, PackWork
from apps.approvals.operations import deletion, packs
from apps.approvals.packs import contents, gathering, of_model, runner, tasks
from apps.audit.governed import GovernedRow
from apps.audit.models import AuditEvent, SignedCheckpoint
from apps.audit.sealing import spare
from apps.catalog import ingest
from apps.catalog.lifecycle import Stage
from apps.catalog.models import Artifact, RegisteredModel
from apps.core.clock import database_now
from apps.core.errors import NotFound, RuleBroken
from tests import scenarios
from tests.approvals.packs.packed import (
    auditor,
    content_of,
    made,
    once_more,
    ordered,
    sealing,
)
from tests.approvals.walk import overwrite
from tests.audit.sealing import sealed
from tests.factories import actor

pytestmark = pytest.mark.django_db
__all__ = ["sealing"]
State = EvidencePack.State


def files_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def told_of(pack: GovernedRow) -> list[dict[str, Any]]:
    """Return what the record tells of a pack, refusals included."""
    events = AuditEvent.objects.filter(subject_type="pack", subject_id=pack.record_id)
    return [sealed.entry(event) for event in events.order_by("pk")]


def actions_of(pack: GovernedRow) -> list[str]:
    return [entry["action"] for entry in told_of(pack)]


@pytest.mark.usefixtures("sealing")
def test_a_pack_holds_the_version_its_sign_offs_and_its_chain_and_is_the_same_each_time() -> None:
    request = scenarios.promoted(to=Stage.STAGING)
    version, model = request.version, request.version.model
    pack = made(ordered(version))

    assert (pack.state, pack.failure) == (State.READY, "")
    content = content_of(pack)
    assert f"sha256:{hashlib.sha256(content).hexdigest()}" == pack.digest
    assert len(content) == pack.size
    assert once_more(pack) == content

    files = files_of(content)
    folder = f"models/{model.name}"
    entries = AuditEvent.objects.filter(chain_root=model.record_ref).order_by("chain_rev")
    lines = b"".join(bytes(event.entry) + b"\n" for event in entries)
    assert files[f"{folder}/timeline.jsonl"] == lines
    for signed in request.sign_offs.all():
        words = signed.statement_digest.removeprefix("sha256:")
        assert files[f"{folder}/statements/{words}.json"] == signed.statement.encode()
    own = f"{folder}/versions/{version.number}"
    decided = json.loads(files[f"{own}/promotions/{request.record_id}/gate.json"])
    assert decided["judgment"]["is_open"] is True
    bill = json.loads(files[f"{own}/bill-of-materials.cdx.json"])
    assert bill["bomFormat"] == "CycloneDX"
    assert f"{own}/checks/" in " ".join(files) or json.loads(files[f"{own}/checks.json"])
    listed = [one["path"] for one in json.loads(files[f"{own}/files.json"])]
    assert listed == sorted(scenarios.MODEL_FILES)
    assert not set(scenarios.MODEL_FILES.values()) & set(files.values())  # no weights

    manifest = json.loads(files["pack.json"])
    assert pack.contents == f"sha256:{hashlib.sha256(files['pack.json']).hexdigest()}"
    assert manifest["of"] == [version.record_id]
    assert files["index.html"].startswith(b"<!doctype html>")
    assert files["summary.pdf"].startswith(b"%PDF-")
    assert pack.log_size is not None
    checkpoint = SignedCheckpoint.objects.get(size=pack.log_size)
    assert files["log/checkpoint"] == checkpoint.note.encode()
    assert actions_of(pack) == ["pack.order", "pack.bind", "pack.make", "pack.download"]
    assert told_of(pack)[2]["detail"]["digest"] == pack.digest


@pytest.mark.usefixtures("sealing")
def test_people_stand_in_a_pack_by_name_only_where_they_signed() -> None:
    request = scenarios.promoted(to=Stage.STAGING)
    files = files_of(content_of(made(ordered(request.version.model))))

    everything = b"\n".join(data for path, data in files.items() if path != "summary.pdf")
    assert b"@" not in b"\n".join(data for path, data in files.items() if path.endswith("json"))
    for person in (scenarios.developer(), scenarios.operator(), scenarios.auditor()):
        assert str(person).encode() not in everything
    named = [path for path, data in files.items() if str(scenarios.owner()).encode() in data]
    assert {path.rpartition("/")[2] for path in named} <= {
        "index.html",
        "sign-offs.json",
        "signatures.json",
    }


@pytest.mark.usefixtures("sealing")
def test_one_pack_tells_of_several_models_and_of_open_requests() -> None:
    request = scenarios.signed_off()
    other: RegisteredModel = scenarios.registered_model()
    pack = made(ordered(request, other))

    files = files_of(content_of(pack))
    manifest = json.loads(files["pack.json"])
    assert manifest["of"] == sorted([request.record_id, other.record_id])
    assert [chain["root"] for chain in manifest["chains"]] == [
        request.root.record_ref,
        other.record_ref,
    ]
    own = f"models/{request.root}/versions/{request.version.number}/promotions"
    gate = json.loads(files[f"{own}/{request.record_id}/gate.json"])
    assert gate["is_as_recorded"] is False
    assert gate["judgment"]["is_open"] is True
    assert once_more(pack) == content_of(pack)


@pytest.mark.usefixtures("sealing")
def test_a_pack_whose_models_keep_changing_is_not_made_of_two_states(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = scenarios.registered_model()
    pack = ordered(model)
    monkeypatch.setattr(gathering, "_TRIES", 2)
    card, changes = of_model._card, [True]

    def changing(told: RegisteredModel) -> dict[str, object]:
        if changes:
            changes.pop()
            scenarios.registered_version(model)
        return card(told)

    monkeypatch.setattr(of_model, "_card", changing)
    files = files_of(content_of(made(pack)))
    assert f"models/{model.name}/versions/1/version.json" in files
    lines = files[f"models/{model.name}/timeline.jsonl"].count(b"\n")
    assert lines == AuditEvent.objects.filter(chain_root=model.record_ref).count()

    changes += [True] * 2
    assert made(ordered(model)).failure.startswith("The models kept changing")


@pytest.mark.usefixtures("sealing")
def test_a_pack_nobody_signs_for_fails_in_words_and_can_be_ordered_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pack = ordered(scenarios.registered_model())
    monkeypatch.setattr(spare, "step", lambda: False)
    now = [database_now()]

    def pause(seconds: float) -> None:
        now[0] += timedelta(seconds=40)

    runner.make_pack(pack.pk, clock=lambda: now[0], pause=pause)
    pack.refresh_from_db()
    assert (pack.state, pack.failure) == (State.FAILED, runner.UNSIGNED)
    assert not PackWork.objects.filter(pack=pack).exists()
    with pytest.raises(NotFound, match="not made yet"):
        packs.download_pack(pack, by=auditor())

    monkeypatch.setattr(spare, "step", lambda: sealed.sealer().step())
    packs.repeat_pack(pack, by=auditor())
    assert made(pack).state == State.READY
    assert actions_of(pack) == [
        "pack.order",
        "pack.bind",
        "pack.fail",
        "pack.repeat",
        "pack.bind",
        "pack.make",
    ]
    with pytest.raises(RuleBroken, match="another state by now"):
        packs.repeat_pack(pack, by=auditor())


@pytest.mark.usefixtures("sealing")
def test_a_worker_that_dies_in_the_middle_leaves_the_order_to_be_made_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pack = ordered(scenarios.registered_model())

    def killed(*_: Any, **__: Any) -> None:
        raise SystemExit

    keep = ingest.keep
    monkeypatch.setattr(ingest, "keep", killed)
    with pytest.raises(SystemExit):
        made(pack)
    pack.refresh_from_db()
    assert pack.stands == State.MAKING
    made(pack)  # whoever comes too soon leaves it alone
    assert runner.waiting(database_now()) == []
    later = database_now() + runner.LEASE + timedelta(seconds=1)
    assert runner.waiting(later) == [pack.pk]

    monkeypatch.setattr(ingest, "keep", keep)
    runner.make_pack(pack.pk, clock=lambda: later, pause=lambda _: None)
    pack.refresh_from_db()
    assert pack.state == State.READY
    assert actions_of(pack) == ["pack.order", "pack.bind", "pack.make"]  # bound once
    assert once_more(pack) == content_of(pack)


@pytest.mark.usefixtures("sealing")
def test_a_pack_whose_workers_are_lost_again_and_again_is_given_up() -> None:
    pack = ordered(scenarios.registered_model())
    PackWork.objects.filter(pack=pack).update(tries=runner.TRIES)
    assert made(pack).failure == runner.LOST


@pytest.mark.usefixtures("sealing")
def test_a_worker_that_lost_its_pack_to_another_concludes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pack = ordered(scenarios.registered_model())
    keep = ingest.keep

    def overtaken(*given: Any, **named: Any) -> Any:
        PackWork.objects.filter(pack=pack).update(beat_at=database_now() + timedelta(seconds=1))
        return keep(*given, **named)

    monkeypatch.setattr(ingest, "keep", overtaken)
    assert made(pack).state == State.WAITING
    assert actions_of(pack) == ["pack.order", "pack.bind"]


@pytest.mark.usefixtures("sealing")
def test_a_failure_of_its_own_is_said_without_its_details(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(runner, "gather", fails)
    failed = made(ordered(scenarios.registered_model()))
    assert failed.failure == "An error of its own stopped it (ZeroDivisionError)."


@pytest.mark.usefixtures("sealing")
def test_the_file_of_a_pack_is_cleared_when_its_days_are_over_and_its_row_stays(
    settings: Any,
) -> None:
    kept = made(ordered(scenarios.registered_model()))
    settings.PACK_DAYS = 0
    pack = made(ordered(scenarios.registered_model()))
    artifact = PackFile.objects.get(pack=pack).artifact
    tasks.clear_packs()
    pack.refresh_from_db()
    assert PackFile.objects.filter(pack=kept).exists()
    assert (pack.has_file, pack.cleared_at is not None) == (False, True)
    assert Artifact.objects.get(pk=artifact.pk).disposed_at is not None
    assert actions_of(pack)[-1] == "pack.clear"
    with pytest.raises(NotFound, match="its time is over"):
        packs.download_pack(pack, by=auditor())
    tasks.clear_packs()
    assert actions_of(pack).count("pack.clear") == 1


@pytest.mark.usefixtures("sealing")
def test_a_message_that_comes_twice_or_finds_nothing_makes_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pack = ordered(scenarios.registered_model())
    rung: list[int] = []
    monkeypatch.setattr(tasks.make_pack, "apply_async", lambda sent, **_: rung.extend(sent))
    tasks.send_packs()
    assert rung == [pack.pk]

    tasks.make_pack(pack.pk)
    tasks.make_pack(pack.pk)
    tasks.make_pack(pack.pk + 1000)
    tasks.send_packs()
    assert rung == [pack.pk]
    assert actions_of(pack).count("pack.make") == 1


@pytest.mark.usefixtures("sealing")
def test_what_was_deleted_meanwhile_gives_no_pack() -> None:
    model = scenarios.registered_model()
    pack = ordered(model)
    deletion.delete_model(model, by=actor(scenarios.owner()), reason="Registered by mistake")
    assert made(pack).failure == "What this pack is of was deleted."


@pytest.mark.usefixtures("sealing")
def test_words_that_somebody_changed_in_the_database_are_not_told_as_signed() -> None:
    request = scenarios.signed_off()
    [signed] = request.sign_offs.all()
    overwrite(signed, statement=signed.statement.replace("approve", "decline"))
    failure = made(ordered(request)).failure
    assert failure.startswith("The words of 1 signatures in models/")
    assert failure.endswith("Have the record verified, with its rows.")


@pytest.mark.parametrize("most", ["MOST_BYTES", "MOST_FILES"])
@pytest.mark.usefixtures("sealing")
def test_a_pack_that_grows_too_large_says_to_order_several(
    most: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, most, 5)
    assert made(ordered(scenarios.registered_model())).failure.endswith(
        "Order several smaller ones."
    )
