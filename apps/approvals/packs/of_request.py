"""The files about one promotion request: how its gate was judged, and who signed what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.approvals import cases, in_force
from apps.approvals.models import PromotionRequest, SignOff
from apps.approvals.packs.chains import Chain
from apps.approvals.packs.contents import Contents
from apps.approvals.packs.rows import id_of, record_of, signature_of, statement_path
from apps.approvals.packs.told import ToldCondition, ToldSignature
from apps.approvals.policies import Policy
from apps.approvals.readiness import Readiness, VerdictState
from apps.core.digests import digest_of_bytes, utc_text

ANSWERS: Mapping[str, tuple[str, bool]] = {
    VerdictState.PASSED: ("Met", True),
    VerdictState.BLOCKED: ("Not met", False),
    VerdictState.WARNED: ("Warned", True),
    VerdictState.WAIVED: ("Waived", True),
    VerdictState.NOT_APPLICABLE: ("Does not apply", True),
}
"""What a condition was answered, in words, and whether that lets the version through."""


@dataclass(frozen=True)
class ToldRequest:
    """What the front page says of a request."""

    request: PromotionRequest
    gate: str
    conditions: tuple[ToldCondition, ...]
    sign_offs: tuple[ToldSignature, ...]
    policy: Policy
    """The policy it was judged by."""


@dataclass(frozen=True)
class _Judged:
    """How the gate was judged, and when; of a closed request as the record says."""

    summary: Mapping[str, Any] | None
    conditions: tuple[ToldCondition, ...]
    policy: Policy


def add(
    contents: Contents, request: PromotionRequest, chain: Chain, folder: str, as_of: Any
) -> ToldRequest:
    """Add the files about a request, and return what the front page says of it."""
    model_folder, own = folder.rpartition("/versions/")[0], f"{folder}/promotions"
    own = f"{own}/{request.record_id}"
    signed = list(
        request.sign_offs.select_related("signer", "on_behalf_of", "withdrawal", "answer")
        .prefetch_related("conditions")
        .order_by("pk")
    )
    judged = _judged(request, chain, as_of)
    told = record_of(request) | {
        "justification": request.justification,
        "comments": [record_of(one) for one in request.comments.order_by("pk")],
    }
    contents.add_json(f"{own}/request.json", told)
    contents.add_json(f"{own}/gate.json", _gate(judged, request, as_of))
    contents.add_json(
        f"{own}/sign-offs.json", [_sign_off(one, model_folder, own) for one in signed]
    )
    for path, text in sorted(_dossiers(signed, own).items()):
        contents.add(path, text)
    return ToldRequest(
        request,
        request.transition.replace("_", " ").capitalize(),
        judged.conditions,
        tuple(_told(one, model_folder) for one in signed),
        judged.policy,
    )


def _judged(request: PromotionRequest, chain: Chain, as_of: Any) -> _Judged:
    """Judge the gate of an open request as of the pack; of a closed one, read what was recorded."""
    if request.is_open:
        [case] = cases.complete([request], at=as_of)
        told = tuple(_of_verdicts(case.readiness))
        return _Judged(case.readiness.summary(), told, case.policy)
    policy = in_force.policy_at(request.closed_at or as_of)
    summary = next(_recorded(request, chain), None)
    titles = {one.id: one.title for one in policy.conditions}
    return _Judged(summary, tuple(_of_record(summary or {}, titles)), policy)


def _recorded(request: PromotionRequest, chain: Chain) -> Iterator[Mapping[str, Any]]:
    """Yield how the gate was judged when the request was carried out, as its entry says."""
    for entry in reversed(chain.entries):
        named = {row["row"] for row in entry["rows"]}
        if "readiness" in entry["detail"] and request.record_ref in named:
            yield entry["detail"]["readiness"]


def _of_verdicts(readiness: Readiness) -> Iterator[ToldCondition]:
    for verdict in readiness.verdicts:
        answer, is_open = ANSWERS[verdict.state]
        yield ToldCondition(verdict.title, answer, is_open, verdict.reason)


def _of_record(summary: Mapping[str, Any], titles: Mapping[str, str]) -> Iterator[ToldCondition]:
    for state, ids in summary.get("conditions", {}).items():
        answer, is_open = ANSWERS[VerdictState(state)]
        for one in ids:
            yield ToldCondition(titles.get(one, one), answer, is_open, "")


def _gate(judged: _Judged, request: PromotionRequest, as_of: Any) -> dict[str, Any]:
    return {
        "judged_at": as_of if request.is_open else request.closed_at,
        "is_as_recorded": not request.is_open,
        "judgment": judged.summary,
        "conditions": [
            {"title": one.title, "answer": one.answer, "reason": one.reason}
            for one in judged.conditions
        ],
        "policy": {"id": judged.policy.id, "number": judged.policy.version}
        | {"digest": judged.policy.digest},
    }


def _sign_off(signed: SignOff, model_folder: str, own: str) -> dict[str, Any]:
    withdrawal, answer = getattr(signed, "withdrawal", None), getattr(signed, "answer", None)
    return signature_of(signed, model_folder) | {
        "decision": signed.decision,
        "dossier_digest": signed.dossier_digest,
        "dossier_file": _dossier_path(signed, own),
        "expires_at": utc_text(signed.expires_at),
        "on_behalf_of": id_of(type(signed.signer), signed.on_behalf_of_id),
        "conditions": [record_of(one) for one in signed.conditions.all()],
        "withdrawn": record_of(withdrawal) if withdrawal else None,
        "answer": record_of(answer) if answer else None,
    }


def _dossiers(signed: Sequence[SignOff], own: str) -> dict[str, bytes]:
    """Return the dossiers that were signed, exact to the byte, each once."""
    return {_dossier_path(one, own): one.dossier.encode() for one in signed}


def _dossier_path(signed: SignOff, own: str) -> str:
    digest = digest_of_bytes(signed.dossier.encode()).removeprefix("sha256:")
    return f"{own}/dossiers/{digest}.json"


def _told(signed: SignOff, model_folder: str) -> ToldSignature:
    other = signed.on_behalf_of
    return ToldSignature(
        name=signed.signer_name,
        role=signed.get_role_display(),
        meaning=signed.printed_meaning.capitalize(),
        at=signed.signed_at,
        method=signed.method,
        reason=signed.reason,
        digest=signed.statement_digest,
        file=statement_path(model_folder, signed),
        on_behalf_of=other.record_id if other else "",
        is_withdrawn=hasattr(signed, "withdrawal"),
    )
