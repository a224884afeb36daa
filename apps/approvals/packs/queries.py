"""Reads of evidence packs: only those of which a reader may see every model."""

from django.db.models import QuerySet

from apps.approvals.models import EvidencePack, PackOf
from apps.catalog import queries as catalog
from apps.catalog.models import ExamRoom
from apps.core.actors import Actor


def packs_visible_to(actor: Actor) -> QuerySet[EvidencePack]:
    """Return the packs whose models the actor may see, all of them; what they show is known."""
    visible = catalog.models_visible_to(actor, part=ExamRoom.Part.PACKS)
    hidden = PackOf.objects.exclude(model__in=visible.values("pk"))
    found: QuerySet[EvidencePack] = EvidencePack.objects.exclude(pk__in=hidden.values("pack"))
    return found.select_related("ordered_by", "work")


def still_waiting(packs: QuerySet[EvidencePack]) -> QuerySet[EvidencePack]:
    """Keep the packs nobody has made yet."""
    return packs.filter(state=EvidencePack.State.WAITING)
