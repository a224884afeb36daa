"""Which globals a model file may name, as data: what is not listed here is a problem.

Trusted means: called with anything, kept and called later with anything, it does not run code that
the file brings along, and it neither opens nor imports anything. So nothing is listed that looks
attributes or modules up by name, applies a function it is given to text, or reads files.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from apps.validation.checks.unsafe_code.allowed_libraries import (
    LIBRARIES_CALLED,
    LIBRARIES_KEPT,
    OWN_CLASSES,
    OWN_FOREIGN,
)
from apps.validation.checks.unsafe_code.allowed_sklearn import (
    SKLEARN_CALLED,
    SKLEARN_CYTHON,
    SKLEARN_FOREIGN,
    SKLEARN_KEPT,
    SKLEARN_MODULE,
)


class Trust(Enum):
    """How far a global is trusted."""

    CALL = auto()
    """It may be called with whatever the file gives it."""
    KEEP = auto()
    """It may be kept as a value or, a class, instantiated empty and given a state; not called."""


_NUMPY_TYPES = (
    "bool_ bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 intc uintc longlong ulonglong "
    "float16 float32 float64 longdouble complex64 complex128 str_ bytes_ void datetime64 "
    "timedelta64 object_"
)
_NUMPY_FUNCTIONS = (
    "abs absolute add amax amin arcsinh arctan asinh cbrt ceil clip cos divide exp exp2 expm1 "
    "fabs floor hypot log log10 log1p log2 max maximum mean median min minimum multiply nan_to_num "
    "negative power reciprocal rint round sign sin sqrt square std subtract sum tan tanh "
    "true_divide var"
)
_MULTIARRAY = "_reconstruct scalar"

CALLED: dict[str, str] = {
    "builtins": (
        "bool bytearray bytes complex dict float frozenset int list object range set slice str "
        "tuple"
    ),
    "_codecs": "encode",
    "copyreg": "_reconstructor __newobj__ __newobj_ex__",
    "collections": "Counter OrderedDict defaultdict deque",
    "datetime": "date datetime time timedelta timezone",
    "decimal": "Decimal",
    "fractions": "Fraction",
    "uuid": "UUID",
    "numpy": f"{_NUMPY_TYPES} dtype ndarray matrix recarray",
    "numpy.core.multiarray": _MULTIARRAY,
    "numpy._core.multiarray": _MULTIARRAY,
    "numpy.core.numeric": "_frombuffer",
    "numpy._core.numeric": "_frombuffer",
    "numpy._core._internal": "_convert_to_stringdtype_kwargs",
    "numpy.core.records": "recarray record",
    "numpy.rec": "recarray record",
    "numpy.ma": "MaskedArray",
    "numpy.ma.core": "MaskedArray _mareconstruct",
    "numpy.matrixlib.defmatrix": "matrix",
    "numpy.random": "Generator RandomState MT19937 PCG64 PCG64DXSM Philox SFC64 SeedSequence",
    "numpy.random._generator": "Generator",
    "numpy.random.mtrand": "RandomState",
    "numpy.random._pickle": "__bit_generator_ctor __generator_ctor __randomstate_ctor",
    "numpy.random._mt19937": "MT19937",
    "numpy.random._pcg64": "PCG64 PCG64DXSM",
    "numpy.random._philox": "Philox",
    "numpy.random._sfc64": "SFC64",
    "numpy.random.bit_generator": "SeedSequence __pyx_unpickle_SeedSequence",
    **SKLEARN_CALLED,
    **LIBRARIES_CALLED,
}

KEPT: dict[str, str] = {
    "joblib.numpy_pickle": "NumpyArrayWrapper",
    "scipy._lib.array_api_compat.numpy._aliases": "asarray",
    "numpy.core._multiarray_umath": _NUMPY_FUNCTIONS,
    "numpy._core._multiarray_umath": _NUMPY_FUNCTIONS,
    "numpy": f"{_NUMPY_FUNCTIONS} poly1d record",
    "numpy.lib.polynomial": "poly1d",
    "numpy.lib._polynomial_impl": "poly1d",
    **{
        f"numpy.polynomial.{module}": name
        for module, name in {
            "chebyshev": "Chebyshev",
            "hermite": "Hermite",
            "hermite_e": "HermiteE",
            "laguerre": "Laguerre",
            "legendre": "Legendre",
            "polynomial": "Polynomial",
        }.items()
    },
    **SKLEARN_KEPT,
    **LIBRARIES_KEPT,
}

DANGEROUS = frozenset(
    (
        "asyncio bdb __builtin__ builtins cloudpickle code codeop commands cProfile ctypes "
        "dill distutils doctest ftplib functools http idlelib imp importlib inspect _io io "
        "joblib lib2to3 linecache logging marshal mmap multiprocessing nt _operator operator "
        "os pathlib pdb pickle _pickle pip pkgutil platform popen2 posix _posixsubprocess "
        "profile pty pydoc requests runpy setuptools shelve shutil signal site smtplib socket "
        "socketserver sqlite3 ssl subprocess sys tempfile threading timeit trace types urllib "
        "urllib2 venv webbrowser _winapi xmlrpc zipimport"
    ).split()
)
"""Top-level modules through which files are known to run code; naming one is critical."""

_CALLED = {module: frozenset(names.split()) for module, names in CALLED.items()}
_KEPT = {module: frozenset(names.split()) for module, names in KEPT.items()}
NUMPY_NAMES = frozenset[str]().union(
    *(names for module, names in _CALLED.items() if module.split(".", maxsplit=1)[0] == "numpy")
)
_FOREIGN = SKLEARN_FOREIGN | OWN_FOREIGN
_CLASS_NAME = re.compile(r"_*[A-Z][A-Za-z0-9]*")
_CYTHON_UNPICKLE = re.compile(r"__pyx_unpickle_[A-Z][A-Za-z0-9]*")


def trust(module: str, name: str) -> Trust | None:
    """Return how far a global is trusted, or nothing when it is not."""
    if name in _CALLED.get(module, ()):
        return Trust.CALL
    if name in _KEPT.get(module, ()):
        return Trust.KEEP
    if SKLEARN_MODULE.fullmatch(module):
        return _trust_in_sklearn(module, name)
    is_own = _CLASS_NAME.fullmatch(name) and OWN_CLASSES.fullmatch(module)
    return Trust.KEEP if is_own and name not in _FOREIGN else None


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a model file may name: the list above, and what an organization adds to it."""

    more: tuple[str, ...] = ()
    """``module.name``, which may also be called; ``module.*``, whose classes may be kept."""

    def trust(self, module: str, name: str) -> Trust | None:
        """Return how far a global is trusted, or nothing when it is not."""
        found = trust(module, name)
        if found is Trust.CALL or not self.more:
            return found
        if f"{module}.{name}" in self.more:
            return Trust.CALL
        is_added = _CLASS_NAME.fullmatch(name) and any(
            module == added[:-2] or module.startswith(added[:-1])
            for added in self.more
            if added.endswith(".*")
        )
        return Trust.KEEP if is_added else found


LISTED = Allowed()
"""The list alone, for an organization that adds nothing."""


def is_dangerous(module: str) -> bool:
    """Say whether a module is known for being used to run code."""
    return module in DANGEROUS or module.split(".", maxsplit=1)[0] in DANGEROUS


def _trust_in_sklearn(module: str, name: str) -> Trust | None:
    if _CYTHON_UNPICKLE.fullmatch(name):
        return Trust.CALL
    if not _CLASS_NAME.fullmatch(name) or name in SKLEARN_FOREIGN:
        return None
    return Trust.CALL if module in SKLEARN_CYTHON else Trust.KEEP
