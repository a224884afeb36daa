"""Reads about questionnaires, filtered to what the actor may see: drafts are not for everybody."""

from django.db.models import Q, QuerySet

from apps.core.actors import Actor
from apps.risk.models import QuestionnaireVersion

WRITE, SIGN = "catalog.write_questionnaires", "catalog.sign_questionnaires"
VIEW_RECORD = "audit.view_record"
State = QuestionnaireVersion.State


def may_see_drafts(actor: Actor) -> bool:
    """Say whether an actor writes or signs questionnaires, or audits them."""
    return any(actor.may(permission) for permission in (WRITE, SIGN, VIEW_RECORD))


def questionnaires_visible_to(actor: Actor) -> QuerySet[QuestionnaireVersion]:
    """Return the versions that are or were asked, and drafts for those who may see them."""
    seen = Q() if may_see_drafts(actor) else Q(state__in=QuestionnaireVersion.ASKED)
    found: QuerySet[QuestionnaireVersion] = QuestionnaireVersion.objects.filter(seen)
    return found.select_related("author", "based_on")


def before(version: QuestionnaireVersion) -> QuestionnaireVersion | None:
    """Return the version of the same questionnaire that one is held against: the last one asked."""
    earlier = QuestionnaireVersion.objects.filter(
        questionnaire_id=version.questionnaire_id, state__in=QuestionnaireVersion.ASKED
    ).exclude(pk=version.pk)
    if version.published_at is not None:
        earlier = earlier.filter(published_at__lt=version.published_at)
    found: QuestionnaireVersion | None = earlier.order_by("-published_at", "-pk").first()
    return found


def asked_before(questionnaire_id: str) -> QuerySet[QuestionnaireVersion]:
    """Return every version of a questionnaire that was ever asked, the oldest first."""
    found: QuerySet[QuestionnaireVersion] = QuestionnaireVersion.objects.filter(
        questionnaire_id=questionnaire_id, state__in=QuestionnaireVersion.ASKED
    )
    return found.order_by("published_at", "pk")
