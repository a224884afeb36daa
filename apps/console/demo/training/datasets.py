"""The datasets of scikit-learn, split once into rows to train on and rows held out."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_wine,
)
from sklearn.model_selection import train_test_split

Array = NDArray[Any]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

SEED = 2026
HOLDOUT_SHARE = 0.3
DIABETES_COLUMNS = (
    "age",
    "sex",
    "body_mass_index",
    "blood_pressure",
    "total_cholesterol",
    "ldl",
    "hdl",
    "cholesterol_ratio",
    "log_triglycerides",
    "blood_sugar",
)


@dataclass(frozen=True)
class Part:
    """Some rows of a dataset, named by a reference that holds the digest of their bytes."""

    reference: str
    features: Floats
    truth: Array


@dataclass(frozen=True)
class Dataset:
    """A dataset in two parts that share no row."""

    columns: tuple[str, ...]
    training: Part
    holdout: Part

    def held_out(self, column: str) -> Floats:
        """One column of the holdout rows."""
        return self.holdout.features[:, self.columns.index(column)]


def breast_cancer() -> Dataset:
    """Cell nucleus measurements; the truth is 1 for malignant and 0 for benign."""
    bunch = load_breast_cancer()
    columns = tuple(name.replace(" ", "_") for name in bunch.feature_names)
    return _split("breast_cancer", columns, bunch.data, 1 - bunch.target, by_class=True)


def diabetes() -> Dataset:
    """Ten baseline measurements in their own units; the truth is progression after one year."""
    bunch = load_diabetes(scaled=False)
    return _split("diabetes", DIABETES_COLUMNS, bunch.data, bunch.target, by_class=False)


def digits() -> Dataset:
    """Handwritten digits of 8 × 8 pixels with 17 gray levels."""
    bunch = load_digits()
    columns = tuple(bunch.feature_names)
    return _split("digits", columns, bunch.data, bunch.target, by_class=True)


def wine() -> Dataset:
    """Laboratory analyses of wines from three cultivars."""
    bunch = load_wine()
    columns = tuple(name.replace("/", "_") for name in bunch.feature_names)
    return _split("wine", columns, bunch.data, bunch.target, by_class=True)


def iris() -> Dataset:
    """Sepal and petal sizes of three kinds of iris."""
    bunch = load_iris()
    columns = tuple(name.removesuffix(" (cm)").replace(" ", "_") for name in bunch.feature_names)
    return _split("iris", columns, bunch.data, bunch.target, by_class=True)


def bands(values: Floats, edges: Mapping[str, tuple[float, float]]) -> dict[str, Mask]:
    """Which values fall in each named band, its lower edge included and its upper edge not."""
    return {name: (values >= low) & (values < high) for name, (low, high) in edges.items()}


def groups(values: Array, names: Mapping[int, str]) -> dict[str, Mask]:
    """Which values equal each named code."""
    return {name: values == code for code, name in names.items()}


def _split(
    name: str, columns: tuple[str, ...], features: Array, truth: Array, *, by_class: bool
) -> Dataset:
    rows, held_out = train_test_split(
        np.arange(len(truth)),
        test_size=HOLDOUT_SHARE,
        random_state=SEED,
        stratify=truth if by_class else None,
    )
    return Dataset(
        columns,
        _part(f"sklearn/{name}/training", features[rows], truth[rows]),
        _part(f"sklearn/{name}/holdout", features[held_out], truth[held_out]),
    )


def _part(name: str, features: Array, truth: Array) -> Part:
    # Byte order is fixed, so the same rows have the same digest on every machine.
    content = features.astype("<f8").tobytes() + truth.astype("<f8").tobytes()
    return Part(f"{name}@sha256:{hashlib.sha256(content).hexdigest()}", features, truth)
