"""What was judged of models at a past moment, from history: their tiers and open findings."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from apps.audit import past
from apps.risk import tiers
from apps.risk.models import Assessment, Finding, TierOverride
from apps.risk.tiers import CurrentTier


def tiers_at(model_ids: Collection[int], at: datetime) -> Mapping[int, CurrentTier]:
    """Return at which tier each model was, in two queries."""
    within = Q(model_id__in=model_ids)
    approved, granted = Assessment.State.APPROVED, TierOverride.State.GRANTED
    assessments: dict[int, list[Assessment]] = defaultdict(list)
    for assessment in past.as_they_were(Assessment, at, within, Q(state=approved)):
        assessments[assessment.model_id].append(assessment)
    overrides: dict[int, list[TierOverride]] = defaultdict(list)
    for override in past.as_they_were(TierOverride, at, within, Q(state=granted)):
        overrides[override.model_id].append(override)
    return {pk: tiers.current(assessments[pk], overrides[pk], at) for pk in model_ids}


def open_findings_at(model_ids: Collection[int], at: datetime) -> Mapping[int, Sequence[Finding]]:
    """Return the findings of each model that were open, the first due first, in one query."""
    within, such = Q(model_id__in=model_ids), Q(state__in=Finding.UNSETTLED)
    found: dict[int, list[Finding]] = defaultdict(list)
    for finding in past.as_they_were(Finding, at, within, such):
        found[finding.model_id].append(finding)
    for rows in found.values():
        rows.sort(key=lambda one: (one.due, one.pk))
    return found


def maybe_retiered(after: datetime, until: datetime) -> frozenset[int]:
    """Return the ids of the models whose tier may not be the same at two moments."""
    days = Q(ends_on__gte=after.date(), ends_on__lt=until.date())
    ran_out = TierOverride.history.filter(days).order_by().values_list("model_id", flat=True)
    return (
        past.touched(Assessment, "model_id", after, until)
        | past.touched(TierOverride, "model_id", after, until)
        | frozenset(ran_out.distinct())
    )
