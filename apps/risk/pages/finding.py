"""What the page of one finding shows: its story, and the answers this reader may give."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.timezone import now

from apps.audit.actions import Action
from apps.core.actors import Actor
from apps.core.formats import calendar_day
from apps.risk import finding_forms as asks
from apps.risk import finding_queries, finding_rules
from apps.risk.assessment_forms import ReasonForm
from apps.risk.models import Finding, RiskAcceptance, RiskAcceptanceSignOff
from apps.risk.operations import finding_answers as operations
from apps.risk.operations.risk_acceptances import ACCEPT_RISK

TONES = {
    Finding.State.OPEN: "bad",
    Finding.State.PLANNED: "warn",
    Finding.State.READY: "info",
    Finding.State.ACCEPTED: "warn",
    Finding.State.CLOSED: "good",
}
SEVERITIES = {"critical": "bad", "high": "bad", "medium": "warn", "low": "idle"}


@dataclass(frozen=True)
class Act:
    """One answer to a finding, with the form that asks for what it needs."""

    id: str
    title: str
    button: str
    done: str
    action: Action
    form: type[forms.Form]
    carry_out: Callable[..., object]


ACTS: Mapping[str, Act] = {
    act.id: act
    for act in (
        Act(
            "plan",
            "Plan it",
            "Save the plan",
            "The plan was saved.",
            operations.PLAN_FINDING,
            asks.PlanForm,
            operations.plan_finding,
        ),
        Act(
            "evidence",
            "Attach evidence",
            "Attach",
            "The evidence was attached.",
            operations.ATTACH_EVIDENCE,
            asks.EvidenceForm,
            operations.attach_evidence,
        ),
        Act(
            "ready",
            "Say that it can be closed",
            "Ready to close",
            "Somebody else can close it now.",
            operations.REPORT_READY,
            asks.ReadyForm,
            operations.report_ready,
        ),
        Act(
            "close",
            "Close it",
            "Close the finding",
            "The finding was closed.",
            operations.CLOSE_FINDING,
            ReasonForm,
            operations.close_finding,
        ),
        Act(
            "reopen",
            "Open it again",
            "Open again",
            "The finding is open again.",
            operations.REOPEN_FINDING,
            ReasonForm,
            operations.reopen_finding,
        ),
        Act(
            "assign",
            "Let somebody else own it",
            "Assign",
            "The finding has another owner.",
            operations.ASSIGN_FINDING,
            asks.AssignForm,
            operations.assign_finding,
        ),
        Act(
            "severity",
            "Change its severity",
            "Change",
            "The severity was changed.",
            operations.CHANGE_SEVERITY,
            asks.SeverityForm,
            operations.change_severity,
        ),
        Act(
            "extend",
            "Give it more time",
            "Extend",
            "The finding has more time.",
            operations.EXTEND_FINDING,
            asks.ExtendForm,
            operations.extend_finding,
        ),
    )
}


def form_of(act: Act, finding: Finding, sent: Any = None) -> forms.Form:
    """Return the form of an answer, with what can be chosen here."""
    form = act.form(sent, prefix=act.id)
    if isinstance(form, asks.EvidenceForm):
        form.offer(finding_queries.attachable(finding))
    return form


def send(act: Act, finding: Finding, reader: Actor, form: forms.Form) -> bool:
    """Carry out an answer; the form says what is in the way."""
    return asks.carried_out(form, partial(act.carry_out, finding, by=reader))


def one(
    finding: Finding, reader: Actor, sent: tuple[Act, forms.Form] | None = None
) -> dict[str, Any]:
    """Return what the page shows; a form that was refused stays as it was typed."""
    borne = finding.acceptances.select_related("accepted_by", "sign_off")
    return {
        "finding": finding,
        "tone": TONES[Finding.State(finding.state)],
        "severity_tone": SEVERITIES[finding.severity],
        "due": due_in_words(finding, now().date()),
        "is_overdue": finding.is_overdue(now().date()),
        "attached": finding.attached.select_related("item__model", "attached_by").order_by("pk"),
        "extensions": finding.extensions.select_related("granted_by").order_by("pk"),
        "acceptances": [_acceptance(one) for one in borne.order_by("pk")],
        **_answers(finding, reader, sent),
        "facts": facts_of(finding),
        "crumbs": [
            ("Findings", reverse("risk:findings")),
            (finding.model.name, finding.model.get_absolute_url()),
        ],
        "here": "Finding",
    }


def _answers(
    finding: Finding, reader: Actor, sent: tuple[Act, forms.Form] | None
) -> dict[str, Any]:
    """Return the answers this reader may give, and why the others are not theirs."""
    offered, why_not, accept_url = [], [], ""
    for act in ACTS.values():
        refused = sent[1] if sent is not None and sent[0] is act else None
        if not finding_rules.is_there(act.action, finding) and refused is None:
            continue
        if words := finding_rules.why_not(act.action, finding, reader):
            why_not.append((act.title, words))
        if refused is not None or not words:
            url = reverse("risk:answer_finding", args=[finding.pk, act.id])
            offered.append(
                {
                    "act": act,
                    "form": refused or form_of(act, finding),
                    "url": url,
                    "is_sent": refused is not None,
                }
            )
    if finding_rules.is_there(ACCEPT_RISK, finding):
        if words := finding_rules.why_not(ACCEPT_RISK, finding, reader):
            why_not.append(("Accept its risk", words))
        else:
            accept_url = reverse("risk:accept_risk", args=[finding.pk])
    return {"offered": offered, "why_not": why_not, "accept_url": accept_url}


def due_in_words(finding: Finding, today: date) -> str:
    """Say until when a finding is to be settled, and how long that is."""
    if not finding.is_unsettled:
        return ""
    days = (finding.due - today).days
    left = {0: "today is the last day", 1: "1 day left"}.get(days, f"{days} days left")
    if days < 0:
        late = "1 day" if days == -1 else f"{-days} days"
        left = f"overdue by {late}"
    return f"Due {calendar_day(finding.due)} · {left}"


def _acceptance(borne: RiskAcceptance) -> dict[str, Any]:
    """Return an accepted risk with its signature, as the row of a signature reads it."""
    row: dict[str, Any] = {
        "slot": str(borne),
        "state": "none" if borne.ended_at else "given",
        "person": str(borne.accepted_by),
        "reason": borne.reason,
        "at": borne.accepted_at,
        "note": "It is over, and the finding was opened again." if borne.ended_at else "",
    }
    signed: RiskAcceptanceSignOff | None = getattr(borne, "sign_off", None)
    if signed is None:
        return row | {"note": f"It was accepted before that took a signature. {row['note']}"}
    return row | {
        "person": signed.signer_name,
        "meaning": f"{signed.printed_meaning}, as {signed.get_role_display().lower()}",
        "digest": signed.statement_digest,
    }


def facts_of(finding: Finding) -> list[dict[str, Any]]:
    """Return what is known of a finding, as the facts component reads it."""
    subject = finding.subject
    facts: list[dict[str, Any]] = [
        {"term": "About", "value": str(subject), "href": subject.get_absolute_url()},
        {"term": "Owner", "person": str(finding.owner)},
        {"term": "Kind", "value": finding.get_kind_display()},
        {"term": "Found by", "value": finding.get_source_display()},
        {"term": "Raised by", "value": str(finding.raised_by or "Signet, by itself")},
        {"term": "Raised", "at": finding.raised_at},
    ]
    if finding.incident is not None:
        href = finding.incident.get_absolute_url()
        facts.append({"term": "Incident", "value": finding.incident.title, "href": href})
    if finding.closed_at is not None:
        facts.append({"term": "Closed by", "person": str(finding.closed_by)})
        facts.append({"term": "Closed", "at": finding.closed_at})
    return facts
