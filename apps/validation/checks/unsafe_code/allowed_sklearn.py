"""Which globals of scikit-learn a model file may name.

Estimators are too many, and move between private modules too often, to be listed one by one. So
a class name inside one of the packages below counts as a class of scikit-learn's own, unless it is
known to be imported there from elsewhere. A test walks the installed scikit-learn and fails
when a package offers a class from outside that is not named here.
"""

import re

_PACKAGES = (
    "_loss base calibration cluster compose covariance cross_decomposition decomposition "
    "discriminant_analysis dummy ensemble feature_extraction feature_selection frozen "
    "gaussian_process impute isotonic kernel_approximation kernel_ridge linear_model manifold "
    "metrics mixture model_selection multiclass multioutput naive_bayes neighbors neural_network "
    "pipeline preprocessing random_projection semi_supervised svm tree"
).split()

SKLEARN_MODULE = re.compile(
    r"sklearn\.(?:(?:"
    + "|".join(_PACKAGES)
    + r")(?:\.(?!tests?(?:\.|$)|conftest|externals)[a-z0-9_]+)*"
    + r"|utils\._bunch|utils\._tags|utils\._metadata_requests|utils\.deprecation)"
)

SKLEARN_FOREIGN = frozenset(
    "ABC ABCMeta BSpline BytesIO Callable ComplexWarning Counter Enum Hashable Integral Iterable "
    "Iterator LinAlgError LinearOperator List Mapping MaskedArray MemorizedFunc Memory MethodType "
    "MutableMapping NamedTuple Number Optional OrderedDict Parallel Parameter Partial Path Popen "
    "Protocol Real Sequence Signature Sized SparseEfficiencyWarning StringIO Thread "
    "ThreadpoolController Union UserDict VisibleDeprecationWarning".split()
)

SKLEARN_CYTHON = frozenset(
    (
        "sklearn._loss._loss",
        "sklearn.cluster._hdbscan._tree",
        "sklearn.cluster._hierarchical_fast",
        "sklearn.ensemble._hist_gradient_boosting.common",
        "sklearn.linear_model._sgd_fast",
        "sklearn.metrics._dist_metrics",
        "sklearn.neighbors._quad_tree",
        "sklearn.tree._criterion",
        "sklearn.tree._splitter",
        "sklearn.tree._tree",
    )
)
"""Modules of compiled classes, which are made by calling them with plain numbers."""

_SCORE_FUNCTIONS = (
    "accuracy_score average_precision_score balanced_accuracy_score brier_score_loss "
    "cohen_kappa_score f1_score fbeta_score hamming_loss jaccard_score log_loss "
    "matthews_corrcoef max_error mean_absolute_error mean_absolute_percentage_error "
    "mean_gamma_deviance mean_poisson_deviance mean_squared_error mean_squared_log_error "
    "median_absolute_error ndcg_score precision_score r2_score recall_score roc_auc_score "
    "root_mean_squared_error root_mean_squared_log_error top_k_accuracy_score"
)
_KERNELS = (
    "additive_chi2_kernel chi2_kernel cosine_distances cosine_similarity euclidean_distances "
    "haversine_distances laplacian_kernel linear_kernel manhattan_distances polynomial_kernel "
    "rbf_kernel sigmoid_kernel"
)
_UNIVARIATE = "chi2 f_classif f_oneway f_regression r_regression"
_MUTUAL = "mutual_info_classif mutual_info_regression"

SKLEARN_CALLED: dict[str, str] = {
    "sklearn.metrics._dist_metrics": "newObj",
    "sklearn.neighbors._ball_tree": "newObj",
    "sklearn.neighbors._kd_tree": "newObj",
}

SKLEARN_KEPT: dict[str, str] = {
    "sklearn.cluster._kmeans": "_kmeans_single_elkan _kmeans_single_lloyd",
    "sklearn.feature_selection": f"{_UNIVARIATE} {_MUTUAL}",
    "sklearn.feature_selection._mutual_info": _MUTUAL,
    "sklearn.feature_selection._univariate_selection": _UNIVARIATE,
    "sklearn.metrics": _SCORE_FUNCTIONS,
    "sklearn.metrics._classification": _SCORE_FUNCTIONS,
    "sklearn.metrics._ranking": _SCORE_FUNCTIONS,
    "sklearn.metrics._regression": _SCORE_FUNCTIONS,
    "sklearn.metrics.pairwise": _KERNELS,
}
