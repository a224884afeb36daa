"""Versions with signatures attached, the keys that made these, and what the check says."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from apps.validation.checks.contract import Outcome, Source
from apps.validation.checks.recorded import Record
from apps.validation.checks.signature import SignatureParameters
from apps.validation.checks.signature.examination import examine
from tests.validation.checks.signing import (
    FILES,
    MODEL,
    RECEIVED,
    Authority,
    pem,
)
from tests.validation.checks.stored import StoredFile, StoredVersion, version_of

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
