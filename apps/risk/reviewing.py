"""A submitted assessment as its reviewers sign it: what they bind, who may, what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from apps.accounts.signing.seats import RoleSeat
from apps.accounts.signing.terms import Terms, terms_in
from apps.catalog.duties import roles_held, roles_on
from apps.core.actors import Actor
from apps.core.digests import digest_of
from apps.core.errors import RuleBroken
from apps.risk import answering
from apps.risk.answering import Sheet
from apps.risk.kept import RANK
from apps.risk.models import Assessment, AssessmentSignOff
from apps.risk.operations import attachments
from apps.risk.questionnaires import Outcome, Questionnaire, Result
from apps.validation.models import EvidenceItem


def lasts_until(questionnaire: Questionnaire, outcome: Outcome, on: date) -> date:
    """Return the last day an assessment approved on a day counts."""
    days = [questionnaire.max_age_days, outcome.max_age_days]
    return on + timedelta(days=min(most for most in days if most is not None))


_LEFT_ASIDE = ("today", "subject", RANK)


def digest_of_kept(assessment: Assessment) -> str:
    """Return the digest of the result an assessment was approved with, as its signers bound it."""
    return digest_of({k: v for k, v in assessment.result.items() if k not in _LEFT_ASIDE})


@dataclass(frozen=True)
class Offer:
    """A submitted assessment as it would be signed on a day."""

    assessment: Assessment
    sheet: Sheet
    result: Result
    given: Sequence[AssessmentSignOff]
    on: date

    @classmethod
    def of(cls, assessment: Assessment, on: date) -> "Offer":
        """Read an assessment with all that signing it depends on."""
        sheet = Sheet.of(assessment)
        given = assessment.sign_offs.filter(round=assessment.round).select_related("signer")
        return cls(assessment, sheet, sheet.result(on), list(given.order_by("pk")), on)

    @property
    def outcome(self) -> Outcome:
        """What the assessment comes to.

        Raises:
            RuleBroken: when it comes to nothing as the registry stands now.
        """
        result = self.result
        if not result.applies:
            raise RuleBroken("The questionnaire applies no longer. Send it back to be dropped.")
        if result.is_provisional or result.outcome is None:
            raise RuleBroken("Questions are open by now that were not before. Send it back.")
        return result.outcome

    @cached_property
    def terms(self) -> Terms:
        """What a signature on it binds."""
        assessment, row = self.assessment, self.assessment.questionnaire
        about = assessment.use_case or assessment.version or assessment.model
        named = {
            "assessment": assessment.record_id,
            "model": assessment.model.record_id,
            "subject": about.record_id,
            "round": assessment.round,
            "questionnaire": row.digest,
            "result": self.result.digest,
        }
        said = {
            "questionnaire_id": row.questionnaire_id,
            "questionnaire_number": row.number,
            "outcome": self.result.outcome.id if self.result.outcome else None,
            "answers": [
                [key, answer.value, answer.note]
                for key, answer in sorted(self.sheet.rows.items())
                if key in self.sheet.questionnaire.question_keys
            ],
            "evidence": [
                _bound(key, item)
                for key, item in attachments.resting_on(self.sheet, self.result.visible)
            ],
            "roles": list(self.roles),
        }
        return Terms("assessment", named, said)

    def as_kept(self) -> dict[str, object]:
        """Return the whole result with what it was worked out from, to be replayed years later."""
        told = {
            "today": self.on.isoformat(),
            "subject": dict(self.sheet.subject),
            RANK: self.outcome.rank,
        }
        return {**self.result.plain(), **told}

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that sign, each by somebody else."""
        return self.sheet.questionnaire.reviewers

    @cached_property
    def respondents(self) -> frozenset[str]:
        """Who answered or submitted it, and so reviews nothing of it."""
        return answering.respondents_of(self.assessment)

    def seats(self, by: Actor) -> list[RoleSeat[AssessmentSignOff]]:
        """Return every role that must sign, with what a person can do in it."""
        given = {one.role: one for one in self.given}
        held = roles_on(by.user_id, self.assessment.model_id) if by.user_id else frozenset[str]()
        return [
            RoleSeat(role, given.get(role), role in held, self._why_not(by, role, held))
            for role in self.roles
        ]

    def differing(self) -> list[AssessmentSignOff]:
        """Return the approvals of this round that bind something other than what stands now."""
        return [one for one in self._approvals if terms_in(one) != self.terms.digest]

    def no_longer_by_right(self) -> list[AssessmentSignOff]:
        """Return the approvals whose signer left, or lost the role since."""
        model = self.assessment.model_id
        held = roles_held({one.signer_id for one in self.given}, [model])
        return [
            one
            for one in self._approvals
            if not one.signer.is_active
            or one.role not in held.get((one.signer_id, model), frozenset())
        ]

    def is_last(self, role: str) -> bool:
        """Say whether an approval in a role is the last one missing."""
        return {*self.roles} <= {role, *(one.role for one in self._approvals)}

    @property
    def _approvals(self) -> list[AssessmentSignOff]:
        approve = AssessmentSignOff.Decision.APPROVE
        return [one for one in self.given if one.decision == approve]

    def _why_not(self, by: Actor, role: str, held: frozenset[str]) -> str:
        if role not in held:
            return ""
        if by.id in self.respondents:
            return "You answered part of this assessment, so somebody else reviews it."
        if by.user_id in {one.signer_id for one in self.given}:
            return "You signed it already, in another role."
        return ""


def _bound(key: str, item: EvidenceItem) -> list[object]:
    """Return what a signature binds of an item; that it is verified meanwhile changes nothing."""
    stands = item.withdrawn_at is None and item.declined_at is None
    return [key, item.record_id, item.file_digest or item.link, stands]
