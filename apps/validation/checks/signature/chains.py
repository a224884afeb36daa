"""Certificates: whom they name, and whether a chain leads from one to a root that is trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID

from apps.validation.checks.signature import keys
from apps.validation.checks.signature.troubles import Unreadable

MOST_CHAIN = 8
DAMAGE = (
    ValueError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""How the library fails on damaged certificates, some only when they are looked into."""
_ISSUERS = ("1.3.6.1.4.1.57264.1.8", "1.3.6.1.4.1.57264.1.1")
"""Where a certificate of Sigstore says who vouched for the person."""
_SIGNS_CODE = {ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}


@dataclass(frozen=True)
class Signer:
    """Whom a certificate names, and who says so."""

    names: tuple[str, ...]
    issuers: tuple[str, ...]


def read_pem(pem: str) -> list[x509.Certificate]:
    """Return the certificates of a PEM text.

    Raises:
        Unreadable: when it holds none, or a damaged one.
    """
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except DAMAGE:
        raise Unreadable("the PEM holds no certificate that can be read") from None


def read_der(data: Sequence[bytes]) -> list[x509.Certificate]:
    """Return certificates as they come in a bundle.

    Raises:
        Unreadable: when one is damaged.
    """
    try:
        return [x509.load_der_x509_certificate(one) for one in data]
    except DAMAGE:
        raise Unreadable("a certificate in it is damaged") from None


def key_of(certificate: x509.Certificate) -> keys.PublicKey:
    """Return the key a certificate is about.

    Raises:
        Unreadable: when it is none that signatures are accepted from.
    """
    try:
        return keys.usable(certificate.public_key())
    except DAMAGE:
        raise Unreadable("the key of its certificate cannot be read") from None


def signer_of(certificate: x509.Certificate) -> Signer:
    """Return whom a certificate names: alternative names, then the subject; and its issuers."""
    try:
        names = [*_alternative_names(certificate), certificate.subject.rfc4514_string()]
        issuers = [*_vouched_by(certificate), certificate.issuer.rfc4514_string()]
    except DAMAGE:
        raise Unreadable("the names in its certificate are damaged") from None
    return Signer(tuple(filter(None, names)), tuple(filter(None, issuers)))


def leads_to(
    roots: Sequence[x509.Certificate], chain: Sequence[x509.Certificate], at: datetime
) -> bool:
    """Say whether a chain leads from its first certificate to one of the roots at a moment."""
    policy = (
        verification.PolicyBuilder()
        .store(verification.Store(list(roots)))
        .time(at.astimezone(UTC).replace(tzinfo=None))
        .max_chain_depth(MOST_CHAIN)
        .extension_policies(ca_policy=_AUTHORITY, ee_policy=_SIGNER)
        .build_client_verifier()
    )
    try:
        policy.verify(chain[0], list(chain[1:]))
    except (verification.VerificationError, *DAMAGE):
        return False
    return True


def beginning(certificate: x509.Certificate) -> datetime:
    """Return a moment at which a certificate has just become valid."""
    return certificate.not_valid_before_utc + timedelta(seconds=1)


def is_valid_at(certificate: x509.Certificate, at: datetime) -> bool:
    """Say whether a moment lies within the time of a certificate."""
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def _alternative_names(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    kinds = (x509.RFC822Name, x509.UniformResourceIdentifier, x509.DNSName)
    return [str(name) for kind in kinds for name in found.get_values_for_type(kind)]


def _vouched_by(certificate: x509.Certificate) -> list[str]:
    found = []
    for extension in certificate.extensions:
        value = extension.value
        if extension.oid.dotted_string in _ISSUERS and isinstance(
            value, x509.UnrecognizedExtension
        ):
            text = value.value
            if text[:1] == b"\x0c" and len(text) - 2 == text[1]:  # UTF8String, since 2022
                text = text[2:]
            found.append(text.decode("utf-8", "replace"))
    return found


def _is_authority(
    policy: verification.Policy, certificate: x509.Certificate, basic: x509.BasicConstraints
) -> None:
    if not basic.ca:
        raise ValueError("a certificate that is no authority has issued another")


def _may_issue(
    policy: verification.Policy, certificate: x509.Certificate, usage: x509.KeyUsage | None
) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("an authority's key may not sign certificates")


def _may_sign(
    policy: verification.Policy, certificate: x509.Certificate, usage: x509.KeyUsage | None
) -> None:
    if usage is not None and not usage.digital_signature:
        raise ValueError("the key may not sign")


def _signs_code(
    policy: verification.Policy, certificate: x509.Certificate, usage: x509.ExtendedKeyUsage | None
) -> None:
    if usage is not None and not _SIGNS_CODE & set(usage):
        raise ValueError("the key is for something else than signing code")


_ANYWAY = verification.Criticality.AGNOSTIC
_AUTHORITY = (
    verification.ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, _ANYWAY, _is_authority)
    .may_be_present(x509.KeyUsage, _ANYWAY, _may_issue)
)
_SIGNER = (
    verification.ExtensionPolicy.permit_all()
    .may_be_present(x509.KeyUsage, _ANYWAY, _may_sign)
    .may_be_present(x509.ExtendedKeyUsage, _ANYWAY, _signs_code)
)
