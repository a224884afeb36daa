"""Finds signatures, verifies each, and says how the version stands as a whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cryptography

from apps.core.inputs import InputRefused
from apps.validation.checks.contract import (
    ExaminedFile,
    ExaminedVersion,
    Json,
    Outcome,
    Problem,
    Progress,
    Severity,
    Source,
    counted,
    silent,
)
from apps.validation.checks.signature import (
    SignatureParameters,
    chains,
    envelopes,
    keys,
    signers,
    statements,
)
from apps.validation.checks.signature.coverage import Coverage, compared, is_signature
from apps.validation.checks.signature.envelopes import Envelope
from apps.validation.checks.signature.judgment import Status, Trust, Verdict, judge
from apps.validation.checks.signature.statements import Statement
from apps.validation.checks.signature.troubles import Unreadable
from apps.validation.checks.unsafe_code.scan import shown

DEFAULTS = SignatureParameters()
MOST_FILES = 100
MOST_NAMED = 10
KINDS = frozenset({"oms_signature", "dsse"})
"""As which kinds signatures are attached."""

SIGN = "Sign the files as they are registered, and attach the signature to the version."
SIGN_AGAIN = "Compare the files with those that were signed; then sign and register what is right."
TRUST = "Have a risk or security officer add the signer to the list of trusted signers, if right."
RENEW = "Sign again with a certificate or key that is valid, and attach the new signature."
REPLACE = "Withdraw it, and attach the signature as the signing tool wrote it."


@dataclass(frozen=True)
class _Looked:
    """What came of one envelope."""

    file: ExaminedFile
    verdict: Verdict
    statement: Statement | None = None
    coverage: Coverage | None = None

    @property
    def kind(self) -> str:
        return self.statement.predicate_type if self.statement else ""

    def counts(self, parameters: SignatureParameters) -> bool:
        """Say whether it is, or may be, a signature of the model."""
        return self.statement is None or self.kind in parameters.accepted


def examine(
    version: ExaminedVersion,
    progress: Progress = silent,
    parameters: SignatureParameters = DEFAULTS,
) -> Outcome:
    """Verify every signature and attestation of a version."""
    problems: list[Problem] = []
    trusted = _trusted(version, problems)
    looked: list[_Looked] = []
    found = _signatures(version)
    for file in found[:MOST_FILES]:
        progress(file.path)
        looked += _look_at(file, version, trusted, progress)
    if len(found) > MOST_FILES:
        text = f"There are {len(found):,} signatures; {MOST_FILES} were verified."
        problems.append(_problem("too_many", Severity.HIGH, "version", text, REPLACE))
    counting = [one for one in looked if one.counts(parameters)]
    for one in looked:
        problems += _problems_of(one, parameters)
    status = _status(counting, looked)
    if all(one.verdict.status is Status.UNREADABLE for one in counting):
        problems.append(_absent(parameters))
    return Outcome(
        _summary(status, counting),
        tuple(problems),
        {
            "status": status.value,
            "signatures": len(counting),
            "other_statements": len(looked) - len(counting),
            "signers": sorted({shown(one.verdict.signer) for one in looked if one.verdict.signer}),
        },
        evidence={"verified": [_line(one) for one in looked]},
        tools={"cryptography": cryptography.__version__, "openssl": keys.OPENSSL},
    )


def _signatures(version: ExaminedVersion) -> list[ExaminedFile]:
    attached = [file for file in version.attached if file.kind in KINDS]
    return [*attached, *(file for file in version.files if is_signature(file.path))]


def _trusted(version: ExaminedVersion, problems: list[Problem]) -> Sequence[signers.TrustedSigner]:
    """Return who is trusted; a list that cannot be read trusts nobody, which is said."""
    listed = version.lists.get(Source.SIGNERS)
    if listed is None:
        return ()
    try:
        with listed.open() as stream:
            return signers.read(stream.read(signers.MOST_BYTES + 1))
    except (FileNotFoundError, InputRefused) as trouble:
        text = f"The list of trusted signers cannot be read: {trouble}"
        remedy = "Load the list of trusted signers again."
        problems.append(_problem("no_list", Severity.HIGH, "trusted signers", text, remedy))
        return ()


def _look_at(
    file: ExaminedFile,
    version: ExaminedVersion,
    trusted: Sequence[signers.TrustedSigner],
    progress: Progress,
) -> Iterator[_Looked]:
    trust = Trust(trusted, version.record.model, file.since)
    try:
        with file.open() as stream:
            read = envelopes.read(stream.read(envelopes.MOST_BYTES + 1))
    except FileNotFoundError:
        yield _Looked(file, _unreadable("the store does not hold it any more"))
    except Unreadable as trouble:
        yield _Looked(file, _unreadable(str(trouble)))
    else:
        for envelope in read:
            yield _looked(file, envelope, version, trust, progress)


def _looked(
    file: ExaminedFile,
    envelope: Envelope,
    version: ExaminedVersion,
    trust: Trust,
    progress: Progress,
) -> _Looked:
    try:
        verdict = judge(envelope, trust)
        if verdict.status is Status.INVALID:
            return _Looked(file, verdict)
        statement = statements.read(envelope)
    except Unreadable as trouble:
        return _Looked(file, _unreadable(str(trouble)))
    except chains.DAMAGE:
        return _Looked(file, _unreadable("its certificate is damaged"))
    coverage = compared(version, statement, progress)
    if coverage.is_broken:
        text = f"It is about other bytes than these. {verdict.text}"
        verdict = Verdict(Status.INVALID, verdict.signer, text)
    return _Looked(file, verdict, statement, coverage)


def _unreadable(why: str) -> Verdict:
    return Verdict(Status.UNREADABLE, "", f"It cannot be read as a signature: {why}.")


def _status(counting: Sequence[_Looked], looked: Sequence[_Looked]) -> Status:
    """Return how the version stands: one invalid signature spoils all, one valid one is enough."""
    found = {one.verdict.status for one in counting if one.statement}
    whole = {one.verdict.status for one in counting if one.coverage and one.coverage.is_whole}
    if Status.INVALID in {one.verdict.status for one in looked}:
        return Status.INVALID
    if Status.VALID in whole:
        return Status.VALID
    if Status.VALID in found:
        return Status.INVALID
    order = (Status.EXPIRED, Status.UNTRUSTED)
    rest = {one.verdict.status for one in counting}
    return next(
        (status for status in (*order, Status.UNREADABLE) if status in rest), Status.MISSING
    )


# -- problems


def _problems_of(one: _Looked, parameters: SignatureParameters) -> Iterator[Problem]:
    verdict, place, counts = one.verdict, one.file.path, one.counts(parameters)
    asked = Severity.HIGH if counts and parameters.require else Severity.MEDIUM
    match verdict.status:
        case Status.UNREADABLE:
            grave = bool(one.file.kind) or parameters.require
            severity = Severity.HIGH if grave else Severity.LOW  # it may be a signature of its own
            yield _problem("unreadable", severity, place, verdict.text, REPLACE)
        case Status.INVALID:
            yield _problem("invalid", Severity.CRITICAL, place, verdict.text, SIGN_AGAIN)
        case Status.UNTRUSTED:
            yield _problem("untrusted", asked, place, verdict.text, TRUST)
        case Status.EXPIRED:
            yield _problem("expired", asked, place, verdict.text, RENEW)
    if one.coverage is not None:
        yield from _of_coverage(one.coverage, place, counts=counts)


def _of_coverage(coverage: Coverage, place: str, *, counts: bool) -> Iterator[Problem]:
    named: list[tuple[str, Severity, list[str], str]] = [
        ("changed", Severity.CRITICAL, coverage.changed, "Other bytes than were signed"),
        ("missing", Severity.CRITICAL, coverage.missing, "Signed, and not here"),
        ("cannot_tell", Severity.HIGH, coverage.unknown, "Signed by a hash that is not known here"),
        ("foreign", Severity.LOW, coverage.foreign, "Named by it, and not here"),
    ]
    if counts:
        text = "Not covered by this signature"
        named.append(("not_covered", Severity.HIGH, coverage.uncovered, text))
        text = "Left out on purpose by whoever signed"
        named.append(("left_out", Severity.LOW, coverage.left_out, text))
    for code, severity, paths, text in named:
        if paths:
            listed = ", ".join(shown(path) for path in sorted(paths)[:MOST_NAMED])
            said = f"{text}, {counted(len(paths), 'file')}: {listed}."
            yield _problem(code, severity, place, said, SIGN_AGAIN)


def _absent(parameters: SignatureParameters) -> Problem:
    severity = Severity.HIGH if parameters.require else Severity.LOW
    text = "Nobody has signed the files of this version."
    return _problem("absent", severity, "version", text, SIGN)


def _problem(code: str, severity: Severity, place: str, text: str, remedy: str) -> Problem:
    return Problem(code, severity, shown(place, 300), shown(text, 2000), remedy)


_WORDS = {
    Status.VALID: "Signed by a trusted signer, and about exactly these files.",
    Status.INVALID: "A signature is invalid, or does not cover these files.",
    Status.EXPIRED: "Signed, but the signer's certificate or key had expired.",
    Status.UNTRUSTED: "Signed, but by nobody who is trusted for this model.",
    Status.UNREADABLE: "What is attached as a signature cannot be read.",
    Status.MISSING: "Not signed.",
}


def _summary(status: Status, counting: Sequence[_Looked]) -> str:
    signed = [one for one in counting if one.verdict.status is status and one.verdict.signer]
    if status is Status.VALID and signed:
        return f"{_WORDS[status]} {shown(signed[0].verdict.text, 400)}"
    return _WORDS[status]


def _line(one: _Looked) -> dict[str, Json]:
    """Return what is kept as evidence of one envelope."""
    return {
        "file": one.file.path,
        "status": one.verdict.status.value,
        "signer": shown(one.verdict.signer),
        "type": shown(one.kind),
        "files_named": len(one.statement.resources) if one.statement else 0,
        "text": shown(one.verdict.text, 2000),
    }
