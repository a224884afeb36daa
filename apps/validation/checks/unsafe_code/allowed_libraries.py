"""Which globals of SciPy, pandas, statsmodels, PyTorch and the boosting libraries a file may name.

Read off from what these libraries export by default, in old and new releases. Left out on purpose:
SciPy's distributions, which run generated source code when they are given a state; what calls or
sets anything it is given; functions that open files or evaluate texts. Statsmodels evaluates the
formula of a model as Python when it is loaded, so that formulas are read too.
"""

import re

_SPARSE = ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")
_INDEXES = (
    "CategoricalIndex DatetimeIndex Index IntervalIndex MultiIndex PeriodIndex RangeIndex "
    "TimedeltaIndex"
)
_EXTENSION_TYPES = (
    "BooleanDtype CategoricalDtype DatetimeTZDtype Float32Dtype Float64Dtype Int16Dtype "
    "Int32Dtype Int64Dtype Int8Dtype IntervalDtype PeriodDtype SparseDtype StringDtype "
    "UInt16Dtype UInt32Dtype UInt64Dtype UInt8Dtype"
)
_EXTENSION_ARRAYS = (
    "ArrowStringArray BooleanArray Categorical DatetimeArray FloatingArray IntegerArray "
    "IntervalArray NumpyExtensionArray PandasArray PeriodArray SparseArray StringArray "
    "TimedeltaArray"
)
_OFFSETS = (
    "BDay BusinessDay BusinessMonthBegin BusinessMonthEnd DateOffset Day Hour Micro Milli Minute "
    "MonthBegin MonthEnd Nano QuarterBegin QuarterEnd Second Week YearBegin YearEnd"
)
_LETTERS = "cdsz"
_KALMAN = {
    "_initialization": "Initialization",
    "_kalman_filter": "KalmanFilter",
    "_kalman_smoother": "KalmanSmoother",
    "_representation": "Statespace",
    "_simulation_smoother": "SimulationSmoother",
}
_TORCH_STORAGES = (
    "BFloat16 Bool Byte Char ComplexDouble ComplexFloat Double Float Half Int Long QInt32 QInt8 "
    "QUInt2x4 QUInt4x2 QUInt8 Short"
)
_TORCH_TYPES = (
    "bfloat16 bool complex128 complex32 complex64 double float float16 float32 float64 "
    "float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz half int int16 int32 int64 int8 "
    "long qint32 qint8 quint2x4 quint4x2 quint8 short uint16 uint32 uint64 uint8"
)
_TORCH_SETTINGS = (
    "channels_last contiguous_format per_channel_affine per_tensor_affine preserve_format strided"
)
_TORCH_FUNCTIONS = (
    "celu elu gelu glu hardsigmoid hardswish hardtanh leaky_relu log_softmax logsigmoid mish relu "
    "relu6 selu sigmoid silu softmax softplus softsign tanh"
)

LIBRARIES_CALLED: dict[str, str] = {
    "pandas": f"{_EXTENSION_TYPES} {_INDEXES} Interval NA Period Timedelta Timestamp",
    "pandas._libs.arrays": "__pyx_unpickle_NDArrayBacked",
    "pandas._libs.internals": "_unpickle_block",
    "pandas._libs.interval": "Interval __pyx_unpickle_IntervalMixin",
    "pandas._libs.missing": "NA NAType",
    "pandas._libs.sparse": "BlockIndex IntIndex",
    "pandas._libs.tslibs.nattype": "_nat_unpickle",
    "pandas._libs.tslibs.offsets": _OFFSETS,
    "pandas._libs.tslibs.period": "Period",
    "pandas._libs.tslibs.timedeltas": "Timedelta _timedelta_unpickle",
    "pandas._libs.tslibs.timestamps": "Timestamp _unpickle_timestamp",
    "pandas.core.arrays.boolean": "BooleanDtype",
    "pandas.core.arrays.floating": "Float32Dtype Float64Dtype",
    "pandas.core.arrays.integer": _EXTENSION_TYPES,
    "pandas.core.arrays.string_": "StringDtype",
    "pandas.core.dtypes.dtypes": _EXTENSION_TYPES,
    "pandas.core.indexes.base": "_new_Index Index",
    "pandas.core.indexes.datetimes": "_new_DatetimeIndex",
    "pandas.core.indexes.period": "_new_PeriodIndex",
    "pandas.core.internals.managers": "BlockManager SingleBlockManager",
    "pyarrow.lib": "_restore_array py_buffer type_for_alias",
    "scipy.optimize": "OptimizeResult",
    "scipy.optimize._optimize": "OptimizeResult",
    "scipy.spatial._ckdtree": "cKDTree",
    "scipy.spatial.transform._rotation": "Rotation",
    "statsmodels.tsa.statespace.initialization": "Initialization",
    **{
        f"statsmodels.tsa.statespace.{module}": " ".join(f"{letter}{name}" for letter in _LETTERS)
        for module, name in _KALMAN.items()
    },
    "torch": "Size Tensor device",
    "torch._utils": (
        "_rebuild_device_tensor_from_numpy _rebuild_parameter _rebuild_qtensor "
        "_rebuild_sparse_tensor _rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3"
    ),
    "torch.nn.parameter": "Buffer Parameter",
    "torch.serialization": "_get_layout",
    "types": "SimpleNamespace",
}

