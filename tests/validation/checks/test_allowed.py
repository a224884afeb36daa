"""The list of trusted globals, held against the libraries that are installed."""

import importlib
import pkgutil
import warnings
from collections.abc import Iterator

import pytest
import sklearn

from apps.validation.checks.unsafe_code.allowed import (
    CALLED,
    KEPT,
    Trust,
    is_dangerous,
    trust,
)
from apps.validation.checks.unsafe_code.allowed_sklearn import SKLEARN_MODULE


def sklearn_modules() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [module.name for module in pkgutil.walk_packages(sklearn.__path__, "sklearn.")]
    yield from filter(SKLEARN_MODULE.fullmatch, found)


def test_no_class_from_elsewhere_slips_in_through_scikit_learn() -> None:
    """Packages import classes of others; those must not count as scikit-learn's own."""
    modules = list(sklearn_modules())
    slipped = {
        f"{found.__module__}.{name}"
        for module in modules
        for name, found in vars(importlib.import_module(module)).items()
        if trust(module, name) and callable(found)
        if not getattr(found, "__module__", "").startswith(("sklearn.", "_cyutility"))
    }

    assert len(modules) > 100
    assert slipped == set()


def test_nothing_of_scikit_learn_s_tests_or_tools_is_trusted() -> None:
    for module in (
        "sklearn.tests.test_base",
        "sklearn.linear_model.tests.test_logistic",
        "sklearn.externals._arff",
        "sklearn.utils._testing",
        "sklearn.datasets._base",
        "sklearn.callback._transport",
        "sklearn.conftest",
        "sklearnx.linear_model",
        "sklearn.linear_model.",
        "sklearn",
    ):
        assert trust(module, "Anything") is None


@pytest.mark.parametrize(
    ("module", "name", "expected"),
    [
        ("sklearn.linear_model._logistic", "LogisticRegression", Trust.KEEP),
        ("sklearn.tree._tree", "Tree", Trust.CALL),
        ("sklearn._loss._loss", "__pyx_unpickle_CyHalfMultinomialLoss", Trust.CALL),
        ("sklearn.linear_model._base", "safe_sparse_dot", None),
        ("sklearn.pipeline", "Parallel", None),
        ("sklearn.pipeline", "Pipeline.fit", None),
        ("collections", "OrderedDict", Trust.CALL),
        ("joblib.numpy_pickle", "NumpyArrayWrapper", Trust.KEEP),
        ("joblib.numpy_pickle_compat", "NDArrayWrapper", None),
        ("numpy", "load", None),
        ("torch.storage", "_load_from_bytes", None),
        ("builtins", "eval", None),
        ("builtins", "getattr", None),
        ("builtins", "type", None),
        ("scipy.stats._distn_infrastructure", "rv_continuous_frozen", None),
    ],
)
def test_a_global_is_trusted_as_far_as_the_list_says(
    module: str, name: str, expected: Trust | None
) -> None:
    assert trust(module, name) is expected


def test_what_is_listed_exists_where_the_library_is_installed() -> None:
    """A slip of the pen in the list would trust a name that somebody else may take."""
    missing = []
    for module in ("builtins", "_codecs", "collections", "copyreg", "datetime", "numpy.random"):
        found = importlib.import_module(module)
        missing += [name for name in CALLED[module].split() if not hasattr(found, name)]

    assert missing == []


def test_no_module_is_both_trusted_to_be_called_and_kept_by_the_same_name() -> None:
    for module in CALLED.keys() & KEPT.keys():
        assert not set(CALLED[module].split()) & set(KEPT[module].split())


def test_dangerous_modules_are_known_with_their_parts() -> None:
    assert is_dangerous("os")
    assert is_dangerous("multiprocessing.util")
    assert not is_dangerous("osmium")
