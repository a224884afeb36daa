"""Every module a model of scikit-learn may ask for, imported before the walls close.

Behind them there is no file to import from, which is what keeps a model away from all others.
"""

import importlib
import pkgutil
import warnings
from collections.abc import Iterator
from types import ModuleType

import sklearn

OTHERS = ("cloudpickle", "pandas", "scipy.sparse", "scipy.special", "scipy.stats")
PASSED_OVER = frozenset({"conftest", "experimental", "tests", "_build_utils"})


def load() -> None:
    """Import them; what an installation lacks, a model that asks for it will say."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _import_all(sklearn)
        for name in OTHERS:
            _import(name)


def _import_all(package: ModuleType) -> None:
    for name in _names(package):
        module = _import(name)
        if module is not None and hasattr(module, "__path__"):
            _import_all(module)


def _names(package: ModuleType) -> Iterator[str]:
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if found.name.rpartition(".")[2] not in PASSED_OVER:
            yield found.name


def _import(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