LIBRARIES_KEPT: dict[str, str] = {
    "catboost.core": "CatBoost CatBoostClassifier CatBoostRanker CatBoostRegressor",
    "lightgbm.basic": "Booster",
    "lightgbm.sklearn": "LGBMClassifier LGBMModel LGBMRanker LGBMRegressor",
    "pandas": f"{_EXTENSION_ARRAYS} DataFrame Series",
    "pandas.arrays": _EXTENSION_ARRAYS,
    **{
        f"pandas.core.arrays.{module}": _EXTENSION_ARRAYS
        for module in (
            "categorical datetimes interval numpy_ period sparse.array string_arrow timedeltas"
        ).split()
    },
    "pandas.core.arrays.boolean": "BooleanArray",
    "pandas.core.arrays.floating": "FloatingArray",
    "pandas.core.arrays.integer": "IntegerArray",
    "pandas.core.arrays.string_": "StringArray",
    "pandas.core.flags": "Flags",
    "pandas.core.frame": "DataFrame",
    "pandas.core.indexes.category": _INDEXES,
    "pandas.core.indexes.datetimes": _INDEXES,
    "pandas.core.indexes.interval": _INDEXES,
    "pandas.core.indexes.multi": _INDEXES,
    "pandas.core.indexes.numeric": "Float64Index Int64Index UInt64Index",
    "pandas.core.indexes.period": _INDEXES,
    "pandas.core.indexes.range": _INDEXES,
    "pandas.core.indexes.timedeltas": _INDEXES,
    "pandas.core.series": "Series",
    "scipy.interpolate._bsplines": "BSpline",
    "scipy.interpolate._cubic": (
        "Akima1DInterpolator CubicHermiteSpline CubicSpline PchipInterpolator"
    ),
    "scipy.interpolate._interpnd": "CloughTocher2DInterpolator LinearNDInterpolator",
    "scipy.interpolate._interpolate": (
        "BPoly NdPPoly PPoly interp1d interp1d._call_linear interp1d._call_linear_np "
        "interp1d._call_nan_spline interp1d._call_nearest interp1d._call_previousnext "
        "interp1d._call_spline"
    ),
    "scipy.interpolate._ndgriddata": "NearestNDInterpolator",
    "scipy.interpolate._rbfinterp": "RBFInterpolator",
    "scipy.interpolate._rgi": "RegularGridInterpolator",
    "scipy.interpolate.interpnd": "CloughTocher2DInterpolator LinearNDInterpolator",
    "scipy.optimize._lbfgsb_py": "LbfgsInvHessProduct",
    "scipy.sparse": " ".join(f"{kind}_{form}" for kind in _SPARSE for form in ("matrix", "array")),
    **{
        f"scipy.sparse.{module}": f"{kind}_matrix {kind}_array"
        for kind in _SPARSE
        for module in (kind, f"_{kind}")
    },
    "scipy.spatial._kdtree": "KDTree",
    "scipy.spatial._qhull": "ConvexHull Delaunay Voronoi",
    "scipy.stats._covariance": "CovViaCholesky CovViaDiagonal CovViaEigendecomposition CovViaPSD",
    "scipy.stats._kde": "gaussian_kde",
    "scipy.stats._multivariate": "_PSD",
    "torch": " ".join(
        (
            *(f"{name}Storage" for name in _TORCH_STORAGES.split()),
            *_TORCH_TYPES.split(),
            *_TORCH_SETTINGS.split(),
            *_TORCH_FUNCTIONS.split(),
        )
    ),
    "torch._C._nn": _TORCH_FUNCTIONS,
    "torch.nn.functional": _TORCH_FUNCTIONS,
    "torch.storage": "TypedStorage UntypedStorage",
    "xgboost.core": "Booster",
    "xgboost.sklearn": (
        "XGBClassifier XGBModel XGBRFClassifier XGBRFRegressor XGBRanker XGBRegressor"
    ),
}

OWN_CLASSES = re.compile(
    r"statsmodels\.(?:base|discrete|duration|gam|genmod|nonparametric|othermod|regression|robust"
    r"|tools|tsa)(?:\.(?!tests?(?:\.|$))[a-z0-9_]+)*"
    r"|torch\.nn\.modules\.[a-z0-9_]+"
    r"|torch\.optim\.[a-z0-9_]+"
)
"""Packages with too many classes to list; a class name there is theirs, unless known as foreign."""

OWN_FOREIGN = frozenset({"Function", "Gaussian", "RemovableHandle"})
"""What these packages import from elsewhere under the name of a class."""
