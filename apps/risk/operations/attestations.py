"""Owners attest that the record of their model is right, or say what is wrong with it."""

from datetime import datetime

from apps.accounts.confirmation import Confirmation
from apps.accounts.signing.giving import give, require_person, require_unused
from apps.accounts.signing.statements import Statement
from apps.accounts.signing.terms import TermsTicket
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.core.digests import digest_of
from apps.core.errors import NotAllowed
from apps.risk import policy_says
from apps.risk.attested import Snapshot, snapshot_of, terms_of
from apps.risk.models import Finding, OwnerAttestation, Severity
from apps.risk.operations.campaign_answers import answer
from apps.risk.operations.findings import Said, raise_in_review

ATTEST = "catalog.attest_model"
_REFUSAL = "Only the accountable owner says whether the record of a model is right."
ATTEST_MODEL = Action("model.attest", permission=ATTEST, refusal=_REFUSAL, sealing=Sealing.FIRST)
CORRECT_RECORD = Action("model.correct_record", permission=ATTEST, refusal=_REFUSAL)

OWNER, MEANING = "model_owner", "attestation"


def attest(
    model: RegisteredModel, *, by: Actor, ticket: TermsTicket, confirmed: Confirmation
) -> OwnerAttestation:
    """Sign that the record of a model is right, exactly as it was shown.

    It answers every campaign that asks about the model.

    Raises:
        NotAllowed: when somebody else than the accountable owner signs.
        StaleForm: when the record says something else by now.
    """
    with change(ATTEST_MODEL, model, by=by) as record:
        _require_owner(model, by)
        snapshot = snapshot_of(model, record.time)
        statement = _statement(model, snapshot, by=by, ticket=ticket)
        require_unused(OwnerAttestation, ticket.nonce)
        signed = OwnerAttestation(
            model=model,
            role=OWNER,
            meaning=MEANING,
            snapshot=snapshot,
            snapshot_digest=digest_of(snapshot),
        )
        give(
            signed,
            statement,
            record=record,
            by=by,
            nonce=ticket.nonce,
            confirmed=confirmed,
            factors=policy_says.policy().signature.factors_required,
            noted={"snapshot": signed.snapshot_digest},
        )
        campaigns = answer(model, record=record, attestation=signed)
        record.note(campaigns=campaigns)
    return signed


def attestation_offered(
    model: RegisteredModel, *, by: Actor, ticket: TermsTicket, at: datetime
) -> Statement:
    """Return the words the owner is about to sign, as a passkey signs them.

    Raises:
        StaleForm: when the record says something else than what was shown.
    """
    _require_owner(model, by)
    return _statement(model, snapshot_of(model, at), by=by, ticket=ticket)


def correct(
    model: RegisteredModel, *, by: Actor, what: str, severity: str = Severity.LOW.value
) -> Finding:
    """Say what is wrong with the record: a finding is raised, which its owner sees to.

    Nothing is attested by it; every campaign that asks about the model has its answer.
    """
    with change(CORRECT_RECORD, model, by=by) as record:
        _require_owner(model, by)
        said = Said("The record of the model is not right", what, severity)
        finding = raise_in_review(model, said, by=by)
        campaigns = answer(model, record=record, finding=finding)
        record.note(finding=finding.record_id, campaigns=campaigns)
    return finding


def why_not(model: RegisteredModel, by: Actor) -> str:
    """Say why somebody may not attest a model, or nothing."""
    try:
        _require_owner(model, by)
    except NotAllowed as refusal:
        return str(refusal)
    return "" if by.may(ATTEST, model) else f"{_REFUSAL} The owner holds no duty on it."


def _statement(
    model: RegisteredModel, snapshot: Snapshot, *, by: Actor, ticket: TermsTicket
) -> Statement:
    terms = terms_of(model, snapshot)
    ticket.require_current(terms, by=by)
    return terms.statement(meaning=MEANING, role=OWNER, by=by, nonce=ticket.nonce)


def _require_owner(model: RegisteredModel, by: Actor) -> None:
    if require_person(by, "attests a model") != model.owner_id:
        raise NotAllowed(f"{_REFUSAL} That is {model.owner}.")
