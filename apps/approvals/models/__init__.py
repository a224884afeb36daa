"""Decisions: requests and sign-offs, waivers, authorizations, policies, and how records retire."""

from apps.accounts.signing.signature import Signature
from apps.approvals.models.authorizations import Authorization, Emergency, Ratification
from apps.approvals.models.breaches import RuleBreach
from apps.approvals.models.delegations import Delegation
from apps.approvals.models.packs import EvidencePack, PackFile, PackOf, PackWork
from apps.approvals.models.policies import DryRun, PolicySignOff, PolicyVersion
from apps.approvals.models.requests import (
    ORIGINS,
    RENEWAL,
    ROLLBACK,
    TARGETS,
    TO_ARCHIVED,
    TO_DECOMMISSIONED,
    TO_PRODUCTION,
    TO_STAGING,
    Comment,
    Mode,
    PromotionRequest,
    transition_between,
)
from apps.approvals.models.retirement import LegalHold, Retention, Retirement
from apps.approvals.models.sign_offs import (
    DissentAnswer,
    SignOff,
    SignOffCondition,
    SignOffWithdrawal,
)
from apps.approvals.models.waivers import Waiver, WaiverObligation, WaiverSignOff

__all__ = [
    "ORIGINS",
    "RENEWAL",
    "ROLLBACK",
    "TARGETS",
    "TO_ARCHIVED",
    "TO_DECOMMISSIONED",
    "TO_PRODUCTION",
    "TO_STAGING",
    "Authorization",
    "Comment",
    "Delegation",
    "DissentAnswer",
    "DryRun",
    "Emergency",
    "EvidencePack",
    "LegalHold",
    "Mode",
    "PackFile",
    "PackOf",
    "PackWork",
    "PolicySignOff",
    "PolicyVersion",
    "PromotionRequest",
    "Ratification",
    "Retention",
    "Retirement",
    "RuleBreach",
    "SignOff",
    "SignOffCondition",
    "SignOffWithdrawal",
    "Signature",
    "Waiver",
    "WaiverObligation",
    "WaiverSignOff",
    "transition_between",
]
