"""What common libraries export as ONNX, and exporters that repeat themselves, are well formed."""

from typing import Any

import numpy as np
import pytest
from onnx import ModelProto
from skl2onnx import to_onnx
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from tests.validation.checks.onnx_models import linear
from tests.validation.checks.sound_files import looked_at
from tests.validation.checks.stored import codes, scanned

RANDOM = np.random.default_rng(5)
X = RANDOM.uniform(1, 2, (60, 3))
Y = (X[:, 0] > 1.5).astype(int)

ESTIMATORS: list[Any] = [
    LogisticRegression(),
    Ridge(),
    RandomForestClassifier(5, max_depth=3),
    RandomForestRegressor(5, max_depth=3),
    GradientBoostingClassifier(n_estimators=3),
    GradientBoostingRegressor(n_estimators=3),
    KNeighborsClassifier(),
    SVC(),
    SVR(),
    MLPClassifier((3,), max_iter=3, solver="lbfgs", max_fun=9, tol=1e9),
    make_pipeline(StandardScaler(), LogisticRegression()),
]


@pytest.mark.filterwarnings("ignore")
def test_what_sklearn_models_become_as_onnx_passes() -> None:
    for estimator in ESTIMATORS:
        data = to_onnx(estimator.fit(X, Y), X[:1].astype(np.float32)).SerializeToString()

        assert codes(scanned(data, "model.onnx")) == set(), estimator
        assert codes(looked_at("model.onnx", data)) == set(), estimator


def test_operations_may_be_named_twice_in_one_version_and_never_in_two() -> None:
    model = ModelProto.FromString(linear())
    again = model.opset_import.add()
    again.CopyFrom(model.opset_import[0])
    assert codes(looked_at("model.onnx", model.SerializeToString())) == set()

    again.version += 1
    outcome = looked_at("model.onnx", model.SerializeToString())
    assert codes(outcome) == {"damaged"}
    assert "in two versions" in outcome.problems[0].text
