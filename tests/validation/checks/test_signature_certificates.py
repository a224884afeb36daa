"""Signatures by certificate: whom it names, who vouches for that, and when."""

from datetime import timedelta

from apps.validation.checks.signature.examination import examine
from tests.validation.checks.signed_versions import (
    BY_ROOT,
    CERTIFICATE,
    CHAIN,
    LEAF,
    OTHER,
    ROOT,
    SIGNING,
    judged,
    status,
    version_with,
)
from tests.validation.checks.signing import (
    RECEIVED,
    Authority,
    bundle,
    model_statement,
)


def test_a_certificate_that_leads_to_a_trusted_root_is_valid() -> None:
    outcome = judged(bundle(model_statement(), LEAF, CHAIN), trusting=[BY_ROOT])

    assert outcome.facts["status"] == "valid"
    assert outcome.facts["signers"] == ["release@example.org"]


def test_identities_narrow_whom_an_authority_may_vouch_for() -> None:
    signed = bundle(model_statement(), LEAF, CHAIN)

    def trusting(*identities: object) -> object:
        return status(signed, trusting=[{**BY_ROOT, "identities": list(identities)}])

    assert trusting("release@example.org") == "valid"
    assert trusting("*@example.org") == "valid"
    assert trusting({"name": "*@example.org", "issuer": "CN=Signing"}) == "valid"
    assert trusting("*@example.com") == "untrusted"
    assert trusting({"name": "*@example.org", "issuer": "CN=Other"}) == "untrusted"


def test_an_expired_certificate_is_told_from_an_untrusted_one() -> None:
    old = SIGNING.issue(LEAF, days=30)
    outcome = judged(
        bundle(model_statement(), LEAF, [old, SIGNING.certificate]), trusting=[BY_ROOT]
    )
    assert outcome.facts["status"] == "expired"
    assert "No transparency log is asked here" in outcome.problems[0].text

    version = version_with(
        bundle(model_statement(), LEAF, [old, SIGNING.certificate]), trusting=[BY_ROOT]
    )
    version.attached[0].since = (RECEIVED - timedelta(days=160)).isoformat()
    assert examine(version).facts["status"] == "valid"


def test_certificates_that_lead_nowhere_or_may_not_sign_are_untrusted() -> None:
    stranger = Authority("Stranger")
    no_authority = Authority("No authority", above=ROOT, is_ca=False)
    for chain in (
        [CERTIFICATE],
        [stranger.issue(LEAF), stranger.certificate],
        [no_authority.issue(LEAF), no_authority.certificate],
        [SIGNING.issue(LEAF, code=False), SIGNING.certificate],
    ):
        signed = bundle(model_statement(), LEAF, chain)
        assert status(signed, trusting=[BY_ROOT]) == "untrusted", chain[0].issuer


def test_a_signature_that_is_not_by_the_key_of_its_certificate_is_invalid() -> None:
    assert status(bundle(model_statement(), OTHER, CHAIN), trusting=[BY_ROOT]) == "invalid"
