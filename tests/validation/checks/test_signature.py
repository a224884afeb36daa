"""Signatures: absent, invalid, untrusted, expired and valid are told apart."""

import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from apps.validation.checks import signature
from apps.validation.checks.signature import SignatureParameters
from apps.validation.checks.signature.examination import examine
from apps.validation.confined.parent import carry_out
from tests.validation.checks.signed_versions import (
    BY_KEY,
    BY_ROOT,
    CHAIN,
    KEY,
    LEAF,
    OTHER,
    REQUIRED,
    judged,
    status,
    version_with,
)
from tests.validation.checks.signing import (
    FILES,
    RECEIVED,
    bundle,
    envelope,
    model_statement,
    pem,
    provenance,
    sha256,
)
from tests.validation.checks.stored import codes, grave_codes, version_of


def test_a_signature_by_a_trusted_key_over_all_files_is_valid() -> None:
    outcome = judged(bundle(model_statement(), KEY))

    assert outcome.facts["status"] == "valid"
    assert outcome.problems == ()
    assert outcome.facts["signers"] == ["Release key"]
    assert "Release key" in outcome.summary


def test_every_kind_of_key_verifies() -> None:
    for key in (
        OTHER,
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
    ):
        trusting = [{"name": "K", "kind": "key", "pem": pem(key)}]
        assert status(bundle(model_statement(), key), trusting=trusting) == "valid", key


def test_files_signed_in_stretches_or_by_another_hash_are_computed_from_the_bytes() -> None:
    assert status(bundle(model_statement(shard=2), KEY)) == "valid"
    assert status(bundle(model_statement(algorithm="blake2b"), KEY)) == "valid"

    changed = {**FILES, "data/weights.bin": b"\x00\x01\x02\x03\x05"}
    assert status(bundle(model_statement(shard=2), KEY), files=changed) == "invalid"
    longer = {**FILES, "data/weights.bin": b"\x00\x01\x02\x03\x04\x05"}
    assert status(bundle(model_statement(shard=5), KEY), files=longer) == "invalid"
    unheard = judged(bundle(model_statement(algorithm="sha3_256"), KEY))
    assert unheard.facts["status"] == "invalid"
    assert "cannot_tell" in grave_codes(unheard)


def test_a_long_list_of_files_is_held_against_a_version_in_time() -> None:
    files = {f"parts/{number}": b"x" for number in range(3000)}
    began = time.monotonic()

    assert status(bundle(model_statement(files), KEY), files=files) == "valid"
    assert time.monotonic() - began < 3


def test_without_a_signature_it_says_so_and_fails_where_one_is_required() -> None:
    lax = judged(parameters=SignatureParameters())
    assert (lax.passed, codes(lax), lax.facts["status"]) == (True, {"absent"}, "missing")

    assert grave_codes(judged()) == {"absent"}


CHANGES: dict[str, tuple[dict[str, bytes], str]] = {
    "a byte changed": ({**FILES, "MLmodel": b"flavors: []\n"}, "changed"),
    "a file gone": ({"MLmodel": FILES["MLmodel"]}, "missing"),
    "a file added": ({**FILES, "extra.py": b"import os\n"}, "not_covered"),
}


def test_a_signature_over_other_files_is_invalid_whoever_made_it() -> None:
    for name, (files, code) in CHANGES.items():
        for trusting in ((BY_KEY,), ()):
            outcome = judged(bundle(model_statement(), KEY), files=files, trusting=trusting)
            assert code in grave_codes(outcome), name
            assert outcome.facts["status"] != "valid", name
    added = judged(bundle(model_statement(), KEY), files=CHANGES["a file added"][0])
    assert added.facts["status"] == "invalid"


def test_a_wrong_signature_by_a_key_it_names_is_invalid() -> None:
    forged = bundle(model_statement(), KEY)
    forged["dsseEnvelope"] = envelope(model_statement(), OTHER)

    outcome = judged(forged, parameters=SignatureParameters())
    assert outcome.facts["status"] == "invalid"
    assert "claims to be signed by Release key" in outcome.problems[0].text
    assert not outcome.passed


def test_a_statement_moved_to_another_type_no_longer_verifies() -> None:
    moved = bundle(model_statement(), KEY)
    moved["dsseEnvelope"]["payloadType"] = "application/vnd.in-toto+json "

    assert status(moved) == "invalid"


