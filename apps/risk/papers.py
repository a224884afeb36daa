"""An assessment on paper and as JSON: everything that was asked, answered, found and signed."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from apps.accounts.roles import role_named
from apps.core.digests import utc_text
from apps.risk import assessment_queries as queries
from apps.risk import standing
from apps.risk.models import Assessment, AssessmentSignOff
from apps.risk.operations.attachments import usable_items
from apps.risk.pages import outcomes
from apps.risk.pages.asking import Asked, QuestionShown
from apps.risk.pages.outcomes import OutcomeShown
from apps.risk.policy_says import policy
from apps.risk.reviewing import digest_of_kept

Json = dict[str, Any]
_NOT_SIGNED = "not signed"
_UNCONFIRMED = "Filled in from the inventory. Nobody confirmed it yet."


@dataclass(frozen=True)
class Paper:
    """An assessment as it is exported: what is approved as it was stored, a draft as it stands."""

    assessment: Assessment
    asked: Asked
    outcome: OutcomeShown | None
    signed: Sequence[AssessmentSignOff]
    on: date

    @classmethod
    def of(cls, assessment: Assessment, on: date) -> "Paper":
        """Read an assessment; the same state gives the same export."""
        asked = Asked.of(assessment, on, usable_items(assessment))
        outcome = outcomes.shown_of(assessment, asked.sheet.questionnaire, policy())
        signed = queries.signed_in_round(assessment)
        return cls(assessment, asked, outcome, signed, on)

    @property
    def status(self) -> str:
        """How it stands, in words."""
        return standing.status_of(self.assessment, self.on).in_words

    def told(self) -> Json:
        """Return everything the printed page shows."""
        moment = self._moment
        result = self.asked.result
        return {
            "title": f"{self.assessment.questionnaire.title}: {self.assessment.subject_name}",
            "summary": self.asked.sheet.questionnaire.summary,
            "counted": "submission",
            "number": str(self.assessment.round),
            "status": self.status.lower(),
            "completeness": f"{result.answered} of {result.required} required answers given",
            "day": [moment.year, moment.month, moment.day],
            "sections": [*self._outcome(), *self._sections()],
            "signed": [list(line) for line in self._lines()],
            "manifest": [list(line) for line in self._manifest()],
        }

    def as_json(self) -> str:
        """Return everything with its keys: answers, notes, the result, signatures, digests."""
        assessment, row = self.assessment, self.assessment.questionnaire
        told = {
            "schema_version": 1,
            "kind": "assessment",
            "assessment": assessment.record_id,
            "model": assessment.model.name,
            "version": assessment.version.number if assessment.version else None,
            "use": assessment.use_case.key if assessment.use_case else None,
            "questionnaire": row.questionnaire_id,
            "questionnaire_version": row.number,
            "questionnaire_digest": row.digest,
            "status": standing.status_of(assessment, self.on),
            "submission": assessment.round,
            "approved_at": utc_text(assessment.approved_at) if assessment.approved_at else None,
            "valid_until": str(assessment.valid_until) if assessment.valid_until else None,
            "outcome": assessment.outcome or None,
            "answers": self.asked.sheet.answers,
            "notes": {key: row.note for key, row in self.asked.sheet.rows.items() if row.note},
            "answered": {
                key: {"by": row.answered_by.record_id, "at": utc_text(row.answered_at)}
                for key, row in self.asked.sheet.rows.items()
                if not row.is_prefilled
            },
            "prefilled": sorted(filter(self.asked.sheet.is_prefilled, self.asked.sheet.rows)),
            "result": assessment.result or None,
            "result_digest": digest_of_kept(assessment) if assessment.result else None,
            "signatures": [_signature(one) for one in self.signed],
        }
        return json.dumps(told, indent=2, ensure_ascii=False)

    @property
    def _moment(self) -> datetime:
        held = self.assessment
        return held.approved_at or held.submitted_at or held.started_at

    def _outcome(self) -> Iterator[Json]:
        """Yield what it came to; nothing of one that is not approved, whose outcome is none yet."""
        found = self.outcome
        if found is None:
            return
        fields = [
            _text("Outcome", f"{found.outcome.label}. {found.outcome.description}"),
            _text("Rule that fired", found.rule),
            _table("Found by", ("What", "Value"), found.because),
            _table(
                "Scores",
                ("Section", "Score", "Of", "Percent"),
                [(one.title, one.score, one.most, one.percent) for one in found.scores],
            ),
            _table("Flags", ("Flag", "Cites"), found.flags),
            _table(
                "Obligations",
                ("Obligation", "What it is", "From"),
                [(one.title, one.terms, str(one.since or "approval")) for one in found.duties],
            ),
            _table("Written to the inventory", ("Field", "Value"), found.values),
        ]
        yield {"title": "Outcome", "fields": [one for one in fields if one is not None]}

    def _sections(self) -> Iterator[Json]:
        for section in self.asked.sections:
            fields = [_answer(one) for one in section.questions]
            yield {"title": section.section.title, "fields": fields}

    def _lines(self) -> Iterator[tuple[str, ...]]:
        """Yield one line for each role that signs: who, when, with which meaning, over what."""
        given = {one.role: one for one in self.signed}
        for role in self.asked.sheet.questionnaire.reviewers:
            one = given.get(role)
            if one is None:
                yield role_named(role).title, _NOT_SIGNED, "", "", ""
            else:
                at = one.signed_at.isoformat(timespec="seconds")
                title = role_named(role).title
                yield title, one.signer_name, at, one.printed_meaning, one.statement_digest

    def _manifest(self) -> Iterator[tuple[str, str]]:
        assessment, row = self.assessment, self.assessment.questionnaire
        yield "Assessment", assessment.record_id
        yield "Questionnaire", f"{row.questionnaire_id} {row.number}"
        yield "As of", self._moment.isoformat(timespec="seconds")
        if assessment.valid_until is not None:
            yield "Counts until", str(assessment.valid_until)
        yield "Digest of the questionnaire", row.digest
        if assessment.outcome:
            yield "Digest of the result", digest_of_kept(assessment)


def _answer(one: QuestionShown) -> Json:
    said = "\n".join(one.lines)
    more = [_UNCONFIRMED] if one.is_prefilled else []
    more += [f"Note: {one.note}"] if one.note else []
    more += [f"Evidence: {held.item}" for held in one.attached]
    return {"label": one.question.text, "kind": "text", "text": "\n".join([said, *more])}


def _text(label: str, text: str) -> Json:
    return {"label": label, "kind": "text", "text": text}


def _table(label: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Json | None:
    if not rows:
        return None
    return {
        "label": label,
        "kind": "table",
        "columns": list(columns),
        "rows": [list(row) for row in rows],
    }


def _signature(one: AssessmentSignOff) -> Json:
    return {
        "role": one.role,
        "name": one.signer_name,
        "signed_at": utc_text(one.signed_at),
        "meaning": one.printed_meaning,
        "decision": one.decision,
        "statement": one.statement,
        "digest": one.statement_digest,
    }
