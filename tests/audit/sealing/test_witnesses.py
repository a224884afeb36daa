"""Witnesses and webhooks: shown that the log goes on, asked for their signature, told by post."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.audit.checking import whole
from apps.audit.log.keys import VerifierKey
from apps.audit.log.notes import Checkpoint, Note
from apps.audit.models import Anchoring, AuditEvent, Log, SignedCheckpoint
from apps.audit.sealing import reading
from apps.audit.sealing.anchors import AnchorAway, WebhookAnchor, WitnessAnchor
from apps.audit.sealing.states import LogBroken
from apps.audit.verifier.notes import read_key
from apps.audit.verifier.proofs import verify_proof
from tests.audit.log.oracle import VECTORS
from tests.audit.sealing.sealed import ORIGIN, folder, happened, seal_all, sealer, vkey
from tests.audit.sealing.test_anchors import note, put_back
from tests.audit.sealing.witnessing import TestWitness
from tests.integrations.receiver import Receiver, receiver
from tests.unguarded import unguarded

pytestmark = pytest.mark.django_db

SECRET = "what signs deliveries to who keeps checkpoints"


@pytest.fixture
def there(settings: Settings) -> Iterator[Receiver]:
    with receiver() as running:
        settings.OUTBOUND_HTTP, settings.OUTBOUND_ALLOW = True, running.trust
        settings.ANCHOR_SECRET = SECRET
        yield running


@pytest.fixture
def witness(there: Receiver) -> TestWitness:
    there.script = seen = TestWitness()
    return seen


def asking(there: Receiver, key: VerifierKey, *, is_required: bool = True) -> WitnessAnchor:
    url = there.url.replace("/hook", "/add-checkpoint")
    return WitnessAnchor("w1", url, key, is_required=is_required)


def test_a_witness_is_shown_that_the_log_goes_on_and_its_signature_is_kept(
    there: Receiver, witness: TestWitness
) -> None:
    anchor = asking(there, witness.key)
    for many in (2, 5, 300):
        happened(many)
        seal_all(anchor)

    assert witness.held[ORIGIN].root == bytes(Log.objects.get().root)
    assert witness.asked[0] == 0
    newest = reading.newest_checkpoint()
    assert newest is not None
    receipt = Anchoring.objects.get(size=newest.size).receipt
    assert Note.read(newest.note + receipt).signed_by(witness.key)
    assert reading.cosigned(newest) == newest.note + receipt
    event = AuditEvent.objects.latest("pk")
    proof = reading.proof_of(event)
    assert proof is not None
    key = read_key(witness.key.text)
    verify_proof(proof.text, bytes(event.entry), [read_key(vkey())], [key], 1)


def test_a_witness_that_knows_another_size_is_shown_the_log_from_there(
    there: Receiver, witness: TestWitness
) -> None:
    anchor = asking(there, witness.key)
    happened(4)
    seal_all(anchor)
    known = witness.held[ORIGIN].size
    with unguarded():
        Anchoring.objects.all().delete()
    witness.asked.clear()
    happened(9)
    seal_all(anchor)
    assert witness.asked[:3] == [known, 0, known]  # it is asked first how large it knows the log
    assert witness.held[ORIGIN].size == Log.objects.get().size
    assert not Log.objects.get().is_halted


def test_a_database_behind_its_witness_is_halted_before_anything_is_signed(
    there: Receiver, witness: TestWitness
) -> None:
    happened(9)
    seal_all(asking(there, witness.key))
    put_back(6)
    happened()
    seal_all(asking(there, witness.key))
    assert Log.objects.get().trouble == "The database is behind w1: 6 < 10."
    assert not SignedCheckpoint.objects.filter(size__gt=6).exists()


def test_a_witness_that_runs_ahead_while_the_sealer_runs_halts_the_log(
    there: Receiver, witness: TestWitness
) -> None:
    one = sealer(asking(there, witness.key))
    happened(2)
    while one.step():
        pass
    witness.held[ORIGIN] = witness.held[ORIGIN]._replace(size=40)
    happened()
    while one.step():
        pass
    assert "behind w1" in Log.objects.get().trouble


def test_a_witness_that_saw_another_root_of_the_size_halts_the_log(
    there: Receiver, witness: TestWitness
) -> None:
    anchor = asking(there, witness.key)
    anchor.keep(Checkpoint(ORIGIN, 4, b"x" * 32), note(4, b"x" * 32))
    with pytest.raises(LogBroken, match="another root at 4"):
        anchor.size_known(Checkpoint(ORIGIN, 4, b"y" * 32), note(4, b"y" * 32))


def test_the_cosignature_of_the_vectors_is_taken_and_one_changed_is_not(there: Receiver) -> None:
    [vector] = [each for each in VECTORS["checkpoints"] if each["size"] == 7]
    line = vector["cosigned"].removeprefix(vector["note"])
    anchor = asking(there, VerifierKey.read(VECTORS["witness_vkey"]))
    checkpoint = Checkpoint.read(Note.read(vector["note"]).text)
    seed = bytes.fromhex(VECTORS["witness_seed"])
    witness = TestWitness(VECTORS["log_vkey"], seed=seed, name=VECTORS["witness"])
    stranger = witness.cosigned(checkpoint.text).replace("w1", "w2")

    there.body = (stranger + line).encode()
    assert anchor.keep(checkpoint, vector["note"]) == line

    wrong = line.replace("ZB0vGAAAAABrBCrA", "ZB0vGAAAAABrBCrB")
    for body in (stranger.encode(), wrong.encode(), b"", b"nonsense\n", b"\xff"):
        there.body = body
        with pytest.raises(AnchorAway, match="cosignature"):
            anchor.keep(checkpoint, vector["note"])


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (403, b"", "does not know the key"),
        (404, b"", "does not know this log"),
        (422, b"", "did not convince"),
        (500, b"", "status 500"),
        (302, b"", "status 302"),
        (409, b"many\n", "did not say from where"),
        (409, b"0\n", "did not say from where"),
        (200, b"x" * 20_000, "sent more than"),
    ],
)
def test_what_else_a_witness_answers_is_said_in_words(
    there: Receiver, witness: TestWitness, status: int, body: bytes, words: str
) -> None:
    there.script, there.status, there.body = None, status, body
    with pytest.raises(AnchorAway, match=words):
        asking(there, witness.key).keep(Checkpoint(ORIGIN, 4, b"x" * 32), note(4, b"x" * 32))


def test_a_witness_is_asked_nowhere_signet_does_not_send(
    there: Receiver, witness: TestWitness, settings: Settings
) -> None:
    settings.OUTBOUND_ALLOW = []
    with pytest.raises(AnchorAway, match="does not send"):
        asking(there, witness.key).keep(Checkpoint(ORIGIN, 4, b"x" * 32), note(4, b"x" * 32))


def test_a_webhook_is_sent_the_note_signed_as_other_webhooks_are(there: Receiver) -> None:
    there.status = 204
    there.body = b""
    happened(2)
    seal_all(WebhookAnchor("desk", there.url, is_required=True))

    newest = reading.newest_checkpoint()
    assert newest is not None
    sent = there.requests[-1]
    assert sent.body.decode() == newest.note
    headers = {name.lower(): value for name, value in sent.headers.items()}
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert headers["x-mlflow-delivery-id"] == f"{ORIGIN}/{newest.size}"
    told = f"{ORIGIN}/{newest.size}.{headers['x-mlflow-timestamp']}.".encode() + sent.body
    code = base64.b64encode(hmac.new(SECRET.encode(), told, hashlib.sha256).digest()).decode()
    assert headers["x-mlflow-signature"] == f"v1,{code}"
    assert Anchoring.objects.get(size=newest.size).receipt == "answered with status 204"


def test_a_webhook_that_refuses_took_nothing_and_is_never_read_back(there: Receiver) -> None:
    there.status = 500
    anchor = WebhookAnchor("desk", there.url, is_required=False)
    happened(2)
    log = seal_all(anchor)
    assert not log.is_halted
    assert not Anchoring.objects.exists()
    assert not anchor.reads_back
    assert list(anchor.kept(ORIGIN)) == []


def test_places_side_by_side_all_keep_the_newest_checkpoint(
    there: Receiver, witness: TestWitness, tmp_path: Path
) -> None:
    happened(3)
    log = seal_all(folder(tmp_path), asking(there, witness.key))
    newest = Anchoring.objects.filter(size=log.size).values_list("name", flat=True)
    assert sorted(newest) == ["vault", "w1"]
    assert whole.verify([read_key(vkey())], {}).findings == []
