"""What a person signs: a statement in canonical form, and the ticket that carries it to the form.

Statement keys are those of AUDIT_DESIGN section 7. The ticket is issued with the page and comes
back with the form, so that what is signed is what was shown.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.core import signing
from django.utils.timezone import now

from apps.accounts.models import User
from apps.accounts.signing.statements import TICKET_HOLDS, StaleForm, Statement
from apps.approvals.dossier import Dossier
from apps.approvals.models import PromotionRequest
from apps.core.actors import Actor
from apps.core.digests import canonical, utc_text

_SALT = "signet.sign-off.ticket"


@dataclass(frozen=True)
class Ticket:
    """What a sign-off page showed, to whom, with a nonce that counts once."""

    request: str
    signer: str
    nonce: str
    dossier: Dossier
    shown_at: datetime
    """A sign-off lasts from here on, so that its words are known before they are signed."""

    @classmethod
    def issue(cls, dossier: Dossier, *, to: Actor) -> Self:
        return cls(dossier.request, to.id, secrets.token_urlsafe(18), dossier, now())

    def sealed(self) -> str:
        """Return the ticket as text only this installation can make."""
        return signing.dumps(
            {
                "signer": self.signer,
                "nonce": self.nonce,
                "dossier": self.dossier.text,
                "shown_at": self.shown_at.isoformat(),
            },
            salt=_SALT,
            compress=True,
        )

    @classmethod
    def opened(cls, text: str) -> Self:
        """Read a ticket back.

        Raises:
            StaleForm: when it is older than two hours, or not ours.
        """
        try:
            held = signing.loads(text, salt=_SALT, max_age=TICKET_HOLDS)
        except signing.SignatureExpired:
            raise StaleForm(
                "This page is over two hours old. Review it again, then sign."
            ) from None
        except signing.BadSignature:
            raise StaleForm("This form did not come from the page it claims to.") from None
        dossier = Dossier.from_text(held["dossier"])
        shown_at = datetime.fromisoformat(held["shown_at"])
        return cls(dossier.request, held["signer"], held["nonce"], dossier, shown_at)

    def require_current(self, dossier: Dossier, *, by: Actor) -> None:
        """Refuse when somebody else was shown the page, or it shows something else by now."""
        if self.signer != by.id or self.request != dossier.request:
            raise StaleForm("This form was made for somebody else. Open the page again.")
        if dossier.digest != self.dossier.digest:
            changes = dossier.changes_since(self.dossier)
            raise StaleForm(
                " ".join(("What you were shown has changed, so nothing was signed.", *changes))
            )


def statement_of(
    request: PromotionRequest,
    dossier: Dossier,
    *,
    decision: str,
    role: str,
    by: Actor,
    nonce: str,
    expires: datetime,
    on_behalf_of: User | None = None,
    conditions: Sequence[Mapping[str, str]] = (),
) -> Statement:
    """Return the words of one sign-off."""
    record: dict[str, Any] = {
        "v": 1,
        "kind": "sign_off",
        "meaning": decision,
        "request": request.record_id,
        "model": request.root.record_id,
        "version": request.version.record_id,
        "target": request.target,
        "content": dossier.content,
        "policy": dossier.policy,
        "evidence": dossier.evidence_digest,
        "role": role,
        "signer": by.id,
        "nonce": nonce,
        "expires": utc_text(expires),
    }
    if on_behalf_of is not None:
        record["on_behalf_of"] = on_behalf_of.record_id
    if conditions:
        record["conditions"] = [dict(asked) for asked in conditions]
    return Statement(canonical(record).decode("utf-8"))