def test_a_signature_by_nobody_trusted_is_untrusted_and_not_invalid() -> None:
    for trusting in ((), (BY_ROOT,), ({**BY_KEY, "pem": pem(OTHER)},)):
        outcome = judged(bundle(model_statement(), KEY), trusting=trusting)
        assert outcome.facts["status"] == "untrusted"
        assert grave_codes(outcome) == {"untrusted"}
    lax = judged(bundle(model_statement(), KEY), trusting=(), parameters=SignatureParameters())
    assert lax.passed
    assert codes(lax) == {"untrusted"}


def test_trust_holds_for_the_models_and_the_time_it_is_given_for() -> None:
    signed = bundle(model_statement(), KEY)
    assert status(signed, trusting=[{**BY_KEY, "models": ["tumor-*"]}]) == "valid"
    assert status(signed, trusting=[{**BY_KEY, "models": ["credit-*"]}]) == "untrusted"
    assert status(signed, trusting=[{**BY_KEY, "valid_until": "2030-06-01"}]) == "valid"
    assert status(signed, trusting=[{**BY_KEY, "valid_until": "2030-05-31"}]) == "expired"
    assert status(signed, trusting=[{**BY_KEY, "valid_from": "2030-06-02"}]) == "expired"


def test_a_signature_among_the_files_counts_and_need_not_cover_itself() -> None:
    signed = json.dumps(bundle(model_statement(), KEY)).encode()
    version = version_with(files={**FILES, "model.sig": signed})
    version.files[-1].since = RECEIVED.isoformat()
    assert examine(version, parameters=REQUIRED).facts["status"] == "valid"

    odd = version_with(files={**FILES, "model.bin.sig": b"-----BEGIN PGP SIGNATURE-----"})
    outcome = examine(odd)
    assert outcome.passed
    assert codes(outcome) == {"unreadable", "absent"}


def test_files_left_out_on_purpose_are_named() -> None:
    statement = model_statement()
    statement["predicate"]["serialization"]["ignore_paths"] = ["logs", "."]
    files = {**FILES, "logs/train.log": b"epoch 1\n"}

    outcome = judged(bundle(statement, KEY), files=files)
    assert outcome.facts["status"] == "valid"
    assert codes(outcome) == {"left_out"}


def test_provenance_is_verified_and_counts_only_where_it_is_accepted() -> None:
    about = {path: sha256(data) for path, data in FILES.items()}
    signed = envelope(provenance(about), KEY)

    beside = judged(signed, kind="dsse", parameters=SignatureParameters())
    assert beside.facts == {
        "status": "missing",
        "signatures": 0,
        "other_statements": 1,
        "signers": ["Release key"],
    }
    accepting = SignatureParameters(require=True, accepted=("https://slsa.dev/provenance/v1",))
    assert status(signed, parameters=accepting) == "valid"
    whole = version_of(FILES).digest.removeprefix("sha256:")
    assert status(envelope(provenance({"m": whole}), KEY), parameters=accepting) == "valid"
    part = envelope(provenance({"MLmodel": about["MLmodel"]}), KEY)
    assert "not_covered" in grave_codes(judged(part, parameters=accepting))


def test_provenance_of_something_else_is_invalid() -> None:
    stranger = envelope(provenance({"image": sha256(b"another")}), KEY)
    assert "missing" in grave_codes(judged(stranger, parameters=SignatureParameters()))

    beside = {"MLmodel": sha256(FILES["MLmodel"]), "image": sha256(b"another")}
    assert codes(judged(envelope(provenance(beside), KEY))) >= {"foreign"}
    changed = {"MLmodel": sha256(b"another")}
    assert "changed" in grave_codes(judged(envelope(provenance(changed), KEY)))


def test_one_invalid_signature_spoils_a_valid_one() -> None:
    wrong = bundle(model_statement({**FILES, "MLmodel": b"other"}), KEY)

    assert status(bundle(model_statement(), KEY), wrong) == "invalid"


def test_other_attachments_are_left_alone() -> None:
    assert status(b"%PDF-", kind="other") == "missing"
    assert status(b"{}", kind="bill_of_materials") == "missing"


def test_parameters_are_held_to_what_can_be_meant() -> None:
    with pytest.raises(ValueError, match="between 1 and 20"):
        SignatureParameters(accepted=())
    with pytest.raises(ValueError, match="between 1 and 300"):
        SignatureParameters(accepted=("",))


@pytest.mark.slow
def test_the_check_runs_in_a_confined_process() -> None:
    version = version_with(
        bundle(model_statement(shard=2), KEY),
        bundle(model_statement(), LEAF, CHAIN),
        trusting=[BY_KEY, BY_ROOT],
    )

    outcome = carry_out(signature.CHECK, version, lambda place: None, REQUIRED)

    assert outcome.facts["status"] == "valid", outcome
    assert "no network" in outcome.facts["confined_by"]  # type: ignore[operator]
