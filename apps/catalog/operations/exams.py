"""Exam rooms: opened for an examiner from outside, changed and closed by those who host exams."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from apps.accounts import rules
from apps.accounts.models import User
from apps.audit.actions import Action
from apps.audit.changes import Record, change
from apps.catalog import exams, permissions, queries
from apps.catalog.models import ExamRoom, RegisteredModel
from apps.core.actors import Actor
from apps.core.digests import digest_of, utc_text
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from apps.core.inputs import InputRefused, require_text

MOST_MODELS = 1000
MOST_TOLD = 100
"""How many models one entry names; the rest are in the row's history, which its digest covers."""
_REFUSAL = "Risk officers and compliance officers of the whole organization host exams."

OPEN_EXAM = Action("exam_room.open", permission=exams.HOST, needs_reason=True, refusal=_REFUSAL)
CLOSE_EXAM = Action("exam_room.close", permission=exams.HOST, needs_reason=True, refusal=_REFUSAL)
ADD_MODELS = Action(
    "exam_room.add_models", permission=exams.HOST, needs_reason=True, refusal=_REFUSAL
)
WITHDRAW_MODEL = Action(
    "exam_room.withdraw_model", permission=exams.HOST, needs_reason=True, refusal=_REFUSAL
)


@dataclass(frozen=True)
class Exam:
    """What an exam is about: from whom, from when until when, which models and parts of them."""

    title: str
    authority: str
    begins_at: datetime
    until: datetime
    names: Sequence[str]
    parts: Collection[str]


def open_exam(examiner: User, exam: Exam, *, by: Actor, reason: str) -> ExamRoom:
    """Let an examiner from outside look at some models until a moment, and do nothing else.

    Raises:
        RuleBroken: when they are no examiner, look elsewhere still, or it lasts too long.
        NotFound: when who opens it may not see one of the models.
    """
    with change(OPEN_EXAM, examiner, by=by, reason=reason) as record:
        host = _host(by)
        _require_examiner(examiner, record.time)
        _require_exam(exam, record.time)
        models = _models(exam.names, by)
        room = ExamRoom(
            examiner=examiner,
            title=exam.title.strip(),
            authority=exam.authority.strip(),
            reason=record.reason,
            begins_at=exam.begins_at,
            until=exam.until,
            parts=sorted(set(exam.parts)),
            granted=sorted(model.pk for model in models),
            opened_by_id=host,
            opened_at=record.time,
        )
        room.save()
        _follow(room)
        record.about(room)
        record.note(examiner=examiner.record_id, until=utc_text(room.until), parts=room.parts)
        _note_models(record, models)
    return room


def close_exam(room: ExamRoom, *, by: Actor, reason: str) -> ExamRoom:
    """End an examiner's sight before its time; what they looked at stays on record."""
    with change(CLOSE_EXAM, room, by=by, reason=reason) as record:
        host = _host(by)
        room.require_not_over(record.time)
        room.close(host, record.time)
        permissions.follow_exam(room.examiner, (), exams.GRANTED)
    return room


def add_models(room: ExamRoom, names: Sequence[str], *, by: Actor, reason: str) -> ExamRoom:
    """Let an examiner see further models, by their names."""
    with change(ADD_MODELS, room, by=by, reason=reason) as record:
        _host(by)
        room.require_not_over(record.time)
        models = [model for model in _models(names, by) if model.pk not in set(room.granted)]
        if not models:
            raise RuleBroken("The room grants these models already.")
        if len(room.granted) + len(models) > MOST_MODELS:
            raise RuleBroken(f"An exam room grants at most {MOST_MODELS:,} models.")
        room.grant([*room.granted, *(model.pk for model in models)])
        _follow(room)
        _note_models(record, models)
    return room


def withdraw_model(room: ExamRoom, model: RegisteredModel, *, by: Actor, reason: str) -> ExamRoom:
    """Take one model out of an examiner's sight at once."""
    with change(WITHDRAW_MODEL, room, by=by, reason=reason) as record:
        _host(by)
        room.require_not_over(record.time)
        if model.pk not in room.granted:
            raise RuleBroken(f"The room does not grant {model}.")
        room.grant([pk for pk in room.granted if pk != model.pk])
        _follow(room)
        _note_models(record, [model])
    return room


def _host(by: Actor) -> int:
    if not by.is_person or by.user_id is None:
        raise NotAllowed("Only a person signed in through the browser hosts exams.")
    return by.user_id


def _follow(room: ExamRoom) -> None:
    granted = exams.GRANTED if room.shows(ExamRoom.Part.FILES) else (queries.VIEW,)
    permissions.follow_exam(room.examiner, room.granted, granted)


def _require_examiner(examiner: User, at: datetime) -> None:
    rules.require_open(examiner)
    if not examiner.is_examiner:
        raise RuleBroken(
            f"{examiner} is no examiner from outside. An administrator opens an account for one."
        )
    newest = exams.newest_of(examiner)
    if newest is not None and not newest.is_over(at):
        raise RuleBroken(f"{examiner} has the exam room “{newest}” still. Close it first.")


def _require_exam(exam: Exam, at: datetime) -> None:
    longest = settings.EXAM_LONGEST
    for text, label in ((exam.title, "The title"), (exam.authority, "The authority")):
        if not text.strip():
            raise InputRefused(f"{label} is missing.")
        require_text(text, label, 200)
    if exam.until <= exam.begins_at:
        raise RuleBroken("An exam ends after it begins.")
    if exam.until <= at:
        raise RuleBroken("An exam ends in the time to come.")
    if exam.until - max(exam.begins_at, at) > longest:
        raise RuleBroken(f"An exam lasts at most {longest.days} days.")
    if not set(exam.parts) <= set(ExamRoom.Part.values):
        raise InputRefused("Choose the parts among those there are.")


def _models(names: Sequence[str], by: Actor) -> list[RegisteredModel]:
    """Return the models of some names, all of which the host must see."""
    wanted = {name.strip() for name in names if name.strip()}
    if not wanted:
        raise InputRefused("Name at least one model, each on a line of its own.")
    if len(wanted) > MOST_MODELS:
        raise RuleBroken(f"An exam room grants at most {MOST_MODELS:,} models.")
    models = list(queries.models_visible_to(by).filter(name__in=wanted).order_by("pk"))
    if unknown := sorted(wanted - {model.name for model in models}):
        raise NotFound(f"There is no model {unknown[0]!a:.80} that you may see.")
    return models


def _note_models(record: Record, models: Sequence[RegisteredModel]) -> None:
    refs = [model.record_id for model in models]
    record.note(models=refs[:MOST_TOLD], count=len(refs), digest=digest_of(refs))
