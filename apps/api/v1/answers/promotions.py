"""Promotion requests: what is asked for, and how far the gate is open."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.api.v1.answers.talk import AskedCondition
from apps.approvals.cases import Case
from apps.approvals.models import PromotionRequest, SignOff, SignOffCondition
from apps.approvals.readiness import Closed, Readiness, SlotState, Verdict

Asked = Mapping[int, Sequence[SignOffCondition]]
"""The conditions of sign-offs, by the sign-off."""


class PromotionLine(Answer):
    """A promotion request in a list."""

    number: int
    model: str
    version: int
    transition: str
    target: str
    state: str
    requested_by: str
    requested_at: datetime
    reason: str
    note: str
    closed_by: str | None
    closed_at: datetime | None
    url: str
    page: str

    @classmethod
    def of(cls, request: PromotionRequest) -> "PromotionLine":
        return cls(**_line(request))


class PromotionPage(Answer):
    """Some promotion requests, the newest first; ``next`` leads on, or is nothing."""

    promotions: list[PromotionLine]
    next: str | None


class ConditionAnswer(Answer):
    """The verdict on one condition of the gate."""

    condition: str
    title: str
    state: str
    reason: str
    remedy: str

    @classmethod
    def of(cls, verdict: Verdict) -> "ConditionAnswer":
        return cls(
            condition=verdict.condition,
            title=verdict.title,
            state=verdict.state.value,
            reason=verdict.reason,
            remedy=verdict.remedy,
        )


class Slot(Answer):
    """A sign-off the gate asks for: in which role, what it means, how many are missing."""

    role: str
    title: str
    meaning: str
    count: int
    missing: int

    @classmethod
    def of(cls, slot: SlotState) -> "Slot":
        return cls(
            role=slot.rule.role,
            title=slot.rule.title,
            meaning=slot.rule.meaning,
            count=slot.rule.count,
            missing=slot.missing,
        )


class ClosedAnswer(Answer):
    """One thing that keeps the gate shut, and what would open it."""

    condition: str
    title: str
    reason: str
    remedy: str

    @classmethod
    def of(cls, closed: Closed) -> "ClosedAnswer":
        return cls(
            condition=closed.gate, title=closed.title, reason=closed.reason, remedy=closed.remedy
        )


class Gate(Answer):
    """How far a gate is open now: verdicts, slots, and what keeps it shut, in words."""

    policy: str
    policy_digest: str
    transition: str
    tier: int
    is_open: bool
    conditions: list[ConditionAnswer]
    slots: list[Slot]
    closed: list[ClosedAnswer]

    @classmethod
    def of(cls, readiness: Readiness) -> "Gate":
        return cls(
            policy=readiness.policy,
            policy_digest=readiness.policy_digest,
            transition=readiness.transition,
            tier=readiness.tier,
            is_open=readiness.is_open,
            conditions=[ConditionAnswer.of(verdict) for verdict in readiness.verdicts],
            slots=[Slot.of(slot) for slot in readiness.slots],
            closed=[ClosedAnswer.of(found) for found in readiness.closed],
        )


class Given(Answer):
    """One person's decision on a request; ``why_void`` says why one no longer counts."""

    number: int
    role: str
    meaning: str
    decision: str
    reason: str
    signer: str
    signer_name: str
    on_behalf_of: str | None
    signed_at: datetime
    dossier_digest: str
    why_void: str | None
    answer: str | None
    conditions: list[AskedCondition]

    @classmethod
    def of(cls, sign_off: SignOff, why_void: Mapping[int, str], asked: Asked) -> "Given":
        behalf = sign_off.on_behalf_of
        return cls(
            number=sign_off.pk,
            reason=sign_off.reason,
            on_behalf_of=behalf.username if behalf else None,
            answer=sign_off.answer.text if hasattr(sign_off, "answer") else None,
            conditions=[AskedCondition.of(one) for one in asked.get(sign_off.pk, ())],
            role=sign_off.role,
            meaning=sign_off.printed_meaning,
            decision=sign_off.decision,
            signer=sign_off.signer.username,
            signer_name=sign_off.signer_name,
            signed_at=sign_off.signed_at,
            dossier_digest=sign_off.dossier_digest,
            why_void=why_void.get(sign_off.pk),
        )


class Promotion(PromotionLine):
    """A promotion request whole. The gate is shown while the request is open."""

    content_digest: str
    dossier_digest: str
    replaces: int | None
    gate: Gate | None
    sign_offs: list[Given]

    @classmethod
    def whole(cls, case: Case) -> "Promotion":
        """Return a request with how its gate stands."""
        request = case.request
        replaces = case.replaces if request.is_open else request.replaced
        why_void = case.why_void if request.is_open else {}
        asked = _asked(case.sign_offs)
        return cls(
            **_line(request),
            content_digest=request.content_digest,
            dossier_digest=_dossier_digest(case),
            replaces=replaces.number if replaces else None,
            gate=Gate.of(case.readiness) if request.is_open else None,
            sign_offs=[Given.of(sign_off, why_void, asked) for sign_off in case.sign_offs],
        )


def _asked(sign_offs: Sequence[SignOff]) -> Asked:
    """Read what signers tied their approvals to, by the sign-off, with who has to do it."""
    found: dict[int, list[SignOffCondition]] = defaultdict(list)
    conditions = SignOffCondition.objects.filter(sign_off__in=sign_offs).select_related("owner")
    for condition in conditions.order_by("pk"):
        found[condition.sign_off_id].append(condition)
    return found


def _dossier_digest(case: Case) -> str:
    """Return the digest of the dossier that can be taken away: as signed last, once decided."""
    if case.request.is_open or not case.sign_offs:
        return case.dossier.digest
    return case.sign_offs[-1].dossier_digest


def _line(request: PromotionRequest) -> dict[str, Any]:
    version = request.version
    return {
        "number": request.pk,
        "model": version.model.name,
        "version": version.number,
        "transition": request.transition,
        "target": request.target,
        "state": request.state,
        "requested_by": request.requested_by.username,
        "requested_at": request.requested_at,
        "reason": request.justification,
        "note": request.note,
        "closed_by": request.closed_by.username if request.closed_by else None,
        "closed_at": request.closed_at,
        "url": reverse("v1:promotion", args=[request.pk]),
        "page": request.get_absolute_url(),
    }
