"""Assessments are started, moved to a newer questionnaire, and dropped."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from apps.accounts.roles import role_named
from apps.accounts.rules import require_answered_for
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog.duties import roles_on
from apps.catalog.models import ModelVersion, RegisteredModel, UseCase
from apps.catalog.operations.inventory import require_live
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from apps.risk import offered, subjects
from apps.risk.answering import SUBJECTS, Sheet, Subject, model_of, prefilled
from apps.risk.models import Answer, Assessment
from apps.risk.questionnaires import Questionnaire, applies, carried

ANSWERING = "catalog.answer_assessments"
_REFUSAL = "You do not answer risk assessments of this model."

START = Action("assessment.start", permission=ANSWERING, refusal=_REFUSAL)
MOVE = Action("assessment.move", permission=ANSWERING, refusal=_REFUSAL)
DROP = Action("assessment.drop", permission=ANSWERING, needs_reason=True, refusal=_REFUSAL)
KEEP = Action("assessment.keep", permission=ANSWERING, refusal=_REFUSAL)

MOST_AT_ONCE = 50
"""How many answers one event writes: an event names its rows, and these are bounded."""
_ABOUT = {"model": "models", "version": "versions of a model", "use_case": "uses of a model"}


def start_assessment(subject: Subject, kind: str, *, by: Actor) -> Assessment:
    """Start to assess a model, a version or a use by the questionnaire in use of an id.

    What the inventory says already is filled in, for a person to confirm or change.

    Raises:
        NotFound: when no questionnaire of this id is in use.
        RuleBroken: when it does not apply, or somebody started it already.
    """
    with change(START, subject, by=by) as record:
        questionnaire = offered.newest(kind)
        if questionnaire is None:
            raise NotFound(f"No questionnaire {kind!a:.80} is in use.")
        user_id = require_respondent(model_of(subject), questionnaire, by=by)
        _require_subject(subject, questionnaire)
        _require_none_open(subject, questionnaire)
        row = offered.take_in(questionnaire, at=record.time, by=by)
        assessment = Assessment(
            model=model_of(subject),
            questionnaire=row,
            kind=questionnaire.id,
            started_at=record.time,
            started_by_id=user_id,
            **_about(subject),
        )
        assessment.save()
        record.about(assessment)
        found = prefilled(questionnaire, subject)
        record.note(questionnaire=row.digest, prefilled=sorted(found))
        rows = [
            Answer(assessment=assessment, key=key, value=value, is_prefilled=True)
            for key, value in found.items()
        ]
        keep(assessment, rows, by=by, at=record.time)
    return assessment


def move_to_newer(assessment: Assessment, *, to: str, by: Actor) -> Assessment:
    """Let a draft go on with the newer version of its questionnaire; ``to`` is its digest as shown.

    Answers whose question is the same are kept, the others are asked again.

    Raises:
        RuleBroken: when there is no newer one, or not the one that was shown.
    """
    with change(MOVE, assessment, by=by) as record:
        sheet = Sheet.of(assessment)
        require_answering(sheet, by=by)
        newer = offered.newest(assessment.kind)
        if newer is None or newer.digest == assessment.questionnaire.digest:
            raise RuleBroken("It is answered on the newest version already.")
        if newer.digest != to:
            raise RuleBroken("A newer version than the one you were shown is in use. Look again.")
        going = carried(sheet.questionnaire, newer, sheet.answers)
        record.note(before=assessment.questionnaire.digest, after=newer.digest)
        record.note(dropped=sorted(key for key, _ in going.dropped))
        assessment.questionnaire = offered.take_in(newer, at=record.time, by=by)
        assessment.save()
        emptied = [sheet.rows[key] for key, _ in going.dropped if key in sheet.rows]
        for row in emptied:
            row.value, row.is_prefilled = None, False
        keep(assessment, emptied, by=by, at=record.time)
    return assessment


def drop_assessment(assessment: Assessment, *, by: Actor, reason: str) -> Assessment:
    """Give an assessment up that was not approved; what was answered stays on record."""
    with change(DROP, assessment, by=by, reason=reason):
        assessment.require_state(*Assessment.OPEN)
        require_respondent(assessment.model, offered.asked_of(assessment.questionnaire), by=by)
        assessment.state = Assessment.State.DROPPED
        assessment.save()
    return assessment


# -- what the operations on assessments share


def require_respondent(model: RegisteredModel, questionnaire: Questionnaire, *, by: Actor) -> int:
    """Return the account of one who may answer a questionnaire about a model; refuse others."""
    held = roles_on(by.user_id, model.pk) if by.user_id is not None else frozenset[str]()
    if by.user_id is None or held.isdisjoint(questionnaire.respondents):
        raise NotAllowed(f"This questionnaire is answered by: {titles(questionnaire.respondents)}.")
    require_answered_for(by)
    return by.user_id


def require_answering(sheet: Sheet, *, by: Actor) -> int:
    """Return the account of one who may answer an assessment now; refuse when nobody can."""
    sheet.assessment.require_state(Assessment.State.DRAFT)
    return require_respondent(sheet.assessment.model, sheet.questionnaire, by=by)


def titles(roles: Collection[str]) -> str:
    """Return some roles by their titles."""
    return ", ".join(role_named(role).title for role in roles)


def keep(assessment: Assessment, rows: Sequence[Answer], *, by: Actor, at: datetime) -> None:
    """Save answers inside a change, by whoever acts, in events of bounded size.

    Raises:
        EvaluationFailed: when the questionnaire can work nothing out from them. They would shut
            the pages on which they could be given anew.
    """
    assert by.user_id is not None  # asked for by ``require_respondent``
    for row in rows:
        row.answered_by_id, row.answered_at = by.user_id, at
    if len(rows) <= MOST_AT_ONCE:
        _save(rows)
    else:
        for start in range(0, len(rows), MOST_AT_ONCE):
            _keep_part(assessment, rows[start : start + MOST_AT_ONCE], by=by)
    Sheet.of(assessment).result(at.date())


def _keep_part(assessment: Assessment, part: Sequence[Answer], *, by: Actor) -> None:
    with change(KEEP, assessment, by=by) as record:
        record.note(answered=sorted(row.key for row in part))
        _save(part)


def _save(rows: Sequence[Answer]) -> None:
    for row in rows:
        row.save()


def _about(subject: Subject) -> dict[str, Any]:
    return {
        "version": subject if isinstance(subject, ModelVersion) else None,
        "use_case": subject if isinstance(subject, UseCase) else None,
    }


def _require_subject(subject: Subject, questionnaire: Questionnaire) -> None:
    if not isinstance(subject, SUBJECTS[questionnaire.subject]):
        about = _ABOUT[questionnaire.subject]
        raise RuleBroken(f"{questionnaire.title} is about {about}, each by itself.")
    require_live(subject)
    facts = subjects.subject_facts(model_of(subject), **_about(subject))
    if not applies(questionnaire, facts):
        raise RuleBroken(f"{questionnaire.title} does not apply to {subject}, as it is recorded.")


def _require_none_open(subject: Subject, questionnaire: Questionnaire) -> None:
    held = model_of(subject).assessments.filter(kind=questionnaire.id, **_about(subject))
    if held.filter(state__in=Assessment.OPEN).exists():
        raise RuleBroken("Somebody started this already. Go on with that one.")
