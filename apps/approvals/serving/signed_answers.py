"""Signs admission answers, with a key of its own that the web may read: never that of the log."""

import base64
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from apps.approvals.serving.admission import Answer
from apps.audit.log.keys import SigningKey, VerifierKey
from apps.audit.sealing import signing
from apps.audit.sealing.signing import NoKey
from apps.core.digests import canonical
from apps.core.errors import RuleBroken

logger = logging.getLogger(__name__)

DOMAIN = b"signet admission answer v1\n"
"""What a signed message begins with, so that no signature passes for one under anything else."""
NAMELESS = "signet.invalid"
"""The name of an installation that was given none."""


class NoAdmissionKey(RuleBroken):
    """There is no key to sign admission answers with."""

    code = "no_admission_key"


@dataclass(frozen=True)
class Signer:
    """A key that signs answers, made ready once; ``id`` is what an answer names it by."""

    public: VerifierKey
    id: str
    private: Ed25519PrivateKey = field(repr=False)
    named: bytes = field(repr=False)
    """Its id in canonical JSON, as each answer ends with it and the signature."""

    @classmethod
    def of(cls, key: SigningKey) -> Self:
        public = key.verifier
        private = Ed25519PrivateKey.from_private_bytes(key.seed)
        name = f"{public.name}+{public.key_id.hex()}"
        return cls(public, name, private, canonical({"key": name})[1:-1])

    def sign(self, body: bytes) -> bytes:
        """Return a body's signature in base64, which canonical JSON takes as it is."""
        return base64.b64encode(self.private.sign(DOMAIN + body))


def signed(answer: Answer) -> bytes:
    """Return an answer with its signature, as canonical JSON.

    Raises:
        NoAdmissionKey: when the operator named none, or one that cannot be read.
    """
    signer, body = signers()[0], canonical(answer.told())
    return b'{"answer":%b,%b,"signature":"%b"}' % (body, signer.named, signer.sign(body))


def signers() -> Sequence[Signer]:
    """Return the keys in the files the operator named, the one that signs first.

    What was read is kept: a new key signs once the web is started again.

    Raises:
        NoAdmissionKey: when one cannot be read.
    """
    try:
        return _read(tuple(settings.ADMISSION_KEY_FILES), settings.LOG_NAME or NAMELESS)
    except NoKey as problem:
        logger.error("No admission answer can be signed. %s", problem)
        raise NoAdmissionKey(
            "There is no key to sign admission answers with. Whoever runs Signet makes one: "
            "manage.py admission_key"
        ) from None


@lru_cache(maxsize=4)
def _read(files: tuple[str, ...], name: str) -> Sequence[Signer]:
    if shared := set(files).intersection(settings.LOG_KEY_FILES):
        raise NoKey(f"{min(shared)} holds a key of the log, which the web is not to read.")
    return [Signer.of(signing.key_in(Path(file), f"{name}/admission")) for file in files]
