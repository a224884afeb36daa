"""Measures with 95 % intervals: Wilson's for shares of cases, a seeded bootstrap for the rest."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from apps.console.demo.training.datasets import SEED, Array, Mask, Part
from apps.console.demo.training.facts import Metric

RESAMPLES = 1000
NORMAL_QUANTILE = 1.959964


@dataclass(frozen=True)
class Estimate:
    """A value with the interval that holds the true one in 95 of 100 samples."""

    value: float
    lower: float
    upper: float


class Measure(Protocol):
    """Something that compares answers with the truth."""

    @property
    def key(self) -> str: ...

    @property
    def higher_is_better(self) -> bool: ...

    def estimate(self, truth: Array, answers: Array) -> Estimate | None:
        """The measured value, or nothing where no case counts."""
        ...


@dataclass(frozen=True)
class Share:
    """A share of right answers among the cases that count."""

    key: str
    hits: Callable[[Array, Array], Mask]
    higher_is_better: bool = True

    def estimate(self, truth: Array, answers: Array) -> Estimate | None:
        """The share with Wilson's interval."""
        # A bootstrap of a slice without a single error would claim certainty.
        hits = self.hits(truth, answers)
        if not hits.size:
            return None
        share, weight = float(hits.mean()), NORMAL_QUANTILE**2 / hits.size
        center = (share + weight / 2) / (1 + weight)
        variance = share * (1 - share) / hits.size + weight / hits.size / 4
        reach = NORMAL_QUANTILE * variance**0.5 / (1 + weight)
        # At 0 and 1 the interval ends at the share itself; rounding must not leave it outside.
        return Estimate(share, min(center - reach, share), max(center + reach, share))


@dataclass(frozen=True)
class Statistic:
    """A value computed from all cases together."""

    key: str
    compute: Callable[[Array, Array], float]
    higher_is_better: bool

    def estimate(self, truth: Array, answers: Array) -> Estimate | None:
        """The value with the middle 95 % of its values in resampled cases."""
        cases = len(truth)
        picks = np.random.default_rng(SEED).integers(cases, size=(RESAMPLES, cases))
        spread = [self.compute(truth[pick], answers[pick]) for pick in picks]
        lower, upper = np.quantile(spread, (0.025, 0.975))
        return Estimate(float(self.compute(truth, answers)), float(lower), float(upper))


def measured(
    measures: Iterable[Measure],
    part: Part,
    answers: Array,
    slices: Mapping[str, Mask] | None = None,
) -> tuple[Metric, ...]:
    """Every measure on all rows of a part and on each slice in which a case counts."""
    everything = {"": np.ones(len(part.truth), dtype=bool)}
    found = []
    for measure in measures:
        for name, mask in {**everything, **(slices or {})}.items():
            estimate = measure.estimate(part.truth[mask], answers[mask])
            if estimate is not None:
                found.append(_metric(measure, estimate, part, name))
    return tuple(found)


def series(
    key: str, values: Iterable[float], part: Part, *, higher_is_better: bool, every: int = 1
) -> tuple[Metric, ...]:
    """A training curve: every n-th value at its step, counted from 1, and always the last."""
    points = list(enumerate((float(value) for value in values), start=1))
    kept = [point for point in points if point[0] % every == 0 or point is points[-1]]
    return tuple(
        Metric(key, value, part.reference, higher_is_better=higher_is_better, step=step)
        for step, value in kept
    )


def _metric(measure: Measure, estimate: Estimate, part: Part, name: str) -> Metric:
    return Metric(
        measure.key,
        estimate.value,
        part.reference,
        name,
        estimate.lower,
        estimate.upper,
        measure.higher_is_better,
    )


def _auc(truth: Array, scores: Array) -> float:
    positive, negative = scores[truth == 1], np.sort(scores[truth == 0])
    # The share of pairs ranked rightly; a tie counts half, so both ends of it are averaged.
    below = np.searchsorted(negative, positive, side="left")
    not_above = np.searchsorted(negative, positive, side="right")
    return float((below + not_above).mean() / 2 / len(negative))


def _log_loss(truth: Array, probabilities: Array) -> float:
    given = probabilities[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(given, np.finfo(given.dtype).eps)).mean())


def _r2(truth: Array, answers: Array) -> float:
    return float(1 - ((truth - answers) ** 2).sum() / ((truth - truth.mean()) ** 2).sum())


ACCURACY = Share("accuracy", lambda truth, answers: truth == answers)
RECALL = Share("recall", lambda truth, answers: answers[truth == 1] == 1)
SPECIFICITY = Share("specificity", lambda truth, answers: answers[truth == 0] == 0)

ROC_AUC = Statistic("roc_auc", _auc, higher_is_better=True)
BRIER = Statistic(
    "brier_score", lambda truth, given: float(((truth - given) ** 2).mean()), higher_is_better=False
)
LOG_LOSS = Statistic("log_loss", _log_loss, higher_is_better=False)
R2 = Statistic("r2", _r2, higher_is_better=True)
RMSE = Statistic(
    "rmse", lambda truth, given: float(((truth - given) ** 2).mean() ** 0.5), higher_is_better=False
)
MAE = Statistic(
    "mae", lambda truth, given: float(np.abs(truth - given).mean()), higher_is_better=False
)
