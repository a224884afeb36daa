"""Walks models through judgment, as the people who would: assessments, tiers, what follows."""

from datetime import date, datetime, timedelta
from pathlib import Path

from django.db.models import Model
from django.urls import reverse

from apps.catalog.models import RegisteredModel, UseCase
from apps.console.demo.people import COMPLIANCE, COUNSEL, OWNER, RISK_OFFICER, VALIDATOR, Part
from apps.console.demo.walk import Walk
from apps.core.clock import database_now
from apps.risk.answering import Subject
from apps.risk.campaigns import runner
from apps.risk.models import (
    Assessment,
    Campaign,
    Finding,
    Incident,
    Obligation,
    ReportDuty,
    TierOverride,
)
from apps.risk.operations import answers, assessment_review, assessments
from apps.validation.models import EvidenceItem

_SHEETS = Path(__file__).parent / "answers"
TIERING, EU, GENAI = "bank-model-risk-tiering", "eu-ai-act-classification", "genai-risk"
_WORDS = {TIERING: "tiering", EU: "eu", GENAI: "genai"}
"""What the sheet of answers to a questionnaire is called, after its model."""


def in_days(days: int) -> date:
    """Return a day to come, or one that is over."""
    return database_now().date() + timedelta(days=days)


class Judging:
    """What people judge in the demo; every step is one operation by one person."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk

    def scope(self, model: RegisteredModel) -> None:
        """Say that a model is used in the European Union, as the compliance officer."""
        self.walk.fill_in(model, COMPLIANCE, {"eu_in_scope": True})

    # -- assessments

    def answer(self, subject: Subject, kind: str, part: Part = OWNER) -> Assessment:
        """Start an assessment, and answer it as the sheet of its model says."""
        by = self.walk.actor(part)
        assessment = assessments.start_assessment(subject, kind, by=by)
        sheet = _SHEETS / f"{assessment.model.name}.{_WORDS[kind]}.yaml"
        answers.import_answers(assessment, sheet.read_text(encoding="utf-8"), by=by)
        return assessment

    def submit(self, subject: Subject, kind: str) -> Assessment:
        """Answer an assessment as its owner, and ask for its review."""
        assessment = self.answer(subject, kind)
        return assessment_review.submit_assessment(assessment, by=self.walk.actor(OWNER))

    def review(self, assessment: Assessment, part: Part, role: str, reason: str) -> None:
        """Approve an assessment in one role."""
        self.walk.hands(part).sign_shown(
            assessment.get_absolute_url(),
            reverse("risk:sign_assessment", args=[assessment.pk]),
            role=role,
            decision="approve",
            reason=reason,
        )

    def tier(self, model: RegisteredModel, found: str, confirmed: str) -> None:
        """Have the tier of a model approved, with the words of both who sign."""
        assessment = self.submit(model, TIERING)
        self.review(assessment, VALIDATOR, "validator", found)
        self.review(assessment, RISK_OFFICER, "risk_officer", confirmed)

    def classify(self, use: UseCase, found: str, agreed: str) -> None:
        """Have the class of a use approved, with the words of both who sign."""
        assessment = self.submit(use, EU)
        self.review(assessment, COMPLIANCE, "compliance_officer", found)
        self.review(assessment, COUNSEL, "legal_counsel", agreed)

    def treat_at(
        self, model: RegisteredModel, tier: int, days: int, reason: str, signers: dict[Part, str]
    ) -> None:
        """Have a model treated at another tier until a day; each signs in one role."""
        self.walk.hands(RISK_OFFICER).fill_in(
            reverse("risk:ask_tier", args=[model.name]),
            tier=tier,
            ends_on=in_days(days).isoformat(),
            reason=reason,
        )
        override = TierOverride.objects.get(model=model, state=TierOverride.State.ASKED)
        for part, role in signers.items():
            self.walk.hands(part).sign_shown(
                override.get_absolute_url(),
                reverse("risk:sign_tier_override", args=[override.pk]),
                role=role,
                decision="approve",
                reason="Follows from what was found, and it ends by itself.",
            )

    def owe(
        self, model: RegisteredModel, key: str, act: str, part: Part, **typed: str | int
    ) -> None:
        """Meet, put off or assign one obligation of a model, on its page."""
        held = Obligation.objects.get(model=model, key=key, state=Obligation.State.OPEN)
        path = reverse(f"risk:{act}_obligation", args=[held.pk])
        self.walk.hands(part).fill_in(path, **typed)

    # -- findings and incidents

    def find(self, model: RegisteredModel, part: Part, **typed: str) -> Finding:
        """Raise a finding about a model."""
        return self._raised(model, part, "", typed)

    def find_in(self, incident: Incident, part: Part, **typed: str) -> Finding:
        """Raise a finding that follows from an incident."""
        return self._raised(incident.model, part, f"?incident={incident.pk}", typed)

    def _raised(
        self, model: RegisteredModel, part: Part, query: str, typed: dict[str, str]
    ) -> Finding:
        path = reverse("risk:raise_finding", args=[model.name])
        self.walk.hands(part).fill_in(f"{path}{query}", **typed)
        finding: Finding = Finding.objects.filter(model=model).latest("pk")
        return finding

    def settle(self, finding: Finding, act: str, part: Part, **typed: str | int) -> None:
        """Answer a finding in one of the ways its page offers."""
        self._answer("risk:answer_finding", finding, act, part, act, **typed)

    def plan(self, finding: Finding, plan: str, *items: EvidenceItem) -> None:
        """Say how a finding will be settled, with what shows it, as its owner."""
        self.settle(finding, "plan", OWNER, plan=plan)
        for item in items:
            self.settle(finding, "evidence", OWNER, item=item.pk)

    def close(self, finding: Finding, part: Part, *, remedy: str, reason: str) -> None:
        """Say what was done, as the owner, and have somebody else close the finding."""
        self.settle(finding, "ready", OWNER, remedy=remedy)
        self.settle(finding, "close", part, reason=reason)

    def bear(self, finding: Finding, part: Part, role: str, days: int, reason: str) -> None:
        """Bear the risk of a finding until a day."""
        path = reverse("risk:accept_risk", args=[finding.pk])
        ends_on = in_days(days).isoformat()
        self.walk.hands(part).sign_shown(path, path, role=role, ends_on=ends_on, reason=reason)

    def report(
        self,
        model: RegisteredModel,
        part: Part,
        discovered: datetime,
        *,
        traits: tuple[str, ...] = (),
        **typed: str,
    ) -> Incident:
        """Report an incident of a model."""
        path = reverse("risk:report_incident", args=[model.name])
        moment = f"{discovered:%Y-%m-%dT%H:%M}"
        self.walk.hands(part).fill_in(path, discovered_at=moment, traits=traits, **typed)
        incident: Incident = Incident.objects.filter(model=model).latest("pk")
        return incident

    def follow(self, incident: Incident, act: str, part: Part, **typed: str) -> None:
        """Answer an incident in one of the ways its page offers."""
        self._answer("risk:answer_incident", incident, act, part, act, **typed)

    def tell_authority(self, duty: ReportDuty, at: datetime, reference: str) -> None:
        """Record a report to an authority, as the compliance officer."""
        moment, prefix = f"{at:%Y-%m-%dT%H:%M}", f"report-{duty.pk}"
        told = {"reported_at": moment, "reference": reference}
        self._answer("risk:answer_report", duty, "report", COMPLIANCE, prefix, **told)

    def _answer(
        self, page: str, about: Model, act: str, part: Part, prefix: str, **typed: str | int
    ) -> None:
        named = {f"{prefix}-{name}": value for name, value in typed.items()}
        self.walk.hands(part).fill_in(reverse(page, args=[about.pk, act]), **named)

    # -- what comes round

    def plan_review(
        self, model: RegisteredModel, part: Part, kind: str, days: int, reason: str
    ) -> None:
        """Plan a review of a model for a day."""
        path, due = reverse("risk:plan_review", args=[model.name]), in_days(days).isoformat()
        self.walk.hands(part).fill_in(path, kind=kind, due=due, reason=reason)

    def carry_out_review(self, model: RegisteredModel, part: Part, **typed: str) -> None:
        """Conclude a review of a model, with the finding it raises if there is one."""
        self.walk.hands(part).fill_in(reverse("risk:carry_out_review", args=[model.name]), **typed)

    def begin_campaign(self, title: str, days: int, reason: str) -> None:
        """Begin a campaign over every model, and let a worker's code ask the owners."""
        self.walk.hands(RISK_OFFICER).fill_in(
            reverse("risk:begin_campaign"),
            title=title,
            tiers=(1, 2, 3, 4, 0),
            due=in_days(days).isoformat(),
            reason=reason,
        )
        runner.carry_out(Campaign.objects.get().pk)

    def attest(self, model: RegisteredModel) -> None:
        """Sign that the record of a model is right, as its owner."""
        path = reverse("risk:attest", args=[model.name])
        self.walk.hands(OWNER).sign_shown(path, path)

    def correct(self, model: RegisteredModel, what: str, severity: str) -> None:
        """Say what is wrong with the record of a model, as its owner."""
        path = reverse("risk:correct_record", args=[model.name])
        self.walk.hands(OWNER).fill_in(path, what=what, severity=severity)
