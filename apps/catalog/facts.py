"""What policies read about models and versions."""

from collections import Counter
from collections.abc import Collection, Mapping

from django.db.models import Count, QuerySet

from apps.catalog.models import ModelVersion, RunMetric

Facts = dict[str, object]


def model_facts(version: ModelVersion) -> Facts:
    """Return the facts of a version's model. No tier was assessed yet, so it is 0."""
    model = version.model
    return {
        "id": model.record_id,
        "name": model.name,
        "stage": version.stage,
        "tier": 0,
        "owner_id": model.owner.record_id,
        "owner_active": model.owner.is_active,
        "intended_use": model.intended_use,
    }


def version_facts(version: ModelVersion, *, metrics_with_dataset: int) -> Facts:
    """Return the facts of a version."""
    return {
        "id": version.record_id,
        "number": str(version.number),
        "digest": version.content_digest,
        "metrics_with_dataset": metrics_with_dataset,
        "contributors": list(version.contributors),
    }


def metrics_with_dataset(versions: Collection[ModelVersion]) -> Mapping[int, int]:
    """Return how many metrics on a named dataset each version's run measured, in one query."""
    counts = dict(
        RunMetric.objects.filter(run__in={version.run_id for version in versions if version.run_id})
        .exclude(dataset="")
        .values_list("run_id")
        .annotate(Count("pk"))
    )
    return Counter({version.pk: counts.get(version.run_id, 0) for version in versions})


def final_metrics(run_ids: Collection[int]) -> QuerySet[RunMetric]:
    """Return what some runs measured at the last step of every series."""
    return RunMetric.objects.filter(run__in=run_ids, is_last=True)
