"""Writes model folders with MLflow itself; run as a program, since MLflow warns and starts up."""

import sys
from pathlib import Path

import mlflow
import mlflow.pyfunc
import mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression


def write(at: Path) -> None:
    """Write three folders: with columns, with a tensor and parameters, and of a function."""
    mlflow.set_tracking_uri(f"sqlite:///{at}/mlflow.db")
    columns = pd.DataFrame({"x": [1.0, 2.0, 3.0], "n": [1, 2, 3]})
    trained = LogisticRegression().fit(columns, [0, 1, 0])
    mlflow.sklearn.save_model(
        trained,
        at / "columns",
        signature=infer_signature(columns, trained.predict(columns)),
        input_example=columns,
        pip_requirements=["scikit-learn==1.7.0", "numpy"],
    )
    tensor = np.array([[1.0, 2.0], [3.0, 4.0]])
    trained = LogisticRegression().fit(tensor, [0, 1])
    mlflow.sklearn.save_model(
        trained,
        at / "tensor",
        signature=infer_signature(tensor, trained.predict_proba(tensor), params={"k": 1}),
        input_example=tensor,
        pip_requirements=["numpy"],
    )
    mlflow.pyfunc.save_model(
        at / "function",
        python_model=lambda model_input: model_input,
        input_example=["a", "b"],
        pip_requirements=["pandas"],
    )


if __name__ == "__main__":
    write(Path(sys.argv[1]))
