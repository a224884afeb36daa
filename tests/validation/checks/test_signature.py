"""Signatures: absent, unreadable, invalid, untrusted, expired and valid are told apart."""

import base64
import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from apps.core.inputs import InputRefused
from apps.validation.checks import signature
from apps.validation.checks.contract import Outcome, Source
from apps.validation.checks.recorded import Record
from apps.validation.checks.signature import SignatureParameters, envelopes, keys, signers
from apps.validation.checks.signature.examination import examine
from apps.validation.checks.signature.troubles import Unreadable
from apps.validation.confined.parent import carry_out
from tests.validation.checks.signing import (
    FILES,
    MODEL,
    RECEIVED,
    Authority,
    bundle,
    envelope,
    model_statement,
    pem,
    provenance,
    sha256,
)
from tests.validation.checks.stored import StoredFile, StoredVersion, codes, grave_codes, version_of

KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP384R1())
ROOT = Authority("Root")
SIGNING = Authority("Signing", above=ROOT)
LEAF = ec.generate_private_key(ec.SECP256R1())
CERTIFICATE = SIGNING.issue(LEAF)
CHAIN = [CERTIFICATE, SIGNING.certificate]

BY_KEY = {"name": "Release key", "kind": "key", "pem": pem(KEY)}
BY_ROOT = {"name": "House root", "kind": "certificate", "pem": ROOT.pem}
REQUIRED = SignatureParameters(require=True)


def version_with(
    *attached: object,
    trusting: Sequence[Mapping[str, Any]] = (BY_KEY,),
    files: Mapping[str, bytes] = FILES,
    kind: str = "oms_signature",
) -> StoredVersion:
    version = version_of(files)
    since = RECEIVED.isoformat()
    version.attached = [
        StoredFile(
            f"{number}.sig",
            one if isinstance(one, bytes) else json.dumps(one).encode(),
            kind=kind,
            since=since,
        )
        for number, one in enumerate(attached)
    ]
    if trusting:
        listed = json.dumps({"signers": list(trusting)}).encode()
        version.lists = {Source.SIGNERS: StoredFile("signers", listed)}
    version.record = Record(model=MODEL)
    return version


def judged(*attached: object, parameters: Any = REQUIRED, **options: Any) -> Outcome:
    return examine(version_with(*attached, **options), parameters=parameters)


def status(*attached: object, **options: Any) -> object:
    return judged(*attached, **options).facts["status"]


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


def test_a_certificate_that_leads_to_a_trusted_root_is_valid() -> None:
    outcome = judged(bundle(model_statement(), LEAF, CHAIN), trusting=[BY_ROOT])

    assert outcome.facts["status"] == "valid"
    assert outcome.facts["signers"] == ["release@example.org"]


def test_identities_narrow_whom_an_authority_may_vouch_for() -> None:
    signed = bundle(model_statement(), LEAF, CHAIN)

    def trusting(*identities: object) -> object:
        return status(signed, trusting=[{**BY_ROOT, "identities": list(identities)}])

    assert trusting("release@example.org") == "valid"
    assert trusting("*@example.org") == "valid"
    assert trusting({"name": "*@example.org", "issuer": "CN=Signing"}) == "valid"
    assert trusting("*@example.com") == "untrusted"
    assert trusting({"name": "*@example.org", "issuer": "CN=Other"}) == "untrusted"


def test_an_expired_certificate_is_told_from_an_untrusted_one() -> None:
    old = SIGNING.issue(LEAF, days=30)
    outcome = judged(
        bundle(model_statement(), LEAF, [old, SIGNING.certificate]), trusting=[BY_ROOT]
    )
    assert outcome.facts["status"] == "expired"
    assert "No transparency log is asked here" in outcome.problems[0].text

    version = version_with(
        bundle(model_statement(), LEAF, [old, SIGNING.certificate]), trusting=[BY_ROOT]
    )
    version.attached[0].since = (RECEIVED - timedelta(days=160)).isoformat()
    assert examine(version).facts["status"] == "valid"


def test_certificates_that_lead_nowhere_or_may_not_sign_are_untrusted() -> None:
    stranger = Authority("Stranger")
    no_authority = Authority("No authority", above=ROOT, is_ca=False)
    for chain in (
        [CERTIFICATE],
        [stranger.issue(LEAF), stranger.certificate],
        [no_authority.issue(LEAF), no_authority.certificate],
        [SIGNING.issue(LEAF, code=False), SIGNING.certificate],
    ):
        signed = bundle(model_statement(), LEAF, chain)
        assert status(signed, trusting=[BY_ROOT]) == "untrusted", chain[0].issuer


