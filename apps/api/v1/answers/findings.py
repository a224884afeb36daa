"""Findings: what is to be settled, by whom, until when, and how they were answered."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.risk.models import Finding, FindingEvidence, FindingExtension, RiskAcceptance

MOST = 100
"""How many extensions and accepted risks are shown, the newest."""


class FindingLine(Answer):
    """A finding in a list."""

    number: int
    model: str
    version: int | None
    incident: int | None
    kind: str
    severity: str
    source: str
    state: str
    title: str
    owner: str
    due: date
    overdue: bool
    raised_by: str | None
    """Nobody, where it was raised by itself."""
    raised_at: datetime
    url: str
    page: str

    @classmethod
    def of(cls, finding: Finding, *, on: date) -> "FindingLine":
        return cls(**_line(finding, on))


class FindingPage(Answer):
    """Some findings, the newest first; ``next`` leads on, or is nothing."""

    findings: list[FindingLine]
    next: str | None


class FindingProof(Answer):
    """Evidence that shows what was done about a finding."""

    number: int
    type: str
    title: str
    attached_by: str
    attached_at: datetime
    url: str

    @classmethod
    def of(cls, attached: FindingEvidence) -> "FindingProof":
        item = attached.item
        return cls(
            number=item.pk,
            type=item.type,
            title=item.title,
            attached_by=attached.attached_by.username,
            attached_at=attached.attached_at,
            url=reverse("v1:evidence_item", args=[item.model.name, item.pk]),
        )


class Extension(Answer):
    """More time that somebody gave."""

    was_due: date
    due: date
    reason: str
    granted_by: str
    granted_at: datetime

    @classmethod
    def of(cls, given: FindingExtension) -> "Extension":
        return cls(
            was_due=given.was_due,
            due=given.due,
            reason=given.reason,
            granted_by=given.granted_by.username,
            granted_at=given.granted_at,
        )


class AcceptedRisk(Answer):
    """A risk that somebody bears until a day; one from before it was signed names no role."""

    reason: str
    ends_on: date
    accepted_by: str
    accepted_at: datetime
    ended_at: datetime | None
    role: str | None
    statement_digest: str | None

    @classmethod
    def of(cls, accepted: RiskAcceptance) -> "AcceptedRisk":
        signed = accepted.sign_off if hasattr(accepted, "sign_off") else None
        return cls(
            reason=accepted.reason,
            ends_on=accepted.ends_on,
            accepted_by=accepted.accepted_by.username,
            accepted_at=accepted.accepted_at,
            ended_at=accepted.ended_at,
            role=signed.role if signed else None,
            statement_digest=signed.statement_digest if signed else None,
        )


class FindingAnswer(FindingLine):
    """A finding whole. People answer it at its ``page``; ``timeline`` tells who did what."""

    description: str
    plan: str
    remedy: str
    remedied_by: str | None
    remedied_at: datetime | None
    why_closed: str
    closed_by: str | None
    closed_at: datetime | None
    evidence: list[FindingProof]
    extensions: list[Extension]
    accepted_risks: list[AcceptedRisk]
    timeline: str

    @classmethod
    def whole(cls, finding: Finding, *, on: date) -> "FindingAnswer":
        attached = finding.attached.select_related("item__model", "attached_by").order_by("pk")
        extended = finding.extensions.select_related("granted_by").order_by("-pk")
        accepted = finding.acceptances.select_related("accepted_by", "sign_off").order_by("-pk")
        return cls(
            **_line(finding, on),
            description=finding.description,
            plan=finding.plan,
            remedy=finding.remedy,
            remedied_by=finding.remedied_by.username if finding.remedied_by else None,
            remedied_at=finding.remedied_at,
            why_closed=finding.why_closed,
            closed_by=finding.closed_by.username if finding.closed_by else None,
            closed_at=finding.closed_at,
            evidence=[FindingProof.of(one) for one in attached],
            extensions=[Extension.of(one) for one in extended[:MOST]],
            accepted_risks=[AcceptedRisk.of(one) for one in accepted[:MOST]],
            timeline=reverse("v1:finding_timeline", args=[finding.pk]),
        )


def _line(finding: Finding, on: date) -> dict[str, Any]:
    return {
        "number": finding.pk,
        "model": finding.model.name,
        "version": finding.version.number if finding.version else None,
        "incident": finding.incident_id,
        "kind": finding.kind,
        "severity": finding.severity,
        "source": finding.source,
        "state": finding.state,
        "title": finding.title,
        "owner": finding.owner.username,
        "due": finding.due,
        "overdue": finding.is_overdue(on),
        "raised_by": finding.raised_by.username if finding.raised_by else None,
        "raised_at": finding.raised_at,
        "url": reverse("v1:finding", args=[finding.pk]),
        "page": finding.get_absolute_url(),
    }
