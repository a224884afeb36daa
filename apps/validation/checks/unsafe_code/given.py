"""What an organization sets for this check: globals its own models may name."""

import re
from typing import Annotated

import msgspec

from apps.validation.checks.contract import Parameters
from apps.validation.checks.unsafe_code.allowed import is_dangerous

MOST = 200
_ENTRY = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*\.(?:[A-Za-z_]\w*|\*)")
_SHARED = frozenset(
    "catboost fsspec jax keras lightgbm mlflow numpy onnx onnxruntime pandas pyarrow scipy sklearn "
    "skops statsmodels tensorflow torch transformers xgboost yaml".split()
)
"""Libraries with functions that open files or run texts, so that one has to be named at a time."""
_RUNS = frozenset(
    "__import__ call compile eval exec execfile find_library from_pickle get_file getattr "
    "import_module load load_library load_model loads myeval open popen read_pickle resolve_name "
    "run run_path runstring safe_load setattr spawn system unsafe_load".split()
)
"""Names under which code is run, files are opened or other pickles are loaded, anywhere."""


class AllowedGlobals(Parameters, frozen=True):
    """What model files may name beside the list that comes with the check."""

    allowed_globals: Annotated[
        tuple[str, ...],
        msgspec.Meta(
            max_length=MOST,
            description=(
                "Classes and functions of your own that model files may use: module.name, which "
                "may also be called while loading, or module.* for every class in a module. "
                "Add only code you trust with anything a file may give it."
            ),
        ),
    ] = ()

    def __post_init__(self) -> None:
        for entry in self.allowed_globals:
            _require_harmless(entry)


def _require_harmless(entry: str) -> None:
    if not _ENTRY.fullmatch(entry):
        raise ValueError(f"{entry[:100]!r} is no module.name and no module.*")
    module, _, name = entry.rpartition(".")
    if is_dangerous(module) or is_dangerous(entry.removesuffix(".*")):
        raise ValueError(f"{entry[:100]!r} is known for running code, and can never be allowed")
    if name in _RUNS:
        raise ValueError(f"{entry[:100]!r} bears a name under which code is run or files are read")
    if name == "*" and module.partition(".")[0] in _SHARED:
        raise ValueError(f"{entry[:100]!r} is too much: name what you need, one at a time")


NOTHING_MORE = AllowedGlobals()
