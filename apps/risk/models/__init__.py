"""Rows of judgment: questionnaires, assessments, tiers, obligations, findings, incidents."""

from apps.risk.models.acceptances import RiskAcceptance, RiskAcceptanceSignOff
from apps.risk.models.assessments import Answer, AnswerEvidence, Assessment, AssessmentSignOff
from apps.risk.models.campaigns import (
    Campaign,
    CampaignEntry,
    CampaignSnapshot,
    CampaignWork,
)
from apps.risk.models.findings import (
    Finding,
    FindingEvidence,
    FindingExtension,
    Severity,
)
from apps.risk.models.incidents import Incident, ReportDuty
from apps.risk.models.obligations import Obligation
from apps.risk.models.questionnaires import QuestionnaireSignOff, QuestionnaireVersion
from apps.risk.models.reviews import OwnerAttestation, Review
from apps.risk.models.tiers import TierOverride, TierOverrideSignOff

__all__ = [
    "Answer",
    "AnswerEvidence",
    "Assessment",
    "AssessmentSignOff",
    "Campaign",
    "CampaignEntry",
    "CampaignSnapshot",
    "CampaignWork",
    "Finding",
    "FindingEvidence",
    "FindingExtension",
    "Incident",
    "Obligation",
    "OwnerAttestation",
    "QuestionnaireSignOff",
    "QuestionnaireVersion",
    "ReportDuty",
    "Review",
    "RiskAcceptance",
    "RiskAcceptanceSignOff",
    "Severity",
    "TierOverride",
    "TierOverrideSignOff",
]
