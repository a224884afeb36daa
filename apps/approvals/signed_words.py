"""Which longer texts of rows signatures bind: none of them is erased.

A statement names digests of what was shown, which nobody could work out again without the words. So
what counts is what a column said at the moment of a signature, whatever it says by now.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.accounts.signing.signature import Signature
from apps.approvals.models import (
    Emergency,
    PromotionRequest,
    Ratification,
    SignOff,
    SignOffCondition,
    Waiver,
    WaiverSignOff,
)
from apps.audit.governed import GovernedRow
from apps.audit.redacting import Copy
from apps.catalog.models import RegisteredModel
from apps.risk.models import (
    Answer,
    AssessmentSignOff,
    Finding,
    OwnerAttestation,
    RiskAcceptance,
    RiskAcceptanceSignOff,
    TierOverride,
    TierOverrideSignOff,
)
from apps.validation.models import EvidenceItem


@dataclass(frozen=True)
class Bound:
    """Columns of a kind of rows, and the signatures that bind them, with how those lead there."""

    row: type[GovernedRow]
    columns: frozenset[str]
    by: type[Signature]
    path: str


_CARD = frozenset({"intended_use", "out_of_scope_uses", "limitations"})
_WAIVED = frozenset({"reason", "compensating_controls", "use_limits", "residual_risk"})
_FOUND = frozenset({"description", "plan", "remedy", "why_closed"})
BOUND = (
    Bound(PromotionRequest, frozenset({"note"}), SignOff, "request"),
    Bound(SignOffCondition, frozenset({"text"}), SignOff, "conditions"),
    Bound(RegisteredModel, _CARD, SignOff, "request__version__model"),
    Bound(RegisteredModel, _CARD, OwnerAttestation, "model"),
    Bound(Waiver, _WAIVED, WaiverSignOff, "waiver"),
    Bound(Emergency, frozenset({"reason"}), Ratification, "emergency"),
    Bound(Answer, frozenset({"note"}), AssessmentSignOff, "assessment__answers"),
    Bound(TierOverride, frozenset({"reason"}), TierOverrideSignOff, "override"),
    Bound(RiskAcceptance, frozenset({"reason"}), RiskAcceptanceSignOff, "acceptance"),
    Bound(Finding, _FOUND, RiskAcceptanceSignOff, "acceptance__finding"),
    Bound(
        EvidenceItem,
        frozenset({"note", "remark"}),
        RiskAcceptanceSignOff,
        "acceptance__finding__attached__item",
    ),
)


def signatures_on(copy: Copy, text: str) -> Iterator[Signature]:
    """Yield the signatures that were given while a column said these words, and bind it."""
    for bound in BOUND:
        if bound.row is copy.kind and copy.column in bound.columns:
            given = bound.by._base_manager.filter(**{bound.path: copy.pk})
            for signed in given.order_by("pk"):
                if copy.said_at(signed.signed_at) == text:
                    yield signed
