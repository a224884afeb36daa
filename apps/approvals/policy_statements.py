"""What a person signs to put a policy in force, and the ticket that carries it to the form."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.core import signing

from apps.accounts.signing.statements import TICKET_HOLDS, StaleForm
from apps.approvals.models import PolicyVersion
from apps.approvals.policies import Policy, differences
from apps.approvals.policies.differences import Difference
from apps.core.actors import Actor
from apps.core.digests import canonical, digest_of, digest_of_bytes

MEANING = "approval"
_SALT = "signet.policy.ticket"


@dataclass(frozen=True)
class Shown:
    """What the page of a proposed policy shows: its text, and what is not only stricter in it."""

    policy: str
    policy_id: str
    number: str
    digest: str
    text: str
    replaces: str
    """The digest of the policy in force it was compared with."""
    review: str
    """The digest of the differences that those who sign are shown apart."""

    @classmethod
    def of(cls, version: PolicyVersion, proposed: Policy, before: Policy) -> Self:
        """Return what is shown of a version that would take the place of the one in force."""
        return cls(
            version.record_id,
            version.policy_id,
            version.number,
            version.digest,
            text_digest(version.text),
            before.digest,
            review_digest(differences.to_review(differences.between(before, proposed))),
        )


def text_digest(text: str) -> str:
    """Return the digest of a text to the byte, as it was edited or signed."""
    return digest_of_bytes(text.encode("utf-8"))


def review_digest(found: Sequence[Difference]) -> str:
    """Return the digest of a list of differences."""
    return digest_of({"differences": [[one.area, one.words, one.effect.value] for one in found]})


@dataclass(frozen=True)
class PolicyTicket:
    """What a page to sign a policy showed, to whom, with a nonce that counts once."""

    signer: str
    nonce: str
    shown: Shown

    @classmethod
    def issue(cls, shown: Shown, *, to: Actor) -> Self:
        return cls(to.id, secrets.token_urlsafe(18), shown)

    def sealed(self) -> str:
        """Return the ticket as text only this installation can make."""
        held = {"signer": self.signer, "nonce": self.nonce, "shown": vars(self.shown)}
        return signing.dumps(held, salt=_SALT, compress=True)

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
        return cls(held["signer"], held["nonce"], Shown(**held["shown"]))

    def require_current(self, shown: Shown, *, by: Actor) -> None:
        """Refuse when somebody else was shown the page, or it shows something else by now."""
        if self.signer != by.id or self.shown.policy != shown.policy:
            raise StaleForm("This form was made for somebody else. Open the page again.")
        if self.shown.digest != shown.digest or self.shown.text != shown.text:
            raise StaleForm("The text changed since it was shown, so nothing was signed.")
        if self.shown != shown:
            raise StaleForm(
                "Another policy is in force by now, so it differs in other ways and nothing was "
                "signed. Review it again."
            )


def statement_of(shown: Shown, *, role: str, by: Actor, nonce: str) -> str:
    """Return the words of one signature under a policy, exact to the byte."""
    record: dict[str, Any] = {
        "v": 1,
        "kind": "policy",
        "meaning": MEANING,
        **vars(shown),
        "role": role,
        "signer": by.id,
        "nonce": nonce,
    }
    return canonical(record).decode("utf-8")
