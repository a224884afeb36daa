"""What an examiner from outside may look at, and when: judged anew each time somebody looks."""

from dataclasses import replace
from datetime import datetime

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.accounts.rights import NO_EXAM, ExamLimits, UserAuthority
from apps.accounts.scopes import Scope
from apps.catalog import queries
from apps.catalog.models import ExamRoom, RegisteredModel
from apps.core.actors import Actor

HOST = "catalog.open_exams"
VIEW_RECORD = "audit.view_record"
DOWNLOAD = "catalog.download_artifacts"
GRANTED = (queries.VIEW, DOWNLOAD)
"""What an exam can grant on a model: to see it, and to take its files."""


def newest_of(user: User) -> ExamRoom | None:
    """Return the newest exam room of an examiner; earlier ones are over."""
    rooms: QuerySet[ExamRoom] = ExamRoom.objects.filter(examiner=user)
    return rooms.order_by("-pk").first()


def as_examiner(actor: Actor, room: ExamRoom | None, at: datetime) -> Actor:
    """Return an examiner as somebody who may look as far as their room lets them at a moment."""
    assert actor.user_id is not None
    limits = NO_EXAM
    if room is not None and room.is_open(at):
        scopes: frozenset[Scope] = frozenset({Scope.READ})
        limits = ExamLimits(scopes, frozenset(), room.until, frozenset(room.parts))
    return replace(actor, authority=UserAuthority(actor.user_id, limits))


def may_host(actor: Actor) -> bool:
    """Say whether somebody opens and closes exam rooms."""
    return actor.may(HOST)


def rooms_visible_to(actor: Actor) -> QuerySet[ExamRoom]:
    """Return the exam rooms: all for those who open them and for auditors, none for others."""
    rooms: QuerySet[ExamRoom] = ExamRoom.objects.select_related("examiner", "opened_by")
    return rooms if may_host(actor) or actor.may(VIEW_RECORD) else rooms.none()


def models_of(room: ExamRoom) -> QuerySet[RegisteredModel]:
    """Return the models a room grants, deleted ones left aside."""
    models: QuerySet[RegisteredModel] = RegisteredModel.objects.filter(deleted_at=None)
    return models.filter(pk__in=room.granted)


def examiners() -> QuerySet[User]:
    """Return the examiners with an open account."""
    people: QuerySet[User] = User.objects.filter(is_active=True, is_examiner=True)
    return people.order_by("display_name", "pk")
