"""Signs like the public tools do: DSSE envelopes, model signatures, and a small authority."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from apps.validation.checks.signature import MODEL_SIGNATURE
from apps.validation.checks.signature.envelopes import IN_TOTO, preauthenticated

MODEL = "tumor-triage"
RECEIVED = datetime(2030, 6, 1, 12, tzinfo=UTC)
FILES: Mapping[str, bytes] = {
    "MLmodel": b"flavors: {}\n",
    "data/weights.bin": b"\x00\x01\x02\x03\x04",
    ".gitignore": b"*.tmp\n",
}


def pem(key: Any) -> str:
    public = key.public_key()
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def signed_by(key: Any, data: bytes) -> bytes:
    """Sign bytes as goes with the kind of key."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    if isinstance(key, rsa.RSAPrivateKey):
        salted = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        return key.sign(data, salted, hashes.SHA256())
    curve = key.curve.name
    how = {"secp256r1": hashes.SHA256(), "secp384r1": hashes.SHA384()}[curve]
    signature: bytes = key.sign(data, ec.ECDSA(how))
    return signature


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def model_statement(
    files: Mapping[str, bytes] = FILES, *, shard: int = 0, algorithm: str = "sha256"
) -> dict[str, Any]:
    """Return the statement of a model signature, as OpenSSF model signing lays it out."""
    how: dict[str, Any] = {
        "method": "shards" if shard else "files",
        "hash_type": algorithm,
        "allow_symlinks": False,
        **({"shard_size": shard} if shard else {}),
        "ignore_paths": [".git", ".gitignore"],
    }
    resources = []
    for path, data in sorted(files.items()):
        if path == ".gitignore":
            continue
        parts = range(0, len(data), shard) if shard else [0]
        for start in parts:
            end = min(start + shard, len(data)) if shard else len(data)
            resources.append(
                {
                    "name": f"{path}:{start}:{end}" if shard else path,
                    "algorithm": f"{algorithm}-sharded-{shard}" if shard else algorithm,
                    "digest": hashlib.new(algorithm, data[start:end]).hexdigest(),
                }
            )
    root = sha256(b"".join(bytes.fromhex(one["digest"]) for one in resources))
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "model", "digest": {"sha256": root}}],
        "predicateType": MODEL_SIGNATURE,
        "predicate": {"serialization": how, "resources": resources},
    }


def provenance(subjects: Mapping[str, str]) -> dict[str, Any]:
    """Return a statement of SLSA provenance about some digests."""
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": d}} for name, d in subjects.items()],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {"buildDefinition": {"buildType": "https://example.org/train"}},
    }


def envelope(statement: object, key: Any, *, key_id: str = "") -> dict[str, Any]:
    payload = json.dumps(statement).encode()
    signature = signed_by(key, preauthenticated(IN_TOTO, payload))
    return {
        "payloadType": IN_TOTO,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": key_id, "sig": base64.b64encode(signature).decode()}],
    }


def bundle(
    statement: object, key: Any, chain: Sequence[x509.Certificate] = (), **more: Any
) -> dict[str, Any]:
    """Return a Sigstore bundle by key or, with certificates, by certificate."""
    if chain:
        der = [one.public_bytes(serialization.Encoding.DER) for one in chain]
        listed = [{"rawBytes": base64.b64encode(one).decode()} for one in der]
        material: dict[str, Any] = {"x509CertificateChain": {"certificates": listed}}
    else:
        material = {"publicKey": {"hint": sha256(pem(key).encode())}}
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {**material, "tlogEntries": [], **more},
        "dsseEnvelope": envelope(statement, key),
    }


class Authority:
    """A certificate authority, at the root or below another."""

    def __init__(self, name: str, *, above: "Authority | None" = None, is_ca: bool = True) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = above or self
        constraints = x509.BasicConstraints(ca=is_ca, path_length=None)
        builder = _builder(self.name, issuer.name, self.key, days=3650)
        builder = builder.add_extension(constraints, critical=True)
        self.certificate = builder.sign(issuer.key, hashes.SHA256())

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def issue(
        self, key: Any, email: str = "release@example.org", *, days: int = 365, code: bool = True
    ) -> x509.Certificate:
        """Return a certificate for a key, good from half a year before the usual moment."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Release")])
        use = ExtendedKeyUsageOID.CODE_SIGNING if code else ExtendedKeyUsageOID.SERVER_AUTH
        builder = _builder(subject, self.name, key, days=days)
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.RFC822Name(email)]), critical=False
        ).add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        return builder.sign(self.key, hashes.SHA256())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Any, *, days: int
) -> x509.CertificateBuilder:
    start = RECEIVED - timedelta(days=180)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
    )
