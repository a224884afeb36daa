"""The forms signatures come in: those of the specifications, and those nobody can read."""

import base64
import contextlib
import json
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from apps.core.inputs import InputRefused
from apps.validation.checks.signature import SignatureParameters, envelopes, keys, signers
from apps.validation.checks.signature.examination import examine
from apps.validation.checks.signature.troubles import Unreadable
from tests.validation.checks.signed_versions import (
    BY_ROOT,
    KEY,
    OTHER,
    REQUIRED,
    judged,
    version_with,
)
from tests.validation.checks.signing import (
    bundle,
    envelope,
    model_statement,
    provenance,
    sha256,
)
from tests.validation.checks.stored import grave_codes
from tests.validation.checks.twisted import twisted

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


def test_statements_may_come_one_a_line() -> None:
    lines = [bundle(model_statement(), KEY), envelope(provenance({"a": sha256(b"x")}), OTHER)]
    outcome = judged(b"\n".join(json.dumps(line).encode() for line in lines))

    assert outcome.facts["signatures"] == 1
    assert outcome.facts["other_statements"] == 1


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


def test_no_value_of_another_type_makes_the_check_stumble() -> None:
    """Everything that is not as it should be is told as a status, and never as valid."""
    for one in twisted(bundle(model_statement({"a": b"1"}), KEY)):
        outcome = judged(one, files={"a": b"1"})
        msgspec.msgpack.encode([outcome.summary, outcome.facts, outcome.evidence])
    for statement in (model_statement({"a": b"1"}, shard=1), provenance({"a": sha256(b"1")})):
        for one in twisted(statement):
            outcome = judged(envelope(one, KEY), files={"a": b"1"})
            msgspec.msgpack.encode([outcome.facts, outcome.evidence])
    for listed in twisted({"signers": [{**BY_ROOT, "identities": [{"name": "a"}]}]}):
        with contextlib.suppress(InputRefused):
            signers.read(json.dumps(listed).encode())


def test_an_envelope_of_too_many_bytes_is_not_read() -> None:
    with pytest.raises(Unreadable):
        envelopes.read(b" " * (envelopes.MOST_BYTES + 1))