def test_a_signature_that_is_not_by_the_key_of_its_certificate_is_invalid() -> None:
    assert status(bundle(model_statement(), OTHER, CHAIN), trusting=[BY_ROOT]) == "invalid"


BROKEN: dict[str, object] = {
    "no JSON": b"-----BEGIN PGP SIGNATURE-----\n",
    "a list": [],
    "no envelope": {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"},
    "another bundle": {"mediaType": "text/plain", "dsseEnvelope": {}},
    "no signature": {"payloadType": "x", "payload": "YQ==", "signatures": []},
    "no Base64": {"payloadType": "x", "payload": "%%", "signatures": [{"sig": "YQ=="}]},
    "another payload": {"payloadType": "x", "payload": "YQ==", "signatures": [{"sig": "YQ=="}]},
    "a name twice": b'{"payloadType": "a", "payloadType": "b"}',
    "no statement": envelope({"_type": "https://example.org"}, KEY),
    "no subject": envelope({**provenance({}), "subject": []}, KEY),
    "a list of files with another root": envelope(
        {**model_statement(), "subject": [{"name": "m", "digest": {"sha256": "00" * 32}}]}, KEY
    ),
    "an unknown way to hash": envelope(
        {**model_statement(), "predicate": {"serialization": {"method": "x"}, "resources": [{}]}},
        KEY,
    ),
    "a damaged certificate": {
        **bundle(model_statement(), KEY),
        "verificationMaterial": {"certificate": {"rawBytes": "YWJj"}},
    },
}


def test_what_cannot_be_read_is_said_and_fails() -> None:
    for name, data in BROKEN.items():
        outcome = judged(data, parameters=SignatureParameters())
        assert "unreadable" in grave_codes(outcome), name
        assert outcome.facts["status"] == "unreadable", name


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


def test_statements_may_come_one_a_line() -> None:
    lines = [bundle(model_statement(), KEY), envelope(provenance({"a": sha256(b"x")}), OTHER)]
    outcome = judged(b"\n".join(json.dumps(line).encode() for line in lines))

    assert outcome.facts["signatures"] == 1
    assert outcome.facts["other_statements"] == 1


def test_one_invalid_signature_spoils_a_valid_one() -> None:
    wrong = bundle(model_statement({**FILES, "MLmodel": b"other"}), KEY)

    assert status(bundle(model_statement(), KEY), wrong) == "invalid"


def test_other_attachments_are_left_alone() -> None:
    assert status(b"%PDF-", kind="other") == "missing"
    assert status(b"{}", kind="bill_of_materials") == "missing"


def test_a_list_of_signers_that_cannot_be_read_trusts_nobody() -> None:
    version = version_with(bundle(model_statement(), KEY))
    version.lists = {Source.SIGNERS: StoredFile("signers", b"signers: 5\n")}

    outcome = examine(version)
    assert outcome.facts["status"] == "untrusted"
    assert "no_list" in grave_codes(outcome)


# -- what the specifications give as examples


def test_the_encoding_is_that_of_the_dsse_specification() -> None:
    """The example of protocol.md, version 1.0, and the signature published with it."""
    encoded = envelopes.preauthenticated("http://example.com/HelloWorld", b"hello world")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"

    x = 46950820868899156662930047687818585632848591499744589407958293238635476079160
    y = 5640078356564379163099075877009565129882514886557779369047442380624545832820
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    raw = base64.b64decode(
        "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="
    )
    numbers = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    assert keys.has_signed(keys.usable(key), _der(*numbers), encoded)
    assert not keys.has_signed(keys.usable(key), _der(*numbers), encoded + b"!")


def _der(r: int, s: int) -> bytes:
    return encode_dss_signature(r, s)


REAL = json.loads((Path(__file__).parent / "model_signing_1_1_1.json").read_text())


def test_what_the_public_tool_signs_is_verified() -> None:
    """Written by model-signing 1.1.1: by key, in stretches, with BLAKE2, by certificate."""
    files = {path: base64.b64decode(data) for path, data in REAL["files"].items()}
    trusting = [
        {"name": "Key", "kind": "key", "pem": REAL["public_key"]},
        {
            "name": "Root",
            "kind": "certificate",
            "pem": REAL["root"],
            "identities": ["*@example.org"],
        },
    ]
    for name, signed in REAL["signatures"].items():
        version = version_with(signed, files=files, trusting=trusting)
        version.attached[0].since = REAL["signed_at"]
        assert examine(version, parameters=REQUIRED).facts["status"] == "valid", name
        changed = version_with(signed, files={**files, "a.txt": b"ho\n"}, trusting=trusting)
        changed.attached[0].since = REAL["signed_at"]
        assert examine(changed, parameters=REQUIRED).facts["status"] == "invalid", name


# -- the list of signers


YAML = f"""signers:
  - name: Release key
    kind: key
    valid_from: 2030-01-01
    valid_until: 2030-12-31T12:00:00Z
    models: ["tumor-*", credit-risk]
    pem: |
      {pem(KEY).replace(chr(10), chr(10) + "      ").rstrip()}
"""


def test_signers_are_read_from_yaml_and_json() -> None:
    [signer] = signers.read(YAML.encode())
    assert signer.name == "Release key"
    assert signer.speaks_for("tumor-triage")
    assert not signer.speaks_for("other")
    assert signer.is_trusted_at(RECEIVED)
    assert len(signers.read(json.dumps({"signers": [BY_KEY, BY_ROOT]}).encode())) == 2


REFUSED: dict[str, tuple[object, str]] = {
    "no list": ({}, "one key, signers"),
    "an empty list": ({"signers": []}, "between 1 and"),
    "an unknown field": ({"signers": [{**BY_KEY, "trust": 1}]}, "not known: 'trust'"),
    "no name": ({"signers": [{**BY_KEY, "name": ""}]}, "name is a text"),
    "two of a name": ({"signers": [BY_KEY, BY_KEY]}, "Two signers"),
    "another kind": ({"signers": [{**BY_KEY, "kind": "person"}]}, "key or certificate"),
    "no key": ({"signers": [{**BY_KEY, "pem": "nothing"}]}, "no public key"),
    "a key as certificate": ({"signers": [{**BY_ROOT, "pem": pem(KEY)}]}, "no certificate"),
    "a weak key": (
        {
            "signers": [
                {
                    **BY_KEY,
                    "pem": pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
                }
            ]
        },
        "2,048",
    ),
    "identities of a key": ({"signers": [{**BY_KEY, "identities": ["a"]}]}, "stands for itself"),
    "an odd identity": ({"signers": [{**BY_ROOT, "identities": [5]}]}, "an identity has a name"),
    "a moment without zone": (
        {"signers": [{**BY_KEY, "valid_from": "2030-01-01T00:00:00"}]},
        "time in UTC",
    ),
    "no moment": ({"signers": [{**BY_KEY, "valid_until": "soon"}]}, "time in UTC"),
    "models that are no texts": ({"signers": [{**BY_KEY, "models": [5]}]}, "models holds texts"),
}


def test_a_list_of_signers_is_refused_in_words() -> None:
    for name, (value, said) in REFUSED.items():
        with pytest.raises(InputRefused) as refusal:
            signers.read(json.dumps(value).encode())
        assert said in str(refusal.value), name
    for text in (
        b"\xff",
        b"signers: !!python/object/apply:os.system ['x']",
        b"signers: &a [*a]",
        b"x" * (signers.MOST_BYTES + 1),
    ):
        with pytest.raises(InputRefused):
            signers.read(text)


def test_parameters_are_held_to_what_can_be_meant() -> None:
    with pytest.raises(ValueError, match="between 1 and 20"):
        SignatureParameters(accepted=())
    with pytest.raises(ValueError, match="between 1 and 300"):
        SignatureParameters(accepted=("",))


ODD: tuple[Any, ...] = (None, True, -1, 10**30, 1.5, "x", [], [[]], {}, {"a": {}}, "\ud800")


def _twisted(value: Any) -> Iterator[Any]:
    """Yield a JSON value with each part of it, one at a time, replaced by something odd."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            for inner in (*ODD, *_twisted(value[key])):
                other = dict(value) if isinstance(value, dict) else list(value)
                other[key] = inner
                yield other


def test_no_value_of_another_type_makes_the_check_stumble() -> None:
    """Everything that is not as it should be is told as a status, and never as valid."""
    for one in _twisted(bundle(model_statement({"a": b"1"}), KEY)):
        outcome = judged(one, files={"a": b"1"})
        msgspec.msgpack.encode([outcome.summary, outcome.facts, outcome.evidence])
    for statement in (model_statement({"a": b"1"}, shard=1), provenance({"a": sha256(b"1")})):
        for one in _twisted(statement):
            outcome = judged(envelope(one, KEY), files={"a": b"1"})
            msgspec.msgpack.encode([outcome.facts, outcome.evidence])
    for listed in _twisted({"signers": [{**BY_ROOT, "identities": [{"name": "a"}]}]}):
        with contextlib.suppress(InputRefused):
            signers.read(json.dumps(listed).encode())


def test_an_envelope_of_too_many_bytes_is_not_read() -> None:
    with pytest.raises(Unreadable):
        envelopes.read(b" " * (envelopes.MOST_BYTES + 1))


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
