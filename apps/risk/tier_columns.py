"""The tier of many models at once, as a column: the same as ``tiers.current`` finds of one."""

from datetime import date
from typing import Any

from django.db.models import Case, F, IntegerField, OuterRef, QuerySet, Subquery, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from apps.catalog.models import RegisteredModel
from apps.risk.models import TierOverride
from apps.risk.tiers import UNASSESSED


def with_tier(models: QuerySet[RegisteredModel], on: date) -> QuerySet[Any]:
    """Add the tier each model is at on a day, 0 where nothing was assessed.

    Tierings and other tiers that were signed write it into the inventory, and nobody else does. One
    whose last day is over counts no more, also before a worker ended it.
    """
    signed = TierOverride.objects.filter(model=OuterRef("pk"), state=TierOverride.State.GRANTED)
    holds = Case(When(ends_on__gte=on, then=F("tier")), default=F("assessed_tier"))
    instead = Subquery(signed.annotate(held=holds).values("held")[:1])
    told = Cast(KeyTextTransform("tier", "sheet__values"), IntegerField())
    return models.annotate(tier=Coalesce(instead, told, UNASSESSED, output_field=IntegerField()))
