"""Judges one envelope: whose signature it is, and whether that signer is trusted for this."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from cryptography import x509

from apps.validation.checks.signature import chains, keys
from apps.validation.checks.signature.envelopes import Envelope
from apps.validation.checks.signature.signers import TrustedSigner
from apps.validation.checks.signature.troubles import Unreadable


class Status(StrEnum):
    """How a signature stands, told apart."""

    VALID = "valid"
    UNTRUSTED = "untrusted"
    EXPIRED = "expired"
    INVALID = "invalid"
    UNREADABLE = "unreadable"
    MISSING = "missing"


NOT_LOGGED = "No transparency log is asked here, so the time is when the registry received it."


@dataclass(frozen=True)
class Verdict:
    """What came of one envelope: its status, the signer if one is known, and why."""

    status: Status
    signer: str
    text: str


@dataclass(frozen=True)
class Trust:
    """Who is trusted for a model, and the moment trust is judged at."""

    signers: Sequence[TrustedSigner]
    model: str
    since: str

    @property
    def moment(self) -> datetime:
        """When the registry received the signature: the latest it can have been made."""
        try:
            return datetime.fromisoformat(self.since).astimezone(UTC)
        except ValueError:
            raise Unreadable("nobody recorded when it was received") from None

    @property
    def in_scope(self) -> list[TrustedSigner]:
        return [signer for signer in self.signers if signer.speaks_for(self.model)]


def judge(envelope: Envelope, trust: Trust) -> Verdict:
    """Return whose signature an envelope bears.

    Raises:
        Unreadable: when its certificates cannot be read.
    """
    if envelope.certificates:
        return _by_certificate(envelope, chains.read_der(envelope.certificates), trust)
    return _by_key(envelope, trust)


# -- keys


def _by_key(envelope: Envelope, trust: Trust) -> Verdict:
    known = [signer for signer in trust.signers if signer.key is not None]
    signed = [signer for signer in known if _has_signed(signer, envelope)]
    in_scope = [signer for signer in signed if signer.speaks_for(trust.model)]
    trusted = [signer for signer in in_scope if signer.is_trusted_at(trust.moment)]
    if trusted:
        return Verdict(Status.VALID, trusted[0].name, f"Signed by {trusted[0].name}.")
    if in_scope:
        name = in_scope[0].name
        text = f"Signed by {name}, who was not trusted when it was received. {NOT_LOGGED}"
        return Verdict(Status.EXPIRED, name, text)
    if signed:
        name = signed[0].name
        return Verdict(
            Status.UNTRUSTED, name, f"Signed by {name}, who is not trusted for {trust.model}."
        )
    claimed = next((signer for signer in known if _is_claimed(signer, envelope)), None)
    if claimed is not None:
        text = f"It claims to be signed by {claimed.name}, and is not: the signature is wrong."
        return Verdict(Status.INVALID, claimed.name, text)
    hint = _hint(envelope)
    text = f"Signed with a key that no trusted signer has{hint and f', said to be {hint:.64}'}."
    return Verdict(Status.UNTRUSTED, "", text)


def _has_signed(signer: TrustedSigner, envelope: Envelope) -> bool:
    key = signer.key
    return key is not None and any(
        keys.has_signed(key, signature.value, envelope.signed) for signature in envelope.signatures
    )


def _is_claimed(signer: TrustedSigner, envelope: Envelope) -> bool:
    """Say whether an envelope names a signer's key as the one it was signed with."""
    if signer.key is None:
        return False
    known = {keys.fingerprint(signer.key), f"sha256:{keys.fingerprint(signer.key)}", signer.name}
    return bool(known & {envelope.hint, *(signature.key for signature in envelope.signatures)})


def _hint(envelope: Envelope) -> str:
    return envelope.hint or next(filter(None, (one.key for one in envelope.signatures)), "")


# -- certificates


def _by_certificate(envelope: Envelope, chain: Sequence[x509.Certificate], trust: Trust) -> Verdict:
    leaf = chain[0]
    key, signer = chains.key_of(leaf), chains.signer_of(leaf)
    name = signer.names[0] if signer.names else "nobody"
    if not any(keys.has_signed(key, one.value, envelope.signed) for one in envelope.signatures):
        text = f"The signature is not by the key of its certificate, which names {name:.200}."
        return Verdict(Status.INVALID, name, text)
    vouching = [known for known in trust.in_scope if known.roots and known.allows(signer)]
    trusted = [
        known
        for known in vouching
        if known.is_trusted_at(trust.moment) and chains.leads_to(known.roots, chain, trust.moment)
    ]
    if trusted:
        text = f"Signed by {name:.200}, whom {trusted[0].name} vouches for."
        return Verdict(Status.VALID, name, text)
    before = [
        known for known in vouching if chains.leads_to(known.roots, chain, chains.beginning(leaf))
    ]
    if before:
        return Verdict(Status.EXPIRED, name, _why_expired(envelope, leaf, name))
    return Verdict(Status.UNTRUSTED, name, _why_untrusted(chain, signer, name, trust))


def _why_expired(envelope: Envelope, leaf: x509.Certificate, name: str) -> str:
    until = f"{leaf.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
    logged = " Its entry in a transparency log is not verified." if envelope.is_logged else ""
    return (
        f"Signed by {name:.200}. The certificate, valid until {until}, or the trust in it did not "
        f"hold when the signature was received. {NOT_LOGGED}{logged}"
    )


def _why_untrusted(
    chain: Sequence[x509.Certificate], signer: chains.Signer, name: str, trust: Trust
) -> str:
    moment = chains.beginning(chain[0])
    known = [
        one for one in trust.signers if one.roots and chains.leads_to(one.roots, chain, moment)
    ]
    if any(not one.speaks_for(trust.model) for one in known):
        return f"Signed by {name:.200}, who is not trusted for {trust.model}."
    if known:
        return f"Signed by {name:.200}, whom {known[0].name} is not allowed to vouch for."
    return f"Signed by {name:.200}, whose certificate leads to no authority that is trusted."
