"""Which questionnaires are asked now: the newest that come with Signet, and published ones."""

from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.audit.governed import REGISTRY
from apps.core.actors import BY_WORKER, Actor
from apps.core.errors import RuleBroken
from apps.risk.models import QuestionnaireVersion
from apps.risk.questionnaires import SHIPPED, Questionnaire, parsed, shipped
from apps.risk.questionnaires.numbers import number_of

State = QuestionnaireVersion.State

TAKE_IN = Action("questionnaire.take_in", permission=BY_WORKER)
"""Part of the change that first needs a text that comes with Signet, and of no other."""

_TAKING_IN = 0x9E57  # names the advisory lock under which texts are taken in


def asked_of(row: QuestionnaireVersion) -> Questionnaire:
    """Return the questionnaire a version holds, read once."""
    return parsed(row.text)


def offered() -> tuple[Questionnaire, ...]:
    """Return what is asked now, in one query: first what comes with Signet."""
    rows = {row.questionnaire_id: row for row in _standing()}
    ours = [_newer(name, rows.pop(name, None)) for name in SHIPPED]
    return (*(one for one in ours if one is not None), *map(asked_of, rows.values()))


def newest(kind: str) -> Questionnaire | None:
    """Return the version of a questionnaire that is asked now, if it is asked at all."""
    row = _standing().filter(questionnaire_id=kind).first()
    if kind in SHIPPED:
        return _newer(kind, row)
    return asked_of(row) if row is not None else None


def ever_asked() -> frozenset[str]:
    """Return the ids of what an organization published, whether or not it is asked still."""
    own = QuestionnaireVersion.objects.filter(state__in=QuestionnaireVersion.ASKED)
    return frozenset(own.filter(is_shipped=False).values_list("questionnaire_id", flat=True))


def not_offered(name: str) -> QuestionnaireVersion | None:
    """Return the version of a text that comes with Signet which says that it is not asked here."""
    return _standing().filter(questionnaire_id=name, state=State.RETIRED).first()


def take_in(questionnaire: Questionnaire, *, at: datetime, by: Actor) -> QuestionnaireVersion:
    """Return the row of a version in use, made when it is first needed; inside another change.

    Raises:
        RuleBroken: when the version is no longer in use.
    """
    if row := _row_of(questionnaire):
        return row
    _one_at_a_time()
    return _row_of(questionnaire) or _taken_in(questionnaire, at=at, by=by)


def _taken_in(questionnaire: Questionnaire, *, at: datetime, by: Actor) -> QuestionnaireVersion:
    if questionnaire.id not in SHIPPED:
        raise RuleBroken(f"{questionnaire} is no longer in use.")
    with change(TAKE_IN, REGISTRY, by=by) as record:
        for before in _in_use().filter(questionnaire_id=questionnaire.id):
            record.lock(before.root)
            before.state, before.replaced_at = State.REPLACED, at
            before.save()
        row = QuestionnaireVersion(
            state=State.PUBLISHED, is_shipped=True, drafted_at=at, changed_at=at, published_at=at
        )
        row.take(questionnaire)
        row.save()
        record.about(row)
        record.note(digest=row.digest, number=row.number)
    return row


def _in_use() -> QuerySet[QuestionnaireVersion]:
    found: QuerySet[QuestionnaireVersion] = QuestionnaireVersion.objects.filter(
        state=State.PUBLISHED
    )
    return found.order_by("questionnaire_id")


def _standing() -> QuerySet[QuestionnaireVersion]:
    """Return what is asked, and what comes with Signet and an organization asks no longer."""
    found: QuerySet[QuestionnaireVersion] = QuestionnaireVersion.objects.filter(
        Q(state=State.PUBLISHED) | Q(state=State.RETIRED, is_shipped=True)
    )
    return found.order_by("questionnaire_id")


def _row_of(questionnaire: Questionnaire) -> QuestionnaireVersion | None:
    asked = QuestionnaireVersion.objects.filter(state__in=QuestionnaireVersion.ASKED)
    found: QuestionnaireVersion | None = asked.filter(
        questionnaire_id=questionnaire.id, number=questionnaire.version
    ).first()
    return found


def _newer(name: str, row: QuestionnaireVersion | None) -> Questionnaire | None:
    """Return what comes with Signet, unless an earlier release brought a higher number.

    Nothing where an organization stopped to ask it, whatever a later release brings.
    """
    if row is not None and row.state == State.RETIRED:
        return None
    ours = shipped(name)
    is_ahead = row is not None and number_of(row.number) > number_of(ours.version)
    return asked_of(row) if row is not None and is_ahead else ours


def _one_at_a_time() -> None:
    """Keep others from taking in the same text; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TAKING_IN])
