"""Waivers: what is departed from, on what terms, and who signed."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.approvals.models import Waiver, WaiverSignOff


class WaiverLine(Answer):
    """A waiver in a list."""

    number: int
    model: str
    version: int
    condition: str
    state: str
    ends_on: date
    asked_by: str
    asked_at: datetime
    renews: int | None
    url: str
    page: str

    @classmethod
    def of(cls, waiver: Waiver) -> "WaiverLine":
        return cls(**_line(waiver))


class WaiverPage(Answer):
    """Some waivers, the newest first; ``next`` leads on, or is nothing."""

    waivers: list[WaiverLine]
    next: str | None


class WaiverSignature(Answer):
    """One person's yes or no to a waiver, in one role."""

    role: str
    decision: str
    meaning: str
    signer: str
    signer_name: str
    signed_at: datetime


class WaiverAnswer(WaiverLine):
    """A waiver whole: its terms, the roles that must sign, and who did."""

    reason: str
    compensating_controls: str
    use_limits: str
    residual_risk: str
    tier: int
    policy_digest: str
    roles: list[str]
    obligations: list[str]
    sign_offs: list[WaiverSignature]
    decided_by: str | None
    decided_at: datetime | None
    why: str

    @classmethod
    def whole(cls, waiver: Waiver, given: Iterable[WaiverSignOff]) -> "WaiverAnswer":
        return cls(
            **_line(waiver),
            reason=waiver.reason,
            compensating_controls=waiver.compensating_controls,
            use_limits=waiver.use_limits,
            residual_risk=waiver.residual_risk,
            tier=waiver.tier,
            policy_digest=waiver.policy_digest,
            roles=list(waiver.roles),
            obligations=sorted(waiver.covered),
            sign_offs=[
                WaiverSignature(
                    role=one.role,
                    decision=one.decision,
                    meaning=one.printed_meaning,
                    signer=one.signer.username,
                    signer_name=one.signer_name,
                    signed_at=one.signed_at,
                )
                for one in given
            ],
            decided_by=waiver.decided_by.username if waiver.decided_by else None,
            decided_at=waiver.decided_at,
            why=waiver.why,
        )


def _line(waiver: Waiver) -> dict[str, Any]:
    return {
        "number": waiver.pk,
        "model": waiver.version.model.name,
        "version": waiver.version.number,
        "condition": waiver.condition,
        "state": waiver.state,
        "ends_on": waiver.ends_on,
        "asked_by": waiver.asked_by.username,
        "asked_at": waiver.asked_at,
        "renews": waiver.renews_id,
        "url": reverse("v1:waiver", args=[waiver.pk]),
        "page": waiver.get_absolute_url(),
    }
