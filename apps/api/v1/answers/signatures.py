"""Who signed, as every answer says it that shows plain signatures."""

from datetime import datetime

from apps.accounts.signing.signature import Signature
from apps.api.v1.answers.base import Answer


class SignatureAnswer(Answer):
    """Who signed, in which role, when, and the digest of the words signed."""

    role: str
    signer: str
    meaning: str
    signed_at: datetime
    statement_digest: str

    @classmethod
    def of(cls, signed: Signature) -> "SignatureAnswer":
        return cls(
            role=signed.role,
            signer=signed.signer_name,
            meaning=signed.printed_meaning,
            signed_at=signed.signed_at,
            statement_digest=signed.statement_digest,
        )
