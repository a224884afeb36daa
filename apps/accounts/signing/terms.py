"""What people sign beside promotions: the terms a page shows, their ticket, and the statement.

A waiver and the confirmation of an emergency are signed like this. As with a sign-off, the ticket
comes back with the form, so that what is signed is what was shown.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.core import signing

from apps.accounts.signing.signature import Signature
from apps.accounts.signing.statements import TICKET_HOLDS, StaleForm, Statement
from apps.core.actors import Actor
from apps.core.digests import canonical, digest_of

_SALT = "signet.terms.ticket"


@dataclass(frozen=True)
class Terms:
    """Everything a signature on something binds; its digest goes into the statement."""

    kind: str
    """What the statement says it is: a waiver, a ratification."""
    named: Mapping[str, Any]
    """What the statement names by itself: ids, and digests of content and policy."""
    said: Mapping[str, Any]
    """What else the page shows."""

    @property
    def digest(self) -> str:
        return digest_of({"v": 1, "kind": self.kind, **self.named, **self.said})

    def statement(self, *, meaning: str, role: str, by: Actor, nonce: str) -> Statement:
        """Return the words somebody signs."""
        record = {
            "v": 1,
            "kind": self.kind,
            "meaning": meaning,
            **self.named,
            "terms": self.digest,
            "role": role,
            "signer": by.id,
            "nonce": nonce,
        }
        return Statement(canonical(record).decode("utf-8"))


def terms_in(signed: Signature) -> str:
    """Return the digest of the terms that a signature names in its statement."""
    return str(json.loads(signed.statement)["terms"])


@dataclass(frozen=True)
class TermsTicket:
    """Which terms a page showed, to whom, with a nonce that counts once."""

    signer: str
    nonce: str
    terms: str

    @classmethod
    def issue(cls, terms: Terms, *, to: Actor) -> Self:
        return cls(to.id, secrets.token_urlsafe(18), terms.digest)

    def sealed(self) -> str:
        """Return the ticket as text only this installation can make."""
        return signing.dumps([self.signer, self.nonce, self.terms], salt=_SALT)

    @classmethod
    def opened(cls, text: str) -> Self:
        """Read a ticket back.

        Raises:
            StaleForm: when it is older than two hours, or not ours.
        """
        try:
            return cls(*signing.loads(text, salt=_SALT, max_age=TICKET_HOLDS))
        except signing.SignatureExpired:
            raise StaleForm(
                "This page is over two hours old. Review it again, then sign."
            ) from None
        except signing.BadSignature:
            raise StaleForm("This form did not come from the page it claims to.") from None

    def require_current(self, terms: Terms, *, by: Actor) -> None:
        """Refuse when somebody else was shown the page, or it shows something else by now."""
        if self.signer != by.id:
            raise StaleForm("This form was made for somebody else. Open the page again.")
        if self.terms != terms.digest:
            raise StaleForm(
                "What you were shown has changed, so nothing was signed. Review it again."
            )
