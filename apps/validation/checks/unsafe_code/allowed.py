"""Which globals a model file may name, as data: what is not listed here is a problem.

Trusted means: called with anything, kept and called later with anything, it does not run code that
the file brings along, and it neither opens nor imports anything. So nothing is listed that looks
attributes or modules up by name, applies a function it is given to text, or reads files.
"""

import re
from enum import Enum, auto

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
    "pandas._libs.arrays": "__pyx_unpickle_NDArrayBacked",
    "pandas._libs.internals": "_unpickle_block",
    "pandas._libs.tslibs.timestamps": "_unpickle_timestamp",
    "pandas.core.indexes.base": "_new_Index Index",
    "torch": "Size device",
    "torch._utils": (
        "_rebuild_parameter _rebuild_qtensor _rebuild_sparse_tensor _rebuild_tensor "
        "_rebuild_tensor_v2"
    ),
} | SKLEARN_CALLED

KEPT: dict[str, str] = {
    "joblib.numpy_pickle": "NumpyArrayWrapper",
    "scipy.interpolate._bsplines": "BSpline",
    "scipy._lib.array_api_compat.numpy._aliases": "asarray",
    "scipy.sparse": " ".join(
        f"{kind}_{form}"
        for kind in ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")
        for form in ("matrix", "array")
    ),
    **{
        f"scipy.sparse.{module}": f"{kind}_matrix {kind}_array"
        for kind in ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")
        for module in (kind, f"_{kind}")
    },
    "lightgbm.basic": "Booster",
    "lightgbm.sklearn": "LGBMClassifier LGBMModel LGBMRanker LGBMRegressor",
    "xgboost.core": "Booster",
    "xgboost.sklearn": (
        "XGBClassifier XGBModel XGBRFClassifier XGBRFRegressor XGBRanker XGBRegressor"
    ),
    "torch": (
        "BFloat16Storage BoolStorage ByteStorage CharStorage DoubleStorage FloatStorage "
        "HalfStorage IntStorage LongStorage ShortStorage bfloat16 bool float16 float32 float64 "
        "int8 int16 int32 int64 uint8"
    ),
    "torch.storage": "TypedStorage UntypedStorage",
    "numpy": _NUMPY_FUNCTIONS,
    "numpy.core._multiarray_umath": _NUMPY_FUNCTIONS,
    "numpy._core._multiarray_umath": _NUMPY_FUNCTIONS,
    "pandas": "DataFrame Series",
    "pandas.core.arrays.categorical": "Categorical",
    "pandas.core.arrays.datetimes": "DatetimeArray",
    "pandas.core.arrays.timedeltas": "TimedeltaArray",
    "pandas.core.dtypes.dtypes": "CategoricalDtype DatetimeTZDtype",
    "pandas.core.frame": "DataFrame",
    "pandas.core.indexes.category": "CategoricalIndex",
    "pandas.core.indexes.datetimes": "DatetimeIndex",
    "pandas.core.indexes.multi": "MultiIndex",
    "pandas.core.indexes.numeric": "Float64Index Int64Index UInt64Index",
    "pandas.core.indexes.range": "RangeIndex",
    "pandas.core.internals.managers": "BlockManager SingleBlockManager",
    "pandas.core.series": "Series",
} | SKLEARN_KEPT

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
_CLASS_NAME = re.compile(r"_*[A-Z][A-Za-z0-9]*")
_CYTHON_UNPICKLE = re.compile(r"__pyx_unpickle_[A-Z][A-Za-z0-9]*")


def trust(module: str, name: str) -> Trust | None:
    """Return how far a global is trusted, or nothing when it is not."""
    if name in _CALLED.get(module, ()):
        return Trust.CALL
    if name in _KEPT.get(module, ()):
        return Trust.KEEP
    return _trust_in_sklearn(module, name) if SKLEARN_MODULE.fullmatch(module) else None


def is_dangerous(module: str) -> bool:
    """Say whether a module is known for being used to run code."""
    return module in DANGEROUS or module.split(".", maxsplit=1)[0] in DANGEROUS


def _trust_in_sklearn(module: str, name: str) -> Trust | None:
    if _CYTHON_UNPICKLE.fullmatch(name):
        return Trust.CALL
    if not _CLASS_NAME.fullmatch(name) or name in SKLEARN_FOREIGN:
        return None
    return Trust.CALL if module in SKLEARN_CYTHON else Trust.KEEP
