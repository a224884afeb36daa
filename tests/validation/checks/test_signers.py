"""The list of trusted signers, as operators write it."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from apps.core.inputs import InputRefused
from apps.validation.checks.contract import Source
from apps.validation.checks.signature import signers
from apps.validation.checks.signature.examination import examine
from tests.validation.checks.signed_versions import BY_KEY, BY_ROOT, KEY, version_with
from tests.validation.checks.signing import (
    RECEIVED,
    bundle,
    model_statement,
    pem,
)
from tests.validation.checks.stored import StoredFile, grave_codes

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


def test_a_list_of_signers_that_cannot_be_read_trusts_nobody() -> None:
    version = version_with(bundle(model_statement(), KEY))
    version.lists = {Source.SIGNERS: StoredFile("signers", b"signers: 5\n")}

    outcome = examine(version)
    assert outcome.facts["status"] == "untrusted"
    assert "no_list" in grave_codes(outcome)
