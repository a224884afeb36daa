"""Signature: who vouches for exactly these files, by OpenSSF model signing or in-toto statements.

Absent, unreadable, invalid, untrusted, expired and valid are told apart. The code behind it is in
``examination``, which only the process that carries it out imports.
"""

from typing import Annotated

import msgspec

from apps.validation.checks.contract import Check, Parameters, Source

MODEL_SIGNATURE = "https://model_signing/signature/v1.0"
MOST_ACCEPTED = 20


class SignatureParameters(Parameters, frozen=True):
    """What an organization asks of signatures."""

    require: Annotated[
        bool,
        msgspec.Meta(
            description="Whether a version without a valid signature of a trusted signer fails. "
            "Without it, an invalid signature still fails, and an absent one is only said."
        ),
    ] = False
    accepted: Annotated[
        tuple[str, ...],
        msgspec.Meta(
            description="Types of statements (predicateType) that count as a signature of the "
            "model, provided they cover every file. Others are verified and shown."
        ),
    ] = (MODEL_SIGNATURE,)

    def __post_init__(self) -> None:
        if not 0 < len(self.accepted) <= MOST_ACCEPTED:
            raise ValueError(f"accepted names between 1 and {MOST_ACCEPTED} types")
        if any(not 0 < len(name) <= 300 for name in self.accepted):
            raise ValueError("a type in accepted has between 1 and 300 letters")


CHECK = Check(
    name="model-signature",
    title="Model signature",
    sentence="Verifies signatures and attestations, and that they are about exactly these files.",
    examine="apps.validation.checks.signature.examination:examine",
    version="1",
    parameters=SignatureParameters,
    formats=(
        "OpenSSF model signing 1.0 (a Sigstore bundle), by key or certificate",
        "DSSE envelopes of in-toto statements, such as SLSA provenance",
    ),
    cites=(
        "OpenSSF Model Signing Specification, version 1.0 (2025)",
        "DSSE: Dead Simple Signing Envelope, version 1.0",
        "in-toto Attestation Framework, Statement v1",
        "SLSA specification, version 1.0 (2023)",
    ),
    sources=frozenset({Source.ATTESTATIONS, Source.SIGNERS, Source.RECORD}),
    is_confined=True,
    seconds=600,
)
