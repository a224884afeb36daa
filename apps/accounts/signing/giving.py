"""Giving a signature: by a person, on words nobody sent before, after a fresh confirmation."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.confirmation import Confirmation
from apps.accounts.signing.signature import Signature
from apps.accounts.signing.statements import StaleForm, Statement
from apps.audit.changes import Record
from apps.core.actors import Actor
from apps.core.errors import NotAllowed


def require_person(by: Actor, to: str) -> int:
    """Return the account of a person in a browser; refuse tokens, service accounts, commands.

    Only people sign (21 CFR 11.100(a)).
    """
    if not by.is_person or by.user_id is None:
        raise NotAllowed(f"Only a person signed in through the browser {to}.")
    return by.user_id


def require_unused(kind: type[Signature], nonce: str) -> None:
    """Refuse a form that was sent already."""
    if kind._default_manager.filter(nonce=nonce).exists():
        raise StaleForm("This form was sent already. Open the page again.")


def give(
    signed: Signature,
    statement: Statement,
    *,
    record: Record,
    by: Actor,
    nonce: str,
    confirmed: Confirmation,
    factors: int,
    meaning: str = "",
    noted: Mapping[str, Any] | None = None,
) -> None:
    """Fill in, save and record one signature over a statement.

    ``signed`` comes with its role, its meaning and what it is about; ``meaning`` is what the record
    says of it where that is a decision (approve, decline), and its own meaning else. Ask
    ``require_unused`` first, so that a form sent twice is told so.

    Raises:
        NotAllowed: when no person signs, or one who did not confirm who they are just now.
    """
    signed.signer_id = require_person(by, "signs")
    confirmed.require_fresh(by, now=record.time, factors=factors, over=statement.text)
    signed.signer_name = by.name
    signed.statement, signed.statement_digest = statement.text, statement.digest
    signed.nonce, signed.method, signed.signed_at = nonce, confirmed.method, record.time
    signed.save()
    record.note(role=signed.role, sign_off=signed.record_id, **(noted or {}))
    record.sign(
        meaning=meaning or signed.meaning,
        statement=statement.digest,
        method=confirmed.method,
        at=record.time,
        webauthn=confirmed.proof,
    )
