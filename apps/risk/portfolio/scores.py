"""In which bands models lie by the scores of their approved tiering.

To read two scores out of a whole result costs more than all else that is counted. An approved
result never changes, so what was read of one once is kept under it, and stays true.
"""

from collections.abc import Mapping

from django.core.cache import cache
from django.db.models import CharField, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from apps.catalog.models import RegisteredModel
from apps.risk.models import Assessment

TIERING = "bank-model-risk-tiering"
"""The questionnaire whose sections are the axes of materiality and complexity."""
AXES = ("materiality", "complexity")
BANDS = (("low", 34.0), ("medium", 67.0), ("high", 101.0))
"""A band ends below its number, of a hundred."""
MOST_SECONDS = 86_400
_KEPT = "portfolio:scores"
Kept = Mapping[tuple[int, str], tuple[str, ...]]
"""The bands of each axis, by the assessment and the moment it was approved."""


def bands(models: QuerySet[RegisteredModel]) -> Mapping[int, tuple[str, ...]]:
    """Return the bands of some models, in two queries at most."""
    tierings = Assessment.objects.filter(
        state=Assessment.State.APPROVED, kind=TIERING, model__in=models.order_by().values("pk")
    )
    tierings = tierings.annotate(moment=Cast("approved_at", CharField())).order_by("pk")
    found = list(tierings.values_list("model_id", "pk", "moment"))
    kept: Kept = cache.get(_KEPT) or {}
    unknown = [pk for _, pk, moment in found if (pk, moment) not in kept]
    if unknown:
        kept = {**kept, **_read(tierings.filter(pk__gte=unknown[0]))}
        cache.set(_KEPT, kept, MOST_SECONDS)
    return {model: kept[pk, moment] for model, pk, moment in found}


def band(pct: str | None) -> str:
    """Return in which band a score lies; nothing of one that is not there."""
    if pct is None:
        return ""
    return next(name for name, end in BANDS if float(pct) < end)


def _read(tierings: QuerySet[Assessment]) -> Kept:
    scores = [KT(f"result__sections__{axis}__pct") for axis in AXES]
    rows = tierings.values_list("pk", "moment", *scores)
    return {(pk, moment): tuple(map(band, pcts)) for pk, moment, *pcts in rows}
