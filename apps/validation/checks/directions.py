"""Which way a metric is better: as recorded with it, or as everybody knows of a few."""

import re
from collections.abc import Iterable

from apps.validation.checks.recorded import Metric

_HIGHER = frozenset(
    """accuracy auc auc_roc auroc average_precision balanced_accuracy f1 gini jaccard kappa mcc
    pr_auc precision r2 recall roc_auc sensitivity specificity true_negative_rate
    true_positive_rate tnr tpr""".split()
)
_LOWER = frozenset(
    """brier brier_loss ece error_rate expected_calibration_error false_negative_rate
    false_positive_rate fnr fpr hamming_loss hinge_loss log_loss logloss loss mae mape max_error
    mean_absolute_error mean_absolute_percentage_error mean_squared_error median_absolute_error
    mse msle rmse rmsle root_mean_squared_error smape wape""".split()
)
_PART = re.compile(r"(train|training|val|valid|validation|test|testing|eval|holdout)[_\-./ ]")
_ENDING = re.compile(r"_(score|macro|micro|weighted|binary)\Z")


def is_higher_better(metrics: Iterable[Metric]) -> bool | None:
    """Return which way metrics of one name are better; nothing when unknown or in dispute."""
    found = list(metrics)
    recorded = {one.higher_is_better for one in found if one.higher_is_better is not None}
    if recorded:
        return recorded.pop() if len(recorded) == 1 else None
    return is_known_higher_better(found[0].key) if found else None


def is_known_higher_better(key: str) -> bool | None:
    """Return which way a well-known metric is better: ``test_roc_auc``, ``f1_score``, ``rmse``."""
    name = key.casefold().replace("-", "_").replace(" ", "_")
    name = _PART.sub("", name, count=1) if _PART.match(name) else name
    while (shorter := _ENDING.sub("", name)) != name:
        name = shorter
    if name in _HIGHER:
        return True
    return False if name in _LOWER else None
