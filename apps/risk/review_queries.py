"""Reads about reviews and attestations, filtered to what the actor may see."""

from django.db.models import QuerySet

from apps.catalog import queries as catalog
from apps.catalog.models import ExamRoom, RegisteredModel
from apps.core.actors import Actor
from apps.risk.models import Finding, OwnerAttestation, Review


def reviews_visible_to(actor: Actor) -> QuerySet[Review]:
    """Return the reviews of the models an actor may see."""
    visible = catalog.models_visible_to(actor, part=ExamRoom.Part.FINDINGS)
    found: QuerySet[Review] = Review.objects.filter(model__in=visible.values("pk"))
    return found.select_related("model__owner", "planned_by", "done_by")


def reviews_of(model: RegisteredModel) -> QuerySet[Review]:
    """Return the reviews of one model, the newest first."""
    found: QuerySet[Review] = Review.objects.filter(model=model)
    return found.select_related("model", "planned_by", "done_by").order_by("-pk")


def attestations_of(model: RegisteredModel) -> QuerySet[OwnerAttestation]:
    """Return the attestations of one model without what was attested, the newest first."""
    found: QuerySet[OwnerAttestation] = OwnerAttestation.objects.filter(model=model)
    return found.defer("snapshot").order_by("-signed_at", "-pk")


def findings_raised(reviews: list[Review]) -> dict[int, Finding]:
    """Return the findings that reviews raised by their ids, in one query."""
    ids = {pk for review in reviews for pk in review.finding_ids}
    return Finding.objects.select_related("model").in_bulk(ids)
