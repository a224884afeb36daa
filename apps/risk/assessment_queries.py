"""Reads about assessments, always filtered to what the actor may see."""

from django.db.models import Q, QuerySet

from apps.catalog import queries as catalog
from apps.catalog.duties import roles_held
from apps.catalog.models import ExamRoom, RegisteredModel
from apps.core.actors import Actor
from apps.risk import offered
from apps.risk.answering import respondents_of_each
from apps.risk.models import Assessment, AssessmentSignOff

REVIEW = "catalog.sign_off"
MOST_WAITING = 50
"""How many submitted assessments are looked at for one page; the oldest come first."""


def assessments_visible_to(actor: Actor) -> QuerySet[Assessment]:
    """Return the assessments of models the actor may see; none of versions that were deleted."""
    there = Q(version=None) | Q(version__deleted_at=None)
    visible = catalog.models_visible_to(actor, part=ExamRoom.Part.ASSESSMENTS)
    found = Assessment.objects.filter(there, model__in=visible)
    return found.select_related(
        "model", "questionnaire", "version__model", "use_case__model", "started_by", "submitted_by"
    )


def assessments_of(model: RegisteredModel) -> list[Assessment]:
    """Return the assessments of one model, the newest first; given up ones left aside."""
    found = Assessment.objects.filter(model=model).exclude(state=Assessment.State.DROPPED)
    return list(
        found.select_related("questionnaire", "version__model", "use_case", "started_by").order_by(
            "-pk"
        )
    )


def approved_before(assessment: Assessment) -> Assessment | None:
    """Return what was last approved about the same subject before an assessment, or nothing."""
    state = Assessment.State
    found = Assessment.objects.filter(
        model=assessment.model_id,
        kind=assessment.kind,
        version=assessment.version_id,
        use_case=assessment.use_case_id,
        state__in=[state.APPROVED, state.SUPERSEDED],
    ).exclude(pk=assessment.pk)
    if assessment.approved_at is not None:
        found = found.filter(approved_at__lt=assessment.approved_at)
    return found.select_related("questionnaire").order_by("-approved_at", "-pk").first()


def approved_in_place_of(assessment: Assessment) -> Assessment | None:
    """Return what counts now about the subject of a superseded assessment, or nothing."""
    if assessment.state != Assessment.State.SUPERSEDED:
        return None
    found = Assessment.objects.filter(
        model=assessment.model_id,
        kind=assessment.kind,
        version=assessment.version_id,
        use_case=assessment.use_case_id,
        state=Assessment.State.APPROVED,
    )
    return found.first()


def waiting_on(actor: Actor) -> list[Assessment]:
    """Return what a person can review now, the oldest first: in a role still free, and not theirs.

    It takes the same few queries however many there are.
    """
    if actor.user_id is None or not actor.is_person:
        return []
    models = catalog.models_where(actor, REVIEW)
    submitted = assessments_visible_to(actor).filter(
        state=Assessment.State.SUBMITTED, model__in=models
    )
    found = list(
        submitted.prefetch_related("sign_offs").order_by("submitted_at", "pk")[:MOST_WAITING]
    )
    if not found:
        return []
    held = roles_held([actor.user_id], {one.model_id for one in found})
    free = [
        one
        for one in found
        if _has_free_role(one, actor, held.get((actor.user_id, one.model_id), frozenset()))
    ]
    theirs = respondents_of_each([one.pk for one in free])
    return [one for one in free if actor.id not in theirs[one.pk]]


def _has_free_role(assessment: Assessment, actor: Actor, held: frozenset[str]) -> bool:
    given = [one for one in assessment.sign_offs.all() if one.round == assessment.round]
    if actor.user_id in {one.signer_id for one in given}:
        return False
    reviewers = set(offered.asked_of(assessment.questionnaire).reviewers)
    return bool(held & reviewers - {one.role for one in given})


def signed_in_round(assessment: Assessment) -> list[AssessmentSignOff]:
    """Return the signatures of the last submission, in order."""
    signed = assessment.sign_offs.filter(round=assessment.round)
    return list(signed.order_by("pk"))


def last_sent_back(assessment: Assessment) -> AssessmentSignOff | None:
    """Return the signature that sent a draft back, or nothing when its people took it back."""
    send_back = AssessmentSignOff.Decision.SEND_BACK
    found = assessment.sign_offs.filter(round=assessment.round, decision=send_back)
    return found.order_by("-pk").first()
